"""Tables: which of them hold data, and how those read as text and as safe HTML."""

from __future__ import annotations

import re
from copy import deepcopy
from html import escape
from itertools import islice

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag
from lxml import etree

from archive.cleaning.decode import plain
from archive.cleaning.parse import Element, texts
from archive.cleaning.sanitise import INLINE, opening

_PARTS = frozenset({"caption", "thead", "tbody", "tfoot", "tr", "th", "td"})
_SPANS = ("colspan", "rowspan")
# What browsers allow a cell to span (HTML standard, 4.9.11).
_MAX_SPAN = 1000
# A longer cell is a column of a layout, unless rows, rules or heads say that the table is one of data; then it may have so much.
_CELL, _LONG = 300, 3000
_ROWS = 3
_NESTED = frozenset({"dl", "ul", "ol", "table", "img", "iframe", "object", "embed", "h1", "h2", "h3", "h4"})
_PIECES = 20
# Breaks where a cell begins or ends, and more than one at a time.
_EDGES = re.compile(r"(<(?:td|th|caption)\b[^>]*>)(?:\s|<br>)+|(?:\s|<br>)+(</(?:td|th|caption)>)|(?:\s*<br>\s*){2,}")
_BREAKS = frozenset({"p", "div", "li", "br", "h1", "h2", "h3", "h4", "h5", "h6", "dd", "dt"})
# A larger table is walked block by block: as BeautifulSoup has it, each element takes 25 µs and 4 kB.
_ELEMENTS = 20_000


def data(element: Element) -> Tag | None:
    """A table that holds data (rows of several short cells) as BeautifulSoup has it; None for layout, walked like any block.

    A list of short definitions is such a table, a row for each term.
    """
    if element.tag == "dl":
        defined = _defined(element)
        if defined is None:
            return None
        element = defined
    if element.find(".//table") is not None or element.find(".//img") is not None:
        return None
    if sum(1 for _ in islice(element.iter("*"), _ELEMENTS)) == _ELEMENTS:
        return None
    source = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    tag = BeautifulSoup(source, "lxml", multi_valued_attributes=None).table
    return tag if tag is not None and _is_data(tag) else None


def _defined(element: Element) -> Element | None:
    """A definition list as a table of terms and definitions; None if it holds more than short texts."""
    table = etree.Element("table")
    row: Element | None = None
    for child in element.iter("dt", "dd"):
        if any(inner.tag in _NESTED for inner in child.iter("*")) or len(texts(child)) > _PIECES or sum(map(len, texts(child))) > _CELL:
            return None
        if child.tag == "dt" or row is None:
            row = etree.SubElement(table, "tr")
        cell = deepcopy(child)
        cell.tag, cell.tail = ("th" if child.tag == "dt" else "td"), None
        row.append(cell)
    return table if len(table) else None


def _is_data(tag: Tag) -> bool:
    rows = tag.find_all("tr")
    wide = sum(1 for r in rows if len(r.find_all(["td", "th"])) > 1)
    if len(rows) < 2 or wide * 2 <= len(rows):
        return False
    longest = max((len(c.get_text()) for c in tag.find_all("td")), default=0)
    ruled = tag.find("th") is not None or _attribute(tag, "border") not in ("", "0") or "border" in _attribute(tag, "class")
    return longest < (_LONG if ruled and len(rows) >= _ROWS else _CELL)


def text(tag: Tag) -> str:
    """A data table as text: its caption, then a line for each row, its cells parted by a bar."""
    rows = [plain(c.get_text(" ")) for c in tag.find_all("caption")]
    for row in tag.find_all("tr"):
        cells = (plain(c.get_text(" ")) for c in row.find_all(["td", "th"]))
        rows.append(" | ".join(filter(None, cells)))
    return "\n".join(filter(None, rows))


def html(tag: Tag, base: str) -> str:
    """A data table with its cells, their inline markup and spans; everything else in it is reduced to text."""
    out = ["<table>"]
    closing: list[str] = []
    at: list[tuple[Tag, int]] = [(tag, 0)]
    while at:
        parent, index = at.pop()
        if index >= len(parent.contents):
            out.append(closing.pop() if closing else "")
            continue
        at.append((parent, index + 1))
        child = parent.contents[index]
        if isinstance(child, Tag):
            start, end = _part(child, base)
            out.append(start)
            at.append((child, 0))
            closing.append(end)
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            out.append(escape(plain(str(child)), quote=False) or " ")
    return _EDGES.sub(lambda m: m[1] or m[2] or "<br>", "".join([*out, "</table>"]))


def _part(tag: Tag, base: str) -> tuple[str, str]:
    """What is written where an element of a table begins and ends."""
    if tag.name == "br":
        return "<br>", ""
    if tag.name in INLINE:
        start = opening(tag.name, _attribute(tag, "href"), base)
        return start, f"</{INLINE[tag.name]}>" if start else ""
    if tag.name not in _PARTS:
        return ("<br>", "<br>") if tag.name in _BREAKS else (" ", " ")
    spans = "".join(f' {k}="{v}"' for k in _SPANS if (v := _attribute(tag, k)) and _is_span(v))
    return f"<{tag.name}{spans if tag.name in ('td', 'th') else ''}>", f"</{tag.name}>"


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return value if isinstance(value, str) else ""


def _is_span(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 5 and 1 < int(value) <= _MAX_SPAN
