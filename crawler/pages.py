"""Reading a kept page: its article and the addresses it names. Pure, and here, or in a process beside the crawl (`beside.py`).

The parsers are imported when the first page is read: the crawl itself, which only asks for it, starts without them.
"""

from __future__ import annotations

import hashlib
import logging
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import archive
from archive.model import Draft, Study
from crawler.spiders.reading import Named, Told, canonical_of, in_css, in_tree, parsed, words_of

logger = logging.getLogger(__name__)

HTML = ("text/html", "application/xhtml+xml")
# What is read for links.
READ = (*HTML, "text/css")
# A body is decoded up to this many bytes for reading; what is kept is not touched by it.
READ_LIMIT = 64 << 20
# A text of fewer words is the same with other numbers in it: the months of a calendar, a page with a clock.
FEW = 40
# A page that says that there is none: in its title, or in a text of no more words than this.
NOTE = 60
_NO_PAGE = re.compile(
    r"(?i)\b(?:không (?:tìm thấy|tồn tại|có (?:trang|bài viết|nội dung) này)"
    r"|(?:trang|bài viết|nội dung|liên kết)(?: \w+){0,6} (?:không (?:còn )?tồn tại|đã bị (?:xóa|xoá|gỡ))"
    r"|(?:page|file|article|resource|topic)(?: \w+){0,4} does not exist|not found|error 404|lỗi 404|404 error)\b"
)
_DIGITS = re.compile(r"\d+")


class Page(NamedTuple):
    """What is to be read: the HTTP answer as it was kept, head and body. `rules` are serialised; None: clean recognises them.

    Without `article` only addresses are looked for; without `links` only the article. What it names is named again by later pages unless it is
    to `remember`.
    """

    answer: bytes
    url: str
    media_type: str
    rules: bytes | None
    article: bool
    links: bool = True
    remember: bool = True


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
    """What reading a page gave: its article, if it is one, ready to be kept, and the addresses it names.

    `text` is a fingerprint of its words (64 bits, signed), `canonical` the address that it says it has, `missing` that it says there is no such page.
    """

    draft: Draft | None
    named: list[Named]
    trouble: str = ""
    studies: tuple[Study, ...] = ()
    text: int | None = None
    canonical: str = ""
    missing: bool = False


def read(page: Page | Hosts, told: Told | None = None) -> Read:
    """Read one page. Addresses in `told` are not named again (`reading.in_tree`). What is wrong with the page is told as trouble."""
    if isinstance(page, Hosts):
        with archive.Reader.open(page.archive) as reader:
            return Read(None, [], studies=tuple(reader.studies(page.root, page.given)))
    body = archive.body_of(page.answer, limit=READ_LIMIT)
    if page.media_type == "text/css":
        return Read(None, in_css(body.data.decode("utf-8", "replace"), page.url, told, remember=page.remember))
    if not page.article:
        tree = parsed(body.data, body.charset)
        if tree is None:
            return Read(None, [])
        return Read(None, in_tree(tree, page.url, told, remember=page.remember), text=_fingerprint(words_of(tree)))
    seen = _Seen(page, told)
    try:
        article = archive.clean(body.data, page.url, _rules(page.rules), charset=body.charset, seen=seen)
        if not article.text:
            tree = parsed(body.data, body.charset)
            words = "" if tree is None else words_of(tree)
            return Read(
                None, seen.named, text=None if tree is None else _fingerprint(words), canonical=seen.canonical,
                missing=says_missing(article.title, words),
            )  # fmt: skip
        if says_missing(article.title, article.text):
            return Read(None, seen.named, text=_fingerprint(article.text), canonical=seen.canonical, missing=True)
        draft = archive.draft(article, _serialised(page.rules, article.cleaner["rules_digest"] or ""))
        return Read(draft, seen.named, text=_fingerprint(f"{article.title}\n{article.text}"), canonical=seen.canonical)
    except Exception as problem:  # a hostile page may bring out any fault of ours; what it names is followed nevertheless
        logger.warning("%s could not be cleaned", page.url, exc_info=True)
        return Read(None, seen.named, f"{type(problem).__name__}: {problem}")


class _Seen:
    """What else than its article is wanted of a page's tree."""

    def __init__(self, page: Page, told: Told | None) -> None:
        self._page, self._told = page, told
        self.named: list[Named] = []
        self.canonical = ""

    def __call__(self, tree: Any) -> None:
        if self._page.links:
            self.named = in_tree(tree, self._page.url, self._told, remember=self._page.remember)
            self.canonical = canonical_of(tree, self._page.url)


def says_missing(title: str | None, text: str) -> bool:
    """Whether a page that came with 200 says that there is no such page: in its title, or in a text of a few words."""
    words = len(text.split())
    return (words <= NOTE * 3 and _NO_PAGE.search(title or "") is not None) or (words <= NOTE and _NO_PAGE.search(text) is not None)


def _fingerprint(text: str) -> int:
    """64 bits of a digest of the words; of a few words without their numbers."""
    words = text.split()
    plain = " ".join(words) if len(words) >= FEW else _DIGITS.sub("", " ".join(words))
    return int.from_bytes(hashlib.sha256(plain.encode("utf-8", "replace")).digest()[:8], "big", signed=True)


@cache
def _rules(serialised: bytes | None) -> archive.Rules | None:
    return archive.Rules.load(serialised) if serialised else None


@cache
def _serialised(given: bytes | None, digest: str) -> bytes | None:
    """The rules that an article was cleaned by: of those given, or of the bundled ones, the ones with this digest."""
    among = _rules(given)
    rules = (among.among(digest) if among else None) or archive.Rules.bundled(digest)
    return rules.serialised() if rules else None
