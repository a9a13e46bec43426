"""An archive's records as WARC files with names and offsets that stay: worked out from the rows, nothing kept twice.

A volume is `SIZE` records by their numbers. Records are only ever added, so a full volume never changes again, and the
last one only grows at its end.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from archive.store.reading import Reading

# Enough for a file worth fetching (3 MB with members of 12 kB), few enough to add up for one offset (20 µs).
SIZE = 256


class MemberRow(NamedTuple):
    """A record's member: its number, how it is kept, and its length so, bytes."""

    record: int
    coding: str
    length: int


def identity(archive: Reading) -> str:
    """A name for the archive that it never loses: 12 hex digits out of the id of its first record."""
    first = archive.row("SELECT record_id FROM records ORDER BY id LIMIT 1")
    return hashlib.sha256((first[0] if first else "").encode()).hexdigest()[:12]


def volume_of(record: int) -> int:
    """The volume that a record stands in; the first is 1."""
    return (record - 1) // SIZE + 1


def members(archive: Reading, first: int, last: int) -> list[MemberRow]:
    """The members of the records from one number to another (with it), in order; ask for a few thousand at most."""
    sql = "SELECT id, coding, member_length FROM records WHERE id BETWEEN ? AND ? ORDER BY id"
    return [MemberRow(*row) for row in archive.rows(sql, (first, last))]


def lengths_before(archive: Reading, record: int) -> tuple[int, list[int]]:
    """What stands before a record in its volume: bytes of gzip members, and the length of each plain record."""
    between = (records_in(volume_of(record))[0], record - 1)
    sql = "SELECT coalesce(sum(member_length), 0), sum(coding <> 'gzip') FROM records WHERE id BETWEEN ? AND ?"
    total, plain = archive.row(sql, between)
    if not plain:
        return total, []
    lengths = [row.length for row in members(archive, *between) if row.coding != "gzip"]
    return total - sum(lengths), lengths


def records_in(volume: int) -> tuple[int, int]:
    """The first and last number that a volume has room for."""
    return (volume - 1) * SIZE + 1, volume * SIZE


def newest(archive: Reading) -> int:
    """The number of the last record, 0 if there is none."""
    return int(archive.row("SELECT coalesce(max(id), 0) FROM records")[0])
