"""The spider of every portal: it takes visits from the frontier, and hands what came back to be expanded."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from scrapy import Spider
from scrapy.exceptions import DownloadFailedError

from archive import Reader
from archive.errors import ArchiveError, CannotGoOn
from archive.model import Capture, Refusal, Visit
from crawler.articles import Expanding, Patience
from crawler.asking import Asking, Came, asked_as
from crawler.beside import Reading
from crawler.frontier import Frontier
from crawler.job import Job, kept, our_job
from crawler.learning import learn
from crawler.manners import KeptOut, Manners
from crawler.pace import LeftAlone, retry_after
from crawler.pages import READ_LIMIT, is_read

logger = logging.getLogger(__name__)


class PortalSpider(Spider):
    """Crawls one portal by its profile, or one address by its links (crawler/spiders/walk.py says which)."""

    name = "portal"

    async def start(self) -> AsyncIterator[Any]:
        """First settle what a killed run kept but did not read; the frontier has the rest."""
        job = self._job
        unsettled = job.depositor.unsettled(job.run)
        if unsettled:
            with Reader.open(job.archive) as reader:
                for visit, capture in unsettled:
                    await self._settle(visit, self._left, reader, visit, capture)
        return
        yield  # an async generator that makes no requests of its own

    async def visit(self, visit: Visit) -> None:
        """The whole way of a visit: may it be asked for, what came, what that leads to."""
        await self._settle(visit, self._visit, visit)

    async def _settle(self, visit: Visit, step: Callable[..., Awaitable[bool | None]], *about: Any) -> None:
        """Take the step that settles `visit`, which says whether the queue has grown by it; None: it stays as it is.

        Whatever goes wrong in it ends the crawl, which would wait for ever for a visit that is never settled.
        """
        try:
            more = await step(*about)
        except Exception as problem:
            if isinstance(problem, ArchiveError):
                named = problem
            else:
                logger.exception("A fault of tangthu at %s", visit.link.url)
                named = CannotGoOn(f"{visit.link.url}: {type(problem).__name__}: {problem}")
            self._job.problem = self._job.problem or named
            self._frontier.give_up()
            return
        if more is not None:
            self._frontier.settled(visit.id, more=more)

    async def _left(self, reader: Reader, visit: Visit, capture: Capture) -> bool:
        if capture.status == 304 and capture.revisit_of:
            return await self._confirmed(visit, capture)
        return await self._expand(visit, capture, _kept_answer(reader, capture, visit))

    async def _visit(self, visit: Visit) -> bool | None:
        url = asked_as(visit.link.url)
        try:
            came = await self._asking.visit(visit, url, self._manners.ruling)
        except LeftAlone:
            return None
        except KeptOut as out:
            self._job.shut_out = self._job.shut_out or out.trouble
            return await self._expanding.refuse(visit, Refusal(url, "robots", out.reason, visit.link.via, out.ruling))
        except DownloadFailedError:
            if self._job.problem is None:
                raise
            return None
        with closing(came.exchange):
            answered, capture = self._asking.trouble(came) is None, came.capture
            message = came.message() if answered and self._is_read(came, visit) else b""
        with self._frontier.under_way.settling(len(message)):
            if not answered:
                return await self._expand(visit, capture, b"")
            self._job.answered += 1
            if capture.status == 304 and capture.revisit_of:
                return await self._confirmed(visit, capture)
            said = came.field(b"retry-after")
            return await self._expand(visit, capture, message, retry_after(said, self._job.clock.now()) if said else None)

    def _is_read(self, came: Came, visit: Visit) -> bool:
        return is_read(visit.link.kind, came.capture.media_type) and came.exchange.end - came.exchange.start <= READ_LIMIT

    async def _sources(self, origin: str, named: list[str], via: str) -> None:
        """Called with what a robots.txt says where sitemaps are, before anything else of its host is asked for."""
        links, refusals = self._job.walk.sources(origin, named, via)
        if fresh := self._frontier.unseen(links):
            await kept(self._job.depositor.queue(self._job.run, fresh))
            self._frontier.grown()
        if refusals:
            await kept(self._job.depositor.refuse(self._job.run, refusals))

    async def turned_away(self, visit: Visit, refusal: Refusal) -> None:
        """Called for a visit that is not asked for after all."""
        await self._settle(visit, self._expanding.refuse, visit, refusal)

    async def _confirmed(self, visit: Visit, capture: Capture) -> bool:
        """The server says that nothing changed: what the page names is read from the answer that is kept."""
        with Reader.open(self._job.archive) as reader:
            original = reader.capture(capture.revisit_of or "")
            answer = _kept_answer(reader, original, visit) if original is not None else b""
        media_type = original.media_type if original else None
        return await self._expand(visit, replace(capture, media_type=media_type), answer)

    async def _expand(self, visit: Visit, capture: Capture, answer: bytes, retry: datetime | None = None) -> bool:
        self._job.bytes += capture.length
        return await self._expanding.expand(visit, capture, answer, retry)

    @cached_property
    def _job(self) -> Job:
        return our_job(self.crawler)

    @cached_property
    def _frontier(self) -> Frontier:
        return cast("Frontier", self.crawler.engine.scheduler)

    @cached_property
    def _asking(self) -> Asking:
        return Asking(self.crawler)

    @cached_property
    def _manners(self) -> Manners:
        return Manners(self._job, self._asking, self._sources)

    @cached_property
    def _expanding(self) -> Expanding:
        patience = Patience(self.settings.getint("RETRY_TIMES") + 1, self.settings.getfloat("RETRY_WAIT"))
        return Expanding(self._job, self._beside, self._frontier.unseen, patience, self._job.clock.now)

    @cached_property
    def _beside(self) -> Reading:
        return Reading(self.settings.getint("READING_PROCESSES"), self._job.readers)

    async def closed(self, reason: str) -> None:
        """Called by Scrapy at the end: learn from what was kept, if the run came to its end."""
        job = self._job
        try:
            if reason == "finished" and job.problem is None:
                job.asked_all()
                await learn(job, self._beside, job.clock.now())
        except ArchiveError as problem:
            job.problem = job.problem or problem
        finally:
            self._beside.close()


def _kept_answer(reader: Reader, capture: Capture, visit: Visit) -> bytes:
    """The kept HTTP message of `capture`, if it is one that is read."""
    if not is_read(visit.link.kind, capture.media_type) or capture.length > READ_LIMIT:
        return b""
    return reader.open(capture).raw()
