"""Where articles stand on a host: each page says which element holds its own prose, and the pages vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from archive.cleaning.site.book import Book, Sheet

# Less prose of its own than this, in characters, and a page has no vote.
_VOTE = 60
# A container holds this share of its page's own prose; what is left stands in leads, boxes and advertisements.
_SHARE = 0.6
# How far a page is followed down: below, no element holds most of it.
_DESCENT = 0.4
# Of two containers of which one holds the other, the inner one is preferred if it loses no more pages than this share.
_INNER = 0.9
_NEVER = frozenset({"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "dt", "dd", "tr", "tbody", "thead",
                    "blockquote", "figure", "body"})  # fmt: skip


@dataclass(slots=True)
class Template:
    """Pages of one make: the element that holds the article on each."""

    places: list[tuple[Sheet, int]]


def templates(book: Book, served: Collection[str] = (), least: int = 2) -> list[Template]:
    """The templates of articles on a host, the one with most pages first; each has at least `least` distinct pages.

    Pages whose digest is among the `served` have rules already and no vote.
    """
    left = [s for s in book.sheets if s.weight(s.mass, 0) >= _VOTE and s.outline.digest not in served]
    made: list[Template] = []
    while len(left) >= least:
        path = _chosen(left, least)
        if path is None:
            break
        places = [(s, n) for s in left if (n := _holder(s, path)) is not None]
        made.append(Template(places))
        taken = {id(s) for s, _ in places}
        left = [s for s in left if id(s) not in taken]
    return made


def _chosen(sheets: Sequence[Sheet], least: int) -> str | None:
    """The path that the pages agree on: the innermost of those that hold the prose of most of them."""
    votes: Counter[str] = Counter()
    for sheet in sheets:
        votes.update(set(_descent(sheet)))
    covers = {path: sum(_holder(s, path) is not None for s in sheets) for path in votes}
    best = max(covers.values(), default=0)
    if best < least:
        return None
    good = [path for path, cover in covers.items() if cover >= max(least, _INNER * best)]
    return max(good, key=lambda p: (p.count(" > "), covers[p], p))


def _descent(sheet: Sheet) -> list[str]:
    """The paths of the elements that hold much of a page's prose, from the body down."""
    outline, at = sheet.outline, 0
    total = sheet.weight(sheet.mass, 0)
    paths: list[str] = []
    while True:
        children = outline.children[at]
        child = max(children, key=lambda c: (sheet.weight(sheet.mass, c), -c), default=None)
        if child is None or sheet.weight(sheet.mass, child) < _DESCENT * total:
            return paths
        at = child
        node = outline.nodes[at]
        # A nameless element without others in it is a paragraph.
        if (
            node.block
            and node.tag not in _NEVER
            and (node.tokens or any(sheet.weight(sheet.mass, c) for c in outline.children[at]))
        ):
            paths.append(sheet.path_of[at])


def _holder(sheet: Sheet, path: str) -> int | None:
    """The one element at `path` that has prose, if it holds most of the page's."""
    nodes = [n for n in sheet.paths.get(path, ()) if sheet.weight(sheet.mass, n)]
    if (
        len(nodes) != 1
        or len(sheet.paths[path]) > 1
        or sheet.weight(sheet.mass, nodes[0]) < _SHARE * sheet.weight(sheet.mass, 0)
    ):
        return None
    return nodes[0]
