"""Which address stands for the others of the same page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Misuse
from archive.model import Alias
from crawler.portals.profile import load, of_url
from crawler.spiders.canonical import Forms

HOME = "https://tinh-mau.example/"
PROFILE = 'code = "mau"\nname = "Tỉnh Mẫu"\nstarts = ["https://www.tinh-mau.example/"]\nplatform = "%s"\n%s'


def forms(tmp_path, platform, more=""):
    path = tmp_path / "mau.toml"
    path.write_text(PROFILE % (platform, more), encoding="utf-8")
    return Forms(load(path))


@pytest.mark.parametrize(
    ("url", "canonical", "reason"),
    [
        (HOME + "tin", HOME + "tin", ""),
        (HOME + "tin?id=5", HOME + "tin?id=5", ""),
        ("http://tinh-mau.example/tin", HOME + "tin", "scheme"),
        ("https://www.tinh-mau.example/tin", HOME + "tin", "www"),
        ("http://www.tinh-mau.example/tin?utm_source=zalo", HOME + "tin", "www"),
        (HOME + "tin?utm_source=zalo&id=5&utm_medium=x", HOME + "tin?id=5", "query"),
        (HOME + "tin?fbclid=1", HOME + "tin", "query"),
        (HOME + "tin?PHPSESSID=0123456789abcdef&a=1", HOME + "tin?a=1", "session"),
        (HOME + "tin;jsessionid=AB12.node1?a=1", HOME + "tin?a=1", "session"),
        (HOME + "(S(abcdefghijklmnopqrstuvwx))/tin.aspx", HOME + "tin.aspx", "session"),
        (HOME + "tin?author=1&tutm_x=2", HOME + "tin?author=1&tutm_x=2", ""),
        ("https://khac.example/tin", "https://khac.example/tin", ""),
    ],
)
def test_what_every_portal_may_leave_out(url, canonical, reason):
    assert Forms(of_url(HOME)).of(url) == (canonical, reason)


@pytest.mark.parametrize(
    ("platform", "path", "canonical", "reason"),
    [
        ("liferay", "tin?p_p_state=pop_up", "tin", "query"),
        ("liferay", "tin?p_p_id=101&p_p_state=maximized&_101_cur=2", "tin?p_p_id=101&_101_cur=2", "query"),
        ("liferay", "tin?p_p_id=101&p_p_state=normal&_101_cur=2", "tin?p_p_id=101&p_p_state=normal&_101_cur=2", ""),
        ("liferay", "tin?p_auth=Xy12&a=1", "tin?a=1", "session"),
        ("nukeviet", "vi/news/print/tin/bai-1.html", "vi/news/tin/bai-1.html", "print"),
        ("nukeviet", "vi/news/savefile/tin/bai-1.html", "vi/news/tin/bai-1.html", "print"),
        ("drupal", "print/node/5", "node/5", "print"),
        ("joomla", "index.php?option=com_content&id=5&tmpl=component&print=1", "index.php?option=com_content&id=5", "query"),
        ("nukeviet", "tin?p_p_state=pop_up", "tin?p_p_state=pop_up", ""),
        ("dokuwiki", "doku.php?id=tin:bai&do=show", "doku.php?id=tin:bai", "query"),
        ("dokuwiki", "doku.php?id=tin:bai&do=index", "doku.php?do=index", "query"),
        ("dokuwiki", "wiki/doku.php/tin/bai?do=index", "wiki/doku.php?do=index", "query"),
        ("dokuwiki", "doku.php?id=start&idx=tin:2026", "doku.php?idx=tin:2026", "query"),
        ("dokuwiki", "doku.php?id=tin:bai", "doku.php?id=tin:bai", ""),
    ],
)
def test_what_a_platform_may_leave_out(tmp_path, platform, path, canonical, reason):
    home = "https://www.tinh-mau.example/"
    assert forms(tmp_path, platform).of(home + path) == (home + canonical, reason)


def test_where_the_profile_names_no_platform_that_of_the_page_counts():
    plain = Forms(of_url(HOME))
    twin, denied = HOME + "doku.php?id=tin&do=show", HOME + "doku.php?id=tin&do=edit&do=show"
    assert plain.settle([(twin, "page")], HOME) == ([(twin, "page")], [])
    named, aliases = plain.settle([(twin, "page"), (denied, "page")], HOME, "dokuwiki")
    assert named == [(HOME + "doku.php?id=tin", "page"), (denied, "page")], "what is refused is refused as it was named"
    assert aliases == [Alias(twin, HOME + "doku.php?id=tin", "query", HOME)]


def test_a_profile_adds_its_own(tmp_path):
    made = forms(tmp_path, "drupal", '[canonical]\ndrop = ["mau_*"]\nsame = {"^/in/" = "/"}\n')
    assert made.of("https://tinh-mau.example/in/node/5?mau_x=1") == ("https://www.tinh-mau.example/node/5", "print")
    with pytest.raises(Misuse, match=r"canonical\.same"):
        forms(tmp_path, "drupal", "[canonical]\nsame = {'(' = ''}\n")


def test_of_the_same_arguments_in_another_order_the_first_met_is_asked_for():
    made = Forms(of_url(HOME))
    first, second = HOME + "tin?b=2&a=1", HOME + "tin?a=1&b=2"
    assert made.settle([(first, "page")], HOME) == ([(first, "page")], [])
    assert made.settle([(second, "page"), (first, "page")], HOME) == ([(first, "page")], [Alias(second, second, "order", HOME)])
    resumed = Forms(of_url(HOME))
    resumed.met(first)
    assert resumed.settle([(first, "page")], HOME) == ([(first, "page")], [])
    assert resumed.settle([(second, "page")], HOME)[0] == []


def test_where_the_portal_leads_to_its_twin_that_one_stands():
    made = Forms(of_url("http://tinh-mau.example/"))
    assert made.of("http://www.tinh-mau.example/a")[0] == "http://tinh-mau.example/a"
    assert made.moved("http://tinh-mau.example", "https://www.tinh-mau.example/")
    for url in ("http://tinh-mau.example/a", "http://www.tinh-mau.example/a"):
        assert made.of(url)[0] == "https://www.tinh-mau.example/a"
    assert made.of("https://www.tinh-mau.example/a") == ("https://www.tinh-mau.example/a", "")
    assert not made.moved("https://www.tinh-mau.example", "https://khac.example/")


def test_what_a_redirect_leads_to_and_what_the_profile_names_stays_as_it_is(tmp_path):
    made = forms(tmp_path, "nukeviet", "[scope]\ndeny = ['/print/']\n")
    url = "https://www.tinh-mau.example/vi/news/print/tin/bai-1.html"
    assert made.settle([(url, "page")], HOME) == ([(url, "page")], [])
    assert made.settle([(HOME + "a?utm_x=1", "redirect")], HOME) == ([(HOME + "a?utm_x=1", "redirect")], [])


ARGUMENTS = st.lists(st.sampled_from(["a=1", "b", "utm_source=x", "fbclid=2", "p_auth=3", "PHPSESSID=abcdef0123456789", "c=%20"]), max_size=6)


@given(st.sampled_from(["http://", "https://", "http://www.", "https://www."]), st.sampled_from(["/", "/tin", "/tin;jsessionid=1"]), ARGUMENTS)
def test_what_stands_for_others_stands_for_itself(begin, path, arguments):
    made = Forms(of_url(HOME))
    url = f"{begin}tinh-mau.example{path}" + (f"?{'&'.join(arguments)}" if arguments else "")
    canonical, reason = made.of(url)
    assert made.of(canonical) == (canonical, "")
    assert bool(reason) == (canonical != url)
