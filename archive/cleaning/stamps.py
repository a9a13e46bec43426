"""Which of a page's dates is the article's: what stands by its title and body first, what the head declares last.

Side lists, footers, licences, comments and the story's own dates are never asked: a date counts only in a line that tells nothing
but the page's date, between title and body, right before the title or right behind the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from archive.cleaning.chrome import name_of
from archive.cleaning.clocks import CLOCK
from archive.cleaning.dates import Stamp, date_line, read_attribute, read_date
from archive.cleaning.parse import LINE, Element, Page, inside, line_of, spaced_text
from archive.cleaning.prose import BLOCKS
from archive.cleaning.selectors import Selectors

# Attributes in which scripts find the moment that they show as "2 giờ trước".
_ATTRIBUTES = ("datetime", "data-datetime", "data-time", "data-timestamp", "data-date", "data-utime", "title")
_DAY = len("2020-02-10")
_LINKED = 25
_SHORT = 40
_NEAR = 3
# So many links beside a date make a menu, where nothing shows that an article begins.
_ROW = 2
# Between a title and its body stand few elements; a page that has its side column there is not searched to the end.
MOST = 300
# Text-bearing neighbours that are looked at before a title and behind a body.
_BEFORE = 2
_BEHIND = 4
_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_OF_DOCUMENT = re.compile(r"ban hành|hiệu lực|\bký\b|văn bản", re.IGNORECASE)
_ENDS = (".", "!", "?", "…", ";", ",")
_HIDDEN = frozenset({"hidden", "d-none", "hide", "sr-only", "visually-hidden", "element-invisible"})
_NO_STAMPS = frozenset({"nav", "aside", "footer", "select", "a"})
# Cuts of elements that tell the time of loading, or belong to something else than the article.
_ELSEWHERE = frozenset({"menu", "footer", "side-list", "related", "comments", "counter", "search", "login", "advert", "poll"})


@dataclass(slots=True)
class Dates:
    """What was found, and the elements it was read from."""

    published: str | None = None
    modified: str | None = None
    elements: list[Element] = field(default_factory=list)

    def take(self, found: Sequence[Stamp], element: Element | None) -> None:
        """Add the dates of one line."""
        within = element is not None and any(inside(element, taken) for taken in self.elements)
        for stamp in found:
            if within and len(self.published or "") == _DAY and stamp.moment.startswith(self.published or ""):
                self.published = stamp.moment  # the attribute of a `time` element in the line
            elif stamp.label == "modified":
                self.modified = self.modified or stamp.moment
            else:
                self.published = self.published or stamp.moment
        if element is not None and found and not within:
            self.elements.append(element)

    def settled(self) -> Dates:
        """A page that tells only when it was modified was published then; one cannot be modified before."""
        if self.published is None:
            self.published, self.modified = self.modified, None
        if self.modified and self.published and not self.published[:16] < self.modified[:16]:
            self.modified = None
        return self


def shown(
    page: Page,
    rules: tuple[Selectors, Selectors],
    plain: Selectors,
    title: Element | None,
    body: Element,
    near: Sequence[tuple[Element, bool]],
) -> Dates:
    """The dates that readers see: where the rules say; else between title and body, where `plain` names are near, around them.

    `rules` are selectors for the day of publishing and for that of the last change, `near` what stands `between` title and body.
    """
    made = Dates()
    _named(page, rules[0], body, made, strict=False)
    _named(page, rules[1], body, made, strict=False, label="modified")
    if made.published is None:
        for element, whole in near:
            if (
                whole
                and (element not in page.long or element.tag == "time")
                and (title is not None or not _in_bar(element))
                and (found := _line(element, body, title))
            ):
                found, clock = _with_clock(element, found)
                made.take(found, element)
                if clock is not None:
                    made.elements.append(clock)
            elif (tail := element.tail) and (not whole or element.tag in BLOCKS or element.tag == "br"):
                made.take(date_line(tail) if not tail.isspace() else [], None)
    if made.published is None and made.modified is None:
        _named(page, plain, body, made, strict=True)
    if made.published is None and made.modified is None:
        _around(title, body, made)
    return made.settled()


def _named(
    page: Page, selectors: Selectors, body: Element, made: Dates, *, strict: bool, label: str = ""
) -> None:
    """The dates in what selectors name: the nearest to the body first. `strict` refuses what may belong to another article.

    With a `label` they are read as it says, whatever stands beside them.
    """
    for css in selectors.on(page):
        every = [e for e in css.all(page) if not inside(body, e)]
        if len(every) > 1:
            every.sort(key=lambda e: _distance(e, body))
        for element in every:
            if strict and (_unseen(element) or _distance(element, body) > 4):
                continue
            around = element if strict else _outside_link(element)
            if not foreign(around, body, None, strict=strict) and (found := stamp(element, named=True)):
                if label or css.css.endswith("dateModified]"):
                    found = [Stamp(s.moment, "modified", s.spans) for s in found]
                made.take(found, element)
                if made.modified if label else made.published:
                    return


def _outside_link(element: Element) -> Element:
    """What holds the link that `element` stands in: themes link a date to its own article."""
    link = next((a for a in [element, *islice(element.iterancestors(), 2)] if a.tag == "a"), None)
    parent = link.getparent() if link is not None else None
    return element if parent is None else parent


def _distance(element: Element, body: Element) -> int:
    """How many steps up from the body stands what holds `element` too."""
    holders = [element, *element.iterancestors()]
    return next((n for n, a in enumerate([body, *body.iterancestors()]) if a in holders), 99)


def stamp(element: Element, *, named: bool = False) -> list[Stamp]:
    """The dates that an element shows; its attributes tell the time where the text has none or is relative."""
    text = spaced_text(element) if named else line_of(element)
    if text is None:
        if element.tag != "time":
            return []
        text = ""
    found = date_line(text)
    if not found and named and (moment := read_date(text[:200])):
        found = [Stamp(moment, "", ())]
    if not named and element.tag != "time" and len(text) > _SHORT:
        return found
    told = next((m for k in _ATTRIBUTES if (v := element.get(k)) and (m := read_attribute(v[:60]))), None)
    if told is None and named and (value := element.get("content")):
        told = read_attribute(value[:60])
    if told is None:
        return found
    label = found[0].label if found else "modified" if element.get("itemprop") == "dateModified" else ""
    if found and (len(found) > 1 or found[0].moment[:10] != told[:10] or len(found[0].moment) > _DAY or "T00:00" in told):
        return found
    return [Stamp(told, label, ())]


def _line(element: Element, body: Element, title: Element | None, *, strict: bool = False) -> list[Stamp]:
    """The dates of an element by the title, unless it is unseen, part of a sentence, or stands in a list of links."""
    if element.tag in _NO_STAMPS or len(element) > 12 or _unseen(element) or _in_table(element, body):
        return []
    found = stamp(element)
    if not found or foreign(element, body, title, strict=strict):
        return []
    return [] if element.tag not in BLOCKS and element.tag != "time" and _in_sentence(element) else found


def _with_clock(element: Element, found: list[Stamp]) -> tuple[list[Stamp], Element | None]:
    """A day with the time of day that stands in the element beside it, and that element, if one does."""
    if len(found) != 1 or len(found[0].moment) > _DAY:
        return found, None
    for beside in (element.getnext(), element.getprevious()):
        if beside is not None and len(beside) == 0 and CLOCK.fullmatch(clock := spaced_text(beside)):
            whole = date_line(f"{spaced_text(element)} {clock}")
            if len(whole) == 1 and len(whole[0].moment) > _DAY:
                return whole, beside
    return found, None


# So many of its neighbours are looked at.
_BAR = 60


def _in_bar(element: Element) -> bool:
    """Whether an element stands in a row of links, as a page's clock does beside its menu."""
    parent = element.getparent()
    return parent is not None and sum(1 for c in islice(parent, _BAR) if c.tag == "a" or c.find("a") is not None) >= _ROW


def _unseen(element: Element) -> bool:
    if element.tag == "meta" or element.get("hidden") is not None or _NOT_SHOWN.search(element.get("style") or ""):
        return True
    return not _HIDDEN.isdisjoint((element.get("class") or "").split())


def _in_table(element: Element, body: Element) -> bool:
    """Whether an element stands in a table of the body, or behind a cell that names a document's day, which is not the page's."""
    at: Element | None = element
    while at is not None and at is not body and at.tag not in ("td", "th"):
        at = at.getparent()
    if at is None or at is body:
        return False
    beside = at.getprevious()
    return inside(at, body) or (beside is not None and _OF_DOCUMENT.search(spaced_text(beside)[:_SHORT]) is not None)


def _in_sentence(element: Element) -> bool:
    """Whether an inline element is a part of prose, such as a bold date in a lead."""
    block = element
    while block.tag not in BLOCKS and (parent := block.getparent()) is not None:
        block = parent
    text = spaced_text(block)
    own = spaced_text(element)
    return text != own and (len(text) > LINE or text.endswith(_ENDS)) and not date_line(text)


def foreign(element: Element, body: Element, title: Element | None, *, strict: bool = False) -> bool:
    """Whether an element belongs to a list of other articles, to a box, or to comments; `strict` looks beside it for links."""
    at: Element | None = element
    while at is not None and not inside(body, at):
        if at.tag in _NO_STAMPS or (name_of(at) or "") in _ELSEWHERE or (at.tag == "article" and _announced(body)):
            return True
        if at.tag in ("li", "tr") or (strict and at is element.getparent()):
            for link in at.iter("a"):
                if len(spaced_text(link)) > _LINKED and (title is None or not inside(link, title)):
                    return True
        at = at.getparent()
    return False


def _announced(body: Element) -> bool:
    """Whether the page holds other articles than the one of `body`: a single one without it is the head of the same."""
    others = (a for a in body.getroottree().iter("article") if not inside(body, a) and not inside(a, body))
    return len(list(islice(others, 2))) > 1


def between(title: Element | None, body: Element) -> Iterator[tuple[Element, bool]]:
    """The elements between title and body, in document order, and whether all of the element is: of some it is only the tail.

    Where no element shows the title these are the neighbours before the body.
    """
    return islice(_between(title, body) if title is not None else _neighbours(body), MOST)


def _between(first: Element, last: Element) -> Iterator[tuple[Element, bool]]:
    chain = {last, *last.iterancestors()}
    at = first
    while at not in chain:
        yield at, False
        for beside in at.itersiblings():
            if beside in chain:
                yield from _before(beside, last, chain)
                return
            yield from ((e, True) for e in beside.iter("*"))
        parent = at.getparent()
        if parent is None:
            return
        at = parent


def _before(branch: Element, last: Element, chain: set[Element]) -> Iterator[tuple[Element, bool]]:
    at = branch
    while at is not last:
        for child in at:
            if child in chain:
                at = child
                break
            yield from ((e, True) for e in child.iter("*"))
        else:
            return


def _neighbours(body: Element) -> Iterator[tuple[Element, bool]]:
    """What stands before the body in its next three parents, the nearest first: for pages whose title is not an element."""
    at = body
    for _ in range(_NEAR):
        for beside in at.itersiblings(preceding=True):
            yield from ((e, True) for e in beside.iter("*") if len(e) <= 2 and e.tag not in ("li", "a", "ul"))
        parent = at.getparent()
        if parent is None or parent.tag in ("body", "html"):
            return
        at = parent


def _around(title: Element | None, body: Element, made: Dates) -> None:
    """A line right before the title, or right behind the body: the first neighbour, or a later one that has a label."""
    for start, before in ((title, True), (body, False)):
        if start is None or (before and inside(start, body)):
            continue
        for number, element in enumerate(_beside(start, before=before)):
            found = _line(element, body, title, strict=True) if len(spaced_text(element)) <= LINE else []
            if found and (number == 0 or found[0].label):
                made.take(found, element)
                return


def _beside(start: Element, *, before: bool) -> Iterator[Element]:
    """The nearest neighbours with text, in the same parent or, where that has no more, in the next one."""
    at, seen = start, 0
    for _ in range(2):
        for element in at.itersiblings(preceding=before):
            if spaced_text(element):
                yield element
                seen += 1
                if seen >= (_BEFORE if before else _BEHIND):
                    return
        parent = at.getparent()
        if parent is None or parent.tag in ("body", "html"):
            return
        at = parent
