"""What each block of a body is: prose, caption, byline, source line, date line, heading of a list, button."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.cleaning.blocks import Block
from archive.cleaning.captions import mark_captions
from archive.cleaning.chrome import Cuts
from archive.cleaning.dates import another_date, date_line, only_date
from archive.cleaning.people import beside_date
from archive.cleaning.signatures import head, tail, take
from archive.cleaning.words import ADDRESS, RELATED, RELATED_LABEL, SKIP, TOOL
from archive.model import Place

_PROSE = ("text", "heading", "item", "quote")
_CAPTION = 400
_LINE = 80
_LEAD = 40
# A longer block says more than the names of documents.
_NAMES = 2000
_TITLE_LINES = 4


@dataclass(slots=True)
class Body:
    """The blocks that stay, with what was read from those that do not."""

    blocks: list[Block] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    source: str | None = None
    published: str | None = None
    places: dict[str, list[Place | None]] = field(default_factory=dict)


def assign(blocks: list[Block], title: str | None, cuts: Cuts, captions: frozenset[str] = frozenset()) -> Body:
    """Give every block its role (`Block.role`) and take out what is no part of the article, each with its rule.

    `captions` are texts that the rules' selectors found to be captions.
    """
    body = Body()
    kept = _without_lists(blocks, cuts)
    kept = _without_lines(kept, title, body, cuts)
    mark_captions(kept, captions)
    kept = tail(head(kept, body, cuts), body, cuts)
    body.blocks = _without_last_headings(kept, cuts)
    return body


def mark_lead(blocks: list[Block]) -> None:
    """Mark the first paragraph as the lead if it is set apart: bold as a whole, and a sentence."""
    prose = [b for b in blocks if b.kind in ("text", "quote") and not b.role]
    if len(prose) < 2 or any(b.kind == "heading" for b in blocks[: blocks.index(prose[0])]):
        return
    first = prose[0]
    if first.share(first.bold) > 0.8 and len(first.text) >= _LEAD and not first.text.isupper():
        if len(prose) > 2 and all(p.share(p.bold) > 0.8 for p in prose[1:3]):
            return
        first.role = "lead"


def _without_lists(blocks: list[Block], cuts: Cuts) -> list[Block]:
    """Lists of other articles: from their heading on, as long as links follow; and blocks that are links only."""
    kept: list[Block] = []
    in_list = False
    prose = frozenset(b.group for b in blocks if b.kind == "item" and b.share(b.linked) <= 0.5)
    for block in blocks:
        linked = block.text and block.share(block.linked) > 0.6 and not block.links
        if block.kind in _PROSE:
            if RELATED.fullmatch(block.text) or (linked and RELATED_LABEL.match(block.text)) or (in_list and (linked or only_date(block.text))):
                in_list = True
                cuts.add("related", block.text, block.where)
                continue
            in_list = False
            if linked and len(block.text) < _CAPTION and block.share(block.linked) > 0.9 and _navigates(block, prose):
                cuts.add("links", block.text, block.where)
                continue
        elif in_list and block.kind == "image":
            cuts.add("related", block.url, block.where)
            continue
        kept.append(block)
    return kept


def _navigates(block: Block, prose: frozenset[int]) -> bool:
    """Whether a wholly linked block is navigation: an item of a list without a word of its own, or a bare paragraph.

    An address written out is a reference, and a link to another site is what the paragraph is about.
    """
    if block.kind == "item":
        return block.group not in prose
    return block.kind != "heading" and not ADDRESS.match(block.text) and 2 * block.outward <= block.linked


def _without_lines(blocks: list[Block], title: str | None, body: Body, cuts: Cuts) -> list[Block]:
    """The title repeated, the date line, buttons, counters, and paragraphs that are only links to attachments."""
    kept: list[Block] = []
    for index, block in enumerate(blocks):
        if block.kind in _PROSE:
            rule = ""
            if title and index < _TITLE_LINES and block.text.casefold() == title.casefold():
                rule = "title"
            elif len(block.text) <= _LINE and TOOL.fullmatch(block.text):
                rule = "tools"
            elif SKIP.fullmatch(block.text):
                rule = "skip-link"
            elif len(kept) < _TITLE_LINES and (found := _own_date(block, kept, body)):
                rule, body.published = "date", body.published or found
                body.places.setdefault("published", [block.where])
            if rule:
                cuts.add(rule, block.text, block.where)
                continue
            if block.links and (block.share(block.linked) > 0.6 or _only_names(block)):
                block.role = "attachment"
                cuts.add("attachment", block.text, block.where)
        elif block.kind == "file":
            block.role = "attachment"
        kept.append(block)
    return kept


def _own_date(block: Block, before: list[Block], body: Body) -> str | None:
    """The page's own date, if a line tells it: behind the first prose only with a label that says so, and alone.

    What stands beside it in that line is read too.
    """
    found = date_line(block.text)
    prose = any(b.kind in _PROSE and len(b.text) > _LINE for b in before)
    labelled = bool(before) and len(before[-1].text) <= _LINE and another_date(before[-1].text)
    if not found or labelled or (prose and not (found[0].label and only_date(block.text))):
        return None
    if read := beside_date(block.text):
        take(read, body, block, before=False)
    return found[0].moment


def _only_names(block: Block) -> bool:
    rest = block.text
    if len(rest) > _NAMES:
        return False
    for link in block.links:
        rest = rest.replace(link.name, "")
    return len(rest) < 30


def _without_last_headings(blocks: list[Block], cuts: Cuts) -> list[Block]:
    """Without the headings at the end, under which nothing stands: their boxes were taken out."""
    kept = list(blocks)
    while len(kept) > 1 and kept[-1].kind == "heading" and not kept[-1].role:
        last = kept.pop()
        cuts.add("heading", last.text, last.where)
    return kept
