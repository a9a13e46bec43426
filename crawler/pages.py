"""Reading a kept page: its article and the addresses it names. Pure, and here, or in a process beside the crawl (`beside.py`).

The parsers are imported when the first page is read: the crawl itself, which only asks for it, starts without them.
"""

from __future__ import annotations

import hashlib
import logging
import re
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import archive
from archive.model import Draft, Study
from crawler.spiders.lists import begin, go_on, in_json, ways_of
from crawler.spiders.paging import Ask, Paging, Where
from crawler.spiders.reading import Named, Told, canonical_of, in_css, in_tree, kind_of, parsed, pieces_of, words_of
from crawler.spiders.sources import in_sources

logger = logging.getLogger(__name__)

HTML = ("text/html", "application/xhtml+xml")
# What is read for links.
READ = (*HTML, "text/css")
# Of these kinds any answer may be read: servers call JSON and XML all kinds of names.
_SOURCES = ("list", "sitemap", "feed")
# A body is decoded up to this many bytes for reading; what is kept is not touched by it.
READ_LIMIT = 64 << 20
# A text of fewer words (numbers are none) is the same with other numbers in it: the months of a calendar, a page with a clock.
FEW = 40
# A page that says that there is none: in its title, or in a text of no more words than this.
NOTE = 60
_NO_PAGE = re.compile(
    r"(?i)\b(?:không (?:tìm thấy|tồn tại|có (?:trang|bài viết|nội dung) này)"
    r"|(?:trang|bài viết|nội dung|liên kết)(?: \w+){0,6} (?:không (?:còn )?tồn tại|đã bị (?:xóa|xoá|gỡ))"
    r"|(?:page|file|article|resource|topic)(?: \w+){0,4} does not exist|not found|error 404|lỗi 404|404 error)\b"
)
_DIGITS = re.compile(r"\d+")


def is_read(kind: str, media_type: str | None) -> bool:
    """Whether an answer to a visit of this kind is read for what it names."""
    return media_type in READ or kind in _SOURCES


class Page(NamedTuple):
    """What is to be read: the HTTP answer as it was kept, head and body. `rules` are serialised; None: clean recognises them.

    Without `article` only addresses are looked for; without `links` only the article. What it names is named again by later pages unless it is
    to `remember`. `kind` is that of the visit; `ways` are how lists may go on, `where` (`Link.paging`) is where in one the page stands.
    Of a page that is to be `recognise`d the platform is told.
    """

    answer: bytes
    url: str
    media_type: str
    rules: bytes | None
    article: bool
    links: bool = True
    remember: bool = True
    kind: str = "page"
    ways: tuple[Paging, ...] = ()
    where: str = ""
    recognise: bool = False


class Hosts(NamedTuple):
    """What is to be studied: the hosts of a chain of runs, as `Reader.studies`."""

    archive: Path
    root: int
    given: bytes | None

    @property
    def url(self) -> str:
        """What it is called in messages."""
        return f"the pages in {self.archive.name}"


class Read(NamedTuple):
    """What reading a page gave: its article, if it is one, ready to be kept, the addresses it names, and requests for lists' next pages.

    `text` is a fingerprint of its words (64 bits, signed), `pieces` are such of the pieces of its text if it is no article, `canonical` the
    address that it says it has, `missing` that it says there is no such page.
    """

    draft: Draft | None
    named: list[Named]
    trouble: str = ""
    studies: tuple[Study, ...] = ()
    text: int | None = None
    pieces: tuple[int, ...] = ()
    canonical: str = ""
    missing: bool = False
    asks: tuple[Ask, ...] = ()
    platform: str | None = None


def read(page: Page | Hosts, told: Told | None = None) -> Read:
    """Read one page. Addresses in `told` are not named again (`reading.in_tree`). What is wrong with the page is told as trouble."""
    if isinstance(page, Hosts):
        with archive.Reader.open(page.archive) as reader:
            return Read(None, [], studies=tuple(reader.studies(page.root, page.given)))
    body = archive.body_of(page.answer, limit=READ_LIMIT)
    if page.media_type == "text/css":
        return Read(None, in_css(body.data.decode("utf-8", "replace"), page.url, told, remember=page.remember))
    if page.kind in ("sitemap", "feed"):
        return Read(None, *in_sources(body.data, page.url))
    if page.where:
        return _further(page, body.data, body.charset)
    ways = ways_of(page.ways, page.url, body.data)
    if not page.article:
        tree = parsed(body.data, body.charset)
        if tree is None:
            return Read(None, [])
        asks = _first(ways, page, body.data, tree) if ways else ()
        platform = archive.Rules.platform_of(body.data, page.url, body.charset) if page.recognise else None
        named = in_tree(tree, page.url, told, remember=page.remember)
        return Read(None, named, text=_fingerprint(words_of(tree)), pieces=_pieces(tree), asks=asks, platform=platform)
    seen = _Seen(page, told, body.data, ways)
    try:
        article = archive.clean(body.data, page.url, _rules(page.rules), charset=body.charset, seen=seen)
        platform = _platform(article, body.data, body.charset) if page.recognise else None
        told_of = partial(Read, named=seen.named, canonical=seen.canonical, asks=seen.asks, platform=platform)
        if not article.text:
            tree = parsed(body.data, body.charset)
            words = "" if tree is None else words_of(tree)
            pieces = () if tree is None else _pieces(tree)
            return told_of(None, text=None if tree is None else _fingerprint(words), pieces=pieces, missing=says_missing(article.title, words))
        if says_missing(article.title, article.text):
            return told_of(None, text=_fingerprint(article.text), missing=True)
        # Documents that links to nothing but themselves tell of: `?download=1`, viewers with the file's address in their query.
        seen.named += [(file.url, "document") for file in article.attachments if file.url[:4].lower() == "http"]
        draft = archive.draft(article, _serialised(page.rules, article.cleaner["rules_digest"] or ""))
        return told_of(draft, text=_fingerprint(f"{article.title}\n{article.text}"))
    except Exception as problem:  # a hostile page may bring out any fault of ours; what it names is followed nevertheless
        logger.warning("%s could not be cleaned", page.url, exc_info=True)
        return Read(None, seen.named, f"{type(problem).__name__}: {problem}", asks=seen.asks)


def _platform(article: archive.Article, html: bytes, charset: str | None) -> str | None:
    """The platform of a page that has been cleaned; what was learned of a site says nothing of it."""
    if article.cleaner["layer"] != "site":
        return article.cleaner["platform"]
    return archive.Rules.platform_of(html, article.url, charset)


class _Seen:
    """What else than its article is wanted of a page's tree."""

    def __init__(self, page: Page, told: Told | None, body: bytes, ways: list[Paging]) -> None:
        self._page, self._told, self._body, self._ways = page, told, body, ways
        self.asks: tuple[Ask, ...] = ()
        self.named: list[Named] = []
        self.canonical = ""

    def __call__(self, tree: Any) -> None:
        if self._page.links:
            self.named = in_tree(tree, self._page.url, self._told, remember=self._page.remember)
            self.canonical = canonical_of(tree, self._page.url)
            self.asks = _first(self._ways, self._page, self._body, tree) if self._ways else ()


def says_missing(title: str | None, text: str) -> bool:
    """Whether a page that came with 200 says that there is no such page: in its title, or in a text of a few words."""
    words = len(text.split(None, NOTE * 3))  # an article's need not be counted to the end
    return (words <= NOTE * 3 and _NO_PAGE.search(title or "") is not None) or (words <= NOTE and _NO_PAGE.search(text) is not None)


def _fingerprint(text: str) -> int:
    """64 bits of a digest of the words; of a few words without their numbers."""
    plain = text.replace("\n\n", " ").replace("\n", " ")
    if "  " in plain or not plain.isprintable() or plain != plain.strip():  # an article's text is written with single blanks
        plain = " ".join(text.split())
    count = plain.count(" ") + 1
    if count < FEW or (count < 4 * FEW and sum(any(map(str.isalpha, word)) for word in plain.split()) < FEW):
        plain = _DIGITS.sub("", plain)
    return _mark(plain)


def _mark(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big", signed=True)


def _pieces(tree: Any) -> tuple[int, ...]:
    """By what a page that is no article is known again, whatever else stands on it: each piece of text with words in it, without its numbers."""
    plain = dict.fromkeys(" ".join(_DIGITS.sub("", text).split()) for text in pieces_of(tree))
    return tuple(_mark(text) for text in plain if any(map(str.isalpha, text)))


def _first(ways: list[Paging], page: Page, body: bytes, tree: Any) -> tuple[Ask, ...]:
    """The requests by which the lists on a page go on."""
    return tuple(begin(ways, page.url, body.decode("utf-8", "replace"), _entries(in_tree(tree, page.url)), tree))


def _further(page: Page, body: bytes, charset: str | None) -> Read:
    """A page of a list that was asked for by a request of its own: a whole page, a piece of one, or JSON with addresses or markup in it."""
    where, plain = Where.load(page.where), None
    addresses: list[str] = []
    # A piece stands in the list's page, and what it names is seen from there.
    base = page.url if page.media_type in HTML and b"</html" in body[-2048:].lower() else where.list
    if page.media_type not in HTML and body.lstrip()[:1] in (b"{", b"["):
        try:
            plain, body, addresses = in_json(page.ways, where, body)
        except ValueError as problem:
            return Read(None, [], f"it is no JSON: {problem}")
        charset = "utf-8"
    tree = parsed(body, charset) if body.strip() else None
    named = [*([] if tree is None else in_tree(tree, base)), *((url, kind_of(url)) for url in addresses)]
    said = None if tree is None else _fingerprint(words_of(tree))
    return Read(None, named, text=said, asks=tuple(go_on(page.ways, where, page.url, _entries(named), tree, plain)))


def _entries(named: list[Named]) -> list[str]:
    """What a page of a list is known again by: the pages and documents that it names."""
    return [url for url, kind in named if kind in ("page", "document")]


@cache
def _rules(serialised: bytes | None) -> archive.Rules | None:
    return archive.Rules.load(serialised) if serialised else None


@cache
def _serialised(given: bytes | None, digest: str) -> bytes | None:
    """The rules that an article was cleaned by: of those given, or of the bundled ones, the ones with this digest."""
    among = _rules(given)
    rules = (among.among(digest) if among else None) or archive.Rules.bundled(digest)
    return rules.serialised() if rules else None
