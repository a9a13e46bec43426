"""The sample portal: what is scripted is what crosses the wire, and no link of its pages leads nowhere."""

from __future__ import annotations

import gzip
import http.client
import re
import socket
import unicodedata
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from crawler.portals.profile import load
from crawler.sample import SamplePortal, drupal, liferay, nukeviet, profiles, sharepoint, ui_article, webforms
from crawler.sample.news import categories, newest_first, weekday

LINK = re.compile(rb"(?:href|src)=\"([^\"#]+)\"|url\(([^)]+)\)|<link>([^<]+)</link>|^Location: (.+)\r$", re.MULTILINE)

SITES = (drupal, ui_article, sharepoint, liferay, nukeviet, webforms)


@pytest.fixture(scope="module")
def portal():
    with SamplePortal() as served:
        yield served


def ask(portal, host, target, method="GET", close=True):
    """All bytes that come back for one request."""
    with socket.create_connection(("127.0.0.1", portal.port)) as connection:
        end = "Connection: close\r\n" if close else ""
        connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{end}\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def every_page():
    portal = SamplePortal()
    return [(host, target) for host in portal.sites for target in portal.targets(host)]


@pytest.mark.parametrize(("host", "target"), every_page())
def test_every_answer_crosses_the_wire_as_scripted(portal, host, target):
    assert ask(portal, host, target) == portal.answer(host, target).wire


@pytest.mark.parametrize(("host", "target"), every_page())
def test_a_client_of_others_reads_every_page(portal, host, target):
    connection = http.client.HTTPConnection("127.0.0.1", portal.port)
    connection.request("GET", target, headers={"Host": host})
    with connection.getresponse() as came:
        body = came.read()
    connection.close()
    assert (gzip.decompress(body) if came.getheader("Content-Encoding") else body) == portal.page(host, target)


@pytest.mark.parametrize("host", SamplePortal.sites)
def test_every_link_leads_to_something_served_but_for_the_one_that_is_gone(portal, host):
    dead = set()
    for target in portal.targets(host):
        answer = portal.answer(host, target)
        for found in LINK.finditer(answer.head + answer.body):
            link = unescape(next(g for g in found.groups() if g).decode())
            parts = urlsplit(urljoin(f"http://{host}{target}", link))
            if parts.scheme == "javascript":
                continue
            assert parts.hostname == host
            wanted = parts.path + (f"?{parts.query}" if parts.query else "")
            if wanted not in portal.targets(host):
                dead.add(wanted)
    assert dead == {next(s.GONE for s in SITES if host == s.HOST)}


def test_two_portals_say_the_same():
    one, other = SamplePortal(), SamplePortal()
    assert all(one.answer(*at).wire == other.answer(*at).wire for at in every_page())


def test_connection_is_kept_for_a_second_request(portal):
    with socket.create_connection(("127.0.0.1", portal.port)) as connection:
        ask_for = f"GET {drupal.SEED} HTTP/1.1\r\nHost: {drupal.HOST}\r\n"
        connection.sendall(f"{ask_for}\r\n{ask_for}Connection: close\r\n\r\n".encode())
        came = b"".join(iter(lambda: connection.recv(65536), b""))
    assert came == portal.answer(drupal.HOST, drupal.SEED).wire * 2


def test_head_brings_the_head_alone_and_post_is_refused(portal):
    assert ask(portal, drupal.HOST, "/", "HEAD") == portal.answer(drupal.HOST, "/").head
    assert ask(portal, drupal.HOST, "/", "POST").startswith(b"HTTP/1.1 405 ")


def test_log_holds_what_was_asked():
    with SamplePortal() as portal:
        ask(portal, sharepoint.HOST, "/robots.txt")
    assert [(a.host, a.method, a.target) for a in portal.log] == [(sharepoint.HOST, "GET", "/robots.txt")]
    assert portal.answer(sharepoint.HOST, "/robots.txt").head.startswith(b"HTTP/1.1 404 ")


def test_odd_answers_are_there():
    portal = SamplePortal()
    chunked = portal.answer(drupal.HOST, "/gioi-thieu")
    assert b";phan=0\r\n" in chunked.framed
    assert chunked.framed.endswith(b"\r\n0\r\nX-Kiem-Tra: ok\r\n\r\n")
    assert portal.answer(drupal.HOST, "/van-ban").framed.startswith(b"\x1f\x8b")
    assert portal.answer(drupal.HOST, "/lien-he").head.lower().count(b"\r\nset-cookie:") == 2
    assert portal.page(drupal.HOST, drupal.PDF_NAMES[0]) == portal.page(drupal.HOST, drupal.PDF_NAMES[1])


def test_only_sharepoint_articles_hold_text_that_is_not_nfc():
    portal = SamplePortal()
    pages = [(h, t) for h, t in every_page() if b"text/html" in portal.answer(h, t).head]
    odd = {(h, t) for h, t in pages if not unicodedata.is_normalized("NFC", portal.page(h, t).decode())}
    articles = {(sharepoint.HOST, sharepoint.address(n)) for n in newest_first()}
    assert odd
    assert odd <= articles
    seed = unescape(portal.page(sharepoint.HOST, sharepoint.seed()).decode())
    assert not unicodedata.is_normalized("NFC", seed)
    assert not unicodedata.is_normalized("NFD", seed)
    assert "\u200b" in seed


@pytest.mark.parametrize("site", SITES, ids=lambda s: s.__name__)
def test_seed_article_is_on_every_site(site):
    seed = next(n for n in newest_first() if n.node == 640260)
    target = drupal.SEED if site is drupal else site.address(seed)
    page = unicodedata.normalize("NFC", unescape(SamplePortal().page(site.HOST, target).decode()).replace("\u200b", ""))
    for piece in (seed.title, seed.lead, seed.author, *(b.text for b in seed.body)):
        assert piece in page


def test_dates_are_as_each_family_writes_them():
    portal = SamplePortal()
    assert '<div class="submitted">Thứ 6, 07/02/2020 - 15:20</div>' in portal.page(drupal.HOST, drupal.SEED).decode()
    assert ">Đăng ngày 07-02-2020 15:20</span>" in portal.page(sharepoint.HOST, sharepoint.seed()).decode()
    assert {weekday(n.date) for n in newest_first()} >= {"Chủ nhật", "Thứ 2", "Thứ 7"}


@pytest.mark.parametrize("file", profiles(), ids=lambda f: f.name)
def test_profiles_tell_articles_from_lists(file):
    profile, portal = load(file), SamplePortal()
    host = next(iter(profile.hosts))
    assert profile.articles
    assert profile.pages
    articles = [t for t in portal.targets(host) if profile.articles.search(t)]
    lists = [t for t in portal.targets(host) if profile.pages.search(t) and not profile.articles.search(t)]
    more = {drupal.HOST: 1, sharepoint.HOST: 1, nukeviet.HOST: len(nukeviet.DOCUMENTS)}  # moved addresses; legal documents
    assert len(articles) == len(newest_first()) + more.get(host, 0)
    by_category = len(categories())  # and the page that tells what the portal is
    assert len(lists) == {ui_article.HOST: by_category + 1, webforms.HOST: by_category + 1, nukeviet.HOST: 4, liferay.HOST: 4}.get(host, 3)


def test_documents_come_as_what_they_are():
    portal = SamplePortal()
    for alias, (_, _, _, files) in nukeviet.DOCUMENTS.items():
        for number, kind in enumerate(files.values()):
            answer = portal.answer(nukeviet.HOST, f"{nukeviet.law(alias)}?download=1&id={number}")
            assert f"Content-Type: {kind}\r\n".encode() in answer.head
            assert answer.body.startswith(b"%PDF" if kind == "application/pdf" else b"PK")


def test_what_the_families_are_known_by():
    portal = SamplePortal()
    seed = next(n for n in newest_first() if n.node == 640260)
    assert portal.page(liferay.HOST, liferay.address(seed)).startswith(b"\n\n\n\n<!DOCTYPE html>")
    assert b"__VIEWSTATE" in portal.page(webforms.HOST, webforms.address(seed))
    assert b"article_category_id" in portal.page(ui_article.HOST, "/doi-ngoai")
    assert b'content="NukeViet v4.5"' in portal.page(nukeviet.HOST, nukeviet.LIST)
