"""From blocks with roles to an article's text, HTML, images and attachments."""

from __future__ import annotations

from collections.abc import Sequence

from archive.cleaning import sanitise
from archive.cleaning.attachments import once
from archive.cleaning.blocks import Block
from archive.model import Attachment, Image, Place

_TEXT = ("text", "heading", "item", "quote", "table")


def text(blocks: Sequence[Block]) -> str:
    """Lead and body, paragraphs joined by a blank line, items of one list by a line break."""
    return "\n\n".join("\n".join(b.text for b in paragraph) for paragraph in _paragraphs(blocks))


def places(blocks: Sequence[Block]) -> list[Place | None]:
    """Where each paragraph of the text stands."""
    return [(paragraph[0].where[0], paragraph[-1].where[1]) for paragraph in _paragraphs(blocks)]


def _paragraphs(blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks of each paragraph: one, or the items of a list."""
    made: list[list[Block]] = []
    before: Block | None = None
    for block in blocks:
        if block.kind not in _TEXT or block.role in ("caption", "attachment") or not block.text:
            continue
        together = before is not None and block.kind == "item" == before.kind and before.group == block.group != 0
        if together:
            made[-1].append(block)
        else:
            made.append([block])
        before = block
    return made


def html(blocks: Sequence[Block]) -> str:
    """Lead, body and figures with captions in reading order, in the allow-list's elements only."""
    out: list[str] = []
    listed: tuple[int, bool] | None = None
    item = number = index = 0
    while index < len(blocks):
        block = blocks[index]
        index += 1
        if listed and (block.kind != "item" or (block.group, block.ordered) != listed):
            out.append("</ol>" if listed[1] else "</ul>")
            listed = None
        if block.kind == "image":
            lines = []
            while index < len(blocks) and blocks[index].role == "caption":
                lines.append(blocks[index].html)
                index += 1
            caption = f"<figcaption>{'<br>'.join(lines)}</figcaption>" if lines else ""
            out.append(f"<figure>{sanitise.image(block.url, block.text)}{caption}</figure>")
        elif block.kind == "item" and block.role not in ("caption", "attachment"):
            if listed and block.item == item and item:  # a further paragraph of the same item
                out[-1] = f"{out[-1].removesuffix('</li>')}<br>{block.html}</li>"
                continue
            if listed is None:
                listed = (block.group, block.ordered)
                out.append(sanitise.ordered(block.number) if block.ordered else "<ul>")
                number = block.number - 1
            number += 1
            item = block.item
            out.append(f"<li>{block.html}</li>" if not block.number or block.number == number else f'<li value="{block.number}">{block.html}</li>')
            number = block.number or number
        else:
            out.append(_block(block))
    if listed:
        out.append("</ol>" if listed[1] else "</ul>")
    return "\n".join(filter(None, out))


def _block(block: Block) -> str:
    if block.kind == "table":
        return block.html
    if block.kind == "file" or not block.html:
        return "".join(f"<p>{sanitise.link(a.url, a.name)}</p>" for a in block.links)
    if block.kind == "heading":
        name = "h2" if block.name == "h1" else block.name
        return f"<{name}>{block.html}</{name}>"
    if block.kind == "quote":
        return f"<blockquote><p>{block.html}</p></blockquote>"
    if block.role == "lead" and "<strong>" not in block.html:
        return f"<p><strong>{block.html}</strong></p>"
    return f"<p>{block.html}</p>"


def images(blocks: Sequence[Block]) -> tuple[list[Image], list[Place | None], list[Place | None]]:
    """The images in reading order, each with the captions that follow it; where the images stand, and the captions."""
    made: list[Image] = []
    places: list[Place | None] = []
    captions: list[Place | None] = []
    follows = False
    for block in blocks:
        if block.kind == "image":
            if follows and made and made[-1].url == block.url:
                continue
            made.append(Image(block.url))
            places.append(block.where)
            captions.append(None)
            follows = True
        elif block.role == "caption" and follows and made:
            made[-1].caption = f"{made[-1].caption} {block.text}" if made[-1].caption else block.text
            first = captions[-1] or block.where
            captions[-1] = first[0], block.where[1]
        elif block.kind == "file":
            continue
        else:
            follows = False
    return made, places, captions


def attachments(blocks: Sequence[Block], more: Sequence[Attachment] = ()) -> list[Attachment]:
    """The documents that the blocks link to or show, then `more`; each once."""
    return once([*(a for b in blocks for a in b.links), *more])
