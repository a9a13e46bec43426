"""The element that holds an article: by the rules' selectors, or by where a page's prose stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from archive.cleaning.chrome import Cuts, cut, name_of, unlinked
from archive.cleaning.parse import Element, Page, inside, spaced_text
from archive.cleaning.selectors import Selector
from archive.cleaning.words import ARTICLE, HEADINGS

INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "ins", "kbd", "label", "mark", "picture", "q", "s", "samp", "small", "source", "span", "strike", "strong",
    "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
# A block shorter than this is a label, a date or a menu entry; the shortest sentences of portals' notices are longer.
_PROSE = 25
# Share of the prose that a child must hold to be the place to look further. Below 0.7 a long quote passes for the
# article, above 0.8 a box of prose beside it is taken along.
_SHARE = 0.75
# Less prose than this is a notice of error, an address or a form's hint, not an article.
ENOUGH = 200
_PARAGRAPH = 80
# The longest summary seen in a list of the real portals has 420 characters.
_SUMMARY = 600
# So many hidden blocks of one class are answers to be unfolded; a single large one is a body that a script shows.
_FOLDS = 3
# A shorter linked heading names a section, not another article.
_ANNOUNCEMENT = 12
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(slots=True)
class Weights:
    """How many characters of prose stand in each block element, and the page's paragraphs in document order."""

    prose: dict[Element, int] = field(default_factory=dict)
    paragraphs: list[tuple[Element, int]] = field(default_factory=list)

    def of(self, element: Element) -> int:
        """Characters of prose in `element`."""
        return self.prose.get(element, 0)

    def cut(self, element: Element, rule: str, cuts: Cuts) -> None:
        """Take `element` out of the page and its prose out of what holds it."""
        if prose := self.of(element):
            for holder in element.iterancestors():
                if holder in self.prose:
                    self.prose[holder] -= prose
        cut(element, rule, cuts)


def weigh(body: Element) -> Weights:
    """Measure the prose of `body`: text of blocks, unlinked, longer than a label."""
    weights = Weights()
    outside = [0, 0, 0]  # of a block: own characters, of these linked, prose inside
    blocks: list[tuple[Element, list[int], list[int]]] = []
    around: dict[Element | None, tuple[list[int], bool]] = {}  # the block of an element, and whether that is in a link
    for element in body.iter("*"):
        tag = element.tag
        outer, linked = around.get(element.getparent(), (outside, False))
        if (tail := element.tail) and (size := len(tail.strip())):
            outer[0] += size
            outer[1] += size if linked else 0
        inner = outer
        if tag not in INLINE:
            inner = [0, 0, 0]
            blocks.append((element, inner, outer))
        linked = linked or tag == "a"
        around[element] = inner, linked
        if (text := element.text) and (size := len(text.strip())):
            inner[0] += size
            inner[1] += size if linked else 0
    for element, (own, linked_own, prose), outer in reversed(blocks):  # inner blocks before those around them
        if own >= _PROSE and linked_own * 2 <= own:
            gained = own - linked_own if own >= 2 * _PROSE else own // 2
            weights.paragraphs.append((element, gained))
            prose += gained  # noqa: PLW2901
        weights.prose[element] = prose
        outer[2] += prose
    weights.paragraphs.reverse()
    return weights


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


def without_chrome(page: Page, weights: Weights, cuts: Cuts) -> int:
    """Take out what tags, roles, names and styles say is not the article, unless it holds most of the page's prose.

    Returns the characters of prose in folded-up blocks: a page of questions and answers holds most of its prose there.
    """
    folded = 0
    total = weights.of(page.body)
    named = [(e, r) for e in page.telling if (e.tag == "a" or e.tag not in INLINE) and (r := _chrome_rule(e))]
    folds = Counter(e.get("class") for e, rule in named if rule == "hidden" and weights.of(e))
    for element, rule in named:
        if element.tag == "a" and rule != "skip-link":
            continue
        prose = weights.of(element)
        named_article = ARTICLE.search(f"{element.get('class') or ''} {element.get('id') or ''}") is not None
        limit = 0.2 if named_article or rule in ("header", "tags", "hidden") else 0.5
        if rule == "hidden" and folds[element.get("class")] >= _FOLDS:
            limit = 1.0
        if rule in ("comments", "footer", "menu", "login", "search") and not _holds_article(element):
            limit = 1.0  # on a page without an article they hold all the prose there is
        if (total and prose > limit * total) or not inside(element, page.body) or element is page.body:
            continue
        folded += prose if rule == "hidden" else 0
        weights.cut(element, rule, cuts)
    return folded


def _holds_article(element: Element) -> bool:
    return any(element.find(f".//{tag}") is not None for tag in ("h1", "article", "main"))


def _chrome_rule(element: Element) -> str | None:
    if rule := name_of(element):
        return rule
    if element.tag == "form":
        return "form"
    if element.get("hidden") is not None or (element.get("style") and _HIDDEN.search(element.get("style") or "")):
        return "hidden"
    return None


def without_teasers(page: Page, weights: Weights, cuts: Cuts) -> int:
    """Take out announcements of other pages (a linked heading with its summary); the characters of prose they held."""
    heads = [
        e
        for e in page.telling
        if (e.tag in HEADINGS or "title" in (e.get("class") or "").lower()) and _announces(e, page)
    ]
    announced = Counter(a for head in heads for a in head.iterancestors())
    held = 0
    for head in heads:
        if announced[head] or not inside(head, page.body):
            continue
        item = _item(head, announced, weights, page.body)
        held += weights.of(item)
        weights.cut(item, "teaser", cuts)
    return held


def _announces(element: Element, page: Page) -> bool:
    """Whether a heading is wholly a link to another page."""
    links = list(element.iter("a"))
    if len(links) != 1:
        return False
    target = (links[0].get("href") or "").partition("#")[0].strip()
    if not target or target.startswith("javascript:") or page.url.partition("#")[0].endswith(target.lstrip("./")):
        return False
    text = spaced_text(element)
    return len(text) >= _ANNOUNCEMENT and len(spaced_text(links[0])) >= 0.9 * len(text)


def _item(head: Element, announced: Counter[Element], weights: Weights, body: Element) -> Element:
    """The block around a linked heading that announces that one page only."""
    item = head
    while (parent := item.getparent()) is not None and parent is not body and parent.tag != "td":
        if announced[parent] > 1 or weights.of(parent) > _SUMMARY or parent.find(".//h1") is not None:
            break
        if any(weights.of(b) for b in item.itersiblings(preceding=True)):
            break
        item = parent
    return item


def by_density(page: Page, weights: Weights, elsewhere: int) -> Element | None:
    """The element that holds the page's prose; None if there is too little of it.

    `elsewhere` are the characters that announcements of other pages and folded blocks held: if those are many more,
    the page is a list.
    """
    at = page.body
    while True:
        child = max((c for c in at if isinstance(c.tag, str)), key=weights.of, default=None)
        if child is None or child.tag in INLINE or weights.of(child) < _SHARE * weights.of(at) or not weights.of(child):
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
