"""Byline, source and photo credit at the end of a body: which lines are such, and which only look like it.

Wrong authors are worse than none: the signer of a document, a place, a closing formula or a list of names is no signature.
"""

from __future__ import annotations

import re
from typing import Protocol

from archive.cleaning.blocks import Block
from archive.cleaning.chrome import Cuts
from archive.cleaning.people import Credit, credit
from archive.cleaning.proper_names import AGENCY
from archive.model import Place

_PROSE = ("text", "heading", "item", "quote")
_LINE = 160
_TAIL = 6
# More lines of bare names are a list of people.
_NAMES = 3
_CLASSED = re.compile(r"author|tac-?gia|byline|nguoi-?viet|signature", re.IGNORECASE)
# Who signs documents, and what stands by signatures.
_OFFICE = re.compile(
    r"^\W*(?:(?:TM|KT|TL|TUQ|T/M|K/T)\s?[./]|\(?đã ký|người (?:ký|lập|làm đơn|viết đơn|báo cáo)|nơi nhận|thủ trưởng|"
    r"(?:phó |q\. ?)?(?:chủ tịch|giám đốc|tổng giám đốc|bí thư|bộ trưởng|thứ trưởng|cục trưởng|chi cục trưởng|chánh (?:văn phòng|thanh tra|án)|"
    r"hiệu trưởng|trưởng (?:ban|phòng|đoàn|công an)|viện trưởng|chủ nhiệm|thủ tướng|chủ toạ|chủ tọa)(?!\w))",
    re.IGNORECASE,
)
_MOTTO = re.compile(r"cộng hoà xã hội chủ nghĩa việt nam|cộng hòa xã hội chủ nghĩa việt nam", re.IGNORECASE)
_HEADER = 8
_SENTENCE = re.compile(r"(?:/\.|[.!?…][”\"’)]?)\s+(?P<name>[^.!?…]{2,40})$")
_INLINE_SOURCE = re.compile(r"\((?:theo|nguồn:?)\s[^()]{2,40}\)\s*\.?$", re.IGNORECASE)
_TOKEN = re.compile(r"<[^>]*>|&[^;\s<&]{1,10};|[^<&]+|[<&]")
_EMPTY = re.compile(r"<(strong|em|a|sub|sup|code)\b[^>]*>\s*</\1>")


class Credits(Protocol):
    """Where credits are gathered, with the places they were read at."""

    authors: list[str]
    source: str | None
    places: dict[str, list[Place | None]]


def tail(blocks: list[Block], body: Credits, cuts: Cuts) -> list[Block]:
    """The blocks without the credits at their end, which are read into `body`, each with its cut."""
    candidates = [b for b in blocks if b.kind in _PROSE and b.role not in ("caption", "attachment")]
    document = any("nghĩa" in b.text.lower() and _MOTTO.search(b.text) for b in candidates[:_HEADER])
    found: list[tuple[Block, Credit]] = []
    for index in range(len(candidates) - 1, max(0, len(candidates) - _TAIL - 1), -1):
        read = _signature(candidates, index, document=document)
        if read is None:
            break
        found.append((candidates[index], read))
    if sum(not read.labelled and bool(read.authors) for _, read in found) > _NAMES:
        found = []
    for block, read in found:
        take(read, body, block, before=True)
        cuts.add(read.rule, block.text, block.where)
    gone = {id(block) for block, _ in found}
    kept = [b for b in blocks if id(b) not in gone]
    if not document:
        last = next((b for b in reversed(candidates) if id(b) not in gone), None)
        if last is not None and last is not candidates[0]:
            _within(last, body, cuts)
    return kept


def head(blocks: list[Block], body: Credits, cuts: Cuts) -> list[Block]:
    """The blocks without the lines of credits that stand before the first prose."""
    gone: set[int] = set()
    for block in blocks[:_TAIL]:
        if block.kind not in _PROSE:
            continue
        read = _read(block) if block.role != "caption" else None
        if read is not None and (read.labelled or read.source) and read.rule != "photo-credit":
            take(read, body, block, before=False)
            cuts.add(read.rule, block.text, block.where)
            gone.add(id(block))
        elif len(block.text) > _LINE // 2:
            break
    return [b for b in blocks if id(b) not in gone]


def after(blocks: list[Block], body: Credits, cuts: Cuts) -> int:
    """Read credits from blocks that follow the container; how many were such lines."""
    for count, block in enumerate(blocks):
        read = _read(block) if block.kind in _PROSE else None
        if read is None or not (read.labelled or read.source or not read.authors or _set_apart(block)):
            return count
        take(read, body, block, before=False)
        cuts.add(read.rule, block.text, block.where)
    return len(blocks)


def credits_like(text: str) -> bool:
    """Whether a text reads like a line of credits, as far as that can be told without its markup."""
    return credit(text, set_apart=True) is not None


def take(read: Credit, body: Credits, block: Block, *, before: bool) -> None:
    """Add what a line says; its people come `before` those who are known already, or behind."""
    if read.authors:
        body.authors = list(dict.fromkeys([*read.authors, *body.authors] if before else [*body.authors, *read.authors]))
        places = body.places.setdefault("authors", [])
        if block.where not in places:
            places.insert(0 if before else len(places), block.where)
    if read.source and not body.source:
        body.source = read.source
        body.places["source"] = [block.where]


def _signature(candidates: list[Block], index: int, *, document: bool) -> Credit | None:
    """The credits in one of the last lines, unless it belongs to something else."""
    block = candidates[index]
    read = _read(block)
    if read is None or read.labelled or not read.authors:
        return read
    if document or any(_OFFICE.match(b.text) for b in candidates[max(0, index - 3) : index] if len(b.text) <= 80):
        return None
    if block.kind in ("item", "heading") and block.align != "right":
        return None
    return read


def _read(block: Block) -> Credit | None:
    if len(block.text) > _LINE or _OFFICE.match(block.text):
        return None
    made = Credit("byline")
    for line in block.text.split("\n"):
        read = credit(line, set_apart=_set_apart(block))
        if read is None:
            return None
        made.rule = read.rule
        made.authors += read.authors
        made.source = made.source or read.source
        made.labelled = made.labelled or read.labelled
    return made


def _set_apart(block: Block) -> bool:
    telling = block.align == "right" or _CLASSED.search(block.classes) is not None
    return telling or block.share(block.bold) > 0.8 or block.share(block.italic) > 0.8


def _within(block: Block, body: Credits, cuts: Cuts) -> None:
    """Credits at the end of the last paragraph: on a line of their own, bold or italic behind the full stop, or in brackets."""
    while found := _last(block):
        line, read = found
        take(read, body, block, before=True)
        cuts.add(read.rule, line, block.where)
        _shorten(block, block.text[: len(block.text) - len(line)].rstrip(), line)


def _last(block: Block) -> tuple[str, Credit] | None:
    """The last credit in a paragraph, and its text."""
    rest, _, line = block.text.rpartition("\n")
    marked = re.search(r"</(?:strong|em)>$", block.html) is not None
    if rest and not _OFFICE.match(rest.rpartition("\n")[2]) and (read := credit(line, set_apart=marked)):
        return line, read
    if (m := _INLINE_SOURCE.search(block.text)) and m.start() > len(rest) and (read := credit(m[0])):
        alone = block.text[: m.start()].rstrip().endswith((".", "!", "?", "…", "”", '"'))
        return (m[0], read) if alone or AGENCY.fullmatch(read.source or "") else None
    if marked and (m := _SENTENCE.search(block.text)) and (read := credit(m["name"], set_apart=True)):
        whole = re.search(rf">{re.escape(m['name'])}\.?</(?:strong|em)>(?:</(?:strong|em)>)?$", block.html)
        return (m["name"], read) if whole else None
    return None


def _shorten(block: Block, text: str, gone: str) -> None:
    """Leave `text` of a block, and of its markup what that text has."""
    count = sum(not c.isspace() for c in gone)
    tokens = _TOKEN.findall(block.html)
    for index in range(len(tokens) - 1, -1, -1):
        if count <= 0:
            break
        token = tokens[index]
        if token.startswith("<") and len(token) > 1:
            continue
        if token.startswith("&") and token.endswith(";"):
            tokens[index], count = "", count - 1
            continue
        while token and count > 0:
            count -= not token[-1].isspace()
            token = token[:-1]
        tokens[index] = token
    html = "".join(tokens)
    while (shorter := re.sub(r"(?:\s|<br>)+((?:</\w+>)*)$", r"\1", _EMPTY.sub("", html))) != html:
        html = shorter
    block.text, block.html = text, html
