"""Full text: what people type becomes a query over folded text, and of what is found the exactly spelt comes first."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import islice

from archive.store.article_reading import matching, newest_of
from archive.store.fold import evened, fold
from archive.store.reading import Filters, Reading

# Of so many best matches the exactly spelt are moved to the front: each costs a look at its text.
_LOOKED_AT = 300
_SNIPPET = 240
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Hit:
    """An article that was found. `found` are the places of the words in `snippet`; a lower `rank` is better.

    `exact`: every word that was asked for with diacritics stands there with the same ones.
    """

    article: int
    url: str
    title: str | None
    published: str | None
    captured: str
    snippet: str
    found: list[tuple[int, int]] = field(default_factory=list)
    exact: bool = True
    rank: float = 0.0


def search(
    archive: Reading, words: str, limit: int = 20, filters: Filters | None = None, section: str | None = None
) -> list[Hit]:
    """The best articles that hold all of `words`; what stands in quotes is a phrase. There are no operators."""
    phrases = [quoted or word for quoted, word in re.findall(r'"([^"]+)"|([^\s"]+)', words)]
    phrases = [unicodedata.normalize("NFC", p) for p in phrases if _WORD.search(fold(p))]
    if not phrases:
        return []
    match = " ".join(f'"{fold(phrase)}"' for phrase in phrases)
    every = [word for phrase in phrases for word in _WORD.findall(phrase)]
    folded, asked = {fold(word) for word in every}, {evened(word) for word in every if not word.isascii()}
    hits = []
    for article, rank in islice(matching(archive, match, filters or Filters()), max(_LOOKED_AT, limit)):
        row = newest_of(archive, article)
        if row is None:
            continue
        kept = row.kept()
        if section is not None and section not in kept.section:
            continue
        text = "\n\n".join([kept.text, *(image.caption for image in kept.images if image.caption)])
        snippet, found = _snippet(text, folded)
        exact = not asked or asked.issubset(_WORD.findall(evened(f"{kept.title or ''}\n{text}")))
        hits.append(
            Hit(article, row.url, row.title, row.published, row.captured, snippet, found, exact=exact, rank=rank)
        )
    hits.sort(key=lambda hit: (not hit.exact, hit.rank))
    return hits[:limit]


def _snippet(text: str, folded: set[str]) -> tuple[str, list[tuple[int, int]]]:
    """About 240 characters of `text` where the most different words stand, and where in them they are."""
    places = [(m.start(), m.end(), w) for m in _WORD.finditer(text) if (w := fold(m[0])) in folded]
    best, most = 0, 0
    for index, (start, _, _) in enumerate(places):
        near = {w for at, _, w in islice(places, index, index + 50) if at < start + _SNIPPET}
        if len(near) > most:
            best, most = start, len(near)
    start = 0 if best < _SNIPPET // 3 else text.rfind(" ", 0, best - _SNIPPET // 4) + 1
    end = len(text) if start + _SNIPPET >= len(text) else max(text.rfind(" ", start, start + _SNIPPET), start + 1)
    front, back = ("… " if start else ""), (" …" if end < len(text) else "")
    snippet = front + text[start:end].replace("\n", " ") + back
    shift = len(front) - start
    return snippet, [(a + shift, b + shift) for a, b, _ in places if start <= a and b <= end]
