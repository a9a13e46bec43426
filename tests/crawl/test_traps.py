"""Traps on a real server: each costs its small budget, every address left out has a row, and nothing of the portal is missed."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
from running import tangthu
from server import Portal

from crawler.spiders.budgets import FRUITLESS, PIECES, TOGETHER, shape_of

SENTENCE = "Sáng nay, tại trụ sở Ủy ban nhân dân tỉnh Mẫu, lãnh đạo tỉnh làm việc với đoàn công tác số {0} về kế hoạch năm tới của xã thứ {0}. "
PAGES = 6


def html(title, body, head=""):
    page = f'<!doctype html><html lang="vi"><head><title>{title}</title>{head}</head><body>{body}</body></html>'.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)


def article(number, head=""):
    words = "".join(f"<p>{SENTENCE.format(f'{number}-{line}')}</p>" for line in range(6))
    return html(f"Bài {number}", f"<article><h1>Bài số {number}</h1>{words}</article><a href='/sao/bai-{number}'>Bản in</a>", head)


def answer(target):
    """The portal: six articles, and beside them a calendar, facets, suffixes without end and copies of pages."""
    parts = urlsplit(target)
    path, query = parts.path, parse_qs(parts.query)
    if path == "/":
        links = "".join(f'<a href="/tin/bai-{n}?utm_source=trang-chu">Bài {n}</a><a href="/tin/bai-{n}">{n}</a>' for n in range(PAGES))
        return html("Tỉnh Mẫu", f'{links}<a href="/lich?thang=1">Lịch</a><a href="/du-lieu">Dữ liệu</a><a href="/gioi-thieu/vi">VI</a>'
                    '<a href="/mat/mot">một</a><a href="/cu?b=2&a=1">1</a><a href="/cu?a=1&b=2">2</a>')  # fmt: skip
    if path.startswith("/tin/bai-"):
        return article(path.rpartition("-")[2])
    if path.startswith("/sao/bai-"):
        return article(path[9:], f'<link rel="canonical" href="/tin/bai-{path[9:]}">')
    if path == "/cu":
        return html("Cũ", '<p>Trang cũ.</p><link rel="canonical" href="/tin/bai-2">')
    if path == "/lich":
        month = int(query["thang"][0])
        return html(f"Lịch tháng {month}", f"<p>Tháng {month}: không có sự kiện.</p><a href='/lich?thang={month + 1}'>tháng sau</a>")
    if path == "/du-lieu":
        names = ("tags", "groups", "organization", "res_format", "license", "limit")
        links = "".join(f'<a href="?{parts.query}&{name}={value}">{name}</a>' for name in names for value in range(9))
        return html("Dữ liệu", f"<p>Không có tập dữ liệu nào.</p>{links}")
    if path.startswith("/gioi-thieu"):
        return html("Giới thiệu", f'<p>Giới thiệu tỉnh Mẫu.</p><a href="{path}/en">EN</a><a href="{path}/vi">VI</a>')
    if path.startswith("/mat/"):
        return html("Thông báo", "<h1>Không tìm thấy trang</h1><p>Không tìm thấy nội dung được yêu cầu. Mời quay lại trang chủ của cổng thông tin.</p>")
    return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    path = tmp_path_factory.mktemp("bay") / "a.db"
    with Portal() as portal:
        portal.on("*", lambda wire: wire.send(answer(wire.hit.path)))
        ended = tangthu("crawl", portal.url(), "--own-host", "--archive", path, "--max-pages", "3000")
        assert ended.code == 0, ended.err
        yield path, [hit.path for hit in portal.hits()], portal


def rows(path, sql):
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql).fetchall()


def test_no_trap_costs_more_than_its_budget(crawled):
    _, asked, portal = crawled
    # Sixteen are asked for at a time; each trap has thousands of addresses. A page that brought something pays for one that does not.
    assert sum(hit.startswith("/lich") for hit in asked) == FRUITLESS + 1
    assert sum(hit.startswith("/du-lieu") for hit in asked) <= FRUITLESS * TOGETHER + 2 * PIECES
    shapes = Counter(shape_of(portal.url(hit)) for hit in asked if hit.startswith("/gioi-thieu"))
    assert all(count <= FRUITLESS + 2 for count in shapes.values()), shapes


def test_every_article_is_there_once_and_what_is_none_is_not(crawled):
    path, asked, portal = crawled
    kept = {url.removeprefix(portal.url().rstrip("/")) for (url,) in rows(path, "SELECT url FROM articles")}
    assert kept == {f"/tin/bai-{n}" for n in range(PAGES)}
    assert not any("utm_" in hit for hit in asked)
    assert sum(hit.startswith("/cu?") for hit in asked) == 1


def test_what_was_left_out_has_a_row_with_its_reason(crawled):
    path, asked, portal = crawled
    reasons = dict(rows(path, "SELECT reason, count(*) FROM refusals GROUP BY reason"))
    assert reasons["soft-404"] == 1
    assert reasons["trap"] >= 3
    assert {reason for (reason,) in rows(path, "SELECT DISTINCT reason FROM aliases")} == {"query", "order", "same text"}
    told = json.loads(tangthu("why", "--archive", path, "--json", portal.url("/tin/bai-1?utm_source=trang-chu")).out)
    assert [(a["canonical"], a["reason"]) for a in told["aliases"] if "utm" in a["url"]] == [(portal.url("/tin/bai-1"), "query")]
    assert "stands for" in tangthu("why", "--archive", path, portal.url("/sao/bai-1")).out
    trapped = next(url for (url,) in rows(path, "SELECT url FROM refusals WHERE reason = 'trap'"))
    assert trapped.removeprefix(portal.url().rstrip("/")) not in asked
    assert "brought nothing new" in tangthu("why", "--archive", path, trapped).out


def test_canonical_alone_is_never_believed(crawled):
    """/cu says that it is bai-2, and says something else."""
    path, _, portal = crawled
    assert rows(path, f"SELECT * FROM aliases WHERE reason = 'same text' AND url LIKE '{portal.url()}cu%'") == []
    assert len(rows(path, f"SELECT * FROM aliases WHERE reason = 'same text' AND url = '{portal.url('/sao/bai-1')}'")) == 1


def test_what_is_no_article_does_not_become_one_when_all_is_cleaned_again(crawled):
    path, _, _ = crawled
    before = rows(path, "SELECT url FROM articles ORDER BY url")
    ended = tangthu("clean", "--archive", path)
    assert ended.code == 0, ended.err
    assert rows(path, "SELECT url FROM articles ORDER BY url") == before
