"""robots.txt before a host's first page (RFC 9309): fetched on the wire like all else, and each refusal kept as a fact."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from scrapy.exceptions import IgnoreRequest

from archive import body_of
from archive.model import Refusal
from archive.robots import AGENT, READ_LIMIT, Robots, Source, is_robots, parse
from archive.urls import tidy
from crawler.asking import Asking, Ruling, asked_as
from crawler.job import Job, kept
from crawler.pace import LeftAlone
from crawler.responses import lossy
from crawler.spiders.sources import in_robots
from crawler.spiders.walk import origin_of

# RFC 9309, section 2.3.1.2: at least five redirects, beyond which it may be taken as unavailable.
REDIRECTS = 5
# Section 2.4: a copy should not be used for longer than a day, in seconds.
FRESH = 24 * 3600.0
# A longer Crawl-delay is taken as this, in seconds (Heritrix' default of respectCrawlDelayUpToSeconds).
LONGEST_DELAY = 300.0
# A robots.txt longer than this did not come whole.
MAXSIZE = 8 << 20


class KeptOut(IgnoreRequest):
    """robots.txt says no, or could not be had (`trouble`). `reason` is the sentence kept with the refusal, `ruling` what it was decided by."""

    def __init__(self, reason: str, *, trouble: bool = True, ruling: tuple[int, int] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.trouble = trouble
        self.ruling = ruling


class Learned(NamedTuple):
    """The rules of an origin, or why it is to be left alone; the number under which the archive keeps where they come from; since when."""

    rules: Robots | KeptOut
    number: int
    since: float


class Manners:
    """Lets an address be asked for if its host's robots.txt does. How fast: crawler/pace.py.

    An answer of 4xx, or one that is a page and no robots.txt, means no rules; 429, 5xx, half an answer or none at all mean
    stay out (section 2.3.1.4). After a day the rules are asked for again. A host that answers 429 or 503 with Retry-After is left
    alone until then. `tell` is given an origin, the sitemaps that its robots.txt names, and where that is.
    """

    def __init__(self, job: Job, asking: Asking, tell: Callable[[str, list[str], str], Awaitable[None]]) -> None:
        self._job, self._asking, self._tell = job, asking, tell
        self._learned: dict[str, Learned] = {}
        self._asked: dict[str, list[asyncio.Future[None]]] = {}

    async def ruling(self, url: str) -> Ruling:
        """What lets `url` be asked for. Raises KeptOut if nothing does."""
        origin = origin_of(url)
        learned = self._learned.get(origin)
        if learned is None or self._job.clock.seconds() > learned.since + FRESH:
            learned = await self._learn(origin)
        rules = learned.rules
        if isinstance(rules, KeptOut):
            raise KeptOut(rules.reason, ruling=(learned.number, 0))
        decision = rules.decide(url, AGENT)
        if not decision.allowed:
            said = f"{origin}/robots.txt disallows it: {decision.rule}"
            raise KeptOut(said, trouble=False, ruling=(learned.number, decision.line))
        return Ruling(learned.number, decision.line, learned.since + FRESH)

    async def _learn(self, origin: str) -> Learned:
        """The rules of `origin`, asked for once however many requests wait for them."""
        if origin in self._asked:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._asked[origin].append(waiting)
            await waiting
            return self._learned[origin]
        self._asked[origin] = []
        try:
            rules, source = await self._fetch(origin)
        except LeftAlone:
            for waiting in self._asked.pop(origin):
                waiting.set_exception(LeftAlone())
            raise
        number = await kept(self._job.depositor.read_robots(self._job.run, source))
        self._learned[origin] = Learned(rules, number, self._job.clock.seconds())
        self._keep_pace(origin, rules)
        for waiting in self._asked.pop(origin):
            waiting.set_result(None)
        return self._learned[origin]

    def _keep_pace(self, origin: str, rules: Robots | KeptOut) -> None:
        """A host that names a Crawl-delay gets one request at a time, so many seconds apart at least."""
        delay = None if isinstance(rules, KeptOut) else rules.delay(AGENT)
        if delay:
            self._job.pace.slow(urlsplit(origin).hostname or "", min(delay, LONGEST_DELAY))

    async def _fetch(self, origin: str) -> tuple[Robots | KeptOut, Source]:
        """The rules of `origin`, and where they come from."""
        url, number, came_from = f"{origin}/robots.txt", None, None

        def out(why: str) -> tuple[KeptOut, Source]:
            return KeptOut(why), Source(origin, number, "out", why)

        for _ in range(REDIRECTS + 1):
            try:
                came = await self._asking.ask(url, MAXSIZE)
            except LeftAlone:
                raise
            except Exception as problem:  # noqa: BLE001  # whatever kept it from coming, we stay out and say why
                return out(f"{url} did not answer: {problem}")
            number, status, location = came.capture.id, came.capture.status or 0, came.field(b"location")
            with closing(came.exchange):
                trouble, body = self._asking.trouble(came), came.message() if status == 200 else b""
            if (failed := came.capture.failure or "").startswith("forbidden:"):
                await self._refuse(Refusal(url, "private", failed.partition(": ")[2], came_from))
            if trouble is not None:
                return out(f"{url} did not answer: {trouble}")
            if lossy(came.exchange):
                return out(f"{url} did not come whole")
            if status in (301, 302, 303, 307, 308) and location:
                came_from, url = url, tidy(urljoin(url, location.decode("latin-1")))
                if (scheme := urlsplit(url).scheme) not in ("http", "https"):
                    await self._refuse(Refusal(url[:200], "scheme", scheme, came_from))
                    return Robots(), Source(origin, number, "none", f"it leads to {scheme}:")
                url = asked_as(url)
                continue
            if status >= 500 or status == 429:
                return out(f"{url} answered {status}")
            body = body_of(body, limit=READ_LIMIT).data if status == 200 else b""
            if status != 200 or not is_robots(body):
                why = f"it answered {status}" if status != 200 else "it is a page, no robots.txt"
                await self._tell(origin, in_robots(b"", url), url)
                return Robots(), Source(origin, number, "none", why)
            await self._tell(origin, in_robots(body, url), url)
            robots = parse(body)
            return robots, Source(origin, number, "rules", "", robots.speaks_to(AGENT))
        return Robots(), Source(origin, number, "none", f"more than {REDIRECTS} redirects")

    async def _refuse(self, refusal: Refusal) -> None:
        await kept(self._job.depositor.refuse(self._job.run, [refusal]))
