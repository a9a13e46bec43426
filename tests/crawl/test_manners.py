"""robots.txt as RFC 9309 has it: what its answer lets us ask for, and that each refusal is kept as a fact."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from damaged.damages import sql
from running import tangthu
from server import Portal

from archive import Reader
from archive.audit.findings import Verdict
from archive.audit.verify import verify
from crawler.pace import retry_after

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s"
RULES = b"User-agent: *\nDisallow: /\n\nUser-agent: tangthu\nDisallow: /kin/\nAllow: /kin/mo\n"


def text(body, status=b"200 OK", *fields):
    return b"\r\n".join([b"HTTP/1.1 " + status, *fields, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body


@pytest.fixture
def portal():
    with Portal() as portal:
        page = b'<a href="/kin/a"><a href="/kin/mo"><a href="/b">'
        portal.on("/", PAGE % (len(page), page))
        portal.on("*", text(b"tin"))
        yield portal


def crawl(portal, tmp_path, *more):
    ended = tangthu(
        "crawl", portal.url(), "--own-host", "--archive", tmp_path / "a.db", "--set", "RETRY_WAIT=0.01", "--set",
        "DOWNLOAD_TIMEOUT=1", *more,
    )  # fmt: skip
    return ended, [hit.path for hit in portal.hits()]


def refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as conn:
        return dict(conn.execute("SELECT url, detail FROM refusals WHERE reason = 'robots'").fetchall())


def test_the_group_that_names_us_counts_and_the_longest_rule_wins(portal, tmp_path):
    portal.on("/robots.txt", text(RULES))
    ended, asked = crawl(portal, tmp_path)
    assert ended.code == 0, ended.err
    assert sorted(asked) == ["/", "/b", "/kin/mo", "/robots.txt"]
    assert refused(tmp_path) == {portal.url("/kin/a"): f"{portal.url('/robots.txt')} disallows it: Disallow: /kin/"}


def broken(path):
    return [(f.check, f.subject) for f in verify(path) if f.verdict is Verdict.BROKEN]


def test_what_was_decided_is_kept_told_and_decided_again_from_the_kept_file(portal, tmp_path):
    portal.on("/robots.txt", text(RULES))
    crawl(portal, tmp_path)
    path = tmp_path / "a.db"
    assert broken(path) == []
    told = {name: tangthu("why", "--archive", path, portal.url(name)).out for name in ("/kin/a", "/kin/mo", "/b")}
    assert "kept out by" in told["/kin/a"]
    assert "line 5, group tangthu" in told["/kin/a"]
    assert "let in by" in told["/kin/mo"]
    assert "line 6, group tangthu" in told["/kin/mo"]
    assert "no line forbids it" in told["/b"]
    (ruling,) = json.loads(tangthu("why", "--archive", path, "--json", portal.url("/kin/a")).out)["robots"]
    with Reader.open(path) as reader:
        assert reader.capture(ruling["record_id"]).url == portal.url("/robots.txt")
    for url, change in (
        ("/b", "UPDATE captures SET robots_line = 5 WHERE url = ?"),
        ("/kin/a", "UPDATE refusals SET robots_line = 6 WHERE url = ?"),
        ("/kin/a", "UPDATE captures SET url = ?, key = 'x' WHERE url LIKE '%/kin/mo'"),
    ):
        changed = tmp_path / "changed.db"
        shutil.copy(path, changed)
        sql(changed, change.replace("?", f"'{portal.url(url)}'"))
        assert ("robots", portal.url(url)) in broken(changed), change


def test_an_article_says_what_let_it_in_and_what_is_not_there_what_kept_it_out(portal, tmp_path):
    portal.on("/robots.txt", text(RULES))
    article = f"<h1>Hội nghị thành phố Huế</h1><p>{'Sáng nay hội nghị bàn về việc đón khách. ' * 20}</p>".encode()
    portal.on("/kin/mo", PAGE % (len(article), article))
    crawl(portal, tmp_path)
    path = tmp_path / "a.db"
    shown = tangthu("show", "--archive", path, portal.url("/kin/mo"))
    assert shown.code == 0, shown.err
    (line,) = [line for line in shown.out.splitlines() if line.startswith("robots, ")]
    with Reader.open(path) as reader:
        (rules,) = reader.find(portal.url("/robots.txt"))
    assert f"let in by {portal.url('/robots.txt')}" in line
    assert "line 6, group tangthu" in line
    assert rules.record_id in line
    missing = tangthu("show", "--archive", path, portal.url("/kin/a"))
    assert missing.code == 2
    assert "kept out by" in missing.err
    assert "line 5, group tangthu" in missing.err
    assert rules.record_id in missing.err
    assert "robots, " not in tangthu("show", "--archive", path, portal.url("/nowhere")).err


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://tep.tinh-mau.example/robots.txt", "data:text/plain,Disallow"])
def test_rules_that_lead_off_the_web_are_not_followed_and_that_is_kept(portal, tmp_path, target):
    portal.on("/robots.txt", text(b"", b"302 Found", b"Location: " + target.encode()))
    assert "/kin/a" in crawl(portal, tmp_path)[1]
    with closing(sqlite3.connect(tmp_path / "a.db")) as conn:
        assert conn.execute("SELECT url, detail FROM refusals WHERE reason = 'scheme'").fetchall() == [(target, target.partition(":")[0])]
        assert conn.execute("SELECT verdict, detail FROM robots").fetchone() == ("none", f"it leads to {target.partition(':')[0]}:")
    assert broken(tmp_path / "a.db") == []


def test_at_least_500_kib_are_read_and_no_rule_of_them_is_missed(portal, tmp_path):
    """RFC 9309, section 2.5: the line that keeps us out stands in the last of 500 KiB; beyond one MiB nothing is read."""
    head = b"User-agent: *\n"
    last = b"Disallow: /kin/\n"
    filler = b"# %s\n" % (b"x" * 98)
    whole = head + filler * ((500 * 1024 - len(head) - len(last)) // len(filler)) + last
    beyond = whole + filler * (600 * 1024 // len(filler)) + b"Disallow: /b\n"
    portal.on("/robots.txt", text(beyond))
    asked = crawl(portal, tmp_path)[1]
    assert "/kin/a" not in asked
    assert "/b" in asked
    assert broken(tmp_path / "a.db") == []


@pytest.mark.parametrize("status", [b"404 Not Found", b"403 Forbidden", b"401 Unauthorized", b"410 Gone"])
def test_no_rules_allow_everything(portal, tmp_path, status):
    portal.on("/robots.txt", text(b"User-agent: *\nDisallow: /\n", status))
    assert sorted(crawl(portal, tmp_path)[1]) == ["/", "/b", "/kin/a", "/kin/mo", "/robots.txt"]


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (text(b"", b"500 Loi"), "answered 500"),
        (text(b"", b"503 Ban"), "answered 503"),
        (text(b"", b"429 Cham thoi"), "answered 429"),
        (b"", "did not answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nUser-agent: *\n", "did not come whole"),
        (lambda wire: wire.stall(), "did not answer"),
        (b"khong phai HTTP", "did not answer"),
        (text(b"", b"302 Found", b"Location: /dut"), "/dut did not answer"),
    ],
    ids=["500", "503", "429", "closed", "cut off", "stalled", "no HTTP", "moved to nowhere"],
)
def test_rules_that_cannot_be_had_mean_stay_out(portal, tmp_path, script, says):
    portal.on("/robots.txt", script)
    portal.on("/dut", b"")
    ended, asked = crawl(portal, tmp_path)
    assert set(asked) - {"/dut"} == {"/robots.txt"}
    assert ended.code == 1, ended.err
    ((url, detail),) = refused(tmp_path).items()
    assert url == portal.url()
    assert says in detail
    assert broken(tmp_path / "a.db") == []
    known = json.loads(tangthu("why", "--archive", tmp_path / "a.db", "--json", portal.url()).out)
    assert [refusal["reason"] for refusal in known["refusals"]] == ["robots"]


def test_a_host_that_is_dead_is_left_alone(tmp_path):
    portal = Portal()
    portal.close()
    ended, _ = crawl(portal, tmp_path)
    assert ended.code == 1
    assert "did not answer" in refused(tmp_path)[portal.url()]


def test_redirected_rules_are_followed_up_to_five_times(portal, tmp_path):
    portal.on("/robots.txt", text(b"", b"301 Moved", b"Location: /r/1"))
    for number in range(1, 5):
        portal.on(f"/r/{number}", text(b"", b"302 Found", b"Location: /r/%d" % (number + 1)))
    portal.on("/r/5", text(b"User-agent: *\nDisallow: /b\n"))
    asked = crawl(portal, tmp_path)[1]
    assert [path for path in asked if path.startswith("/r")] == ["/robots.txt", *(f"/r/{n}" for n in range(1, 6))]
    assert "/b" not in asked
    assert "/kin/a" in asked


def test_rules_that_redirect_for_ever_count_as_none(portal, tmp_path):
    portal.on("/robots.txt", text(b"", b"301 Moved", b"Location: /robots.txt"))
    asked = crawl(portal, tmp_path)[1]
    assert asked.count("/robots.txt") == 6
    assert "/kin/a" in asked


def test_compressed_rules_are_read(portal, tmp_path):
    portal.on("/robots.txt", text(gzip.compress(RULES), b"200 OK", b"Content-Encoding: gzip"))
    assert "/kin/a" not in crawl(portal, tmp_path)[1]


def test_a_page_in_the_place_of_the_rules_says_nothing(portal, tmp_path):
    portal.on("/robots.txt", text(b"<!doctype html><title>User-agent: *\nDisallow: /\n</title>"))
    assert "/kin/a" in crawl(portal, tmp_path)[1]


def test_a_crawl_delay_is_kept_between_requests(portal, tmp_path):
    portal.on("/robots.txt", text(b"User-agent: *\nCrawl-delay: 0.4\n"))
    ended, _ = crawl(portal, tmp_path)
    assert ended.code == 0, ended.err
    with closing(sqlite3.connect(tmp_path / "a.db")) as conn:
        begun = [datetime.fromisoformat(t) for (t,) in conn.execute("SELECT time FROM captures ORDER BY time")]
    assert len(begun) == 5
    assert min(later - earlier for earlier, later in pairwise(begun)) >= timedelta(seconds=0.39)


@pytest.mark.parametrize("status", [b"503 Ban", b"429 Cham thoi"])
def test_a_host_that_names_a_time_is_left_alone_until_then(portal, tmp_path, status):
    answers = iter([text(b"", status, b"Retry-After: 1")])
    portal.on("/b", lambda wire: wire.send(next(answers, text(b"tin"))))
    page = b'<a href="/b">' + b"".join(b'<a href="/n%d">' % n for n in range(8))
    portal.on("/", PAGE % (len(page), page))
    ended, asked = crawl(portal, tmp_path, "--set", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    assert ended.code == 0, ended.err
    assert asked.count("/b") == 2
    with closing(sqlite3.connect(tmp_path / "a.db")) as conn:
        begun = [(u, datetime.fromisoformat(t)) for u, t in conn.execute("SELECT url, time FROM captures ORDER BY time")]
    refused = next(at for url, at in begun if url.endswith("/b"))
    assert [url for url, at in begun if refused < at < refused + timedelta(seconds=0.95)] == [], "nothing is asked of it meanwhile"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (b"120", 120), (b" 5 ", 5), (b"Wed, 25 Nov 2026 03:10:00 GMT", 600), (b"999999999", 86400), (b"9" * 400, None),
        (b"Wed, 25 Nov 2020 03:10:00 GMT", 0), (b"mai", None), (b"-3", None), (None, None), (b"", None), (b"\xb2", None), (b"Wed, 99 Nov 2026", None),
    ],
)  # fmt: skip
def test_when_a_server_wants_to_be_asked_again(said, seconds):
    now = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
    assert retry_after(said, now) == (None if seconds is None else now + timedelta(seconds=seconds))


def test_one_at_a_time_is_kept_without_a_delay(portal, tmp_path):
    """Scrapy 2.19 by itself starts all ten at once."""
    lock, together, now = threading.Lock(), threading.Event(), []

    def slow(wire):
        with lock:
            now.append(wire)
            if len(now) > 1:
                together.set()
        together.wait(0.05)
        wire.send(text(b"tin"))
        with lock:
            now.remove(wire)

    page = b"".join(b'<a href="/n%d">' % n for n in range(10))
    portal.on("/", PAGE % (len(page), page))
    portal.on("*", slow)
    ended, asked = crawl(portal, tmp_path, "--set", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    assert ended.code == 0, ended.err
    assert len(asked) == 12
    assert not together.is_set()
