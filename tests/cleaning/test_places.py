"""Every piece of an article leads to its bytes: the text there holds the piece's words, and those of no other piece."""

from __future__ import annotations

import re
import unicodedata
from itertools import count
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.cleaning.blocks import blocks_of
from archive.cleaning.clean import clean
from archive.cleaning.parse import parse
from archive.cleaning.places import Places, tags

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TEXTS = ("text", "heading", "item", "quote")
WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFC", text))


def within(wanted: list[str], found: list[str]) -> bool:
    """Whether the words stand there in this order, be it with others between them."""
    rest = iter(found)
    return all(word in rest for word in wanted)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*/*/page.html")), ids=lambda p: "/".join(p.parts[-3:-1]))
def test_every_piece_of_a_golden_page_leads_to_its_bytes(path):
    html = path.read_bytes()
    article, places = clean(html, "https://tinh-mau.example/tin/1"), Places(html)
    pieces = [(cut.text.removesuffix("…"), cut.place) for cut in article.cuts]
    paragraphs = article.text.split("\n\n") if article.text else []
    assert len(paragraphs) == len(article.places.get("text", []))
    pieces += zip(paragraphs, article.places.get("text", []), strict=True)
    pieces += [(i.caption, p) for i, p in zip(article.images, article.places.get("captions", []), strict=True) if p]
    pieces += [(article.title, p) for p in article.places.get("title", [])]
    pieces += [(" ".join(article.authors), p) for p in article.places.get("authors", [])]
    pieces += [(article.source, p) for p in article.places.get("source", [])]
    assert pieces
    for text, place in pieces:
        start, end = places.range(place)
        assert within(words(text)[:-1], words(places.text(start, end))), (text, html[start:end])


def test_the_bytes_of_a_paragraph_are_its_paragraph_and_no_more():
    html = "<body><div class=x>A<script>'</div>'</script></div><article><p>Một <b>hai</b>.</p><p>Ba<br><br>bốn</article>".encode()
    page = parse(html, "")
    made = [(b.text, Places(html).range(b.where)) for b in blocks_of([page.body], "", page.numbers)]
    assert [(text, html[a:b].decode()) for text, (a, b) in made] == [
        ("A", "A<script>'</div>'</script>"), ("Một hai.", "Một <b>hai</b>."), ("Ba", "Ba<br>"), ("bốn", "bốn"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "html",
    ["<p title='<b>'>x</p>", "<!-- <p> --><p>x</p>", "<!--><p>x</p>", '<p title=a"b>x</p>', "<script>'<p>'</script><p>x</p>",
     "<textarea><p></textarea><p>x</p>", "<! p ><p>x</p>", "</ p ><p>x</p>", '<p a="<p>" b = \'</p>\'>x</p>'],
)  # fmt: skip
def test_what_looks_like_a_tag_and_is_none_is_passed_over(html):
    assert [t.name for t in tags(html) if not t.closes and t.name == "p"] == ["p"]


SOUP = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<div>", "</div>", "<b>", "</b>", "<i>", "</i>", "<br>", "<br/>", "<br><br>", "<ul>", "<li>", "</ul>",
         "</li>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<h2>", "</h2>", "<a href='/x'>", "</a>", "<span/>", "<img src=a.jpg>",
         "<!-- <p>x -->", "<script>if (a<b) '</p>'</script>", "<style><p></style>", "<svg><p></svg>", "</body>", "</html>", "<html>",
         "<body>", "<head>", "<blockquote>", "</blockquote>", '<p class="a>b">', "<p title='", "<", "</", "<!", "<center>",
         "<form>", "</form>", "<iframe><p></iframe>", "<textarea>", "</textarea>", "<p x=1 tangthu-at=7>", "<dl><dt>", "<dd>", "&amp;",
         "&lt;p&gt;", "\x00", "<p\x00>", "<!-->", "<object>", "</object>", "<select><option>", "</select>", "<title>", "</title>", "W", "W", "W", "W", "W"]
    ),
    max_size=40,
)  # fmt: skip


@given(soup=SOUP, encoding=st.sampled_from(["utf-8", "utf-8", "cp1258", "utf-16", "utf-16-be"]), wrapped=st.booleans())
@example(soup=["<b>", "<div>", "W", "</b>", "W", "</div>", "W"], encoding="utf-8", wrapped=True)
@example(soup=["W", "<br>", "W", "<br><br>", "W"], encoding="utf-8", wrapped=False)
@example(soup=["<p>", "W", "<span/>", "W"], encoding="cp1258", wrapped=True)
def test_of_any_markup_each_piece_holds_its_own_words(soup, encoding, wrapped):
    numbers = count(1)
    source = " ".join(f"chữ{next(numbers)}ế" if part == "W" else part for part in soup)
    source = f"<!DOCTYPE html><html><head><title>t</title></head><body>{source}</body></html>" if wrapped else source
    if encoding == "cp1258":
        source = unicodedata.normalize("NFD", source).replace("e\u0302", "ê").replace("u\u031b", "ư")
    html = source.encode(encoding)
    html = b"\xfe\xff" + html if encoding == "utf-16-be" else html
    page, places = parse(html, "", encoding), Places(html, encoding)
    if page is None:
        return
    assert places.exact
    blocks = [b for b in blocks_of([page.body], "", page.numbers) if b.kind in TEXTS and words(b.text)]
    for block in blocks:
        start, end = places.range(block.where)
        found = words(places.text(start, end))
        own = words(block.text)
        assert within(own, found), (block.text, html[start:end])
        others = {w for other in blocks if other is not block for w in words(other.text) if w.startswith("chữ")}
        assert not others & set(found) - set(own), (block.text, html[start:end])


@given(st.binary(max_size=400), st.sampled_from([None, "utf-8", "windows-1258", "utf-16", "gb18030", "iso-2022-jp", "nonsense"]))
def test_any_bytes_have_places_or_none(noise, charset):
    html = b"<p>" + noise
    article, places = clean(html, "https://tinh-mau.example/", charset=charset), Places(html, charset)
    for cut in article.cuts:
        if cut.place is not None and (found := places.range(cut.place)) is not None:
            assert 0 <= found[0] <= found[1] <= len(html)
            places.text(*found)


def test_a_place_that_is_not_there_has_no_bytes():
    assert Places(b"<p>x</p>").range((4000, 4003)) is None
    assert Places(b"").range((0, 3)) is None
