"""A chosen fragment as a row of blocks (paragraphs, headings, items, images, tables), walked with BeautifulSoup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from typing import Literal

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag
from lxml import etree

from archive.cleaning import sanitise, tables
from archive.cleaning.attachments import offered, viewed
from archive.cleaning.container import INLINE
from archive.cleaning.decode import plain
from archive.cleaning.parse import Element, absolute
from archive.model import Attachment

Kind = Literal["text", "heading", "item", "quote", "image", "table", "file", "rule"]
# Images and line breaks are inline in HTML and blocks of their own here.
_INLINE = INLINE - {"br", "wbr", "img", "picture", "source"}
_CENTRE = re.compile(
    r"text-align\s*:\s*center|(?:^|[\s_-])(?:rte|text-?|align-?)?cent(?:er|re)(?:$|[\s_-])", re.IGNORECASE
)
_RIGHT = re.compile(
    r"text-align\s*:\s*(?:right|end)|(?:^|\s)(?:rte|text-?|align-?)(?:right|end)(?:$|\s)", re.IGNORECASE
)
_LEFT = re.compile(
    r"text-align\s*:\s*(?:left|justify|start)|(?:^|\s)(?:rte|text-?|align-?)(?:left|justify)(?:$|\s)", re.IGNORECASE
)
_UNSEEN = frozenset(
    {"title", "head", "meta", "link", "input", "select", "button", "textarea", "script", "style", "wbr", "source"}
)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_ITALIC = re.compile(r"font-style\s*:\s*italic", re.IGNORECASE)
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-srcset")
# Smaller images are spacers and counters.
_SPACER = 8


@dataclass(slots=True)
class Block:
    """One block. `bold`, `italic` and `linked` are characters of `text`; `place` tells blocks of one parent element."""

    kind: Kind
    text: str = ""
    html: str = ""
    name: str = "p"
    align: str = ""
    classes: str = ""
    bold: int = 0
    italic: int = 0
    linked: int = 0
    place: int = 0
    group: int = 0
    ordered: bool = False
    url: str = ""
    role: str = ""
    links: list[Attachment] = field(default_factory=list)

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
    links: list[Attachment] = field(default_factory=list)


def blocks_of(elements: list[Element], base: str) -> list[Block]:
    """The blocks of some elements of a page, in reading order."""
    made: list[Block] = []
    first = 0
    for element in elements:
        tail, element.tail = element.tail, None
        fragment = etree.tostring(element, encoding="unicode", method="html")
        element.tail = tail
        walk = _Walk(base, first)
        made += walk.walk(BeautifulSoup(fragment, "lxml", multi_valued_attributes=None))
        first = walk.count + 1
    return made


class _Walk:
    def __init__(self, base: str, first: int) -> None:
        self.base = base
        self.made: list[Block] = []
        self.run = _Run()
        self.open: list[Tag] = []  # block elements around the run
        self.inline: list[Tag] = []
        self.align: list[str] = [""]
        self.groups: list[tuple[int, bool]] = []
        self.bold = self.italic = self.link = 0
        self.breaks = 0
        self.places = [first]
        self.count = first

    def walk(self, soup: Tag) -> list[Block]:
        for opens, node in _events(soup, self._whole):
            if isinstance(node, Tag):
                if node.name in _INLINE:
                    self._inline(node, opens=opens)
                else:
                    self._block(node, opens=opens)
            elif not isinstance(node, PreformattedString):
                self._text(str(node))
        self._flush()
        return self.made

    def _whole(self, tag: Tag) -> bool:
        """Handle elements that are taken as one piece; whether this was one."""
        if tag.name == "br":
            self.breaks += 1
            if self.breaks > 1:
                self._flush()
            else:
                self.run.html.append("<br>")
                self.run.text.append("\n")
        elif tag.name == "img":
            self._image(tag)
        elif tag.name in ("iframe", "embed", "object", "video", "audio"):
            self._frame(tag)
        elif tag.name == "hr":
            self._flush()
        elif tag.name == "table" and tables.is_data(tag):
            self._table(tag)
        else:
            return tag.name in _UNSEEN
        return True

    def _table(self, tag: Tag) -> None:
        self._flush()
        links = [link for a in tag.find_all("a") if (link := self._offered(a))]
        self.made.append(Block("table", tables.text(tag), tables.html(tag, self.base), "table", links=links))

    def _block(self, tag: Tag, *, opens: bool) -> None:
        self._flush()
        align, bold, italic = _look(tag)
        if opens:
            self.count += 1
            self.open.append(tag)
            self.places.append(self.count)
            self.align.append(self.align[-1] if align is None else align)
            if tag.name in ("ul", "ol"):
                self.groups.append((self.count, tag.name == "ol"))
            self.bold += bold
            self.italic += italic
            return
        self.open.pop()
        self.places.pop()
        self.align.pop()
        self.bold -= bold
        self.italic -= italic
        if tag.name in ("ul", "ol"):
            self.groups.pop()

    def _inline(self, tag: Tag, *, opens: bool) -> None:
        step = 1 if opens else -1
        _, bold, italic = _look(tag)
        self.bold += step * bold
        self.italic += step * italic
        if tag.name == "a":
            self.link += step
            if opens and (found := self._offered(tag)):
                self.run.links.append(found)
        if start := sanitise.opening(tag, self.base):
            self.run.html.append(start if opens else f"</{sanitise.INLINE[tag.name]}>")
        if opens:
            self.inline.append(tag)
        else:
            self.inline.pop()

    def _offered(self, tag: Tag) -> Attachment | None:
        return offered(
            self.base, sanitise.attribute(tag, "href"), tag.get_text(" "), download=tag.has_attr("download")
        )

    def _text(self, text: str) -> None:
        if text.isspace():
            self.run.text.append(" ")
            self.run.html.append(" ")
            return
        self.breaks = 0
        size = len(text.strip())
        self.run.text.append(text)
        self.run.html.append(escape(text, quote=False))
        self.run.bold += size if self.bold else 0
        self.run.italic += size if self.italic else 0
        self.run.linked += size if self.link else 0

    def _image(self, tag: Tag) -> None:
        address = sanitise.attribute(tag, "src")
        if not address or address.startswith("data:"):
            address = next((a for k in _LAZY if (a := sanitise.attribute(tag, k))), "")
        full = absolute(self.base, address)
        sizes = [sanitise.attribute(tag, k).removesuffix("px") for k in ("width", "height")]
        if full is None or any(s.isdigit() and int(s[:6]) < _SPACER for s in sizes):
            return
        self._flush()
        self.made.append(Block("image", text=plain(sanitise.attribute(tag, "alt")), url=full, place=self._place()))

    def _frame(self, tag: Tag) -> None:
        for key in ("src", "data", "data-src"):
            if found := viewed(self.base, sanitise.attribute(tag, key)):
                self._flush()
                self.made.append(Block("file", url=found.url, links=[found]))
                return

    def _flush(self) -> None:
        self.breaks = 0
        if not self.run.html and not self.run.links:  # most element borders have nothing between them
            return
        run, self.run = self.run, _Run()
        text = "\n".join(filter(None, map(plain, "".join(run.text).split("\n"))))
        again = [s for t in self.inline if (s := sanitise.opening(t, self.base))]
        if again:  # an inline element that a block cuts in two goes on in the next one
            kept = [t for t in reversed(self.inline) if sanitise.opening(t, self.base)]
            run.html += [f"</{sanitise.INLINE[t.name]}>" for t in kept]
            self.run.html += again
        if not text and not run.links:
            return
        kind, name = self._kind()
        group, ordered = self.groups[-1] if self.groups else (0, False)
        self.made.append(
            Block(
                kind, text, _tidy_html("".join(run.html)), name, self.align[-1], self._classes(), run.bold, run.italic,
                run.linked, self._place(), group, ordered, links=run.links,
            )
        )  # fmt: skip

    def _kind(self) -> tuple[Kind, str]:
        for tag in reversed(self.open):
            if tag.name in ("h1", "h2", "h3", "h4", "h5", "h6"):
                return "heading", tag.name
            if tag.name == "li":
                return "item", "li"
            if tag.name == "blockquote":
                return "quote", "blockquote"
        return "text", "p"

    def _classes(self) -> str:
        """Names and classes of the nearest three blocks around the run, the nearest first."""
        return " ".join(f"{t.name} {sanitise.attribute(t, 'class')}" for t in reversed(self.open[-3:]))

    def _place(self) -> int:
        return self.places[-1]


def _events(root: Tag, whole: Callable[[Tag], bool]) -> Iterator[tuple[bool, Tag | NavigableString]]:
    """The nodes below `root` in document order, elements twice (but not those that `whole` took); no recursion."""
    stack: list[tuple[Tag, Iterator[object]]] = [(root, iter(root.contents))]
    while stack:
        tag, rest = stack[-1]
        child = next(rest, None)
        if child is None:
            stack.pop()
            if stack:
                yield False, tag
        elif isinstance(child, Tag):
            if not whole(child):
                yield True, child
                stack.append((child, iter(child.contents)))
        elif isinstance(child, NavigableString):
            yield True, child


def _look(tag: Tag) -> tuple[str | None, bool, bool]:
    """How an element sets its text: aligned ("" to the left, None as around it), bold, italic."""
    if not tag.attrs:
        return _looks(tag.name, "", "", "")
    attribute = sanitise.attribute
    return _looks(tag.name, attribute(tag, "style")[:300], attribute(tag, "class")[:200], attribute(tag, "align"))


@lru_cache(4096)
def _looks(name: str, style: str, classes: str, align: str) -> tuple[str | None, bool, bool]:
    bold = name in ("b", "strong") or _BOLD.search(style) is not None
    italic = name in ("i", "em") or _ITALIC.search(style) is not None
    both, align = f"{style} {classes}", align.lower()
    if align == "right" or _RIGHT.search(both):
        return "right", bold, italic
    if align == "center" or name in ("center", "figcaption") or _CENTRE.search(both):
        return "center", bold, italic
    return "" if align or _LEFT.search(both) else None, bold, italic


def _tidy_html(html: str) -> str:
    html = plain(html)
    if "<" not in html:
        return html
    html = re.sub(r"<(strong|em|sub|sup|code)>(\s*)</\1>", r"\2", html)
    return re.sub(r"^(?:\s|<br>)+|(?:\s|<br>)+$", "", html)

