"""What the parts of one crawl share: the archive it writes to, its run, its profile, and the reason it had to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred

from archive import Depositor, say
from archive.errors import ArchiveError, Misuse
from archive.model import Run
from crawler.clock import Clock
from crawler.hours import VIETNAM
from crawler.pace import Pace
from crawler.portals.profile import Limits, Profile
from crawler.ranges import Ranges
from crawler.readers import PageReaders
from crawler.spiders.budgets import Budgets
from crawler.spiders.canonical import Forms
from crawler.spiders.walk import Walk

T = TypeVar("T")
# Rules as canonical JSON.
Serialised = bytes


@dataclass
class Job:
    """One crawl run under way.

    `problem` is set when it cannot keep; nothing is asked for after that. `answered` counts the visits that brought an
    answer, `shut_out` says that a robots.txt could not be had; `url` is what was asked for last, `refused` how many addresses were not.
    `asked_all` is called when nothing is left to be asked for. All waiting and all times go through `clock`, but for the wire's time-outs.
    """

    depositor: Depositor
    archive: Path
    run: Run
    profile: Profile
    walk: Walk
    limits: Limits = field(default_factory=Limits)
    own_host: bool = False
    clock: Clock = field(default_factory=Clock)
    readers: PageReaders | None = None
    asked_all: Callable[[], object] = lambda: None
    pace: Pace = field(init=False)
    problem: ArchiveError | None = None
    pages: int = 0
    bytes: int = 0
    refused: int = 0
    url: str = ""
    spent: str | None = None
    answered: int = 0
    shut_out: bool = False
    began: float = 0.0
    forms: Forms = field(init=False)
    budgets: Budgets = field(init=False)
    _learned: dict[tuple[str, Serialised | None], Serialised | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.began = self.clock.seconds()
        self.forms, self.budgets = Forms(self.profile), Budgets(*self.depositor.spent(self.run))
        self.set_pace(self.profile.delay, self.profile.parallel)

    def set_pace(self, least: float, parallel: int) -> None:
        """So many seconds between two requests to a host, so many requests to it at once; nobody need spare an own host."""
        ranges = None if self.own_host else Ranges()
        self.pace = Pace(self.clock, least, parallel, adaptive=not self.own_host, may=lambda: self.closed_until() is None, ranges=ranges)

    def closed_until(self) -> datetime | None:
        """When the portal's opening hours begin, if it is outside of them."""
        now = self.clock.now()
        return None if self.profile.hours is None or self.profile.hours.open(now) else self.profile.hours.opens(now)

    def given(self, at: datetime) -> Serialised | None:
        """The rules that the profile had for pages of this time, as canonical JSON."""
        return self.profile.rules.on(at.astimezone(VIETNAM).date()).serialised() if self.profile.rules else None

    def rules(self, url: str, at: datetime) -> Serialised | None:
        """The rules for the article at an address: those of the profile, with what was learned of the host in former runs."""
        given = self.given(at)
        key = urlsplit(url).netloc, given
        if key not in self._learned:
            self._learned[key] = self.depositor.learned(key[0], given)
        return self._learned[key] or given

    def over_budget(self) -> str | None:
        """Which limit is reached, as a sentence; None if none is."""
        if self.limits.pages and self.pages >= self.limits.pages:
            self.spent = f"--max-pages {self.limits.pages} reached"
        elif self.limits.bytes and self.bytes >= self.limits.bytes:
            self.spent = f"--max-bytes {self.limits.bytes} reached"
        elif self.limits.seconds and self.clock.seconds() - self.began >= self.limits.seconds:
            self.spent = f"--max-time {self.limits.seconds:g} s reached"
        return self.spent


def job_of(crawler: Crawler) -> Job | None:
    """The job that `crawler` was made for (crawler/crawl.py attaches it); None in a project that is not ours."""
    return getattr(crawler, "job", None)


def our_job(crawler: Crawler) -> Job:
    """As `job_of`, where only our own crawls come. Raises Misuse elsewhere."""
    if (job := job_of(crawler)) is None:
        raise Misuse(say("This part works only in `tangthu crawl`"))
    return job


def attach(crawler: Crawler, job: Job) -> None:
    """Make `job` what `job_of(crawler)` gives."""
    crawler.job = job  # type: ignore[attr-defined]


def running_reactor() -> Any:
    """Twisted's reactor. Importing it installs one, so only when Scrapy has installed its own."""
    from twisted.internet import reactor  # noqa: PLC0415

    return reactor


async def kept(future: Future[T]) -> T:
    """The result of work done in another thread, awaited under any reactor."""
    if future.done():
        return future.result()
    waiting = _waiter()
    future.add_done_callback(lambda finished: _landed(finished, waiting))
    result: T = await waiting
    return result


def _waiter() -> Any:
    """What the running coroutine can await, and `_hand_over` can fill: asyncio's future in its tasks, else Twisted's."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    return Deferred() if task is None else task.get_loop().create_future()


# What other threads finished and the reactor has not looked at: the writer finishes whole groups, one wake-up serves them all.
_finished: list[tuple[Future[Any], Any]] = []
_finishing = Lock()


def _landed(finished: Future[Any], waiting: Any) -> None:
    with _finishing:
        _finished.append((finished, waiting))
        first = len(_finished) == 1
    if first:
        # Past Twisted's callFromThread, which makes a timer of it.
        wake = running_reactor().callFromThread if isinstance(waiting, Deferred) else waiting.get_loop().call_soon_threadsafe
        wake(_hand_over)


def _hand_over() -> None:
    with _finishing:
        landed = _finished.copy()
        _finished.clear()
    for finished, waiting in landed:
        twisted = isinstance(waiting, Deferred)
        if waiting.called if twisted else waiting.done():
            continue
        try:
            result = finished.result()
        except BaseException as problem:  # noqa: BLE001  # whatever it is, it is for whoever waits
            (waiting.errback if twisted else waiting.set_exception)(problem)
        else:
            (waiting.callback if twisted else waiting.set_result)(result)
