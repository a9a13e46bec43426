"""What a page says of its article outside the body: title, lead, date, byline, source, section, tags, attachments."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.cleaning import chrome, enclosures, heading, stamps
from archive.cleaning.chrome import Cuts, unlinked
from archive.cleaning.declared import Declared, declared
from archive.cleaning.heading import Meta, Titled
from archive.cleaning.parse import Element, Page, inside, line_of, remove, spaced_text, text_of
from archive.cleaning.people import Credit, beside_date, credit, labelled, named_source, names
from archive.cleaning.rules import Rules
from archive.cleaning.selectors import Selectors
from archive.model import Attachment, Place

# So many elements of one kind are looked at for byline and source.
_CREDITS = 4
# An element with more children is no line.
_PARTS = 6
_HIDDEN = frozenset({"hidden", "hide", "d-none"})


@dataclass(slots=True)
class Surroundings:
    """What was found; `lead` and `images` are still elements, for their markup."""

    title: str | None = None
    lead: Element | None = None
    published: str | None = None
    modified: str | None = None
    declared: Declared = field(default_factory=Declared)
    authors: list[str] = field(default_factory=list)
    source: str | None = None
    section: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    images: list[Element] = field(default_factory=list)
    places: dict[str, list[Place | None]] = field(default_factory=dict)


class Reader:
    """Reads a page around its body by the rules, or by the plain ones where these name nothing.

    What it reads it takes out of the tree, with a cut, so that it is not taken for chrome.
    """

    def __init__(self, page: Page, rules: Rules, plain: Rules, body: Element, cuts: Cuts) -> None:
        self._page, self._rules, self._plain, self._body, self._cuts = page, rules, plain, body, cuts
        self._made = Surroundings()

    def read(self, meta: Meta, titled: Titled) -> Surroundings:
        """Everything that stands around the body. `titled` is the title where the rules name none."""
        made = self._made
        made.lead = self._first("lead")
        found = self._first("title")
        named, shown = titled if found is None else (text_of(found), found)
        made.title = named
        self._place("title", shown if shown is not None or named is None else heading.standing(self._page, named))
        made.section = heading.section(self._page, self._selectors("section"), made.title, meta)
        made.tags = heading.tags(self._page, self._selectors("tags"))
        self._lines(meta, shown)
        self._attachments(shown)
        if found is not None and self._removable(found):
            remove(found)
        self._images()
        return made

    def _lines(self, meta: Meta, title: Element | None) -> None:
        """Dates and credits, which may share a line."""
        made, rules = self._made, self._rules
        own = rules if rules is not self._plain else Rules()
        named = own.selectors("published"), own.selectors("modified")
        near = list(stamps.between(title, self._body))
        dates = stamps.shown(self._page, named, self._plain.selectors("published"), title, self._body, near)
        made.published, made.modified = dates.published, dates.modified
        self._named_credits()
        for element in dates.elements:
            self._take(beside_date(spaced_text(element)), element)
        if len(near) == stamps.MOST:  # what was taken out made room for others
            near = list(stamps.between(title, self._body))
        for element, whole in [] if made.authors and made.source else near:
            if not whole or element in self._page.long or len(element) > _PARTS or not (text := line_of(element)):
                continue
            read = labelled(text)
            if read is not None and inside(element, self._page.root) and unlinked(element) and not stamps.foreign(element, self._body, title):
                self._take(read, element)
                self._cut(element, read.rule)
        for element in dates.elements:
            self._place("published", element)
            self._cut(element, "date")
        made.declared = declared(self._page, meta, made.title)

    def _named_credits(self) -> None:
        """Byline and source line where selectors find them; which of them an element is, its label says before the selector."""
        made = self._made
        for part in ("byline", "source"):
            for element in self._some(part):
                text = spaced_text(element)
                origin = named_source(text)
                if (origin or part == "source") and made.source is None:
                    made.source = origin or text.strip(" .:;()") or None
                    self._place("source", element)
                    self._cut(element, "source")
                elif part == "byline" and not origin and not made.authors and not _hidden(element):
                    read = credit(text)
                    self._take(Credit("byline", names(text), read.source if read else None), element)
                    self._cut(element, "byline" if made.authors else "counter")

    def _take(self, read: Credit | None, element: Element) -> None:
        made = self._made
        if read is not None and read.authors and not made.authors:
            made.authors = read.authors
            self._place("authors", element)
        if read is not None and read.source and not made.source:
            made.source = read.source
            self._place("source", element)

    def _attachments(self, title: Element | None) -> None:
        for document, element in enclosures.around(self._page, self._rules.selectors("attachment"), title, self._body):
            self._made.attachments.append(document)
            if inside(element, self._page.root):
                self._cut(element, "attachment")

    def _images(self) -> None:
        """The images that the rules name and that stand outside the body."""
        found = [e for css in self._rules.selectors("image").on(self._page) for e in css.all(self._page)]
        apart = [e for e in dict.fromkeys(found) if self._removable(e) and not inside(e, self._body)]
        self._made.images = [e for e in apart if not any(a in apart for a in e.iterancestors())]

    def _some(self, part: str) -> list[Element]:
        """Every element with text that the first fitting selector finds for a part, the rules' before the plain ones'."""
        for css in (*self._rules.selectors(part).on(self._page), *self._plain.selectors(part).on(self._page)):
            found = [e for e in css.all(self._page) if not inside(self._body, e) and text_of(e)]
            if found:
                return found[:_CREDITS]
        return []

    def _selectors(self, part: str) -> Selectors:
        return self._rules.selectors(part) or self._plain.selectors(part)

    def _first(self, part: str) -> Element | None:
        """The element for a part: the rules' first, then the plain ones'."""
        found = heading.first(self._page, self._rules.selectors(part), self._body)
        return found if found is not None else heading.first(self._page, self._plain.selectors(part), self._body)

    def _place(self, name: str, element: Element | None) -> None:
        if element is not None:
            self._made.places.setdefault(name, []).append(self._cuts.place(element))

    def _removable(self, element: Element) -> bool:
        """Whether neither body nor lead stands in `element`."""
        lead = self._made.lead
        return not inside(self._body, element) and (lead is None or not inside(lead, element))

    def _cut(self, element: Element | None, rule: str) -> None:
        if element is not None and self._removable(element):
            chrome.cut(element, rule, self._cuts)


def _hidden(element: Element) -> bool:
    """Whether a class says that no reader sees `element`: who wrote for machines only is often the account that posted."""
    around = [element, *element.iterancestors()][:3]
    return any(not _HIDDEN.isdisjoint((e.get("class") or "").split()) for e in around)
