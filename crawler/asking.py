"""Asks a portal for what our own crawl wants: with the fields that every request has, its cookies and proxy, when it is the host's turn.

Past Scrapy's downloader, which the crawl's requests need nothing of: turns are crawler/pace.py's, and an exchange is kept before anybody looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware
from scrapy.http import Response
from scrapy.settings import BaseSettings
from w3lib.url import safe_url_string

from archive import Exchange
from archive.model import Capture, Visit
from crawler.job import our_job
from crawler.pace import Turn
from crawler.recording import CREDENTIALS, keep_tld_lists_offline, recording_of
from crawler.responses import lossy, trouble
from crawler.spiders.walk import origin_of
from crawler.wire.outgoing import Outgoing, Reading

# What `archive.urls.tidy` lets stand in an address and Scrapy does not (w3lib 2): it is asked for, and kept, as Scrapy would.
_ESCAPED = re.compile(r"[\[\]|']")


class Came(NamedTuple):
    """What asking brought: the exchange, which is the caller's to close, as it was kept, and the answer, if its head came."""

    exchange: Exchange
    capture: Capture
    answer: Reading | None

    def field(self, name: bytes) -> bytes | None:
        """The last value of a header field, by its name in lower case."""
        return next((v for n, v in reversed(self.answer.headers) if n.lower() == name), None) if self.answer else None

    def message(self) -> bytes:
        """The final answer as it crossed the wire, head and body."""
        self.exchange.response.seek(self.exchange.start)
        return self.exchange.response.read(self.exchange.end - self.exchange.start)


class Ruling(NamedTuple):
    """What lets an address be asked for: a robots.txt, by the number under which the archive has it, and a line of it; `until` when, by the clock."""

    number: int
    line: int
    until: float


class Asking:
    """The way to the wire of one crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler, settings, job = crawler, crawler.settings, our_job(crawler)
        self._recording, self._pace, self._clock = recording_of(crawler), job.pace, job.clock
        self._always = [(name.encode("latin-1"), value.encode()) for name, value in _said(settings).items()]
        self._timeout, self._maxsize = settings.getfloat("DOWNLOAD_TIMEOUT"), settings.getint("DOWNLOAD_MAXSIZE")
        self._strict = settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")
        self._proxy: str | None = settings.get("TANGTHU_PROXY")
        self._proxies = HttpProxyMiddleware.from_crawler(crawler) if settings.getbool("HTTPPROXY_ENABLED") else None
        self._through: dict[str, tuple[str | None, bytes | None]] = {}
        self._cookies: Any = None

    async def visit(self, visit: Visit, url: str, rule: Callable[[str], Awaitable[Ruling]]) -> Came:
        """Make a visit at `url` (`asked_as`), if `rule` lets it in; asked again if its word has grown old when the host's turn comes."""
        fields = [(name.encode("latin-1"), value.encode()) for name, value in visit.link.fields]
        if visit.link.via:
            fields.insert(0, (b"Referer", visit.link.via.encode()))
        if visit.etag:
            fields.append((b"If-None-Match", visit.etag.encode("latin-1")))
        if visit.last_modified:
            fields.append((b"If-Modified-Since", visit.last_modified.encode("latin-1")))
        while True:
            ruling = await rule(url)
            async with self._pace.turn(urlsplit(url).hostname or "") as turn:
                if self._clock.seconds() <= ruling.until:
                    return await self._ask(turn, url, fields, self._maxsize, visit, ruling)
                turn.unused = True

    async def ask(self, url: str, maxsize: int) -> Came:
        """Ask for what no visit is for, and for so many bytes of it at most."""
        async with self._pace.turn(urlsplit(url).hostname or "") as turn:
            return await self._ask(turn, url, [], maxsize)

    async def _ask(
        self, turn: Turn, url: str, fields: list[tuple[bytes, bytes]], maxsize: int, visit: Visit | None = None,
        ruling: Ruling | None = None,
    ) -> Came:  # fmt: skip
        origin = origin_of(url)
        if origin not in self._through:
            self._through[origin] = self._proxy_for(url)
        proxy, authorization = self._through[origin]
        outgoing = Outgoing(
            url=url,
            method=visit.link.method if visit else "GET",
            headers=[*self._always, *fields, *self._cookies_for(url)],
            body=visit.link.body if visit else b"",
            timeout=self._timeout,
            maxsize=maxsize,
            proxy=proxy,
            proxy_authorization=authorization,
            blank=CREDENTIALS,
        )
        exchange, capture = await self._recording.record(outgoing, visit=visit, ruling=ruling[:2] if ruling else None)
        came = Came(exchange, capture, outgoing.answer_of(exchange))
        turn.came(exchange, came.answer)
        if came.answer is not None:
            self._take_cookies(url, came.answer)
        return came

    def trouble(self, came: Came) -> Exception | None:
        """Why what came is no answer; None if it is one."""
        failure = came.exchange.failure
        if came.answer is None or (failure is not None and (self._strict or not lossy(came.exchange))):
            return trouble(came.exchange, answered=came.answer is not None)
        return None

    def _proxy_for(self, url: str) -> tuple[str | None, bytes | None]:
        """The proxy for an origin, of the environment else of the profile, and its credentials."""
        request = Request(url)
        if self._proxies is not None:
            self._proxies.process_request(request)
        proxy = request.meta.get("proxy") or self._proxy
        return proxy, request.headers.get("Proxy-Authorization") if proxy else None

    def _cookies_for(self, url: str) -> list[tuple[bytes, bytes]]:
        if self._cookies is None:
            return []
        request = Request(url)
        self._cookies.process_request(request)
        return [(b"Cookie", value) for value in request.headers.getlist("Cookie")]

    def _take_cookies(self, url: str, answer: Reading) -> None:
        set_them = [value for name, value in answer.headers if name.lower() == b"set-cookie"]
        if not set_them or not self._crawler.settings.getbool("COOKIES_ENABLED"):
            return
        if self._cookies is None:
            # Only now: what it imports (a list of public suffixes, and an HTTP client to get it) is a twentieth of a crawl's start.
            from scrapy.downloadermiddlewares.cookies import CookiesMiddleware  # noqa: PLC0415

            keep_tld_lists_offline()
            self._cookies = CookiesMiddleware.from_crawler(self._crawler)
        self._cookies.process_response(Request(url), Response(url, headers={"Set-Cookie": set_them}))


def asked_as(url: str) -> str:
    """The address under which `url` of a link is asked for and kept."""
    return safe_url_string(url) if _ESCAPED.search(url) else url


def _said(settings: BaseSettings) -> dict[str, str]:
    """The header fields that every request of a crawl has."""
    said = {str(name): str(value) for name, value in settings.getdict("DEFAULT_REQUEST_HEADERS").items()}
    return {"User-Agent": settings.get("USER_AGENT"), **said}
