"""Crawled again: what has not changed is confirmed by the server and kept as a revisit that can be replayed on its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from confirming import PAGE, PROSE, Site
from running import tangthu
from server import Portal

from archive import Reader
from archive.audit.findings import Verdict
from archive.audit.verify import verify
from archive.warc.answer import Validators, asked_about


@pytest.fixture
def site():
    with Portal() as portal:
        site = Site(portal)
        site.put("/", PAGE % ("", '<a href="/a">a</a><a href="/b">b</a><a href="/c">c</a>'), etag='"dau"')
        site.put(
            "/a", PAGE % (PROSE, '<a href="/sau">sau</a>'), etag='W/"a-1"', modified="Tue, 24 Nov 2026 01:00:00 GMT"
        )
        site.put("/b", PAGE % (PROSE + " b", ""), modified="Tue, 24 Nov 2026 01:00:00 GMT")
        site.put("/c", PAGE % (PROSE + " c", ""))
        site.put("/sau", PAGE % (PROSE + " sau", ""), etag='"sau"')
        yield site


def crawl(site, path):
    before = len(site.portal.hits())
    ended = tangthu("crawl", site.portal.url(), "--own-host", "--archive", path)
    assert ended.code == 0, ended.err
    return {hit.path: hit for hit in site.portal.hits()[before:]}


def test_what_has_not_changed_is_confirmed_and_walked_on_from(site, tmp_path):
    path = tmp_path / "a.db"
    assert set(crawl(site, path)) == {"/robots.txt", "/", "/a", "/b", "/c", "/sau"}
    hits = crawl(site, path)
    assert set(hits) == {"/robots.txt", "/", "/a", "/b", "/c", "/sau"}, (
        "what only a confirmed page names is found again"
    )
    assert asked_about(hits["/a"].request) == Validators('W/"a-1"', "Tue, 24 Nov 2026 01:00:00 GMT")
    assert asked_about(hits["/b"].request) == Validators(None, "Tue, 24 Nov 2026 01:00:00 GMT")
    assert not asked_about(hits["/c"].request)
    with Reader.open(path) as reader:
        for name in ("/", "/a", "/b", "/sau"):
            first, second = reader.find(site.portal.url(name))
            assert (first.status, second.status) == (200, 304), name
            assert second.revisit_of == first.record_id
            assert second.payload_digest == first.payload_digest
            with reader.open(second) as opened:
                head = opened.record
                assert head.get("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
                assert head.uri("WARC-Refers-To") == first.record_id
                assert head.uri("WARC-Refers-To-Target-URI") == first.url
                assert head.get("WARC-Refers-To-Date")
                assert head.get("WARC-Truncated") is None
                assert opened.body() == site.pages[name][0]
                assert opened.raw() == bytes(hits[name].sent), "the wire's own answer is kept too"
        assert [c.status for c in reader.find(site.portal.url("/c"))] == [200, 200]
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT count(*) FROM revisions").fetchone() == (4,), "no article has a second revision"
    assert all(finding.verdict is not Verdict.BROKEN for finding in verify(path))


def test_a_page_that_changed_is_kept_anew_and_asked_about_by_its_new_tag(site, tmp_path):
    path = tmp_path / "a.db"
    crawl(site, path)
    crawl(site, path)
    site.put(
        "/a",
        PAGE % (PROSE + "<p>Bổ sung: hội nghị dời sang ngày mai vì lý do thời tiết xấu trên địa bàn.</p>", ""),
        etag='"a-2"',
    )
    crawl(site, path)
    hits = crawl(site, path)
    assert asked_about(hits["/a"].request).etag == '"a-2"'
    with Reader.open(path) as reader:
        captures = reader.find(site.portal.url("/a"))
        assert [c.status for c in captures] == [200, 304, 200, 304]
        assert [c.revisit_of for c in captures] == [None, captures[0].record_id, None, captures[2].record_id]
        assert "dời sang ngày mai" in reader.article(site.portal.url("/a")).text


def test_a_run_of_confirmations_alone_replays_from_its_export(site, tmp_path):
    path, out = tmp_path / "a.db", tmp_path / "lan-2.warc.gz"
    crawl(site, path)
    crawl(site, path)
    assert tangthu("export", out, "--warc", "--run", "2", "--archive", path).code == 0
    assert tangthu("adopt", out, "--archive", tmp_path / "b.db").code == 0
    with Reader.open(tmp_path / "b.db") as reader:
        for name, (body, *_) in site.pages.items():
            with reader.open(reader.find(site.portal.url(name))[-1]) as opened:
                assert opened.body() == body, name
    assert all(finding.verdict is not Verdict.BROKEN for finding in verify(tmp_path / "b.db"))


def test_a_server_that_confirms_what_nobody_asked_about_is_not_believed(site, tmp_path):
    path = tmp_path / "a.db"
    crawl(site, path)
    site.portal.on("/c", b"HTTP/1.1 304 Not Modified\r\n\r\n")
    crawl(site, path)
    with Reader.open(path) as reader:
        last = reader.find(site.portal.url("/c"))[-1]
        assert (last.status, last.revisit_of) == (304, None)
    assert all(finding.verdict is not Verdict.BROKEN for finding in verify(path))


def test_what_was_cut_off_is_never_asked_about(site, tmp_path):
    path = tmp_path / "a.db"
    site.portal.on("/b", b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: "b"\r\nContent-Length: 999\r\n\r\n<p>')
    tangthu("crawl", site.portal.url(), "--own-host", "--archive", path, "--set", "RETRY_WAIT=0.01")
    site.put("/b", PAGE % (PROSE + " b", ""), etag='"b"')
    assert not asked_about(crawl(site, path)["/b"].request)


def test_it_can_be_switched_off(site, tmp_path):
    path = tmp_path / "a.db"
    crawl(site, path)
    before = len(site.portal.hits())
    assert (
        tangthu("crawl", site.portal.url(), "--own-host", "--archive", path, "--set", "CONDITIONAL_REQUESTS=0").code
        == 0
    )
    assert not any(asked_about(hit.request) for hit in site.portal.hits()[before:])


@pytest.mark.parametrize(
    "tag", [b'"a\x01b"', b'"' + b"x" * 600 + b'"', '"Thứ"'.encode(), b"", b'"a"\r\nETag: "b"'], ids=repr
)
def test_validators_that_are_none_are_not_sent_back(site, tmp_path, tag):
    path = tmp_path / "a.db"
    body = site.pages["/b"][0]
    site.portal.on(
        "/b",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: "
        + tag
        + b"\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body),
    )
    crawl(site, path)
    assert not asked_about(crawl(site, path)["/b"].request)
