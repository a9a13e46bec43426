"""The extractors that are measured beside ours. Each is imported only when asked for; one that is not installed is named, not missed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from score import Found

Extract = Callable[[bytes, str], Found]


def _tangthu() -> Extract:
    from archive.cleaning.clean import clean

    def extract(html: bytes, url: str) -> Found:
        article = clean(html, url)
        return Found(article.text, article.title, (article.published or "")[:10] or None, article.authors)

    return extract


def _trafilatura(*, precision: bool) -> Extract:
    from trafilatura import bare_extraction

    def extract(html: bytes, url: str) -> Found:
        made = bare_extraction(html, url=url, favor_precision=precision, include_comments=False, with_metadata=True)
        if made is None:
            return Found()
        author = made.author or ""
        return Found(made.text or "", made.title, (made.date or "")[:10] or None, [a.strip() for a in author.split(";") if a.strip()])

    return extract


def _readability() -> Extract:
    from lxml import html as lxml_html
    from readability import Document

    breaks = re.compile(r"(</(?:p|div|li|h\d|tr|blockquote|pre|td|th|section|figcaption)>|<br\s*/?>)", re.IGNORECASE)

    def extract(html: bytes, url: str) -> Found:
        document = Document(html.decode("utf-8", "replace"), url=url)
        summary = breaks.sub(r"\1 ", document.summary(html_partial=True))
        return Found(lxml_html.fromstring(summary).text_content(), document.short_title())

    return extract


def _newspaper() -> Extract:
    from newspaper import Article

    def extract(html: bytes, url: str) -> Found:
        article = Article(url, fetch_images=False)
        article.download(input_html=html.decode("utf-8", "replace"))
        article.parse()
        date = article.publish_date.strftime("%Y-%m-%d") if article.publish_date else None
        return Found(article.text, article.title, date, article.authors)

    return extract


def _resiliparse() -> Extract:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    def extract(html: bytes, _url: str) -> Found:
        tree = HTMLTree.parse_from_bytes(html, "utf-8")
        text = extract_plain_text(tree, main_content=True, alt_texts=False, list_bullets=False, links=False)
        return Found(text, tree.title)

    return extract


# By name: how the extractor is made, and the package it comes with.
PEERS: dict[str, tuple[Callable[[], Extract], str]] = {
    "tangthu": (_tangthu, "tangthu"),
    "trafilatura": (lambda: _trafilatura(precision=False), "trafilatura"),
    "trafilatura precision": (lambda: _trafilatura(precision=True), "trafilatura"),
    "readability": (_readability, "readability-lxml"),
    "newspaper4k": (_newspaper, "newspaper4k"),
    "resiliparse": (_resiliparse, "resiliparse"),
}
# The fields of those that do not give all.
GIVES = {"readability": ("title", "leaked"), "resiliparse": ("title", "leaked")}


def installed(names: list[str]) -> dict[str, Extract]:
    """The extractors of these names that are here; says of the others what to install."""
    warnings.simplefilter("ignore")
    made: dict[str, Extract] = {}
    for name in names:
        make, package = PEERS[name]
        try:
            made[name] = make()
        except ImportError as e:
            print(f"{name} is not here ({e}): pip install '.[bench]' brings it.")
            continue
        try:
            print(f"{name}: {package} {version(package)}")
        except PackageNotFoundError:
            print(f"{name}: this source tree")
    return made
