"""Crawls side by side, each a process of its own, ask an address range one at a time and no faster than each of them alone would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise

import pytest
from running import environment
from still import Still
from twisted.internet.defer import Deferred

from crawler.pace import Pace
from crawler.ranges import LOOK, Ranges

IPS = ("8.8.8.8", "8.8.8.9")
AREA = "8.8.8.0/24"


class Crawls:
    """Several crawls with one clock; `begun` is when something was asked, and by which of them, `most` how many at once."""

    def __init__(self, folder, leasts, ips=IPS):
        self.clock, self.begun, self.most, self.now = Still(), [], 0, 0
        self.paces = [Pace(self.clock, least, 1, adaptive=False, ranges=Ranges(folder)) for least in leasts]
        self.ips = ips

    def ask(self, crawl, took=0.5, status=200, again=None):
        async def one():
            async with self.paces[crawl].turn(f"cong-{crawl}.example") as turn:
                self.begun.append((self.clock.seconds(), crawl))
                self.now += 1
                self.most = max(self.most, self.now)
                answered = Deferred()
                self.clock.later(took, lambda: answered.callback(None))
                await answered
                self.now -= 1
                turn.ip, turn.status = self.ips[crawl % len(self.ips)], status
                if again is not None:
                    turn.again = self.clock.now() + timedelta(seconds=again)

        Deferred.fromCoroutine(one())


def after_the_first(crawls, each):
    """The range shows with the first answer of each crawl; then so many requests of each."""
    for crawl in range(len(crawls.paces)):
        crawls.ask(crawl)
    crawls.clock.go_on(60)
    crawls.begun.clear()
    crawls.most = 0
    for crawl in range(len(crawls.paces)):
        for _ in range(each):
            crawls.ask(crawl)


def test_crawls_of_one_range_take_turns(tmp_path):
    crawls = Crawls(tmp_path / "r", [2.0, 2.0, 3.0])
    after_the_first(crawls, 20)
    crawls.clock.go_on()
    assert sorted(crawl for _, crawl in crawls.begun) == [0] * 20 + [1] * 20 + [2] * 20
    assert crawls.most == 1
    assert all(later - earlier >= (3.0 if crawl == 2 else 2.0) for (earlier, _), (later, crawl) in pairwise(crawls.begun))
    assert crawls.begun[-1][0] < 60 + 60 * (3.0 + LOOK), "and nobody waits for ever"


def test_a_long_answer_holds_the_others_up(tmp_path):
    crawls = Crawls(tmp_path / "r", [2.0, 2.0])
    after_the_first(crawls, 0)
    crawls.ask(0, took=30)
    crawls.ask(1)
    crawls.clock.go_on()
    (first, _), (second, _) = crawls.begun
    assert second >= first + 30
    assert crawls.most == 1


def test_what_one_is_told_to_wait_the_others_wait_too(tmp_path):
    crawls = Crawls(tmp_path / "r", [2.0, 2.0])
    after_the_first(crawls, 0)
    crawls.ask(0, took=1, status=503, again=600)
    crawls.clock.go_on(62)
    crawls.ask(1)
    crawls.clock.go_on()
    (first, _), (second, crawl) = crawls.begun
    assert crawl == 1
    assert second >= first + 601


@pytest.mark.parametrize("ips", [("127.0.0.1",), ("10.0.0.1",), ("8.8.8.8", "8.8.9.8")])
def test_what_is_nobodys_or_another_range_is_asked_at_the_same_time(tmp_path, ips):
    crawls = Crawls(tmp_path / "r", [2.0, 2.0], ips)
    after_the_first(crawls, 10)
    crawls.clock.go_on()
    assert crawls.most == 2


def test_a_killed_crawl_holds_nobody_up(tmp_path):
    code = f"import sys, time; from pathlib import Path; from crawler.ranges import Ranges; r = Ranges(Path(sys.argv[1])); r.usable(); print(r.take({AREA!r}, 2.0, 1000.0), flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "r")], stdout=subprocess.PIPE, text=True, env=environment()) as other:
        assert other.stdout.readline() == "0.0\n"
        ranges = Ranges(tmp_path / "r")
        assert ranges.usable()
        assert ranges.take(AREA, 2.0, 1100.0) == LOOK
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        assert ranges.take(AREA, 2.0, 1001.5) == 0.5, "when it asked last is known"
        assert ranges.take(AREA, 2.0, 1002.0) == 0.0
        ranges.give_back(AREA)
        assert ranges.take(AREA, 2.0, 5.0) == 2.0, "by a clock that was set back nobody waits longer than the delay"


@pytest.mark.parametrize("spoil", ["others may write", "a file"])
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path, spoil):
    folder = tmp_path / "r"
    if spoil == "a file":
        folder.write_text("")
    else:
        folder.mkdir()
        folder.chmod(0o777)
    crawls = Crawls(folder, [2.0, 2.0])
    after_the_first(crawls, 5)
    crawls.clock.go_on()
    assert len(crawls.begun) == 10
    assert not Ranges(folder).usable()
