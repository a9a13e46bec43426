"""What the runs of a portal saw of each address, and when it is to be asked again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from archive.changing import Sighting, Watched, after
from archive.model import Link
from archive.urls import parse_warc_date, warc_date

_WATCHED = "due, seen, changes, quiet, mark, last, changed, misses, missing, failures"
_TIMES = (0, 5, 6, 8)
# The kinds that this is not about: what names new pages is asked by each run, and what nobody made (a probe) by none.
ALWAYS = ("list", "sitemap", "feed", "probe")
_ALWAYS = ", ".join(f"'{kind}'" for kind in ALWAYS)


def watch(conn: sqlite3.Connection, portal: str, visit: int, sighting: Sighting) -> None:
    """Add what a run saw of a visit's address. Lists, and what is asked by sending something, are asked by every run anyway."""
    row = conn.execute(
        f"SELECT url, kind, priority, via, hops FROM frontier f WHERE id = ? AND kind NOT IN ({_ALWAYS})"
        " AND NOT EXISTS (SELECT 1 FROM frontier_requests q WHERE q.visit = f.id)",
        (visit,),
    ).fetchone()
    if row is None:
        return
    url, kind, *_ = row
    found = conn.execute(f"SELECT {_WATCHED} FROM addresses WHERE portal = ? AND url = ?", (portal, url)).fetchone()
    made = _columns(after(_watched(found) if found else None, url, kind, sighting))
    conn.execute(
        f"INSERT INTO addresses (portal, url, kind, priority, via, hops, {_WATCHED}) VALUES (?, ?, ?, ?, ?, ?{', ?' * len(made)})"
        f" ON CONFLICT (portal, url) DO UPDATE SET ({_WATCHED}) = ({', '.join('excluded.' + c for c in _WATCHED.split(', '))})",
        (portal, *row, *made),
    )


def queue_due(conn: sqlite3.Connection, root: int, portal: str, now: datetime) -> int:
    """Queue the addresses of a portal whose time has come; how many."""
    before = conn.total_changes
    conn.execute(
        "INSERT OR IGNORE INTO frontier (root, url, kind, priority, via, hops)"
        " SELECT ?, url, kind, priority, via, hops FROM addresses WHERE portal = ? AND due <= ? ORDER BY due",
        (root, portal, warc_date(now)),
    )
    return conn.total_changes - before


def unnamed(conn: sqlite3.Connection, root: int, portal: str, after: str, limit: int) -> list[Link]:
    """The pages and documents of a portal that a chain of runs has not met, though others did, gone ones aside; by address, from behind `after`."""
    rows = conn.execute(
        "SELECT url, via, kind, hops, priority FROM addresses a WHERE portal = ? AND url > ? AND kind IN ('page', 'document') AND misses < 2"
        " AND NOT EXISTS (SELECT 1 FROM frontier f WHERE f.root = ? AND f.url = a.url) ORDER BY url LIMIT ?",
        (portal, after, root, limit),
    )
    return [Link(*row) for row in rows]


def not_waiting(conn: sqlite3.Connection, portal: str, links: Iterable[Link], now: datetime) -> list[Link]:
    """The links without those whose time has not come."""
    sql = "SELECT 1 FROM addresses WHERE portal = ? AND url = ? AND due > ?"
    at = warc_date(now)
    return [
        link
        for link in links
        if link.kind in ALWAYS or link.method != "GET" or conn.execute(sql, (portal, link.url, at)).fetchone() is None
    ]


def postpone(conn: sqlite3.Connection, root: int, portal: str, now: datetime) -> None:
    """What a run leaves in its queue is due for the next one: no page that has been read will name it again soon."""
    conn.execute(
        "INSERT OR IGNORE INTO addresses (portal, url, kind, priority, via, hops, due)"
        f" SELECT ?, url, kind, priority, via, hops, ? FROM frontier f WHERE root = ? AND state = 'queued' AND kind NOT IN ({_ALWAYS})"
        " AND NOT EXISTS (SELECT 1 FROM frontier_requests q WHERE q.visit = f.id)",
        (portal, warc_date(now), root),
    )


def described(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `portal, kind, ...` and what was seen, as facts for people and machines."""
    portal, kind, *rest = row
    seen = _watched(tuple(rest))
    gone = seen.missing.isoformat() if seen.missing and seen.gone else None
    return {
        "portal": portal,
        "kind": kind,
        "seen": seen.seen,
        "changes": seen.changes,
        "last_seen": seen.last.isoformat() if seen.last else None,
        "last_change": seen.changed.isoformat() if seen.changed else None,
        "missing_since": seen.missing.isoformat() if seen.missing else None,
        "gone_since": gone,
        "failures": seen.failures,
        "due": seen.due.isoformat(),
    }


DESCRIBED = f"portal, kind, {_WATCHED}"


def _watched(row: tuple[Any, ...]) -> Watched:
    told: list[Any] = [parse_warc_date(value) if at in _TIMES and value else value for at, value in enumerate(row)]
    return Watched(*told)


def _columns(watched: Watched) -> list[Any]:
    told = [getattr(watched, name) for name in _WATCHED.split(", ")]
    return [warc_date(value) if isinstance(value, datetime) else value for value in told]
