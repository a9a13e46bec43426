"""Cleans an archive's articles again from their kept bytes, in processes beside this one, and keeps what comes out differently.

An article whose content comes out as it was stays the same revision; what else is written with it (cleaner, cuts, places) is brought up
to date. One whose content changes gets another revision of the same capture; the former stays.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from itertools import groupby, islice
from pathlib import Path
from typing import Literal

from archive.compare import Change, changes
from archive.deposit import Depositor
from archive.errors import ArchiveError, Misuse
from archive.model import Article, Draft
from archive.profiles import Cleaning, cleanings
from archive.retrieve import Filters, Reader
from archive.store import aliases, packing, site_models
from archive.store import article_reading as shelf
from archive.store.drafts import draft
from archive.store.reading import CaptureRow, Reading
from archive.store.site_models import host_of
from archive.urls import parse_warc_date
from archive.words import say

HTML = frozenset({"text/html", "application/xhtml+xml"})
# No page of a portal is larger; what is, is no article.
LARGEST = 16 << 20
# The days of dated rules are the portals' days.
_VIETNAM = timezone(timedelta(hours=7))
# Addresses handed to the processes and not yet written, for each of them.
_AHEAD = 4

Kind = Literal["changed", "new", "gone", "renewed", "trouble"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be cleaned again, and how. Without `same_rules` by the newest ones: those of the profile that the last run of a
    portal was given (or `profile`, TOML, for all), on top of the platforms of this version.
    """  # noqa: D205 - one sentence

    portal: str | None = None
    prefix: str | None = None
    same_rules: bool = False
    profile: Cleaning | None = None
    processes: int = 0

    @property
    def filters(self) -> Filters:
        """Which captures are asked for."""
        return Filters(portal=self.portal, prefix=self.prefix)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What cleaning one capture again gave, if it is worth telling.

    `changed`: another content; `new`: an article where there was none; `gone`: no article any more (the former stays);
    `renewed`: the same content, but other cuts, places or versions; `trouble`: it could not be cleaned, `why` says so.
    `former` is the revision that there was, `draft` what is to be kept.
    """

    kind: Kind
    url: str
    capture: int
    record_id: str
    former: int | None = None
    changes: list[Change] = field(default_factory=list)
    draft: Draft | None = None
    why: str = ""


@dataclass(slots=True)
class Tally:
    """How many captures were looked at, of how many."""

    captures: int = 0
    looked: int = 0


def reclean(
    path: Path, order: Order, depositor: Depositor | None, watch: Callable[[Tally], None] | None = None
) -> Iterator[Outcome]:
    """Clean what `order` asks for again; each outcome once it is on disk. Without a depositor nothing is written.

    Raises what opening the archive and the depositor raise. To be killed does no harm: what was kept is kept, the next run does the rest.
    """
    with Reader.open(path) as reader:
        archive = reader.archives[0]
        if order.portal is not None and all(run["portal"] != order.portal for run in archive.runs()):
            raise Misuse(say("{path}: no run of {portal} is in it; `tangthu runs` lists them", path=path, portal=order.portal))
        rules = _rules(archive, order)
        if depositor is not None and not order.same_rules:
            _learn(reader, depositor, rules)
        tally = Tally(sum(1 for _ in _pages(archive, order, rules)))
        addresses = (
            [row.id for row in rows] for _, rows in groupby(_pages(archive, order, rules), key=lambda row: row.key)
        )
        for captures, found in _beside(path, order, rules, addresses):
            for outcome, kept in [(o, _keep(depositor, o)) for o in found]:
                if kept is not None:
                    kept.result()
                yield outcome
            tally.looked += captures
            if watch is not None:
                watch(tally)


def _rules(archive: Reading, order: Order) -> dict[int, Cleaning]:
    """What holds for each run. Raises Misuse where a profile that is needed cannot be read."""
    if order.profile is not None:
        return {run["id"]: order.profile for run in archive.runs()}
    try:
        return cleanings(archive)
    except Misuse as problem:
        if order.same_rules:
            return {run["id"]: Cleaning() for run in archive.runs()}
        raise Misuse(say("{why}; name a better one with --profile, or use --same-rules", why=problem)) from problem


def _learn(reader: Reader, depositor: Depositor, rules: dict[int, Cleaning]) -> None:
    """Learn of the hosts for which nobody wrote rules where their articles stand, unless what is known still fits."""
    archive = reader.archives[0]
    ruled = {host_of(row.url) for row in archive.captures(Filters()) if rules[row.run].rules(date.max) is not None}
    for study in list(reader.studies()):
        if study.host not in ruled:
            depositor.learn(None, study).result()


def _keep(depositor: Depositor | None, outcome: Outcome) -> Future[int | None] | None:
    if depositor is None or outcome.draft is None:
        return None
    return depositor.revise(outcome.capture, outcome.former, outcome.draft)


def _pages(archive: Reading, order: Order, rules: dict[int, Cleaning]) -> Iterator[CaptureRow]:
    """The captures that may be articles, by address and time: whole pages, and of a portal with a listing what that calls articles."""
    runs = {run["id"] for run in archive.runs() if order.portal in (None, run["portal"])}
    none = aliases.no_articles(archive)
    for row in archive.captures_by_key("", "\U0010ffff"):
        if row.status != 200 or row.media_type not in HTML or row.length > LARGEST or row.run not in runs:
            continue
        if (row.run, row.url) in none or (None, row.url) in none:
            continue
        if order.prefix is not None and not row.url.startswith(order.prefix):
            continue
        if rules[row.run].is_article(row.url) or shelf.state_from(archive, row.id) is not None:
            yield row


def _beside(
    path: Path, order: Order, rules: dict[int, Cleaning], addresses: Iterable[list[int]]
) -> Iterator[tuple[int, list[Outcome]]]:
    """What `_Worker.clean` gives for each address, in order. An address whose cleaning takes its process down is said and passed over."""
    waiting = iter(addresses)
    many = order.processes or os.cpu_count() or 1
    pool: ProcessPoolExecutor | None = None
    going: list[tuple[list[int], Future[list[Outcome]]]] = []
    alone = False
    try:
        while True:
            if pool is None:
                pool = ProcessPoolExecutor(
                    1 if alone else many, multiprocessing.get_context("spawn"), _begin, (path, order, rules)
                )
                going = [(captures, pool.submit(_clean, captures)) for captures, _ in going]
            room = (1 if alone else many * _AHEAD) - len(going)
            going += [(captures, pool.submit(_clean, captures)) for captures in islice(waiting, max(room, 0))]
            if not going:
                return
            captures, future = going[0]
            try:
                found = future.result()
            except BrokenProcessPool:
                pool.shutdown(cancel_futures=True)
                pool = None
                if not alone or len(going) > 1:  # one of those under way did it: one after the other it shows
                    alone, going, waiting = True, going[:1], _again(going[1:], waiting)
                    continue
                found = [Outcome("trouble", f"capture {n}", n, "", why="it took the process down") for n in captures]
                alone = False
            going.pop(0)
            yield len(captures), found
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)


def _again(
    going: list[tuple[list[int], Future[list[Outcome]]]], waiting: Iterator[list[int]]
) -> Iterator[list[int]]:
    yield from (captures for captures, _ in going)
    yield from waiting


# In the processes.

_worker: list[_Worker] = []


def _begin(path: Path, order: Order, rules: dict[int, Cleaning]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it
    _worker[:] = [_Worker(path, order, rules)]


def _clean(captures: list[int]) -> list[Outcome]:
    return _worker[0].clean(captures)


class _Worker:
    def __init__(self, path: Path, order: Order, rules: dict[int, Cleaning]) -> None:
        self._reader = Reader.open(path)
        self._archive = self._reader.archives[0]
        self._order, self._rules = order, rules

    def clean(self, captures: list[int]) -> list[Outcome]:
        """The outcomes of the captures of one address, oldest first."""
        made: list[Outcome] = []
        shown: Draft | shelf.RevisionRow | None = None  # the state that the capture before gave
        for number in captures:
            row = self._archive.capture(number)
            if row is None:
                continue
            own = shelf.state_from(self._archive, number)
            try:
                found, fresh = self._again(row, own)
            except (ArchiveError, RecursionError, MemoryError, ValueError) as problem:
                made.append(self._outcome("trouble", row, own, why=str(problem) or type(problem).__name__))
                continue
            outcome = self._judged(row, own, shown, found, fresh)
            if outcome is not None:
                made.append(outcome)
            shown = fresh or own or shown
        return made

    def _again(self, row: CaptureRow, own: shelf.RevisionRow | None) -> tuple[Article, Draft | None]:
        # Only here, so that the process that writes runs without the parsers.
        from archive.cleaning.clean import clean  # noqa: PLC0415
        from archive.cleaning.rules import Rules  # noqa: PLC0415

        stored = shelf.rules(self._archive, own.rules) if own is not None and own.rules else None
        rules = Rules.load(stored) if stored else None
        if not self._order.same_rules:
            day = parse_warc_date(row.time).astimezone(_VIETNAM).date()
            rules = self._rules[row.run].rules(day)
            model = site_models.newest(self._archive, host_of(row.url), rules.digest if rules else None)
            if model is not None:
                rules = Rules.load(shelf.rules(self._archive, model.rules) or b"")
        with self._reader.open(self._reader.numbered(self._archive, row.id)) as opened:
            body = opened.content()
        article = clean(body.data, own.url if own is not None else row.url, rules, charset=body.charset)
        if not article.text:
            return article, None
        digest = article.cleaner.get("rules_digest") or ""
        used = (rules.among(digest) if rules is not None else None) or Rules.bundled(digest)
        return article, draft(article, used.serialised() if used else None)

    def _judged(
        self,
        row: CaptureRow,
        own: shelf.RevisionRow | None,
        shown: Draft | shelf.RevisionRow | None,
        found: Article,
        fresh: Draft | None,
    ) -> Outcome | None:
        if fresh is None:
            return self._outcome("gone", row, own, changes(own.kept(), None)) if own is not None else None
        if own is None:
            if shown is not None and shown.content_sha256 == fresh.content_sha256:
                return None
            return self._outcome("new", row, None, changes(None, found), fresh)
        if own.content_sha256 == fresh.content_sha256:
            return None if _same(own, fresh) else self._outcome("renewed", row, own, changes(own.kept(), found), fresh)
        return self._outcome("changed", row, own, changes(own.kept(), found), fresh)

    def _outcome(
        self,
        kind: Kind,
        row: CaptureRow,
        own: shelf.RevisionRow | None,
        differing: list[Change] | None = None,
        fresh: Draft | None = None,
        why: str = "",
    ) -> Outcome:
        former = own.id if own is not None else None
        return Outcome(kind, row.url, row.id, row.record_id or "", former, differing or [], fresh, why)


def _same(own: shelf.RevisionRow, fresh: Draft) -> bool:
    """Whether a revision is, to the last letter, what is about to be kept."""
    listed, made = json.loads(own.body), json.loads(packing.opened(fresh.packed))
    listed.pop("capture", None)
    return own.rules == (fresh.rules[0] if fresh.rules else None) and own.cleaner == fresh.cleaner and listed == made


def opened(path: Path, *, dry: bool, lock_timeout: float) -> nullcontext[None] | Depositor:
    """The depositor for a cleaning of the archive at `path`; none for one that only tries."""
    return nullcontext() if dry else Depositor.open(path, lock_timeout=lock_timeout)
