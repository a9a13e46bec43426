"""Asks the processes beside the crawl that read pages, so that parsing does not hold up the wire.

Both sides say a length of four bytes, then a pickle; answers come in the order of the questions. Over asyncio's own transport: what Twisted's
adds to each message took a tenth of the crawl's own time.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections import deque
from typing import cast

from crawler.child import LENGTH, attempt
from crawler.pages import Hosts, Page, Read
from crawler.readers import PageReader, PageReaders, how_many

logger = logging.getLogger(__name__)

TRIES = 2
# Pages given to a process at a time: one that it reads and one that it finds when it has done so. What waits besides waits here, for whichever
# process is free first, and is not copied from buffer to buffer.
AHEAD = 2


class Died(Exception):  # what happened, not what was wrong
    """The process ended before it answered; `at_it`: it was reading this very page, not one in front of it."""

    def __init__(self, at_it: bool) -> None:
        super().__init__(at_it)
        self.at_it = at_it


class Reading:
    """Reads pages in processes beside the crawl, taken from `readers`; in the crawl's own if `processes` is 0 (`readers.how_many`)."""

    def __init__(self, processes: int = -1, readers: PageReaders | None = None) -> None:
        self._most = how_many(processes)
        self._readers = readers or PageReaders()
        self._children: list[_Child] = []
        self._turns: deque[asyncio.Future[None]] = deque()

    async def read(self, page: Page | Hosts) -> Read:
        """As `pages.read`. A page that takes its process down is tried once more, then given up with the reason."""
        if not self._most:
            return attempt(page)
        died = 0
        while died < TRIES:
            child = await self._free()
            try:
                return await child.ask(page)
            except Died as death:
                if death.at_it:
                    died += 1
                    logger.warning("The reading process died at %s (try %d of %d)", page.url, died, TRIES)
            finally:
                if self._turns:
                    self._turns.popleft().set_result(None)
        return Read(None, [], f"the page took the reading process down {TRIES} times")

    def close(self) -> None:
        """End the processes."""
        for child in self._children:
            child.leave()
        self._children.clear()

    async def _free(self) -> _Child:
        """A process that can be given a page, once there is one."""
        while (child := self._idlest()).waiting >= AHEAD:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._turns.append(turn)
            await turn
        return child

    def _idlest(self) -> _Child:
        """The process with the fewest pages waiting; a new one as long as all are busy and there may be more."""
        self._children = [child for child in self._children if not child.ended]
        idlest = min(self._children, key=lambda child: child.waiting, default=None)
        if idlest is None or (idlest.waiting and len(self._children) < self._most):
            idlest = _Child(self._readers.take())
            self._children.append(idlest)
        return idlest


class _Child(asyncio.Protocol):
    """Our end of the line to one process. Its methods without a docstring are asyncio's."""

    def __init__(self, reader: PageReader) -> None:
        self.ended = False
        self._reader = reader
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[asyncio.Future[Read]] = deque()
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._pieces: list[bytes] = []
        self._have = 0
        self._need = 0
        self._opening = self._loop.create_task(self._loop.create_unix_connection(lambda: self, sock=reader.line))

    @property
    def waiting(self) -> int:
        """How many pages it has not answered."""
        return len(self._waiting)

    def ask(self, page: Page | Hosts) -> asyncio.Future[Read]:
        """The answer, once it is there; Died if there will be none."""
        answer: asyncio.Future[Read] = self._loop.create_future()
        self._waiting.append(answer)
        question = pickle.dumps(page, pickle.HIGHEST_PROTOCOL)
        message = LENGTH.pack(len(question)) + question
        if self._transport is None:
            self._early.append(message)
        else:
            self._transport.write(message)
        return answer

    def leave(self) -> None:
        """End the process; who still waits for an answer hears that it died."""
        self._opening.cancel()
        if self._transport is not None:
            self._transport.abort()
        self._is_over()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"".join(self._early))
        self._early.clear()

    def data_received(self, data: bytes) -> None:
        self._pieces.append(data)
        self._have += len(data)
        while self._have >= max(self._need, LENGTH.size):
            joined = b"".join(self._pieces)
            if not self._need:
                self._need = LENGTH.size + LENGTH.unpack_from(joined)[0]
            if self._have < self._need:
                self._pieces = [joined]
                return
            message, rest = joined[LENGTH.size : self._need], joined[self._need :]
            self._pieces, self._have, self._need = [rest], len(rest), 0
            self._answer(message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._is_over()

    def _answer(self, message: bytes) -> None:
        answer = self._waiting.popleft()
        if not answer.done():
            answer.set_result(pickle.loads(message))  # noqa: S301  # from our own child

    def _is_over(self) -> None:
        if self.ended:
            return
        self.ended = True
        self._reader.end()
        waiting = [*self._waiting]
        self._waiting.clear()
        for number, answer in enumerate(waiting):
            if not answer.done():
                answer.set_exception(Died(at_it=number == 0))
