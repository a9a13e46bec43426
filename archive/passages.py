"""From an article's pieces to the bytes they came from: what stands there, and whether it is what the article says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from archive.model import Article, Place
from archive.warc.payload import Body

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article, and where it stands in the body of its capture.

    `part` is the field (text, title, captions, ...; `images` are addresses) or `cuts`, `number` counts from 0 within it: the
    paragraph, image or cut. `said` is the piece as the article has it, empty for a date, which is read and not quoted.
    [`start`, `end`) are bytes of the body as archived with chunking and content codings undone
    (`Reader.open(capture).body()`), None if they cannot be told; `found` is what they say without markup.
    """

    part: str
    number: int
    said: str
    start: int | None
    end: int | None
    found: str

    @property
    def holds(self) -> bool:
        """Whether the words of the piece stand there in their order. A word that a shortened cut breaks off is not asked for."""
        if self.start is None or self.part == "images":
            return self.start is not None
        words = _WORD.findall(self.said.casefold())
        rest = iter(_WORD.findall(self.found.casefold()))
        return all(word in rest for word in (words[:-1] if self.said.endswith("…") else words))


def passages(article: Article, body: Body) -> Iterator[Passage]:
    """The pieces of `article`, cleaned from `body`, in the order of the fields, then the cuts."""
    # Only here, so that an archive is read without the parsers.
    from archive.cleaning.legacy import FONTS  # noqa: PLC0415
    from archive.cleaning.places import Places  # noqa: PLC0415

    places = Places(body.data, body.charset)
    old = any(cut.rule == "font-encoding" for cut in article.cuts)
    for part, number, said, place in _pieces(article):
        found = places.range(place)
        text = places.text(*found) if found else ""
        made = Passage(part, number, said, found[0] if found else None, found[1] if found else None, text)
        if old and not made.holds:  # what only a font makes Vietnamese says the same in Unicode
            read = (replace(made, found=in_unicode(text)) for in_unicode in FONTS.values())
            made = next((one for one in read if one.holds), made)
        yield made


def _pieces(article: Article) -> Iterator[tuple[str, int, str, Place]]:
    said = {
        "text": article.text.split("\n\n"),
        "images": [image.url for image in article.images],
        "captions": [image.caption or "" for image in article.images],
        "title": [article.title or ""],
        "source": [article.source or ""],
        "authors": article.authors,
    }
    for part, every in article.places.items():
        for number, place in enumerate(every):
            if place is not None:
                yield part, number, said[part][number] if number < len(said.get(part, ())) else "", place
    for number, cut in enumerate(article.cuts):
        if cut.place is not None:
            yield "cuts", number, cut.text, cut.place
