"""The texts inside files, once for each file by its digest, and which articles offer them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from archive.model import FileText
from archive.store.connect import inserted, storable
from archive.store.fold import fold
from archive.store.reading import Reading
from archive.urls import surt


class FileRow(NamedTuple):
    """A row of `file_texts`; `capture` brought the file."""

    id: int
    sha256: bytes
    capture: int
    kind: str
    status: str
    text: str
    pages: int | None
    note: str
    tool: str

    def kept(self) -> FileText:
        """The text as it was kept."""
        return FileText(self.kind, self.status, self.text, self.pages, self.note, self.tool)


# Of more files with the words than these the best are looked for among so many.
_MOST = 10_000
_SELECT = f"SELECT {', '.join(f't.{name}' for name in FileRow._fields)} FROM file_texts t"


def keep(conn: sqlite3.Connection, sha256: bytes, capture: int, made: FileText) -> int:
    """Keep the text of a file, in place of what another tool read; the row's number."""
    text, note = storable(made.text), storable(made.note)
    row = conn.execute("SELECT id, text FROM file_texts WHERE sha256 = ?", (sha256,)).fetchone()
    values = (capture, made.kind, made.status, made.pages, note, made.tool, text)
    if row is None:
        number = inserted(conn.execute(
            "INSERT INTO file_texts (sha256, capture, kind, status, pages, note, tool, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (sha256, *values),
        ))  # fmt: skip
    else:
        number = row[0]
        # The index has no copy of its text: what is to be taken out has to be given again.
        conn.execute("INSERT INTO file_search (file_search, rowid, title, text) VALUES ('delete', ?, '', ?)", (number, fold(row[1])))
        conn.execute(
            "UPDATE file_texts SET capture = ?, kind = ?, status = ?, pages = ?, note = ?, tool = ?, text = ? WHERE id = ?",
            (*values, number),
        )
    conn.execute("INSERT INTO file_search (rowid, title, text) VALUES (?, '', ?)", (number, fold(text)))
    return number


def offer(conn: sqlite3.Connection, article: int, files: Collection[bytes]) -> None:
    """Write down which files, by their digests, the newest state of an article offers: these and no others."""
    marks = ", ".join("?" * len(files))
    conn.execute("DELETE FROM file_offers WHERE article = ?", (article,))
    conn.execute(
        f"INSERT INTO file_offers (article, file) SELECT ?, id FROM file_texts WHERE sha256 IN ({marks})", (article, *files)
    )


def withdraw(conn: sqlite3.Connection, article: int, body: bytes) -> None:
    """Forget what only former states of an article offered: files that came from no address which its newest state, `body`, names."""
    if conn.execute("SELECT 1 FROM file_offers WHERE article = ? LIMIT 1", (article,)).fetchone() is None:
        return
    keys = json.dumps([surt(file["url"]) for file in json.loads(body)["attachments"]])
    conn.execute(
        "DELETE FROM file_offers WHERE article = :article AND file NOT IN ("
        "SELECT t.id FROM file_offers o JOIN file_texts t ON t.id = o.file JOIN captures c ON c.id = t.capture JOIN records r ON r.id = c.record "
        "WHERE o.article = :article AND (c.key IN (SELECT value FROM json_each(:keys)) OR EXISTS (SELECT 1 FROM captures d JOIN records s "
        "ON s.id = d.record WHERE d.key IN (SELECT value FROM json_each(:keys)) AND s.payload_sha256 = r.payload_sha256)))",
        {"article": article, "keys": keys},
    )


def of(archive: Reading, sha256: bytes) -> FileRow | None:
    """The text of a file by its digest."""
    found = archive.row(f"{_SELECT} WHERE t.sha256 = ?", (sha256,))
    return FileRow(*found) if found else None


def every(archive: Reading) -> Iterator[FileRow]:
    """All texts, in the order in which they were kept."""
    return map(FileRow._make, archive.rows(f"{_SELECT} ORDER BY t.id"))


def tools(archive: Reading) -> dict[bytes, tuple[str, str]]:
    """By digest the kind and the tool of all texts."""
    return {sha: (kind, tool) for sha, kind, tool in archive.rows("SELECT sha256, kind, tool FROM file_texts")}


def payloads(archive: Reading) -> Iterator[tuple[str, bytes]]:
    """(payload digest, file digest) of the captures that texts were read from."""
    sql = (
        "SELECT r.payload_sha256, t.sha256 FROM file_texts t JOIN captures c ON c.id = t.capture "
        "JOIN records r ON r.id = c.record WHERE r.payload_sha256 IS NOT NULL"
    )
    return ((f"sha256:{payload.hex()}", sha) for payload, sha in archive.rows(sql))


def newest(archive: Reading) -> tuple[int, int]:
    """The numbers of the newest capture and the newest state of an article; neither has changed if no file came and none was offered."""
    captures, revisions = archive.row("SELECT (SELECT max(id) FROM captures), (SELECT max(id) FROM revisions)")
    return captures or 0, revisions or 0


def offering(archive: Reading) -> list[int]:
    """The articles whose newest state offers attachments."""
    return [n for (n,) in archive.rows("SELECT article FROM facets WHERE kind = 'attachments' ORDER BY article")]


def offered(archive: Reading) -> dict[int, set[bytes]]:
    """By article the digests of the files that it is known to offer."""
    found: dict[int, set[bytes]] = {}
    for article, sha in archive.rows("SELECT o.article, t.sha256 FROM file_offers o JOIN file_texts t ON t.id = o.file"):
        found.setdefault(article, set()).add(sha)
    return found


def matching(
    archive: Reading, match: str, narrow: str, values: dict[str, Any], without: Collection[int], *, ranked: bool
) -> list[tuple[int, int, float]]:
    """(article, file, rank) of the articles, all but those `without`, that offer a file with the words, best first.

    `match` is an FTS5 expression, `narrow` a condition over `o.article`; of each article its best file, if they are `ranked`, else its
    newest. The cross join and the plus keep SQLite from beginning with the narrowed articles: 40 s for a word of 10,000 files.
    """
    rank = "bm25(file_search)" if ranked else "-rowid"
    sql = (
        f"SELECT o.article, s.rowid, s.rank FROM (SELECT rowid, {rank} AS rank FROM file_search WHERE file_search MATCH :match "
        f"ORDER BY rowid DESC LIMIT :most) s CROSS JOIN file_offers o ON o.file = s.rowid WHERE {narrow}"
    )
    best: dict[int, tuple[float, int]] = {}
    for article, file, found in archive.rows(sql, values | {"match": match, "most": _MOST}):
        if article not in without:
            best[article] = min(best.get(article, (found, file)), (found, file))
    return sorted(((article, file, found) for article, (found, file) in best.items()), key=lambda one: (one[2], one[0]))


def numbered(archive: Reading, number: int) -> FileRow:
    """A text by its number, which is known to be there."""
    return FileRow(*archive.row(f"{_SELECT} WHERE t.id = ?", (number,)))


def indexed(archive: Reading, number: int, phrase: str) -> bool:
    """Whether the index finds a file by a phrase of its folded text."""
    sql = "SELECT 1 FROM file_search WHERE file_search MATCH ? AND rowid = ?"
    return archive.row(sql, (f'"{phrase}"', number)) is not None


def misplaced(archive: Reading) -> Iterator[tuple[int, str]]:
    """(number, what is wrong) of files that the index lacks, or has without a row."""
    sql = "SELECT t.id, 1 FROM file_texts t LEFT JOIN file_search_docsize d ON d.id = t.id WHERE d.id IS NULL"
    yield from ((number, "the search index does not have it") for number, _ in archive.rows(sql))
    sql = "SELECT d.id, 1 FROM file_search_docsize d LEFT JOIN file_texts t ON t.id = d.id WHERE t.id IS NULL"
    yield from ((number, "the search index has a file that is not there") for number, _ in archive.rows(sql))
