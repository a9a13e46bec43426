"""Full text: the best articles for what people type, of equally good ones the exactly spelt first."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter

from archive.errors import DamagedRecord
from archive.model import Article
from archive.store import file_texts
from archive.store.article_reading import newest_of
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


@dataclass(slots=True)
class Found:
    """A piece of what was found, and how much was found in all; of more than RANKED only that many and one are counted."""

    hits: list[Hit]
    count: int


def search(archive: Reading, words: str, limit: int = 20, narrow: Narrow | None = None, skip: int = 0) -> Found:
    """The best articles for `words` (sought.py says how they are read) that `narrow` lets through, without the first `skip`."""
    sought = understood(words)
    if not sought.match:
        return Found([], 0)
    best, count = _best(archive, sought, narrow or Narrow(), max(skip + limit, _LOOKED_AT))
    if sought.exact:
        ways = [spellings(word) for word in sought.exact]
        near = [(not _exact(archive, article, ways), rank, article) for article, rank in best[:_LOOKED_AT]]
        ordered = [(article, rank, not other) for other, rank, article in sorted(near)]
        ordered += [(article, rank, False) for article, rank in best[_LOOKED_AT:]]
    else:
        ordered = [(article, rank, True) for article, rank in best]
    hits = [hit for found in ordered[skip : skip + limit] if (hit := _hit(archive, sought, *found))]
    where, values = narrowed(archive, narrow or Narrow(), "o.article")
    files = file_texts.matching(archive, sought.match, where, values)
    begin, end = max(skip - count, 0), max(skip + limit - count, 0)
    return Found([*hits, *(_in_file(archive, sought, *found) for found in files[begin:end])], count + len(files))


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


def _best(archive: Reading, sought: Sought, narrow: Narrow, most: int) -> tuple[list[tuple[int, float]], int]:
    """(article, rank), best first, and how many there are. Words in titles weigh five.

    The plus keeps SQLite from looking each narrowed article up in the index: 6 s for a word of 200,000 articles.
    """
    where, values = narrowed(archive, narrow, "+search.rowid")
    values |= {"match": sought.match, "most": RANKED + 1}
    sql = f"SELECT rowid, bm25(search, 5.0, 1.0) FROM search WHERE search MATCH :match AND {where} LIMIT :most"
    ranked = list(archive.rows(sql, values))
    if len(ranked) <= RANKED:
        return heapq.nsmallest(most, ranked, key=itemgetter(1, 0)), len(ranked)
    found: dict[int, float] = {}
    for match in (sought.titles, sought.match):
        sql = f"SELECT rowid FROM search WHERE search MATCH :match AND {where} ORDER BY rowid DESC LIMIT :most"
        for (article,) in archive.rows(sql, {**values, "match": match, "most": most}):
            found.setdefault(article, float(len(found)))
    return list(found.items())[:most], len(ranked)


def _exact(archive: Reading, article: int, ways: list[frozenset[str]]) -> bool:
    """Whether each word stands in the article in one of the ways to spell it; its JSON is searched as it is."""
    row = newest_of(archive, article)
    if row is None:
        return False
    # Title, lead, text, and captions. A quotation mark within a value is escaped, so these are the next fields' names.
    told, _, rest = row.body.partition(', "html": ')
    captions = rest.partition(', "images": ')[2].partition(', "document": ')[0]
    text = f"{told} {captions}".replace("\\n", " ").lower()
    return all(any(_stands(text, way) for way in ways_of_one) for ways_of_one in ways)


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
    text = "\n\n".join([kept.text, *(image.caption for image in kept.images if image.caption)])
    snippet, found = _snippet(text, sought.folded)
    return Hit(article, row.url, row.title, row.published, row.captured, snippet, found, exact=exact, rank=rank)


def _snippet(text: str, folded: frozenset[str]) -> tuple[str, list[tuple[int, int]]]:
    """About 240 characters of `text` where the most different words stand, and where in them they are."""
    places = [(m.start(), m.end(), w) for m in WORD.finditer(text) if (w := fold(m[0])) in folded]
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
