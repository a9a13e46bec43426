"""A robots.txt counts for a day, by the simulated clock: longer nothing is asked for on its word, whatever a host makes us wait."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from email.utils import format_datetime

import pytest
from server import Portal
from simulated import Keeper
from timed_crawl import Nursery

from archive.audit.findings import Verdict
from archive.audit.verify import verify
from crawler.manners import FRESH

HOST = "cong.tinh-mau.example"
FIRST = b"User-agent: *\nCrawl-delay: 300\nDisallow: /kin/\n"


def answer(body, status=b"200 OK", *fields):
    return b"\r\n".join([b"HTTP/1.1 " + status, *fields, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body


@pytest.fixture(scope="module")
def nursery(tmp_path_factory):
    with Nursery(tmp_path_factory.mktemp("robots") / "log") as nursery:
        yield nursery


class Asked:
    """A host of one's own time: what it was asked, and when, in seconds. `robots` are its robots.txt, one after the other, the last for ever."""

    def __init__(self, portal, keeper, robots, pages, busy=None):
        self.log, self._keeper, self._robots, self._busy = [], keeper, list(robots), busy
        tin = b"".join(b'<a href="/%d">tin</a>' % number for number in range(pages))
        page = b'<a href="/kin/1">kin</a><a href="/mo/1">mo</a>' + tin
        portal.on("/", self.told(answer(page, b"200 OK", b"Content-Type: text/html")))
        portal.on("/robots.txt", self.rules)
        portal.on(f"/{pages - 1}", self.told(answer(b'<a href="/mo/2">mo</a>', b"200 OK", b"Content-Type: text/html")))
        portal.on("*", self.told(answer(b"tin", b"200 OK", b"Content-Type: text/plain")))

    def told(self, data):
        def say(wire):
            self.log.append((self._keeper.shared.now, wire.hit.path))
            wire.send(self._busy(self._keeper) if self._busy and wire.hit.path == "/0" and self.times("/0") == 1 else data)

        return say

    def rules(self, wire):
        self.log.append((self._keeper.shared.now, "/robots.txt"))
        wire.send(self._robots.pop(0) if len(self._robots) > 1 else self._robots[0])

    def times(self, path):
        return sum(asked == path for _, asked in self.log)


def crawl(nursery, tmp_path, robots, pages, busy=None):
    with Portal() as portal, Keeper(tmp_path / "clock") as keeper:
        asked = Asked(portal, keeper, robots, pages, busy)
        words = ["crawl", f"http://{HOST}/", "--resolve", f"{HOST}={portal.url().split('/')[2]}", "--set", "READING_PROCESSES=0"]
        run = nursery.start(keeper, [*words, "--archive", tmp_path / "a.db"])
        while run.poll() is None:
            time.sleep(0.005)
    return asked, run.poll()


def refused(path):
    """What was kept out, and by which robots.txt, the first being 1."""
    with closing(sqlite3.connect(path)) as conn:
        return dict(conn.execute("SELECT url, robots FROM refusals WHERE reason = 'robots'").fetchall())


def kept_no_longer_than_a_day(asked):
    rules = None
    for at, path in asked.log:
        if path == "/robots.txt":
            rules = at
        else:
            assert rules is not None
            assert at - rules <= FRESH, path
    return True


def test_after_a_day_it_is_asked_for_again_and_the_new_one_counts(nursery, tmp_path):
    later = answer(b"User-agent: *\nCrawl-delay: 300\nDisallow: /mo/\n")
    # 300 pages at 300 seconds each.
    asked, code = crawl(nursery, tmp_path, [answer(FIRST), later], 300)
    assert code == 0
    assert kept_no_longer_than_a_day(asked)
    rules = [at for at, path in asked.log if path == "/robots.txt"]
    assert len(rules) == 2
    assert FRESH < rules[1] - rules[0] < FRESH + 600, "not before its day is over"
    assert next(at for at, path in asked.log if path == "/299") > rules[1]
    assert {f"/{number}" for number in range(300)} <= {path for _, path in asked.log}
    assert not asked.times("/kin/1")
    assert (asked.times("/mo/1"), asked.times("/mo/2")) == (1, 0), "what the second forbids was let in by the first"
    assert refused(tmp_path / "a.db") == {f"http://{HOST}/kin/1": 1, f"http://{HOST}/mo/2": 2}
    assert [f for f in verify(tmp_path / "a.db") if f.verdict is Verdict.BROKEN] == []


def test_one_that_cannot_be_had_any_more_ends_the_crawl_of_its_host(nursery, tmp_path):
    asked, code = crawl(nursery, tmp_path, [answer(FIRST), answer(b"", b"500 Loi")], 300)
    assert code == 0
    assert kept_no_longer_than_a_day(asked)
    assert asked.times("/robots.txt") == 2
    last = max(at for at, path in asked.log if path == "/robots.txt")
    assert all(at <= last for at, _ in asked.log), "nothing is asked for after it"
    out = refused(tmp_path / "a.db")
    assert out.pop(f"http://{HOST}/kin/1") == 1
    assert out
    assert set(out.values()) == {2}


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_host_that_makes_us_wait_a_day_is_asked_for_its_rules_before_anything_else(nursery, tmp_path, form):
    """Those that waited for their turn were let in by rules that have grown old meanwhile."""

    def busy(keeper):
        again = b"86400" if form == "seconds" else format_datetime(keeper.now() + timedelta(days=1), usegmt=True).encode()
        return answer(b"", b"503 Ban", b"Retry-After: " + again)

    asked, code = crawl(nursery, tmp_path, [answer(FIRST), answer(b"User-agent: *\nDisallow: /1\n")], 12, busy)
    assert code == 0
    rested = next(at for at, path in asked.log if path == "/0")
    assert [path for at, path in asked.log if rested < at < rested + 86399] == []
    after = [path for at, path in asked.log if at > rested]
    assert after[0] == "/robots.txt"
    assert not any(path.startswith("/1") for path in after), "by the new rules"
    assert asked.times("/0") == 2
    assert {f"/{number}" for number in range(2, 10)} <= {path for _, path in asked.log}
    assert kept_no_longer_than_a_day(asked)
