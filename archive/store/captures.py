"""Captures: one row for each exchange, answered or not."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from archive.model import Capture
from archive.store.connect import inserted, storable
from archive.urls import parse_warc_date, surt

# What `capture` makes a Capture of. One without an answer is named by the first of its other records.
SELECT = """SELECT c.id, c.run, c.url, c.time, c.method, c.status, c.media_type,
  coalesce(r.record_id, (SELECT o.record_id FROM records o WHERE o.capture = c.id ORDER BY o.id LIMIT 1), ''),
  r.payload_sha256, c.length, c.truncated, c.failure, r.refers_to, c.location
  FROM captures c LEFT JOIN records r ON r.id = c.record"""


@dataclass(slots=True)
class NewCapture:
    """What a capture's row says besides which record it is. `time` is the WARC-Date of its records."""

    url: str
    time: str
    method: str = "GET"
    status: int | None = None
    media_type: str | None = None
    location: str | None = None
    length: int = 0
    truncated: str | None = None
    failure: str | None = None
    via: str | None = None
    hops: str | None = None
    robots: int | None = None
    robots_line: int | None = None


def add(conn: sqlite3.Connection, run: int, row: NewCapture) -> int:
    """Write the row; its record is named afterwards by `set_record`."""
    return inserted(conn.execute(
        "INSERT INTO captures (run, url, key, time, method, status, media_type, location, length, truncated, failure,"
        " via, hops, robots, robots_line) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run, row.url, surt(row.url), row.time, row.method, row.status, row.media_type, row.location, row.length,
            row.truncated, storable(row.failure) if row.failure else None, row.via, row.hops,
            row.robots, row.robots_line,
        ),
    ))  # fmt: skip


def before(conn: sqlite3.Connection, run: int) -> bool:
    """Whether the archive has captures older than this run."""
    return bool(conn.execute("SELECT EXISTS (SELECT 1 FROM captures WHERE run < ?)", (run,)).fetchone()[0])


class Whole(NamedTuple):
    """The record of a complete answer, and how its member is kept."""

    record: int
    coding: Literal["gzip", "identity"]


def newest_whole(conn: sqlite3.Connection, url: str) -> Whole | None:
    """The newest complete 200 to a GET of exactly this address; its record is a response, or the revisit of one."""
    found = conn.execute(
        "SELECT r.id, r.coding FROM captures c JOIN records r ON r.id = c.record WHERE c.key = ? AND c.url = ? AND c.status = 200"
        " AND c.method = 'GET' AND c.truncated IS NULL AND c.failure IS NULL AND r.type IN ('response', 'revisit')"
        " ORDER BY c.time DESC, c.id DESC LIMIT 1",
        (surt(url), url),
    ).fetchone()
    return Whole(*found) if found else None


def set_record(conn: sqlite3.Connection, capture: int, record: int) -> None:
    """Name the response or revisit record of a capture."""
    conn.execute("UPDATE captures SET record = ? WHERE id = ?", (record, capture))


def get(conn: sqlite3.Connection, number: int) -> Capture:
    """The capture with this number. Raises KeyError if there is none."""
    row = conn.execute(f"{SELECT} WHERE c.id = ?", (number,)).fetchone()
    if row is None:
        raise KeyError(number)
    return capture(row)


def capture(row: tuple[Any, ...]) -> Capture:
    """A row of `SELECT` in the words of the house."""
    number, run, url, time, method, status, media_type, record_id, payload, *rest = row
    digest = f"sha256:{payload.hex()}" if payload is not None else None
    at = parse_warc_date(time)
    return Capture(number, run, url, at, method, status, media_type, record_id, digest, *rest)
