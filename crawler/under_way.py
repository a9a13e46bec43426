"""The visits of a crawl that are under way, each a task, and whether there is room for another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

# Answers that may wait to be settled, as many times what is asked for at once, and their bytes, as Scrapy's SCRAPER_SLOT_MAX_ACTIVE_SIZE has them.
AHEAD, HELD = 3, 5_000_000


class UnderWay:
    """At most `most` visits are asked for at once; no more are begun while too much of what came waits to be settled.

    `again` is called whenever there may be room.
    """

    def __init__(self, most: int, again: Callable[[], None]) -> None:
        self._most, self._again = most, again
        self._tasks: set[asyncio.Task[None]] = set()
        self._came = 0
        self._held = 0

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def asking(self) -> int:
        """How many visits wait for their answer."""
        return len(self._tasks) - self._came

    @property
    def has_room(self) -> bool:
        """Whether another visit may begin."""
        return self.asking < self._most and self._came <= AHEAD * self._most and self._held <= HELD

    def begin(self, visit: Coroutine[Any, Any, None]) -> None:
        """Begin a visit."""
        task = asyncio.get_running_loop().create_task(visit)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._again()

    @contextmanager
    def settling(self, size: int) -> Iterator[None]:
        """The answer of a visit has come, so many bytes of it are held: the block settles the visit."""
        self._came += 1
        self._held += size
        self._again()
        try:
            yield
        finally:
            self._came -= 1
            self._held -= size

    async def end(self) -> None:
        """Wait until all have ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)
