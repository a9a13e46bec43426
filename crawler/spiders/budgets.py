"""Budgets for address patterns that bring nothing new: calendars, facets, endless suffixes. Pure.

A page that brings new text, or leads to addresses of another shape, pays back; one that does not pays into its pattern. What is spent lies in
the archive with the page that spent it, so that a killed run goes on as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from archive.model import Link
from crawler.fingerprints import Fingerprints

# Pages without new text that a pattern may bring, more than pages that paid back. Real portals were met with a dozen empty sections in a row.
FRUITLESS = 16
# As many times that for all patterns of one path together: facets make a pattern of each combination of names.
TOGETHER = 3
_NUMBER = re.compile(r"\d+")
_CODE = re.compile(r"(?i)[0-9a-f]{8,}(?:-[0-9a-f]{4,})*|\w*\d\w*")


class Budgets:
    """What each address pattern has spent. `spent`, `texts` and `empty` are what the archive kept of a run that goes on (`Depositor.spent`).

    `empty` are the fingerprints of what a portal says at addresses that nobody made.
    """

    def __init__(self, spent: dict[str, int] | None = None, texts: Iterable[int] = (), empty: Iterable[int] = ()) -> None:
        self._spent = dict(spent or {})
        self._texts = Fingerprints(texts)
        self.empty = set(empty)

    def refused(self, url: str) -> str:
        """Why `url` is not worth asking for, one sentence; empty if it is."""
        if not self._spent:
            return ""
        for pattern, most in patterns(url):
            if self._spent.get(pattern, 0) >= most:
                return f"{most} pages of {pattern} brought nothing new"
        return ""

    def is_new(self, text: int) -> bool:
        """Whether no page of the chain had the text with this fingerprint; from now on one has."""
        return self._texts.add(text)

    def pay(self, url: str, *, fruitful: bool) -> dict[str, int]:
        """What the patterns of `url` have spent after it brought something, or nothing; empty if that is as before."""
        changed = {}
        for pattern, most in patterns(url):
            before = self._spent.get(pattern, 0)
            after = max(0, before - 1) if fruitful else min(most, before + 1)
            if after != before:
                changed[pattern] = self._spent[pattern] = after
        return changed


def refused(budgets: Budgets, link: Link) -> str:
    """Why a page is not worth asking for; the pages of a list that are asked for with a body share one address, and are no trap."""
    return budgets.refused(link.url) if link.kind in ("page", "list") and link.method == "GET" else ""


@lru_cache(8192)
def patterns(url: str) -> tuple[tuple[str, int], ...]:
    """The patterns that `url` pays into, each with how much it may spend: its own and, if it has a query, its path with any."""
    shape, names = shape_of(url), _names(url)
    if not names:
        return ((shape, FRUITLESS),)
    return ((f"{shape}?{'&'.join(names)}", FRUITLESS), (f"{shape}?*", FRUITLESS * TOGETHER))


@lru_cache(8192)
def shape_of(url: str) -> str:
    """Host and shape of the path: numbers as 0, codes as x, words behind the first folder as w; a part that stood before stands once.

    `http://hue.example/lich/2031/03/05` and `.../lich/2031/04/06` have the same, as have `/tin/en/vi` and `/tin/en/vi/en/vi`.
    """
    origin, _, rest = url.partition("://")[2].partition("/")
    path = rest.partition("?")[0].partition("#")[0]
    parts = [part for part in path.split("/") if part]
    made = [_part(part, first=number == 0) for number, part in enumerate(dict.fromkeys(parts))]
    if len(made) > 2:
        made = [*made[:1], *dict.fromkeys(made[1:])]
    return f"{origin}/{'/'.join(made)}"


def _part(part: str, *, first: bool) -> str:
    name, dot, ending = part.rpartition(".")
    name, ending = (name, f".{ending}") if dot and ending.isalpha() else (part, "")
    if name.isdigit():
        return f"0{ending}"
    if _CODE.fullmatch(name):
        return f"x{ending}"
    return (_NUMBER.sub("0", name) if first and "-" not in name else "w") + ending


def _names(url: str) -> list[str]:
    query = url.partition("?")[2].partition("#")[0]
    if not query:
        return []
    return sorted({_NUMBER.sub("0", argument.partition("=")[0]) for argument in query.split("&")} - {""})
