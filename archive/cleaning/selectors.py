"""The part of CSS that rules are written in, matched against an index of the page instead of a walk each time.

Supported: `tag`, `*`, `.class`, `#id`, `[name]`, `[name=value]` with `~= ^= $= *=`, `:not(…)` of these, and the
combinators ` `, `>`, `+` and `~`. Everything else is refused with a reason. Case counts, as in pages without a quirk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from typing import Any

from archive.cleaning.parse import Element, Page, inside
from archive.words import say

_PART = re.compile(
    r"(?P<tag>^(?:[A-Za-z][\w-]*|\*))|\.(?P<class>-?[A-Za-z_][\w-]*)|#(?P<id>[A-Za-z_][\w.:-]*)|"
    r"\[\s*(?P<name>[\w:-]+)\s*(?:(?P<op>[~^$*]?=)\s*(?P<quote>[\"']?)(?P<value>[^\"'\]]*)(?P=quote))?\s*\]|"
    r":not\((?P<not>[^()]+)\)"
)
_STEP = re.compile(r"\s*([>+~])\s*|\s+")
_BRACKETED = re.compile(r"\[[^\]]*\]|\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Compound:
    """What one element must be: `div.a.b#c[d=e]:not(.f)`."""

    tag: str = ""
    id: str = ""
    classes: frozenset[str] = frozenset()
    attributes: tuple[tuple[str, str, str], ...] = ()
    nots: tuple[Compound, ...] = ()

    def matches(self, element: Element) -> bool:
        """Whether `element` is such an element."""
        if (self.tag and element.tag != self.tag) or (self.id and element.get("id") != self.id):
            return False
        if self.classes and not self.classes.issubset((element.get("class") or "").split()):
            return False
        if not all(_holds(element.get(name), op, value) for name, op, value in self.attributes):
            return False
        return not any(n.matches(element) for n in self.nots)

    @property
    def names(self) -> list[str]:
        """What the index of a page must hold for this to match anything."""
        found = [*(f".{c}" for c in sorted(self.classes)), *(f"[{name}" for name, _, _ in self.attributes)]
        return [*found, *(f"#{i}" for i in (self.id,) if i), *(t for t in (self.tag,) if t)]


class Selector:
    """One CSS selector. Raises ValueError, saying what is wrong, if it is none or not supported."""

    def __init__(self, css: str) -> None:
        self.css = css
        self._steps = _read(css)
        self._names = frozenset(name for _, compound in self._steps for name in compound.names)
        # Each operator wants the value to stand somewhere in the attribute.
        self._values = [((one.tag, name), value) for _, one in self._steps for name, _, value in one.attributes if value]
        # The rarest kind of name that a page's index must hold for this to match anything.
        self.name = min(sorted(self._names), key=lambda n: "#.[".find(n[0]) % 4, default="html")

    def __reduce__(self) -> tuple[Any, ...]:
        return selector, (self.css,)

    def all(self, page: Page, within: Element | None = None) -> list[Element]:
        """Every element that matches and still stands in the page (or in `within`), in document order."""
        index = page.index
        if self.name not in index or not index.keys() >= self._names:
            return []
        for at, value in self._values:
            if value not in page.borne(at):
                return []
        top = page.root if within is None else within
        return [e for e in _found(page, self._steps) if inside(e, top)]


class Selectors(tuple[Selector, ...]):  # noqa: SLOT001 - has a cache
    """Selectors for one part, best first."""

    def on(self, page: Page) -> Selectors:
        """These, or none if the page has nothing of what they need: most pages have it for no more than a few parts."""
        return NONE if page.index.keys().isdisjoint(self._needed) else self

    @cached_property
    def _needed(self) -> frozenset[str]:
        return frozenset(css.name for css in self)


NONE = Selectors()


def _found(page: Page, steps: list[tuple[str, Compound]]) -> list[Element]:
    """What matches, removed elements included. A bare tag or `*` is looked for below what the steps before it match."""
    combinator, last = steps[-1]
    if len(steps) > 1 and combinator in " >" and not last.classes and not last.id:
        below: dict[Element, None] = {}
        for parent in _found(page, steps[:-1]):
            for element in parent.iter(last.tag or "*") if combinator == " " else parent:
                if element is not parent and last.matches(element):
                    below[element] = None
        return list(below)
    return [e for e in _candidates(page, last) if last.matches(e) and _above(e, steps, len(steps) - 1)]


def _above(element: Element, steps: list[tuple[str, Compound]], at: int) -> bool:
    if at == 0:
        return True
    wanted = steps[at - 1][1]
    holders: Iterable[Element]
    match steps[at][0]:
        case ">":
            holders = islice(element.iterancestors(), 1)
        case "+":
            holders = islice(element.itersiblings(preceding=True), 1)
        case "~":
            holders = element.itersiblings(preceding=True)
        case _:
            holders = element.iterancestors()
    return any(wanted.matches(h) and _above(h, steps, at - 1) for h in holders)


@cache
def selector(css: str) -> Selector:
    """The compiled form of `css`."""
    return Selector(css)


def _candidates(page: Page, compound: Compound) -> list[Element]:
    index = page.index
    if compound.id:
        return index.get(f"#{compound.id}", [])
    if names := compound.names:
        return min((index.get(name, []) for name in names), key=len)
    return list(page.root.iter("*"))


def _holds(given: str | None, op: str, value: str) -> bool:
    if given is None:
        return False
    if op == "~=":
        return value in given.split()
    if op == "^=":
        return bool(value) and given.startswith(value)
    if op == "$=":
        return bool(value) and given.endswith(value)
    if op == "*=":
        return bool(value) and value in given
    return not op or given == value


def _read(css: str) -> list[tuple[str, Compound]]:
    """The steps of a selector, each with the combinator before it."""
    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:
        hidden.append(match.group())
        return f"\x00{len(hidden) - 1}\x01"

    flat = _BRACKETED.sub(hide, css.strip())
    steps: list[tuple[str, Compound]] = []
    combinator, position = "", 0
    for gap in [*_STEP.finditer(flat), None]:
        piece = flat[position : gap.start() if gap else len(flat)]
        steps.append((combinator, _compound(re.sub("\x00(\\d+)\x01", lambda m: hidden[int(m[1])], piece))))
        if gap:
            combinator, position = gap[1] or " ", gap.end()
    return steps


def _compound(text: str) -> Compound:
    tag, id_, classes, attributes, nots, at = "", "", set[str](), list[tuple[str, str, str]](), list[Compound](), 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None or (part["tag"] and at):
            raise ValueError(say("{text} is not understood", text=repr(text[at:])))
        if part["tag"]:
            tag = "" if part["tag"] == "*" else part["tag"].lower()
        elif part["class"]:
            classes.add(part["class"])
        elif part["id"]:
            id_ = part["id"]
        elif part["name"]:
            attributes.append((part["name"].lower(), part["op"] or "", part["value"] or ""))
        else:
            nots.append(_compound(part["not"].strip()))
        at = part.end()
    if not text:
        raise ValueError(say("a part of it is empty"))
    return Compound(tag, id_, frozenset(classes), tuple(attributes), tuple(nots))
