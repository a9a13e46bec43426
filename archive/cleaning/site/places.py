"""Selectors for what was found: the shortest that finds exactly that, on every page that has it."""

from __future__ import annotations

from collections.abc import Sequence

from archive.cleaning.site.book import Sheet
from archive.cleaning.site.outline import Outline

# Steps of a selector beyond the element's own: more tie it to things that have nothing to do with it.
_LONGEST = 8

Place = tuple[Sheet, int]


def selector_for(places: Sequence[Place], *, first: bool = False, others: Sequence[Sheet] = ()) -> str | None:
    """The shortest chain of steps that finds, on each of the sheets, that node and no other.

    With `first` others may follow it. On `others` it must find nothing. None if no chain of lasting names does.
    """
    paths = {s.path_of[n] for s, n in places}
    for path in sorted(paths, key=lambda p: (-sum(s.path_of[n] == p for s, n in places), p)):
        steps = path.split(" > ")
        for length in range(1, min(len(steps), _LONGEST) + 1):
            chain = steps[-length:]
            if not any(_named(s) for s in chain):
                continue
            if not _named(chain[0]) and length < len(steps):
                continue
            if all(_finds(found(s.outline, chain), n, first=first) for s, n in places) and not any(
                found(o.outline, chain) for o in others
            ):
                return " > ".join(chain)
    return None


def _named(step: str) -> bool:
    return "." in step or "#" in step


def _finds(hits: list[int], node: int, *, first: bool) -> bool:
    return bool(hits) and hits[0] == node and (first or len(hits) == 1)


def found(outline: Outline, chain: Sequence[str]) -> list[int]:
    """The nodes at which a chain of steps ends, in document order."""
    wanted = [_split(step) for step in chain]
    tokens = wanted[-1][1]
    if tokens:
        lists = [outline.by_token.get(t, []) for t in tokens]
        candidates = min(lists, key=len)
    else:
        candidates = list(range(len(outline.nodes)))
    return [n for n in candidates if _fits(outline, n, wanted)]


def _fits(outline: Outline, node: int, wanted: list[tuple[str, frozenset[str]]]) -> bool:
    for tag, tokens in reversed(wanted):
        if node < 0:
            return False
        at = outline.nodes[node]
        if at.tag != tag or not tokens <= at.tokens:
            return False
        node = at.parent
    return True


def _split(step: str) -> tuple[str, frozenset[str]]:
    """A step's tag and its classes and ids. An id may not hold a dot (`outline.lasting`)."""
    tag, tokens, at = "", [], 0
    for number, char in enumerate(step):
        if char in ".#":
            if at:
                tokens.append(step[at - 1 : number])
            else:
                tag = step[:number]
            at = number + 1
    if at:
        tokens.append(step[at - 1 :])
    return tag or step, frozenset(tokens)
