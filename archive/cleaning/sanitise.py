"""HTML that is safe to show, written anew from an allow-list: nothing is copied that is not named here."""

from __future__ import annotations

from html import escape

from bs4 import NavigableString, Tag
from bs4.element import PreformattedString

from archive.cleaning.decode import plain
from archive.cleaning.parse import absolute

# Inline elements that are kept, by what they are written as.
INLINE = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "sub": "sub", "sup": "sup", "code": "code", "a": "a"}
_TABLE = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"})
_SPANS = ("colspan", "rowspan")
_MAX_SPAN = 1000


def opening(tag: Tag, base: str) -> str:
    """The start tag that stands for an inline element; empty if it is not kept."""
    name = INLINE.get(tag.name)
    if name == "a":
        address = absolute(base, attribute(tag, "href"))
        return f'<a href="{escape(address)}" rel="nofollow noopener">' if address else ""
    return f"<{name}>" if name else ""


def attribute(tag: Tag, name: str) -> str:
    """An attribute as text; empty if it is not there."""
    value = tag.get(name)
    if isinstance(value, list):
        return " ".join(value)
    return value or ""


def image(address: str, caption_or_alt: str = "") -> str:
    """An image element."""
    return f'<img src="{escape(address)}" alt="{escape(caption_or_alt)}">'


def table(tag: Tag, base: str) -> str:
    """A table with its cells, their inline markup and spans; everything else in it is reduced to text."""
    out: list[str] = []
    stack: list[tuple[Tag, str, int]] = []
    at: list[tuple[Tag, int]] = [(tag, 0)]
    out.append("<table>")
    closing = ["</table>"]
    while at:
        parent, index = at.pop()
        if index >= len(parent.contents):
            end = closing.pop()
            if end == "</table>" and at:
                end = ""
            out.append(end)
            continue
        at.append((parent, index + 1))
        child = parent.contents[index]
        if isinstance(child, Tag):
            start, end = _cell_part(child, base)
            out.append(start)
            at.append((child, 0))
            closing.append(end)
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            text = " ".join(str(child).split())
            out.append(escape(plain(text)) if text else " " if str(child) else "")
    del stack
    return "".join(out)


def _cell_part(tag: Tag, base: str) -> tuple[str, str]:
    if tag.name == "br":
        return "<br>", ""
    if tag.name in INLINE:
        start = opening(tag, base)
        return start, f"</{INLINE[tag.name]}>" if start else ""
    if tag.name not in _TABLE or tag.name == "table":
        return " ", " "
    spans = "".join(
        f' {name}="{value}"'
        for name in _SPANS
        if (value := attribute(tag, name)).isascii() and value.isdigit() and 1 < int(value[:6]) <= _MAX_SPAN
    )
    return f"<{tag.name}{spans if tag.name in ('td', 'th') else ''}>", f"</{tag.name}>"
