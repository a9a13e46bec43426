"""What a kept answer leads to: its article, the addresses it names, or another try. The same for a fresh answer and for one
that a killed run left behind, so that a captured page is read from its kept bytes and never asked for again."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive import Article, Capture, Rules, body_of, clean
from archive.model import Link, Refusal, Settlement, Visit
from crawler.job import Job, kept
from crawler.spiders.reading import Named, in_css, in_html

logger = logging.getLogger(__name__)

# Answers and failures that another try may mend. 501 and 505 say what the server is, not how it fares.
RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
RETRY_FAILURE = frozenset({"timeout", "reset", "closed", "refused", "unreachable", "dns", "disconnect"})
HTML = ("text/html", "application/xhtml+xml")
# What is read for links.
READ = (*HTML, "text/css")
# A body is decoded up to this many bytes for reading; what is kept is not touched by it.
READ_LIMIT = 64 << 20


@dataclass(frozen=True)
class Read:
    """What reading a page gave: its article, if it is one, with the rules that made it, and the addresses it names."""

    article: Article | None
    rules: bytes | None
    named: list[Named]
    trouble: str = ""


def read_page(answer: bytes, url: str, media_type: str, rules: Rules | None, article: bool) -> Read:
    """Read the HTTP answer `answer` (head and body as kept) of the page at `url`. Pure; runs in a process of its own."""
    body = body_of(answer, limit=READ_LIMIT)
    if media_type == "text/css":
        return Read(None, None, in_css(body.data.decode("utf-8", "replace"), url))
    made = clean(body.data, url, rules, charset=body.charset) if article else None
    if made is None or not made.text:
        return Read(None, None, in_html(body.data, url, body.charset))
    used = rules or Rules.bundled(made.cleaner["rules_digest"] or "")
    return Read(made, used.serialised() if used else None, in_html(body.data, url, body.charset))


class Reading:
    """Reads pages in one process beside the crawl, so that parsing does not hold up the wire; in the same one if `processes` is 0.
    With -1 there is one process if the machine has a second core."""

    def __init__(self, processes: int = -1) -> None:
        self._processes = min(1, (os.cpu_count() or 1) - 1) if processes < 0 else processes
        self._pool: Executor | None = None

    async def read(self, answer: bytes, url: str, media_type: str, rules: Rules | None, *, article: bool) -> Read:
        """As `read_page`. A page that takes the process down is tried once more, then given up with the reason."""
        if not self._processes:
            return read_page(answer, url, media_type, rules, article)
        for attempt in (1, 2):
            try:
                return await kept(self._submit(answer, url, media_type, rules, article))
            except BrokenProcessPool:
                logger.warning("The reading process died at %s (attempt %d)", url, attempt)
                self.close()
        return Read(None, None, [], "the page took the reading process down twice")

    def close(self) -> None:
        """End the process."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _submit(self, answer: bytes, url: str, media_type: str, rules: Rules | None, article: bool) -> Future[Read]:
        if self._pool is None:
            # spawn: the crawl has threads and an event loop, which a fork would copy half.
            self._pool = ProcessPoolExecutor(self._processes, mp_context=multiprocessing.get_context("spawn"))
        return self._pool.submit(read_page, answer, url, media_type, rules, article)


@dataclass(frozen=True)
class Patience:
    """How often a failing address is tried, and how long is waited before the next try, in seconds."""

    tries: int = 3
    wait: float = 10.0

    def next_try(self, attempts: int, now: datetime) -> datetime:
        """When to try again after `attempts` tries: the wait doubles each time."""
        return now + timedelta(seconds=self.wait * 2 ** (attempts - 1))


class Expanding:
    """Turns captures into settlements and writes them."""

    def __init__(
        self, job: Job, reading: Reading, unseen: Callable[[list[Link]], list[Link]], patience: Patience,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._job, self._reading, self._unseen, self._patience, self._now = job, reading, unseen, patience, now
        self._refused: set[int] = set()

    async def expand(self, visit: Visit, capture: Capture, answer: bytes) -> None:
        """Settle `visit`, for which `capture` was kept; `answer` is the kept HTTP message (empty if none came)."""
        if (cause := self._unfinished(capture)) is not None:
            await self._again(visit, capture, cause)
            return
        settlement = Settlement(visit=visit.id, capture=capture.id)
        if capture.location and capture.status in (301, 302, 303, 307, 308):
            links, refusals = self._job.walk.redirect(visit.link, capture.location)
            self._add(settlement, links, refusals)
        elif answer and capture.media_type in READ and capture.status is not None and capture.status < 400:  # noqa: PLR2004
            await self._read(settlement, visit, capture, answer)
        await self._write(settlement)

    async def refuse(self, visit: Visit, refusal: Refusal) -> None:
        """Settle `visit`, which was not asked for."""
        await self._write(Settlement(visit=visit.id, capture=None, refusals=[refusal]))

    async def _read(self, settlement: Settlement, visit: Visit, capture: Capture, answer: bytes) -> None:
        article = visit.link.kind == "page" and capture.status == 200 and self._job.walk.is_article(capture.url)  # noqa: PLR2004
        rules = self._job.profile.rules.on(capture.time.date()) if self._job.profile.rules else None
        found = await self._reading.read(answer, capture.url, capture.media_type or "", rules, article=article)
        if found.trouble:
            settlement.refusals.append(Refusal(capture.url, "cleaning", found.trouble))
        if found.article is not None:
            settlement.article, settlement.rules = found.article, found.rules
        links, refusals = self._job.walk.sort(visit.link, found.named)
        self._add(settlement, links, refusals)

    def _add(self, settlement: Settlement, links: list[Link], refusals: list[Refusal]) -> None:
        settlement.links = self._unseen(links)
        for refusal in refusals:
            if (known := hash((refusal.url, refusal.reason))) not in self._refused:
                self._refused.add(known)
                settlement.refusals.append(refusal)

    def _unfinished(self, capture: Capture) -> str | None:
        """Why this attempt may be worth another; None if it is final."""
        if capture.status in RETRY_STATUS:
            return f"status {capture.status}"
        if capture.failure is not None and capture.failure.partition(":")[0] in RETRY_FAILURE:
            return capture.failure
        return "cut off" if capture.truncated == "disconnect" else None

    async def _again(self, visit: Visit, capture: Capture, cause: str) -> None:
        attempts = visit.attempts + 1
        settlement = Settlement(visit=visit.id, capture=capture.id)
        if attempts < self._patience.tries:
            settlement.state, settlement.not_before = "queued", self._patience.next_try(attempts, self._now())
        else:
            settlement.state = "failed"
            settlement.refusals = [Refusal(capture.url, "retries", f"{attempts} tries, the last: {cause}", visit.link.via)]
        await self._write(settlement)

    async def _write(self, settlement: Settlement) -> None:
        await kept(self._job.depositor.settle(self._job.run, settlement))
