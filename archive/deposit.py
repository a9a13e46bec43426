"""The door in: everything that an archive keeps passes a Depositor, and is on disk before it is acknowledged."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from archive.errors import Misuse
from archive.intake import Intake, Ready, kept_in_full, prepare_exchange, recognised
from archive.model import Capture, Draft, Exchange, FileText, Link, Refusal, Run, Schedule, Settlement, Study, Visit
from archive.robots import Source
from archive.store import (
    addresses,
    articles,
    captures,
    drafts,
    file_texts,
    frontier,
    lease,
    records,
    refusals,
    robots,
    runs,
    schedules,
    settling,
    site_models,
)
from archive.store.captures import NewCapture
from archive.store.records import NewRecord
from archive.store.runs import Beginning
from archive.store.writer import Writer
from archive.urls import warc_date
from archive.warc.exchanges import Scribe
from archive.warc.records import OCTETS, Record
from archive.warc.runs import facts_record, profile_record, warcinfo_record


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return uuid4().urn


@dataclass(slots=True)
class _Open:
    """A run that this Depositor has begun and not ended."""

    run: Run
    lease: str
    scribe: Scribe
    only_due: bool = False


class Depositor:
    """Keeps exchanges, articles and the state of crawl runs in one archive. Usable from any thread; close it.

    One thread of its own writes, in groups; every future it returns is resolved when the matter
    is on disk (SQLite, `synchronous=FULL`), in that thread. **The first failure to keep is the last**: it is the
    result of that and every later call (`failure`), and nothing of the group it happened in is kept.
    """

    def __init__(self, writer: Writer, now: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self._writer, self._now, self._new_id = writer, now, new_id
        self._open: dict[int, _Open] = {}
        self._intake = Intake()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        now: Callable[[], datetime] = _now,
        new_id: Callable[[], str] = _new_id,
        lock_timeout: float = 60.0,
    ) -> Self:
        """The archive at `path`, made if there is none. `new_id` gives WARC record ids (URIs), `now` the time in UTC.

        Raises Misuse (NotAnArchive, NewerSchema, MissingWal) or CannotGoOn (ArchiveLocked after `lock_timeout`
        seconds, DiskFull).
        """
        return cls(Writer(Path(path), lock_timeout=lock_timeout), now, new_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """Where the archive is."""
        return self._writer.path

    @property
    def failure(self) -> Exception | None:
        """Why nothing can be kept any more; None while all is well."""
        return self._writer.failure

    def close(self) -> None:
        """Keep what waits, mark the runs interrupted that were not ended, and leave one file without a log."""
        for run in [held.run for held in self._open.values()]:
            if self.failure is None:
                self.end(run, "interrupted", "the archive was closed before the run had ended").exception()
        self._writer.close()
        for held in self._open.values():
            lease.give_back(held.lease)
        self._open.clear()

    # Runs.

    def begin(
        self,
        portal: str,
        *,
        starts: Sequence[Link] = (),
        settings: dict[str, object] | None = None,
        warcinfo: dict[str, str] | None = None,
        profile: bytes | None = None,
        resume: bool = True,
        kind: str = "crawl",
        only_due: bool = False,
    ) -> Run:
        """A new run of the portal, with its lease, queue and first records: `warcinfo` with settings, `profile` (TOML).

        With `resume` it goes on with what the portal's last run left undone (`Run.root` is then that of the former);
        links of `starts` that the queue does not have are added. With `only_due` the portal's due addresses are queued too, and of what the
        run finds lists, and what is due or new. Without `warcinfo` the run adds no record of its own. Raises Misuse if a living run holds the portal.
        """
        held, now = lease.take(), self._now()
        told = json.dumps(settings or {}, ensure_ascii=False, sort_keys=True)
        beginning = Beginning(portal, now, kind, told, resume)
        own: list[Record] = []
        if warcinfo is not None:
            own.append(warcinfo_record(self._new_id(), now, warcinfo, told))
            if profile is not None:
                own.append(profile_record(self._new_id(), now, profile, own[0].record_id))

        def apply(conn: sqlite3.Connection, _: None) -> Run:
            run = runs.begin(conn, beginning, held)
            for record in own:
                records.add(conn, run.id, None, *kept_in_full(record))
            if own:
                runs.set_warcinfo(conn, run.id, own[0].record_id)
            frontier.add(conn, run.root, starts)
            if only_due:
                addresses.queue_due(conn, run.root, portal, now)
            return run

        try:
            run = self._writer.submit(apply).result()
        except BaseException:
            lease.give_back(held)
            raise
        self._open[run.id] = _Open(run, held, Scribe(own[0].record_id if own else None, self._new_id), only_due)
        return run

    def release(self, run: int) -> Future[None]:
        """Take the lease from an open run, by its number: its process is gone, on a machine nobody can ask from here.

        Should it be at work nevertheless, it stops at its next look (`wished`). Raises Misuse if it is at work on this machine, or not open.
        """
        return self._writer.submit(lambda conn, _: runs.release(conn, run, self._now()))

    def end(self, run: Run, outcome: str, detail: str | None = None, resume: datetime | None = None) -> Future[Run]:
        """Close the run: finished (its queue is forgotten), interrupted, stopped or failed, and why; a schedule goes on with it at `resume`.

        Refusals, and how many captures and failures there were, go into a metadata record, so that exports carry them.
        """
        held = self._held(run)

        def apply(conn: sqlite3.Connection, _: None) -> Run:
            now = self._now()
            ended = runs.end(conn, run, outcome, detail, now, resume)
            if held.scribe.warcinfo_id is not None:
                told: dict[str, object] = {"run": outcome, "detail": detail, "portal": run.portal}
                facts = [told | runs.facts(conn, run.id), *refusals.facts(conn, run.id)]
                record = facts_record(self._new_id(), now, facts, held.scribe.warcinfo_id)
                records.add(conn, run.id, None, *kept_in_full(record))
            return ended

        del self._open[run.id]
        future = self._writer.submit(apply)
        future.add_done_callback(lambda _: lease.give_back(held.lease))
        return future

    def wish(self, run: int, wanted: str | None) -> Future[bool]:
        """Ask the crawl of a run, in whatever process, to `stop` or `pause`, or (None) to go on; whether it is at work."""
        return self._writer.submit(lambda conn, _: schedules.wish(conn, run, wanted))

    def wished(self, run: Run) -> Future[str | None]:
        """What was asked of a run: stop, pause or nothing."""
        return self._writer.submit(lambda conn, _: schedules.wished(conn, run.id))

    # The calendar.

    def schedule(self, schedule: Schedule) -> Future[None]:
        """Keep when a portal is crawled; its former schedule is replaced."""
        return self._writer.submit(lambda conn, _: schedules.put(conn, schedule))

    def unschedule(self, portal: str) -> Future[bool]:
        """Forget a portal's schedule; whether it had one."""
        return self._writer.submit(lambda conn, _: schedules.remove(conn, portal))

    def hold(self, portal: str, *, paused: bool) -> Future[bool]:
        """Pause a portal's schedule or let it go on; whether it has one."""
        return self._writer.submit(lambda conn, _: schedules.pause(conn, portal, paused=paused))

    # What comes in.

    def deposit(
        self, run: Run, exchange: Exchange, visit: Visit | None = None, via: str | None = None, hops: str = "",
        ruling: tuple[int, int] | None = None,
    ) -> Future[Capture]:  # fmt: skip
        """T1: keep an exchange whole: its records, its capture, and that `visit` brought it.

        `ruling` is what let it in: the number of the robots.txt (`read_robots`), and the line.
        `exchange` is read in the writer's thread; leave it alone, and close it, once the future is done.
        """
        held = self._held(run)
        if visit is not None:
            via, hops = via or visit.link.via, hops or visit.link.hops

        def apply(conn: sqlite3.Connection, made: Ready) -> Capture:
            made.row.robots, made.row.robots_line = ruling or (None, None)
            capture = made.keep(conn, run.id)
            if visit is not None:
                frontier.captured(conn, visit.id, capture.id)
            return capture

        return self._writer.submit(
            apply,
            lambda conn: prepare_exchange(conn, self._intake, held.scribe, exchange, via=via, hops=hops),
            exchange.response_length + exchange.request_length,
        )

    def surplus(self, run: Run, capture: Capture, data: bytes) -> Future[None]:
        """Keep bytes that the server sent after the end of the answer, and that came after the answer had been kept."""
        record = Record(
            "metadata", self._new_id(), capture.time, data, OCTETS, capture.url, self._held(run).scribe.warcinfo_id,
            [("WARC-Concurrent-To", f"<{capture.record_id}>")],
        )  # fmt: skip

        def apply(conn: sqlite3.Connection, _: None) -> None:
            records.add(conn, run.id, capture.id, *kept_in_full(record))

        return self._writer.submit(apply, weight=len(data))

    def settle(self, run: Run, settlement: Settlement) -> Future[None]:
        """T2: keep what a captured visit led to: article, links, refusals, and the visit's state.

        An article that says what its newest revision says makes no new one; one without text is left out.
        """
        now, only_due = self._now(), self._held(run).only_due

        def prepare(_: sqlite3.Connection) -> Draft | None:
            if settlement.draft is not None:
                return settlement.draft
            article = settlement.article
            return drafts.draft(article, settlement.rules) if article is not None and article.text else None

        return self._writer.submit(lambda conn, draft: settling.write(conn, run, settlement, draft, now, only_due=only_due), prepare)

    def read_robots(self, run: Run, source: Source) -> Future[int]:
        """Keep where the rules of an origin come from; the number under which decisions name it."""
        now = self._now()
        return self._writer.submit(lambda conn, _: robots.add(conn, run.id, source, now))

    def learn(self, run: Run | None, study: Study) -> Future[None]:
        """Keep what a host's captures taught (`Reader.studies`): the site model, what it was learned from, how a former one fits."""
        now = warc_date(self._now())
        return self._writer.submit(lambda conn, _: site_models.keep(conn, run.id if run else None, study, now))

    def learned(self, host: str, given: bytes | None) -> bytes | None:
        """The rules, as canonical JSON, that were learned of a host on top of those `given`, if there are such."""
        digest = f"sha256:{hashlib.sha256(given).hexdigest()}" if given else None
        return self._writer.submit(lambda conn, _: site_models.rules_for(conn, host, digest)).result()

    def revise(self, capture: int, former: int | None, draft: Draft) -> Future[int | None]:
        """Keep what cleaning a kept capture again gave, after the revision `former` of it; the revision's number.

        Other content makes a new revision, the former one stays; the same content brings that one up to date (cleaner, rules, cuts,
        places). None if the capture has got another revision meanwhile.
        """
        return self._writer.submit(lambda conn, _: articles.revise(conn, capture, former, draft))

    def keep_text(self, sha256: bytes, capture: Capture, text: FileText) -> Future[int]:
        """Keep the text of a file that a capture brought, once for each file; what another tool read is replaced."""
        weight = len(text.text)
        return self._writer.submit(lambda conn, _: file_texts.keep(conn, sha256, capture.id, text), weight=weight)

    def offer(self, article: int, files: Collection[bytes]) -> Future[None]:
        """Write down which files, by digest, the newest state of an article (by its number) offers."""
        digests = frozenset(files)
        return self._writer.submit(lambda conn, _: file_texts.offer(conn, article, digests))

    def postpone(self, run: Run) -> Future[None]:
        """What is left in the run's queue is due for the portal's next run."""
        return self._writer.submit(lambda conn, _: addresses.postpone(conn, run.root, run.portal, self._now()))

    def refuse(self, run: Run, refused: Iterable[Refusal]) -> Future[None]:
        """Write down addresses that were not asked for, and why."""
        rows, now = list(refused), self._now()
        return self._writer.submit(lambda conn, _: refusals.add(conn, run.id, rows, now))

    def keep_member(
        self,
        run: Run,
        row: NewRecord,
        member: Iterable[bytes],
        capture: NewCapture | None = None,
        concurrent_to: Sequence[str] = (),
    ) -> Future[int | None]:
        """Keep a record that others wrote, exactly as it is; its number, or None if the archive has it already.

        `member` is walked in the writer's thread. With `capture` a capture is made of it, and the records named in
        `concurrent_to` become that capture's; without, it joins the capture of those. A metadata record makes a capture
        without an answer. Raises Misuse if another record has its id.
        """

        def apply(conn: sqlite3.Connection, _: None) -> int | None:
            known = records.digest(conn, row.record_id)
            if known == row.block_sha256:
                return None
            if known is not None:
                raise Misuse(f"{row.record_id}: the archive has another record with this id; it was not taken in")
            number = captures.add(conn, run.id, capture) if capture else records.capture_of(conn, concurrent_to)
            record = records.add(conn, run.id, number, row, member)
            if capture and number is not None:
                if row.type != "metadata":
                    captures.set_record(conn, number, record)
                records.claim(conn, number, concurrent_to)
            return record

        return self._writer.submit(apply, weight=row.length)

    # What is to be visited.

    def queue(self, run: Run, links: Iterable[Link]) -> Future[None]:
        """Queue links that no visit led to (sitemaps that a robots.txt names); what the queue has stays as it is."""
        added = list(links)
        return self._writer.submit(lambda conn, _: frontier.add(conn, run.root, added))

    def unnamed(self, run: Run, after: str, limit: int = 1000) -> Future[list[Link]]:
        """Pages and documents that earlier runs met and this one has not, by address from behind `after`; none if it asks only for what is due."""
        limit = 0 if self._held(run).only_due else limit
        return self._writer.submit(lambda conn, _: addresses.unnamed(conn, run.root, run.portal, after, limit))

    def due(self, run: Run, limit: int, skip: Collection[int] = (), *, conditional: bool = False) -> Future[list[Visit]]:
        """Up to `limit` visits whose time has come, by priority, then as they were found; no id in `skip`.

        With `conditional` they bear the validators of what earlier runs kept of them.
        """
        left_out = frozenset(skip)

        def apply(conn: sqlite3.Connection, _: None) -> list[Visit]:
            visits = frontier.due(conn, run.root, limit, left_out, self._now())
            if conditional and captures.before(conn, run.root):
                return [recognised(conn, visit) for visit in visits]
            return visits

        return self._writer.submit(apply)

    def next_time(self, run: Run) -> Future[datetime | None]:
        """When the first of the visits becomes due that have to wait (`not_before`); None if none waits."""
        return self._writer.submit(lambda conn, _: frontier.next_time(conn, run.root, self._now()))

    def unsettled(self, run: Run) -> list[tuple[Visit, Capture]]:
        """Visits captured and not settled before the last run broke off: to be expanded from the kept bytes."""
        return self._writer.submit(lambda conn, _: frontier.unsettled(conn, run.root)).result()

    def known(self, run: Run, last: str = "") -> list[str]:
        """The addresses that this chain of runs has seen, some thousand at a time: those behind `last` in their order."""
        return self._writer.submit(lambda conn, _: frontier.known(conn, run.root, last)).result()

    def spent(self, run: Run) -> frontier.Spent:
        """What the run's chain has spent and met, and what the portal's chain before has left."""
        return self._writer.submit(lambda conn, _: frontier.spent(conn, run.root)).result()

    def counts(self, run: Run) -> dict[str, int]:
        """How many visits are queued, captured, done and failed."""
        return self._writer.submit(lambda conn, _: frontier.counts(conn, run.root)).result()

    def _held(self, run: Run) -> _Open:
        if run.id not in self._open:
            raise Misuse(f"{run.portal}: run {run.id} has ended, or another process began it")
        return self._open[run.id]
