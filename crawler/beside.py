"""The process beside the crawl that reads pages, so that parsing does not hold up the wire.

Parent and child speak over a pair of connected sockets, the child's stdin and stdout: a length of four bytes, then a pickle; answers come in
the order of the questions. Not over pipes: Twisted reads a pipe 8 KiB at a time, and an answer of 40 kB took six rounds of the reactor.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TimedOut
from twisted.internet.protocol import Factory, ProcessProtocol, Protocol, connectionDone
from twisted.python.failure import Failure

from crawler.child import LENGTH, attempt
from crawler.job import running_reactor
from crawler.pages import Hosts, Page, Read

logger = logging.getLogger(__name__)

TRIES = 2
# More reading processes than this have nothing to do: one crawl reads what one wire brings.
MOST = 4
# Seconds that a child is given to end.
PATIENCE = 5.0


class Died(Exception):  # what happened, not what was wrong
    """The process ended before it answered; `at_it`: it was reading this very page, not one in front of it."""

    def __init__(self, at_it: bool) -> None:
        super().__init__(at_it)
        self.at_it = at_it


class Reading:
    """Reads pages in processes beside the crawl; in the crawl's own if `processes` is 0.

    With -1 there is one process for each core, up to four, and none on a machine with a single core.
    """

    def __init__(self, processes: int = -1) -> None:
        cores = os.cpu_count() or 1
        self._most = processes if processes >= 0 else min(cores, MOST) if cores > 1 else 0
        self._children: list[_Child] = []

    async def read(self, page: Page | Hosts) -> Read:
        """As `pages.read`. A page that takes its process down is tried once more, then given up with the reason."""
        if not self._most:
            return attempt(page)
        died = 0
        while died < TRIES:
            try:
                return await maybe_deferred_to_future(self._idlest().ask(page))
            except Died as death:
                if death.at_it:
                    died += 1
                    logger.warning("The reading process died at %s (try %d of %d)", page.url, died, TRIES)
        return Read(None, [], f"the page took the reading process down {TRIES} times")

    async def close(self) -> None:
        """End the processes, and wait until they have."""
        for child in self._children:
            if not child.ended:
                child.leave()
                with suppress(TimedOut):  # a child that does not go is no reason to stay
                    await maybe_deferred_to_future(child.gone.addTimeout(PATIENCE, running_reactor()))

    def _idlest(self) -> _Child:
        """The process with the fewest pages waiting; a new one as long as all are busy and there may be more."""
        self._children = [child for child in self._children if not child.ended]
        idlest = min(self._children, key=lambda child: child.waiting, default=None)
        if idlest is None or (idlest.waiting and len(self._children) < self._most):
            idlest = _Child()
            self._children.append(idlest)
        return idlest


class _Child(ProcessProtocol):
    def __init__(self) -> None:
        self.ended = False
        self._ends = 2
        self.gone: Deferred[None] = Deferred()
        self._waiting: deque[Deferred[Read]] = deque()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            both = theirs.fileno()
            running_reactor().spawnProcess(
                self,
                sys.executable,
                [sys.executable, "-c", "from crawler.child import serve; serve()"],
                env=None,
                path=None,
                childFDs={0: both, 1: both, 2: 2},
            )
            self._line = _Line(self._answered, self._is_over)
            running_reactor().adoptStreamConnection(ours.fileno(), socket.AF_UNIX, Factory.forProtocol(lambda: self._line))

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def leave(self) -> None:
        self._line.end()

    def ask(self, page: Page | Hosts) -> Deferred[Read]:
        answer: Deferred[Read] = Deferred()
        self._waiting.append(answer)
        question = pickle.dumps(page, pickle.HIGHEST_PROTOCOL)
        self._line.say(LENGTH.pack(len(question)) + question)
        return answer

    def _answered(self, message: bytes) -> None:
        self._waiting.popleft().callback(pickle.loads(message))  # noqa: S301  # from our own child

    def processEnded(self, reason: Failure) -> None:  # noqa: N802, ARG002  # Twisted's name
        self._is_over()

    def _is_over(self) -> None:
        """Called for the process and for the line, whichever ends first: answers may still lie in the line when the process has gone."""
        self._ends -= 1
        if self._ends:
            return
        self.ended = True
        if not self.gone.called:
            self.gone.callback(None)
        waiting = [*self._waiting]
        self._waiting.clear()
        for number, answer in enumerate(waiting):
            answer.errback(Died(at_it=number == 0))


class _Line(Protocol):
    """Our end of the pair."""

    def __init__(self, answered: Callable[[bytes], None], over: Callable[[], None]) -> None:
        self._answered, self._over = answered, over
        self._pieces: list[bytes] = []
        self._have = 0
        self._need = 0

    def say(self, message: bytes) -> None:
        cast("Any", self.transport).write(message)

    def end(self) -> None:
        cast("Any", self.transport).loseConnection()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
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
            self._answered(message)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802, ARG002
        self._over()
