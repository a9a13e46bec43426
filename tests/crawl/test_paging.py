"""Lists are walked to their end in every way in which they go on: complete against the server's own list, every article once."""

from __future__ import annotations

import json
from collections import Counter
from urllib.parse import parse_qsl

import pytest
from running import tangthu

from archive import Reader
from archive.audit.verify import verify
from crawler.sample import SamplePortal, liferay, nukeviet, profiles, ui_article, webforms
from crawler.sample.news import categories
from crawler.sample.odd import lists, sources

FAMILIES = {"mau-ui-article": ui_article, "mau-liferay": liferay, "mau-nukeviet": nukeviet, "mau-webforms": webforms}


def crawl(portal, path, *words):
    where = [w for host in (*portal.sites, *portal.odd) for w in ("--resolve", f"{host}=127.0.0.1:{portal.port}")]
    ended = tangthu("crawl", "--own-host", "--archive", path, *where, *words)
    assert ended.code == 0, ended.err
    return ended


def known(words):
    return [w for file in words for w in ("--profile", str(file))]


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    path = tmp_path_factory.mktemp("families") / "a.db"
    with SamplePortal() as portal:
        crawl(portal, path, *known(profiles()), *FAMILIES)
        yield portal, path


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    files = []
    for host in lists.PAGING:
        files.append(folder / f"{host}.toml")
        files[-1].write_text(lists.profile(host), encoding="utf-8")
    with SamplePortal() as portal:
        crawl(portal, folder / "a.db", *known(files), *(host.partition(".")[0] for host in lists.PAGING))
        yield portal, folder / "a.db"


def captured(path, host):
    """How often each address was captured, robots.txt aside; POSTs with what they sent are told apart by the log."""
    with Reader.open(path) as reader:
        return Counter(c.url for c in reader.captures() if f"//{host}/" in c.url and c.method == "GET" and not c.url.endswith("robots.txt"))


def articles(path, host):
    with Reader.open(path) as reader:
        return Counter(a.url for a in reader.articles() if f"//{host}/" in a.url)


@pytest.mark.parametrize("host", [site.HOST for site in FAMILIES.values()])
def test_a_family_is_complete_against_its_own_list_and_every_article_comes_once(families, host):
    portal, path = families
    assert articles(path, host) == Counter(portal.articles(host))
    found = captured(path, host)
    assert {url: found[url] for url in portal.articles(host)} == dict.fromkeys(portal.articles(host), 1)


@pytest.mark.parametrize("host", lists.PAGING)
def test_every_way_of_paging_is_complete_against_the_servers_list(odd, host):
    portal, path = odd
    assert articles(path, host) == Counter(portal.articles(host))
    assert set(captured(path, host).values()) == {1}


def test_no_page_of_a_list_is_asked_for_twice_and_each_list_ends(odd):
    portal, _ = odd
    asked = Counter((a.host, a.target, a.body) for a in portal.log)
    assert [one for one, count in asked.items() if count > 1] == []

    def pages(host):
        return [a.target + a.body.decode() for a in portal.log if a.host == host and ("trang" in a.target + a.body.decode())]

    assert len(pages(lists.FORM)) == lists.PAGES  # the second to the last, and an empty piece
    assert len(pages(lists.NUMBERED)) == lists.PAGES - 1  # it says how many there are
    assert len(pages(lists.CLAMPED)) == lists.PAGES  # one too many: the last again
    assert len(pages(lists.JSON)) == lists.PAGES
    assert len(pages(lists.EMPTY)) == lists.PAGES + 1  # two that show the margin only
    assert len(pages(lists.ENDLESS)) == 1  # the same articles as on the first


def test_portals_nobody_wrote_a_profile_for_page_by_themselves_on_known_platforms(tmp_path):
    hosts = (ui_article.HOST, webforms.HOST, liferay.HOST)
    with SamplePortal() as portal:
        crawl(portal, tmp_path / "a.db", *(f"http://{host}/" for host in hosts))
        asked = Counter((a.host, a.method) for a in portal.log)
        assert asked[webforms.HOST, "POST"] == sum(len(news) - 1 for news in categories().values())
        assert asked[ui_article.HOST, "POST"] > 0
        assert sum(a.target.startswith(liferay.RESOURCE) for a in portal.log) == 4
        for host in hosts:
            assert set(portal.articles(host)) <= set(articles(tmp_path / "a.db", host))


def test_files_that_articles_offer_are_fetched_once_whatever_their_address(families):
    portal, _ = families
    asked = Counter(a.target for a in portal.log if "download=1" in a.target)
    assert set(asked.values()) == {1}
    assert set(asked) == {target for target in portal.targets(nukeviet.HOST) if "download=1" in target}


def test_fragments_are_asked_for_with_the_numbers_of_the_page(families):
    portal, _ = families
    sent = [json.loads(a.body) for a in portal.log if a.method == "POST" and a.host == ui_article.HOST]
    pages = {n: -(-len(news) // ui_article.PER_PAGE) for n, news in enumerate(categories().values(), ui_article.CATEGORY)}
    assert sorted((one["article_category_id"], one["page"]) for one in sent) == [(c, p) for c, last in pages.items() for p in range(2, last + 1)]


def test_postbacks_carry_the_view_state_of_the_page_answered_last(families):
    portal, _ = families
    posts = [a for a in portal.log if a.method == "POST" and a.host == webforms.HOST]
    assert len(posts) == sum(len(news) - 1 for news in categories().values())
    assert all(portal.answer(a.host, a.target, a).head.startswith(b"HTTP/1.1 200") for a in posts)
    states = [dict(parse_qsl(a.body.decode()))["__VIEWSTATE"] for a in posts]
    assert len(set(states)) == len(states)


def test_json_resources_are_read(families):
    portal, _ = families
    asked = [a.target for a in portal.log if a.target.startswith(liferay.RESOURCE)]
    assert [target.partition("&pageNum=")[2] for target in asked] == [f"{n}&recordPerPage=10" for n in range(1, 5)]


def test_post_captures_are_told_as_such_and_every_record_is_sound(families):
    _, path = families
    url = f"http://{webforms.HOST}/vi/kinh-te"
    told = tangthu("why", "--archive", path, url).out
    assert "UTC: 200 text/html" in told
    assert "UTC: POST 200 text/html" in told
    with Reader.open(path) as reader:
        assert [f for f in verify(reader) if f.verdict.value != "sound"] == []
        assert {c.method for c in reader.find(url)} == {"GET", "POST"}


def test_sitemaps_and_feeds_are_read_to_the_end_and_what_should_not_be_followed_is_not(tmp_path):
    homes = [f"http://{host}/" for host in (sources.SITEMAPS, sources.FEEDS, sources.HOSTILE)]
    with SamplePortal() as portal:
        crawl(portal, tmp_path / "a.db", *homes)
        asked = [a.target for a in portal.log]
    for host in (sources.SITEMAPS, sources.FEEDS, sources.HOSTILE):
        assert articles(tmp_path / "a.db", host) == Counter(portal.articles(host))
    with Reader.open(tmp_path / "a.db") as reader:
        refused = {(r["url"], r["reason"]) for url in (*sources.AWAY, f"http://{sources.SITEMAPS}/so-do/bom.xml") for r in reader.why(url).refusals}
    assert {url for url, _ in refused} == {*sources.AWAY, f"http://{sources.SITEMAPS}/so-do/bom.xml"}
    assert (f"http://{sources.SITEMAPS}/so-do/bom.xml", "sitemap") in refused
    assert asked.count("/so-do.xml") == 1
    assert "/x" not in asked
