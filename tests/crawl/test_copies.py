"""One article at several addresses is listed once, in whatever order they are read; what turns out to be no page is listed no longer."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from running import tangthu
from server import Portal

from archive import Reader
from archive.audit.findings import Verdict
from archive.audit.verify import verify

SENTENCE = "Sáng nay, tại trụ sở Ủy ban nhân dân tỉnh Mẫu, lãnh đạo tỉnh làm việc với đoàn công tác số {0} về kế hoạch năm tới của xã thứ {0}. "


def html(title, body, head=""):
    page = f'<!doctype html><html lang="vi"><head><title>{title}</title>{head}</head><body>{body}</body></html>'.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)


def article(title, words, head="", more=""):
    told = "".join(f"<p>{SENTENCE.format(f'{words}-{line}')}</p>" for line in range(6))
    return html(title, f"<article><h1>{title}</h1>{told}</article>{more}", head)


# So that what is captured first is read first.
ONE_BY_ONE = ("--set", "CONCURRENT_REQUESTS_PER_DOMAIN=1", "--set", "READING_PROCESSES=0")


class Site:
    """Copies that come before what they are copies of, a page that is served for any address of a folder, articles that any suffix leads to."""

    edited = moved = False

    def answer(self, target):
        path = urlsplit(target).path
        folder = path.rpartition("/")[0]
        if path == "/":
            links = ["/a-in/1", "/z-tin/1", "/b/mot", "/c/mot", "/b/hai", "/mat/mot", "/mat/hai", "/mat/ba", "/mat-khac/mot"]
            links += ["/duoi/1", "/duoi/1/vi", "/duoi/1/en", *(["/cu/9", "/moi/9"] if self.moved else ["/cu/9"])]
            return html("Tỉnh Mẫu", "".join(f'<a href="{at}">{at}</a> ' for at in links))
        if path in ("/a-in/1", "/z-tin/1"):  # the copy is named first, and says whose it is
            return article("Bài thứ nhất", f"một-{self.edited}", '<link rel="canonical" href="/z-tin/1">' if path == "/a-in/1" else "")
        if path in ("/b/mot", "/c/mot"):  # two categories, each of which says that it is the one
            return article("Bài trong hai mục", "hai", f'<link rel="canonical" href="{path}">')
        if path == ("/moi/9" if self.moved else "/cu/9"):
            return article("Bài đã chuyển", "chuyển")
        if path == "/b/hai":
            return article("Bài thứ ba", "ba")
        if folder in ("/mat", "/mat-khac"):  # no word of it says that there is no such page
            return article("Chào mừng", "chào")
        if path == "/duoi/1" or folder == "/duoi/1":
            return article("Bài có đuôi", "đuôi")
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


ARTICLES = {"/z-tin/1", "/b/mot", "/b/hai", "/duoi/1", "/cu/9"}


@pytest.fixture
def crawled(tmp_path):
    site, path = Site(), tmp_path / "a.db"
    with Portal() as portal:
        portal.on("*", lambda wire: wire.send(site.answer(wire.hit.path)))

        def crawl():
            ended = tangthu("crawl", portal.url(), "--own-host", "--archive", path, *ONE_BY_ONE)
            assert ended.code == 0, ended.err

        crawl()
        yield path, portal, site, crawl


def listed(path, portal):
    with Reader.open(path) as reader:
        found = [a.url.removeprefix(portal.url().rstrip("/")) for a in reader.articles()]
        assert len(found) == len(set(found))
        return set(found)


def rows(path, sql):
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql).fetchall()


def broken(path):
    return [f for f in verify(path) if f.verdict is Verdict.BROKEN]


def test_every_article_is_listed_and_found_once_and_nothing_that_was_kept_is_lost(crawled):
    path, portal, *_ = crawled
    assert listed(path, portal) == ARTICLES
    with Reader.open(path) as reader:
        assert len(reader.search("bài thứ nhất")) == 1
        assert reader.search("chào mừng") == []
        for at in ("/a-in/1", "/c/mot", "/mat/mot", "/mat/hai", "/mat-khac/mot", "/duoi/1/vi"):
            assert [c.status for c in reader.find(portal.url(at))] == [200], "its capture is kept"
        assert sum((s.title if s else None) == "Bài thứ nhất" for s in map(reader.state, range(1, 20))) == 2, "so is what was cleaned from it"
    assert broken(path) == []


def test_it_is_said_why_an_address_is_none(crawled):
    path, portal, *_ = crawled
    for copy, stands in (("/a-in/1", "/z-tin/1"), ("/c/mot", "/b/mot")):
        known = json.loads(tangthu("why", "--archive", path, "--json", portal.url(copy)).out)
        assert [(a["canonical"], a["reason"]) for a in known["aliases"] if a["url"] == portal.url(copy)] == [(portal.url(stands), "same text")]
    refused = {url for (url,) in rows(path, "SELECT url FROM refusals WHERE reason = 'soft-404'")}
    assert {portal.url(at) for at in ("/mat/mot", "/mat/hai", "/mat/ba", "/mat-khac/mot")} <= refused
    assert portal.url("/duoi/1") not in refused


def test_crawled_again_it_is_the_same(crawled):
    path, portal, site, crawl = crawled
    revisions = rows(path, "SELECT count(*) FROM revisions")
    crawl()
    assert listed(path, portal) == ARTICLES
    assert rows(path, "SELECT count(*) FROM revisions") == revisions
    site.edited = True
    crawl()
    assert listed(path, portal) == ARTICLES, "the copy was read before the original, and said something new"
    assert broken(path) == []
    ended = tangthu("clean", "--archive", path)
    assert ended.code == 0, ended.err
    assert listed(path, portal) == ARTICLES


def test_an_article_that_is_no_longer_shown_without_a_reason_is_found_by_verify(crawled):
    path, *_ = crawled
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("DELETE FROM aliases WHERE reason = 'same text'")
    assert {f.check for f in broken(path)} == {"search"}


def test_an_article_that_has_moved_is_listed_where_it_is_now(crawled):
    path, portal, site, crawl = crawled
    site.moved = True
    crawl()
    assert listed(path, portal) == ARTICLES - {"/cu/9"} | {"/moi/9"}
    with Reader.open(path) as reader:
        assert [c.status for c in reader.find(portal.url("/cu/9"))] == [200, 404]
    assert broken(path) == []
