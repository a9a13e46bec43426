"""The start-up self-test: a hostile page, fetched over a real connection, must come back byte for byte."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.protocol import Factory, Protocol

from archive import Exchange
from archive.errors import SelfTestFailed
from archive.model import Failure
from crawler.wire.outgoing import BLANK, Outgoing
from crawler.wire.waiting import settled

_SECRET = b"Basic c2VsZi10ZXN0OnNlY3JldA=="
_HEADERS = [
    (b"x-odd-CASE", b"1"), (b"X-Twice", b"a"), (b"Accept", b"*/*"), (b"X-Twice", b"b"), (b"Authorization", _SECRET),
]  # fmt: skip


class _Page(NamedTuple):
    """A hostile answer: its parts as the server sends them, and the method that asks for it."""

    name: str
    answer: bytes
    interim: tuple[bytes, ...] = ()
    surplus: bytes = b""
    method: str = "GET"
    truncated: str | None = None


_PAGES = (
    _Page(
        "chunked",
        b"HTTP/1.1 200  R\xc3\xa2t  t\xe1\xbb\x91t \r\nServer : odd\r\nX-A:no-blank\r\nx-a: \tfolded\r\n\t twice \r\n"
        b"Set-Cookie: a=1\r\nSET-COOKIE: b=2\r\nno colon here\r\n"
        b"X-Town: Hu\xea\x81\r\nTransfer-Encoding: Chunked\r\n\r\n"
        b'5;a="b;c"\r\nhello\r\n0006 ; x\r\n\x00\xff\r\n\r\n\r\n000;last\r\nX-Sum: 1\r\nX-Sum : 2\r\n\r\n',
        interim=(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", b"HTTP/1.1 100 \r\n\r\n"),
        surplus=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    ),
    _Page("length", b"HTTP/1.1 200\nContent-Length: 3, 3\nConnection: Keep-Alive\n\nabc"),
    _Page("head", b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n", method="HEAD"),
    _Page("304", b'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nETag: "x"\r\n\r\n'),
    _Page("204", b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", surplus=b"oops"),
    _Page("close", b"HTTP/1.0 404 \r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n" + bytes(range(256))),
    _Page("junk", b"\r\n<html>no head at all"),
    _Page("cut", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut off", truncated="disconnect"),
)


class _Server(Protocol):
    """Sends the page that is asked for as raw bytes, and remembers the request as it came."""

    transport: Any

    def __init__(self, requests: dict[str, bytes], serving: list[_Server]) -> None:
        self._requests = requests
        serving.append(self)
        self._got = b""

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self._got += data
        if not self._got.endswith(b"\r\n\r\n"):
            return
        request, self._got = self._got, b""
        name = request.split(b" ", 2)[1].decode().strip("/")
        self._requests[name] = request
        page = next(page for page in _PAGES if page.name == name)
        self.transport.write(b"".join(page.interim) + page.answer + page.surplus)
        if page.name in ("close", "junk", "cut"):
            self.transport.loseConnection()


async def self_test(
    fetch: Callable[[Outgoing], Awaitable[Exchange]],
    read_back: Callable[[Exchange], tuple[bytes, bytes]] | None = None,
    reactor: Any = None,
) -> None:
    """Fetch hostile pages from a server of our own with `fetch`, the one that the crawl will use; compare all bytes.

    `read_back`, if given, makes records of an exchange and gives what comes back out of them: the request, and all that
    the server sent. Raises SelfTestFailed naming the first difference.
    """
    if reactor is None:
        from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it
    requests: dict[str, bytes] = {}
    serving: list[_Server] = []
    factory = Factory.forProtocol(lambda: _Server(requests, serving))
    endpoint: Any = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")  # type: ignore[no-untyped-call]
    port = await settled(endpoint.listen(factory))
    try:
        for page in _PAGES:
            await _try(page, port.getHost().port, requests, fetch, read_back)
    finally:
        for server in serving:  # the client listens for late bytes until the server hangs up
            server.transport.abortConnection()
        await settled(port.stopListening())


async def _try(
    page: _Page,
    port: int,
    requests: dict[str, bytes],
    fetch: Callable[[Outgoing], Awaitable[Exchange]],
    read_back: Callable[[Exchange], tuple[bytes, bytes]] | None,
) -> None:
    url = f"http://127.0.0.1:{port}/{page.name}"
    exchange = await fetch(
        Outgoing(url, page.method, list(_HEADERS), timeout=20.0, blank=("Authorization",), allow_private=True)
    )
    try:
        _compare(page, exchange, requests.get(page.name, b""), read_back)
    finally:
        exchange.close()


def _compare(
    page: _Page, exchange: Exchange, request: bytes, read_back: Callable[[Exchange], tuple[bytes, bytes]] | None
) -> None:
    if not request:
        raise _failed(page, f"the page could not be fetched ({_why(exchange.failure)})")
    asked = request.replace(_SECRET, BLANK)
    sent = b"".join(page.interim) + page.answer + page.surplus
    if BLANK not in asked or exchange.blanked != ("Authorization",):
        raise _failed(page, "the credentials were not sent, or not blanked")
    _same(page, "request", asked, _all(exchange.request))
    _same(page, "response", sent, _all(exchange.response))
    ends, at = [], 0
    for part in (*page.interim, page.answer):
        at += len(part)
        ends.append(at)
    if (*exchange.interim, exchange.end) != tuple(ends):
        raise _failed(page, f"messages should end at {ends}, not at {[*exchange.interim, exchange.end]}")
    if exchange.truncated != page.truncated:
        raise _failed(page, f"it should count as truncated {page.truncated}, not {exchange.truncated}")
    if read_back is not None:
        kept_request, kept_response = read_back(exchange)
        _same(page, "request record", asked, kept_request)
        _same(page, "response record", sent, kept_response)


def _same(page: _Page, what: str, expected: bytes, found: bytes) -> None:
    if expected == found:
        return
    both = min(len(expected), len(found))
    at = next((n for n in range(both) if expected[n] != found[n]), both)
    raise _failed(
        page, f"byte {at} of the {what}: {expected[at : at + 12]!r} crossed the wire, {found[at : at + 12]!r} was kept"
    )


def _all(file: Any) -> bytes:
    file.seek(0)
    data: bytes = file.read()
    return data


def _why(failure: Failure | None) -> str:
    return failure.message if failure else "without a reason"


def _failed(page: _Page, what: str) -> SelfTestFailed:
    return SelfTestFailed(f"The recorder's self-test failed on the page '{page.name}': {what}. Nothing is crawled.")
