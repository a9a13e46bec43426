"""A clock that several processes share and that goes on only while all of them wait: waiting is what makes time go by.

The clock is a file of numbers that all have mapped: the time, and for each that takes part until when it has nothing to do (`BUSY`: it is at work).
A keeper in the test's process moves the time to the next instant somebody waits for, once nobody is at work. Whoever starts a process takes a place
for it beforehand, so that no time goes by while it starts; the place of a process that has died is free again.
"""

from __future__ import annotations

import heapq
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.clock import Clock

BEGIN = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # 10:00 in Vietnam
PLACES = 64
BUSY, FREE = -1.0, -2.0
# Real seconds between two looks at the clock.
GLANCE = 0.001
_ENTRY = struct.Struct("dq")  # until, process (0: of the keeper's own process)


class Shared:
    """The mapped file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    @classmethod
    def make(cls, path: Path) -> Self:
        path.write_bytes(struct.pack("d", 0.0) + _ENTRY.pack(FREE, 0) * PLACES)
        return cls(path)

    @property
    def now(self) -> float:
        return float(struct.unpack_from("d", self._map, 0)[0])

    @now.setter
    def now(self, seconds: float) -> None:
        struct.pack_into("d", self._map, 0, seconds)

    def entry(self, place: int) -> tuple[float, int]:
        until, process = _ENTRY.unpack_from(self._map, 8 + place * _ENTRY.size)
        return float(until), int(process)

    def write(self, place: int, until: float, process: int) -> None:
        _ENTRY.pack_into(self._map, 8 + place * _ENTRY.size, until, process)


class Keeper:
    """Moves the time on as long as the block lasts."""

    def __init__(self, path: Path) -> None:
        self.shared = Shared.make(path)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._taking = threading.Lock()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def place(self) -> int:
        """A place for one who is at work from now on."""
        with self._taking:
            number = next(n for n in range(PLACES) if self.shared.entry(n)[0] == FREE)
            self.shared.write(number, BUSY, 0)
            return number

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.shared.now)

    def _keep(self) -> None:
        while not self._over.wait(GLANCE):
            entries = [(n, *self.shared.entry(n)) for n in range(PLACES)]
            for number, until, process in entries:
                if until != FREE and process and not living(process):
                    self.shared.write(number, FREE, 0)
            waiting = [until for _, until, _ in entries if until != FREE]
            # One whose time has come is at work, though he may not know yet.
            if waiting and min(waiting) > self.shared.now:
                self.shared.now = min(waiting)


def living(process: int) -> bool:
    """Whether a process is there and has not ended; one that ended and was not asked for its code is a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Simulated(Clock):
    """The shared clock as one process sees it; `idle` says whether its reactor has nothing under way."""

    def __init__(self, path: Path, place: int, process: int = 0) -> None:
        super().__init__()
        self._shared, self._place, self._process = Shared(path), place, process
        self._timers: list[tuple[float, int, list[Callable[[], object]]]] = []
        self._numbers = count()
        self._shared.write(place, BUSY, process)

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self._shared.now)

    def seconds(self) -> float:
        return self._shared.now

    def wait(self, seconds: float) -> None:
        until = self._shared.now + max(seconds, 0.0)
        self._shared.write(self._place, until, self._process)
        while self._shared.now < until and not self._woken.is_set():
            time.sleep(GLANCE)
        self._woken.clear()
        self._shared.write(self._place, BUSY, self._process)

    def leave(self) -> None:
        """Take part no more."""
        self._shared.write(self._place, FREE, 0)

    def later(self, seconds: float, call: Callable[[], object]) -> Simulated._Timer:
        held = [call]
        heapq.heappush(self._timers, (self._shared.now + max(seconds, 0.0), next(self._numbers), held))
        return self._Timer(held)

    class _Timer:
        def __init__(self, held: list[Callable[[], object]]) -> None:
            self._held = held

        def cancel(self) -> None:
            self._held.clear()

    def look(self, *, idle: bool) -> None:
        """Called again and again in a reactor: what is due is called, and if nothing is under way time may go on."""
        while self._timers and (not self._timers[0][2] or self._timers[0][0] <= self._shared.now):
            _, _, held = heapq.heappop(self._timers)
            if held:
                self._shared.write(self._place, BUSY, self._process)
                held.pop()()
                idle = False
        self._shared.write(self._place, self._timers[0][0] if idle and self._timers else BUSY, self._process)


def of_environment() -> Simulated:
    """The clock that whoever started this process has named in CLOCK: file and place."""
    path, _, place = os.environ["CLOCK"].rpartition(":")
    return Simulated(Path(path), int(place), os.getpid())
