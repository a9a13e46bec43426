"""The pages of one host side by side: which texts are a page's own, which are on every page, which announce other pages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.cleaning.decode import plain
from archive.cleaning.heading import bare
from archive.cleaning.parse import absolute
from archive.cleaning.site.outline import Node, Outline, key
from archive.cleaning.words import HEADINGS

# A shorter block is a label or a number.
_LABEL = 15
# A text that so many pages have is the portal's, not the page's: this share of them, or this many if they are few.
_SHARED = 0.12
# Long enough that two pages do not share it by chance.
_LONG = 40
# Two pages that share more of their long texts are one page under two addresses.
_SAME = 0.6
# A linked text from which on it is a heading and not a word.
_HEADING = 12
# The longest announcement of one other page, its heading left out.
_TEASER = 400
# The longest title.
_TITLE = 300
_ROW = frozenset({"p", "td", "th", "span"})


@dataclass(slots=True)
class Sheet:
    """A page in the book. `mass` sums up, piece by piece, the characters that are the page's own prose.

    `own` does so for all its own text, however short, `size` for all text, `tied` for what is linked or announces another page.
    """

    outline: Outline
    blocks: dict[int, tuple[str, int, int]]  # by owner: key of its text, characters, of these linked
    announcing: list[bool]
    mass: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    tied: list[int] = field(default_factory=list)
    paths: dict[str, list[int]] = field(default_factory=dict)
    path_of: list[str] = field(default_factory=list)
    called: frozenset[str] = frozenset()  # what links on other pages call it

    def weight(self, sums: list[int], node: int) -> int:
        """What one of the sums has inside a node."""
        at = self.outline.nodes[node]
        return sums[at.last] - sums[at.first]

    def is_called(self, text: str) -> bool:
        """Whether the page's head, or a link on another page, calls the page so."""
        return len(text) > 5 and (bare(text) in self.outline.names or text in self.called)


class Book:
    """The distinct pages among those given; of several alike the first by digest and address stays."""

    def __init__(self, outlines: Sequence[Outline]) -> None:
        ordered = sorted(outlines, key=lambda o: (o.digest, o.url))
        sheets = [_sheet(o) for o in {o.digest: o for o in reversed(ordered)}.values()]
        sheets.sort(key=lambda s: s.outline.digest)
        self.copies = [s.outline for s in sheets]
        self.sheets = _distinct(sheets)
        self.shared = _shared(self.sheets)
        steps = _lasting([s.outline for s in sheets])
        called = _anchors(sheets)
        for sheet in self.sheets:
            sheet.called = frozenset(called.get(sheet.outline.url, ()))
            self._weigh(sheet)
            _place(sheet, steps)

    def is_shared(self, text_key: str) -> bool:
        """Whether a text is the portal's: on many pages, where it announces nothing."""
        return text_key in self.shared

    def _weigh(self, sheet: Sheet) -> None:
        outline = sheet.outline
        for sums in (sheet.mass, sheet.own, sheet.size, sheet.tied):
            sums.append(0)
        titles = {owner for owner in sheet.blocks if self._names(sheet, owner)}
        for number, piece in enumerate(outline.pieces):
            owner = outline.owner[number]
            text_key, size, linked = sheet.blocks[owner]
            length = len(piece.strip())
            tied = outline.linked[number] or sheet.announcing[number]
            own = 0 if tied or text_key in self.shared else length
            prose = own if size >= _LABEL and 2 * linked <= size and owner not in titles else 0
            for sums, value in (
                (sheet.mass, prose), (sheet.own, own), (sheet.size, length), (sheet.tied, length if tied else 0),
            ):  # fmt: skip
                sums.append(sums[-1] + value)

    def _names(self, sheet: Sheet, owner: int) -> bool:
        """Whether a block is a heading, or what the page is called."""
        node = sheet.outline.nodes[owner]
        if node.tag in HEADINGS:
            return True
        _, size, linked = sheet.blocks[owner]
        return size <= _TITLE and not linked and sheet.is_called(sheet.outline.text(owner))


def _sheet(outline: Outline) -> Sheet:
    pieces: dict[int, list[int]] = defaultdict(list)
    for number, owner in enumerate(outline.owner):
        pieces[owner].append(number)
    blocks = {}
    for owner, numbers in pieces.items():
        text = plain(" ".join(outline.pieces[n] for n in numbers))
        linked = sum(len(outline.pieces[n].strip()) for n in numbers if outline.linked[n])
        blocks[owner] = key(text), len(text), linked
    return Sheet(outline, blocks, _announcing(outline, blocks))


def _announcing(outline: Outline, blocks: dict[int, tuple[str, int, int]]) -> list[bool]:
    """Which pieces of text belong to announcements of other pages: rows of alike elements that begin with a link."""
    marks = [False] * len(outline.pieces)
    begins = [_begins_linked(outline, node) for node in outline.nodes]
    for children in outline.children:
        if len(children) < 2:
            if children:
                _mark_teaser(outline, children[0], begins, blocks, marks)
            continue
        rows: dict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
        for child in children:
            node = outline.nodes[child]
            if node.last > node.first:
                rows[node.tag, node.tokens].append(child)
        for (tag, _), row in rows.items():
            heads = [c for c in row if begins[c]]
            if len(heads) * 5 >= len(row) * 3 and len(row) >= (3 if tag in _ROW else 2):
                for child in row:
                    _mark(outline, child, marks)
            elif tag not in _ROW:
                for child in heads:
                    _mark_teaser(outline, child, begins, blocks, marks)
    return marks


def _mark(outline: Outline, node: int, marks: list[bool]) -> None:
    at = outline.nodes[node]
    marks[at.first : at.last] = [True] * (at.last - at.first)


def _mark_teaser(
    outline: Outline, node: int, begins: list[bool], blocks: dict[int, tuple[str, int, int]], marks: list[bool]
) -> None:
    """Mark a lone announcement: a block with a class or id of its own, a linked heading of its own, a short rest."""
    at = outline.nodes[node]
    if not begins[node] or not at.tokens or at.tag in _ROW:
        return
    _, size, linked = blocks[outline.owner[at.first]]
    pieces = range(at.first, at.last)
    rest = sum(len(outline.pieces[n].strip()) for n in pieces if not outline.linked[n])
    if linked * 10 >= size * 9 and rest <= _TEASER:
        _mark(outline, node, marks)


def _begins_linked(outline: Outline, node: Node) -> bool:
    for number in range(node.first, min(node.last, node.first + 4)):
        text = outline.pieces[number].strip()
        if len(text) >= _HEADING or (outline.linked[number] and len(text) > 3):
            return outline.linked[number] and len(text) >= _HEADING
    return False


def _distinct(sheets: list[Sheet]) -> list[Sheet]:
    """One of each: pages that share most of their long texts are one page."""
    texts = [
        {
            k
            for owner, (k, size, linked) in s.blocks.items()
            if size >= _LONG and 2 * linked <= size and not _told(s, owner)
        }
        for s in sheets
    ]
    seen = Counter(k for every in texts for k in every)
    own = [{k for k in every if 2 * seen[k] <= max(len(sheets), 4)} for every in texts]
    kept: list[int] = []
    for number, mine in enumerate(own):
        if not any(mine and len(mine & own[k]) >= _SAME * len(mine | own[k]) for k in kept):
            kept.append(number)
    return [sheets[k] for k in kept]


def _told(sheet: Sheet, owner: int) -> bool:
    at = sheet.outline.nodes[owner]
    return sheet.announcing[at.first] if at.last > at.first else False


def _shared(sheets: list[Sheet]) -> frozenset[str]:
    seen: Counter[str] = Counter()
    for sheet in sheets:
        seen.update({k for owner, (k, _, _) in sheet.blocks.items() if not _told(sheet, owner)})
    pages = len(sheets)
    least = 2 if pages < 5 else max(3, -int(-_SHARED * pages // 1))
    return frozenset(k for k, count in seen.items() if count >= least)


def _lasting(outlines: list[Outline]) -> dict[tuple[str, frozenset[str]], str]:
    """The step of each kind of element: its tag with those classes and ids that at least two pages have."""
    seen: Counter[str] = Counter()
    kinds: set[tuple[str, frozenset[str]]] = set()
    for outline in outlines:
        seen.update(outline.by_token.keys())
        kinds.update((n.tag, n.tokens) for n in outline.nodes)
    return {
        (tag, tokens): tag + "".join(sorted((t for t in tokens if seen[t] > 1), key=lambda t: (t[0] == "#", t)))
        for tag, tokens in kinds
    }


def _place(sheet: Sheet, steps: dict[tuple[str, frozenset[str]], str]) -> None:
    """Give every element its step and its path from the body."""
    outline = sheet.outline
    paths: dict[str, list[int]] = defaultdict(list)
    at: list[str] = []
    for number, node in enumerate(outline.nodes):
        node.step = steps[node.tag, node.tokens]
        at.append(f"{at[node.parent]} > {node.step}" if number else "body")
        paths[at[-1]].append(number)
    sheet.paths, sheet.path_of = dict(paths), at


def _anchors(sheets: list[Sheet]) -> dict[str, set[str]]:
    """What the links on these pages call the pages that they lead to: text by address."""
    named: dict[str, set[str]] = defaultdict(set)
    for sheet in sheets:
        outline = sheet.outline
        # From the root on, the same link leads to the same place on every page: it is joined once (a third of what learning a site took).
        root = "/".join([*outline.url.split("/", 3)[:3], ""])
        for number, node in enumerate(outline.nodes):
            if node.link and node.link[0] != "#" and len(text := outline.text(number)) >= _HEADING:
                address = absolute(root if node.link[0] == "/" else outline.url, node.link)
                if address and address != outline.url:
                    named[address.partition("#")[0]].add(text)
    return named
