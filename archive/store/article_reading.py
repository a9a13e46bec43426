"""The questions about articles: their revisions, the rules they were cleaned with, and full text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from archive.errors import DamagedRecord
from archive.model import Article
from archive.store.packing import opened, source, whole
from archive.store.reading import Filters, Reading, filtered
from archive.urls import warc_date


class RevisionRow(NamedTuple):
    """A row of `revisions` with its article's address and its capture's time; `newest`: no later one replaced it.

    `body` is the article's JSON as the contract has it, empty if it is damaged; `length` are the bytes of it that were packed.
    """

    id: int
    article: int
    url: str
    key: str
    capture: int
    rules: str | None
    cleaner: str
    content_sha256: bytes
    title: str | None
    published: str | None
    length: int
    layer: str | None
    container: str | None
    body: str
    captured: str
    newest: int

    def kept(self) -> Article:
        """The article as it was kept. Raises DamagedRecord if its JSON is not that of an article."""
        try:
            return Article.from_dict(json.loads(self.body))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = f"{self.url}: revision {self.id} cannot be read ({error!r}); run `tangthu verify`"
            raise DamagedRecord(what) from error


_COLUMNS = (
    "v.id, v.article, a.url, a.key, v.capture, v.rules, v.cleaner, v.content_sha256, v.title, v.published, v.length, v.layer, v.container, "
    "v.packed, c.time, v.id IS a.revision, c.url, r.record_id, r.payload_sha256"
)
_FROM = "FROM revisions v JOIN articles a ON a.id = v.article JOIN captures c ON c.id = v.capture LEFT JOIN records r ON r.id = c.record"


def _row(found: Sequence[Any]) -> RevisionRow:
    *known, packed, captured, newest, url, record_id, payload = found
    try:
        body = whole(opened(packed).decode(), source(url, captured, record_id, payload))
    except ValueError:
        body = ""
    return RevisionRow._make((*known, body, captured, newest))


def revisions(archive: Reading, filters: Filters | None = None, *, newest: bool = True) -> Iterator[RevisionRow]:
    """Articles in the order in which they were found; `newest` leaves their former states out."""
    where, values = filtered(filters or Filters(), "c.run", "a.url", "c.time")
    only = " AND v.id = a.revision" if newest else ""
    return map(_row, archive.rows(f"SELECT {_COLUMNS} {_FROM} WHERE {where}{only} ORDER BY a.id, v.id", values))


def newest_of(archive: Reading, article: int) -> RevisionRow | None:
    """The newest state of an article by its number."""
    found = archive.row(f"SELECT {_COLUMNS} {_FROM} WHERE a.id = ? AND v.id = a.revision", (article,))
    return _row(found) if found else None


def newest_states(archive: Reading, articles: Sequence[int]) -> Iterator[RevisionRow]:
    """The newest states of the articles with these numbers."""
    marks = ", ".join("?" * len(articles))
    return map(_row, archive.rows(f"SELECT {_COLUMNS} {_FROM} WHERE a.id IN ({marks}) AND v.id = a.revision", articles))


def state(archive: Reading, revision: int) -> RevisionRow | None:
    """A state of an article by its number."""
    found = archive.row(f"SELECT {_COLUMNS} {_FROM} WHERE v.id = ?", (revision,))
    return _row(found) if found else None


def states_of(archive: Reading, key: str) -> list[RevisionRow]:
    """All states of the article under a SURT key, by the time of their captures."""
    found = archive.rows(f"SELECT {_COLUMNS} {_FROM} WHERE a.key = ? ORDER BY c.time, v.id", (key,))
    return [_row(row) for row in found]


def state_from(archive: Reading, capture: int) -> RevisionRow | None:
    """The state of an article that was cleaned from a capture."""
    found = archive.row(f"SELECT {_COLUMNS} {_FROM} WHERE v.capture = ? ORDER BY v.id DESC LIMIT 1", (capture,))
    return _row(found) if found else None


def rules(archive: Reading, digest: str) -> bytes | None:
    """The cleaning rules stored under a digest."""
    found = archive.row("SELECT body FROM rules WHERE digest = ?", (digest,))
    return found[0].encode() if found else None


def happened(
    archive: Reading, portal: str, start: datetime, end: datetime, most: int
) -> list[tuple[str, str, str | None, str, int | None, int | None]]:
    """(new, changed or gone; address, title, time, former revision, revision) of a portal's articles, the newest first."""
    sql = (
        "SELECT iif(former IS NULL, 'new', 'changed'), url, title, time, former, id FROM (SELECT a.url, v.title, c.time, v.id, "
        "(SELECT p.id FROM revisions p JOIN captures d ON d.id = p.capture WHERE p.article = a.id AND (d.time, p.id) < (c.time, v.id) "
        "ORDER BY d.time DESC, p.id DESC LIMIT 1) AS former FROM captures c JOIN runs r ON r.id = c.run "
        "JOIN revisions v ON v.capture = c.id JOIN articles a ON a.id = v.article "
        "WHERE r.portal = :portal AND c.time >= :start AND c.time < :end AND a.revision IS NOT NULL) "
        "UNION ALL SELECT 'gone', a.url, v.title, c.time, a.revision, NULL FROM captures c JOIN runs r ON r.id = c.run "
        "JOIN articles a ON a.key = c.key JOIN revisions v ON v.id = a.revision "
        "WHERE r.portal = :portal AND c.time >= :start AND c.time < :end AND c.status IN (404, 410) "
        "ORDER BY 4 DESC, 6 DESC LIMIT :most"
    )
    values = {"portal": portal, "start": warc_date(start), "end": warc_date(end), "most": most}
    return list(archive.rows(sql, values))


def counts(archive: Reading) -> dict[str, Any]:
    """How many articles and revisions there are."""
    row = archive.row("SELECT (SELECT count(*) FROM articles WHERE revision IS NOT NULL), (SELECT count(*) FROM revisions)")
    return {"articles": row[0], "revisions": row[1]}
