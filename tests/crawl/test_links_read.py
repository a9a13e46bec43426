"""What a page or stylesheet names, in page order, absolute and tidied, and that no bytes whatsoever bring the reader down."""

from __future__ import annotations

from html import escape
from urllib.parse import urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.urls import tidy
from crawler.pages import _fingerprint
from crawler.spiders.reading import in_css, in_html

AT = "http://tinh-mau.example/tin/"


def read(markup, url=AT):
    return in_html(markup.encode(), url)


def named(markup, url=AT):
    return [address.removeprefix("http://tinh-mau.example") for address, _ in read(markup, url)]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a href="bai-1.html">', ("/tin/bai-1.html", "page")),
        ('<a href=" /bai viết.html\n">', ("/bai%20vi%E1%BA%BFt.html", "page")),
        ('<a href="/tin/?trang=2#cuoi">', ("/tin/?trang=2", "page")),
        ('<a href="?b=1&amp;c=2">', ("/tin/?b=1&c=2", "page")),
        ('<area href="../ban-do">', ("/ban-do", "page")),
        ('<a href="./a/../b/./c">', ("/tin/b/c", "page")),
        ('<a href="cong-van.PDF?v=1">', ("/tin/cong-van.PDF?v=1", "document")),
        ('<a href="/anh/cau.JPG">', ("/anh/cau.JPG", "requisite")),
        ('<link rel="Stylesheet" href="/a.css">', ("/a.css", "requisite")),
        ('<link rel="next" href="?trang=2">', ("/tin/?trang=2", "page")),
        ('<img data-src="/anh/1.jpg">', ("/anh/1.jpg", "requisite")),
        ('<iframe src="/nhung">', ("/nhung", "requisite")),
        ('<object data="/a.swf">', ("/a.swf", "requisite")),
        ('<table background="/nen.gif">', ("/nen.gif", "requisite")),
        ('<p style="background: url( \'/nen.png\' )">', ("/nen.png", "requisite")),
        ('<style>@import "/b.css"; p {background: url(/c.png)}</style>', ("/b.css", "requisite")),
        ('<meta http-equiv="Refresh" content="0; URL=\'/moi\'">', ("/moi", "redirect")),
        ('<meta http-equiv="refresh" content="5;/moi">', ("/moi", "redirect")),
    ],
)  # fmt: skip
def test_what_an_address_is_named_for(markup, expected):
    (first, *_) = read(markup)
    assert (first[0].removeprefix("http://tinh-mau.example"), first[1]) == expected


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="">',
        '<a href="#noi-dung">',
        '<a href="javascript:void(0)">',
        '<a href="JavaScript:;">',
        '<a href="mailto:a@tinh-mau.example">',
        '<a href="tel:+842030000000">',
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
        '<a href="http://[">',
        '<a href="http://tinh-mau.example:port/">',
        '<a name="x">',
        '<link rel="canonical" href="/x">',
        '<meta http-equiv="refresh" content="300">',
        "<!-- <a href='/an'> -->",
    ],
)
def test_what_names_nothing_to_fetch(markup):
    assert read(markup) == []


def test_other_schemes_and_hosts_are_told_as_they_are():
    markup = '<a href="ftp://tinh-mau.example/x"><a href="//KHAC.example/y"><a href="HTTPS://khac.example:443/z">'
    assert read(markup) == [
        ("ftp://tinh-mau.example/x", "page"), ("http://khac.example/y", "page"), ("https://khac.example/z", "page"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("/goc/", "/goc/a"),
        ("../", "/a"),
        ("http://tinh-mau.example/khac/x", "/khac/a"),
        ("", "/tin/a"),
        ("http://[", "/tin/a"),
    ],
)
def test_the_base_that_a_page_names(base, expected):
    assert named(f'<base target="_top"><base href="{base}"><base href="/hai/"><a href="a">') == [expected]


@pytest.mark.parametrize(
    ("srcset", "expected"),
    [
        ("/a.jpg", ["/a.jpg"]),
        ("/a.jpg 1x, /b.jpg 2x", ["/a.jpg", "/b.jpg"]),
        ("/a.jpg 320w,/b.jpg 640w", ["/a.jpg", "/b.jpg"]),
        ("/a,b.jpg 1x,\n /c.jpg", ["/a,b.jpg", "/c.jpg"]),
        ("/a.jpg, /b.jpg,", ["/a.jpg", "/b.jpg"]),
        ("/a.jpg,/b.jpg 2x", ["/a.jpg,/b.jpg"]),
        (" , ", []),
    ],
)
def test_srcset_as_html_splits_it(srcset, expected):
    """HTML, section 4.8.4.3.10: a comma ends a candidate behind its descriptor or at the end of its address."""
    assert named(f'<img srcset="{srcset}">') == expected


def test_each_address_once_in_page_order():
    assert named('<a href="/b"><a href="/a"><a href="/b#x"><img src="/c.png"><img src="/c.png">') == [
        "/b",
        "/a",
        "/c.png",
    ]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("@import url(a.css);", ["/tin/a.css"]),
        ("@import 'a.css' screen;", ["/tin/a.css"]),
        ("p {background: url(\"a.png\"), url('b.png'), URL(c.png)}", ["/tin/a.png", "/tin/b.png", "/tin/c.png"]),
        ("@font-face {src: url(/f.woff2?v=1#iefix)}", ["/f.woff2?v=1"]),
        ("p {background: url(data:image/png;base64,AA==)}", []),
        ("p {background: url()}", []),
    ],
)
def test_addresses_in_a_stylesheet(style, expected):
    assert [address.removeprefix("http://tinh-mau.example") for address, _ in in_css(style, AT)] == expected


@pytest.mark.parametrize("charset", ["utf-8", "windows-1258", "no-such-charset", "", None])
def test_declared_charsets_do_not_matter_to_addresses(charset):
    assert in_html(b'<p>\xff\xfe\x80<a href="/a">', AT, charset) == [("http://tinh-mau.example/a", "page")]


def test_what_is_left_open_is_read_once():
    """Patterns that try every way to divide the blanks would be at it for days."""
    blanks = " " * 200_000
    for text in (
        "url(" + blanks,
        "url(a" + blanks,
        "@import" + blanks,
        "url(" * 50_000,
        "url('" * 50_000,
        "@import " * 50_000,
    ):
        assert in_css(text, AT) is not None
    for markup in (
        f"<img srcset='{',' * 200_000}'>",
        f"<a href='{blanks}'>",
        f"<meta http-equiv=refresh content='0{blanks}'>",
    ):
        assert read(markup) == []


pieces = st.sampled_from(
    ["<a href='", "<base href='", "<img srcset='", "<style>url(", "<meta http-equiv=refresh content='0;url=", "'>", "http://", "[", "]", "\x00", "//",
     ":", "%", "&#0;", "&#xD800;", "\u0000", "é", "@import '", ")", "?", "#", "<p style='url(", "javascript:"]
)  # fmt: skip


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(pieces | st.text(max_size=5), max_size=12).map(lambda p: "".join(p).encode("utf-8", "replace")),
    )
)
def test_no_bytes_bring_the_reader_down(body):
    for address, kind in in_html(body, AT) + in_css(body.decode("utf-8", "replace"), AT):
        assert kind in ("page", "document", "requisite", "redirect")
        assert ":" in address
        assert "#" not in address or not address.startswith("http")


_PARTS = ["http://", "HTTPS://", "/", "//", "?a=b", "tin", "..", ".", "ă", "%C4", "%zz", ";p", "a.example", ":80", ":x", "[::1]", "@", "\\", "\t", "x.html", "&"]
_PAGES = ["http://mau.example/a/b.html", "https://Mau.example:8443/x?y=/z", "http://mau.example", "http://u@mau.example/;p/q?x", "http://mau.example?x=/y"]


@given(st.lists(st.sampled_from(_PARTS), min_size=1, max_size=5).map("".join), st.sampled_from(_PAGES))
@example("/\t/a.example", _PAGES[0])
@example("HTTP://\t?a=b", _PAGES[0])
def test_an_address_is_joined_as_the_standard_library_joins_it(address, page):
    try:
        whole = urljoin(page, address.strip())
        expected = None if not address.strip() else tidy(whole) if whole.lower().startswith("http") else whole
    except ValueError:
        expected = None
    assert [url for url, _ in in_html(f'<a href="{escape(address)}">x</a>'.encode(), page)] == ([] if expected is None else [expected])


@given(st.lists(st.sampled_from(["hội", "nghị", "12", "\n", "\n\n", " ", "  ", "\t", "\u3000", "\xa0", "\x1c", "\u200b"]), max_size=200).map("".join))
def test_texts_with_the_same_words_have_one_fingerprint(text):
    assert _fingerprint(text) == _fingerprint(" ".join(text.split()))
