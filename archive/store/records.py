"""WARC records: a row of facts each, and the member's bytes in parts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archive.store.connect import inserted

# Far below SQLite's limit of 1 GB for one value, and little enough to be held in memory.
PART = 4 << 20


@dataclass(slots=True)
class NewRecord:
    """What the archive knows of a record besides its bytes. `time` is its WARC-Date; digests are bare bytes."""

    record_id: str
    type: str
    target_uri: str | None
    time: str | None
    length: int
    block_sha256: bytes
    payload_sha256: bytes | None = None
    framed_sha256: bytes | None = None
    refers_to: str | None = None
    coding: str = "gzip"


def add(conn: sqlite3.Connection, run: int, capture: int | None, row: NewRecord, member: Iterable[bytes]) -> int:
    """Keep one record whole; returns its number. `member` is walked once, no more than two parts are in memory."""
    limit = min(PART, conn.getlimit(sqlite3.SQLITE_LIMIT_LENGTH) // 2)
    parts = _parts(member, limit)
    first = next(parts, b"")
    second = next(parts, None)
    number = inserted(conn.execute(
        "INSERT INTO records (record_id, type, run, capture, target_uri, time, length, block_sha256, payload_sha256,"
        " framed_sha256, refers_to, coding, member_length) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.record_id, row.type, run, capture, row.target_uri, row.time, row.length, row.block_sha256,
            row.payload_sha256, row.framed_sha256, row.refers_to, row.coding, len(first),
        ),
    ))  # fmt: skip
    conn.execute("INSERT INTO parts (record, number, bytes) VALUES (?, 0, ?)", (number, first))
    if second is not None:
        _add_more(conn, number, len(first), second, parts)
    return number


def _add_more(conn: sqlite3.Connection, record: int, length: int, part: bytes | None, parts: Iterator[bytes]) -> None:
    number = 1
    while part is not None:
        conn.execute("INSERT INTO parts (record, number, bytes) VALUES (?, ?, ?)", (record, number, part))
        number, length = number + 1, length + len(part)
        part = next(parts, None)
    conn.execute("UPDATE records SET member_length = ? WHERE id = ?", (length, record))


def original(conn: sqlite3.Connection, payload_sha256: bytes, framed_sha256: bytes) -> tuple[str, str, str] | None:
    """The first response with this entity, framed like this: record id, target URI and WARC-Date."""
    found: tuple[str, str, str] | None = conn.execute(
        "SELECT record_id, target_uri, time FROM records"
        " WHERE payload_sha256 = ? AND type = 'response' AND framed_sha256 = ? ORDER BY id LIMIT 1",
        (payload_sha256, framed_sha256),
    ).fetchone()
    return found


def response(conn: sqlite3.Connection, number: int) -> tuple[str, str, str, bytes | None] | None:
    """A response, or the one that a revisit refers to: record id, target URI, WARC-Date and payload digest."""
    found: tuple[str, str, str, bytes | None] | None = conn.execute(
        "SELECT o.record_id, o.target_uri, o.time, o.payload_sha256 FROM records r"
        " JOIN records o ON o.record_id = coalesce(r.refers_to, r.record_id) WHERE r.id = ? AND o.type = 'response'",
        (number,),
    ).fetchone()
    return found


def first_part(conn: sqlite3.Connection, number: int) -> bytes:
    """The beginning of a record's member, up to PART bytes."""
    found = conn.execute("SELECT bytes FROM parts WHERE record = ? AND number = 0", (number,)).fetchone()
    return found[0] if found else b""


def digest(conn: sqlite3.Connection, record_id: str) -> bytes | None:
    """The block digest of the record with this id, None if the archive has none."""
    found = conn.execute("SELECT block_sha256 FROM records WHERE record_id = ?", (record_id,)).fetchone()
    return found[0] if found else None


def claim(conn: sqlite3.Connection, capture: int, record_ids: Iterable[str]) -> None:
    """Say that these records, kept before it, belong to the capture."""
    conn.executemany(
        "UPDATE records SET capture = ? WHERE record_id = ? AND capture IS NULL", [(capture, i) for i in record_ids]
    )


def capture_of(conn: sqlite3.Connection, record_ids: Iterable[str]) -> int | None:
    """The capture that one of these records belongs to."""
    for record_id in record_ids:
        found = conn.execute("SELECT capture FROM records WHERE record_id = ?", (record_id,)).fetchone()
        if found and found[0] is not None:
            return int(found[0])
    return None


def _parts(member: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of `size`; the last may be shorter."""
    held = bytearray()
    for piece in member:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)
