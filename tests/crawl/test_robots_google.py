"""All questions that Google's published test-suite asks of a robots.txt matcher are decided as there (tests/robots/google.toml says which version)."""

from __future__ import annotations

import tomllib

import pytest
from conftest import ROOT

from archive.robots import LONGEST_LINE, parse, path_of

SUITE = tomllib.loads((ROOT / "tests/robots/google.toml").read_text(encoding="utf-8"))["file"]
ASKED = [
    pytest.param(file["text"], agent, url, allowed, id=f"{file['test']}-{number}-{place}")
    for number, file in enumerate(SUITE)
    for place, (agent, url, allowed) in enumerate(file["asked"])
]


def long_lines():
    """GoogleOnly_LineTooLong: what stands in a line behind 8 * 2083 bytes is cut off."""
    host, room = "http://foo.bar", 2083 * 8 + len("\n")
    refused = "/x/".ljust(room - len("disallow: "), "a")
    yield f"user-agent: FooBot\ndisallow: {refused}/qux\n", [(f"{host}/fux", True), (f"{host}{refused}/fux", False)]
    a, b = ("/x/".ljust(room - len("allow: "), letter) for letter in "ab")
    text = f"user-agent: FooBot\ndisallow: /\nallow: {a}/qux\nallow: {b}/qux\n"
    yield text, [(f"{host}/", False), (f"{host}{a}/qux", True), (f"{host}{b}/fux", True)]


LONG = [pytest.param(text, "FooBot", *asked, id=f"GoogleOnly_LineTooLong-{n}-{m}") for n, (text, all_of) in enumerate(long_lines()) for m, asked in enumerate(all_of)]


@pytest.mark.parametrize(("text", "agent", "url", "allowed"), [*ASKED, *LONG])
def test_what_google_decides(text, agent, url, allowed):
    assert parse(text.encode()).allows(url, agent) is allowed


def test_none_of_its_questions_is_left_out():
    assert (len(ASKED), len(LONG)) == (140, 5)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("", "/"), ("http://www.example.com", "/"), ("http://www.example.com/", "/"), ("http://www.example.com/a", "/a"),
        ("http://www.example.com/a/", "/a/"), ("http://www.example.com/a/b?c=http://d.e/", "/a/b?c=http://d.e/"),
        ("http://www.example.com/a/b?c=d&e=f#fragment", "/a/b?c=d&e=f"), ("example.com", "/"), ("example.com/", "/"), ("example.com/a", "/a"),
        ("example.com/a/", "/a/"), ("example.com/a/b?c=d&e=f#fragment", "/a/b?c=d&e=f"), ("a", "/"), ("a/", "/"), ("/a", "/a"), ("a/b", "/b"),
        ("example.com?a", "/?a"), ("example.com/a;b#c", "/a;b"), ("//a/b/c", "/b/c"),
    ],
)  # fmt: skip
def test_its_paths_of_addresses(url, path):
    assert path_of(url) == path


@pytest.mark.parametrize(("pattern", "escaped"), [("/a/b/c", "/a/b/c"), ("/á", "/%C3%A1"), ("/%aa", "/%AA")])
def test_its_escapes(pattern, escaped):
    assert parse(f"user-agent: *\nallow: {pattern}\n".encode()).everyone.rules == [(escaped, True)]


@pytest.mark.parametrize("ends", [["\n"] * 6, ["\r\n"] * 6, ["\r"] * 6, ["\n"] * 5 + [""], ["\n", "\r\n", "\n", "\r\n", "\n", ""]])
def test_lines_are_counted_whatever_ends_them(ends):
    lines = ["User-Agent: foo", "Allow: /some/path", "User-Agent: bar", "", "", "Disallow: /"]
    robots = parse("".join(line + end for line, end in zip(lines, ends, strict=True)).encode())
    assert (robots.named["foo"].lines, robots.named["bar"].lines) == ([2], [6])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b"\xef\xbb\xbfUser-Agent: foo\nAllow: /AnyValue\n", True),
        (b"\xef\xbbUser-Agent: foo\nAllow: /AnyValue\n", True),
        (b"\xefUser-Agent: foo\nAllow: /AnyValue\n", True),
        (b"\xef\x11\xbfUser-Agent: foo\nAllow: /AnyValue\n", False),
    ],
)
def test_its_byte_order_marks(text, named):
    assert parse(text).named == ({} if not named else {"foo": parse(b"User-Agent: foo\nAllow: /AnyValue\n").named["foo"]})


def test_a_mark_in_the_middle_spoils_its_line():
    assert parse(b"User-Agent: foo\n\xef\xbb\xbfAllow: /AnyValue\n").named["foo"].rules == []


@pytest.mark.parametrize("first", [False, True])
def test_a_sitemap_line_may_stand_anywhere(first):
    group, line = "User-Agent: foo\nAllow: /some/path\nUser-Agent: bar\n\n\n", "Sitemap: http://foo.bar/sitemap.xml\n"
    assert parse((line + group if first else group + line).encode()).sitemaps == ["http://foo.bar/sitemap.xml"]


def test_the_longest_line_is_theirs():
    assert LONGEST_LINE == 2083 * 8 - 1
