"""Full text: the best articles for what people type, of equally good ones the exactly spelt first."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from archive.errors import DamagedRecord
from archive.model import Article
from archive.store import file_texts
from archive.store.article_reading import newest_of, newest_states
from archive.store.facets import ArticleRow, Narrow, narrowed, rows_of
from archive.store.fold import fold, spellings
from archive.store.reading import Reading
from archive.store.sought import WORD, Sought, understood
from archive.urls import surt

# More articles than these are not ranked word by word: those with the words in their titles come first, then the newest.
# Over a word that all of 200,000 articles have bm25 takes 0.17 s of CPU, this 0.03 s (bench/search.py).
RANKED = 10_000
# Of so many best matches the exactly spelt are moved to the front: each costs a look at its text.
_LOOKED_AT = 100
_SNIPPET = 240


@dataclass(slots=True)
class Hit:
    """An article that was found. `found` are the places of the words in `snippet`; a lower `rank` is better.

    `exact`: every word that was asked for with diacritics stands there with the same ones. `attachment` names the file that the
    article offers if the words stand in that; `snippet` is then out of it.
    """

    article: int
    url: str
    title: str | None
    published: str | None
    captured: str
    snippet: str
    found: list[tuple[int, int]] = field(default_factory=list)
    exact: bool = True
    attachment: str | None = None
    rank: float = 0.0


# Looked at, not looked at, in a file; then as _Look.order says.
Order = tuple[int, bool, int, float, float]


@dataclass(slots=True)
class Found:
    """A piece of what was found, and how much was found in all; of more than RANKED only that many and one are counted.

    `orders` has for each hit what put it where it is; several archives' hits are put in one order by them.
    """

    hits: list[Hit]
    count: int
    orders: list[Order]


@dataclass(slots=True)
class _Ordered:
    """What was found, best first: (article, rank, exact, order), and behind these (article, file, rank) of those that offer a file with the words."""

    best: list[tuple[int, float, bool, Order]]
    files: list[tuple[int, int, float]]
    count: int


def search(archive: Reading, words: str, limit: int = 20, narrow: Narrow | None = None, skip: int = 0) -> Found:
    """The best articles for `words` (sought.py says how they are read) that `narrow` lets through, without the first `skip`."""
    sought = understood(words)
    if not sought.match:
        return Found([], 0, [])
    ordered = _ordered(archive, sought, narrow or Narrow(), skip + limit)
    own = ordered.count - len(ordered.files)
    begin, end = max(skip - own, 0), max(skip + limit - own, 0)
    best = ordered.best[skip : skip + limit]
    hits = [(hit, order) for article, rank, exact, order in best if (hit := _hit(archive, sought, article, rank, exact))]
    hits += [(_in_file(archive, sought, *found), (2, False, 0, 0.0, found[2])) for found in ordered.files[begin:end]]
    return Found([hit for hit, _ in hits], ordered.count, [order for _, order in hits])


def together(found: Sequence[Found], limit: int, skip: int) -> Found:
    """What several archives found, in one order, without the first `skip`; each archive's own order stays what it is."""
    ways = (zip(one.orders, one.hits, strict=True) for one in found)
    ordered = list(islice(heapq.merge(*ways, key=itemgetter(0)), skip, skip + limit))
    return Found([hit for _, hit in ordered], sum(one.count for one in found), [order for order, _ in ordered])


def best_articles(archive: Reading, words: str, narrow: Narrow, most: int) -> list[int]:
    """The numbers of the articles that `search` finds, in its order, without looking for snippets."""
    sought = understood(words)
    if not sought.match:
        return []
    ordered = _ordered(archive, sought, narrow, most)
    return [*(article for article, *_ in ordered.best), *(article for article, *_ in ordered.files)][:most]


def _ordered(archive: Reading, sought: Sought, narrow: Narrow, most: int) -> _Ordered:
    best, every = _best(archive, sought, narrow, max(most, _LOOKED_AT))
    counted = sought.phrases and len(every) <= _LOOKED_AT
    ordered = [(article, rank, True, (0, False, 0, 0.0, rank)) for article, rank in best]
    if counted or sought.exact or sought.beside:
        seen = _looked_at(archive, sought, [article for article, _ in best[:_LOOKED_AT]], counted=counted)
        looked = {look.article: look for look in seen}
        ordered = [
            (article, look.told if counted else rank, look.exact, (0, *look.order(rank))) for article, rank in best if (look := looked.get(article))
        ]  # fmt: skip
        ordered.sort(key=itemgetter(3))  # of equally good ones the newest stay before the others
        ordered += [(article, rank, not sought.exact, (1, False, 0, 0.0, rank)) for article, rank in best[_LOOKED_AT:]]
    if len(every) > RANKED:  # whoever looks behind so many?
        return _Ordered(ordered, [], len(every))
    where, values = narrowed(archive, narrow, "+o.article")
    files = file_texts.matching(archive, sought.match, where, values, frozenset(every), ranked=not sought.phrases)
    return _Ordered(ordered, files, len(every) + len(files))


def _in_file(archive: Reading, sought: Sought, article: int, number: int, rank: float) -> Hit:
    """An article that offers a file with the words; such stand behind those that have the words themselves."""
    row, file = newest_of(archive, article), file_texts.numbered(archive, number)
    if row is None:
        raise DamagedRecord(f"{archive.path}: article {article} is not there; run `tangthu verify`")
    snippet, found = _snippet(file.text, sought.folded)
    text = file.text.lower()
    exact = all(any(_stands(text, way) for way in spellings(word)) for word in sought.exact)
    name = _named(archive, row.kept(), file)
    return Hit(article, row.url, row.title, row.published, row.captured, snippet, found, exact, name, rank)


def _named(archive: Reading, article: Article, file: file_texts.FileRow) -> str:
    """The name under which an article offers a file."""
    capture = archive.capture(file.capture)
    names = {surt(offered.url): offered.name for offered in article.attachments}
    return names.get(capture.key if capture else "") or next(iter(names.values()), file.kind)


def latest(archive: Reading, words: str, narrow: Narrow, most: int) -> list[ArticleRow]:
    """The articles for `words` that were found last."""
    sought = understood(words)
    if not sought.match:
        return []
    where, values = narrowed(archive, narrow, "+search.rowid")
    sql = f"SELECT rowid FROM search WHERE search MATCH :match AND {where} ORDER BY rowid DESC LIMIT :most"
    return list(rows_of(archive, [a for (a,) in archive.rows(sql, {**values, "match": sought.match, "most": most})]))


def _best(archive: Reading, sought: Sought, narrow: Narrow, most: int) -> tuple[list[tuple[int, float]], list[int]]:
    """(article, rank), best first, of equally good ones the newest; and all that were found. Words in titles weigh five.

    Phrases have no bm25: FTS5 goes through each of them a second time for it, 20 ms for two common syllables of 200,000 articles.
    The plus keeps SQLite from looking each narrowed article up in the index: 6 s for a word of 200,000 articles.
    """
    where, values = narrowed(archive, narrow, "+search.rowid")
    values |= {"match": sought.match, "titles": sought.titles, "ranked": RANKED + 1, "most": most}
    sql = f"SELECT rowid FROM search WHERE search MATCH :match AND {where} LIMIT :ranked"  # forwards costs a seventh less
    every = [article for (article,) in archive.rows(sql, values)]
    if len(every) <= RANKED and not sought.phrases:
        sql = f"SELECT rowid, bm25(search, 5.0, 1.0) FROM search WHERE search MATCH :match AND {where} ORDER BY rowid DESC"
        return heapq.nsmallest(most, archive.rows(sql, values), key=itemgetter(1)), every

    def newest(match: str) -> list[int]:
        sql = f"SELECT rowid FROM search WHERE search MATCH :{match} AND {where} ORDER BY rowid DESC LIMIT :most"
        return [article for (article,) in archive.rows(sql, values)]

    titled = newest("titles") if len(every) > _LOOKED_AT else []
    best = dict.fromkeys((*titled, *(newest("match") if len(every) > RANKED else reversed(every))))
    return [(article, float(place)) for place, article in enumerate(islice(best, most))], every


class _Look(NamedTuple):
    """What an article says: every word as it was spelt, so many of the neighbours side by side, so much of what was asked for (as a rank)."""

    article: int
    exact: bool
    beside: int
    told: float

    def order(self, rank: float) -> tuple[bool, int, float, float]:
        """What sorts the best to the front."""
        return not self.exact, -self.beside, self.told, rank


def _looked_at(archive: Reading, sought: Sought, articles: list[int], *, counted: bool) -> Iterator[_Look]:
    """Looks at articles; `told` is 0 unless it is to be counted: once in the title weighs as five times in the text.

    Vietnamese words are syllables side by side, so that where they stand together matters more than how often. JSON is searched as it is.
    """
    ways = [spellings(word) for word in sought.exact]
    alone = sought.beside and not sought.phrases
    for row in newest_states(archive, articles):
        # A quotation mark within a value is escaped, so these are the next fields' names.
        told, _, rest = row.body.partition(', "html": ')
        captions = rest.partition(', "images": ')[2].partition(', "cleaner": ')[0]
        text = f"{told} {captions}".replace("\\n", " ").lower()
        exact = all(any(_stands(text, way) for way in ways_of_one) for ways_of_one in ways)
        folded = fold(text) if alone or counted else ""
        words = f" {' '.join(WORD.findall(folded))} " if alone else ""
        often = len(sought.told.findall(folded)) + 5 * len(sought.told.findall(fold(row.title or ""))) if counted and sought.told else 0
        yield _Look(row.article, exact, sum(pair in words for pair in sought.beside), -often / (often + 1 + len(text) / 2000))


def _stands(text: str, word: str) -> bool:
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            return True
        at = text.find(word, end)
    return False


def _hit(archive: Reading, sought: Sought, article: int, rank: float, exact: bool) -> Hit | None:
    row = newest_of(archive, article)
    if row is None:
        return None
    kept = row.kept()
    beside = [image.caption for image in kept.images] + ([kept.document.number] if kept.document else [])
    text = "\n\n".join([kept.text, *filter(None, beside)])
    snippet, found = _snippet(text, sought.folded)
    return Hit(article, row.url, row.title, row.published, row.captured, snippet, found, exact=exact, rank=rank)


def _snippet(text: str, folded: frozenset[str]) -> tuple[str, list[tuple[int, int]]]:
    """About 240 characters of `text` where the most different words stand, and where in them they are."""
    places = list(_places(text, folded))
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


def _places(text: str, folded: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """(begin, end, folded word) of each of these words in a text."""
    even = fold(text)
    if len(even) == len(text):  # letter for letter, so that the places are the same: 0.05 instead of 0.5 ms
        pattern = re.compile(rf"\b(?:{'|'.join(sorted(folded))})\b")
        yield from ((m.start(), m.end(), m[0]) for m in pattern.finditer(even))
    else:
        yield from ((m.start(), m.end(), w) for m in WORD.finditer(text) if (w := fold(m[0])) in folded)
