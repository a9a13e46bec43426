"""The element that holds an article by the rules' selectors, and whether a page is a list by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from archive.cleaning.chrome import Cuts, cut, name_of, unlinked
from archive.cleaning.parse import Element, Page, inside, spaced_text
from archive.cleaning.prose import ENOUGH, weigh
from archive.cleaning.selectors import Selectors

_PARAGRAPH = 80
# So much text by the rules' container is taken without looking at the rest of the page.
_AMPLE = 600
# An element that holds so many times the text of its like is the article, the others are boxes beside it.
_DOMINANT = 4
# Parts of a page in which no article stands.
_BOXES = frozenset({"footer", "menu", "side-list", "related", "comments", "login", "search"})
# What a body without a word shows.
_SHOWN = ("img", "iframe", "embed", "object")


def by_rules(page: Page, selectors: Selectors) -> Element | None:
    """The one element that the first fitting selector finds; several beside each other are a list, not an article.

    One that holds far more text than all others together is an article with such boxes beside it.
    """
    for css in selectors.on(page):
        found = (e for e in css.all(page) if spaced_text(e) or any(e.find(f".//{tag}") is not None for tag in _SHOWN))
        outer = [e for e in _outermost(found) if not _in_box(page, e)]
        if len(outer) == 1:
            return outer[0]
        if outer:
            sizes = [len(spaced_text(e)) for e in outer]
            longest = max(sizes)
            if longest >= ENOUGH and longest > _DOMINANT * (sum(sizes) - longest):
                return outer[sizes.index(longest)]
    return None


def falls_short(page: Page, body: Element, leads: Selectors) -> bool:
    """Whether the rules do not fit the page after all.

    `body`, found by them, holds far less prose than another block, or not a word while no lead stands beside it.
    """
    size = len(spaced_text(body))
    if not size and not any(spaced_text(e) for css in leads.on(page) for e in css.all(page)):
        return True
    if size >= _AMPLE and 2 * unlinked(body) >= size:
        return False
    weights = weigh(page)
    blocks = Counter[Element]()
    for element, prose in weights.own.items():
        parent = element.getparent()
        for holder in (element, parent) if parent is not None else (element,):
            blocks[holder] += prose
    limit = max(_DOMINANT * weights.of(body), 2 * ENOUGH) if size else _PARAGRAPH
    own = [body, *(e for css in leads.on(page) for e in css.all(page))]
    return any(
        prose > limit and not any(inside(body, e) or inside(e, o) for o in own) and not _in_chrome(e, body)
        for e, prose in blocks.items()
    )


def _in_box(page: Page, element: Element) -> bool:
    """Whether an element stands in a part of the page that calls itself something else, and holds little of its text."""
    for holder in element.iterancestors():
        if holder is page.body:
            break
        if name_of(holder) in _BOXES and 2 * len(spaced_text(holder)) < len(spaced_text(page.body)):
            return True
    return False


def _in_chrome(element: Element, body: Element) -> bool:
    """Whether `element` stands in something that says it is no part of an article, up to what holds `body` too."""
    around = {*body.iterancestors()}
    at: Element | None = element
    while at is not None and at not in around:
        if name_of(at):
            return True
        at = at.getparent()
    return False


def _outermost(elements: Iterable[Element]) -> list[Element]:
    """Those that do not stand in another of them, each once."""
    every = dict.fromkeys(elements)
    return [e for e in every if not any(a in every for a in e.iterancestors())]


def is_list(page: Page, selectors: Selectors, cuts: Cuts) -> bool:
    """Whether what the rules know as entries of lists is most of the page's unlinked text.

    If it is not, the entries are a box beside something else, and are taken out.
    """
    entries = _outermost(e for css in selectors.on(page) for e in css.all(page))
    if not entries:
        return False
    if 2 * sum(unlinked(e) for e in entries) >= unlinked(page.body):
        return True
    for entry in entries:
        cut(entry, "list", cuts)
    return False
