"""CSS selectors, compiled once, that look at a page only if their words stand in it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

from archive.cleaning.parse import Element, Page

_WORDS = re.compile(r"[.#]([A-Za-z_][\w-]*)")
_NEGATED = re.compile(r":not\([^()]*(?:\([^()]*\)[^()]*)*\)")
_TRANSLATOR = HTMLTranslator()


class Selector:
    """One CSS selector. Raises ValueError, saying what is wrong, if it is none."""

    def __init__(self, css: str) -> None:
        try:
            self._path = etree.XPath(_TRANSLATOR.css_to_xpath(css, prefix="descendant-or-self::"))
        except (SelectorError, etree.XPathError) as e:
            raise ValueError(str(e) or type(e).__name__) from e
        self.css = css
        # A page without the class or id cannot match: a search in bytes costs a hundredth of a walk. Not where
        # alternatives make a word optional.
        asked = "" if "," in css or ":is(" in css or ":has(" in css else _NEGATED.sub("", css)
        self._words = tuple(w.encode() for w in _WORDS.findall(asked))

    def __reduce__(self) -> tuple[Any, ...]:
        return selector, (self.css,)

    def all(self, page: Page, within: Element | None = None) -> list[Element]:
        """Every element that matches, in document order."""
        for word in self._words:
            if word not in page.source:
                return []
        found = self._path(page.root if within is None else within)
        return [e for e in found if isinstance(e, Element)] if isinstance(found, list) else []


@cache
def selector(css: str) -> Selector:
    """The compiled form of `css`."""
    return Selector(css)
