from __future__ import annotations

import pytest

from crawler.wire.addresses import is_public
from crawler.wire.outgoing import Outgoing, Unaskable, proxy_of, target_of, write


def asked(outgoing: Outgoing) -> tuple[bytes, bytes, tuple[str, ...]]:
    return write(outgoing, target_of(outgoing.url), proxy_of(outgoing))


def test_header_fields_go_out_as_given() -> None:
    wire, kept, blanked = asked(Outgoing("http://hue.example:8080/tin?a=1&a=2#x", headers=[(b"x-ODD", b"1"), (b"X-B", b"2"), (b"x-odd", b"3")]))
    assert wire == kept == (
        b"GET /tin?a=1&a=2 HTTP/1.1\r\nHost: hue.example:8080\r\nx-ODD: 1\r\nX-B: 2\r\nx-odd: 3\r\nConnection: keep-alive\r\n\r\n"
    )
    assert blanked == ()


def test_host_and_connection_are_not_sent_twice() -> None:
    wire, _, _ = asked(Outgoing("http://hue.example/", headers=[(b"connection", b"close"), (b"HOST", b"other.example")]))
    assert wire == b"GET / HTTP/1.1\r\nconnection: close\r\nHOST: other.example\r\n\r\n"


def test_credentials_are_blanked_in_what_is_kept() -> None:
    fields = [(b"authorization", b"Basic secret"), (b"Cookie", b"a=1")]
    wire, kept, blanked = asked(Outgoing("http://hue.example/", headers=fields, blank=("Authorization",)))
    assert b"Basic secret" in wire
    assert wire.replace(b"Basic secret", b"[blanked]") == kept
    assert blanked == ("authorization",)


def test_a_body_has_a_length() -> None:
    wire, _, _ = asked(Outgoing("http://hue.example/", "POST", body="số".encode()))
    assert wire.endswith(b"Content-Length: 4\r\n\r\ns\xe1\xbb\x91")
    assert b"Content-Length: 0\r\n" in asked(Outgoing("http://hue.example/", "POST")).wire  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "path", "clean"),
    [
        ("http://h.example", b"/", "http://h.example/"),
        ("HTTP://H.example:80?", b"/?", "http://h.example/?"),
        ("https://h.example:443/tin tức?ngày=1", b"/tin%20t%E1%BB%A9c?ng%C3%A0y=1", "https://h.example/tin%20t%E1%BB%A9c?ng%C3%A0y=1"),
        ("http://tỉnh.example/%e1|{}", b"/%e1|{}", "http://xn--tnh-xya.example/%e1|{}"),
        ("http://[2001:DB8::1]:81/", b"/", "http://[2001:db8::1]:81/"),
    ],
)
def test_targets(url: str, path: bytes, clean: str) -> None:
    target = target_of(url)
    assert target.path == path
    if "xn--" not in clean:
        assert target.url == clean


@pytest.mark.parametrize("headers", [[(b"X", b"a\r\nY: b")], [(b"X Y", b"a")], [(b"", b"a")], [(b"X\n", b"a")]])
def test_no_second_line_is_smuggled_in(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(Unaskable):
        asked(Outgoing("http://hue.example/", headers=headers))
    with pytest.raises(Unaskable):
        asked(Outgoing("http://hue.example/", "GET / HTTP/1.1\r\nX:"))


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
     "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],
)  # fmt: skip
def test_private_addresses(ip: str) -> None:
    assert not is_public(ip)
