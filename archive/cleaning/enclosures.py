"""Documents that a page offers beside its body: in the boxes for attachments, wherever the rules or the page itself put them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from archive.cleaning.attachments import HINTS, of_element
from archive.cleaning.chrome import name_of
from archive.cleaning.parse import Element, Page, inside, spaced_text
from archive.cleaning.selectors import Selectors
from archive.cleaning.words import RELATED
from archive.model import Attachment

_OFFERING = frozenset({"a", "iframe", "embed", "object"})
_NOT_HERE = frozenset({"menu", "footer", "side-list", "related", "comments", "search", "login", "advert", "poll", "breadcrumb", "share", "header"})
# Neighbours that are looked at where a page is flat, and nothing says what belongs to the article.
_FLAT = 4
_HINTING = frozenset(HINTS)
_ATTACHED = re.compile(r"đính kèm|tệp|tập tin|tải (?:về|xuống)|attach|dinh-?kem|tai-?lieu|download|file", re.IGNORECASE)
_SIDE = re.compile(r"side-?bar|(?:right|left)-?(?:col|bar)|cot-?(?:trai|phai)|widget", re.IGNORECASE)
_LINKED = 25


def around(page: Page, selectors: Selectors, title: Element | None, body: Element) -> list[tuple[Attachment, Element]]:
    """The documents offered outside the body, each with its element: where the rules say, then in the article's neighbourhood."""
    found: list[tuple[Attachment, Element]] = []
    taken: set[Element] = set()
    for css in selectors.on(page):
        for element in css.all(page):
            if element not in taken and not inside(element, body) and (document := of_element(page.base, element, download=element.tag == "a")):
                found.append((document, element))
                taken.add(element)
    for block in _neighbours(page, title, body):
        for element in block.iter("*"):
            if element in taken or element.tag == "source":
                continue
            if element.tag not in _OFFERING and _HINTING.isdisjoint(cast("list[str]", element.keys())):
                continue
            document = of_element(page.base, element)
            if document is not None and not _elsewhere(element, block, page):
                found.append((document, element))
    return found


def _neighbours(page: Page, title: Element | None, body: Element) -> Iterator[Element]:
    """What stands behind the body, or between it and the title, in the element that holds both."""
    chain = [body, *body.iterancestors()]
    holders = set(title.iterancestors()) if title is not None else {body.getparent()}
    for at in chain:
        parent = at.getparent()
        if at in holders or parent is None or at is page.body:
            return
        flat = parent is page.body or parent.tag == "form"
        before = [] if flat else list(at.itersiblings(preceding=True))
        yield from (b for b in before if title is None or not inside(title, b))
        for number, beside in enumerate(at.itersiblings()):
            if flat and (number >= _FLAT or not _ATTACHED.search(f"{beside.get('class')} {beside.get('id')} {spaced_text(beside)[:100]}")):
                continue
            if len(beside) == 0 and RELATED.fullmatch(spaced_text(beside)):
                break
            yield beside
        if title is None:
            return


def _elsewhere(element: Element, block: Element, page: Page) -> bool:
    """Whether an offer belongs to a box of something else: a menu, a footer, a list of other pages."""
    at: Element | None = element
    while at is not None and at is not page.body:
        if at.tag in ("nav", "aside", "footer") or (name_of(at) or "") in _NOT_HERE or _SIDE.search(at.get("class") or ""):
            return True
        if at is block:
            break
        at = at.getparent()
    return any(len(spaced_text(a)) > _LINKED and of_element(page.base, a) is None for a in list(block.iter("a"))[:20])
