"""Time and waiting as one thing that is passed in: in a test, waiting is what makes time go by."""

from __future__ import annotations

import threading
from datetime import UTC, datetime


class Clock:
    """The machine's clock. `wait` ends early when `wake` is called, from any thread or signal handler."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        """Let so many seconds go by."""
        self._woken.wait(seconds)
        self._woken.clear()

    def wake(self) -> None:
        """End the wait under way, or the next one."""
        self._woken.set()
