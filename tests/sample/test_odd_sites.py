"""The sample's odd sites: each serves its case, and has its own list of what exists."""

from __future__ import annotations

import gzip
import re
import socket
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from running import tangthu

from archive import Reader
from crawler.sample import SamplePortal
from crawler.sample.odd import SITES, changes, moods, names, sources, traps, writing


@pytest.fixture(scope="module")
def portal():
    with SamplePortal() as served:
        yield served


def ask(portal, host, target, method="GET", body=b""):
    with socket.create_connection(("127.0.0.1", portal.port)) as connection:
        connection.sendall(
            f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )
        return b"".join(iter(lambda: connection.recv(65536), b""))


def status(came):
    return int(came[9:12])


@pytest.mark.parametrize("host", [host for host in SamplePortal.odd if host != moods.WEAK_TLS])
def test_what_a_site_says_exists_is_served_there_and_nowhere_refused(portal, host):
    for url in portal.articles(host):
        target = urlsplit(url).path
        came = ask(portal, host, target)
        if status(came) in (429, 503):  # busy: at first
            came = ask(portal, host, target)
        assert status(came) == 200, url
        assert came.endswith(portal.answer(host, target).framed) or host in (names.COUNTER, names.SESSIONS)


def test_every_site_has_articles_but_the_one_whose_robots_fail(portal):
    assert [host for host in portal.odd if not portal.articles(host)] == [moods.ROBOTS_DOWN]
    assert len(portal.odd) == len(SITES) + 1 == len(set(portal.odd))


def test_no_two_loads_of_a_counted_page_are_equal(portal):
    assert ask(portal, names.COUNTER, "/tin") != ask(portal, names.COUNTER, "/tin")
    found = [re.findall(rb"jsessionid=(\w+)", ask(portal, names.SESSIONS, "/tin")) for _ in range(2)]
    assert found[0]
    assert not set(found[0]) & set(found[1])


def test_the_busy_site_asks_for_rest_once(portal):
    with SamplePortal() as fresh:
        came = [ask(fresh, moods.BUSY, "/tin/bai-3.html") for _ in range(2)]
    assert [status(c) for c in came] == [429, 200]
    assert b"Retry-After: 60\r\n" in came[0]


def test_traps_have_no_end(portal):
    at = "/lich?thang=2020-02"
    for _ in range(30):
        at = re.findall(r'href="(/lich\?thang=\d{4}-\d\d)">tháng sau', ask(portal, traps.CALENDAR, at).decode())[0]
    assert at == "/lich?thang=2022-08"
    deep = ask(portal, traps.SUFFIX, "/tin/bai-1.html" + "/en/vi" * 20).decode()
    assert f'rel="canonical" href="http://{traps.SUFFIX}/tin/bai-1.html{"/en/vi" * 20}"' in deep
    assert len(re.findall("/dataset[?]", ask(portal, traps.FACETS, "/dataset").decode())) == 8 * 3
    assert status(ask(portal, traps.SOFT, "/khong/he/co")) == 200
    for at in ("/vong/a", "/chinh-no", "/chuoi/39", "/di/may"):
        assert status(ask(portal, traps.LOOPS, at)) in (301, 302)


def test_time_alone_changes_the_changing_sites():
    at = changes.CHANGE - timedelta(days=1)
    portal = SamplePortal(now=lambda: at)
    before = {host: portal.articles(host) for host in portal.odd}
    edited, pdf = portal.page(changes.EDITED, "/tin/bai-1.html"), portal.page(changes.EDITED, changes.PDF)
    assert portal.page(changes.MOVING, "/node/640260")
    assert len(portal.articles(changes.MOVING)) == 20
    at = changes.CHANGE
    assert {host for host in portal.odd if portal.articles(host) != before[host]} == {
        changes.EDITED, changes.MOVING, changes.OLD_HOST, changes.NEW_HOST,
    }  # fmt: skip
    assert portal.page(changes.EDITED, "/tin/bai-1.html") != edited
    assert portal.page(changes.EDITED, changes.PDF) != pdf
    assert portal.answer(changes.EDITED, "/tin/bai-2.html").head.startswith(b"HTTP/1.1 410")
    assert f"Location: http://{changes.NEW_HOST}/".encode() in portal.answer(changes.OLD_HOST, "/").head
    assert portal.answer(changes.OLD_HOST, "/tin/bai-1.html").head.startswith(b"HTTP/1.1 404")
    assert portal.answer(changes.MOVING, "/node/640260").head.startswith(b"HTTP/1.1 404")


def test_bytes_are_not_what_they_say():
    portal = SamplePortal()
    with pytest.raises(UnicodeDecodeError):
        portal.page(writing.CHARSETS, "/tin/bai-1.html").decode("utf-8")
    assert len({portal.page(writing.FILES, name) for name in writing.NAMES}) == 1
    assert len(set(writing.NAMES)) == 5
    assert portal.page(writing.FILES, writing.PICTURE).startswith(b"\x89PNG")


def test_sitemaps_and_feeds_name_every_article_and_pages_none():
    portal = SamplePortal()
    assert b"/tin/" not in portal.page(sources.SITEMAPS, "/")
    assert b"/tin/" not in portal.page(sources.FEEDS, "/")
    assert b"<!ENTITY" in portal.page(sources.SITEMAPS, "/so-do/bom.xml")
    for target in ("/robots.txt", "/sitemap.xml", "/tin.rss", "/"):
        assert all(at.encode() in portal.page(sources.HOSTILE, target) for at in sources.AWAY)


def test_a_form_is_read_whole_and_an_address_that_knows_none_says_so(portal):
    assert status(ask(portal, names.PRINTS, "/tin", "POST", b"a=1")) == 405
    assert portal.log[-1].body == b"a=1"


def test_old_tls_is_spoken_only_if_a_profile_allows_it_and_what_was_agreed_on_is_kept(portal, tmp_path):
    """1024-bit keys and Diffie-Hellman group, TLS 1.1, a chain without the authority's certificate; over plain HTTP the connection is reset."""
    (tmp_path / "tls-cu.toml").write_text(moods.weak_profile(), encoding="utf-8")
    words = ["crawl", "--own-host", "--archive", tmp_path / "a.db", "--resolve", f"{moods.WEAK_TLS}=127.0.0.1:{portal.weak_port}"]
    before = len(portal.log)
    ended = tangthu(*words, f"https://{moods.WEAK_TLS}/")
    assert ended.code == 1
    assert len(portal.log) == before, "no request without a policy that lets it speak so"
    ended = tangthu(*words, "--profile", tmp_path / "tls-cu.toml", "tls-cu")
    assert ended.code == 0, ended.err
    with Reader.open(tmp_path / "a.db") as reader:
        assert {a.url for a in reader.articles()} == set(portal.articles(moods.WEAK_TLS))
        failed = [c for c in reader.captures() if c.failure]
        assert failed
        assert all(c.failure.startswith("tls") for c in failed)
    assert tangthu("export", "--archive", tmp_path / "a.db", "--warc", tmp_path / "a.warc.gz").code == 0
    with gzip.open(tmp_path / "a.warc.gz") as file:
        records = file.read()
    assert b"WARC-Protocol: tls/1.1\r\n" in records
    assert b"WARC-Cipher-Suite: TLS_DHE_RSA_WITH_AES_128_CBC_SHA\r\n" in records
    assert b"tls-verified: no\r\ntls-error: certificate 0 of the chain: issuer not trusted\r\n" in records
    with socket.create_connection(("127.0.0.1", portal.port)) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {moods.WEAK_TLS}\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
