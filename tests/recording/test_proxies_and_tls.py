"""Through a proxy a record claims nothing of the portal that was not seen; without one it tells how TLS went, whatever the certificate."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import ssl
import threading

import pytest
import trustme
from foreign import scrapy
from server import Portal

HI = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
SPIDER = """
class Bao(scrapy.Spider):
    name = "bao"

    async def start(self):
        yield scrapy.Request({url!r}, self.parse, meta={meta!r})

    def parse(self, response):
        answered(response)
"""
OWN = "ADDONS = {}"


@pytest.fixture(scope="module")
def secure():
    """A portal whose certificate nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("khac.example").configure_cert(context)
    with Portal(context) as portal:
        portal.on("/tin", HI, then="keep")
        yield portal


@pytest.fixture
def proxy():
    with Portal() as portal:
        yield portal


def tunnel(to):
    """A proxy's tunnel to `to`."""

    def pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def script(wire):
        with socket.create_connection((to.host, to.port)) as onward:
            wire.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(onward, wire.connection))
            back.start()
            pump(wire.connection, onward)
            back.join(10)

    return script


def facts(ran):
    """What the metadata records say, as one text."""
    return b"\n".join(block for head, block in ran.records() if head["WARC-Type"] == "metadata").decode()


def test_an_invalid_certificate_stops_nothing_and_the_verdict_is_kept(secure, tmp_path):
    spider = SPIDER.format(url=secure.url("/tin"), meta={})
    ran, theirs = (scrapy(tmp_path / name, spider, "", settings) for name, settings in (("ours", ""), ("theirs", OWN)))
    assert [fact["text"] for fact in ran.told] == ["hi"], ran.log
    assert ran.told[0]["certificate"] == theirs.told[0]["certificate"] is not None
    der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((secure.host, secure.port)))
    assert ran.told[0]["certificate"].replace(":", "").lower() == hashlib.sha256(der).hexdigest()
    for kind in ("request", "response"):
        ((head, _),) = [(h, b) for h, b in ran.records() if h["WARC-Type"] == kind]
        assert head["WARC-IP-Address"] == "127.0.0.1"
        assert head["WARC-Cipher-Suite"].startswith("TLS_")
    protocols = [(h["WARC-Type"], b) for h, b in ran.records() if "tls/1.3" in str(h)]
    assert protocols
    assert "verified" in facts(ran)


def test_http_through_a_proxy(proxy, tmp_path):
    proxy.on("http://hue.example/tin", HI, then="keep")
    where = f"http://lan:p%40ss@127.0.0.1:{proxy.port}"
    ran = scrapy(tmp_path, SPIDER.format(url="http://hue.example/tin", meta={"proxy": where}), "")
    assert [(fact["text"], fact["ip"]) for fact in ran.told] == [("hi", "None")], ran.log
    sent = proxy.hits("http://hue.example/tin")[0].request
    assert b"Basic bGFuOnBAc3M=" in sent
    assert ran.blocks("request", "/tin") == [sent.replace(b"Basic bGFuOnBAc3M=", b"[blanked]")]
    assert ran.blocks("response", "/tin") == [HI]
    check_proxied(ran, proxy)


def test_https_through_a_tunnel(proxy, secure, tmp_path):
    proxy.on(f"127.0.0.1:{secure.port}", tunnel(secure))
    where = f"http://lan:p%40ss@127.0.0.1:{proxy.port}"
    before = len(secure.hits())
    ran = scrapy(tmp_path, SPIDER.format(url=secure.url("/tin"), meta={"proxy": where}), "")
    assert [(fact["text"], fact["ip"], fact["certificate"]) for fact in ran.told] == [("hi", "None", None)], ran.log
    assert ran.blocks("request", "/tin") == [secure.hits()[before].request]
    assert ran.blocks("response", "/tin") == [HI]
    assert b"Basic bGFuOnBAc3M=" in proxy.hits()[0].request
    check_proxied(ran, proxy)


def check_proxied(ran, proxy):
    for head, _ in ran.records():
        assert "WARC-IP-Address" not in head
        assert "WARC-Cipher-Suite" not in head
        assert "tls/" not in str(head)
    assert f"http://127.0.0.1:{proxy.port}" in facts(ran)
    for secret in (b"p@ss", b"p%40ss", b"bGFuOnBAc3M"):
        assert secret not in ran.archive.read_bytes()
        assert all(secret not in block and secret not in json.dumps(head).encode() for head, block in ran.records())
