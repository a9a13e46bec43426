"""What is to be asked, and the bytes that ask it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple
from urllib.parse import quote, unquote_to_bytes, urlsplit

from archive import Framer
from archive.model import Exchange

# What stands in a kept request where the operator's credentials stood on the wire.
BLANK = b"[blanked]"
_PIECE = 1 << 16
_PORTS = {"http": 80, "https": 443}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


class Unaskable(ValueError):
    """A request that cannot be put in HTTP's words; its message says why."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request. Header fields go out in the order and spelling given; Host, Connection, Content-Length are added.

    `timeout` is for all of it, in seconds; `maxsize` the body's bytes at most, 0 for no limit. `blank` names header
    fields whose values are the operator's secrets. `on_head` and `on_body` (pieces of the entity, without chunking) may
    return True to stop the download there. `allow_private` overrides the engine's policy.
    """

    url: str
    method: str = "GET"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    timeout: float = 180.0
    maxsize: int = 0
    proxy: str | None = None
    proxy_authorization: bytes | None = None
    blank: tuple[str, ...] = ()
    on_head: Callable[[Framer], bool | None] | None = None
    on_body: Callable[[bytes], bool | None] | None = None
    allow_private: bool | None = None

    def answer_of(self, exchange: Exchange) -> Reading | None:
        """The answer that `exchange` holds, read from its bytes unless it was followed to its end; None if no whole head with a status came."""
        head = exchange.framer
        if not isinstance(head, Framer) or not head.complete:
            head = Framer(self.method)
            exchange.response.seek(0)
            while not head.complete and (piece := exchange.response.read(_PIECE)):
                head.feed(piece)
            head.close()
        if head.status is None or head.head_end is None or head.version is None:
            return None
        return Reading(head.status, head.reason, head.version, head.headers, head, exchange.response)


class Reading(NamedTuple):
    """An answer as a client reads it: header fields leniently, in order."""

    status: int
    reason: bytes
    version: tuple[int, int]
    headers: list[tuple[bytes, bytes]]
    framer: Framer
    block: BinaryIO

    def entity(self) -> bytes:
        """The body without chunking, content codings left on."""
        at, end = self.framer.head_end or 0, self.framer.end
        if self.framer.framing != "chunked":
            self.block.seek(at)
            return b"" if self.framer.framing == "none" else self.block.read(end - at)
        pieces: list[bytes] = []
        framer = Framer(self.framer.method, pieces.append)
        self.block.seek(0)
        while piece := self.block.read(_PIECE):
            framer.feed(piece)
        return b"".join(pieces)


class Target(NamedTuple):
    """Where a request goes. `authority` is as in the Host field, `path` the origin-form with its query."""

    scheme: str
    host: str
    port: int
    authority: bytes
    path: bytes
    url: str


def target_of(url: str) -> Target:
    """What `url` names, user name and fragment left out. Raises Unaskable unless it is http(s) and has a host."""
    try:
        parts = urlsplit(url)
        scheme, port = parts.scheme.lower(), parts.port
        host = ascii_host(parts.hostname or "")
    except ValueError as error:
        raise Unaskable(f"{without_user(url)!r} is no address: {error}") from error
    if scheme not in _PORTS or not host:
        raise Unaskable(f"{without_user(url)!r} is no http or https address")
    name = f"[{host}]" if ":" in host else host
    authority = name if port in (None, _PORTS[scheme]) else f"{name}:{port}"
    path = quote(parts.path or "/", safe=_PRINTABLE)
    if parts.query or "?" in url.partition("#")[0]:
        path += "?" + quote(parts.query, safe=_PRINTABLE)
    clean = f"{scheme}://{authority}{path}"
    return Target(scheme, host, port or _PORTS[scheme], authority.encode(), path.encode(), clean)


def without_user(url: str) -> str:
    """`url` without user name, password and fragment, however wrong the rest of it is."""
    return re.sub(r"//[^/?#]*@", "//", url.partition("#")[0], count=1)


def ascii_host(host: str) -> str:
    """`host` in lower case and ASCII. Raises ValueError for a name without an ASCII form or with impossible bytes."""
    if not host.isascii():
        host = host.encode("idna").decode()
    if re.search(r"[\x00-\x20\x7f/?#@\\]", host):
        raise ValueError("the host holds characters that no host has")
    return host.lower()


class Proxy(NamedTuple):
    """A proxy: where it listens, its address without credentials, and the credentials' header value."""

    host: str
    port: int
    url: str
    authorization: bytes | None


def proxy_of(outgoing: Outgoing) -> Proxy | None:
    """The proxy to go through. Raises Unaskable unless it is an http one."""
    if not outgoing.proxy:
        return None
    given = outgoing.proxy if "://" in outgoing.proxy else f"http://{outgoing.proxy}"
    target = target_of(given)
    if target.scheme != "http":
        raise Unaskable(f"a proxy is reached by http, not {target.scheme}")
    parts, authorization = urlsplit(given), outgoing.proxy_authorization
    for name, value in outgoing.headers:
        if authorization is None and name.lower() == b"proxy-authorization":
            authorization = value
    if authorization is None and parts.username is not None:
        pair = unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")
        authorization = b"Basic " + b64encode(pair)
    return Proxy(target.host, target.port, f"http://{target.authority.decode()}", authorization)


class Asked(NamedTuple):
    """A request as it goes out, as it is kept, and the names of the fields in which the two differ."""

    wire: bytes
    kept: bytes
    blanked: tuple[str, ...]


def write(outgoing: Outgoing, target: Target, proxy: Proxy | None) -> Asked:
    """The bytes of the request. Raises Unaskable where a part of it would not be one line of HTTP."""
    if not _TOKEN.fullmatch(outgoing.method):
        raise Unaskable(f"{outgoing.method!r} is no method")
    path = target.path
    fields = [(b"Host", target.authority)]
    if proxy and target.scheme == "http":
        path = b"http://" + target.authority + path
        if proxy.authorization:
            fields.append((b"Proxy-Authorization", proxy.authorization))
    given = [(n, v) for n, v in outgoing.headers if not (proxy and n.lower() == b"proxy-authorization")]
    names = {name.lower() for name, _ in given}
    if b"host" in names:
        del fields[0]
    fields += given
    if b"connection" not in names:
        fields.append((b"Connection", b"keep-alive"))
    if b"content-length" not in names and (outgoing.body or outgoing.method in ("POST", "PUT", "PATCH")):
        fields.append((b"Content-Length", b"%d" % len(outgoing.body)))
    first = b"%s %s HTTP/1.1\r\n" % (outgoing.method.encode(), path)
    for name, value in fields:
        if b"\n" in value or b"\r" in value or not _TOKEN.fullmatch(name.decode("latin-1")):
            raise Unaskable(f"the header field {name!r} is not one line")
    secret = {b"proxy-authorization", *(name.lower().encode() for name in outgoing.blank)}
    wire = first + _lines(fields) + outgoing.body
    if secret.isdisjoint([name.lower() for name, _ in fields]):
        return Asked(wire, wire, ())
    blanked = tuple(dict.fromkeys(name.decode() for name, _ in fields if name.lower() in secret))
    kept = [(name, BLANK if name.lower() in secret else value) for name, value in fields]
    return Asked(wire, first + _lines(kept) + outgoing.body, blanked)


def _lines(fields: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join([b"%s: %s\r\n" % pair for pair in fields]) + b"\r\n"
