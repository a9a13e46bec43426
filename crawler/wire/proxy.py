"""A tunnel through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6), as an endpoint that TLS can be laid upon."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure as TwistedFailure
from zope.interface import implementer

from archive import Framer
from crawler.wire.outgoing import Proxy, Target

# A proxy that explains its refusal at greater length is not heard out.
_LONGEST_REPLY = 1 << 16


class ProxyRefused(Exception):
    """The proxy did not open the tunnel."""


class _Tunnel(Protocol):
    """Asks for the tunnel, then passes everything between the transport and the protocol laid upon it."""

    transport: Any

    def __init__(self, asked: bytes, upper: Any) -> None:
        self.opened: Deferred[Any] = Deferred(self._given_up)
        self.reply = bytearray()
        self._asked = asked
        self._upper = upper
        self._framer = Framer("CONNECT")
        self._inner: Any = None

    def connectionMade(self) -> None:  # noqa: N802
        self.transport.write(self._asked)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._inner is not None:
            self._inner.dataReceived(data)
            return
        framer = self._framer
        self.reply += data
        framer.feed(data)
        if framer.status is None or framer.head_end is None:
            if framer.head_end is not None or len(self.reply) > _LONGEST_REPLY:
                self._refuse("the proxy's reply is no HTTP answer")
        elif framer.status // 100 == 2:
            self._open(bytes(self.reply[framer.head_end :]))
        elif framer.complete or len(self.reply) > _LONGEST_REPLY:
            self._refuse(_refusal(framer))

    def _open(self, rest: bytes) -> None:
        del self.reply[len(self.reply) - len(rest) :]
        transport: Any = self.transport
        inner: Any = self._upper.buildProtocol(transport.getPeer())
        self._inner = inner
        inner.makeConnection(transport)
        self.opened.callback(inner)
        if rest:
            inner.dataReceived(rest)

    def _refuse(self, why: str) -> None:
        if not self.opened.called:
            self.opened.errback(ProxyRefused(why))
        self.transport.abortConnection()

    def _given_up(self, _: Deferred[Any]) -> None:
        self.transport.abortConnection()

    def connectionLost(self, reason: TwistedFailure = connectionDone) -> None:  # noqa: N802
        if self._inner is not None:
            self._inner.connectionLost(reason)
        elif not self.opened.called:
            status = self._framer.status
            why = _refusal(self._framer) if status else "the proxy closed the connection without a reply"
            self.opened.errback(ProxyRefused(why))


def _refusal(framer: Framer) -> str:
    reason = framer.reason.decode("latin-1").strip()
    return f"the proxy answered {framer.status} {reason}".strip()


@implementer(IStreamClientEndpoint)
class TunnelEndpoint:
    """Connects to `target` through `proxy`, itself reached by `endpoint`; `reply` has the proxy's words afterwards."""

    def __init__(self, endpoint: Any, target: Target, proxy: Proxy) -> None:
        self._endpoint = endpoint
        host = f"[{target.host}]" if ":" in target.host else target.host
        where = f"{host}:{target.port}".encode()
        self._asked = b"CONNECT %s HTTP/1.1\r\nHost: %s\r\n" % (where, where)
        if proxy.authorization:
            self._asked += b"Proxy-Authorization: %s\r\n" % proxy.authorization
        self._asked += b"\r\n"
        self._tunnel: _Tunnel | None = None

    @property
    def reply(self) -> bytes:
        """What the proxy answered to CONNECT so far."""
        return bytes(self._tunnel.reply) if self._tunnel else b""

    def connect(self, protocolFactory: Any) -> Deferred[Any]:  # noqa: N803
        """Open the tunnel and lay the factory's protocol upon it."""
        self._tunnel = _Tunnel(self._asked, protocolFactory)
        return self._connect(self._tunnel)

    def _connect(self, tunnel: _Tunnel) -> Deferred[Any]:
        connected: Deferred[Any] = self._endpoint.connect(Factory.forProtocol(lambda: tunnel))
        return connected.addCallback(lambda _: tunnel.opened)
