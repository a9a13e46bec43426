"""Where the parts of an article stand around and in a template's container: what the pages of the template agree on."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache

from archive.cleaning.attachments import media_type
from archive.cleaning.dates import only_date, read_date
from archive.cleaning.people import credit, named_source
from archive.cleaning.site.book import Book, Sheet
from archive.cleaning.site.containers import Template
from archive.cleaning.site.places import Place, selector_for
from archive.cleaning.words import HEADINGS, HOME

_TITLE = 300
_LINE = 150
_LEAD = (40, 800)
_CAPTION = 400
# A part is where this share of a template's pages have it.
_MOST = 0.6
_SOME = 0.2
# What is the same on this share of a template's pages, at one place, is the template's.
_TEMPLATE = 0.6
# Links, or announcements, are at least this share of the text of a list.
_TIED = 0.6
_BOXES = frozenset({"div", "section", "aside", "ul", "ol", "table", "dl", "nav", "footer", "header", "article", "form",
                    "p", "h2", "h3", "h4", "h5", "h6", "center", "fieldset"})  # fmt: skip
# Inline elements that may be all that sets a title apart.
_MARKUP = frozenset({"strong", "b", "span", "font"})
_DAY = re.compile(r"\d")


class Parts:
    """The parts of one template, each as selectors; `drop` by the name of the cut."""

    def __init__(self, book: Book, template: Template, container: str) -> None:
        self.book, self.places, self._container = book, template.places, container
        self.find: dict[str, tuple[str, ...]] = {}
        self.drop: dict[str, tuple[str, ...]] = {}
        self.taken: dict[str, list[Place]] = {}
        self._pages = len(self.places)
        self._title()
        self._line("published", _is_date, most=_MOST)
        self._line("source", lambda t: named_source(t) is not None, most=_SOME)
        self._line("byline", _is_byline, most=_SOME)
        self._lead()
        self._captions()
        self._attachments()
        self._section()
        self._drops()

    # What is looked through.

    def _around(self, sheet: Sheet, container: int, longest: int) -> Iterator[int]:
        """The elements of a page that may be a part: with text, no list of other pages, not around the container."""
        outline = sheet.outline
        for number, node in enumerate(outline.nodes):
            size = sheet.weight(sheet.size, number)
            if not size or size > longest or outline.inside(container, number):
                continue
            if not sheet.announcing[node.first]:
                yield number

    def _gather(self, longest: int, wanted: Callable[[Sheet, int, int], bool]) -> dict[str, list[Place]]:
        """The elements that are wanted, by path."""
        made: dict[str, list[Place]] = defaultdict(list)
        for sheet, container in self.places:
            for node in self._around(sheet, container, longest):
                if wanted(sheet, container, node):
                    made[sheet.path_of[node]].append((sheet, node))
        return made

    def _note(self, part: str, places: list[Place], *, first: bool = False) -> bool:
        """Take these elements for a part, if a selector finds them."""
        css = selector_for(places, first=first)
        if css is None:
            return False
        self.find[part] = (css,)
        self.taken[part] = places
        return True

    # The parts.

    def _title(self) -> None:
        """What the page's head, or links on other pages, call the page; else the one heading that each page has for itself."""

        def heads(sheet: Sheet, container: int, node: int) -> bool:
            at = sheet.outline.nodes[node]
            return (at.block or at.tag in _MARKUP) and at.first <= sheet.outline.nodes[container].first + 2

        named = self._gather(_TITLE, lambda s, c, n: heads(s, c, n) and s.is_called(s.outline.text(n)))
        for places in _by_pages(named):
            if _pages(places) * 2 >= self._pages and self._note("title", _firsts(places), first=True):
                return
        if len({s.outline.head for s, _ in self.places}) * 5 >= self._pages * 4:
            return  # every page's head names it: that is read without a selector
        single = self._gather(
            _TITLE,
            lambda s, c, n: (
                heads(s, c, n) and s.outline.nodes[n].tag in HEADINGS and s.weight(s.own, n) == s.weight(s.size, n) > 5
            ),
        )
        for places in sorted(_by_pages(single), key=lambda p: p[0][0].outline.nodes[p[0][1]].tag):
            texts = {s.outline.text(n) for s, n in places}
            each = min(_pages(places), len(texts)) * 10 >= self._pages * 9
            if each and self._note("title", _firsts(places), first=True):
                return

    def _line(self, part: str, reads: Callable[[str], bool], *, most: float) -> None:
        """A line of its own kind (date, byline, source) that stands at one place and is not the same everywhere."""
        taken = {(id(s), n) for every in self.taken.values() for s, n in every}

        def wanted(sheet: Sheet, _: int, node: int) -> bool:
            if (id(sheet), node) in taken:
                return False
            at = sheet.outline.nodes[node]
            return (
                bool(at.stamp and read_date(at.stamp))
                if part == "published" and at.stamp
                else reads(sheet.outline.text(node))
            )

        found = self._gather(_LINE, wanted)
        ranked = sorted(found.items(), key=lambda f: (-_pages(f[1]), _far(f[1], self.places), -f[0].count(" > "), f[0]))
        for path, places in ranked:
            said = {s.outline.nodes[n].stamp or s.outline.text(n) for s, n in places}
            there = sum(len([n for n in s.paths.get(path, ()) if s.weight(s.size, n)]) for s, _ in self.places)
            if _pages(places) < most * self._pages or len(said) < 2 or len(places) < _MOST * there:
                continue
            if len(places) == _pages(places) and self._note(part, places):
                return

    def _lead(self) -> None:
        """The prose between title and container; else what stands first in the container and is set apart from the rest."""
        titles = {id(s): n for s, n in self.taken.get("title", [])}

        def between(sheet: Sheet, container: int, node: int) -> bool:
            at, body = sheet.outline.nodes[node], sheet.outline.nodes[container]
            title = titles.get(id(sheet))
            after = title is None or at.first >= sheet.outline.nodes[title].last
            return (
                after
                and node < container
                and at.last <= body.first
                and at.block
                and sheet.weight(sheet.own, node) >= max(_LEAD[0], 0.8 * sheet.weight(sheet.size, node))
            )

        for places in _by_pages(self._gather(_LEAD[1], between)):
            enough = _pages(places) >= max(2, _SOME * self._pages) and len(places) == _pages(places)
            if enough and self._note("lead", places):
                return
        inner: dict[str, list[Place]] = defaultdict(list)
        for sheet, container in self.places:
            outline = sheet.outline
            prose = [n for n in outline.children[container] if sheet.weight(sheet.mass, n)]
            if len(prose) < 2:
                continue
            first, rest = prose[0], prose[1:]
            here = sheet.path_of[first]
            apart = outline.nodes[first].tag in _BOXES and all(sheet.path_of[n] != here for n in rest)
            if (
                apart
                and _LEAD[0] <= sheet.weight(sheet.size, first) <= _LEAD[1]
                and not sheet.weight(sheet.tied, first)
            ):
                inner[here].append((sheet, first))
        for places in _by_pages(inner):
            if _pages(places) * 2 >= self._pages and self._note("lead", places):
                return

    def _captions(self) -> None:
        """What follows pictures in the container, and nothing else."""
        found: dict[str, list[Place]] = defaultdict(list)
        seen: Counter[str] = Counter()
        for sheet, container in self.places:
            outline = sheet.outline
            after: set[int] = set()
            for image in outline.images:
                if outline.inside(image, container):
                    after.add(outline.nodes[image].first)
            for node in range(container + 1, outline.nodes[container].end):
                at = outline.nodes[node]
                if not at.tokens or not 0 < sheet.weight(sheet.size, node) <= _CAPTION:
                    continue
                seen[sheet.path_of[node]] += 1
                if at.first in after and not any(outline.inside(i, node) for i in outline.images):
                    found[sheet.path_of[node]].append((sheet, node))
        for path, places in sorted(found.items()):
            own = sum(s.weight(s.own, n) for s, n in places) * 2 >= sum(s.weight(s.size, n) for s, n in places)
            if own and len(places) >= 2 and len(places) == seen[path] and (css := selector_for(places, first=True)):
                self.find["caption"] = (*self.find.get("caption", ()), css)
                self.taken.setdefault("caption", []).extend(places)

    def _attachments(self) -> None:
        """Links to documents beside the container that are not the same on every page."""
        found: dict[str, list[Place]] = defaultdict(list)
        hrefs: dict[str, set[str]] = defaultdict(set)
        for sheet, container in self.places:
            outline = sheet.outline
            for number, node in enumerate(outline.nodes):
                if node.link and not outline.inside(number, container) and _document(node.link):
                    found[sheet.path_of[number]].append((sheet, number))
                    hrefs[sheet.path_of[number]].add(node.link)
        for path, places in sorted(found.items()):
            if _pages(places) >= 2 and len(hrefs[path]) * 2 > _pages(places):
                css = selector_for(_firsts(places), first=True)
                if css is not None:
                    self.find["attachment"] = (*self.find.get("attachment", ()), css)

    def _section(self) -> None:
        """The path that begins with the portal's front page."""

        def crumbs(sheet: Sheet, container: int, node: int) -> bool:
            outline, at = sheet.outline, sheet.outline.nodes[node]
            if at.last - at.first < 2 or not outline.linked[at.first] or sheet.weight(sheet.size, node) > _TITLE:
                return False
            if at.first >= outline.nodes[container].first:
                return False
            return HOME.fullmatch(outline.pieces[at.first].strip()) is not None

        found: dict[str, list[Place]] = defaultdict(list)
        for sheet, container in self.places:
            for node in range(1, container):
                if not sheet.outline.inside(container, node) and crumbs(sheet, container, node):
                    found[sheet.path_of[node]].append((sheet, node))
        # A menu begins with the front page too, but is the same on every page.
        for places in _by_pages(found):
            texts = {s.outline.text(n) for s, n in places}
            if (
                _pages(places) >= _MOST * self._pages
                and len(texts) > 1
                and self._note("section", _firsts(places), first=True)
            ):
                return

    def _drops(self) -> None:
        """What stands in the container and is not the article: lists of other pages, and what the template says itself."""
        kept = {(id(s), n) for every in self.taken.values() for s, n in every}
        found: dict[str, list[Place]] = defaultdict(list)
        for sheet, container in self.places:
            outline = sheet.outline
            for node in range(container + 1, outline.nodes[container].end):
                at = outline.nodes[node]
                if at.tag in _BOXES and at.tokens and sheet.weight(sheet.size, node):
                    found[sheet.path_of[node]].append((sheet, node))
        dropped: list[str] = []
        for path, places in sorted(found.items(), key=lambda f: (f[0].count(" > "), f[0])):
            if any(path.startswith(f"{outer} > ") for outer in dropped) or _pages(places) < 2:
                continue
            if any((id(s), n) in kept for s, n in places) or any(_holds(s, n, kept) for s, n in places):
                continue
            rule = self._cut(places)
            if rule is None:
                continue
            css = _within(places, self._container)
            if css is not None:
                dropped.append(path)
                self.drop[rule] = (*self.drop.get(rule, ()), css)

    def _cut(self, places: list[Place]) -> str | None:
        size = sum(s.weight(s.size, n) for s, n in places)
        tied = sum(s.weight(s.tied, n) for s, n in places)
        own = sum(s.weight(s.own, n) for s, n in places)
        if any(_documents(s, n) for s, n in places):
            return None
        if tied >= _TIED * size and own <= (1 - _TIED) * size:
            return "related"
        if (
            own * 20 <= size
            and _pages(places) >= _TEMPLATE * self._pages
            and not any(_credits(s.outline.text(n)) for s, n in places)
        ):
            return "template"
        return None


def _within(places: list[Place], container: str) -> str | None:
    """A selector for what stands in the container, which may come more than once on a page."""
    sheet, node = places[0]
    step = sheet.path_of[node].split(" > ")[-1]
    if not ("." in step or "#" in step):
        return None
    return f"{container} {step}"


@lru_cache(8192)
def _is_date(text: str) -> bool:
    return _DAY.search(text) is not None and only_date(text) is not None


@lru_cache(8192)
def _is_byline(text: str) -> bool:
    read = credit(text)
    return read is not None and bool(read.authors)


def _credits(text: str) -> bool:
    """Whether a text is a line that others read: a date, a byline, a source."""
    return len(text) <= _LINE and (_is_date(text) or credit(text) is not None)


def _document(link: str) -> bool:
    return "." in link and media_type(link) is not None


def _documents(sheet: Sheet, node: int) -> bool:
    outline = sheet.outline
    return any(outline.nodes[n].link and _document(outline.nodes[n].link) for n in range(node, outline.nodes[node].end))


def _holds(sheet: Sheet, node: int, kept: set[tuple[int, int]]) -> bool:
    return any((id(sheet), n) in kept for n in range(node, sheet.outline.nodes[node].end))


def _pages(places: list[Place]) -> int:
    return len({id(s) for s, _ in places})


def _firsts(places: list[Place]) -> list[Place]:
    """The first on each page."""
    made: dict[int, Place] = {}
    for sheet, node in places:
        made.setdefault(id(sheet), (sheet, node))
    return list(made.values())


def _by_pages(found: dict[str, list[Place]]) -> list[list[Place]]:
    """Groups of elements, those on most pages first, then inner before outer ones."""
    ranked = sorted(found.items(), key=lambda f: (-_pages(f[1]), -f[0].count(" > "), f[0]))
    return [places for _, places in ranked]


def _far(places: list[Place], containers: list[Place]) -> int:
    """How many pieces of text lie between these elements and the containers, on the whole."""
    at = {id(s): s.outline.nodes[n].first for s, n in containers}
    return sum(abs(s.outline.nodes[n].first - at[id(s)]) for s, n in places) // max(len(places), 1)
