"""An article's HTML is written anew: only what cleaning makes survives, whoever made the archive."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.replay.shown import shown

WHOLE = '<h2>Mục</h2><p>Tỉnh <strong>Mẫu</strong> &lt;1&gt;<br></p><table><tr><td colspan="2">ô</td></tr></table>'


def show(html):
    return str(shown(html, lambda url: f"/kho/{url}" if "co" in url else None, lambda url: f"/captures/{url}", "[thiếu]"))


def test_what_cleaning_writes_stays():
    assert show(WHOLE) == WHOLE


def test_images_and_links_lead_into_the_archive():
    assert show('<img src="http://a.example/co.jpg" alt="Cầu">') == '<img src="/kho/http://a.example/co.jpg" alt="Cầu" loading="lazy">'
    assert show('<img src="http://a.example/x.jpg" alt="">') == '<a class="missing" href="/captures/http://a.example/x.jpg">[thiếu]</a>'
    assert show('<a href="http://a.example/">b</a>') == '<a href="/captures/http://a.example/">b</a>'


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>", "<meta http-equiv=refresh content='0;url=http://x.example'>", "<p onclick=x>", "<form action=/x>",
        "<a href='javascript:x'>", "<iframe src=http://x.example>", "<svg><style>*{}</style></svg>", '<td colspan="9 onclick=x">', "<base href=//x>",
    ],
)  # fmt: skip
def test_nothing_else_does(html):
    out = show(html)
    assert not any(bad in out.replace("alert(1)", "") for bad in ("script", "meta", "onclick", "form", "javascript", "iframe", "svg", "style", "base"))


class Names(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.depth = set(), 0

    def handle_starttag(self, tag, attrs):
        self.seen |= {tag, *(name for name, _ in attrs)}
        self.depth += tag not in ("br", "hr", "img")

    def handle_endtag(self, tag):
        self.depth -= 1


@given(st.text(alphabet="<>/ab p='\"&;!-img src=script onx", max_size=80))
def test_any_text_becomes_balanced_and_harmless(html):
    names = Names()
    names.feed(show(html))
    names.close()
    assert names.depth == 0
    assert not names.seen & {"script", "onx", "style", "iframe"}
