"""Budgets for address patterns that bring nothing new: calendars, facets, endless suffixes. Pure.

A page that brings new text, or leads to addresses of another shape, pays back; one that does not pays into its pattern. What is spent lies in
the archive with the page that spent it, so that a killed run goes on as it was. No more pages of a pattern are under way than it may still spend:
crawls that ask for many at a time stay within it too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from archive.model import Link
from crawler.fingerprints import Fingerprints

# Pages without new text that a pattern may bring, more than pages that paid back. Real portals were met with a dozen empty sections in a row.
FRUITLESS = 16
# As many times that for all patterns of one path together: facets make a pattern of each combination of names.
TOGETHER = 3
# Of a page that is no article so many new pieces of text are kept in mind; a list of 20 articles is known again when it comes for the third time.
PIECES = 8
# What has spent all in the portal's last run may try so many pages in the next one: what it brings pays back.
AGAIN = 2
# So many more pages of a pattern may be under way as it has brought good ones, up to this: what is no trap need not wait.
TRUSTED = 64
_NUMBER = re.compile(r"\d+")
_CODE = re.compile(r"(?i)[0-9a-f]{8,}(?:-[0-9a-f]{4,})*|\w*\d\w*")


class Budgets:
    """What each address pattern has spent. What it is made of is what the archive kept of a run that goes on (`Depositor.spent`).

    `texts` and `pieces` are the fingerprints of what was met, `empty` those of what a portal says at addresses that nobody made, with their folder;
    `former` is what the patterns had spent at the end of the portal's run before.
    """

    def __init__(
        self,
        spent: dict[str, int] | None = None,
        texts: Iterable[int] = (),
        pieces: Iterable[int] = (),
        empty: Iterable[tuple[str, int]] = (),
        former: dict[str, int] | None = None,
    ) -> None:
        self._spent = {pattern: before - AGAIN for pattern, before in (former or {}).items() if before >= _most(pattern)} | (spent or {})
        self._texts = Fingerprints(texts)
        self._pieces = Fingerprints(pieces)
        self._out: Counter[str] = Counter()
        self._good: Counter[str] = Counter()
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

    def fresh(self, pieces: Iterable[int]) -> tuple[int, ...]:
        """Those of a page's pieces of text that no page of the chain had, the first few; from now on one has."""
        found: list[int] = []
        for piece in pieces:
            if len(found) < PIECES and self._pieces.add(piece):
                found.append(piece)
        return tuple(found)

    def begin(self, url: str) -> bool:
        """Whether `url` may be asked for now: if all that is under way brought nothing, its patterns could still pay for it. `end` follows."""
        for pattern, most in patterns(url):
            if self._spent.get(pattern, 0) + self._out[pattern] - min(self._good[pattern], TRUSTED) >= most:
                return False
        for pattern, _ in patterns(url):
            self._out[pattern] += 1
        return True

    def end(self, url: str) -> None:
        """What `begin` let go is settled."""
        for pattern, _ in patterns(url):
            self._out[pattern] -= 1
            if not self._out[pattern]:
                del self._out[pattern]

    def pay(self, url: str, *, fruitful: bool) -> dict[str, int]:
        """What the patterns of `url` have spent after it brought something, or nothing; empty if that is as before."""
        changed = {}
        for pattern, most in patterns(url):
            before = self._spent.get(pattern, 0)
            self._good[pattern] += fruitful
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
    made = (f"{shape}?{'&'.join(names)}", f"{shape}?*") if names else (shape,)
    return tuple((pattern, _most(pattern)) for pattern in made)


def _most(pattern: str) -> int:
    return FRUITLESS * (TOGETHER if pattern.endswith("?*") else 1)


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
