"""A cleaned article's HTML as the room shows it: written anew, images and links led into the archive."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

# What cleaning writes (archive/cleaning/sanitise.py). An archive may come from strangers, so it is held to it again.
_KEPT = frozenset({
    "p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "figure", "figcaption", "pre", "table",
    "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "strong", "em", "sub", "sup", "code", "br", "hr",
})  # fmt: skip
_EMPTY = frozenset({"br", "hr", "img"})
_SPANS = ("colspan", "rowspan")

# From an image's address to where the archive has it, None if it has not; from a link to the archive's page about it.
Find = Callable[[str], str | None]


def shown(html: str, image: Find, link: Callable[[str], str], missing: str) -> Markup:
    """`html`, safe to stand in a page. An image that the archive has not is the sentence `missing` with its address."""
    writer = _Writer(image, link, missing)
    writer.feed(html)
    writer.close()
    ends = [f"</{name}>" for name in reversed(writer.open)]
    return Markup("".join(writer.out + ends))  # noqa: S704 - built from the lists above and escaped text


class _Writer(HTMLParser):
    def __init__(self, image: Find, link: Callable[[str], str], missing: str) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self._image, self._link, self._missing = image, link, missing

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "img":
            self.out.append(self._img(given))
        elif tag == "a" and given.get("href", "").startswith(("http://", "https://")):
            self._begin("a", f' href="{escape(self._link(given["href"]))}"')
        elif tag in _KEPT:
            spans = "".join(f' {n}="{given[n]}"' for n in _SPANS if re.fullmatch(r"[0-9]{1,4}", given.get(n, "")))
            self._begin(tag, spans if tag in ("td", "th") else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while (last := self.open.pop()) != tag:
                self.out.append(f"</{last}>")
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(escape(data, quote=False))

    def _begin(self, tag: str, attributes: str) -> None:
        self.out.append(f"<{tag}{attributes}>")
        if tag not in _EMPTY:
            self.open.append(tag)

    def _img(self, given: dict[str, str]) -> str:
        address = given.get("src", "")
        where = self._image(address)
        alt = escape(given.get("alt", ""))
        if where is None:
            return f'<a class="missing" href="{escape(self._link(address))}">{escape(self._missing)}</a>'
        return f'<img src="{escape(where)}" alt="{alt}" loading="lazy">'
