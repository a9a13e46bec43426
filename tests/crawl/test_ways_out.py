"""Where a crawl may go on the network: never to addresses that are nobody's business, and through a proxy where the profile says so."""

from __future__ import annotations

import gzip
import json
import sqlite3
import threading
from contextlib import closing

import pytest
from running import tangthu
from server import Portal

from archive import Reader
from archive.errors import Misuse
from archive.model import Link, Refusal
from crawler.portals.profile import load, of_url
from crawler.spiders.reading import in_html
from crawler.spiders.walk import Walk
from crawler.wire.addresses import may_be_public

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s"
NONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
HOME = "http://tinh-mau.example/"
INSIDE = [
    "127.0.0.1", "localhost", "tin.localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.5.5",
    "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "[fe80::1]", "[fc00::1]", "0.0.0.0",
]  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_what_points_inside_is_kept_as_private_whether_link_or_redirect(host):
    walk = Walk(of_url(HOME))
    url = f"http://{host}/x"
    for links, refusals in (walk.sort(Link(HOME), [(url, "page")]), walk.redirect(Link(HOME), url)):
        assert (links, [r.reason for r in refusals]) == ([], ["private"])
    assert walk.sort(Link(HOME), [("http://khac.example/", "page")])[1][0].reason == "scope"


@pytest.mark.parametrize("host", ["hue.example", "8.8.8.8", "2606:4700::1", "134744072"])
def test_what_may_be_public(host):
    assert may_be_public(host)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://tinh-mau.example/a", "data:text/html,<p>x</p>", "gopher://tinh-mau.example/"])
def test_other_schemes_are_kept_and_never_followed(url):
    walk = Walk(of_url(HOME))
    scheme = url.partition(":")[0]
    named = in_html(f'<a href="{url.replace("<", "&lt;")}">x</a>'.encode(), HOME)
    for links, refusals in (walk.sort(Link(HOME), named), walk.redirect(Link(HOME), url)):
        assert (links, refusals) == ([], [Refusal(url, "scheme", scheme, HOME)])


def test_a_picture_in_the_page_itself_is_no_address():
    assert in_html(b'<img src="data:image/png;base64,AAAA">', HOME) == []


def test_a_name_that_resolves_inside_is_checked_against_the_address_connected_to(tmp_path):
    """What a name resolves to is looked at when it is connected to, and that very address is: a second look-up cannot lead elsewhere."""
    with Portal() as portal:
        ended = tangthu("crawl", f"http://localhost:{portal.port}/", "--archive", tmp_path / "a.db", "--set", "RETRY_TIMES=0")
        assert ended.code == 1, ended.err
        assert portal.hits() == []
        assert portal.connections == 0
    with closing(sqlite3.connect(tmp_path / "a.db")) as conn:
        assert [f for (f,) in conn.execute("SELECT failure FROM captures") if not f.startswith("forbidden:")] == []


def profile(tmp_path, more):
    path = tmp_path / "mau.toml"
    path.write_text(f'code = "mau"\nname = "Mẫu"\nstarts = ["{HOME}"]\n{more}', encoding="utf-8")
    return path


def test_everything_goes_through_the_profiles_proxy_and_that_is_kept(tmp_path):
    seen, lock = [], threading.Lock()

    def relay(wire):
        target = wire.hit.request.split(b" ", 2)[1].decode()
        with lock:
            seen.append(target)
        page = b'<a href="/a">a</a>'
        wire.send(NONE if target.endswith((".txt", ".xml")) else PAGE % (len(page), page))

    with Portal() as proxy:
        proxy.on("*", relay)
        file = profile(tmp_path, f'proxy = "http://127.0.0.1:{proxy.port}"\n[pace]\ndelay = 0.0\n')
        ended = tangthu("crawl", "mau", "--profile", file, "--archive", tmp_path / "a.db")
        assert ended.code == 0, ended.err
        assert set(seen) == {HOME, HOME + "a", HOME + "robots.txt", HOME + "sitemap.xml"}
        with Reader.open(tmp_path / "a.db") as reader:
            told = [b"".join(member) for _, member in reader.members()]
        metadata = [text for text in map(gzip.decompress, told) if f"127.0.0.1:{proxy.port}".encode() in text]
        assert len(metadata) >= 3, "each exchange says which proxy it went through"
    assert json.loads(tangthu("verify", "--archive", tmp_path / "a.db", "--json").out)["sound"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('proxy = "socks5://a.example:1"', "is no HTTP proxy"),
        ('proxy = "http://user:secret@a.example:1"', "is no HTTP proxy"),
        ('[tls]\nminimum = "0.9"', "is no version of TLS"),
    ],
)
def test_a_way_out_that_cannot_work_is_refused_when_it_is_loaded(tmp_path, more, says):
    with pytest.raises(Misuse, match=says):
        load(profile(tmp_path, more))
