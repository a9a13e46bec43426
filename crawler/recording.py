"""Scrapy add-on and download handler: deposits every exchange as it crossed the wire, only then lets the response go on.

In any Scrapy project: `ADDONS = {"crawler.recording.Recording": 100}` and `TANGTHU_ARCHIVE = "file.db"`. It fails closed: if another handler
is in force, HTTPCACHE is on or the self-test finds a byte of difference, the crawl does not start; if an exchange cannot be kept, it stops.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from pathlib import Path
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DownloadFailedError, StopDownload
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.python import global_object_name

from archive import Depositor, Exchange, read_back, say
from archive.errors import ArchiveError, CannotGoOn, Misuse
from archive.model import Capture, Run, Visit
from crawler.clock import Clock
from crawler.job import job_of, kept
from crawler.responses import Stop, headers_of, length_of, lossy, response_of, trouble
from crawler.spool import leave, spool_of, sweep
from crawler.wire.engine import Engine, Outgoing
from crawler.wire.selftest import self_test

logger = logging.getLogger(__name__)

HANDLER = "crawler.recording.Handler"
# Above every priority that Scrapy knows (the command line has 40): no project setting may switch recording off.
LAST_WORD = 1000
# What a project may fetch: S3 goes through the handler of https (Scrapy 2.19), data and file cross no wire.
SCHEMES = ("http", "https", "s3", "data", "file")
# What the operator sends to prove who he is; blanked in what is kept.
CREDENTIALS = ("Authorization", "Proxy-Authorization")
# Captures kept in mind for bytes that come after their answer's end: more than connections can linger at once.
RECENT = 1000


class Recording:
    """Records one crawl into the archive that the setting TANGTHU_ARCHIVE names."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._owns = False
        self.engine: Engine | None = None
        self.depositor: Depositor | None = None
        self.run: Run | None = None
        self.problem: ArchiveError | None = None
        self._spool: Path | None = None
        self._recent: OrderedDict[str, Capture] = OrderedDict()
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Recording:
        """Called by Scrapy."""
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Called by Scrapy before anything is built: make our handler the one in force, and none for FTP, which is not recorded."""
        handlers = dict(settings.getdict("DOWNLOAD_HANDLERS"))
        ours = {"http": HANDLER, "https": HANDLER, "ftp": None}
        settings.set("DOWNLOAD_HANDLERS", {**handlers, **ours}, priority=LAST_WORD)
        if job_of(self._crawler) is None:  # our own crawls look at cookies themselves (crawler/asking.py)
            keep_tld_lists_offline()

    async def fetch(self, request: Request) -> Response:
        """Send `request`, deposit what crossed the connection, and give the response built from those bytes.

        Raises Scrapy's exception for the failure, after the attempt has been kept; DownloadFailedError if it cannot be kept.
        """
        outgoing = self._outgoing(request)
        exchange, capture = await self.record(outgoing, via=_text(request.headers.get("Referer")))
        request.meta["capture"] = capture
        try:
            return self._response(exchange, request, outgoing)
        finally:
            exchange.close()

    async def record(
        self, outgoing: Outgoing, *, visit: Visit | None = None, via: str | None = None, ruling: tuple[int, int] | None = None
    ) -> tuple[Exchange, Capture]:
        """Send a request and keep what crossed the connection, whatever became of it; who asks closes the exchange.

        `visit` is what it is made for, `ruling` what lets it in (`Depositor.deposit`). Raises DownloadFailedError if it cannot be kept.
        """
        exchange, capture = await self._attempt(outgoing, visit, via, ruling)
        while exchange.stale:  # the server had closed an idle connection: that attempt is kept, a fresh one follows
            exchange.close()
            exchange, capture = await self._attempt(outgoing, visit, via, ruling)
        return exchange, capture

    async def _attempt(
        self, outgoing: Outgoing, visit: Visit | None, via: str | None, ruling: tuple[int, int] | None
    ) -> tuple[Exchange, Capture]:
        if self.problem is not None or self.depositor is None or self.run is None or self.engine is None:
            self._stop(CannotGoOn(say("The archive is not open: nothing is fetched unrecorded")))
            raise DownloadFailedError(str(self.problem))
        via, hops = (visit.link.via, visit.link.hops) if visit else (via, "")
        try:
            exchange = await self.engine.fetch(outgoing)
            mine = None if exchange.stale else visit
            capture = await kept(self.depositor.deposit(self.run, exchange, visit=mine, via=via, hops=hops, ruling=ruling))
        except ArchiveError as problem:
            self._stop(problem)
            raise DownloadFailedError(str(problem)) from problem
        self._recent[exchange.id] = capture
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        return exchange, capture

    def _stop(self, problem: ArchiveError) -> None:
        """A failure to keep stops the crawl."""
        if self.problem is None:
            self.problem = problem
            self._say(problem)
            self._crawler.signals.send_catch_log(cannot_keep, problem=problem)
            from scrapy.utils.defer import deferred_from_coro  # noqa: PLC0415

            deferred_from_coro(self._crawler.engine.close_spider_async(reason="cannot_keep"))

    def _say(self, problem: ArchiveError) -> None:
        """Name the problem in the log of a foreign project; in a crawl of our own the command says it at the end."""
        if job_of(self._crawler) is None:
            logger.critical("%s", problem)

    def _outgoing(self, request: Request) -> Outgoing:
        settings = self._crawler.settings
        proxy = request.meta.get("proxy") or settings.get("TANGTHU_PROXY")
        headers = [
            (name, value)
            for name, values in request.headers.items()
            for value in values
            if name.lower() != b"proxy-authorization"
        ]
        return Outgoing(
            url=request.url,
            method=request.method,
            headers=headers,
            body=request.body,
            timeout=float(request.meta.get("download_timeout") or settings.getfloat("DOWNLOAD_TIMEOUT")),
            maxsize=int(request.meta.get("download_maxsize", settings.getint("DOWNLOAD_MAXSIZE"))),
            proxy=proxy,
            proxy_authorization=request.headers.get("Proxy-Authorization") if proxy else None,
            blank=CREDENTIALS,
            **self._hooks(request),
        )

    def _hooks(self, request: Request) -> dict[str, Any]:
        """Scrapy's signals headers_received and bytes_received, sent only if somebody listens."""
        manager = self._crawler.signals
        from pydispatch.dispatcher import getAllReceivers  # noqa: PLC0415

        def listens(signal: object) -> bool:
            return next(iter(getAllReceivers(manager.sender, signal)), None) is not None

        def send(signal: object, **facts: Any) -> bool:
            for _, result in manager.send_catch_log(signal, request=request, spider=self._crawler.spider, **facts):
                reason = getattr(result, "value", None)
                if isinstance(reason, StopDownload):
                    request.meta["stop_download"] = Stop(reason, signal is signals.headers_received)
                    return True
            return False

        hooks: dict[str, Any] = {}
        if listens(signals.headers_received):
            hooks["on_head"] = lambda framer: send(
                signals.headers_received, headers=headers_of(framer.headers), body_length=length_of(framer)
            )
        if listens(signals.bytes_received):
            hooks["on_body"] = lambda data: send(signals.bytes_received, data=data)
        return hooks

    def _response(self, exchange: Exchange, request: Request, outgoing: Outgoing) -> Response:
        stop: Stop | None = request.meta.pop("stop_download", None)
        answer = outgoing.answer_of(exchange)
        request.meta["download_latency"] = (exchange.ended - exchange.started).total_seconds()
        tolerant = not request.meta.get(
            "download_fail_on_dataloss", self._crawler.settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")
        )
        if answer is None or (exchange.failure is not None and not stop and not (lossy(exchange) and tolerant)):
            raise trouble(exchange, answered=answer is not None)
        return response_of(exchange, request, answer, stop)

    async def _opened(self, spider: Spider) -> None:
        """Prove that recording works, or let the crawl not start."""
        try:
            self._check_settings()
            if (job := job_of(self._crawler)) is not None:
                self.depositor, self.run = job.depositor, job.run
                self._spool = spool = spool_of(job.archive, job.run)
            else:
                self._spool = spool = self._open_archive(spider)
            self.engine = self._engine(spool)
            await self_test(self.engine.fetch, read_back)
        except Exception as problem:  # Scrapy would log any other exception and crawl on, unrecorded
            self.problem = (
                problem if isinstance(problem, ArchiveError) else CannotGoOn(f"{type(problem).__name__}: {problem}")
            )
            self._say(self.problem)
            self._bar()
            raise CloseSpider("recording_failed") from problem

    def _bar(self) -> None:
        """Let nothing out: other parts may ask for something before Scrapy has closed the spider."""

        def refuse(request: Request) -> None:
            raise DownloadFailedError(f"{request.url}: {self.problem}")

        # Pinned by tests/recording/test_pinned_names.py.
        downloader: Any = self._crawler.engine.downloader
        downloader.fetch = refuse

    def _check_settings(self) -> None:
        settings = self._crawler.settings
        if settings.getbool("HTTPCACHE_ENABLED"):
            raise Misuse(say("HTTPCACHE_ENABLED answers requests past the wire: switch it off to record"))
        if not settings.getbool("TWISTED_REACTOR_ENABLED"):
            raise Misuse(say("TWISTED_REACTOR_ENABLED is off: recording needs Twisted's reactor, switch it on"))
        downloader = self._crawler.engine.downloader
        if type(downloader) is not Downloader:
            name = global_object_name(type(downloader))
            raise Misuse(
                say("DOWNLOADER is {name}, which may fetch past the recorder: take it out to record", name=name)
            )
        for scheme, path in settings.getwithbase("DOWNLOAD_HANDLERS").items():
            if path is not None and scheme not in SCHEMES:
                raise Misuse(
                    say("What comes by {scheme} cannot be recorded: take it out of DOWNLOAD_HANDLERS", scheme=scheme)
                )
        handlers = downloader.handlers
        for scheme in ("http", "https"):
            handler = handlers._get_handler(scheme)  # noqa: SLF001  # pinned by tests/recording/test_pinned_names.py
            if type(handler) is not Handler:
                name = global_object_name(type(handler)) if handler else "none"
                raise Misuse(
                    say(
                        "The {scheme} handler in force is {name}, not ours: take it out of DOWNLOAD_HANDLERS",
                        scheme=scheme,
                        name=name,
                    )
                )

    def _open_archive(self, spider: Spider) -> Path:
        path = self._crawler.settings.get("TANGTHU_ARCHIVE")
        if not path:
            raise Misuse(say("TANGTHU_ARCHIVE is not set: name the archive file to record into"))
        self._owns = True
        archive = Path(path)
        self.depositor = Depositor.open(archive)
        agent = {"http-header-user-agent": self._crawler.settings.get("USER_AGENT") or ""}
        self.run = self.depositor.begin(
            spider.name, starts=(), settings={"project": self._crawler.settings.get("BOT_NAME")}, warcinfo=agent
        )
        sweep(archive)
        return spool_of(archive, self.run)

    def _engine(self, spool: Path) -> Engine:
        settings = self._crawler.settings
        spool.mkdir(parents=True, exist_ok=True)
        clock = job.clock if (job := job_of(self._crawler)) is not None else Clock()
        return Engine(
            spool_dir=spool,
            allow_private=settings.getbool("TANGTHU_ALLOW_PRIVATE", True),
            resolve=settings.getdict("TANGTHU_RESOLVE"),
            strict_tls=settings.getbool("TANGTHU_STRICT_TLS", False),
            ciphers=settings.get("TANGTHU_CIPHERS"),
            min_tls=settings.get("TANGTHU_MIN_TLS") or "1.2",
            tls_hosts=settings.getdict("TANGTHU_TLS_HOSTS"),
            on_surplus=self._late,
            now=clock.now,
        )

    def _late(self, exchange_id: str, url: str, data: bytes) -> None:
        """Bytes that came after an answer's end, and after its deposit."""
        if self.depositor is None or self.run is None or (capture := self._recent.get(exchange_id)) is None:
            logger.warning("%d bytes came from %s long after its answer had been kept, and were not", len(data), url)
            return
        self.depositor.surplus(self.run, capture, data)

    async def _closed(self, spider: Spider, reason: str) -> None:  # noqa: ARG002
        if self.engine is not None:
            await self.engine.close()
        if self._spool is not None:
            leave(self._spool)
        if self._owns and self.depositor is not None:
            try:
                if self.run is not None and self.problem is None:
                    self.depositor.end(self.run, "finished" if reason == "finished" else "stopped", reason)
            finally:
                self.depositor.close()


# Sent with `problem` when an exchange could not be kept.
cannot_keep = object()


class Handler(BaseDownloadHandler):
    """Scrapy's way to the wire; both schemes share the add-on's engine."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._recording = recording_of(crawler)

    async def download_request(self, request: Request) -> Response:
        """Called by Scrapy."""
        return await self._recording.fetch(request)


def recording_of(crawler: Crawler) -> Recording:
    """The add-on that records what `crawler` asks for. Raises CannotGoOn if there is none."""
    for addon in crawler.addons.addons:
        if isinstance(addon, Recording):
            return addon
    raise CannotGoOn(say("crawler.recording.Handler works only with its add-on: put crawler.recording.Recording into ADDONS"))


def keep_tld_lists_offline() -> None:
    """Give Scrapy's cookie middleware the packaged public suffix list: by default it asks the network, unrecorded.

    Scrapy 2.19 has no setting for it; pinned by tests/recording/test_pinned_names.py.
    """
    from scrapy.downloadermiddlewares import cookies  # noqa: PLC0415
    from tldextract import TLDExtract  # noqa: PLC0415

    cookies._split_domain = TLDExtract(include_psl_private_domains=True, suffix_list_urls=(), cache_dir=None)  # noqa: SLF001


def _text(value: bytes | None) -> str | None:
    return value.decode("utf-8", "replace") if value else None


__all__ = ["Capture", "Handler", "Recording"]
