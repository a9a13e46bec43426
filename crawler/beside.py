"""The process beside the crawl that reads pages, so that parsing does not hold up the wire.

Parent and child speak over the child's stdin and stdout: a length of four bytes, then a pickle; answers come in the order of the questions.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import struct
import sys
from collections import deque
from typing import BinaryIO

from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from crawler.job import running_reactor
from crawler.pages import Page, Read, read

logger = logging.getLogger(__name__)

_LENGTH = struct.Struct("!I")
TRIES = 2


class Died(Exception):  # what happened, not what was wrong
    """The process ended before it answered."""


class Reading:
    """Reads pages beside the crawl; in the crawl's own process if `processes` is 0. With -1: beside, if there is a second core."""

    def __init__(self, processes: int = -1) -> None:
        self._beside = (os.cpu_count() or 1) > 1 if processes < 0 else processes > 0
        self._child: _Child | None = None

    async def read(self, page: Page) -> Read:
        """As `pages.read`. A page that takes the process down is tried once more, then given up with the reason."""
        if not self._beside:
            return attempt(page)
        for number in range(1, TRIES + 1):
            if self._child is None or self._child.ended:
                self._child = _Child()
            try:
                return await maybe_deferred_to_future(self._child.ask(page))
            except Died:
                logger.warning("The reading process died at %s (try %d of %d)", page.url, number, TRIES)
        return Read(None, [], f"the page took the reading process down {TRIES} times")

    async def close(self) -> None:
        """End the process, and wait until it has."""
        if self._child is not None and not self._child.ended:
            self._child.transport.closeStdin()  # type: ignore[attr-defined]
            await maybe_deferred_to_future(self._child.gone)


class _Child(ProcessProtocol):
    def __init__(self) -> None:
        self.ended = False
        self.gone: Deferred[None] = Deferred()
        self._waiting: deque[Deferred[Read]] = deque()
        self._pieces: list[bytes] = []
        self._have = 0
        self._need = 0
        running_reactor().spawnProcess(
            self,
            sys.executable,
            [sys.executable, "-c", "from crawler.beside import serve; serve()"],
            env=None,
            path=None,
            childFDs={0: "w", 1: "r", 2: 2},
        )

    def ask(self, page: Page) -> Deferred[Read]:
        answer: Deferred[Read] = Deferred()
        self._waiting.append(answer)
        question = pickle.dumps(page, pickle.HIGHEST_PROTOCOL)
        self.transport.writeSequence([_LENGTH.pack(len(question)), question])  # type: ignore[attr-defined]
        return answer

    def outReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        self._pieces.append(data)
        self._have += len(data)
        while self._have >= max(self._need, _LENGTH.size):
            joined = b"".join(self._pieces)
            if not self._need:
                self._need = _LENGTH.size + _LENGTH.unpack_from(joined)[0]
            if self._have < self._need:
                self._pieces = [joined]
                return
            message, rest = joined[_LENGTH.size : self._need], joined[self._need :]
            self._pieces, self._have, self._need = [rest], len(rest), 0
            self._waiting.popleft().callback(pickle.loads(message))  # noqa: S301  # from our own child

    def processEnded(self, reason: Failure) -> None:  # noqa: N802  # Twisted's name
        self.ended = True
        self.gone.callback(None)
        while self._waiting:
            self._waiting.popleft().errback(Died(str(reason.value)))


def attempt(page: Page) -> Read:
    """As `pages.read`; what it raises is told as trouble with the page, which is a finding and no reason to stop."""
    try:
        return read(page)
    except Exception as problem:  # a hostile page may bring out any fault of ours
        logger.warning("%s could not be read", page.url, exc_info=True)
        return Read(None, [], f"{type(problem).__name__}: {problem}")


def serve(source: BinaryIO | None = None, sink: BinaryIO | None = None) -> None:
    """The child: read pages until the parent closes the pipe or is gone."""
    source, sink = source or sys.stdin.buffer, sink or sys.stdout.buffer
    # Trees of BeautifulSoup are cycles: collected every few pages, not every 700 objects (measured on 48 kB pages: 12 % of the time).
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    sys.stdout = sys.stderr  # a stray print must not stand between two answers
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        page: Page = pickle.loads(source.read(_LENGTH.unpack(head)[0]))  # noqa: S301  # from our own parent
        answer = pickle.dumps(attempt(page), pickle.HIGHEST_PROTOCOL)
        sink.write(_LENGTH.pack(len(answer)) + answer)
        sink.flush()
