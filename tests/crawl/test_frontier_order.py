"""The order in which a crawl asks, how often it tries again, and what a budget leaves behind."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import count

import pytest
from exchanges import answer, exchange
from running import tangthu
from server import Portal

from archive import Depositor, Reader
from archive.model import Link
from crawler.portals.profile import of_url

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntin"
BUSY = b"HTTP/1.1 503 Ban\r\nContent-Length: 3\r\n\r\nban"


def page(*markup):
    body = "".join(markup).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@pytest.fixture
def portal():
    with Portal() as portal:
        portal.on("*", OK)
        yield portal


def crawl(portal, path, *more):
    return tangthu(
        "crawl", portal.url(), "--own-host", "--archive", path, "--set", "RETRY_WAIT=0.01", "--set", "CONCURRENT_REQUESTS=1", *more
    )  # fmt: skip


def asked(portal):
    return [hit.path for hit in portal.hits() if hit.path != "/robots.txt"]


def kept(path):
    with Reader.open(path) as reader:
        return [(c.url.rpartition("/")[2], c.status) for c in reader.captures()]


def query(path, sql):
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql).fetchall()


def test_what_a_page_needs_then_pages_as_found_then_documents(portal, tmp_path):
    portal.on(
        "/",
        page(
            '<a href="/b.pdf">',
            '<a href="/c">',
            '<a href="/a">',
            '<img src="/d.png">',
            '<link rel=stylesheet href="/e.css">',
        ),
    )
    assert crawl(portal, tmp_path / "a.db").code == 0
    assert asked(portal) == ["/", "/d.png", "/e.css", "/c", "/a", "/b.pdf"]


def test_an_address_is_asked_once_however_often_it_is_named(portal, tmp_path):
    portal.on("/", page('<a href="/a">', '<a href="/a#x">', '<a href="/b">', '<img src="/d.png">'))
    for path in ("/a", "/b"):
        portal.on(path, page('<a href="/">', '<a href="/a">', '<a href="/b?">', '<img src="/d.png">'))
    assert crawl(portal, tmp_path / "a.db").code == 0
    assert sorted(asked(portal)) == ["/", "/a", "/b", "/d.png"]


def test_what_fails_is_tried_again_and_every_try_is_kept(portal, tmp_path):
    tries = count()
    portal.on("/", lambda wire: wire.send(BUSY if next(tries) < 2 else OK))
    assert crawl(portal, tmp_path / "a.db").code == 0
    assert kept(tmp_path / "a.db") == [("robots.txt", 200), ("", 503), ("", 503), ("", 200)]


@pytest.mark.parametrize(
    ("script", "cause"), [(BUSY, "status 503"), (OK[:-1], "before the answer had ended"), (b"", "closed")]
)
def test_what_keeps_failing_is_given_up_with_the_reason(portal, tmp_path, script, cause):
    portal.on("/", script)
    assert crawl(portal, tmp_path / "a.db", "--set", "RETRY_TIMES=1").code == 1
    assert asked(portal) == ["/", "/"]
    ((detail,),) = query(tmp_path / "a.db", "SELECT detail FROM refusals WHERE reason = 'retries'")
    assert detail.startswith("2 tries, the last: ")
    assert cause in detail


def test_what_no_try_can_mend_is_asked_once(portal, tmp_path):
    portal.on("/", page('<a href="/khong-co">'))
    portal.on("/khong-co", b"HTTP/1.1 404 Khong\r\nContent-Length: 0\r\n\r\n")
    crawl(portal, tmp_path / "a.db")
    assert asked(portal) == ["/", "/khong-co"]


def test_a_spent_budget_names_what_it_left(portal, tmp_path):
    path = tmp_path / "a.db"
    portal.on("/", page(*[f'<a href="/{n}">' for n in range(6)]))
    ended = crawl(portal, path, "--max-pages", "3")
    assert ended.code == 0, ended.err
    assert asked(portal) == ["/", "/0", "/1"]
    assert query(path, "SELECT url, detail FROM refusals WHERE reason = 'budget' ORDER BY id") == [
        (portal.url(f"/{n}"), "--max-pages 3 reached; 4 addresses were left") for n in range(2, 6)
    ]
    known = json.loads(tangthu("why", "--archive", path, "--json", portal.url("/5")).out)
    assert [(refusal["reason"], refusal["detail"]) for refusal in known["refusals"]] == [
        ("budget", "--max-pages 3 reached; 4 addresses were left")
    ]
    with Reader.open(path) as reader:
        assert [(run["outcome"], run["detail"]) for run in reader.runs()] == [("finished", "--max-pages 3 reached")]


def test_a_budget_that_leaves_much_names_a_hundred(portal, tmp_path):
    path = tmp_path / "a.db"
    portal.on("/", page(*[f'<a href="/{n}">' for n in range(150)]))
    crawl(portal, path, "--max-pages", "1")
    refused = [url for (url,) in query(path, "SELECT url FROM refusals WHERE reason = 'budget' ORDER BY id")]
    assert refused == [portal.url(f"/{n}") for n in range(100)]
    ((detail,),) = query(path, "SELECT DISTINCT detail FROM refusals WHERE reason = 'budget'")
    assert detail == "--max-pages 1 reached; 150 addresses were left"


def test_tries_are_counted_over_a_kill(portal, tmp_path):
    """A visit kept and not settled when the crawl was killed has been tried once, not twice."""
    path = tmp_path / "a.db"
    portal.on("/", BUSY)
    with Depositor.open(path) as depositor:
        run = depositor.begin(of_url(portal.url()).code, starts=[Link(portal.url())], warcinfo={})
        (visit,) = depositor.due(run, 1).result()
        depositor.deposit(run, exchange(answer(b"ban", status=b"503 Ban"), url=portal.url()), visit).result()
    crawl(portal, path, "--set", "RETRY_TIMES=1")
    assert asked(portal) == ["/"]
