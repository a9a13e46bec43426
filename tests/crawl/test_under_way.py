"""The visits that are under way: how many at once, how much of what came is held, and that the end waits for them."""

from __future__ import annotations

import asyncio
from itertools import count

from crawler.under_way import AHEAD, HELD, UnderWay


class Visit:
    """A visit whose answer comes when `came` is set, and that is settled when `done` is."""

    def __init__(self, under_way, size):
        self.came, self.done, self._under_way, self._size = asyncio.Event(), asyncio.Event(), under_way, size
        under_way.begin(self._go())

    async def _go(self):
        await self.came.wait()
        with self._under_way.settling(self._size):
            await self.done.wait()


async def passing():
    for _ in range(5):
        await asyncio.sleep(0)


def begun(under_way, size=0):
    made = []
    while under_way.has_room:
        made.append(Visit(under_way, size))
    return made


def test_so_many_are_asked_for_at_once_and_so_many_wait_to_be_settled():
    async def main():
        called = count()
        under_way = UnderWay(4, lambda: next(called))
        visits = []
        for number in range(1, AHEAD + 2):
            fresh = begun(under_way)
            assert (len(fresh), under_way.asking, len(under_way)) == (4, 4, 4 * number)
            for visit in fresh:
                visit.came.set()
            await passing()
            assert under_way.asking == 0
            visits += fresh
        assert not begun(under_way), "what came waits to be settled"
        before = next(called)
        for visit in visits:
            visit.done.set()
        await asyncio.wait_for(under_way.end(), 5)
        assert next(called) == before + len(visits) + 1, "whoever ends makes room, and says so"
        assert len(under_way) == 0

    asyncio.run(main())


def test_little_is_begun_while_much_is_held():
    async def main():
        under_way = UnderWay(4, lambda: None)
        (first, *others) = begun(under_way, HELD + 1)
        first.came.set()
        await passing()
        assert under_way.asking == 3
        assert not under_way.has_room
        first.done.set()
        await passing()
        assert under_way.has_room
        for visit in others:
            visit.came.set()
            visit.done.set()
        await under_way.end()

    asyncio.run(main())
