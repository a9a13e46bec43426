"""One connection to a server: carries one attempt at a time, waits idle between them, lingers for what comes late."""

from __future__ import annotations

import select
from typing import Any
from typing import Protocol as Shape

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure as TwistedFailure
from zope.interface import implementer

from archive.model import Failure, TlsFacts
from crawler.wire import causes
from crawler.wire.attempt import Attempt
from crawler.wire.outgoing import Asked

# How long to wait, once an answer has ended, for bytes that the socket says are there (a TLS ticket gives none).
_SETTLE = 0.1
# What a server may send after an answer's end before it is cut off.
SURPLUS_LIMIT = 1 << 20


class Owner(Shape):
    """Who keeps the connections: the pool."""

    reactor: Any
    linger: float

    def opened(self, connection: Connection) -> None:
        """A connection is there."""
        ...

    def idle(self, connection: Connection) -> None:
        """It may carry another request."""
        ...

    def gone(self, connection: Connection) -> None:
        """It will carry no other request."""
        ...

    def closed(self, connection: Connection) -> None:
        """It is no more."""
        ...

    def late(self, identity: str, url: str, data: bytes) -> None:
        """Bytes came after the end of an answer that has been handed over."""
        ...


@implementer(IHandshakeListener)
class Connection(Protocol):
    """`ready` fires once requests may be sent, or fails with why not."""

    transport: Any

    def __init__(self, owner: Owner, key: tuple[Any, ...], secure: bool) -> None:
        self.owner = owner
        self.key = key
        self.secure = secure
        self.ready: Deferred[None] = Deferred(lambda _: self.abort())
        self.attempt: Attempt | None = None
        self.used = 0
        self.idle_since = 0.0
        self.ip: str | None = None
        self.tls: TlsFacts | None = None
        self.resolved: str | None = None
        self.proxy_reply = b""
        self.lost = False
        self._timer: Any = None
        self._last: tuple[str, str] = ("", "")
        self._late = bytearray()
        self._io: Any = None

    def connectionMade(self) -> None:  # noqa: N802
        """Called by Twisted, as the three below are; not a name of ours."""
        transport: Any = self.transport
        self._io = transport.transport if self.secure else transport
        self._io.setTcpNoDelay(True)
        self.owner.opened(self)
        if not self.secure:
            self.ready.callback(None)

    def handshakeCompleted(self) -> None:  # noqa: N802
        """TLS may be spoken now."""
        if not self.ready.called:
            self.ready.callback(None)

    def abort(self) -> None:
        """End the connection at once."""
        if self.transport is not None and not self.lost:
            self.transport.abortConnection()

    def start(self, attempt: Attempt, asked: Asked) -> None:
        """Send a request; its answer goes to `attempt`."""
        self.attempt = attempt
        self.used += 1
        try:
            attempt.sent(asked)
        except BaseException as error:  # noqa: BLE001 - goes to whoever asked, who must know that nothing was kept
            self._fail(attempt, error)
            return
        self.transport.write(asked.wire)

    def more_to_read(self) -> bool:
        """Whether the socket holds bytes, or its end, that have not been read yet."""
        poll = select.poll()
        poll.register(self._io.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Bytes have come."""
        attempt = self.attempt
        if attempt is None:
            self._comes_late(data)
            return
        try:
            attempt.received(data)
        except BaseException as error:  # noqa: BLE001 - goes to whoever asked, who must know that nothing was kept
            self._fail(attempt, error)
            return
        if attempt.stopped:
            self.hand_over()
        elif attempt.framer.complete:
            self._settle(attempt)

    def _settle(self, attempt: Attempt) -> None:
        """The answer has ended: take what is already there behind it, then hand over."""
        attempt.ends()
        if attempt.framer.surplus > SURPLUS_LIMIT:
            self.hand_over()
        elif self._timer is None and self.secure:
            # One record may lie behind another in the same read.
            self._timer = self.owner.reactor.callLater(0, self._settled)
        elif self._timer is None:
            self._settled()

    def _settled(self) -> None:
        self._timer = None
        if self.more_to_read():
            self._timer = self.owner.reactor.callLater(_SETTLE, self.hand_over)
        else:
            self.hand_over()

    def hand_over(self) -> None:
        """Let the exchange go, if there is one, and decide what becomes of the connection."""
        attempt = self.attempt
        if attempt is None:
            return
        self.attempt = None
        self._quiet()
        self._last = (attempt.identity, attempt.target.url)
        attempt.told(ip=self.ip, tls=self.tls)
        if self.lost:
            pass
        elif attempt.framer.reusable and not attempt.stopped:
            self.owner.idle(self)
        else:
            self.owner.gone(self)
            if attempt.framer.complete and attempt.framer.framing != "close":
                self._linger()
            else:
                self.abort()
        attempt.deliver()

    def leave(self) -> None:
        """Nobody needs this idle connection any more: end it in order, but hear what is already there."""
        self.owner.gone(self)
        if self._timer is None:
            self._linger()
        if not self.more_to_read():
            self.transport.loseConnection()

    def _linger(self) -> None:
        self._timer = self.owner.reactor.callLater(self.owner.linger, self.abort)

    def _comes_late(self, data: bytes) -> None:
        if self.lost or not self._last[0]:
            return
        if self._timer is None:
            self.owner.gone(self)
            self._linger()
        self._late += data
        if len(self._late) > SURPLUS_LIMIT:
            self.abort()

    def _fail(self, attempt: Attempt, error: BaseException) -> None:
        self.attempt = None
        self._quiet()
        self.owner.gone(self)
        self.abort()
        attempt.fails(error)

    def _quiet(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()

    def connectionLost(self, reason: TwistedFailure = connectionDone) -> None:  # noqa: N802
        """The connection is no more, whoever ended it."""
        self.lost = True
        self.owner.gone(self)
        self._quiet()
        if not self.ready.called:
            self.ready.errback(reason)
        attempt = self.attempt
        if attempt is not None:
            how = reason.value or ConnectionDone()
            cause = causes.of_loss(how, secure=self.secure)
            if self.used > 1 and not attempt.framer.fed:
                attempt.told(stale=True)
                cause = Failure("closed", f"an idle connection was closed by the server ({cause.message})")
            attempt.lost(isinstance(how, ConnectionDone), cause)
            self.hand_over()
        if self._late:
            late, self._late = bytes(self._late), bytearray()
            self.owner.late(*self._last, late)
        self.owner.closed(self)
