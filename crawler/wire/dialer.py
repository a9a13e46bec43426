"""Opens connections: which address, whether it is allowed, through which proxy, and the TLS handshake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.protocol import Factory

from archive.model import Failure
from crawler.wire import causes
from crawler.wire.addresses import is_public, literal, may_be_public, resolve
from crawler.wire.attempt import Attempt
from crawler.wire.connection import Connection, Owner
from crawler.wire.outgoing import Proxy, Target
from crawler.wire.proxy import ProxyRefused, TunnelEndpoint
from crawler.wire.tls import Handshake, Speakers

# An address, "address:port", or the two apart.
Resolved = str | tuple[str, int | None]


class NoConnection(Exception):
    """There is no connection: `cause` says why, `facts` what is known for the exchange nevertheless."""

    def __init__(self, cause: Failure, **facts: Any) -> None:
        super().__init__(cause.message)
        self.cause = cause
        self.facts = facts


class Dialer:
    """Opens connections that belong to `owner`."""

    def __init__(
        self,
        reactor: Any,
        owner: Owner,
        speakers: Speakers,
        mapped: Mapping[str, Resolved],
        *,
        private: bool,
        patience: float,
    ) -> None:
        self._reactor = reactor
        self._owner = owner
        self._speakers = speakers
        self._mapped = {host.lower(): _pair(to) for host, to in mapped.items()}
        self._private = private
        self._patience = patience

    async def open(self, key: tuple[Any, ...], attempt: Attempt, proxy: Proxy | None) -> Connection:
        """A connection that is ready for requests. Raises NoConnection."""
        target = attempt.target
        given = attempt.outgoing.allow_private
        private = self._private if given is None else given
        if proxy is not None:
            if not private and not may_be_public(target.host):
                raise NoConnection(_forbidden(target.host))
            return await self._through(proxy, key, target)
        mapped = self._mapped.get(f"{target.host}:{target.port}") or self._mapped.get(target.host)
        host, port = (mapped[0], mapped[1] or target.port) if mapped else (target.host, target.port)
        resolved = _written(*mapped) if mapped else None
        found = await self._addresses(host)
        allowed = [ip for ip in found if private or mapped or is_public(ip)]
        if not allowed:
            raise NoConnection(_forbidden(host, found[0]) if found else _unknown(host), resolved=resolved)
        return await self._direct(allowed, port, key, attempt, resolved)

    async def _addresses(self, host: str) -> list[str]:
        ip = literal(host)
        return [ip] if ip else await resolve(self._reactor, host)

    async def _direct(
        self, found: list[str], port: int, key: tuple[Any, ...], attempt: Attempt, resolved: str | None,
    ) -> Connection:  # fmt: skip
        """Connect to the first address that takes the connection."""
        target = attempt.target
        for ip in found:
            connection = Connection(self._owner, key, target.scheme == "https")
            connection.ip, connection.resolved = ip, resolved
            try:
                shake = await self._connect(connection, self._endpoint(ip, port), target)
            except CancelledError:
                raise
            except Exception as error:
                if ip != found[-1] and not attempt.stopped:
                    continue
                cause = causes.of_connecting(error, target.host)
                raise NoConnection(cause, resolved=resolved, ip=ip) from error
            await self._ready(connection, shake, target, direct=True)
            return connection
        raise NoConnection(_unknown(target.host))

    async def _through(self, proxy: Proxy, key: tuple[Any, ...], target: Target) -> Connection:
        connection = Connection(self._owner, key, target.scheme == "https")
        tunnel: TunnelEndpoint | None = None
        found = await self._addresses(proxy.host)
        if not found:
            raise NoConnection(Failure("proxy", f"the proxy's name {proxy.host} has no address"))
        try:
            endpoint: Any = self._endpoint(found[0], proxy.port)
            if connection.secure:
                endpoint = tunnel = TunnelEndpoint(endpoint, target, proxy)
            shake = await self._connect(connection, endpoint, target)
        except CancelledError:
            raise
        except Exception as error:
            reply = tunnel.reply if tunnel else b""
            cause = causes.of_connecting(error, f"the proxy {proxy.host}").message
            words = str(error) if isinstance(error, ProxyRefused) else cause
            raise NoConnection(Failure("proxy", words), proxy_reply=reply) from error
        connection.proxy_reply = tunnel.reply if tunnel else b""
        await self._ready(connection, shake, target, direct=False)
        return connection

    def _endpoint(self, ip: str, port: int) -> Any:
        kind = TCP6ClientEndpoint if ":" in ip else TCP4ClientEndpoint
        return kind(self._reactor, ip, port, timeout=self._patience)

    async def _connect(self, connection: Connection, endpoint: Any, target: Target) -> Handshake | None:
        shake = None
        if connection.secure:
            shake = self._speakers.to(target.host).handshake(target.host)
            endpoint = wrapClientTLS(shake, endpoint)  # type: ignore[arg-type]
        connected: Deferred[Any] = endpoint.connect(Factory.forProtocol(lambda: connection))
        await connected
        return shake

    async def _ready(self, connection: Connection, shake: Handshake | None, target: Target, *, direct: bool) -> None:
        """Wait for the handshake, and judge it."""
        known = ("resolved", "ip", "proxy_reply")
        facts: dict[str, Any] = {name: getattr(connection, name) for name in known}
        try:
            await connection.ready.addTimeout(self._patience, self._reactor)
        except CancelledError:
            raise
        except Exception as error:
            raise NoConnection(causes.of_handshake(error), **facts) from error
        if shake is None:
            return
        found = shake.facts()
        connection.tls = found if direct else None
        if self._speakers.to(target.host).policy.strict and not found.verified:
            connection.abort()
            raise NoConnection(Failure("tls", found.error or ""), tls=connection.tls, **facts)


def _pair(to: Resolved) -> tuple[str, int | None]:
    if not isinstance(to, str):
        return to
    found = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::(\d+))?|([^:]+):(\d+)", to)
    if not found:
        return to, None
    port = found[2] or found[4]
    return found[1] or found[3], int(port) if port else None


def _written(host: str, port: int | None) -> str:
    if port is None:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _forbidden(host: str, ip: str | None = None) -> Failure:
    where = host if ip in (None, host) else f"{host} ({ip})"
    return Failure("forbidden", f"{where} is not an address of the public Internet")


def _unknown(host: str) -> Failure:
    return Failure("dns", f"{host} has no address")
