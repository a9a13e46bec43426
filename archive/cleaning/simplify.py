"""Markup of which no tree should be made, written simpler: nested too deep, too many elements, too many attributes.

All words stay, in order; what was left out is counted by its kind. libxml2 stops at 2,048 open elements, compares each attribute of
an element with all others (200,000 take it two minutes), and 100,000 elements take 80 MB as Python sees them.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import cast

# Of 227 real pages (../shared/eval) the deepest nests 51 elements, the largest has 1,596, one element 64 attributes.
DEEPEST = 200
MOST = 30_000
# Links are kept a little further: a crawl reads them.
_LINKS = 45_000
_ATTRIBUTES = 200
# A shorter tag holds too few attributes to matter; a longer attribute is only kept where it is an image or a document itself.
_LONG = 20_000
_ADDRESSES = ("src", "href", "data")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]*)(?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+'|[\"'](?=[^<>]*+>))*+>?|<!--")
_LONG_TAG = re.compile(rb"<[A-Za-z](?>[^>\"'<]++|\"[^\"]*+\"|'[^']*+'|[\"'<])*+")
_START = re.compile(rb"<[A-Za-z]")
# One that does not end at its first ">", or has "<" in it.
_ODD_TAG = re.compile(rb"<[A-Za-z][^<>\"']*+(?:(?:\"[^\"<>]*+\"|'[^'<>]*+')[^<>\"']*+)*+(?!>)")
_ATTRIBUTE = re.compile(r"[^\s\"'=<>/]+(?:\s*=\s*(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'>]+))?")
_BLOCKS = frozenset({
    "div", "p", "section", "article", "table", "tr", "td", "th", "ul", "ol", "li", "blockquote", "center", "form",
    "dl", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
VOID = frozenset({
    "br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr", "param",
})  # fmt: skip
_SELF_CLOSING = frozenset({"p", "li", "td", "th", "tr", "dt", "dd", "option"})


def excessive(source: bytes) -> bool:
    """Whether a page has too many elements or attributes for a tree, whatever their nesting."""
    if source.count(b"<") > MOST and source.count(b"<") - source.count(b"</") - source.count(b"<!") > MOST:
        return True
    if len(source) <= _LONG:
        return False
    if _unbroken(source):
        return any(_is_crowded(tag) for tag in _LONG_TAG.findall(source))
    at = 0
    while odd := _ODD_TAG.search(source, at):  # all others end at their first ">"
        tag = cast("re.Match[bytes]", _LONG_TAG.match(source, odd.start()))
        if _is_crowded(tag.group()):
            return True
        at = tag.end()
    return False


def _is_crowded(tag: bytes) -> bool:
    return len(tag) > _LONG and len(tag.split()) > _ATTRIBUTES


def _unbroken(source: bytes) -> bool:
    """Whether a tag may be long that has no ">" inside: so many bytes without one, and a tag begins in them."""
    at = 0
    while at + _LONG <= len(source):
        if (last := source.rfind(b">", at, at + _LONG)) < 0:
            if (last := source.find(b">", at)) < 0:
                last = len(source)
            if _START.search(source, at, last):
                return True
        at = last + 1
    return False


def simplified(text: str) -> tuple[str, Counter[str]]:
    """`text` without the tags that are too many, and how many of each kind were left out: `depth`, `size`, `attributes`."""
    work = _Simplifying(text)
    return work.run(), work.left_out


class _Simplifying:
    def __init__(self, text: str) -> None:
        self.text = text
        self.left_out = Counter[str]()
        self._open: list[str] = []
        self._dropped: Counter[str] = Counter()
        self._elements = 0
        self._rest = False  # behind the last element that found room: one `pre`, whose lines are blocks

    def run(self) -> str:
        text, out, last, position = self.text, list[str](), 0, 0
        while match := _TAG.search(text, position):
            position = match.end()
            name = (match[2] or "").lower()
            if not name or (name in ("script", "style") and not match[1]):
                mark = "-->" if not name else f"</{name}"
                end = text.find(mark, position)
                out.append(text[last : match.start()])
                position = last = len(text) if end < 0 else text.find(">", end) + 1 or len(text)
                continue
            written = self._written(match, name)
            if written is not None:
                if piece := text[last : match.start()]:
                    out.append(piece)
                if written and (piece or written != "\n" or out[-1:] != ["\n"]):  # an empty line is none
                    out.append(written)
                last = match.end()
        out += text[last:], "</pre>" if self._rest else ""
        return "".join(out)

    def _written(self, match: re.Match[str], name: str) -> str | None:
        """What is written for a tag; None if it stays as it is."""
        if not match[1]:
            self._elements += 1
        if self._elements > MOST:
            return self._in_rest(match, name)
        if name == "embed":  # void, but libxml2 would put what follows into it
            return "" if match[1] else f"{match.group()}</embed>"
        if name not in VOID and not (self._close(name) if match[1] else self._start(name)):
            self.left_out["depth"] += not match[1]
            return "<br>" if name in _BLOCKS else ""
        return self._shortened(match, name) if match.end() - match.start() > _LONG else None

    def _in_rest(self, match: re.Match[str], name: str) -> str | None:
        """Behind the last element: blocks begin lines, links stay as long as there is room for them."""
        start = ""
        if not self._rest:
            self._rest = True
            start = "".join(f"</{n}>" for n in reversed(self._open) if n not in ("html", "body")) + "<pre>"
        if name == "a" and self._elements <= _LINKS and match.end() - match.start() <= _LONG and match[0].endswith(">"):
            return start + match.group() if start else None
        self.left_out["size"] += not match[1]
        return start + ("\n" if name in _BLOCKS or name == "br" else "")

    def _shortened(self, match: re.Match[str], name: str) -> str | None:
        every = _ATTRIBUTE.findall(match.group()[len(name) + 1 :].rstrip(">/"))
        kept = [a for a in every[:_ATTRIBUTES] if len(a) <= _LONG or a.lower().startswith(_ADDRESSES)]
        if len(kept) == len(every):
            return None
        self.left_out["attributes"] += len(every) - len(kept)
        return f"<{name} {' '.join(kept)}>"

    def _start(self, name: str) -> bool:
        if name in _SELF_CLOSING and self._open and self._open[-1] == name:
            return True
        if len(self._open) >= DEEPEST // 2:
            self._dropped[name] += 1
            return False
        self._open.append(name)
        return True

    def _close(self, name: str) -> bool:
        if self._dropped[name]:
            self._dropped[name] -= 1
            return False
        if name in self._open:
            while self._open.pop() != name:
                pass
        return True
