"""How lists go on, as data: what a profile may say, where a list ends, what sitemaps and forms hold."""

from __future__ import annotations

import gzip
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from archive.errors import Misuse
from archive.model import Link
from crawler.portals.profile import load
from crawler.portals.ways import of_platform
from crawler.spiders import sources
from crawler.spiders.lists import begin, go_on
from crawler.spiders.paging import MOST_PAGES, Paging, Where
from crawler.spiders.postback import groups, posted
from crawler.spiders.reading import in_html
from crawler.spiders.sources import MOST_BYTES, in_robots, in_sources
from crawler.spiders.walk import MAX_SITEMAPS, Walk

TOP = 'code = "mau"\nname = "Mẫu"\nstarts = ["http://a.example/"]\n[listing]\narticles = "x"\n[[listing.paging]]\n'


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ('style = "form"', r"listing\.paging\.style must be one of request, postback"),
        ('style = "request"', r"listing\.paging\.url is missing"),
        ('style = "request"\nurl = "/x"', r"neither url nor body has \{page\}"),
        ('style = "request"\nurl = "/x?{muc}&{page}"', r"listing\.paging\.values\.muc is missing"),
        ('style = "request"\nurl = "/x?{page}"\nitems = "a"', "items and address belong together"),
        ('style = "request"\nurl = "/x?{page}"\nlasst = "a"', "did you mean last"),
        ('style = "request"\nurl = "/x?{page}"\nfirst = "2"', r"listing\.paging\.first must be of type int"),
        ('style = "request"\nurl = "/x?{page}"\nlast = "("', r"listing\.paging\.last: \( is no regular expression"),
        ('style = "postback"\n[sources]\nfeeds = ["ftp://a.example/"]', r"sources\.feeds: ftp://a\.example/ is no http"),
    ],
)
def test_a_way_that_cannot_work_fails_when_it_is_loaded(tmp_path, told, says):
    (tmp_path / "mau.toml").write_text(TOP + told, encoding="utf-8")
    with pytest.raises(Misuse, match=says):
        load(tmp_path / "mau.toml")


def test_a_profiles_own_ways_come_before_its_platforms_and_an_empty_list_switches_all_off(tmp_path):
    path = tmp_path / "mau.toml"
    path.write_text('platform = "webforms"\n' + TOP + 'style = "request"\nurl = "/x?{page}"', encoding="utf-8")
    assert [way.style for way in load(path).paging] == ["request", "postback"]
    path.write_text('platform = "webforms"\n' + TOP.replace("[[listing.paging]]", "paging = []"), encoding="utf-8")
    assert load(path).paging == ()
    assert {way.style for way in of_platform(None)} == {"request", "postback"}


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=4), max_size=60))
def test_a_list_always_ends_and_what_is_kept_of_it_comes_back(pages):
    where = Where("x", "http://a.example/tin", 2)
    for items in pages:
        assert Where.load(where.told) == where
        after = where.after(items)
        assert (after is None) == (not items or (len(set(items)) > 0 and where.after(items) is None))
        if after is None:
            break
        assert after.number == where.number + 1
        assert after.after(items) is None, "the same again is the end"
        where = after
    assert Where("x", "l", MOST_PAGES).after(["a"]) is None
    assert Where("x", "l", 7, last=7).after(["a"]) is None


def test_a_way_needs_all_of_its_values():
    way = Paging("request", url="/x?{page}&{muc}", values=(("muc", re.compile('data-muc="([^"]*)"')),))
    assert begin([way], "http://a.example/tin", "<div>", ["b"], None) == []
    (ask,) = begin([way], "http://a.example/tin", '<div data-muc="Đối ngoại &amp; a">', ["b"], None)
    assert ask.url == "http://a.example/x?2&%C4%90%E1%BB%91i%20ngo%E1%BA%A1i%20%26%20a"
    (more,) = go_on([way], Where.load(ask.paging), ask.url, ["c"], None)
    assert more.url.startswith("http://a.example/x?3&")
    assert go_on([way], Where.load(more.paging), more.url, ["c"], None) == []
    assert go_on([], Where.load(more.paging), more.url, ["d"], None) == [], "a profile that has changed"


FORM = """<form action="?a=1"><input type=hidden name=__VIEWSTATE value="Đ+/="><input type=hidden name=__EVENTTARGET value=x>
<input name=tim value="b c"><input type=submit name=nut value=Gửi><input type=checkbox name=k1><input type=checkbox name=k2 checked>
<select name=s><option value="">-<option value=2 selected>hai</select><textarea name=t>dài</textarea><input name=off disabled value=1>
<a href="javascript:__doPostBack('lich','5')">5</a>
<a href="javascript:__doPostBack(&#39;g$pager$ctl01&#39;,&#39;&#39;)">2</a><a href="javascript:__doPostBack('g$pager$ctl02','')">...</a></form>"""


def test_a_postback_sends_what_a_browser_would():
    tree = etree.HTML(FORM)
    pager = re.compile("(?i)pag")
    assert groups(tree, pager) == ["g$pager$ctl#"]
    ask = posted(tree, "http://a.example/tin?b=2", pager, Where("x", "l", 2, group="g$pager$ctl#"))
    assert (ask.method, ask.url) == ("POST", "http://a.example/tin?a=1")
    assert ask.body == (
        b"__EVENTTARGET=g%24pager%24ctl01&__EVENTARGUMENT=&__VIEWSTATE=%C4%90%2B%2F%3D&tim=b+c&k2=on&s=2&t=d%C3%A0i"
    )
    assert b"ctl02" in posted(tree, "http://a.example/", pager, Where("x", "l", 3, group="g$pager$ctl#")).body
    assert posted(etree.HTML(FORM.replace("...", "1")), "http://a.example/", pager, Where("x", "l", 3, group="g$pager$ctl#")) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_a_source_or_say_what_is_wrong(body):
    found = in_sources(body, "http://a.example/so-do.xml")
    assert isinstance(found.trouble, str)
    assert in_sources(gzip.compress(body), "http://a.example/so-do.xml").named == found.named or body[:2] == b"\x1f\x8b"


def test_what_is_too_large_or_declares_entities_is_refused_and_what_breaks_off_is_read_so_far(monkeypatch):
    bomb = gzip.compress(b" " * (MOST_BYTES + 1))
    assert in_sources(bomb, "http://a.example/") == ([], "it is larger than 50 MiB")
    entities = b'<!DOCTYPE a [<!ENTITY b "http://a.example/b">]><urlset><url><loc>&b;</loc></url></urlset>'
    assert in_sources(entities, "http://a.example/").named == []
    assert "entities" in in_sources(entities, "http://a.example/").trouble
    cut = in_sources(b"<urlset><url><loc>http://a.example/1</loc></url><url><loc>http", "http://a.example/")
    assert cut.named == [("http://a.example/1", "page")]
    assert cut.trouble
    monkeypatch.setattr(sources, "MOST_ADDRESSES", 2)
    many = b"".join(b"<url><loc>/%d</loc></url>" % n for n in range(9))
    found = in_sources(b"<urlset>" + many + b"</urlset>", "http://a.example/")
    assert (len(found.named), found.trouble) == (2, "it names more than 2 addresses")


def test_robots_lines_are_read_wherever_and_however_they_stand():
    body = b"Sitemap: /a.xml # chu thich\r\nUser-agent: x\nDisallow: /\n sitemap:http://b.example/b.xml\nSitemaps: /c.xml\n"
    assert in_robots(body, "http://a.example/robots.txt") == ["http://a.example/a.xml", "http://b.example/b.xml"]


def test_sitemaps_in_sitemaps_end_and_feeds_of_single_articles_are_left(tmp_path):
    (tmp_path / "mau.toml").write_text(TOP.replace("[[listing.paging]]\n", ""), encoding="utf-8")
    walk, base = Walk(load(tmp_path / "mau.toml")), "http://a.example"
    assert [link.url for link in walk.sources(base, [], base + "/robots.txt")[0]] == [base + "/sitemap.xml"]
    assert walk.sort(Link(base, kind="sitemap", hops="L" * MAX_SITEMAPS), [(base + "/x.xml", "sitemap")])[1][0].reason == "scope"
    assert [link.kind for link in walk.sort(Link(base, kind="list", hops="LLL"), [(base + "/f", "feed")])[0]] == ["feed"]
    assert walk.sort(Link(base + "/x", hops="LLL"), [(base + "/f", "feed")]) == ([], [])


def test_what_a_page_needs_is_named_once_wherever_its_address_stands():
    page = b"""<img src=1.png data-src=2.png srcset="1.png 1x, 3.png 2x"><img data-srcset="4.png, 2.png 2x" data-lazy-src=5.png>
    <link rel=alternate type="application/rss+xml" href=tin.rss><link rel=alternate hreflang=en href=/en>"""
    named = in_html(page, "http://a.example/")
    assert sorted(named) == sorted({*named})
    assert named == [
        *((f"http://a.example/{n}.png", "requisite") for n in (1, 2, 3, 5, 4)), ("http://a.example/tin.rss", "feed"),
    ]  # fmt: skip
