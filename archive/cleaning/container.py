"""The element that holds an article: by the rules' selectors, or by where a page's prose stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archive.cleaning.boxes import ENOUGH
from archive.cleaning.chrome import Cuts, cut, unlinked
from archive.cleaning.parse import Element, Page, inside, spaced_text
from archive.cleaning.prose import Weights
from archive.cleaning.selectors import Selector

# Share of the prose that a child must hold to be the place to look further. Below 0.7 a long quote passes for the
# article, above 0.8 a box of prose beside it is taken along.
_SHARE = 0.75
_PARAGRAPH = 80


def by_rules(page: Page, selectors: Sequence[Selector]) -> Element | None:
    """The one element that the first fitting selector finds; several beside each other are a list, not an article."""
    for css in selectors:
        outer = _outermost(e for e in css.all(page) if spaced_text(e) or e.find(".//img") is not None)
        if len(outer) == 1:
            return outer[0]
    return None


def _outermost(elements: Iterable[Element]) -> list[Element]:
    """Those that do not stand in another of them, each once."""
    every = dict.fromkeys(elements)
    return [e for e in every if not any(a in every for a in e.iterancestors())]


def is_list(page: Page, selectors: Sequence[Selector], cuts: Cuts) -> bool:
    """Whether what the rules know as entries of lists is most of the page's unlinked text.

    If it is not, the entries are a box beside something else, and are taken out.
    """
    entries = _outermost(e for css in selectors for e in css.all(page))
    if not entries:
        return False
    if 2 * sum(unlinked(e) for e in entries) >= unlinked(page.body):
        return True
    for entry in entries:
        cut(entry, "list", cuts)
    return False


def by_density(page: Page, weights: Weights, elsewhere: int) -> Element | None:
    """The element that holds the page's prose; None if there is too little of it.

    `elsewhere` are the characters that announcements of other pages and folded blocks held: if those are many more,
    the page is a list.
    """
    at = page.body
    while True:
        child = max(at, key=weights.of, default=None)
        if child is None or weights.of(child) < _SHARE * weights.of(at) or not weights.of(child):
            break
        at = child
    parent = at.getparent()
    if at.tag in ("p", "li", "h2", "h3") and parent is not None:
        at = parent
    prose = weights.of(at)
    longest = max((size for e, size in weights.paragraphs if inside(e, at)), default=0)
    if prose < ENOUGH or longest < _PARAGRAPH or prose * 2 < elsewhere:
        return None
    return at
