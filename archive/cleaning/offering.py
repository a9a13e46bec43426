"""Pages that say nothing themselves and offer a document: a decree or plan in a viewer under its title and date."""

from __future__ import annotations

from itertools import islice

from archive.cleaning.attachments import of_element
from archive.cleaning.blocks import Block
from archive.cleaning.parse import Element, Page, inside, spaced_text
from archive.cleaning.sanitise import link

# So far above the title the documents are looked for; a page that offers more of them, or leads to so many others, is a list.
_NEAR, _MOST, _LINKS = 4, 12, 6
_TITLED = 25
_OFFERING = ("a", "iframe", "embed", "object")


def offering(page: Page, title: Element | None) -> Element | None:
    """The smallest element around the title that offers documents, if that is all it does; None if none does."""
    for holder in islice(title.iterancestors() if title is not None else (), _NEAR):
        if holder is page.body.getparent():
            return None
        documents, others = 0, 0
        for element in holder.iter(*_OFFERING):
            if of_element(page.base, element) is not None:
                documents += 1
            elif element.tag == "a" and len(spaced_text(element)) >= _TITLED and (title is None or not inside(element, title)):
                others += 1
        if documents:
            return holder if documents <= _MOST and others <= _LINKS else None
    return None


def as_text(blocks: list[Block]) -> list[Block]:
    """The blocks of such a page: where no text stands beside the documents, their names stand for it, each once."""
    if any(b.kind in ("text", "item", "quote") and b.role in ("", "lead") and b.text for b in blocks):
        return blocks
    made, named = [], set[str]()
    for block in blocks:
        made.append(block)
        for document in block.links:
            if document.name and document.url not in named:
                named.add(document.url)
                shown = link(document.url, document.name)
                made.append(Block("text", document.name, shown, linked=len(document.name), where=block.where))
    return made
