"""The crash-proof queue as Scrapy's scheduler: what is due lies in the archive, a few dozen visits at a time in memory."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.defer import Deferred

from archive.errors import ArchiveError
from archive.model import Link, Refusal, Visit
from archive.urls import keyed
from crawler.clock import Timer
from crawler.fingerprints import Fingerprints
from crawler.job import Job, kept, our_job
from crawler.spiders.budgets import refused
from crawler.under_way import UnderWay

logger = logging.getLogger(__name__)

# Visits read from the archive at a time: at 300 pages/s on loopback a batch lasts a third of a second.
BATCH = 96
# How the spider's end is called when a portal may not be asked at this time of the day; its schedule goes on when it may.
OUTSIDE_HOURS = "outside_hours"


class Frontier(BaseScheduler):
    """Begins the run's visits by priority, each once, when Scrapy asks for requests; asks the archive for more before it runs dry.

    Scrapy asks while the crawl is neither paused nor coming to its end, and is given none: its way of a request took a quarter of the
    crawl's own time (`bench/crawl.py`). Whoever settles a visit says so with `settled`; until then it is in flight and is not begun again.
    """

    def __init__(self, crawler: Crawler, job: Job) -> None:
        self._crawler = crawler
        self._job = job
        self._conditional = crawler.settings.getbool("CONDITIONAL_REQUESTS")
        self._ready: deque[Visit] = deque()
        # Those whose patterns may have nothing left once all is settled that is under way.
        self._held: list[Visit] = []
        self._out: dict[int, str] = {}
        self._flight: set[int] = set()
        self._seen = Fingerprints()
        self._filling = False
        self._dry = False
        # Whether what earlier runs met has been queued too; a crawl of single addresses asks for these alone.
        self._remembered = bool(job.profile.only)
        self._waiting: Timer | None = None
        self._waiting_until = 0.0
        self._spider: Any = None
        self.under_way = UnderWay(crawler.settings.getint("CONCURRENT_REQUESTS"), self.wake)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Frontier:
        """Called by Scrapy."""
        return cls(crawler, our_job(crawler))

    def open(self, spider: Spider) -> None:
        """Called by Scrapy: learn which addresses the queue knows already."""
        self._spider = spider
        known = [""]
        while known := self._job.depositor.known(self._job.run, known[-1]):
            for url in known:
                self._seen.add(hash(url))
                self._job.forms.met(url)

    def close(self, reason: str) -> Deferred[None]:  # noqa: ARG002
        """Called by Scrapy at the crawl's end: what is under way comes to its end, what waits for its turn stays in the queue."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        self._job.pace.end()
        return deferred_from_coro(self.under_way.end())

    def unseen(self, links: Iterable[Link]) -> list[Link]:
        """Those of `links` that this run has not seen; they count as seen from now on."""
        return [link for link in links if self._seen.add(hash(keyed(link.url, link.method, link.body)))]

    def settled(self, visit: int, *, more: bool) -> None:
        """The visit is written as done, failed or queued again; `more` says that there are addresses to visit which were not there before."""
        self._flight.discard(visit)
        if (url := self._out.pop(visit, None)) is not None:
            self._job.budgets.end(url)
        self._ready.extendleft(reversed(self._held))
        self._held.clear()
        if more:
            self._dry = False
        self.wake()

    def grown(self) -> None:
        """The queue has more addresses than before, by nobody's visit."""
        self._dry = False
        self.wake()

    def wake(self) -> None:
        """Make the engine ask again at once; by itself it looks only every 5 s (Scrapy 2.19)."""
        slot = self._crawler.engine._slot  # noqa: SLF001
        if slot is not None:
            slot.nextcall.schedule()

    def give_up(self) -> None:
        """End the crawl: it cannot keep, or has a fault."""
        if self._crawler.engine.spider is not None:
            deferred_from_coro(self._crawler.engine.close_spider_async(reason="cannot_keep"))

    def has_pending_requests(self) -> bool:
        """Whether anything is queued, being looked up, or waits for its time."""
        if self._job.problem is not None or self._job.spent:
            return len(self.under_way) > 0
        return not self._idle or not self._remembered

    @property
    def _idle(self) -> bool:
        """Whether nothing is queued, being looked up, under way, or waits for its time."""
        return self._dry and not (self._ready or self._filling or self._flight or self._waiting is not None)

    def enqueue_request(self, request: Request) -> bool:
        """Requests that Scrapy's own parts make (none of ours do) are not for this queue."""
        logger.error("Not queued, the frontier takes only links: %s", request.url)
        return False

    def next_request(self) -> None:
        """Called by Scrapy: begin as many visits as there is room for."""
        while self.under_way.has_room and (visit := self._next()) is not None:
            self.under_way.begin(self._spider.visit(visit))

    def _next(self) -> Visit | None:
        """The next visit; None for now."""
        if self._job.problem is not None or self._job.over_budget():
            return None
        if self._job.closed_until() is not None:
            deferred_from_coro(self._crawler.engine.close_spider_async(reason=OUTSIDE_HOURS))
            return None
        if len(self._ready) + len(self._held) < BATCH // 2 and not self._filling and not self._dry:
            self._filling = True
            deferred_from_coro(self._fill())
        elif self._idle and not self._remembered:
            self._remembered = self._filling = True
            deferred_from_coro(self._remember())
        while self._ready:
            visit = self._ready.popleft()
            if page := visit.link.kind in ("page", "list"):
                # Queued before its pattern had spent all that it may.
                if why := refused(self._job.budgets, visit.link):
                    refusal = Refusal(visit.link.url, "trap", why, visit.link.via)
                    self.under_way.begin(self._spider.turned_away(visit, refusal))
                    continue
                if visit.link.method == "GET":
                    if not self._job.budgets.begin(visit.link.url):
                        self._held.append(visit)
                        continue
                    self._out[visit.id] = visit.link.url
                self._job.pages += page
            self._job.url = visit.link.url
            return visit
        return None

    async def _fill(self) -> None:
        """Read the next visits that are due; if none are, come back when the first one will be."""
        try:
            again, at = True, None
            while again:
                self._dry = True  # a visit settled while we look makes it False again
                # Asked before what is due: in the other order a visit whose time comes in between would be seen by neither.
                at = await kept(self._job.depositor.next_time(self._job.run))
                visits = await kept(self._job.depositor.due(self._job.run, BATCH, self._flight, conditional=self._conditional))
                fresh = [v for v in visits if v.id not in self._flight]
                self._flight.update(v.id for v in fresh)
                self._ready.extend(fresh)
                if fresh:
                    self._dry = len(fresh) < BATCH and self._dry
                again = not fresh and not self._dry
            if at is not None:
                self._come_back(at)
        except ArchiveError as problem:
            self._job.problem = self._job.problem or problem
        finally:
            self._filling = False
            self.wake()

    async def _remember(self) -> None:
        """Queue what earlier runs met and no page of this one names: a page is withdrawn from the lists first."""
        job, after = self._job, ""
        try:
            while known := await kept(job.depositor.unnamed(job.run, after)):
                after = known[-1].url
                if links := self.unseen(link for link in job.walk.again(known) if not job.forms.of(link.url)[1]):
                    await kept(job.depositor.queue(job.run, links))
                    self._dry = False
        except ArchiveError as problem:
            job.problem = job.problem or problem
        finally:
            self._filling = False
            self.wake()

    def _come_back(self, at: datetime) -> None:
        clock = self._job.clock
        when = clock.seconds() + max(0.01, (at - clock.now()).total_seconds())
        if self._waiting is not None and self._waiting_until > when:
            self._waiting.cancel()
            self._waiting = None
        if self._waiting is None:
            self._waiting, self._waiting_until = clock.later(when - clock.seconds(), self._look_again), when

    def _look_again(self) -> None:
        self._waiting = None
        self._dry = False
        self.wake()
