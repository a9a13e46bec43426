"""How our own crawls ask: with the cookies that a portal set, through the proxy that the environment names, and as addresses are written."""

from __future__ import annotations

import gzip

from running import tangthu
from server import Portal

from crawler.asking import asked_as

ROBOTS = b"HTTP/1.1 404 Khong\r\nContent-Length: 0\r\n\r\n"


def page(markup, *fields):
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: text/html", *fields, b"Content-Length: %d" % len(markup), b"", markup]
    return b"\r\n".join(lines)


def crawl(url, path, *more, **env):
    ended = tangthu("crawl", url, "--own-host", "--archive", path, "--set", "CONCURRENT_REQUESTS=1", *more, **env)
    assert ended.code == 0, ended.err


def test_cookies_go_back_to_the_portal_that_set_them(tmp_path):
    with Portal() as portal:
        portal.on("/robots.txt", ROBOTS)
        portal.on("/", page(b'<a href="/a">a</a>', b"Set-Cookie: phien=1; Path=/", b"set-cookie: ngoai=2; Domain=khac.example"))
        portal.on("/a", page(b'<a href="/b">b</a>', b"Set-Cookie: phien=3; Path=/"))
        portal.on("/b", page(b"tin"))
        crawl(portal.url(), tmp_path / "a.db")
        asked = {hit.path: hit.request for hit in portal.hits()}
    assert b"Cookie:" not in asked["/"]
    assert b"\r\nCookie: phien=1\r\n" in asked["/a"]
    assert b"\r\nCookie: phien=3\r\n" in asked["/b"]


def test_cookies_stay_away_if_they_are_not_wanted(tmp_path):
    with Portal() as portal:
        portal.on("/robots.txt", ROBOTS)
        portal.on("/", page(b'<a href="/a">a</a>', b"Set-Cookie: phien=1; Path=/"))
        portal.on("/a", page(b"tin"))
        crawl(portal.url(), tmp_path / "a.db", "--set", "COOKIES_ENABLED=False")
        assert all(b"Cookie:" not in hit.request for hit in portal.hits())


def test_the_proxy_of_the_environment_is_asked_and_its_password_is_not_kept(tmp_path):
    with Portal() as proxy:
        proxy.on("*", page(b"tin"))
        port = proxy.url().rpartition(":")[2].strip("/")
        crawl("http://cong.tinh-mau.example/", tmp_path / "a.db", http_proxy=f"http://nguoi:kin@127.0.0.1:{port}")
        asked = [hit.request for hit in proxy.hits()]
    assert [request.split(b"\r\n")[0] for request in asked] == [
        b"GET http://cong.tinh-mau.example/robots.txt HTTP/1.1", b"GET http://cong.tinh-mau.example/ HTTP/1.1",
    ]  # fmt: skip
    assert all(b"Proxy-Authorization: Basic bmd1b2k6a2lu\r\n" in request for request in asked)
    assert tangthu("export", "--warc", tmp_path / "ra.warc.gz", "--archive", tmp_path / "a.db").code == 0
    kept = gzip.decompress((tmp_path / "ra.warc.gz").read_bytes())
    assert kept.count(b"Proxy-Authorization: [blanked]\r\n") == 2
    assert b"bmd1b2k6a2lu" not in kept


def test_an_address_is_asked_for_as_it_always_was():
    """Scrapy escapes what RFC 3986 forbids and browsers let stand; archives know these addresses so."""
    assert asked_as("http://hue.example/a[1]|b?c='d'") == "http://hue.example/a%5B1%5D%7Cb?c=%27d%27"
    assert asked_as("http://hue.example/a?b=c%20d") == "http://hue.example/a?b=c%20d"
    assert asked_as("http://[::1]:8080/a") == "http://[::1]:8080/a"
