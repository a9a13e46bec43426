"""Two states of an article side by side: which fields differ, and in texts which words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, Literal

from archive.model import Article

# What a reader is shown. Where it came from, what cleaned it and what that cut are no content.
FIELDS = (
    "title", "lead", "text", "html", "authors", "source", "published", "modified", "section", "tags", "language", "images",
    "attachments", "document",
)  # fmt: skip
# Only the archive knows these, and it finds them out anew each time.
_LOOKED_UP = ("capture", "sha256")
_PIECES = re.compile(r"\n+|[^\S\n]+|[^\s]+")
# Words of context that are shown beside a change.
_AROUND = 4
# Beyond so many words each, texts are compared paragraph by paragraph: word by word takes seconds.
_MANY = 20_000
# A line that is a visitor counter or a clock and nothing else is no news. It stays in what is kept; it is not compared.
_COUNTER = r"(?:số )?(?:lượt (?:xem|đọc|truy cập)|truy cập|đang (?:xem|truy cập|online)|views?|hits?|visits?|visitors?|online)"
_CLOCK = r"(?:thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật)?[\s,]*(?:ngày\s*)?[\d/.\-\s,]*\d{1,2}:\d{2}(?::\d{2})?\s*(?:am|pm|gmt\+7)?"
_NOISE = re.compile(rf"(?i)\W*(?:{_COUNTER}\W*[\d.,]+|[\d.,]+\W*{_COUNTER}|{_CLOCK})\W*")

Kind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs; `before` and `after` are its values as the contract's JSON has them."""

    field: str
    before: Any
    after: Any

    @property
    def is_text(self) -> bool:
        """Whether the values are texts that can be compared word by word."""
        return isinstance(self.before or "", str) and isinstance(self.after or "", str)


def changes(before: Article | None, after: Article | None) -> list[Change]:
    """The fields in which two articles differ, in the contract's order; against no article all that have a value."""
    old, new = _content(before), _content(after)
    return [Change(name, old[name], new[name]) for name in FIELDS if (old[name] or None) != (new[name] or None)]


def quiet(article: Article) -> Article:
    """The article without the lines of its text that are a counter or a clock."""
    lines = [line for line in article.text.split("\n") if not _NOISE.fullmatch(line)]
    return replace(article, text=re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip())


def words(before: str, after: str) -> Iterator[tuple[Kind, str]]:
    """The pieces of both texts in reading order: what stayed, what is gone, what is new. Joined they are the texts."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) > _MANY or len(new) > _MANY:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for how, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            yield "same", "".join(old[a:b])
            continue
        if b > a:
            yield "gone", "".join(old[a:b])
        if d > c:
            yield "new", "".join(new[c:d])


def told(before: str, after: str) -> str:
    """The differences as one line for people: `… words [-gone-]{+new+} words …`, long stretches that stayed left out."""
    pieces = list(words(before, after))
    out: list[str] = []
    for number, (kind, text) in enumerate(pieces):
        flat = " ".join(text.split())
        if kind == "gone":
            out.append(f"[-{flat}-]")
        elif kind == "new":
            out.append(f"{{+{flat}+}}")
        elif flat:
            out.append(_shortened(flat, first=number == 0, last=number == len(pieces) - 1))
    return _joined(out)


def _shortened(text: str, *, first: bool, last: bool) -> str:
    every = text.split(" ")
    if len(every) <= 2 * _AROUND:
        return text
    front = [] if first else every[:_AROUND]
    back = [] if last else every[-_AROUND:]
    return " ".join([*front, "…", *back])


def _joined(parts: list[str]) -> str:
    """What is gone stands right before what came in its place."""
    glued = [b if a.startswith("[-") and b.startswith("{+") else f" {b}" for a, b in pairwise(parts)]
    return "".join([*parts[:1], *glued])


def _content(article: Article | None) -> dict[str, Any]:
    if article is None:
        return dict.fromkeys(FIELDS)
    plain = article.to_dict()
    for name in ("images", "attachments"):
        plain[name] = [{k: v for k, v in item.items() if k not in _LOOKED_UP} for item in plain[name]]
    return {name: plain[name] for name in FIELDS}


def replaced_files(before: Article, after: Article) -> list[tuple[str, str, str]]:
    """(address, digest before, digest after) of the attachments that are other files now, as the archive knows them."""
    old = {file.url: file.sha256 for file in before.attachments if file.sha256}
    new = {file.url: file.sha256 for file in after.attachments if file.sha256}
    return [(url, old[url], new[url]) for url in old if url in new and old[url] != new[url]]
