from __future__ import annotations

import datetime as dt
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest
from conftest import need
from server import Portal

from crawler.wire.engine import Engine, Outgoing
from crawler.wire.tls import iana_name

Make = Callable[..., Engine]
HI = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def tls_of(run: Any, client: Engine, url: str) -> Any:
    exchange = run(client.fetch(Outgoing(url)))
    exchange.close()
    return exchange


def test_a_certificate_that_holds(run: Any, engine: Make, authority: Any) -> None:
    context = authority.context("127.0.0.1", "hue.example")
    names: list[Any] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with Portal(context) as portal:
        portal.on("/", HI)
        client = engine(authorities=str(authority.pem), resolve={"hue.example": "127.0.0.1"}, strict_tls=True)
        for url in (portal.url(), portal.url().replace("127.0.0.1", "hue.example")):
            tls = tls_of(run, client, url).tls
            assert (tls.version, tls.verified, tls.error) == ("tls/1.3", True, None)
            assert tls.cipher.startswith("TLS_")
            assert ssl.DER_cert_to_PEM_cert(tls.chain[0]).startswith("-----BEGIN")
    # SNI is for names only (RFC 6066, section 3).
    assert names == [None, "hue.example"]


def expired() -> dict[str, Any]:
    return {"not_before": dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "not_after": dt.datetime(2021, 1, 1, tzinfo=dt.UTC)}


@pytest.mark.parametrize(
    ("names", "options", "trusted", "error"),
    [
        (["127.0.0.1"], {}, False, "not trusted|not known|self-signed"),
        (["other.example"], {}, True, "not for 127.0.0.1"),
        (["127.0.0.1"], expired(), True, "expired"),
    ],
    ids=["untrusted", "other name", "expired"],
)
def test_a_certificate_that_does_not_hold(
    run: Any, engine: Make, authority: Any, names: list[str], options: dict[str, Any], trusted: bool, error: str
) -> None:
    trust = {"authorities": str(authority.pem)} if trusted else {}
    with Portal(authority.context(*names, **options)) as portal:
        portal.on("/", HI)
        lenient = tls_of(run, engine(**trust), portal.url())
        assert (lenient.failure, lenient.tls.verified) == (None, False)
        assert re.search(error, lenient.tls.error)
        strict = tls_of(run, engine(strict_tls=True, **trust), portal.url())
        assert (strict.failure.kind, strict.failure.message, strict.tls) == ("tls", lenient.tls.error, lenient.tls)
        assert strict.request_length == 0
        assert len(portal.hits()) == 1


def test_an_old_portal(run: Any, engine: Make, authority: Any) -> None:
    context = authority.context("127.0.0.1")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256")
    with Portal(context) as portal:
        portal.on("/", HI)
        tls = tls_of(run, engine(), portal.url()).tls
        assert tls.version == "tls/1.2"
        assert re.fullmatch("TLS_ECDHE_(RSA|ECDSA)_WITH_AES_128_CBC_SHA256", tls.cipher)
        refused = tls_of(run, engine(min_tls="1.3"), portal.url())
        assert (refused.failure.kind, refused.tls, refused.ip) == ("tls", None, "127.0.0.1")
        assert "version" in refused.failure.message
        assert tls_of(run, engine(ciphers="DEFAULT:@SECLEVEL=0", min_tls="1.0"), portal.url()).failure is None


def test_who_speaks_no_tls(run: Any, engine: Make) -> None:
    def answer_plainly(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_plainly, args=(listener,))
        thread.start()
        exchange = tls_of(run, engine(), f"https://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join(10)
    assert (exchange.failure.kind, exchange.request_length) == ("tls", 0)


def test_a_handshake_that_is_never_answered(run: Any, engine: Make, portal: Portal) -> None:
    exchange = tls_of(run, engine(connect_timeout=0.2), portal.url().replace("http:", "https:"))
    assert (exchange.failure.kind, exchange.request_length, exchange.tls) == ("timeout", 0, None)


def test_a_body_until_close_needs_close_notify(run: Any, engine: Make, authority: Any) -> None:
    with Portal(authority.context("127.0.0.1")) as portal:
        portal.on("/whole", b"HTTP/1.1 200 OK\r\n\r\nall of it")
        portal.on("/cut", b"HTTP/1.1 200 OK\r\n\r\nall of it", then="cut")
        assert tls_of(run, engine(), portal.url("/whole")).truncated is None
        cut = tls_of(run, engine(), portal.url("/cut"))
        assert (cut.truncated, cut.failure.kind) == ("disconnect", "closed")


def test_cipher_names_are_iana_s() -> None:
    listed = subprocess.run([need("openssl"), "ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"], capture_output=True, text=True, check=True)
    pairs = [line.split() for line in listed.stdout.splitlines()]
    wrong = [(theirs, iana, iana_name(theirs)) for iana, _, theirs, *_ in pairs if "SRP" not in theirs and iana_name(theirs) != iana]
    assert len(pairs) > 30
    assert wrong == []
