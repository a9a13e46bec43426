"""Which addresses are visited, in which order, and why the others are not."""

from __future__ import annotations

from datetime import date

import pytest

from archive.errors import Misuse
from archive.model import Link, Refusal
from crawler.portals.profile import load, of_url
from crawler.spiders.walk import MAX_EMBEDS, MAX_REDIRECTS, Walk

HOME = "http://tinh-mau.example/tin/"
PROFILE = """
code = "mau"
name = "Tỉnh Mẫu"
starts = ["http://tinh-mau.example/tin-tuc"]
[listing]
articles = '/bai-\\d+$'
pages = '\\?trang=\\d+$'
[scope]
allow = ['^https?://anh\\.tinh-mau\\.example/']
deny = ['/in/']
[[cleaning]]
until = 2024-02-29
find = {title = ["h1.cu"]}
[[cleaning]]
find = {title = ["h1.moi"]}
"""


@pytest.fixture
def profile(tmp_path):
    path = tmp_path / "mau.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return load(path)


def sorted_of(walk, *named, page=None):
    return walk.sort(page or Link(HOME), named)


def why(walk, url, kind="page", page=None):
    links, refusals = sorted_of(walk, (url, kind), page=page)
    assert links == []
    ((found),) = refusals
    return found.reason, found.detail


def test_a_plain_address_is_walked_by_links_within_host_and_folder():
    walk = Walk(of_url(HOME + "index.html"))
    assert walk.starts() == [Link(HOME + "index.html")]
    links, refusals = sorted_of(walk, (HOME + "a", "page"), (HOME + "b.pdf", "document"), ("mailto:x", "page"))
    assert links == [Link(HOME + "a", HOME, "page", "L", 10), Link(HOME + "b.pdf", HOME, "document", "L", 20)]
    assert refusals == []
    assert why(walk, "http://tinh-mau.example/khac") == ("scope", "outside the path prefix")
    assert why(walk, "http://khac.example/tin/a") == ("scope", "another host")
    assert why(walk, "ftp://tinh-mau.example/tin/a") == ("scheme", "ftp")


def test_what_a_page_needs_comes_from_anywhere_on_the_host_and_first():
    walk = Walk(of_url(HOME))
    links, _ = sorted_of(walk, (HOME + "a", "page"), ("https://tinh-mau.example/chung/a.css", "requisite"))
    assert [link.url for link in sorted(links, key=lambda link: link.priority)] == [
        "https://tinh-mau.example/chung/a.css", HOME + "a",
    ]  # fmt: skip
    assert why(walk, "http://khac.example/a.js", "requisite") == ("scope", "another host")


def test_a_listing_tells_articles_and_lists_and_leaves_the_rest(profile):
    walk = Walk(profile)
    assert walk.starts() == [Link("http://tinh-mau.example/tin-tuc", kind="list")]
    base = "http://tinh-mau.example"
    links, refusals = sorted_of(
        walk, (base + "/bai-1", "page"), (base + "/tin-tuc?trang=2", "page"), (base + "/lien-he", "page")
    )
    assert [(link.url.removeprefix(base), link.kind) for link in links] == [
        ("/bai-1", "page"),
        ("/tin-tuc?trang=2", "list"),
    ]
    assert refusals == []
    assert walk.is_article(base + "/bai-1")
    assert not walk.is_article(base + "/tin-tuc")
    assert why(walk, base + "/in/bai-1") == ("scope", "the profile denies it")
    links, _ = sorted_of(walk, ("https://anh.tinh-mau.example/1.jpg", "requisite"))
    assert len(links) == 1


def test_a_redirect_keeps_the_kind_of_what_it_stands_for(profile):
    walk = Walk(profile)
    start = walk.starts()[0]
    (link,), refusals = walk.redirect(start, "http://Tinh-Mau.example/moi#a")
    assert (link.url, link.kind, link.hops, link.priority, refusals) == (
        "http://tinh-mau.example/moi",
        "list",
        "R",
        -10,
        [],
    )
    assert walk.redirect(start, "http://khac.example/")[1] == [
        Refusal("http://khac.example/", "scope", "another host", start.url)
    ]  # fmt: skip


def test_redirects_and_embeds_end_somewhere():
    walk = Walk(of_url(HOME))
    assert why(walk, HOME + "x", "redirect", Link(HOME, hops="L" + "R" * MAX_REDIRECTS)) == (
        "redirects", f"more than {MAX_REDIRECTS} in a row",
    )  # fmt: skip
    assert sorted_of(walk, (HOME + "x", "redirect"), page=Link(HOME, hops="R" * MAX_REDIRECTS + "L"))[1] == []
    assert why(walk, HOME + "x.css", "requisite", Link(HOME, hops="E" * MAX_EMBEDS))[0] == "scope"


def test_dated_cleaning_reaches_the_rules_of_a_day(profile):
    for day, found in ((date(2024, 2, 29), "h1.cu"), (date(2024, 3, 1), "h1.moi")):
        assert profile.rules.on(day).find["title"] == (found,)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("articles = '('", "listing.articles"),
        ("artikles = 'x'", "did you mean articles"),
        ("articles = 3", "listing.articles must be of type str"),
    ],
)
def test_a_profile_that_cannot_work_fails_when_it_is_loaded(tmp_path, broken, says):
    path = tmp_path / "mau.toml"
    path.write_text(
        f'code = "mau"\nname = "Mẫu"\nstarts = ["http://a.example/"]\n[listing]\n{broken}\n', encoding="utf-8"
    )
    with pytest.raises(Misuse, match=says.replace(".", r"\.")):
        load(path)


@pytest.mark.parametrize(
    ("platform", "pages", "denied"),
    [
        (
            "dokuwiki",
            ["doku.php?id=tin:bai", "doku.php?do=index", "doku.php?idx=tin", "tin/do=what", "lib/exe/fetch.php?media=tin:qd.pdf", "doku.php?id=rev:1"],
            ["doku.php?id=a&do=edit&rev=1", "doku.php?id=a&rev=1764", "doku.php?id=a&rev2%5B%5D=1&do=diff", "lib/exe/detail.php?id=a&media=b.png", "a?do=revisions"],
        ),
        (
            "wordpress",
            ["2026/01/bai/", "?p=5", "tin/page/2/", "wp-content/uploads/2026/01/qd.pdf", "wp-sitemap.xml", "feed/"],
            ["wp-admin/", "wp-json/wp/v2/posts/5", "wp-login.php?redirect_to=x", "xmlrpc.php?rsd", "comments/feed/", "2026/01/bai/embed/", "?rest_route=/"],
        ),
        ("joomla", ["index.php?option=com_content&id=5"], ["index.php?option=com_mailto&tmpl=component&link=aHR0", "component/mailto/?link=aHR0"]),
    ],
)  # fmt: skip
def test_what_is_no_page_of_a_platform(tmp_path, platform, pages, denied):
    """By the profile's platform, or by that of the page which names it."""
    home = "http://tinh-mau.example/"
    path = tmp_path / "mau.toml"
    path.write_text(f'code = "mau"\nname = "Mẫu"\nstarts = ["{home}"]\nplatform = "{platform}"\n', encoding="utf-8")
    for walk, shown in ((Walk(load(path)), None), (Walk(of_url(home)), platform)):
        links, refusals = walk.sort(Link(home), [(home + at, "page") for at in (*pages, *denied)], shown)
        assert [link.url for link in links] == [home + at for at in pages]
        assert [(r.url, r.reason) for r in refusals] == [(home + at, "scope") for at in denied]
    assert len(Walk(of_url(home)).sort(Link(home), [(home + at, "page") for at in denied])[0]) == len(denied)
