"""What a spider gets is what Scrapy's own handler would have given it; what was stopped is kept as far as it came."""

from __future__ import annotations

import pytest
from foreign import scrapy
from server import Portal

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n"
SPIDER = """
from twisted.web.iweb import UNKNOWN_LENGTH
from scrapy.exceptions import StopDownload

class Bao(scrapy.Spider):
    name = "bao"
    asked = {asked!r}
    custom_settings = {{"RETRY_ENABLED": False, "DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS": 1, "REDIRECT_ENABLED": False,
                       "DOWNLOAD_TLS_MIN_VERSION": "TLSv1.2", "COMPRESSION_ENABLED": False}}

    @classmethod
    def from_crawler(cls, crawler):
        made = super().from_crawler(crawler)
        crawler.signals.connect(made.head, signals.headers_received)
        crawler.signals.connect(made.bytes, signals.bytes_received)
        return made

    def head(self, headers, body_length, request):
        tell(head=request.url, headers=sorted(k.decode() for k in headers), length=None if body_length == UNKNOWN_LENGTH else body_length)
        if (fail := request.meta.get("at_head")) is not None:
            raise StopDownload(fail=fail)

    def bytes(self, data, request):
        if (fail := request.meta.get("at_bytes")) is not None:
            raise StopDownload(fail=fail)

    async def start(self):
        for path, (method, meta) in self.asked.items():
            yield scrapy.Request(BASE + path, self.parse, method, meta={{"handle_httpstatus_all": True, **meta}},
                                 errback=self.failed, dont_filter=True)

    def parse(self, response):
        answered(response, way="given")

    def failed(self, failure):
        if (response := getattr(failure.value, "response", None)) is not None:
            answered(response, way="raised " + type(failure.value).__name__)
        else:
            tell(failed=failure.request.url, why=type(failure.value).__name__)
"""
ASKED = {
    "/tron#muc": ("GET", {}),
    "/dung-o-dau?1": ("GET", {"at_head": False}),
    "/dung-o-dau?2": ("GET", {"at_head": True}),
    "/dung-giua?1": ("GET", {"at_bytes": False}),
    "/dung-giua?2": ("GET", {"at_bytes": True}),
    "/dut?1": ("GET", {"download_fail_on_dataloss": False}),
    "/dut?2": ("GET", {}),
    "/het-khi-dong": ("GET", {}),
    "/dau": ("HEAD", {}),
    "/trong": ("GET", {}),
    "/loi": ("GET", {}),
    "/dai?1": ("GET", {"download_maxsize": 50}),
    "/dai?2": ("GET", {"download_maxsize": 5}),
    "/lau": ("GET", {"download_timeout": 0.5}),
    "/tu-choi": ("GET", {}),
}


def serve(portal):
    portal.on("/tron", HEAD + b"x" * 100)
    for n in (1, 2):
        portal.on(f"/dung-o-dau?{n}", lambda wire: (wire.send(HEAD + b"them"), wire.stall()))
        portal.on(f"/dung-giua?{n}", lambda wire: (wire.send(HEAD, b"mot khuc"), wire.stall()))
        portal.on(f"/dut?{n}", HEAD + b"nua chung")
    portal.on("/het-khi-dong", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>den khi dong")
    portal.on("/dau", HEAD, then="keep")
    portal.on("/trong", b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n", then="keep")
    portal.on("/loi", b"HTTP/1.1 500 Loi\r\nContent-Length: 3\r\n\r\nloi", then="keep")
    portal.on("/dai?1", HEAD + b"x" * 100)
    portal.on("/dai?2", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100)
    portal.on("/lau", lambda wire: wire.stall())
    portal.on("/tu-choi", b"", then="reset")


OWN = "ADDONS = {}"


def told(ran, path):
    """What the spider was told and given for `path`, without what differs for a reason.

    Scrapy puts Content-Length first, and makes one up for answers without a body; an answer stopped at its head has no IP address there.
    """
    facts = [dict(fact) for fact in ran.told if any(str(value).endswith(path) for value in fact.values())]
    for fact in facts:
        fact["headers"] = sorted(
            field for field in fact.get("headers", []) if field not in (["Content-Length", "0"], "Content-Length")
        )
        if "download_stopped" in fact.get("flags", []):
            fact.pop("ip")
    return facts


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same crawl with Scrapy's own handler, and recorded."""
    with Portal() as portal:
        serve(portal)
        spider = SPIDER.format(asked=ASKED)
        theirs = scrapy(tmp_path_factory.mktemp("theirs"), spider, portal.url(""), OWN)
        ours = scrapy(tmp_path_factory.mktemp("ours"), spider, portal.url(""))
    assert theirs.archive.exists() is False
    return theirs, ours


@pytest.mark.parametrize("path", [path.partition("#")[0] for path in ASKED])
def test_the_spider_cannot_tell_the_difference(both, path):
    theirs, ours = (told(ran, path) for ran in both)
    assert theirs
    assert ours == theirs


@pytest.mark.parametrize(
    ("path", "truncated", "block"),
    [
        ("/dung-o-dau?1", "unspecified", HEAD + b"them"),
        ("/dung-giua?2", "unspecified", HEAD + b"mot khuc"),
        ("/dut?2", "disconnect", HEAD + b"nua chung"),
        ("/het-khi-dong", None, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>den khi dong"),
    ],
)
def test_what_was_stopped_or_cut_is_kept_as_far_as_it_came(both, path, truncated, block):
    ((head, kept),) = [
        (h, b) for h, b in both[1].records() if h["WARC-Type"] == "response" and h["WARC-Target-URI"].endswith(path)
    ]
    assert (head.get("WARC-Truncated"), kept) == (truncated, block)
