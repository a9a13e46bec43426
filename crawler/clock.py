"""Time and waiting as one thing that is passed in: in a test, waiting is what makes time go by, for a crawl as for the loop that starts crawls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol


class Timer(Protocol):
    """Something that will be called, unless it is cancelled before."""

    def cancel(self) -> None:
        """Do not call it."""


class Clock:
    """The machine's clock. `wait` ends early when `wake` is called, from any thread or signal handler."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def seconds(self) -> float:
        """Seconds since some instant, which no setting of the clock moves."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Let so many seconds go by. Not in a crawl: its reactor would stand still."""
        self._woken.wait(seconds)
        self._woken.clear()

    def wake(self) -> None:
        """End the wait under way, or the next one."""
        self._woken.set()

    def later(self, seconds: float, call: Callable[[], object]) -> Timer:
        """In a crawl: call it in its reactor after so many seconds."""
        from twisted.internet import reactor  # noqa: PLC0415  # importing it installs it

        running: Any = reactor
        timer: Timer = running.callLater(max(0.0, seconds), call)
        return timer
