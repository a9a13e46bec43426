"""What every page of the room owes its readers: structure for screen readers, labels, languages, nothing from elsewhere, no script."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from archives import HOST, sound
from lxml import html
from rooms import asking

from archive.retrieve import Reader

PAGES = [
    "/", "/search", "/search?q=hue", "/search?q=khongco", "/search?portal=hue&from=2026", "/articles/1", f"/captures/{HOST}/tin", f"/captures/{HOST}/cam",
    f"/compare/{HOST}/tin", "/changes?portal=hue", "/portals", "/portals/hue", "/runs", "/runs/1", "/runs/4711", "/khong-co", "/articles/4711",
    "/bytes/urn:uuid:00000000-0000-4000-8000-000000000009/300-400", "/bytes/urn:uuid:00000000-0000-4000-8000-000000000009/300-99999",
]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return sound(tmp_path_factory.mktemp("pages") / "hue.db")


@pytest.fixture
def ask(path):
    with Reader.open(path) as reader:
        yield asking(reader)


@pytest.fixture(params=PAGES)
def page(request, ask):
    status, headers, body = ask(request.param, accept_language="en")
    assert status in (200, 404)
    assert headers["content-type"] == "text/html; charset=utf-8"
    return html.document_fromstring(body.decode())


def name_of(element, tree):
    """What a screen reader calls an element, as far as a page of ours says it."""
    label = element.get("aria-label") or " ".join(tree.xpath(f"string(//*[@id='{i}'])") for i in (element.get("aria-labelledby") or "").split())
    return (label or element.text_content()).strip()


def test_structure(page):
    assert page.get("lang") == "en"
    assert page.xpath("string(//title)").strip()
    assert len(page.xpath("//main[@id='content']")) == len(page.xpath("//h1")) == 1
    skip = page.xpath("//body/*[1][self::a]")[0]
    assert skip.get("href") == "#content"
    ids = page.xpath("//@id")
    assert len(set(ids)) == len(ids)
    levels = [int(h.tag[1]) for h in page.xpath("//h1|//h2|//h3")]
    assert all(b - a <= 1 for a, b in pairwise(levels)), levels
    for element in page.xpath("//*[@aria-labelledby]|//*[@aria-describedby]"):
        for target in (element.get("aria-labelledby") or element.get("aria-describedby")).split():
            assert target in ids


def test_everything_has_a_name(page):
    for field in page.xpath("//input[not(@type='hidden')]|//select"):
        assert page.xpath(f"string(//label[@for='{field.get('id')}'])").strip(), field.get("name")
    for element in page.xpath("//a|//button|//section|//nav|//*[local-name()='svg']"):
        assert name_of(element, page), html.tostring(element)[:200]
    assert page.xpath("//img[not(@alt)]") == []
    for table in page.xpath("//table"):
        assert table.xpath(".//th[@scope]"), html.tostring(table)[:200]


def test_nothing_runs_and_nothing_comes_from_elsewhere(page):
    assert page.xpath("//script|//iframe|//style|//@style|//@*[starts-with(name(), 'on')]") == []
    fetched = page.xpath("//link[@rel='stylesheet']/@href|//img/@src|//form/@action")
    assert all(re.match(r"/(?!/)|http://localhost:8080/", address) for address in fetched), fetched
    for address in page.xpath("//a/@href"):
        assert re.match(r"/(?!/)|#|http://localhost:8080/|http://127\.0\.0\.1:8080/", address), address


def test_forms_need_no_script(page):
    for form in page.xpath("//form"):
        assert form.get("method") == "get"
        assert form.xpath(".//button")


@pytest.mark.parametrize("target", PAGES)
def test_both_languages_say_all_of_it(ask, target):
    """The same page in the other language has the same skeleton, and the way back."""
    pages = [html.document_fromstring(ask(target, accept_language=language)[2].decode()) for language in ("vi", "en")]
    assert [page.get("lang") for page in pages] == ["vi", "en"]
    vietnamese, english = ([e.tag for e in page.iter() if isinstance(e.tag, str)] for page in pages)
    assert vietnamese == english
    for page, other in zip(pages, ("en", "vi"), strict=True):
        assert page.xpath(f"//nav//a[@hreflang='{other}' and @lang='{other}']")
    assert pages[0].xpath("string(//header)") != pages[1].xpath("string(//header)")
