"""What names addresses inside, or of other schemes, is kept as a refusal and followed by nobody: in links, redirects, sitemaps, feeds, robots.txt."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from html import escape

import pytest
from running import tangthu
from server import Portal

from archive import Reader
from archive.audit.findings import Verdict
from archive.audit.verify import verify
from archive.urls import tidy

HOST = "cong.tinh-mau.example"
NONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
# One's own machine and network, however it is written: dotted, short, decimal, hexadecimal, octal, IPv6, mapped, 6to4, NAT64, link-local, by name.
INSIDE = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0.0.0.0", "localhost", "LOCALHOST", "localhost.",
    "cong.localhost", "10.1.2.3", "172.16.5.5", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[fe80::1]", "[fc00::1]", "[ff02::1]",
)  # fmt: skip
SCHEMES = ("file:///etc/passwd", "data:text/plain,tin", "ftp://{host}/a")
PLACES = ("link", "redirect", "sitemap", "feed", "robots", "requisite")


def answer(body, kind=b"text/html", status=b"200 OK", *fields):
    head = [b"HTTP/1.1 " + status, b"Content-Type: " + kind, *fields, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def addresses(port):
    return [f"http://{host}:{port}/{number}" for number, host in enumerate(INSIDE)] + [scheme.format(host=HOST) for scheme in SCHEMES]


def naming(portal, place, urls):
    """Let the portal name the addresses at one place."""
    home = b'<link rel="alternate" type="application/rss+xml" href="/tin.rss">'
    if place == "link":
        home += "".join(f'<a href="{escape(url)}">tin</a>' for url in urls).encode()
    if place == "requisite":
        home += "".join(f'<link rel="stylesheet" href="{escape(url)}">' for url in urls).encode()
    if place == "redirect":
        home += b"".join(b'<a href="/r/%d">tin</a>' % number for number in range(len(urls)))
        for number, url in enumerate(urls):
            portal.on(f"/r/{number}", answer(b"", b"text/html", b"302 Found", b"Location: " + url.encode()))
    portal.on("/", answer(home))
    items = "".join(f"<item><title>Tin</title><link>{escape(url)}</link></item>" for url in (urls if place == "feed" else []))
    portal.on("/tin.rss", answer(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), b"application/rss+xml"))
    lines = "".join(f"<url><loc>{escape(url)}</loc></url>" for url in (urls if place == "sitemap" else []))
    portal.on("/sitemap.xml", answer(f"<urlset>{lines}</urlset>".encode(), b"application/xml"))
    robots = "".join(f"Sitemap: {url}\n" for url in (urls if place == "robots" else ["/sitemap.xml"]))
    portal.on("/robots.txt", answer(f"User-agent: *\nAllow: /\n{robots}".encode(), b"text/plain"))
    portal.on("*", NONE)


def crawl(portal, tmp_path, *more):
    # Even a profile that lets a crawl go anywhere.
    profile = tmp_path / "mau.toml"
    profile.write_text(f'code = "mau"\nname = "Mẫu"\nstarts = ["http://{HOST}/"]\n[scope]\nallow = ["."]\n[pace]\ndelay = 0.0\n', encoding="utf-8")
    to = f"{HOST}=127.0.0.1:{portal.port}"
    return tangthu("crawl", "mau", "--profile", profile, "--resolve", to, "--set", "RETRY_TIMES=0", "--archive", tmp_path / "a.db", *more)


def refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as conn:
        return dict(conn.execute("SELECT url, reason FROM refusals WHERE reason IN ('private', 'scheme')").fetchall())


def elsewhere(tmp_path):
    with Reader.open(tmp_path / "a.db") as reader:
        return {capture.url for capture in reader.captures() if not capture.url.startswith(f"http://{HOST}/")}


@pytest.mark.parametrize("place", PLACES)
def test_what_points_inside_is_written_down_and_not_followed(place, tmp_path):
    with Portal() as portal, Portal() as inside:
        inside.on("*", answer(b"trong nha"))
        urls = addresses(inside.port)
        naming(portal, place, urls)
        ended = crawl(portal, tmp_path)
        assert ended.code == 0, ended.err
        assert inside.connections == 0
    private, schemes = ({tidy(url) for url in urls if url.startswith("http")}, {url for url in urls if not url.startswith("http")})
    # What a page is made of may stand in the page itself.
    schemes -= {url for url in schemes if url.startswith("data:") and place == "requisite"}
    assert refused(tmp_path) == dict.fromkeys(private, "private") | dict.fromkeys(schemes, "scheme")
    assert elsewhere(tmp_path) == set()
    assert [f for f in verify(tmp_path / "a.db") if f.verdict is Verdict.BROKEN] == []


@pytest.mark.parametrize("place", PLACES)
def test_ones_own_network_is_followed_to_where_it_is_allowed(place, tmp_path):
    with Portal() as portal, Portal() as inside:
        inside.on("*", answer(b"<p>trong nha</p>" if place != "robots" else b"<urlset></urlset>"))
        inside.on("/robots.txt", NONE)
        url = f"http://127.0.0.1:{inside.port}/cua-minh"
        naming(portal, place, [url])
        ended = crawl(portal, tmp_path, "--own-host")
        assert ended.code == 0, ended.err
        assert [hit.path for hit in inside.hits("/cua-minh")] == ["/cua-minh"]
    assert refused(tmp_path) == {}


def test_a_robots_file_inside_is_not_fetched_and_we_stay_out(tmp_path):
    """The rules could not be had (RFC 9309, section 2.3.1.4)."""
    with Portal() as portal, Portal() as inside:
        inside.on("*", answer(b"User-agent: *\nAllow: /\n", b"text/plain"))
        target = f"http://127.0.0.1:{inside.port}/robots.txt"
        portal.on("/robots.txt", answer(b"", b"text/plain", b"302 Found", b"Location: " + target.encode()))
        portal.on("*", answer(b"tin"))
        ended = crawl(portal, tmp_path)
        assert ended.code == 1
        assert inside.connections == 0
        assert {hit.path for hit in portal.hits()} == {"/robots.txt"}
    assert refused(tmp_path) == {target: "private"}
    assert [f for f in verify(tmp_path / "a.db") if f.verdict is Verdict.BROKEN] == []
