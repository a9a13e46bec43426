"""What a robots.txt says: the cases of RFC 9309, what Google's matcher decides on the same questions, and hostile files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.robots import LONGEST_LINE, is_robots, parse, path_of

HOST = "https://tinh-mau.example"


def allows(text, path, agent="tangthu"):
    return parse(text.encode() if isinstance(text, str) else text).allows(HOST + path, agent)


OURS = "User-agent: tangthu\n"
# RFC 9309, section 5.2: the longest match, with our name for the crawler's.
LONGEST = OURS + "Disallow: /example/page/\nAllow: /example/page/disallowed.gif\n"
# ... and section 5.1, where each crawler has a group of its own and one shares another's.
SIMPLE = """\
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
"""


@pytest.mark.parametrize(
    ("agent", "path", "allowed"),
    [
        ("foobot", "/", False),
        ("foobot", "/example/page.html", True),
        ("foobot", "/example/allowed.gif", True),
        ("foobot", "/publications/", False),
        ("barbot", "/example/page.html", False),
        ("bazbot", "/example/page.html", False),
        ("barbot", "/a.gif", True),
        ("quxbot", "/example/page.html", True),
        ("tangthu", "/example/x", False),
        ("tangthu", "/tin/a.gif", False),
        ("tangthu", "/tin/a.gif?b", True),
        ("tangthu", "/publications/a", True),
        ("FooBot", "/", False),
    ],
)
def test_the_standards_example(agent, path, allowed):
    assert allows(SIMPLE, path, agent) is allowed


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        pytest.param("", "/tin", True, id="empty file"),
        pytest.param(LONGEST, "/example/page/disallowed.gif", True, id="longest wins"),
        pytest.param(LONGEST, "/example/page/x", False, id="longest wins, other"),
        pytest.param(OURS + "Disallow: /tin\nAllow: /tin\n", "/tin", True, id="allow wins a tie"),
        pytest.param(OURS + "Allow: /tin\nDisallow: /tin\n", "/tin", True, id="allow wins a tie, either order"),
        pytest.param(OURS + "Disallow:\n", "/tin", True, id="empty disallow"),
        pytest.param("User-agent: *\nDisallow: /\n\n" + OURS, "/tin", True, id="own empty group beats *"),
        pytest.param("User-agent: *\nDisallow: /\n", "/robots.txt", True, id="robots.txt itself"),
        pytest.param(OURS + "Disallow: /a\nUser-agent: x\nDisallow: /b\n" + OURS + "Disallow: /c\n", "/c", False, id="groups merge"),
        pytest.param(OURS + "Disallow: /a\nUser-agent: x\nDisallow: /b\n" + OURS + "Disallow: /c\n", "/b", True, id="not the other's"),
        pytest.param("Disallow: /\n" + OURS + "Allow: /a\n", "/tin", True, id="rules outside groups"),
        pytest.param("User-agent: x\nSitemap: https://a.example/s\nUser-agent: *\nDisallow: /\n", "/tin", False, id="sitemap ends no group"),
        pytest.param("User-agent: tangthu\nCrawl-delay: 5\nUser-agent: x\nDisallow: /\n", "/tin", False, id="delay ends no group"),
        pytest.param("User-agent: tangthu\nLa-gi: 5\nUser-agent: x\nDisallow: /\n", "/tin", False, id="unknown ends no group"),
        pytest.param("USER-AGENT: TANGTHU\nDISALLOW: /\n", "/tin", False, id="keys and names in any case"),
        pytest.param("user-agent tangthu\ndisallow /\n", "/tin", False, id="no colon"),
        pytest.param("useragent: tangthu\ndisalow: /\n", "/tin", False, id="misspelt"),
        pytest.param("User-agent: tangthu/1.0 (x)\nDisallow: /\n", "/tin", False, id="version behind the name"),
        pytest.param("User-agent: tangthux\nDisallow: /\n", "/tin", True, id="longer name"),
        pytest.param("User-agent: tang\nDisallow: /\n", "/tin", True, id="shorter name"),
        pytest.param("User-agent: * x\nDisallow: /\n", "/tin", False, id="star and more"),
        pytest.param("User-agent: *x\nDisallow: /\n", "/tin", True, id="star glued to a name"),
        pytest.param(OURS + "Disallow: /TIN\n", "/tin", True, id="paths mind the case"),
        pytest.param(OURS + "Disallow: /tin # ghi chú\n", "/tin", False, id="comment"),
        pytest.param(OURS + "Disallow: /*.pdf$\n", "/a/b.pdf", False, id="star and end"),
        pytest.param(OURS + "Disallow: /*.pdf$\n", "/a/b.pdf?x", True, id="end is the end"),
        pytest.param(OURS + "Disallow: /*.pdf$\n", "/b.pdf/c.pdf", False, id="the last of two"),
        pytest.param(OURS + "Disallow: /a$b\n", "/a$b", False, id="dollar inside"),
        pytest.param(OURS + "Disallow: /a*b*c$\n", "/abc", False, id="stars for nothing"),
        pytest.param(OURS + "Disallow: /a*bc$\n", "/abc/bc", False, id="pieces may not overlap"),
        pytest.param(OURS + "Disallow: /ab*ba$\n", "/aba", True, id="pieces may not overlap, other"),
        pytest.param(OURS + "Disallow: /*?p_p_state=\n", "/tin?p_p_state=pop_up", False, id="query"),
        pytest.param(OURS + "Disallow: /tin-tức\n", "/tin-t%E1%BB%A9c", False, id="written plainly"),
        pytest.param(OURS + "Disallow: /tin-t%e1%bb%a9c\n", "/tin-t%E1%BB%A9c", False, id="written in lower case"),
        pytest.param(OURS + "Disallow: /tin-t%E1%BB%A9c\n", "/tin-t%e1%bb%a9c", False, id="asked in lower case"),
        pytest.param(OURS + "Disallow: /\nAllow: /tin/index.html\n", "/tin/", True, id="index opens its folder"),
        pytest.param(OURS + "Disallow: /\nAllow: /tin/index.html\n", "/tin/a", False, id="index opens nothing else"),
        pytest.param(b"\xef\xbb\xbf" + (OURS + "Disallow: /\n").encode(), "/tin", False, id="byte order mark"),
        pytest.param(b"\xef\xbb" + (OURS + "Disallow: /\n").encode(), "/tin", False, id="half a mark"),
        pytest.param((OURS + "Disallow: /\n").replace("\n", "\r"), "/tin", False, id="carriage returns"),
        pytest.param((OURS + "Disallow: /\n").replace("\n", "\r\n"), "/tin", False, id="both"),
        pytest.param((OURS + "Disallow: /tin\n").encode("utf-16"), "/tin", True, id="UTF-16 says nothing"),
        pytest.param(OURS + "Disallow: /" + "a" * 20_000 + "\n", "/" + "a" * LONGEST_LINE, False, id="a long line is cut"),
    ],
)  # fmt: skip
def test_what_is_decided(text, path, allowed):
    assert allows(text, path) is allowed


def test_the_line_that_decided_is_named():
    decision = parse((OURS + "Disallow: /tin/\nAllow: /tin/mo\n").encode()).decide(HOST + "/tin/mo-cua", "tangthu")
    assert (decision.allowed, decision.rule) == (True, "Allow: /tin/mo")


def test_delays_and_sitemaps():
    robots = parse(
        b"Sitemap: https://a.example/1.xml\nUser-agent: *\nCrawl-delay: 5\nUser-agent: tangthu\nCrawl-delay: 0.5\nDisallow: /x\n"
        b"Crawl-delay: nhieu\nSitemap: https://a.example/2.xml\n"
    )
    assert robots.sitemaps == ["https://a.example/1.xml", "https://a.example/2.xml"]
    assert robots.delay("tangthu") == 0.5, "what was said before a crawler is named is not said to it"
    assert robots.group("tangthu").rules == robots.everyone.rules == [("/x", False)]
    assert parse(b"User-agent: *\nCrawl-delay: 5\nCrawl-delay: 2\n").delay("tangthu") == 5.0, "of two the longer"
    assert parse(b"User-agent: *\nCrawl-delay: 10\n").delay("tangthu") == 10.0
    assert parse(b"User-agent: *\nDisallow: /\n").delay("tangthu") is None


@pytest.mark.parametrize(
    ("body", "robots"),
    [
        (b"User-agent: *\n", True),
        (b"", True),
        (b"# <html> in a comment\n", True),
        (b"<!DOCTYPE html><title>Trang</title>", False),
        (b"\xef\xbb\xbf\r\n <HTML>", False),
        (b"<script>captcha()</script>", False),
    ],
)
def test_a_page_is_no_robots_file(body, robots):
    assert is_robots(body) is robots


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://a.example", "/"),
        ("https://a.example?b", "/?b"),
        ("https://a.example/a#b?c", "/a"),
        ("https://a.example#b/c", "/"),
        ("//a.example/b", "/b"),
        ("https://a.example/x?u=http://b.example/y", "/x?u=http://b.example/y"),
    ],
)
def test_the_path_of_an_address(url, path):
    assert path_of(url) == path


def test_a_file_that_asks_for_endless_work_gets_none():
    """Patterns of many stars take exponential time as regular expressions."""
    assert allows(OURS + "Disallow: /" + "*a" * 4000 + "b\n", "/" + "a" * 8000)


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(body):
    parse(body).decide(HOST + "/tin", "tangthu")


@given(st.text(alphabet="ab*$/", max_size=12), st.text(alphabet="ab/", max_size=12))
def test_patterns_match_as_regular_expressions_do(pattern, path):
    import re

    end = pattern.endswith("$")
    expression = "".join(".*" if c == "*" else re.escape(c) for c in (pattern[:-1] if end else pattern))
    expected = re.match(expression + (r"\Z" if end else ""), "/" + path, re.DOTALL) is None or not pattern
    assert allows(OURS + f"Disallow: {pattern}\n", "/" + path) is expected
