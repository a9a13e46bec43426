"""The title of a page whose head names the portal only: the line that stands where titles stand, or is the page's address."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote, urlsplit

from archive.cleaning.dates import date_line
from archive.cleaning.parse import Element, Page, spaced_text, text_of
from archive.cleaning.words import HEADINGS, HOME, PORTAL, RELATED, TITLED, TOOL
from archive.urls import slug

_PLACES = ("h1", "h2", "h3", "h4", "h5", "div", "p", "span", "td", "font", "b", "strong", "center")
_SHORTEST, _LONGEST = 12, 300
# Names of boxes and sections are shorter, unless the address says otherwise.
_WORDS = 5
# So many lines behind a title may stand before the date, so many again before the text.
_NEXT = 3
_LINE, _SENTENCE = 120, 40
# A title stands among the first elements, if at all.
_MOST = 4000
_SURE, _SURER = 2, 2.5
_SLUG_WORDS, _SLUG_SHARE = 3, 0.75
_ENDINGS = frozenset({"html", "htm", "aspx", "php", "jsp", "cpx"})


def guessed(page: Page, against: str | None = None) -> tuple[str, Element] | None:
    """The title and the element that shows it: by its markup, the date or text behind it, and the words of the address.

    `against` is what the head calls a page that shows no such line: then only a date behind it or the address will do.
    """
    sure = _SURE if against is None else _SURER
    spelt = frozenset(w for w in slug(unquote(urlsplit(page.url).path).rstrip("/").rpartition("/")[2]).split("-") if w.isalpha()) - _ENDINGS
    best: tuple[float, str, Element] | None = None
    for element in islice(page.body.iter(*_PLACES), _MOST):
        if (text := _like_title(element)) is None:
            continue
        score = _looks(element) + _said(text, spelt)
        if score + 2 > (best[0] if best else sure - 1) and (len(text.split()) >= _WORDS or _said(text, spelt)):
            score += _followed(element, page.body)
            if score >= sure and (best is None or score > best[0]):
                best = score, text, element
    return (best[1], best[2]) if best else None


def _like_title(element: Element) -> str | None:
    """The text of an element that is one line, no link, no date, no button and not the portal's name."""
    if len(element) > 3 or any(child.tag in _PLACES[:7] for child in element):
        return None
    text = text_of(element)
    if not _SHORTEST <= len(text) <= _LONGEST or text.endswith((".", ":", ";")) or (element.tag == "p" and not _looks(element)):
        return None
    if PORTAL.match(text) or HOME.fullmatch(text) or RELATED.fullmatch(text) or TOOL.fullmatch(text) or date_line(text):
        return None
    linked = any(len(spaced_text(a)) * 2 > len(text) for a in element.iter("a"))
    return None if linked or any(a.tag in ("a", "li") for a in islice(element.iterancestors(), 4)) else text


def _looks(element: Element) -> float:
    """How much an element's markup is that of a title."""
    if element.tag == "h1":
        return 2
    if element.tag in HEADINGS or TITLED.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
        return 1
    bold = element.tag in ("b", "strong") or (len(element) == 1 and element[0].tag in ("b", "strong") and not (element.text or "").strip())
    return 0.5 if bold else 0


def _said(text: str, spelt: frozenset[str]) -> float:
    """Whether a text is what the address says."""
    words = {w for w in slug(text).split("-") if w}
    alike = len(words & spelt)
    return 3 if alike >= _SLUG_WORDS and alike >= _SLUG_SHARE * min(len(words), len(spelt)) else 0


def _followed(element: Element, body: Element) -> float:
    """How the next lines bear a title out: a date, or text that is no link."""
    dated = False
    for count, (text, linked) in enumerate(islice(_behind(element, body), 2 * _NEXT)):
        if len(text) <= _LINE and date_line(text):
            dated = dated or count < _NEXT
        elif len(text) >= _SENTENCE and not linked:
            return 2 if dated else 1 if count < _NEXT else 0
    return 0


def _behind(element: Element, body: Element) -> Iterator[tuple[str, bool]]:
    """The texts behind an element, and whether they are links for the most part."""
    at = element
    for _ in range(4):
        if tail := (at.tail or "").strip():
            yield tail, False
        for beside in at.itersiblings():
            if text := spaced_text(beside):
                yield text, sum(len(spaced_text(a)) for a in beside.iter("a")) * 2 > len(text)
            if tail := (beside.tail or "").strip():
                yield tail, False
        parent = at.getparent()
        if parent is None or parent is body:
            return
        at = parent
