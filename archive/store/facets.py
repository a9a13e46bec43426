"""Narrows articles by portal, section, author, date and attachments; lists them by date; counts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from archive.store.fold import fold
from archive.store.listing import LAST
from archive.store.reading import Reading

KINDS = ("portal", "section", "author")


@dataclass(frozen=True, slots=True)
class Narrow:
    """Only articles of this portal, section, author (diacritics and case do not count), dated from `since` to `until`.

    Dates are beginnings of ISO 8601: until 2026-03 has all of March. `attachments`: only those that have some.
    """

    portal: str | None = None
    section: str | None = None
    author: str | None = None
    since: str | None = None
    until: str | None = None
    attachments: bool = False

    def __bool__(self) -> bool:
        return any((self.portal, self.section, self.author, self.since, self.until, self.attachments))


class ArticleRow(NamedTuple):
    """An article in a list: its newest revision without its text."""

    article: int
    url: str
    title: str | None
    published: str | None
    dated: str
    captured: str
    revision: int


_ROW = (
    "SELECT a.id, a.url, v.title, v.published, a.dated, c.time, v.id FROM articles a "
    "JOIN revisions v ON v.id = a.revision JOIN captures c ON c.id = v.capture"
)


def narrowed(archive: Reading, narrow: Narrow, article: str = "a.id") -> tuple[str, dict[str, Any]]:
    """A condition over the column that has the article's number, and its values."""
    tests: list[str] = ["1"]
    values: dict[str, Any] = {}
    for kind in KINDS:
        wanted = getattr(narrow, kind)
        if wanted is not None:
            spelt = _spelt(archive, kind, wanted)
            names = ", ".join(f":{kind}{n}" for n in range(len(spelt)))
            tests.append(f"{article} IN (SELECT article FROM facets WHERE kind = '{kind}' AND value IN ({names}))")
            values |= {f"{kind}{n}": value for n, value in enumerate(spelt)}
    if narrow.attachments:
        tests.append(f"{article} IN (SELECT article FROM facets WHERE kind = 'attachments')")
    if narrow.since or narrow.until:
        tests.append(f"{article} IN (SELECT id FROM articles WHERE dated >= :since AND dated < :until)")
        values |= {"since": narrow.since or "", "until": narrow.until + LAST if narrow.until else LAST}
    return " AND ".join(tests), values


def _spelt(archive: Reading, kind: str, wanted: str) -> list[str]:
    """How a value is written in the archive: as it was asked for, else however it is folded to the same."""
    if archive.row("SELECT 1 FROM facets WHERE kind = ? AND value = ? LIMIT 1", (kind, wanted)):
        return [wanted]
    same = fold(wanted.strip())
    return [value for value, _ in values_of(archive, kind) if fold(value) == same][:500]


def values_of(archive: Reading, kind: str) -> list[tuple[str, int]]:
    """The values of a kind, each with how many articles have it, the most frequent first."""
    sql = "SELECT value, count(*) FROM facets WHERE kind = ? GROUP BY value ORDER BY 2 DESC, 1"
    return list(archive.rows(sql, (kind,)))


def by_date(archive: Reading, narrow: Narrow, most: int, skip: int = 0) -> list[ArticleRow]:
    """The articles that are let through, the newest first."""
    where, values = narrowed(archive, narrow)
    sql = f"{_ROW} WHERE {where} ORDER BY a.dated DESC, a.id DESC LIMIT :most OFFSET :skip"
    return [ArticleRow(*row) for row in archive.rows(sql, {**values, "most": most, "skip": skip})]


def rows_of(archive: Reading, articles: list[int]) -> Iterator[ArticleRow]:
    """The articles with these numbers, in any order."""
    marks = ", ".join("?" * len(articles))
    return map(ArticleRow._make, archive.rows(f"{_ROW} WHERE a.id IN ({marks})", articles))


def per_month(archive: Reading, narrow: Narrow) -> list[tuple[str, int]]:
    """(2026-03, articles) of every month that has some, the oldest first."""
    where, values = narrowed(archive, narrow)
    sql = f"SELECT substr(a.dated, 1, 7), count(*) FROM articles a WHERE a.dated IS NOT NULL AND {where} GROUP BY 1 ORDER BY 1"
    return list(archive.rows(sql, values))
