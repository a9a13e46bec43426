"""Reading a kept page: its article and the addresses it names. Pure, and here, or in a process beside the crawl (`beside.py`).

The parsers are imported when the first page is read: the crawl itself, which only asks for it, starts without them.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import NamedTuple

import archive
from archive.model import Draft, Study
from crawler.spiders.reading import Named, Told, in_css, in_html, in_tree

logger = logging.getLogger(__name__)

HTML = ("text/html", "application/xhtml+xml")
# What is read for links.
READ = (*HTML, "text/css")
# A body is decoded up to this many bytes for reading; what is kept is not touched by it.
READ_LIMIT = 64 << 20


class Page(NamedTuple):
    """What is to be read: the HTTP answer as it was kept, head and body. `rules` are serialised; None: clean recognises them.

    Without `article` only addresses are looked for; without `links` only the article.
    """

    answer: bytes
    url: str
    media_type: str
    rules: bytes | None
    article: bool
    links: bool = True


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
    """What reading a page gave: its article, if it is one, ready to be kept, and the addresses it names."""

    draft: Draft | None
    named: list[Named]
    trouble: str = ""
    studies: tuple[Study, ...] = ()


def read(page: Page | Hosts, told: Told | None = None) -> Read:
    """Read one page. Addresses in `told` are not named again (`reading.in_tree`). What is wrong with the page is told as trouble."""
    if isinstance(page, Hosts):
        with archive.Reader.open(page.archive) as reader:
            return Read(None, [], studies=tuple(reader.studies(page.root, page.given)))
    body = archive.body_of(page.answer, limit=READ_LIMIT)
    if page.media_type == "text/css":
        return Read(None, in_css(body.data.decode("utf-8", "replace"), page.url, told))
    if not page.article:
        return Read(None, in_html(body.data, page.url, body.charset, told))
    named: list[Named] = []
    try:
        article = archive.clean(
            body.data,
            page.url,
            _rules(page.rules),
            charset=body.charset,
            seen=(lambda tree: named.extend(in_tree(tree, page.url, told))) if page.links else None,
        )
        if not article.text:
            return Read(None, named)
        return Read(archive.draft(article, _serialised(page.rules, article.cleaner["rules_digest"] or "")), named)
    except Exception as problem:  # a hostile page may bring out any fault of ours; what it names is followed nevertheless
        logger.warning("%s could not be cleaned", page.url, exc_info=True)
        return Read(None, named, f"{type(problem).__name__}: {problem}")


@cache
def _rules(serialised: bytes | None) -> archive.Rules | None:
    return archive.Rules.load(serialised) if serialised else None


@cache
def _serialised(given: bytes | None, digest: str) -> bytes | None:
    """The rules that an article was cleaned by: of those given, or of the bundled ones, the ones with this digest."""
    among = _rules(given)
    rules = (among.among(digest) if among else None) or archive.Rules.bundled(digest)
    return rules.serialised() if rules else None
