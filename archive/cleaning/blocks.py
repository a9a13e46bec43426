"""A chosen fragment as a row of blocks (paragraphs, headings, items, images, tables), walked in the page's own tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal

from lxml import etree

from archive.cleaning import sanitise
from archive.cleaning.attachments import HINTS, hinted, of_element
from archive.cleaning.decode import mended, plain, tidy
from archive.cleaning.looks import look, looks
from archive.cleaning.parse import Element, absolute, elsewhere
from archive.cleaning.prose import BLOCKS
from archive.model import Attachment, Place

if TYPE_CHECKING:
    from bs4.element import Tag

Kind = Literal["text", "heading", "item", "quote", "image", "table", "file", "rule"]
# Not `wbr` and `source`: libxml2 knows neither as void, so that what follows them stands in them.
_UNSEEN = frozenset({"title", "head", "meta", "link", "input", "select", "button", "textarea", "script", "style"})
# Images and line breaks are inline in HTML and end a block here, or are one.
_APART = BLOCKS | _UNSEEN | {"br", "img"}
_HINTS = frozenset(HINTS)
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-srcset")
# Blocks in which a text stands for itself: no list's, none whose lines count, none that is taken as one piece.
_PLAIN = BLOCKS - {"ul", "ol", "li", "dl", "table", "hr", "iframe", "embed", "object", "video", "audio", "pre", "listing", "plaintext", "xmp"}
_KINDS: dict[str, tuple[Kind, str]] = {
    **{name: ("heading", name) for name in ("h1", "h2", "h3", "h4", "h5", "h6")}, "li": ("item", "li"), "blockquote": ("quote", "blockquote"),
}  # fmt: skip
# Smaller images are spacers and counters.
_SPACER = 8


@dataclass(slots=True)
class Block:
    """One block. `bold`, `italic`, `linked` and `outward` (linked to another site) are characters of `text`.

    `place` tells blocks of one parent element. `where` is where in the page it stands.
    """

    kind: Kind
    text: str = ""
    html: str = ""
    name: str = "p"
    align: str = ""
    classes: str = ""
    bold: int = 0
    italic: int = 0
    linked: int = 0
    outward: int = 0
    place: int = 0
    group: int = 0
    ordered: bool = False
    number: int = 0  # of an item in an ordered list, where the item begins
    item: int = 0
    url: str = ""
    role: str = ""
    links: list[Attachment] = field(default_factory=list)
    where: Place = (0, 0)

    def share(self, characters: int) -> float:
        """`characters` as a share of the text."""
        return characters / len(self.text) if self.text else 0.0


@dataclass(slots=True)
class _Run:
    """Inline content being gathered."""

    text: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    bold: int = 0
    italic: int = 0
    linked: int = 0
    outward: int = 0
    links: list[Attachment] = field(default_factory=list)


def _data(element: Element) -> Tag | None:
    """As `tables.data`, with BeautifulSoup imported for the first table: it takes a reading process 0.06 s."""
    from archive.cleaning import tables  # noqa: PLC0415

    return tables.data(element)


def blocks_of(elements: list[Element], base: str, numbers: Mapping[Element, int]) -> list[Block]:
    """The blocks of some elements of a page (`numbers`: all its elements), in reading order."""
    made: list[Block] = []
    first = 0
    for element in elements:
        walk = _Walk(base, first, numbers)
        made += walk.walk(element)
        first = walk.count + 1
    return made


class _Walk:
    def __init__(self, base: str, first: int, numbers: Mapping[Element, int]) -> None:
        self.base = base
        self.numbers = numbers
        self.now: tuple[str, Element]  # the border between elements at which the walk stands
        self.since: tuple[str, Element]  # the one at which the run began
        self.made: list[Block] = []
        self.run = _Run()
        self.open: list[Element] = []  # block elements around the run
        self.called: list[str] = []  # their names and classes
        self.pre = 0  # how many of them keep the source's lines
        self.inline: list[tuple[str, str]] = []  # start and end of the kept inline elements around the run
        self.align: list[str] = [""]
        self.groups: list[tuple[int, bool]] = []
        self.ordinals: list[int] = []  # of the last item in each open list
        self.items: list[int] = []  # the open items
        self.begun = {0}  # items that have a block
        self.bold = self.italic = self.link = 0
        self.outward = False  # whether the last link that began leads to another site
        self.breaks = 0
        self.places = [first]
        self.count = first

    def walk(self, root: Element) -> list[Block]:
        whole = None
        self.since = "start", root
        events = etree.iterwalk(root, events=("start", "end"))
        for now in events:
            self.now = now
            event, element = now
            if event == "start":
                tag = element.tag
                if tag not in _APART:
                    self._inline(element)
                elif tag in _PLAIN and not self.pre and not self.inline and len(element) == 0:
                    self._leaf(element, tag)
                    whole = element
                    continue
                elif self._whole(element):
                    events.skip_subtree()
                    whole = element
                    continue
                else:
                    self._block(element)
                text = element.text
            else:
                if element is whole:
                    whole = None
                    if not self.run.html:
                        self.since = now
                elif element.tag not in _APART:
                    self._inline_ends(element)
                else:
                    self._block_ends(element)
                text = element.tail if element is not root else None
            if text:
                self._text(text)
        self._flush()
        return self.made

    def _whole(self, element: Element) -> bool:
        """Handle elements that are taken as one piece; whether this was one."""
        name = element.tag
        if name == "br":
            self.breaks += 1
            if self.breaks > 1:
                self._flush()
            else:
                self.run.html.append("<br>")
                self.run.text.append("\n")
        elif name == "img":
            self._image(element)
        elif name in ("iframe", "embed", "object", "video", "audio"):
            self._frame(element)
        elif name == "hr":
            self._flush()
        elif name in ("table", "dl") and (table := _data(element)) is not None:
            self._table(element, table)
        else:
            return name in _UNSEEN
        return True

    def _table(self, element: Element, table: Tag) -> None:
        self._flush()
        links = [link for a in element.iter("a") if (link := self._offered(a))]
        from archive.cleaning import tables  # noqa: PLC0415

        self.made.append(Block("table", tables.text(table), tables.html(table, self.base), "table", links=links, where=self._all(element)))

    def _leaf(self, element: Element, tag: str) -> None:
        """A block with nothing but a text in it, which most blocks are: as `_block`, `_text` and `_block_ends` would have it."""
        self._flush()
        keys = element.keys()
        if keys and not _HINTS.isdisjoint(keys) and (found := hinted(self.base, element)):
            self._file(found, element)
        self.count += 1
        source = element.text
        if not source or source.isspace():
            return
        if "&" in source:
            source = mended(source)
        source = source.replace("\n", " ")
        text, markup = plain(source), escape(source, quote=False) if "<" in source or ">" in source or "&" in source else source
        if not text:
            return
        align, bold, italic = look(element) if keys else looks(tag)
        size = len(source.strip()) if bold or italic or self.bold or self.italic or self.link else 0
        kind, name = _KINDS.get(tag) or self._kind()
        group, ordered = self.groups[-1] if self.groups else (0, False)
        item = self.items[-1] if self.items and kind == "item" else 0
        ordinal = self.ordinals[-1] if ordered and item not in self.begun else 0
        self.begun.add(item)
        number = self.numbers[element]
        called = f"{tag} {_attribute(element, 'class')}" if keys else tag + " "
        self.made.append(
            Block(
                kind, text, text if markup is source else _tidy_html(markup), name, self.align[-1] if align is None else align,
                " ".join([called, *self.called[: -3 : -1]]), size if bold or self.bold else 0, size if italic or self.italic else 0,
                size if self.link else 0, size if self.outward else 0, self.count, group, ordered, ordinal, item,
                where=(4 * number + 1, 4 * number + 2),
            )
        )  # fmt: skip

    def _block(self, element: Element) -> None:
        self._flush()
        keys = element.keys()
        if keys and not _HINTS.isdisjoint(keys) and (found := hinted(self.base, element)):
            self._file(found, element)
        align, bold, italic = look(element)
        self.count += 1
        self.open.append(element)
        self.called.append(f"{element.tag} {_attribute(element, 'class')}")
        self.pre += element.tag == "pre"
        self.places.append(self.count)
        self.align.append(self.align[-1] if align is None else align)
        if element.tag in ("ul", "ol"):
            self.groups.append((self.count, element.tag == "ol"))
            self.ordinals.append(_number(element, "start", 1) - 1)
        elif element.tag == "li":
            self.items.append(self.count)
            if self.ordinals:
                self.ordinals[-1] = _number(element, "value", self.ordinals[-1] + 1)
        self.bold += bold
        self.italic += italic

    def _block_ends(self, element: Element) -> None:
        self._flush()
        self.open.pop()
        self.called.pop()
        self.pre -= element.tag == "pre"
        self.places.pop()
        self.align.pop()
        _, bold, italic = look(element)
        self.bold -= bold
        self.italic -= italic
        if element.tag in ("ul", "ol"):
            self.groups.pop()
            self.ordinals.pop()
        elif element.tag == "li":
            self.items.pop()

    def _inline(self, element: Element) -> None:
        _, bold, italic = look(element)
        self.bold += bold
        self.italic += italic
        if element.tag == "a":
            self.link += 1
            self.outward = elsewhere(element.get("href") or "", self.base)
            if found := self._offered(element):
                self.run.links.append(found)
        elif element.attrib and not _HINTS.isdisjoint(element.keys()) and (found := hinted(self.base, element)):
            self.run.links.append(found)
        if start := sanitise.opening(element.tag, element.get("href"), self.base):
            self.run.html.append(start)
            self.inline.append((start, f"</{sanitise.INLINE[element.tag]}>"))

    def _inline_ends(self, element: Element) -> None:
        _, bold, italic = look(element)
        self.bold -= bold
        self.italic -= italic
        if element.tag == "a":
            self.link -= 1
            self.outward = False
        if sanitise.opening(element.tag, element.get("href"), self.base):
            self.run.html.append(self.inline.pop()[1])

    def _offered(self, link: Element) -> Attachment | None:
        return of_element(self.base, link)

    def _text(self, text: str) -> None:
        run = self.run
        if text.isspace():
            run.text.append(" ")
            run.html.append(" ")
            return
        self.breaks = 0
        if "&" in text:
            text = mended(text)
        kept = self.pre > 0 and "\n" in text
        if not kept:
            text = text.replace("\n", " ")  # how the source is wrapped is no line break (CSS Text 3, section 4.1.1)
        run.text.append(text)
        run.html.append(escape(text, quote=False).replace("\n", "<br>") if kept else escape(text, quote=False))
        if self.bold or self.italic or self.link:
            size = len(text.strip())
            run.bold += size if self.bold else 0
            run.italic += size if self.italic else 0
            run.linked += size if self.link else 0
            run.outward += size if self.outward else 0

    def _image(self, element: Element) -> None:
        address = _attribute(element, "src")
        if not address or address.startswith("data:"):
            address = next((a for k in _LAZY if (a := _attribute(element, k))), "")
        full = absolute(self.base, address)
        sizes = [_attribute(element, k).removesuffix("px") for k in ("width", "height")]
        if full is None or any(s.isdigit() and int(s[:6]) < _SPACER for s in sizes):
            return
        self._flush()
        alternative, where = plain(_attribute(element, "alt")), self._all(element)
        self.made.append(
            Block("image", alternative, url=full, classes=self._classes(), place=self._place(), where=where)
        )

    def _frame(self, element: Element) -> None:
        if found := of_element(self.base, element):
            self._file(found, element)

    def _file(self, found: Attachment, element: Element) -> None:
        self._flush()
        self.made.append(Block("file", url=found.url, links=[found], where=self._all(element)))

    def _flush(self) -> None:
        self.breaks = 0
        since, self.since = self.since, self.now
        if not self.run.html and not self.run.links:  # most element borders have nothing between them
            return
        run, self.run = self.run, _Run()
        if self.inline:  # an inline element that a block cuts in two goes on in the next one
            run.html += [end for _, end in reversed(self.inline)]
            self.run.html += [start for start, _ in self.inline]
        source, markup = "".join(run.text), "".join(run.html)
        text = "\n".join(filter(None, map(plain, source.split("\n")))) if "\n" in source else plain(source)
        if not text and not run.links:
            return
        html = text if markup == source and "\n" not in text else _tidy_html(markup)
        kind, name = self._kind()
        group, ordered = self.groups[-1] if self.groups else (0, False)
        item = self.items[-1] if self.items and kind == "item" else 0
        number = self.ordinals[-1] if ordered and item not in self.begun else 0
        self.begun.add(item)
        self.made.append(
            Block(
                kind, text, html, name, self.align[-1], self._classes(), run.bold, run.italic,
                run.linked, run.outward, self._place(), group, ordered, number, item, links=run.links, where=self._between(since, self.now),
            )
        )  # fmt: skip

    def _kind(self) -> tuple[Kind, str]:
        for element in reversed(self.open):
            if kind := _KINDS.get(element.tag):
                return kind
        return "text", "p"

    def _classes(self) -> str:
        """Names and classes of the nearest three blocks around the run, the nearest first."""
        return " ".join(self.called[:-4:-1])

    def _place(self) -> int:
        return self.places[-1]

    def _all(self, element: Element) -> Place:
        number = self.numbers[element]
        return 4 * number, 4 * number + 3

    def _between(self, begin: tuple[str, Element], end: tuple[str, Element]) -> Place:
        """From behind one border to before another."""
        first, last = self.numbers[begin[1]], self.numbers[end[1]]
        return 4 * first + (1 if begin[0] == "start" else 3), 4 * last + (0 if end[0] == "start" else 2)


def _number(element: Element, name: str, otherwise: int) -> int:
    """A number that an attribute of a list or an item gives."""
    value = _attribute(element, name).strip()
    return int(value) if re.fullmatch(r"[0-9]{1,4}", value) else otherwise


def _attribute(element: Element, name: str) -> str:
    return element.get(name) or ""


def _tidy_html(html: str) -> str:
    html = tidy(html)
    if "<" not in html:
        return html
    html = re.sub(r"<(strong|em|sub|sup|code)>(\s*)</\1>", r"\2", html)
    return re.sub(r"^(?:\s|<br>)+|(?:\s|<br>)+$", "", html)

