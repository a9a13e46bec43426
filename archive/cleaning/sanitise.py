"""HTML that is safe to show, written anew from an allow-list: nothing is copied that is not named here."""

from __future__ import annotations

from html import escape

from archive.cleaning.parse import absolute

# Inline elements that are kept, by what they are written as.
INLINE = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "sub": "sub", "sup": "sup", "code": "code", "a": "a",
}  # fmt: skip


def opening(name: str, address: str | None, base: str) -> str:
    """The start tag that stands for the inline element `name`, a link to `address` if it is one; empty if it is not kept."""
    written = INLINE.get(name)
    if written == "a":
        full = absolute(base, address)
        return f'<a href="{escape(full)}" rel="nofollow noopener">' if full else ""
    return f"<{written}>" if written else ""


def ordered(first: int) -> str:
    """The start tag of an ordered list whose first item has the number `first`."""
    return f'<ol start="{first}">' if first > 1 else "<ol>"


def link(address: str, text: str) -> str:
    """A link."""
    return f'<a href="{escape(address)}" rel="nofollow noopener">{escape(text, quote=False)}</a>'


def image(address: str, alternative: str = "") -> str:
    """An image element."""
    return f'<img src="{escape(address)}" alt="{escape(alternative)}">'
