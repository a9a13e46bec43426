"""Carries schedules out: a loop that starts each due crawl as a process of its own, several side by side, one per portal.

It keeps no state: what is due follows from the archive (schedules and runs) and the clock. So it may be killed at any
instant; crawls that it started go on, and the next daemon sees them in the archive.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from archive import Reader, say
from archive.calendar import PATIENCE, Last, next_due
from archive.errors import ArchiveError
from archive.model import Schedule
from crawler.clock import Clock
from crawler.schedule import due

logger = logging.getLogger(__name__)

# Seconds between two looks at the archive and at the processes; schedules are minutes long.
LOOK = 5.0


class Child(Protocol):
    """A crawl under way in a process of its own."""

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""

    def stop(self) -> None:
        """Ask it to come to a clean end."""


Start = Callable[[Schedule], Child]


@dataclass(frozen=True, slots=True)
class Ended:
    """A crawl that a schedule started and that has ended."""

    schedule: Schedule
    exit_code: int


@dataclass
class Daemon:
    """Runs the schedules of one archive. `parallel` is how many crawls may run at once.

    `ended` is called with each that ends, `looked` after each look at what is due, with the time and the portals that wait for a free place.
    """

    archive: Path
    start: Start
    clock: Clock
    parallel: int = 4
    ended: Callable[[Ended], None] = lambda _: None
    looked: Callable[[datetime, frozenset[str]], None] = lambda _, __: None
    _running: dict[str, tuple[Schedule, Child]] = field(default_factory=dict)
    _tried: dict[str, datetime] = field(default_factory=dict)
    _stopping: bool = False

    def run(self) -> None:
        """Stay up until `stop`, then wait until the crawls under way have come to their clean end."""
        while not self._stopping:
            self.step()
            self.clock.wait(LOOK)
        for _, child in self._running.values():
            child.stop()
        self._wait()

    def once(self) -> list[Ended]:
        """Start all that is due now, and wait for it: for cron and systemd timers. The crawls that ended, in order."""
        gone: list[Ended] = []
        said, self.ended = self.ended, gone.append
        _, waiting = self._look()
        while (waiting or self._running) and not self._stopping:
            self._reap()
            while waiting and len(self._running) < self.parallel:
                self._begin(waiting.pop(0))
            self.clock.wait(LOOK if self._running else 0)
        for _, child in self._running.values():
            child.stop()
        self._wait()
        self.ended = said
        for one in gone:
            said(one)
        return gone

    def stop(self, *_: object) -> None:
        """End the loop; usable as a signal handler."""
        self._stopping = True
        self.clock.wake()

    def step(self) -> None:
        """Look once: take note of what ended, start what is due and has room."""
        self._reap()
        busy, waiting = self._look()
        room = max(0, self.parallel - busy)
        for schedule in waiting[:room]:
            self._begin(schedule)
        self.looked(self.clock.now(), frozenset(schedule.portal for schedule in waiting[room:]))

    def _look(self) -> tuple[int, list[Schedule]]:
        """How many crawls are at work, whoever started them, and what is due besides."""
        now = self.clock.now()
        try:
            schedules, last = standing(self.archive)
        except ArchiveError as problem:
            logger.warning("%s", problem)
            return self.parallel, []
        elsewhere = sum(1 for portal, ran in last.items() if ran.alive and portal not in self._running)
        waiting = [
            s
            for s in due(schedules, last, now)
            if s.portal not in self._running
            and not ((tried := self._tried.get(s.portal)) and tried <= now < tried + timedelta(seconds=PATIENCE))
        ]
        return len(self._running) + elsewhere, waiting

    def _begin(self, schedule: Schedule) -> None:
        self._tried[schedule.portal] = self.clock.now()
        self._running[schedule.portal] = (schedule, self.start(schedule))

    def _reap(self) -> None:
        for portal, (schedule, child) in list(self._running.items()):
            if (code := child.poll()) is not None:
                del self._running[portal]
                self.ended(Ended(schedule, code))

    def _wait(self) -> None:
        while self._running:
            self._reap()
            self.clock.wait(0.2)


def standing(archive: Path) -> tuple[list[Schedule], dict[str, Last]]:
    """The schedules of an archive, and each portal's last crawl."""
    with Reader.open(archive) as reader:
        return reader.schedules(), {run["portal"]: Last.of(run) for run in reader.runs() if run["kind"] == "crawl"}


def calendar(archive: Path, now: datetime) -> list[dict[str, Any]]:
    """What `schedule list` says: each schedule with its last run and when it is due next."""
    schedules, last = standing(archive)
    return [
        {
            "portal": s.portal,
            "target": s.target,
            "cron": s.cron,
            "every": s.every,
            "zone": s.zone,
            "options": list(s.options),
            "paused": s.paused,
            "last_run": ran.started.isoformat() if (ran := last.get(s.portal)) else None,
            "running": bool(ran and ran.alive),
            "next_due": None if s.paused else next_due(s, ran, now).isoformat(),
        }
        for s in schedules
    ]


class Process:
    """A crawl as `tangthu crawl` makes it."""

    def __init__(self, schedule: Schedule, archive: Path, further: Sequence[str] = ()) -> None:
        command = [sys.executable, "-m", "crawler", "crawl", schedule.target, "--due", *schedule.options, "--archive", str(archive), *further]
        logger.warning(say("{portal}: crawl started", portal=schedule.portal))
        # In a session of its own: a Ctrl-C meant for the daemon would reach it too, and two of them end a crawl uncleanly.
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def stop(self) -> None:
        """Ask it to come to a clean end."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
