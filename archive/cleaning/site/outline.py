"""The outline of a page: its elements and pieces of text in flat lists, small enough to hold dozens of pages side by side."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from archive.cleaning.decode import plain
from archive.cleaning.heading import Meta, names
from archive.cleaning.parse import Element, Page
from archive.cleaning.prose import BLOCKS, wraps

# A page with more elements than this teaches nothing that smaller ones do not.
MOST = 20_000
_NAME = re.compile(r"-?[A-Za-z_][\w-]*", re.ASCII)
# Numbers, hashes and GUIDs change from page to page, or with the next release of a portal.
_VARYING = re.compile(
    r"\d{3}|(?=[a-f0-9]*\d)[a-f0-9]{8}|(?=\w*\d\w*[A-Z]|\w*[A-Z]\w*\d)\w{12}", re.IGNORECASE | re.ASCII
)
_DIGITS = re.compile(r"\d+")


@dataclass(slots=True)
class Node:
    """One element. `first` and `last` bound its pieces of text; `step` says what it is: its tag, lasting classes and id."""

    tag: str
    parent: int
    tokens: frozenset[str]
    first: int
    last: int = 0
    end: int = 0  # the number of the node after the last one inside it
    link: str = ""
    stamp: str = ""
    step: str = ""
    block: bool = False


@dataclass(slots=True)
class Outline:
    """One page's outline. Node 0 is the body. `owner` is the block that a piece of text belongs to."""

    url: str
    digest: str
    nodes: list[Node]
    pieces: list[str]
    owner: list[int]
    linked: list[bool]
    head: str = ""  # what the page's own head calls it
    names: frozenset[str] = frozenset()  # the letters and digits of that, and of its parts
    images: set[int] = field(default_factory=set)
    children: list[list[int]] = field(default_factory=list)
    by_token: dict[str, list[int]] = field(default_factory=dict)

    def text(self, node: int) -> str:
        """The text of a node, pieces joined by a blank."""
        at = self.nodes[node]
        return plain(" ".join(self.pieces[at.first : at.last]))

    def inside(self, node: int, holder: int) -> bool:
        """Whether a node is, or stands in, another."""
        return holder <= node < self.nodes[holder].end

    def above(self, node: int) -> Iterator[int]:
        """The node and everything that it stands in, up to the body."""
        while node >= 0:
            yield node
            node = self.nodes[node].parent

    def path(self, node: int) -> tuple[str, ...]:
        """The steps from the body down to the node."""
        return tuple(self.nodes[n].step for n in self.above(node))[::-1]


def outline(page: Page, digest: str) -> Outline | None:
    """The outline of a parsed page; None if it has too many elements."""
    called, parts = names(Meta(page))
    made = Outline(page.url, digest, [], [], [], [], called[0] if called else "", frozenset(p for p in parts if p))
    nodes, pieces, owner, linked = made.nodes, made.pieces, made.owner, made.linked
    open_nodes: list[int] = []
    blocks: list[int] = []
    links = 0
    body = page.body
    for event, element in etree.iterwalk(body, events=("start", "end")):
        tag = element.tag
        if event == "start":
            number = len(nodes)
            if number >= MOST:
                return None
            node = Node(tag, open_nodes[-1] if open_nodes else -1, _tokens(element), len(pieces))
            nodes.append(node)
            open_nodes.append(number)
            if tag == "a":
                links += 1
                node.link = element.get("href") or ""
            elif tag == "time":
                node.stamp = element.get("datetime") or ""
            elif tag == "img":
                made.images.add(number)
            if tag in BLOCKS or (len(element) and wraps(element)):
                node.block = True
                blocks.append(number)
            text = element.text
        else:
            number = open_nodes.pop()
            nodes[number].last, nodes[number].end = len(pieces), len(nodes)
            if tag == "a":
                links -= 1
            if nodes[number].block:
                blocks.pop()
            text = element.tail if element is not body else None
        if text and not text.isspace() and blocks:
            pieces.append(text)
            owner.append(blocks[-1])
            linked.append(links > 0)
    made.children = [[] for _ in nodes]
    by_token = defaultdict[str, list[int]](list)
    for number, node in enumerate(nodes):
        if number:
            made.children[node.parent].append(number)
        for token in node.tokens:
            by_token[token].append(number)
    made.by_token = dict(by_token)
    return made


def _tokens(element: Element) -> frozenset[str]:
    if not element.attrib:
        return frozenset()
    return _read((element.get("class") or "")[:400], (element.get("id") or "")[:100])


@lru_cache(8192)
def _read(classes: str, name: str) -> frozenset[str]:
    found = {f".{c}" for c in classes.split() if lasting(c)}
    if name and lasting(name):
        found.add(f"#{name}")
    return frozenset(found)


def lasting(name: str) -> bool:
    """Whether a class or id can be the same on the next page, and can be written in a selector."""
    return _NAME.fullmatch(name) is not None and _VARYING.search(name) is None


def key(text: str) -> str:
    """By which one text is the same as another: numbers do not count, for counters and clocks."""
    return _DIGITS.sub("#", text.casefold())
