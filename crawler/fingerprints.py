"""Sets of 64-bit fingerprints, of addresses and texts, that stay small however much a crawl has met."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable

# So many are held as a set, which is quickest; then they are put away. A crawl of some thousand pages never gets there.
YOUNG = 1 << 16
# Rows of what was put away, by the lowest bits: each is sorted anew by itself, so that little is held twice.
_ROWS = 256


class Fingerprints:
    """Whole numbers of 64 bits with sign, such as `hash()` gives. A million take 9 MB (a set: 69 MB; both by tracemalloc, CPython 3.11).

    That one of a million addresses is taken for another has a chance of 3e-8.
    """

    def __init__(self, marks: Iterable[int] = ()) -> None:
        self._young: set[int] = set()
        self._old: list[array[int]] = []
        for mark in marks:
            self.add(mark)

    def __contains__(self, mark: int) -> bool:
        return mark in self._young or (bool(self._old) and self._put_away(mark))

    def add(self, mark: int) -> bool:
        """Take `mark` in; whether it is new."""
        if mark in self._young or (self._old and self._put_away(mark)):
            return False
        self._young.add(mark)
        if len(self._young) >= YOUNG:
            self._age()
        return True

    def _put_away(self, mark: int) -> bool:
        row = self._old[mark % _ROWS]
        at = bisect_left(row, mark)
        return at < len(row) and row[at] == mark

    def _age(self) -> None:
        rows: list[list[int]] = [[] for _ in range(_ROWS)]
        for mark in self._young:
            rows[mark % _ROWS].append(mark)
        self._young.clear()
        self._old = self._old or [array("q") for _ in range(_ROWS)]
        for number, fresh in enumerate(rows):
            self._old[number] = array("q", sorted([*self._old[number], *fresh]))
