from __future__ import annotations

import asyncio
import resource
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server import Portal, Wire

from archive.errors import DiskFull
from archive.model import Exchange
from crawler.wire.engine import Engine, Outgoing

Make = Callable[..., Engine]
HI = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
HEAD = b"HTTP/1.1 200 OK\r\n"


def bytes_of(exchange: Exchange) -> bytes:
    try:
        return exchange.response.read()
    finally:
        exchange.close()


def test_one_connection_carries_many_requests(run: Any, engine: Make, portal: Portal) -> None:
    portal.on("/", HI, then="keep")
    client = engine()
    for _ in range(3):
        assert bytes_of(run(client.fetch(Outgoing(portal.url())))) == HI
    assert (portal.connections, len(portal.hits())) == (1, 3)


@pytest.mark.parametrize("answer", [HI + b"!", HI.replace(b"1.1", b"1.0"), HI.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")])
def test_a_connection_is_not_used_again_after_surplus_or_a_promised_close(run: Any, engine: Make, portal: Portal, answer: bytes) -> None:
    portal.on("/", answer, then="keep")
    client = engine()
    for _ in range(2):
        assert bytes_of(run(client.fetch(Outgoing(portal.url())))) == answer
    assert portal.connections == 2


def test_an_idle_connection_that_dies_leaves_an_attempt_of_its_own(run: Any, engine: Make, portal: Portal) -> None:
    portal.on("/", HI, then="keep")
    portal.on("/dies", lambda wire: wire.cut() if len(portal.hits()) == 2 else wire.send(HI))
    client = engine()
    run(client.fetch(Outgoing(portal.url()))).close()
    stale = run(client.fetch(Outgoing(portal.url("/dies"))))
    assert (stale.stale, stale.failure.kind, stale.response_length, stale.truncated) == (True, "closed", 0, None)
    assert stale.request.read() == portal.hits("/dies")[0].request
    stale.close()
    again = run(client.fetch(Outgoing(portal.url("/dies"))))
    assert (again.stale, bytes_of(again)) == (False, HI)


def test_surplus_on_an_idle_connection_is_reported(run: Any, engine: Make, portal: Portal) -> None:
    go, came, late = threading.Event(), threading.Event(), []
    portal.on("/", lambda wire: (wire.send(HI), go.wait(10), wire.send(b"late", b"r")))
    client = engine(on_surplus=lambda *told: (late.append(told), came.set()))
    exchange = run(client.fetch(Outgoing(portal.url())))
    assert bytes_of(exchange) == HI
    go.set()
    assert came.wait(10)
    assert late == [(exchange.id, exchange.url, b"later")]


def test_closing_the_engine_waits_for_surplus(run: Any, engine: Make, portal: Portal) -> None:
    go, late = threading.Event(), []
    answer = HI.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    portal.on("/", lambda wire: (wire.send(answer), go.wait(10), wire.send(b"later")))
    client = engine(on_surplus=lambda *told: late.append(told), linger=10.0)
    exchange = run(client.fetch(Outgoing(portal.url())))
    assert bytes_of(exchange) == answer

    async def close() -> None:
        closing = asyncio.ensure_future(client.close())
        await asyncio.sleep(0)
        go.set()
        await closing

    run(close())
    assert late == [(exchange.id, exchange.url, b"later")]


def test_closing_the_engine_ends_what_is_under_way(run: Any, engine: Make, portal: Portal) -> None:
    asked = threading.Event()
    portal.on("/", lambda wire: (wire.send(HEAD), asked.set(), wire.stall()))
    client = engine()

    async def stop() -> Exchange:
        fetching = asyncio.ensure_future(client.fetch(Outgoing(portal.url())))
        while not asked.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        await client.close()
        return await fetching

    exchange = run(stop())
    assert (exchange.failure.kind, HEAD.startswith(bytes_of(exchange))) == ("closed", True)


@pytest.mark.parametrize(
    ("head", "body", "kept", "truncated"),
    [
        (b"Content-Length: 10\r\n\r\n", b"0123456789", b"0123456789", None),
        (b"Content-Length: 11\r\n\r\n", b"0123456789a", b"0123456789", "length"),
        (b"Content-Length: 99999\r\n\r\n", b"0123456789", b"0123456789", "length"),
        (b"\r\n", b"0123456789", b"0123456789", None),
        (b"\r\n", b"0123456789ab", b"0123456789a", "length"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"a\r\n0123456789\r\n0\r\n\r\n", b"a\r\n0123456789\r\n0\r\n\r\n", None),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"b\r\n0123456789a\r\n0\r\n\r\n", b"b\r\n0123456789a", "length"),
    ],
)
def test_the_limit_cuts_at_one_place_however_bytes_are_grouped(
    run: Any, engine: Make, portal: Portal, head: bytes, body: bytes, kept: bytes, truncated: str | None
) -> None:
    portal.on("/", lambda wire: wire.send(HEAD + head + body))
    portal.on("/slow", lambda wire: wire.drip(HEAD + head + body, 1))
    for path in ("/", "/slow"):
        exchange = run(engine().fetch(Outgoing(portal.url(path), maxsize=10)))
        assert (exchange.truncated, exchange.failure.kind if exchange.failure else None) == (truncated, truncated)
        assert bytes_of(exchange) == HEAD + head + kept


def test_hooks_see_head_and_body_and_may_stop(run: Any, engine: Make, portal: Portal) -> None:
    portal.on("/", HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n", then="keep")
    portal.on("/endless", lambda wire: (wire.send(HEAD + b"\r\n"), wire.endless(b"x" * 1000)))
    seen: list[Any] = []
    wanted = Outgoing(portal.url(), on_head=lambda head: seen.append(head.status), on_body=lambda piece: seen.append(piece))
    run(engine().fetch(wanted)).close()
    assert seen == [200, b"hi", b"!"]
    for hooks in ({"on_head": lambda _: True}, {"on_body": lambda _: True}):
        exchange = run(engine().fetch(Outgoing(portal.url("/endless"), **hooks)))
        assert (exchange.truncated, exchange.failure) == ("unspecified", None)
        assert bytes_of(exchange).startswith(HEAD + b"\r\n")


def test_the_answer_is_read_from_the_exchange(run: Any, engine: Make, portal: Portal) -> None:
    portal.on("/", b"HTTP/1.1 103 E\r\n\r\n" + HEAD + b"A: 1\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nhi\r\n0\r\n\r\nmore")
    portal.on("/junk", b"junk")
    wanted = Outgoing(portal.url())
    exchange = run(engine().fetch(wanted))
    answer = wanted.answer_of(exchange)
    assert answer is not None
    assert (answer.status, answer.reason, answer.version, answer.headers[0]) == (200, b"OK", (1, 1), (b"A", b"1"))
    assert answer.entity() == b"hi"
    exchange.close()
    junk = run(engine().fetch(Outgoing(portal.url("/junk"))))
    assert wanted.answer_of(junk) is None
    junk.close()


def test_large_answers_wait_in_a_file(run: Any, engine: Make, portal: Portal, tmp_path: Path) -> None:
    answer = HEAD + b"Content-Length: 3000000\r\n\r\n" + b"0123456789" * 300_000
    portal.on("/", answer)
    exchange = run(engine().fetch(Outgoing(portal.url())))
    assert len(list((tmp_path / "spool").iterdir())) == 1
    assert bytes_of(exchange) == answer
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_full_disk_is_no_silent_loss(run: Any, engine: Make, portal: Portal, tmp_path: Path) -> None:
    portal.on("/", lambda wire: (wire.send(HEAD + b"\r\n"), wire.endless(bytes(65536))))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, hard))
    try:
        with pytest.raises(DiskFull, match=r"No room in .*spool"):
            run(engine().fetch(Outgoing(portal.url())))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "spool").iterdir()) == []


def test_no_connection_is_a_failure_with_its_cause(run: Any, engine: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    refused = run(engine().fetch(Outgoing(f"http://user:secret@127.0.0.1:{port}/a?b#c")))
    assert (refused.failure.kind, refused.request_length, refused.answered) == ("refused", 0, False)
    assert refused.url == f"http://127.0.0.1:{port}/a?b"
    assert "secret" not in repr(refused)


@pytest.mark.parametrize("url", ["ftp://u:secret@host.example/", "http://", "http://[::1/", "nonsense", "http://a b/", "http://h:99999/"])
def test_what_is_no_address_is_not_asked_for(run: Any, engine: Make, url: str) -> None:
    exchange = run(engine().fetch(Outgoing(url)))
    assert exchange.failure.kind == "http"
    assert "secret" not in repr(exchange)


def test_private_addresses_are_forbidden_unless_allowed(run: Any, engine: Make, portal: Portal) -> None:
    portal.on("/", HI)
    for url in (portal.url(), f"http://localhost:{portal.port}/", f"http://127.1:{portal.port}/", f"http://[::ffff:127.0.0.1]:{portal.port}/"):
        exchange = run(engine(allow_private=False).fetch(Outgoing(url)))
        assert exchange.failure.kind == "forbidden"
    assert portal.hits() == []
    assert bytes_of(run(engine(allow_private=False).fetch(Outgoing(portal.url(), allow_private=True)))) == HI


@pytest.mark.parametrize("form", ["tuple", "text"])
def test_resolve_leads_a_name_elsewhere_and_says_so(run: Any, engine: Make, portal: Portal, form: str) -> None:
    portal.on("/x", HI)
    to = ("127.0.0.1", portal.port) if form == "tuple" else f"127.0.0.1:{portal.port}"
    exchange = run(engine(allow_private=False, resolve={"Hue.example": to}).fetch(Outgoing("http://hue.example/x")))
    assert (exchange.resolved, exchange.ip, bytes_of(exchange)) == (f"127.0.0.1:{portal.port}", "127.0.0.1", HI)
    assert b"Host: hue.example\r\n" in portal.hits()[0].request


def test_ipv6_is_written_as_rfc_5952_has_it(run: Any, engine: Make) -> None:
    try:
        portal = Portal(host="::1")
    except OSError:
        pytest.skip("needs IPv6 on loopback")
    with portal:
        portal.on("/", HI)
        exchange = run(engine().fetch(Outgoing(portal.url().replace("::1", "0:0:0:0:0:0:0:1"))))
        assert (exchange.ip, bytes_of(exchange)) == ("::1", HI)


def test_timeout_is_for_all_of_it(run: Any, engine: Make, portal: Portal) -> None:
    portal.on("/", Wire.stall)
    exchange = run(engine().fetch(Outgoing(portal.url(), timeout=0.2)))
    assert (exchange.failure.kind, exchange.truncated, exchange.request.read()) == ("timeout", None, portal.hits()[0].request)
