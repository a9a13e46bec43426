"""Where in a page's bytes a place of its article is: from points of the tree (`archive.model.Place`) to byte offsets.

Neither lxml nor libxml2 remembers where an element stood. So the page is parsed once more, every start tag marked with its number in an
attribute of its own, every tag followed by a comment with it: attributes and comments build no other tree, and the very parser that
cleaning used says which tag became which element, which tags it made up and which it passed over. Done only when somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from archive.cleaning.decode import decode, plain
from archive.cleaning.parse import Page, parse, texts
from archive.cleaning.simplify import VOID
from archive.model import Place

_MARK = "tangthu-at"
# A tag begins as browsers see it (HTML standard, 13.2.5); in attributes a quote counts only behind an equals sign.
_TAG = re.compile(
    r"<(?:(?P<comment>!--)|(?P<bogus>[!?]|/[^A-Za-z>])[^>]*>?|(?P<end>/?)(?P<name>[A-Za-z][^\t\n\f\r />]*)"
    r"(?:=[\t\n\f\r ]*+(?:\"[^\"]*+\"|'[^']*+')|[^>])*+>?)"
)
_COMMENT_ENDS = re.compile(r"--!?>")
# Inside these only their own end tag is one (HTML standard, 13.2.6.4.7; scripting is off).
_RAW = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes", "title", "textarea"})
_WIDE = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


class Tag(NamedTuple):
    """A tag in a page's source: `name` as it is written, offsets of its first character and behind its last."""

    name: str
    start: int
    end: int
    closes: bool


class Places:
    """The places of one page: its body as archived, content codings undone, and what the HTTP header declared.

    `exact` is False if the marked page was not parsed to the same tree: no place can be told then.
    """

    def __init__(self, html: bytes, charset: str | None = None) -> None:
        self._html = html
        _, self.encoding = decode(html, charset)
        self._wide = _WIDE.get(self.encoding) if html.startswith(tuple(_WIDE.values())) else None
        # One character a byte: tags are ASCII in every encoding of the web but UTF-16.
        self._view = html[2:].decode(self.encoding, "replace") if self._wide else html.decode("latin-1")
        page = parse(html, "", charset)
        marked = parse(self._marked(), "", self.encoding, comments=True) if page else None
        self.exact = page is not None and marked is not None and _shape(page) == _shape(marked)
        self._points = self._located(marked) if self.exact and marked is not None else []

    def range(self, place: Place) -> tuple[int, int] | None:
        """The bytes [start, end) of the page in which a place lies; None if they cannot be told."""
        if not self.exact or max(place) >= len(self._points) or min(place) < 0:
            return None
        start, end = self._points[place[0]], self._points[place[1]]
        return (self._byte(start), self._byte(end)) if start <= end else None

    def text(self, start: int, end: int) -> str:
        """What the bytes [start, end) say: without their markup, on one line; of an empty element what its attributes say."""
        page = parse((self._wide or b"") + self._html[start:end], "", self.encoding)
        if page is None:
            return ""
        said = plain(" ".join(texts(page.root)))
        return said or plain(" ".join(str(value) for element in page.root.iter("*") for value in element.attrib.values()))

    def _byte(self, at: int) -> int:
        return 2 + len(self._view[:at].encode(self.encoding)) if self._wide else at

    def _marked(self) -> bytes:
        out: list[str] = []
        last = 0
        for number, tag in enumerate(tags(self._view)):
            if not tag.closes:
                behind = tag.start + 1 + len(tag.name)
                out += self._view[last:behind], f" {_MARK}={number} "
                last = behind
            whole = self._view[tag.end - 1] == ">"
            if whole and (tag.closes or tag.name.lower() not in _RAW):
                out += self._view[last : tag.end], f"<!--{number}-->"
                last = tag.end
        marked = "".join([*out, self._view[last:]])
        return self._wide + marked.encode(self.encoding) if self._wide else marked.encode("latin-1")

    def _located(self, marked: Page) -> list[int]:
        """The offset of every point. What a tag closed or opened unsaid lies at that tag."""
        every = list(tags(self._view))
        numbers = {element: number for number, element in enumerate(marked.root.iter("*"))}
        points = [0] * (4 * len(numbers))
        at = 0
        ended: list[int] = []

        def close(start: int, end: int) -> None:
            for number in ended:
                points[4 * number + 2] = points[4 * number + 3] = start
            if ended:
                points[4 * ended[-1] + 3] = end
            ended.clear()

        for event, node in etree.iterwalk(marked.root, events=("start", "end", "comment")):
            if event == "comment":
                if (tag := _numbered(node.text, every)) is not None:
                    close(tag.start, tag.end if tag.closes else tag.start)
                    at = tag.end
            elif event == "end":
                number = numbers[node]
                if node.tag in VOID or (points[4 * number + 1] == at and self._view.endswith("/>", 0, at)):
                    points[4 * number + 2] = points[4 * number + 3] = at
                else:
                    ended.append(number)
            else:
                tag = _numbered(node.get(_MARK), every)
                close(tag.start if tag else at, tag.start if tag else at)
                start, at = (tag.start, tag.end) if tag else (at, at)
                points[4 * numbers[node]], points[4 * numbers[node] + 1] = start, at
        close(len(self._view), len(self._view))
        return points


def tags(source: str) -> Iterator[Tag]:
    """The tags of a page's source, in order: not those in comments, scripts and texts that have no markup."""
    at = 0
    while found := _TAG.search(source, at):
        at = found.end()
        if found["comment"]:
            end = at if source.startswith((">", "->"), at) else None
            closing = _COMMENT_ENDS.search(source, at) if end is None else None
            at = source.find(">", at) + 1 if end is not None else closing.end() if closing else len(source)
        elif found["name"]:
            yield Tag(found["name"], found.start(), at, bool(found["end"]))
            name = found["name"].lower()
            if name == "plaintext" and not found["end"]:
                return
            if name in _RAW and not found["end"]:
                closing = re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE).search(source, at)
                at = closing.start() if closing else len(source)


def _numbered(text: str | None, every: list[Tag]) -> Tag | None:
    return every[int(text)] if text and text.isascii() and text.isdigit() and int(text) < len(every) else None


def _shape(page: Page) -> list[str]:
    return [str(element.tag) for element in page.root.iter("*")]
