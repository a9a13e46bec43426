"""By which robots.txt an address was let in or kept out: each answer that rules were read from, and what it decided."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from archive.robots import Source
from archive.store.connect import inserted, storable
from archive.store.reading import Reading
from archive.urls import warc_date


def add(conn: sqlite3.Connection, run: int, source: Source, now: datetime) -> int:
    """Write down what will be decided by; its number."""
    return inserted(conn.execute(
        "INSERT INTO robots (run, origin, capture, verdict, detail, agent, time) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (run, source.origin, source.capture, source.verdict, storable(source.detail), source.agent, warc_date(now)),
    ))  # fmt: skip


_NAMES = ("allowed", "url", "decided", "run", "line", "origin", "verdict", "detail", "agent", "time", "capture", "record_id")
_RULINGS = """SELECT d.allowed, d.url, d.decided, d.run, d.line, b.origin, b.verdict, b.detail, b.agent, b.time, b.capture, r.record_id FROM (
  SELECT 1 AS allowed, url, key, time AS decided, run, robots, robots_line AS line FROM captures WHERE robots IS NOT NULL
  UNION ALL SELECT 0, url, key, time, run, robots, robots_line FROM refusals WHERE robots IS NOT NULL) d
  JOIN robots b ON b.id = d.robots LEFT JOIN captures c ON c.id = b.capture LEFT JOIN records r ON r.id = c.record"""


def rulings(archive: Reading, key: str, newest: int | None = None) -> list[dict[str, Any]]:
    """What robots.txt decided of an address (by its SURT key), oldest first; only so many of the newest, if told."""
    rows = archive.rows(f"{_RULINGS} WHERE d.key = ? ORDER BY d.decided DESC LIMIT ?", (key, -1 if newest is None else newest))
    return [dict(zip(_NAMES, row, strict=True)) for row in rows][::-1]


class Kept(NamedTuple):
    """A row of `robots`, with the status of the answer that was read and whether it came whole."""

    id: int
    origin: str
    capture: int | None
    verdict: str
    agent: str | None
    url: str | None
    status: int | None


def sources(archive: Reading) -> Iterator[Kept]:
    """Everything that was decided by."""
    return map(
        Kept._make,
        archive.rows(
            "SELECT b.id, b.origin, b.capture, b.verdict, b.agent, c.url, c.status FROM robots b LEFT JOIN captures c ON c.id = b.capture "
            "ORDER BY b.id"
        ),
    )


def decided(archive: Reading, source: int) -> Iterator[tuple[str, int, int]]:
    """(address, allowed, line) of every decision by a row of `robots`."""
    return archive.rows(
        "SELECT url, 1, robots_line FROM captures WHERE robots = :source UNION ALL SELECT url, 0, robots_line FROM refusals "
        "WHERE robots = :source",
        {"source": source},
    )


def undecided(archive: Reading) -> Iterator[tuple[str, int]]:
    """(address, run) of captures that a crawl of an origin made without a decision, though it has decided of others there."""
    return archive.rows(
        "SELECT c.url, c.run FROM captures c WHERE c.robots IS NULL AND c.via IS NOT NULL AND c.hops <> '' AND EXISTS "
        "(SELECT 1 FROM robots b WHERE b.run = c.run AND substr(c.url, 1, length(b.origin) + 1) = b.origin || '/')"
    )
