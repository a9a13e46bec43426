from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from server import Portal, Wire

from crawler.wire.engine import Engine, Outgoing

Make = Callable[..., Engine]
HI = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
OPEN = b"HTTP/1.1 200 Connection established\r\nVia: tests\r\n\r\n"


def relay(to: Portal) -> Callable[[Wire], None]:
    """A proxy's tunnel to `to`."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def script(wire: Wire) -> None:
        with socket.create_connection((to.host, to.port)) as onward:
            wire.send(OPEN)
            back = threading.Thread(target=pump, args=(onward, wire.connection))
            back.start()
            pump(wire.connection, onward)
            back.join(10)

    return script


def test_http_through_a_proxy(run: Any, engine: Make, portal: Portal) -> None:
    portal.on("http://hue.example/tin?a", HI, then="keep")
    client = engine(allow_private=False)
    wanted = Outgoing("http://hue.example/tin?a", proxy=f"http://user:p%40ss@127.0.0.1:{portal.port}")
    for _ in range(2):
        exchange = run(client.fetch(wanted))
        assert (exchange.ip, exchange.tls, exchange.proxy) == (None, None, f"http://127.0.0.1:{portal.port}")
        assert exchange.blanked == ("Proxy-Authorization",)
        assert exchange.response.read() == HI
        kept, sent = exchange.request.read(), portal.hits()[0].request
        assert kept == sent.replace(b"Basic dXNlcjpwQHNz", b"[blanked]") != sent
        exchange.close()
    assert portal.connections == 1


def test_https_through_a_tunnel(run: Any, engine: Make, portal: Portal, authority: Any) -> None:
    with Portal(authority.context("127.0.0.1")) as origin:
        origin.on("/", HI, then="keep")
        portal.on(f"127.0.0.1:{origin.port}", relay(origin))
        client = engine(authorities=str(authority.pem), strict_tls=True)
        wanted = Outgoing(
            origin.url(), proxy=f"127.0.0.1:{portal.port}", proxy_authorization=b"Basic secret",
            headers=[(b"Proxy-Authorization", b"Basic secret")],
        )  # fmt: skip
        for _ in range(2):
            exchange = run(client.fetch(wanted))
            assert (exchange.failure, exchange.ip, exchange.tls) == (None, None, None)
            assert (exchange.proxy, exchange.proxy_reply) == (f"http://127.0.0.1:{portal.port}", OPEN)
            assert exchange.request.read() == origin.hits()[0].request
            assert exchange.response.read() == HI
            exchange.close()
        assert (origin.connections, len(origin.hits()), len(portal.hits())) == (1, 2, 1)
        assert b"secret" not in origin.hits()[0].request
        assert b"Proxy-Authorization: Basic secret\r\n" in portal.hits()[0].request


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nsorry"[:-1], "407 Proxy Authentication Required"),
        (b"HTTP/1.0 502 Bad Gateway\r\n\r\nno", "502 Bad Gateway"),
        (b"", "without a reply"),
        (b"junk\r\n\r\n", "no HTTP answer"),
    ],
)
def test_a_proxy_that_refuses(run: Any, engine: Make, portal: Portal, reply: bytes, says: str) -> None:
    portal.on("*", reply)
    exchange = run(engine().fetch(Outgoing("https://hue.example/", proxy=portal.url())))
    assert (exchange.failure.kind, exchange.proxy_reply, exchange.request_length) == ("proxy", reply, 0)
    assert says in exchange.failure.message


def test_a_proxy_that_is_not_there(run: Any, engine: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for scheme in ("http", "https"):
        exchange = run(engine().fetch(Outgoing(f"{scheme}://hue.example/", proxy=f"http://127.0.0.1:{port}")))
        assert (exchange.failure.kind, exchange.ip) == ("proxy", None)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "[::1]", "2130706433"])
def test_a_proxy_is_not_asked_for_private_addresses(run: Any, engine: Make, portal: Portal, host: str) -> None:
    exchange = run(engine(allow_private=False).fetch(Outgoing(f"http://{host}/", proxy=portal.url())))
    assert exchange.failure.kind == "forbidden"
    assert portal.hits() == []


def test_only_http_proxies_are_known(run: Any, engine: Make) -> None:
    exchange = run(engine().fetch(Outgoing("http://hue.example/", proxy="socks5://user:secret@127.0.0.1:1")))
    assert exchange.failure.kind == "http"
    assert "secret" not in repr(exchange)
