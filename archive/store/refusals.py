"""Refusals: which addresses were not asked for, and why. Endless traps are counted, not listed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime

from archive.model import Refusal
from archive.store.connect import storable
from archive.urls import parted, surt, warc_date

# Listed for each run, host and reason; what comes after is counted.
LISTED = 100
# Was asked for: there are no more of these than captures, and each tells that its capture is of no page.
ASKED = "soft-404"


def add(conn: sqlite3.Connection, run: int, refusals: Iterable[Refusal], now: datetime) -> None:
    """Write each refusal down, or count it where its host and reason have enough."""
    for refusal in refusals:
        host = _host(refusal.url)
        so_far = conn.execute(
            "SELECT refused FROM refusal_counts WHERE run = ? AND host = ? AND reason = ?", (run, host, refusal.reason)
        ).fetchone()
        more = so_far is not None and so_far[0] >= LISTED and refusal.reason != ASKED
        if not more and not _list(conn, run, refusal, now):
            continue
        conn.execute(
            "INSERT INTO refusal_counts (run, host, reason, refused) VALUES (?, ?, ?, 1)"
            " ON CONFLICT DO UPDATE SET refused = refused + 1",
            (run, host, refusal.reason),
        )


def facts(conn: sqlite3.Connection, run: int) -> Iterator[dict[str, object]]:
    """The run's refusals, then the hosts and reasons of which there were more than are listed."""
    for url, reason, detail, via, time in conn.execute(
        "SELECT url, reason, detail, via, time FROM refusals WHERE run = ? ORDER BY id", (run,)
    ):
        yield {"refused": url, "reason": reason, "detail": detail, "via": via, "time": time}
    for host, reason, refused in conn.execute(
        "SELECT host, reason, refused FROM refusal_counts WHERE run = ? AND refused > ? AND reason <> ?", (run, LISTED, ASKED)
    ):
        yield {"host": host, "reason": reason, "refused": refused, "listed": LISTED}


def _list(conn: sqlite3.Connection, run: int, refusal: Refusal, now: datetime) -> bool:
    """Whether the refusal was new."""
    url = storable(refusal.url)
    return (
        conn.execute(
            "INSERT OR IGNORE INTO refusals (run, url, key, reason, detail, via, time, robots, robots_line) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run, url, surt(url), refusal.reason, storable(refusal.detail), refusal.via, warc_date(now),
                *(refusal.ruling or (None, None)),
            ),
        ).rowcount
        > 0
    )


def _host(url: str) -> str:
    return storable(parted(url).hostname or "")
