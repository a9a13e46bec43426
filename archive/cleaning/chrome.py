"""What surrounds an article: found by tags, roles and the words in class names, taken out, and kept as cuts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import cast

from lxml import etree

from archive.cleaning.decode import WHOLE, plain
from archive.cleaning.parse import Element, Page, inside, remove, spaced_text, texts
from archive.cleaning.selectors import Selectors
from archive.cleaning.words import ALOUD, CHROME, ROLES, SKIP, SPLIT, TAGS
from archive.model import Cut, Place

# Enough to recognise a removed block by; a mega menu need not be kept twice.
_CUT_LENGTH = 400
_CUTS = 80
# So few pieces of text are read to the end.
_FEW = 20
_ALWAYS = frozenset({"skip-link", "depth", "size", "attributes"})
_NAMES = 200
_LINKED = etree.XPath("descendant::a/descendant::text()", smart_strings=False)
_KEPT_WHOLE = frozenset({"html", "body", "main", "head"})


class Cuts:
    """The removed blocks of one page, in the order of removal, long ones shortened and the number bounded.

    Skip links are never crowded out, they are a page's fingerprint, nor is that markup was left out. `numbers` are the
    page's elements, to tell places by.
    """

    def __init__(self) -> None:
        self.numbers: Mapping[Element, int] = {}
        self._made: dict[Cut, None] = {}
        self._left_out = 0

    def add(self, rule: str, text: str, at: Element | Place | None = None) -> None:
        """Note that `text` was removed by `rule`, and where it stood."""
        if not text:
            return
        place = at if at is None or isinstance(at, tuple) else self.place(at)
        cut = Cut(rule, text if len(text) <= _CUT_LENGTH else text[: _CUT_LENGTH - 1] + "…", place)
        if len(self._made) < _CUTS or rule in _ALWAYS:
            self._made.setdefault(cut)
        elif cut not in self._made:
            self._left_out += 1

    def place(self, element: Element) -> Place:
        """Where all of `element` stands."""
        number = self.numbers[element]
        return 4 * number, 4 * number + 3

    def list(self) -> list[Cut]:
        """The cuts; the last one counts those that found no room."""
        more = [Cut("more", f"{self._left_out}")] if self._left_out else []
        return [*sorted(self._made, key=lambda c: c.rule != "skip-link"), *more]


def cut(element: Element, rule: str, cuts: Cuts) -> None:
    """Take `element` out and note its text."""
    cuts.add(rule, spaced_text(element), element)
    remove(element)


def skip_links(page: Page, cuts: Cuts) -> None:
    """Take out the links into the page itself that stand before everything else, in whatever language."""
    for link in list(islice(page.body.iter("a"), 12)):
        target = (link.get("href") or "").strip()
        if not target.startswith("#") and not target.lower().startswith("javascript:"):
            continue
        text = spaced_text(link)
        if (SKIP.fullmatch(text) or (len(target) > 1 and target[0] == "#" and _first(page, link))):
            cut(link, "skip-link", cuts)


def _first(page: Page, link: Element) -> bool:
    """Whether no visible text stands before `link`, and it has some."""
    if not spaced_text(link):
        return False
    at: Element | None = link
    while at is not None and at is not page.body:
        for before in at.itersiblings(preceding=True):
            if (before.tail or "").strip() or "".join(str(t) for t in before.itertext()).strip():
                return False
        parent = at.getparent()
        if parent is not None and (parent.text or "").strip():
            return False
        at = parent
    return True


def name_of(element: Element) -> str | None:
    """The cut that this element's tag, role, class or id calls for, if any."""
    if not isinstance(element.tag, str):
        return None
    if rule := TAGS.get(element.tag) or ROLES.get(element.get("role") or ""):
        return rule
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return _named(names[:_NAMES]) if len(names) > 1 else None


@lru_cache(4096)
def _named(names: str) -> str | None:
    """The cut that the first telling word in class names and ids calls for."""
    if ALOUD.search(names):
        return "hidden"
    words = [*(w.lower() for w in SPLIT.split(names)), *SPLIT.split(names.lower())]
    return next((CHROME[w] for w in words if w in CHROME), None)


def around(page: Page, container: Element, title: str | None, cuts: Cuts) -> None:
    """Note everything that stands beside the path from the body to `container`."""
    path = [container, *container.iterancestors()]
    at: Element = container
    for parent in path[1:]:
        for beside in parent:
            if beside is not at and (text := _beginning(pieces := texts(beside), len(title or ""))):
                cuts.add("title" if text == title else name_of(beside) or _by_links(beside, pieces), text, beside)
        at = parent
        if parent is page.body:
            return


def _beginning(pieces: list[str], longer: int) -> str:
    """The pieces as one text; if that is longer than a cut and than `longer` characters, then it may end anywhere behind these."""
    if len(pieces) > _FEW:
        enough, size = max(longer, _CUT_LENGTH) + 1, 0
        for number, piece in enumerate(pieces, 1):
            size += len(piece)
            if size > enough and size > WHOLE:
                text = plain(" ".join(pieces[:number]))
                if len(text) > enough:
                    return text
                enough += len(text)  # there is much in it that does not count
    return plain(" ".join(pieces))


def everything(page: Page, cuts: Cuts, rule: str) -> None:
    """Note what stands on a page that is no article, block by block."""
    at = page.body
    while len(at) == 1 and not (at.text or "").strip():
        at = at[0]
    for block in at if len(at) else [at]:
        text = spaced_text(block)
        cuts.add(name_of(block) or rule, text, block)


def unlinked(element: Element) -> int:
    """Characters of text in `element` that are not in a link."""
    return _size(texts(element)) - _linked(element)


def _linked(element: Element) -> int:
    if element.tag == "a" or next(element.iterancestors("a"), None) is not None:
        return _size(texts(element))
    return _size(cast("list[str]", _LINKED(element)))


def _size(pieces: list[str]) -> int:
    return sum([len(t.strip()) for t in pieces])


def _by_links(element: Element, pieces: list[str]) -> str:
    return "menu" if 2 * _linked(element) > _size(pieces) else "beside"


def drop(page: Page, drops: Iterable[tuple[str, Selectors]], keep: Element | None, cuts: Cuts) -> None:
    """Take out what the rules name, except what holds `keep`."""
    for rule, selectors in drops:
        for css in selectors.on(page):
            for element in css.all(page):
                held = keep is not None and inside(keep, element)
                if element.tag not in _KEPT_WHOLE and not held and inside(element, page.root):
                    cut(element, rule, cuts)
