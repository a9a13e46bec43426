"""robots.txt before a host's first page (RFC 9309): fetched on the wire like all else, and each refusal kept as a fact."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from archive import body_of
from archive.urls import tidy
from crawler.frontier import said_by
from crawler.job import running_reactor
from crawler.robots import Robots, is_robots, parse

logger = logging.getLogger(__name__)

# RFC 9309, section 2.3.1.2: at least five redirects, beyond which it may be taken as unavailable.
REDIRECTS = 5
# Section 2.5: a crawler must read at least 500 KiB; ours reads this much.
READ_LIMIT = 1 << 20
# Section 2.4: a copy should not be used for longer than a day, in seconds.
FRESH = 24 * 3600.0
# A longer Crawl-delay is taken as this, in seconds (Heritrix' default of respectCrawlDelayUpToSeconds).
LONGEST_DELAY = 300.0
# A robots.txt longer than this did not come whole.
MAXSIZE = 8 << 20
AGENT = "tangthu"


# Seconds between two looks at whether the crawl is to end while a host rests.
LOOK = 1.0
# A longer Retry-After is taken as this, in seconds: a server may err, and a run must end.
LONGEST_RETRY = 24 * 3600.0


def retry_after(said: bytes | None, now: datetime) -> datetime | None:
    """When a server wants to be asked again: the value of Retry-After (RFC 9110, section 10.2.3) as a time; None if it is none."""
    text = (said or b"").decode("latin-1").strip()
    try:
        at = now + timedelta(seconds=int(text)) if text.isascii() and text.isdigit() else parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(at, now), now + timedelta(seconds=LONGEST_RETRY))


class KeptOut(IgnoreRequest):
    """robots.txt says no, or could not be had (`trouble`). `reason` is the sentence kept with the refusal."""

    def __init__(self, reason: str, *, trouble: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.trouble = trouble


class LeftAlone(IgnoreRequest):
    """The crawl ends while a host wants to be left alone: the visit stays in the queue."""


class Manners:
    """Downloader middleware: lets a request through if its host's robots.txt does, and no faster than that asks for.

    An answer of 4xx, or one that is a page and no robots.txt, means no rules; 429, 5xx, half an answer or none at all mean
    stay out (section 2.3.1.4). After a day the rules are asked for again. A host that answers 429 or 503 with Retry-After is left
    alone until then.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._headers = said_by(crawler.settings)
        self._rules: dict[str, Robots | KeptOut] = {}
        self._learned: dict[str, float] = {}
        self._asked: dict[str, list[Deferred[None]]] = {}
        self._usual: dict[Slot, float] = {}
        crawler.signals.connect(self._answered, signals.response_downloaded)

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
        rules = self._rules.get(origin)
        if rules is None or time.monotonic() - self._learned[origin] > FRESH:
            rules = await self._learn(origin)
        if isinstance(rules, KeptOut):
            raise rules
        decision = rules.decide(request.url, AGENT)
        if not decision.allowed:
            raise KeptOut(f"{origin}/robots.txt disallows it: {decision.rule}", trouble=False)

    def _answered(self, response: Response, request: Request) -> None:
        """Scrapy's signal for each answer, sent before the next request to that host goes out: a host may want to be left alone."""
        if response.status not in (429, 503) or not (said := response.headers.get("Retry-After")):
            return
        now = datetime.now(UTC)
        if (at := retry_after(said, now)) is not None and at > now:
            self._rest(self._crawler.engine.downloader.slots[request.meta["download_slot"]], (at - now).total_seconds())

    def _rest(self, slot: Slot, seconds: float) -> None:
        """Nothing is asked through `slot` for so long. What waits in it when the crawl ends stays in the queue of the archive."""
        until = time.monotonic() + seconds
        usual = self._usual.setdefault(slot, slot.delay)
        slot.delay = max(slot.delay, until - slot.lastseen)

        def look() -> None:
            running = self._crawler.engine._slot  # noqa: SLF001
            if running is None or running.closing:
                while slot.queue:
                    slot.queue.popleft()[1].errback(Failure(LeftAlone()))  # type: ignore[no-untyped-call]
            elif time.monotonic() < until:
                running_reactor().callLater(LOOK, look)
            elif time.monotonic() - slot.lastseen >= slot.delay:
                slot.delay = usual

        running_reactor().callLater(min(LOOK, seconds), look)

    async def _learn(self, origin: str) -> Robots | KeptOut:
        """The rules of `origin`, asked for once however many requests wait for them."""
        if origin in self._asked:
            waiting: Deferred[None] = Deferred()
            self._asked[origin].append(waiting)
            await maybe_deferred_to_future(waiting)
            return self._rules[origin]
        self._asked[origin] = []
        self._rules[origin], self._learned[origin] = await self._fetch(origin), time.monotonic()
        self._keep_pace(origin, self._rules[origin])
        for waiting in self._asked.pop(origin):
            waiting.callback(None)
        return self._rules[origin]

    def _keep_pace(self, origin: str, rules: Robots | KeptOut) -> None:
        """A host that names a Crawl-delay gets one request at a time, so many seconds apart at least."""
        delay = None if isinstance(rules, KeptOut) else rules.delay(AGENT)
        slot = self._crawler.engine.downloader.slots.get(urlsplit(origin).hostname or "")
        if delay and slot is not None:
            slot.delay, slot.concurrency = max(slot.delay, min(delay, LONGEST_DELAY)), 1

    async def _fetch(self, origin: str) -> Robots | KeptOut:
        url = f"{origin}/robots.txt"
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
            except Exception as problem:  # noqa: BLE001  # whatever kept it from coming, we stay out and say why
                return KeptOut(f"{url} did not answer: {problem}")
            if "dataloss" in response.flags:
                return KeptOut(f"{url} did not come whole")
            if response.status in (301, 302, 303, 307, 308) and (location := response.headers.get("Location")):
                url = tidy(urljoin(url, location.decode("latin-1")))
                if urlsplit(url).scheme not in ("http", "https"):
                    break
                continue
            if response.status >= 500 or response.status == 429:
                return KeptOut(f"{url} answered {response.status}")
            body = _decoded(response) if response.status == 200 else b""
            return parse(body if is_robots(body) else b"")
        return Robots()


def _decoded(response: Any) -> bytes:
    coded = b"".join(b"Content-Encoding: %s\r\n" % v for v in response.headers.getlist("Content-Encoding"))
    body: bytes = body_of(b"HTTP/1.1 200 OK\r\n" + coded + b"\r\n" + response.body, limit=READ_LIMIT).data
    return body
