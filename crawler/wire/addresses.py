"""From a host to the IP addresses that may be connected to."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from twisted.internet.address import IPv4Address as StreamIPv4
from twisted.internet.address import IPv6Address as StreamIPv6
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer

# RFC 6052: an IPv4 address hides in the last four bytes.
_NAT64 = ip_network("64:ff9b::/96")


def is_public(ip: str) -> bool:
    """Whether `ip` is an address of the public Internet; not loopback, private, link-local, multicast or reserved.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64) is public if that one is too.
    """
    address: IPv4Address | IPv6Address = ip_address(ip.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


def literal(host: str) -> str | None:
    """`host` if it is an IP address itself, IPv6 as RFC 5952 writes it; None for a name."""
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def may_be_public(host: str) -> bool:
    """Whether `host` may be an address of the public Internet, by what it is called alone; all that resolvers take for numbers is known."""
    try:
        return is_public(literal(host) or socket.inet_ntoa(socket.inet_aton(host)))
    except OSError:
        return host != "localhost" and not host.endswith(".localhost")


@implementer(IResolutionReceiver)
class _Collector:
    def __init__(self, done: Deferred[list[str]]) -> None:
        self._done = done
        self._found: list[str] = []

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803
        pass

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        if isinstance(address, StreamIPv4 | StreamIPv6):
            self._found.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        if not self._done.called:
            self._done.callback(list(dict.fromkeys(self._found)))


def resolve(reactor: Any, host: str) -> Deferred[list[str]]:
    """The addresses of `host` by the reactor's resolver (Scrapy installs its cache there); empty if there are none."""
    done: Deferred[list[str]] = Deferred()
    reactor.nameResolver.resolveHostName(_Collector(done), host)
    return done
