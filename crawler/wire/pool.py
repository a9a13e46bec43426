"""The connections that are open: which of them wait for another request, and which still listen for late bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, succeed

from crawler.wire.connection import Connection

# Idle connections to one host; a crawl has at most sixteen requests under way there.
_MOST_IDLE = 32


class Pool:
    """Keeps idle connections for `idle_timeout` seconds. Late bytes go to `on_surplus(exchange id, url, bytes)`."""

    def __init__(
        self,
        reactor: Any,
        *,
        idle_timeout: float,
        linger: float,
        on_surplus: Callable[[str, str, bytes], object] | None,
    ) -> None:
        self.reactor = reactor
        self.linger = linger
        self._idle_timeout = idle_timeout
        self._on_surplus = on_surplus
        self._open: set[Connection] = set()
        self._idle: dict[tuple[Any, ...], list[Connection]] = {}
        self._sweeper: Any = None
        self._drained: Deferred[None] | None = None

    def take(self, key: tuple[Any, ...]) -> Connection | None:
        """An idle connection for `key` that no byte and no end is waiting on, or None."""
        waiting = self._idle.get(key, [])
        for at in range(len(waiting) - 1, -1, -1):
            if not waiting[at].more_to_read():
                return waiting.pop(at)
        return None

    def close(self) -> Deferred[None]:
        """Leave the idle connections; fires once every connection has ended and its late bytes were reported."""
        if self._sweeper is not None and self._sweeper.active():
            self._sweeper.cancel()
        if not self._open:
            return succeed(None)
        self._drained = Deferred()
        for waiting in list(self._idle.values()):
            for connection in list(waiting):
                connection.leave()
        return self._drained

    def opened(self, connection: Connection) -> None:
        """See `connection.Owner`, whose methods these are."""
        self._open.add(connection)

    def idle(self, connection: Connection) -> None:
        """Keep the connection for the next request."""
        waiting = self._idle.setdefault(connection.key, [])
        waiting.append(connection)
        connection.idle_since = self.reactor.seconds()
        if self._drained is not None:
            connection.leave()
        elif len(waiting) > _MOST_IDLE:
            waiting[0].leave()
        elif self._sweeper is None:
            self._sweeper = self.reactor.callLater(self._idle_timeout, self._sweep)

    def gone(self, connection: Connection) -> None:
        """The connection is not to be taken again."""
        waiting = self._idle.get(connection.key)
        if waiting and connection in waiting:
            waiting.remove(connection)
            if not waiting:
                del self._idle[connection.key]

    def closed(self, connection: Connection) -> None:
        """The connection has ended."""
        self._open.discard(connection)
        if self._drained is not None and not self._open and not self._drained.called:
            self._drained.callback(None)

    def late(self, identity: str, url: str, data: bytes) -> None:
        """Report surplus of an exchange that has been handed over."""
        if self._on_surplus is not None:
            self._on_surplus(identity, url, data)

    def _sweep(self) -> None:
        self._sweeper = None
        old = self.reactor.seconds() - self._idle_timeout
        for waiting in list(self._idle.values()):
            for connection in [c for c in waiting if c.idle_since <= old]:
                connection.leave()
        if any(self._idle.values()):
            self._sweeper = self.reactor.callLater(self._idle_timeout, self._sweep)
