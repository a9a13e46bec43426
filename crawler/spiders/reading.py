"""The addresses that a page or stylesheet names, each with what it is named for. Pure; knows nothing of scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import cast
from urllib.parse import urljoin, urlsplit

from lxml import etree

from archive.urls import tidy

# Suffixes that are fetched as documents of their own: what the portals attach to articles (PORTALS.md, section 1).
DOCUMENTS = frozenset(["pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "rtf", "zip", "rar", "7z"])
PICTURES = frozenset(
    ["jpg", "jpeg", "png", "gif", "webp", "svg", "bmp", "ico", "css", "js", "woff", "woff2", "ttf", "mp3", "mp4"]
)
# Possessive: what a hostile sheet leaves open is read once, not once for each way to divide its blanks.
_CSS_URL = re.compile(r"""(?i)(?:url\(\s*+|@import\s++)(?:"([^"]*+)"|'([^']*+)'|(?<=[(\s])([^\s"'()]++)(?=\s*+\)))""")
# A path that needs neither joining nor escaping: the common case on the pages measured, 90 % of 120 links a page.
_PLAIN = re.compile(r"/(?!/)[A-Za-z0-9_~/-]*(?:\.(?!\.?/)[A-Za-z0-9_~-]+)*(?:\?[A-Za-z0-9_.~=&-]+)?\Z")
# The same from the page's own folder on; a path without a name in it (`a//b`) is joined otherwise.
_BESIDE = re.compile(r"[A-Za-z0-9_~-]+(?:/[A-Za-z0-9_~-]+)*(?:\.[A-Za-z0-9_~-]+)*(?:\?[A-Za-z0-9_.~=&-]+)?\Z")
# Whole, or from the root on; longer ones are no menu's.
_ROOTED = re.compile(r"(?:[Hh][Tt][Tt][Pp][Ss]?://[A-Za-z0-9]|/(?!/))[^\t\n\r]{0,500}\Z")
# An address in a srcset ends at a blank, or at commas in front of one; behind it stands what a comma ends (HTML, section 4.8.4.3.10).
_CANDIDATE = re.compile(r"([^\s,](?:\S*[^\s,])?)(?:,+(?=\s|$)|\s[^,]*|$)")
_REFRESH = re.compile(r"(?i)^\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"]+)")
# Where scripts that load pictures late find them: lazysizes, jQuery Lazy Load, WordPress' plug-ins, Swiper.
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy")
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_EMBEDS = {
    "img": ("src", *_LAZY),
    "script": ("src",),
    "iframe": ("src", "data-src"),
    "frame": ("src",),
    "source": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "input": ("src",),
    "track": ("src",),
    "body": ("background",),
    "table": ("background",),
    "td": ("background",),
}
_STYLES = {"stylesheet", "icon", "shortcut", "apple-touch-icon", "preload"}
_FEEDS = {"application/rss+xml", "application/atom+xml", "application/rdf+xml"}
_STYLED = etree.XPath("descendant::*/@style[contains(., 'url(') or contains(., 'URL(')]", smart_strings=False)
_WORDS = etree.XPath("descendant::text()[not(parent::script or parent::style or parent::noscript)]", smart_strings=False)
_NEVER = ("javascript:", "mailto:", "tel:", "data:")
_TAGS = ("a", "area", "link", "meta", "style", *_EMBEDS)

# What an address is named for: the `kind` of archive.model.Link, plus "redirect".
Named = tuple[str, str]
# Hashes of what was named before: of paths from the root as they are written, of other addresses once they are whole.
Told = set[int]


def in_html(body: bytes, url: str, charset: str | None = None, told: Told | None = None) -> list[Named]:
    """(address, kind) for each address in the page `body`, in page order, each once; absolute, tidied, without fragment."""
    tree = parsed(body, charset)
    return [] if tree is None else in_tree(tree, url, told)


def in_tree(tree: etree._Element, url: str, told: Told | None = None, *, remember: bool = True) -> list[Named]:
    """As `in_html`, for a page that has been parsed. What is in `told` is left out; to `remember`, what is returned is added to it.

    Of the 120 addresses on a page most stand on every page: found in a set as they are written, they need not be joined and tidied again.
    """
    return _fresh(_raw(tree), _base(tree, url), set() if told is None else told, remember=remember)


def in_css(text: str, url: str, told: Told | None = None, *, remember: bool = True) -> list[Named]:
    """(address, requisite) for each `url(...)` and `@import` of a stylesheet; `told` as in `in_tree`."""
    return _fresh(((address, "requisite") for address in _in_style(text)), url, set() if told is None else told, remember=remember)


def _base(tree: etree._Element, url: str) -> str:
    """What addresses are relative to: the first base that has an address counts, even an empty or impossible one (HTML, section 4.2.3)."""
    for element in tree.iter("base"):
        if (href := element.get("href")) is not None:
            try:
                base = urljoin(url, href.strip())
                urlsplit(base)
            except ValueError:
                break
            return base
    return url


def canonical_of(tree: etree._Element, url: str) -> str:
    """The address that a page says it has (RFC 6596), absolute; empty if it says none. It is a claim and no more."""
    for link in tree.iter("link"):
        if (link.get("rel") or "").lower() == "canonical" and (href := link.get("href")):
            return _joined(_base(tree, url), href, "canonical") or ""
    return ""


def words_of(tree: etree._Element) -> str:
    """What a page says, all its words: those of scripts and styles aside, and what stands in its head."""
    body = tree.find("body")
    return " ".join(cast("list[str]", _WORDS(tree if body is None else body)))


def pieces_of(tree: etree._Element) -> list[str]:
    """What a page says, element by element, its title first."""
    body = tree.find("body")
    return [tree.findtext("head/title") or "", *cast("list[str]", _WORDS(tree if body is None else body))]


def parsed(body: bytes, charset: str | None) -> etree._Element | None:
    """The tree of a page; None if there is none."""
    try:
        body.decode("utf-8")
        charset = "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        parser = etree.HTMLParser(encoding=charset or None, huge_tree=True, remove_comments=True)
    except LookupError:  # a charset that libxml2 does not know: it then goes by the page's own declaration
        parser = etree.HTMLParser(huge_tree=True, remove_comments=True)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):  # an empty document is no tree
        return None


def _raw(tree: etree._Element) -> Iterator[Named]:
    for element in tree.iter(*_TAGS):
        tag = element.tag
        if tag in ("a", "area"):
            if href := element.get("href"):
                yield href, "page"
        elif tag == "link":
            if (href := element.get("href")) and (rel := (element.get("rel") or "").lower().split()):
                if _STYLES & set(rel):
                    yield href, "requisite"
                elif "next" in rel or "prev" in rel:
                    yield href, "page"
                elif "alternate" in rel and (element.get("type") or "").partition(";")[0].strip().lower() in _FEEDS:
                    yield href, "feed"
        elif tag == "meta":
            if (element.get("http-equiv") or "").lower() == "refresh" and (
                to := _REFRESH.match(element.get("content") or "")
            ):
                yield to[1].strip(), "redirect"
        elif tag == "style":
            yield from ((address, "requisite") for address in _in_style(element.text or ""))
        else:
            for name in _EMBEDS[tag]:
                if value := element.get(name):
                    yield value, "requisite"
            for name in _SETS:
                if (srcset := element.get(name)) is not None:
                    yield from ((found[1], "requisite") for found in _CANDIDATE.finditer(srcset))
    for style in cast("list[str]", _STYLED(tree)):
        yield from ((address, "requisite") for address in _in_style(style))


def _in_style(text: str) -> Iterator[str]:
    for found in _CSS_URL.finditer(text):
        yield (found[1] or found[2] or found[3] or "").strip()


def _fresh(raw: Iterator[Named], base: str, told: Told, *, remember: bool) -> list[Named]:
    """Those of `raw` that are addresses and not in `told`, whole and tidied."""
    parts = urlsplit(base)
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"  # who may come in is no part of an address (`tidy`)
    try:
        folder = _tidied(urljoin(base, "x"))[:-1]
    except ValueError:  # a port that is no number: what needs it is no address either
        folder = None
    found: dict[Named, None] = {}
    names: Told = set()
    for address, kind in dict.fromkeys(raw):
        name = hash((origin, address, kind))
        if name in told:
            continue
        if _PLAIN.match(address):
            url = origin + address
        elif folder is not None and _BESIDE.match(address):
            url, name = folder + address, 0
        elif (whole := _joined(base, address, kind)) is not None:
            url, name = whole, 0
        else:
            continue
        named = (url, kind_of(url) if kind == "page" else kind)
        if not name:
            name = hash(named)
            if name in told:
                continue
        if named[1] != "feed":  # whether one is read depends on the page that names it
            names.add(name)
        found[named] = None
    # Only now: who is interrupted has told nothing.
    if remember:
        told |= names
    return list(found)


def _joined(base: str, address: str, kind: str) -> str | None:
    """`address` seen from `base`, None if it is no address that is asked for."""
    address = address.strip()
    if address[:5].lower() == "data:" and kind == "page":
        return address
    if not address or address[0] == "#" or address[:11].lower().startswith(_NEVER):
        return None
    if _ROOTED.match(address):
        return _rooted("/".join(base.split("/", 3)[:3]), address)
    return _whole(base, address)


@lru_cache(8192)
def _rooted(origin: str, address: str) -> str | None:
    """As `_joined`, for an address in which of the page's own only the origin counts: it stands in menus, the same on every page."""
    return _whole(f"{origin}/", address)


def _whole(base: str, address: str) -> str | None:
    try:
        return _tidied(urljoin(base, address))
    except ValueError:
        return None  # no address at all, e.g. an IPv6 bracket that is never closed


def kind_of(url: str) -> str:
    """What a link to an address is a link to, by its ending: document, requisite or page."""
    ending = url.partition("?")[0].rpartition(".")[2].lower()
    return "document" if ending in DOCUMENTS else "requisite" if ending in PICTURES else "page"


@lru_cache(4096)
def _tidied(url: str) -> str:
    """`url` as it is kept. Whole addresses stand in menus, the same on every page. Raises ValueError if it is none."""
    return tidy(url) if url[:4].lower() == "http" else url
