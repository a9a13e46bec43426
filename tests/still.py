"""A clock for one process, without any waiting."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

BEGIN = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


class Still:
    """A clock that goes to its next timer when it is told to."""

    def __init__(self):
        self.at, self.timers, self.numbers = 0.0, [], count()

    def now(self):
        return BEGIN + timedelta(seconds=self.at)

    def seconds(self):
        return self.at

    def later(self, seconds, call):
        entry = [self.at + max(0.0, seconds), next(self.numbers), call]
        heapq.heappush(self.timers, entry)

        class Timer:
            def cancel(self):
                entry[2] = None

        return Timer()

    def go_on(self, until=float("inf")):
        while self.timers and self.timers[0][0] <= until:
            at, _, call = heapq.heappop(self.timers)
            self.at = max(self.at, at)
            if call is not None:
                call()
        if until < float("inf"):
            self.at = max(self.at, until)
