"""Aliases: addresses that are not asked for because another one stands for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from archive.model import Alias, Refusal
from archive.store import refusals
from archive.store.connect import storable
from archive.store.reading import Reading
from archive.urls import surt, warc_date

# Listed for each address that stands for others; a portal that puts a new session id into every link has no end of them.
LISTED = 100


def add(conn: sqlite3.Connection, run: int, aliases: Iterable[Alias], now: datetime, *, always: bool = False) -> None:
    """Write each alias down; where an address has enough of them, the others are counted as refusals, unless `always` is set."""
    for alias in aliases:
        url, canonical = storable(alias.url), storable(alias.canonical)
        many = conn.execute(
            "SELECT count(*) FROM (SELECT 1 FROM aliases WHERE canonical = ? LIMIT ?)", (canonical, LISTED)
        ).fetchone()[0]
        if many < LISTED or always:
            conn.execute(
                f"INSERT OR {'REPLACE' if always else 'IGNORE'} INTO aliases (url, key, canonical, reason, via, run, time)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (url, surt(url), canonical, alias.reason, alias.via, run, warc_date(now)),
            )
        elif not conn.execute("SELECT EXISTS (SELECT 1 FROM aliases WHERE url = ?)", (url,)).fetchone()[0]:
            refusals.add(conn, run, [Refusal(url, "alias", f"{alias.reason}: {canonical}", alias.via)], now)


def of(archive: Reading, url: str) -> list[dict[str, Any]]:
    """What stands for an address, and what it stands for."""
    names = ("url", "canonical", "reason", "via", "run", "time")
    sql = f"SELECT {', '.join(names)} FROM aliases WHERE key = :key OR url = :url OR canonical = :url ORDER BY time, url"
    return [dict(zip(names, row, strict=True)) for row in archive.rows(sql, {"key": surt(url), "url": url})]


def no_articles(archive: Reading) -> frozenset[tuple[int | None, str]]:
    """(run, address) of pages that said there is no such page, (None, address) of copies of articles that are kept under their own."""
    return frozenset(
        archive.rows(
            "SELECT run, url FROM refusals WHERE reason = 'soft-404' UNION SELECT NULL, url FROM aliases WHERE reason = 'same text'"
        )
    )
