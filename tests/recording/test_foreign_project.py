"""Recording in a Scrapy project of somebody else: whatever its middlewares do, the archive has what crossed the wire."""

from __future__ import annotations

import gzip
from itertools import count

import pytest
from foreign import scrapy
from server import Portal

from archive import Reader

PAGE = "<html><head><title>Tin tức</title></head><body>Hội nghị tổng kết</body></html>"
ZIPPED = gzip.compress(PAGE.encode(), mtime=0)


def ok(body, *fields, status=b"200 OK"):
    head = [b"HTTP/1.1 " + status, *fields, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


SPIDER = """
class Bao(scrapy.Spider):
    name = "bao"

    async def start(self):
        yield scrapy.Request(BASE + "/cu", self.parse)

    def parse(self, response):
        answered(response)
        steps = {"/trang": "/ban", "/ban": "/cam/kin", "/gui": "/dut"}
        here = response.url.removeprefix(BASE)
        if here == "/ban":
            yield scrapy.Request(BASE + "/cam/kin", self.parse, errback=self.failed)
            yield scrapy.FormRequest(BASE + "/gui", formdata={"tim": "hội nghị"}, callback=self.parse)
        elif here == "/trang":
            yield response.follow("/ban", self.parse)
        elif here == "/gui":
            yield scrapy.Request(BASE + "/dut", self.parse, errback=self.failed)

    def failed(self, failure):
        tell(failed=failure.request.url, why=type(failure.value).__name__)
"""


@pytest.fixture(scope="module")
def portal():
    with Portal() as portal:
        portal.on("/robots.txt", ok(b"User-agent: *\nDisallow: /cam/\n", b"Content-Type: text/plain"), then="keep")
        portal.on("/cu", ok(b"moved", b"Location: /trang", status=b"302 Found"), then="keep")
        odd = [
            b"content-TYPE: text/html; charset=utf-8",
            b"Content-Encoding: gzip",
            b"Set-Cookie: a=1",
            b"SET-Cookie:b=2",
        ]
        portal.on("/trang", ok(ZIPPED, *odd), then="keep")
        tries = count()
        busy = ok(b"busy", status=b"503 Service Unavailable")
        portal.on("/ban", lambda wire: wire.send(ok(b"xong") if next(tries) else busy), then="keep")
        portal.on(
            "/gui", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nnhan\r\n0\r\n\r\n", then="keep"
        )
        portal.on("/dut", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnua chung")
        yield portal


@pytest.fixture(scope="module")
def ran(portal, tmp_path_factory):
    settings = """
        ROBOTSTXT_OBEY = True
        RETRY_TIMES = 1
        DOWNLOAD_DELAY = 0
        HTTPAUTH_USER, HTTPAUTH_PASS, HTTPAUTH_DOMAIN = "lan", "bi-mat", None
    """
    return scrapy(tmp_path_factory.mktemp("foreign"), SPIDER, portal.url(""), settings)


def test_every_exchange_is_kept_as_it_crossed_the_wire(portal, ran):
    assert ran.code == 0, ran.log
    hits = portal.hits()
    asked = ["/robots.txt", "/cu", "/trang", "/ban", "/ban", "/gui", "/dut", "/dut"]
    assert sorted(hit.path for hit in hits) == sorted(asked)
    records = ran.records()
    for path in set(asked):
        sent = [(hit.request, bytes(hit.sent)) for hit in hits if hit.path == path]
        kept = [
            [
                block
                for head, block in records
                if (head["WARC-Type"], head.get("WARC-Target-URI")) == (kind, portal.url(path))
            ]
            for kind in ("request", "response")
        ]
        secret = b"Basic bGFuOmJpLW1hdA=="
        assert list(zip(*kept, strict=True)) == [(r.replace(secret, b"[blanked]"), s) for r, s in sent], path
        assert all(secret in request for request, _ in sent), path


def test_blanked_credentials_are_declared_and_nowhere_kept(portal, ran):
    requests = [(head, block) for head, block in ran.records() if head["WARC-Type"] == "request"]
    assert len(requests) == 8
    assert all(b"Authorization: [blanked]\r\n" in block for _, block in requests)
    declared = [block for head, block in ran.records() if head["WARC-Type"] == "metadata" and b"blanked" in block]
    assert len(declared) == 8
    assert all(b"Authorization" in block for block in declared)
    assert b"bi-mat" not in ran.archive.read_bytes()


def test_the_spider_gets_what_scrapy_would_give_it(portal, ran):
    told = {fact.get("url", fact.get("failed", "")).removeprefix(portal.url("")): fact for fact in ran.told}
    assert list(told) == ["/trang", "/ban", "/cam/kin", "/gui", "/dut"]
    page = told["/trang"]
    assert (page["status"], page["text"], page["kind"], page["flags"]) == (200, PAGE, "HtmlResponse", [])
    assert [v for k, v in page["headers"] if k == "Set-Cookie"] == ["a=1", "b=2"]
    assert (page["ip"], page["protocol"], page["certificate"]) == ("127.0.0.1", "HTTP/1.1", None)
    assert (told["/ban"]["status"], told["/ban"]["text"]) == (200, "xong")
    assert (told["/gui"]["text"], told["/cam/kin"]["why"]) == ("nhan", "IgnoreRequest")
    assert told["/dut"]["why"] == "ResponseDataLossError"


def test_cookies_go_back_and_are_kept(portal, ran):
    assert b"Cookie: a=1; b=2\r\n" in portal.hits("/ban")[0].request
    assert all(b"Cookie: a=1; b=2\r\n" in block for block in ran.blocks("request", "/ban"))


def test_what_was_cut_off_says_so(portal, ran):
    cut = [head for head, _ in ran.records() if head.get("WARC-Truncated")]
    assert [(head["WARC-Target-URI"], head["WARC-Truncated"]) for head in cut] == [
        (portal.url("/dut"), "disconnect")
    ] * 2


def test_nothing_asks_the_world_outside(ran):
    assert [fact for fact in ran.told if "outside" in fact] == []


def test_the_run_is_closed_and_nothing_is_left_beside(ran):
    with Reader.open(ran.archive) as reader:
        assert [(run["portal"], run["outcome"]) for run in reader.runs()] == [("bao", "finished")]
    assert not list(ran.archive.parent.glob("a.db-*"))
