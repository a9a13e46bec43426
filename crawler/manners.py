"""robots.txt before a host's first page (RFC 9309): fetched on the wire like all else, and each refusal kept as a fact."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet import task
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from archive import body_of
from archive.model import Capture, Refusal
from archive.robots import AGENT, READ_LIMIT, Robots, Source, is_robots, parse
from archive.urls import tidy
from crawler.frontier import said_by
from crawler.job import kept, our_job
from crawler.pace import LeftAlone
from crawler.spiders.sources import in_robots

logger = logging.getLogger(__name__)

# RFC 9309, section 2.3.1.2: at least five redirects, beyond which it may be taken as unavailable.
REDIRECTS = 5
# Section 2.4: a copy should not be used for longer than a day, in seconds.
FRESH = 24 * 3600.0
# A longer Crawl-delay is taken as this, in seconds (Heritrix' default of respectCrawlDelayUpToSeconds).
LONGEST_DELAY = 300.0
# A robots.txt longer than this did not come whole.
MAXSIZE = 8 << 20


# Seconds between two looks at whether the crawl comes to its end.
LOOK = 1.0

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
    """Downloader middleware: lets a request through if its host's robots.txt does. How fast: crawler/pace.py.

    An answer of 4xx, or one that is a page and no robots.txt, means no rules; 429, 5xx, half an answer or none at all mean
    stay out (section 2.3.1.4). After a day the rules are asked for again. A host that answers 429 or 503 with Retry-After is left
    alone until then.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._headers = said_by(crawler.settings)
        self._learned: dict[str, Learned] = {}
        self._asked: dict[str, list[Deferred[None]]] = {}
        self._job = our_job(crawler)
        self._job.rule = self.process_request
        self._ending: Any = None
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Manners:
        """Called by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Called by Scrapy for each request. Raises KeptOut."""
        parts = urlsplit(request.url)
        if request.meta.get("robots"):
            return
        origin = f"{parts.scheme}://{parts.netloc}"
        learned = self._learned.get(origin)
        if learned is None or self._job.clock.seconds() > learned.since + FRESH:
            learned = await self._learn(origin)
        rules, request.meta["ruled_until"] = learned.rules, learned.since + FRESH
        if isinstance(rules, KeptOut):
            raise KeptOut(rules.reason, ruling=(learned.number, 0))
        decision = rules.decide(request.url, AGENT)
        request.meta["ruling"] = ruling = (learned.number, decision.line)
        if not decision.allowed:
            raise KeptOut(f"{origin}/robots.txt disallows it: {decision.rule}", trouble=False, ruling=ruling)

    def _opened(self) -> None:
        self._ending = task.LoopingCall(self._look)
        self._ending.start(LOOK)

    def _look(self) -> None:
        """While a crawl comes to its end Scrapy waits for what is under way: a host that rests would hold it up."""
        running = self._crawler.engine._slot  # noqa: SLF001  # pinned by tests/recording/test_pinned_names.py
        if running is not None and running.closing:
            self._job.pace.end()

    def _closed(self) -> None:
        if self._ending is not None and self._ending.running:
            self._ending.stop()

    async def _learn(self, origin: str) -> Learned:
        """The rules of `origin`, asked for once however many requests wait for them."""
        if origin in self._asked:
            waiting: Deferred[None] = Deferred()
            self._asked[origin].append(waiting)
            await maybe_deferred_to_future(waiting)
            return self._learned[origin]
        self._asked[origin] = []
        try:
            rules, source = await self._fetch(origin)
        except LeftAlone:
            for waiting in self._asked.pop(origin):
                waiting.errback(Failure(LeftAlone()))  # type: ignore[no-untyped-call]
            raise
        number = await kept(self._job.depositor.read_robots(self._job.run, source))
        self._learned[origin] = Learned(rules, number, self._job.clock.seconds())
        self._keep_pace(origin, rules)
        for waiting in self._asked.pop(origin):
            waiting.callback(None)
        return self._learned[origin]

    def _keep_pace(self, origin: str, rules: Robots | KeptOut) -> None:
        """A host that names a Crawl-delay gets one request at a time, so many seconds apart at least."""
        delay = None if isinstance(rules, KeptOut) else rules.delay(AGENT)
        if delay:
            self._job.pace.slow(urlsplit(origin).hostname or "", min(delay, LONGEST_DELAY))

    async def _fetch(self, origin: str) -> tuple[Robots | KeptOut, Source]:
        """The rules of `origin`, and where they come from."""
        url, number = f"{origin}/robots.txt", None

        def out(why: str) -> tuple[KeptOut, Source]:
            return KeptOut(why), Source(origin, number, "out", why)

        for _ in range(REDIRECTS + 1):
            request = Request(
                url,
                headers=self._headers,
                meta={"robots": True, "download_maxsize": MAXSIZE},
                priority=1000,
                dont_filter=True,
            )
            try:
                response: Response = await self._crawler.engine.download_async(request)
            except LeftAlone:
                raise
            except Exception as problem:  # noqa: BLE001  # whatever kept it from coming, we stay out and say why
                return out(f"{url} did not answer: {problem}")
            finally:
                capture: Capture | None = request.meta.get("capture")
                number = capture.id if capture else None
            if "dataloss" in response.flags:
                return out(f"{url} did not come whole")
            if response.status in (301, 302, 303, 307, 308) and (location := response.headers.get("Location")):
                came, url = url, tidy(urljoin(url, location.decode("latin-1")))
                if (scheme := urlsplit(url).scheme) not in ("http", "https"):
                    await self._refuse(Refusal(url[:200], "scheme", scheme, came))
                    return Robots(), Source(origin, number, "none", f"it leads to {scheme}:")
                continue
            if response.status >= 500 or response.status == 429:
                return out(f"{url} answered {response.status}")
            body = _decoded(response) if response.status == 200 else b""
            if response.status != 200 or not is_robots(body):
                why = f"it answered {response.status}" if response.status != 200 else "it is a page, no robots.txt"
                await self._tell(origin, b"", url)
                return Robots(), Source(origin, number, "none", why)
            await self._tell(origin, body, url)
            robots = parse(body)
            return robots, Source(origin, number, "rules", "", robots.speaks_to(AGENT))
        return Robots(), Source(origin, number, "none", f"more than {REDIRECTS} redirects")

    async def _tell(self, origin: str, body: bytes, url: str) -> None:
        """Say where the sitemaps are that a robots.txt names, if it names any."""
        spider: Any = self._crawler.spider
        await spider.sources(origin, in_robots(body, url), url)

    async def _refuse(self, refusal: Refusal) -> None:
        await kept(self._job.depositor.refuse(self._job.run, [refusal]))


def _decoded(response: Any) -> bytes:
    coded = b"".join(b"Content-Encoding: %s\r\n" % v for v in response.headers.getlist("Content-Encoding"))
    body: bytes = body_of(b"HTTP/1.1 200 OK\r\n" + coded + b"\r\n" + response.body, limit=READ_LIMIT).data
    return body
