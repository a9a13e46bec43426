"""Where a page's prose stands: how many characters of it each block element holds, measured in one pass."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.cleaning.chrome import Cuts, cut
from archive.cleaning.parse import LINE, Element, Page, exceeds

# What browsers set as blocks; every other element, an unknown one too, is inline (HTML standard, 15.3).
BLOCKS = frozenset({
    "address", "article", "aside", "audio", "blockquote", "body", "caption", "center", "col", "colgroup", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "embed", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "iframe", "legend", "li", "listing", "main", "menu",
    "nav", "object", "ol", "optgroup", "option", "p", "plaintext", "pre", "search", "section", "summary", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul", "video", "xmp",
})  # fmt: skip
# A block shorter than this is a label, a date or a menu entry; the shortest sentences of portals' notices are longer.
SENTENCE = 25
# Less prose than this is a notice of error, an address or a form's hint, not an article.
ENOUGH = 200
_CELLS = frozenset({"td", "th"})


@dataclass(slots=True)
class Weights:
    """How many characters of prose stand in each block element.

    `own` are the page's paragraphs with their own characters, in document order; `linked` the blocks that
    are a link as a whole; `texts` the elements with text before their first child, their tags and that text, as the page stood.
    """

    prose: dict[Element, int] = field(default_factory=dict)
    own: dict[Element, int] = field(default_factory=dict)
    linked: list[Element] = field(default_factory=list)
    texts: list[tuple[Element, str, str]] = field(default_factory=list)

    def of(self, element: Element) -> int:
        """Characters of prose in `element`."""
        return self.prose.get(element, 0)

    def cut(self, element: Element, rule: str, cuts: Cuts) -> None:
        """Take `element` out of the page and its prose out of what holds it."""
        if prose := self.of(element):
            for holder in element.iterancestors():
                if holder in self.prose:
                    self.prose[holder] -= prose
            for inner in element.iter("*"):
                self.own.pop(inner, None)
        cut(element, rule, cuts)

    def forget(self, paragraph: Element) -> None:
        """Count the text of `paragraph` no longer as prose."""
        size = self.own.pop(paragraph)
        for holder in (paragraph, *paragraph.iterancestors()):
            if holder in self.prose:
                self.prose[holder] -= size


def wraps(element: Element) -> bool:
    """Whether an inline element holds blocks: a form control around a body (`<span id="lblContent">`), a custom element."""
    return any(child.tag in BLOCKS or (len(child) and wraps(child)) for child in element)


def weigh(page: Page) -> Weights:
    """Measure the prose of a page: text of blocks, unlinked, longer than a label. A row of short cells is one block."""
    weights = Weights()
    texts, long = weights.texts, page.long
    outside = [0, 0, 0]  # of a block: own characters, of these linked, prose inside
    blocks: list[tuple[Element, str, list[int], list[int]]] = []
    around = {page.body.getparent(): (outside, False)}  # the block of what holds elements, and whether that is in a link
    every = list(page.body.iter("*"))
    # A list of each is made faster than each is asked for in turn.
    heads, tails, parents = [e.text for e in every], [e.tail for e in every], [e.getparent() for e in every]
    holding = frozenset(parents)
    for element, tag, text, tail, parent in zip(every, [e.tag for e in every], heads, tails, parents, strict=True):
        outer, linked = around[parent]
        if tail and not tail.isspace():
            size = len(tail.strip())
            outer[0] += size
            if linked:
                outer[1] += size
        inner = outer
        holds = element in holding
        if tag in BLOCKS or (holds and wraps(element)):
            inner = [0, 0, 0]
            blocks.append((element, tag, inner, outer))
        linked = linked or tag == "a"
        if holds:
            around[element] = inner, linked
        if text and (size := len(text.strip())):
            texts.append((element, tag, text))
            inner[0] += size
            if linked:
                inner[1] += size
            if size > LINE and exceeds(text, LINE):
                long.add(element)
    own_of, prose_of = dict[Element, int](), weights.prose
    for element, tag, (own, linked_own, prose), outer in reversed(blocks):  # inner blocks before those around them
        if own >= SENTENCE and linked_own * 2 <= own:
            gained = own - linked_own if own >= 2 * SENTENCE or tag == "tr" else own // 2
            own_of[element] = gained
            prose += gained  # noqa: PLW2901
        elif own and tag in _CELLS:
            outer[0] += own
            outer[1] += linked_own
        elif own and (linked_own >= 0.9 * own or own - linked_own < min(SENTENCE, linked_own / 2)):  # a day beside the link
            weights.linked.append(element)
        prose_of[element] = prose
        outer[2] += prose
    weights.own = dict(reversed(own_of.items()))
    weights.linked.reverse()
    return weights
