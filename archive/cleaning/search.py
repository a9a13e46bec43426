"""The body on a page that no rules know: the prose that follows the title; without one, where most of the prose stands."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from archive.cleaning.boxes import leads_away, without_boxes
from archive.cleaning.captions import called
from archive.cleaning.chrome import Cuts, cut
from archive.cleaning.dates import date_line
from archive.cleaning.decode import plain
from archive.cleaning.heading import vietnamese
from archive.cleaning.parse import Element, Page, inside, spaced_text, text_of, texts
from archive.cleaning.people import labelled
from archive.cleaning.prose import ENOUGH, Weights
from archive.cleaning.words import TOOL, imprint

# Share of the prose that a child must hold to be the place to look further. Below 0.7 a long quote passes for the
# article, above 0.8 a box of prose beside it is taken along.
_SHARE = 0.75
_PARAGRAPH = 80
# Prose further from the title belongs to the article from this share of what stands nearer, if so few other characters
# stand between; from this multiple wherever it stands.
_BESIDE, _GAP, _FAR = 0.25, 100, 4
# An element around a body has more prose of the article, not a word or two, from this multiple of the body's on.
_MORE = 1.1
# A shorter link behind the title names a section.
_ENTRY = 25
# A notice has at least one sentence of this length, a lead too; and no lead is longer than that.
_SENTENCE, _NOTICE, _LEAD = 40, 120, 600
_INNER = frozenset({"p", "li", "h2", "h3", "font", "span", "b", "strong", "em", "i", "u"})


@dataclass(slots=True)
class Found:
    """A body, and leads that stand between the title and it.

    `doubt`: none; or that it is short, so that the title must not name another kind of page; or that it is so short, or
    has so much else beside it, that it needs a date to be an article.
    """

    body: Element
    leads: list[Element] = field(default_factory=list)
    doubt: Literal["none", "short", "undated"] = "none"


class Search:
    """Looks for the body of a page. What surely belongs to no article is taken out of the page on the way."""

    def __init__(self, page: Page, cuts: Cuts, weights: Weights) -> None:
        self._page, self._cuts, self._weights = page, cuts, weights
        self._texts: dict[Element, str] = {}
        self._elsewhere = without_boxes(page, self._weights, cuts)
        self._forget_imprint()
        self._without_copies()
        self._title: Element | None = None
        self._prose = self._weights.prose  # what counts: with a title only what stands behind it
        self._holders: dict[Element, None] = {}  # the title and what holds it

    def prose(self, element: Element) -> int:
        """Characters of prose in `element`, behind the title."""
        return self._prose.get(element, 0)

    def better(self, named: Element, body: Element) -> bool:
        """Whether an element with the name of a body is one rather than `body`: most of its prose, or clearly more around it."""
        if inside(body, named):
            return self.prose(named) > _MORE * self.prose(body)
        return self.prose(named) * 2 > self.prose(body)

    def run(self, title: Element | None) -> Found | None:
        """The body; None if there is too little prose, or much more in announcements of other pages: the page is a list.

        `title` is the element that shows the title, if one does.
        """
        if title is not None:
            self._title = title
            self._behind(title)
        area = self._area()
        found = Found(self._descend(area if area is not None else self._page.body))
        if area is not None and (leads := self._leads(area, found.body)) and vietnamese(text_of(found.body)):
            found.leads = leads
        prose = self.prose(found.body) + sum(self._weights.own[e] for e in found.leads)
        longest = max((size for e, size in self._weights.own.items() if e is not self._title and inside(e, found.body)), default=0)
        if prose < ENOUGH or longest < _PARAGRAPH or prose * 2 < self._elsewhere:
            if area is None or (longest < _SENTENCE and prose < ENOUGH):
                return None
            if self._announces(area):
                return None
            found.doubt = "short" if prose >= _NOTICE and longest >= _PARAGRAPH and not self._elsewhere else "undated"
        if self._title is not None and inside(self._title, found.body):
            self._without_before(self._title, found.body)
        return found

    def _forget_imprint(self) -> None:
        """Who answers for a site, its licence and address are prose of every page."""
        for paragraph, size in [*self._weights.own.items()]:
            if size < 2 * ENOUGH and imprint(self._text(paragraph)):
                self._weights.forget(paragraph)

    def _text(self, paragraph: Element) -> str:
        """The text of a paragraph before anything is taken out of it."""
        if paragraph not in self._texts:
            self._texts[paragraph] = spaced_text(paragraph)
        return self._texts[paragraph]

    def _without_copies(self) -> None:
        """Take out what stands on the page a second time, such as a body that only a style sheet hides."""
        alike = defaultdict[int, list[Element]](list)
        for paragraph, size in self._weights.own.items():
            if size >= _PARAGRAPH:
                alike[size].append(paragraph)
        copies: dict[Element, tuple[str, int]] = {}
        for size, paragraphs in alike.items():
            first: set[str] = set()
            for paragraph in paragraphs if len(paragraphs) > 1 else ():
                text = self._text(paragraph)
                if text in first:
                    copies[paragraph] = text, size
                first.add(text)
        if len(set(copies.values())) < 2 or sum(size for _, size in copies.values()) < ENOUGH:
            return
        tops = {self._top(copy, copies) for copy in copies}
        for top in sorted(tops, key=self._page.numbers.__getitem__):
            if inside(top, self._page.body) and len({copies[e] for e in copies if inside(e, top)}) > 1:
                self._weights.cut(top, "copy", self._cuts)

    def _top(self, copy: Element, copies: dict[Element, tuple[str, int]]) -> Element:
        """The largest element around a copied paragraph that holds little but copies."""
        top = copy
        while (parent := top.getparent()) is not None and parent is not self._page.body:
            texts_in = [copies[e] for e in copies if inside(e, parent)]
            others = self._weights.of(parent) - sum(size for _, size in texts_in)
            if len(set(texts_in)) < len(texts_in) or others > (1 - _SHARE) * self._weights.of(parent):
                break
            top = parent
        return top

    def _behind(self, title: Element) -> None:
        """Count only the prose behind the title: what holds it may have some of its own there."""
        at: Element | None = title
        while at is not None and at is not self._page.body.getparent():
            self._holders[at] = None
            at = at.getparent()
        numbers = self._page.numbers
        self._prose = defaultdict(int)
        for paragraph, size in self._weights.own.items():
            if paragraph is title or (numbers[paragraph] < numbers[title] and paragraph not in self._holders) or inside(paragraph, title):
                continue
            self._prose[paragraph] += size
            for holder in paragraph.iterancestors():
                self._prose[holder] += size

    def _area(self) -> Element | None:
        """The smallest element that holds the title and the body behind it."""
        area, branch = None, self._title
        for holder in self._holders:
            if holder is self._title or branch is None:
                continue
            had = self.prose(area) if area is not None else 0
            gain = self.prose(holder) - had
            if area is None:
                area = holder if gain else None
            elif gain >= _BESIDE * had and self._dense(holder, branch, gain) and (gain >= _FAR * had or self._gap(area, holder) <= _GAP):
                area = holder
            branch = holder
        return area

    def _announces(self, area: Element | None) -> bool:
        """Whether the first thing behind the title is the title of another page: a list with one entry."""
        numbers = self._page.numbers
        first = next((numbers[e] for e in self._weights.own if area is not None and self.prose(e) and inside(e, area)), 0)
        begin = numbers[self._title] if self._title is not None else 0
        lines = [e for e in self._weights.linked if begin < numbers[e] < first and area is not None and inside(e, area)]
        return any(leads_away(e, self._page, _ENTRY) for e in lines)

    def _gap(self, area: Element, holder: Element) -> int:
        """Characters of text between the prose in `area` and the next in `holder`."""
        paragraphs = [e for e in self._weights.own if self.prose(e) and inside(e, holder)]
        last = max((n for n, e in enumerate(paragraphs) if inside(e, area)), default=-1)
        if last < 0 or last + 1 == len(paragraphs):
            return 0
        begin, end = self._page.numbers[paragraphs[last]], self._page.numbers[paragraphs[last + 1]]
        numbers, size = self._page.numbers, 0
        for element in holder.iter("*"):
            if begin < numbers[element] <= end and not inside(element, paragraphs[last]):
                size += len((element.text or "").strip()) if numbers[element] < end else 0
                before = element.getprevious()
                size += len((before.tail or "").strip()) if before is not None else 0
        return size

    def _dense(self, holder: Element, branch: Element, gain: int) -> bool:
        """Whether most of what stands behind `branch` in `holder` is prose, where it holds any."""
        behind = [e for e in branch.itersiblings() if self.prose(e)]
        return 2 * gain >= sum(len(t.strip()) for e in behind for t in texts(e)) if behind else holder in self._weights.own

    def _descend(self, top: Element) -> Element:
        """From `top` down as long as one child holds nearly all the prose."""
        at = top
        while True:
            child = max(at, key=self.prose, default=None)
            if child is None or self._weights.own.get(at, 0) >= _SENTENCE or self.prose(child) < max(1, _SHARE * self.prose(at)):
                break
            at = child
        while at.tag in _INNER and at is not top and (parent := at.getparent()) is not None:
            at = parent
        return at

    def _leads(self, area: Element, body: Element) -> list[Element]:
        """The paragraphs between the title and the body, if they are short enough for a lead.

        Vietnamese pages only: their leads (sapo) are the first paragraph of the article, others repeat or announce it.
        """
        numbers = self._page.numbers
        found = [
            e
            for e, size in self._weights.own.items()
            if size >= _SENTENCE and self.prose(e) and numbers[e] < numbers[body] and inside(e, area) and not inside(body, e)
        ]
        found = [e for e in found if _like_lead(spaced_text(e)) and not _pictured(e)]
        return found if sum(self._weights.own[e] for e in found) <= _LEAD else []

    def _without_before(self, title: Element, body: Element) -> None:
        """Take out what stands in the body before the title."""
        at = title
        while at is not body:
            for before in list(at.itersiblings(preceding=True)):
                self._cuts.add("beside", plain(before.tail or ""))
                before.tail = None
                cut(before, "beside", self._cuts)
            parent = at.getparent()
            if parent is None:
                return
            self._cuts.add("beside", plain(parent.text or ""))
            parent.text = None
            self._page.long.discard(parent)
            at = parent


def _like_lead(text: str) -> bool:
    """Whether a paragraph before the body reads as a lead: not as a line with date, author or buttons."""
    if TOOL.fullmatch(text) or labelled(text):
        return False
    return text.endswith((".", "!", "?", "…", "/.", ".”", '."')) or (len(text) >= _PARAGRAPH and not date_line(text))


def _pictured(element: Element) -> bool:
    """Whether a paragraph stands with an image: its caption."""
    near = [element, *islice(element.iterancestors(), 2)]
    return any(e.find(".//img") is not None or called(f"{e.tag} {e.get('class') or ''}") for e in near if len(spaced_text(e)) <= _LEAD)
