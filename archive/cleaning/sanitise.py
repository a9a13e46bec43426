"""HTML that is safe to show, written anew from an allow-list: nothing is copied that is not named here."""

from __future__ import annotations

from html import escape

from bs4.element import Tag

from archive.cleaning.parse import absolute

# Inline elements that are kept, by what they are written as.
INLINE = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "sub": "sub", "sup": "sup", "code": "code", "a": "a",
}  # fmt: skip


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


def link(address: str, text: str) -> str:
    """A link."""
    return f'<a href="{escape(address)}" rel="nofollow noopener">{escape(text, quote=False)}</a>'


def image(address: str, alternative: str = "") -> str:
    """An image element."""
    return f'<img src="{escape(address)}" alt="{escape(alternative)}">'
