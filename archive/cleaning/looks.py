"""How an element sets its text, as far as its markup says so itself: aligned, bold, italic."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.cleaning.parse import Element

_CENTRE = re.compile(
    r"text-align\s*:\s*center|(?:^|[\s_-])(?:rte|text-?|align-?)?cent(?:er|re)(?:$|[\s_-])", re.IGNORECASE
)
_RIGHT = re.compile(
    r"text-align\s*:\s*(?:right|end)|(?:^|\s)(?:rte|text-?|align-?)(?:right|end)(?:$|\s)", re.IGNORECASE
)
_LEFT = re.compile(
    r"text-align\s*:\s*(?:left|justify|start)|(?:^|\s)(?:rte|text-?|align-?)(?:left|justify)(?:$|\s)", re.IGNORECASE
)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_ITALIC = re.compile(r"font-style\s*:\s*italic", re.IGNORECASE)


def look(element: Element) -> tuple[str | None, bool, bool]:
    """How an element sets its text: aligned ("" to the left, None as around it), bold, italic."""
    if not element.attrib:
        return looks(element.tag)
    style, classes = element.get("style") or "", element.get("class") or ""
    return looks(element.tag, style[:300], classes[:200], element.get("align") or "")


@lru_cache(4096)
def looks(name: str, style: str = "", classes: str = "", align: str = "") -> tuple[str | None, bool, bool]:
    """As `look`, by an element's name, style, classes and `align`."""
    bold = name in ("b", "strong") or _BOLD.search(style) is not None
    italic = name in ("i", "em") or _ITALIC.search(style) is not None
    both, align = f"{style} {classes}", align.lower()
    if align == "right" or _RIGHT.search(both):
        return "right", bold, italic
    if align == "center" or name in ("center", "figcaption") or _CENTRE.search(both):
        return "center", bold, italic
    return "" if align or _LEFT.search(both) else None, bold, italic
