"""A scheduled run is killed at random instants, and resumed by its schedule: the same captures as undisturbed, none twice, none missing.

The suite makes 10 kills, `make soak` 100. The run is one that asks for what is due, on the shared clock of the daemon that starts it.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from conftest import SOAK
from simulated import BEGIN, Keeper, Simulated
from timed_crawl import Nursery

from archive import Depositor, Reader
from archive.audit.findings import Verdict
from archive.audit.verify import verify
from archive.calendar import PATIENCE
from archive.model import Schedule
from crawler.daemon import Daemon
from crawler.sample import SamplePortal, profiles

KILLS = 100 if SOAK else 10
HOST = "cong-drupal.tinh-mau.example"
LATER = 95 * 86400  # everything is due again
pytestmark = [pytest.mark.soak] if SOAK else []


def captured(path, first_run):
    """What the scheduled run kept, robots.txt aside: (address, status, payload digest) with how often."""
    with Reader.open(path) as reader:
        return Counter(
            (c.url, c.status, c.payload_digest) for c in reader.captures() if c.run >= first_run and not c.url.endswith("/robots.txt")
        )


class World:
    """An archive after a first crawl, ninety-five days later; each `live` gives a copy of it to a daemon."""

    def __init__(self, folder, portal, nursery):
        self.folder, self.portal, self.nursery, self.numbers = folder, portal, nursery, 0
        self.base = folder / "base.db"
        options = ["--own-host", "--set", "READING_PROCESSES=0", "--resolve", f"{HOST}=127.0.0.1:{portal.port}"]
        options += [w for file in profiles() for w in ("--profile", str(file))]
        with Keeper(folder / "clock-0") as keeper:
            crawl = self.nursery.start(keeper, ["crawl", "mau-drupal", *options, "--archive", self.base])
            while crawl.poll() is None:
                time.sleep(0.01)
            assert crawl.poll() == 0
        with Depositor.open(self.base, now=lambda: BEGIN) as depositor:
            depositor.schedule(Schedule("mau-drupal", "mau-drupal", BEGIN, every=LATER, options=tuple(options))).result()

    def live(self, kill=None):
        """Let the daemon do what is due; `kill` is called with its crawl while it is at work, and makes the next one necessary."""
        self.numbers += 1
        path, clock_file = self.folder / f"{self.numbers}.db", self.folder / f"clock-{self.numbers}"
        shutil.copyfile(self.base, path)
        with Keeper(clock_file) as keeper:
            keeper.shared.now = LATER + 3600.0
            clock = Simulated(clock_file, keeper.place())
            started = []

            def start(schedule):
                started.append(self.nursery.start(keeper, ["crawl", schedule.target, "--due", *schedule.options, "--archive", path]))
                return started[-1]

            daemon = Daemon(path, start, clock)
            daemon.step()
            assert len(started) == 1
            if kill is not None:
                kill(started[0])
            until = clock.now() + timedelta(hours=2)
            while clock.now() < until:
                daemon.step()
                clock.wait(PATIENCE)
            clock.leave()
            assert all(crawl.poll() is not None for crawl in started)
        return path, [crawl.poll() for crawl in started]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills")
    with SamplePortal() as portal, Nursery(folder / "log") as nursery:
        yield World(folder, portal, nursery)


@pytest.fixture(scope="module")
def whole(world):
    """What the undisturbed run captured, how many requests it sent, and how long it took."""
    before, begun = len(world.portal.log), time.monotonic()
    path, codes = world.live()
    assert codes == [0]
    kept = captured(path, 2)
    assert len(kept) > 20
    assert max(kept.values()) == 1
    return kept, len(world.portal.log) - before, time.monotonic() - begun


def instants():
    dice = random.Random(20261125)
    for number in range(KILLS):
        # Half of them by what the server was asked so far, half by time alone: start and end of a run are instants too.
        yield pytest.param(number % 2 == 0, round(dice.random(), 3), id=f"{number}")


@pytest.mark.parametrize(("by_requests", "share"), list(instants()))
def test_a_killed_scheduled_run_is_resumed_to_the_same_captures(world, whole, by_requests, share):
    kept, requests, seconds = whole
    before = len(world.portal.log)

    def kill(crawl):
        goal, until = before + int(share * requests), time.monotonic() + (60 if by_requests else share * seconds)
        while time.monotonic() < until and crawl.poll() is None and not (by_requests and len(world.portal.log) > goal):
            time.sleep(0.0005)
        if crawl.poll() is None:
            os.kill(crawl.process, signal.SIGKILL)
        while crawl.poll() is None:
            time.sleep(0.001)

    path, codes = world.live(kill)
    assert codes in ([-signal.SIGKILL, 0], [-signal.SIGKILL], [0]), "killed and resumed; or all was done, or it was over before"
    assert captured(path, 2) == kept
    with Reader.open(path) as reader:
        outcomes = [run["outcome"] for run in reader.runs()][1:]
    assert outcomes in (["interrupted", "finished"], ["finished"]), "a kill before the run began leaves no trace"
    assert [f for f in verify(path) if f.verdict is Verdict.BROKEN] == []
    assert not path.with_name(path.name + "-wal").exists()
    path.unlink()
