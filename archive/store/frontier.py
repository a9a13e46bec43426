"""The crash-proof queue of a chain of crawl runs: what is to be visited, what was, what is kept but not yet read."""

from __future__ import annotations

import json
import sqlite3
import struct
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from archive.model import Capture, Link, Visit
from archive.store import captures
from archive.urls import keyed, parse_warc_date, warc_date

_VISIT = "f.id, f.url, f.via, f.kind, f.hops, f.priority, f.attempts, q.url, q.method, q.fields, q.body, q.paging"
_FROM = "FROM frontier f LEFT JOIN frontier_requests q ON q.visit = f.id"
_ADD = "INSERT OR IGNORE INTO frontier (root, url, kind, priority, via, hops) VALUES (?, ?, ?, ?, ?, ?)"

# Addresses of a long queue that are read at a time.
AT_ONCE = 10_000


def add(conn: sqlite3.Connection, root: int, links: Iterable[Link]) -> None:
    """Queue the links that the chain has not seen."""
    plain = []
    for link in links:
        row = (root, keyed(link.url, link.method, link.body), link.kind, link.priority, link.via, link.hops)
        if link.method == "GET" and not link.paging and not link.fields:
            plain.append(row)
        elif (added := conn.execute(_ADD, row)).rowcount:
            conn.execute(
                "INSERT INTO frontier_requests (visit, url, method, fields, body, paging) VALUES (?, ?, ?, ?, ?, ?)",
                (added.lastrowid, link.url, link.method, json.dumps(link.fields), link.body, link.paging),
            )
    conn.executemany(_ADD, plain)


def due(conn: sqlite3.Connection, root: int, limit: int, skip: Collection[int], now: datetime) -> list[Visit]:
    """At most `limit` queued visits whose time has come, the most urgent first, none of those in `skip`."""
    rows = conn.execute(
        f"SELECT {_VISIT} {_FROM} WHERE f.root = ? AND f.state = 'queued'"
        " AND (f.not_before IS NULL OR f.not_before <= ?) ORDER BY f.priority, f.id",
        (root, warc_date(now)),
    )
    found: list[Visit] = []
    for row in rows:
        if len(found) >= limit:
            break
        if row[0] not in skip:
            found.append(_visit(row))
    return found


def next_time(conn: sqlite3.Connection, root: int, now: datetime) -> datetime | None:
    """When the earliest of the visits becomes due that have to wait; None if none waits."""
    found = conn.execute(
        "SELECT min(not_before) FROM frontier WHERE root = ? AND state = 'queued' AND not_before > ?",
        (root, warc_date(now)),
    ).fetchone()[0]
    return parse_warc_date(found) if found else None


def captured(conn: sqlite3.Connection, visit: int, capture: int) -> None:
    """T1: the visit brought a capture that has not been read yet."""
    conn.execute(
        "UPDATE frontier SET state = 'captured', capture = ?, attempts = attempts + 1 WHERE id = ?", (capture, visit)
    )


def settle(
    conn: sqlite3.Connection, visit: int, state: str, not_before: datetime | None, text: int | None = None, pieces: Sequence[int] = ()
) -> None:
    """T2: the visit is done, failed, or queued again; its page has the text with this fingerprint, and these pieces that no page had before."""
    conn.execute(
        "UPDATE frontier SET state = ?, not_before = ?, text = ?, pieces = ? WHERE id = ?",
        (state, warc_date(not_before) if not_before else None, text, struct.pack(f"<{len(pieces)}q", *pieces) if pieces else None, visit),
    )


def spend(conn: sqlite3.Connection, root: int, budgets: Mapping[str, int]) -> None:
    """Write down what address patterns have spent."""
    conn.executemany(
        "INSERT INTO budgets (root, pattern, spent) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET spent = excluded.spent",
        [(root, pattern, spent) for pattern, spent in budgets.items()],
    )


class Spent(NamedTuple):
    """What a chain of runs knows of its pages: what address patterns have `spent`, fingerprints of `texts` and of `pieces` of them.

    `empty` are (folder, fingerprint) of what addresses say that nobody made; `former` is what the patterns had spent at the end of the portal's
    chain before.
    """

    spent: dict[str, int]
    texts: array[int]
    pieces: array[int]
    empty: list[tuple[str, int]]
    former: dict[str, int]


def spent(conn: sqlite3.Connection, root: int) -> Spent:
    """What the chain knows of its pages, so that it goes on as if it had not been interrupted."""
    budgets = dict(conn.execute("SELECT pattern, spent FROM budgets WHERE root = ?", (root,)).fetchall())
    texts = array("q", (row[0] for row in conn.execute("SELECT DISTINCT text FROM frontier WHERE root = ? AND text IS NOT NULL", (root,))))
    pieces = array("q")
    for (packed,) in conn.execute("SELECT pieces FROM frontier WHERE root = ? AND pieces IS NOT NULL", (root,)):
        pieces.extend(struct.unpack(f"<{len(packed) // 8}q", packed[: len(packed) // 8 * 8]))
    portal = "(SELECT portal FROM runs WHERE id = :root)"
    empty = conn.execute(f"SELECT folder, text FROM no_pages WHERE portal = {portal}", {"root": root}).fetchall()
    former = conn.execute(
        "SELECT b.pattern, max(b.spent) FROM budgets b JOIN runs r ON r.id = b.root"
        f" WHERE r.portal = {portal} AND b.root <> :root GROUP BY b.pattern",
        {"root": root},
    ).fetchall()
    return Spent(budgets, texts, pieces, empty, dict(former))


def saying(conn: sqlite3.Connection, root: int, text: int) -> list[Link]:
    """The pages of the chain, asked for by their address alone, that have the text with this fingerprint."""
    sql = "SELECT url, via, kind, hops, priority FROM frontier WHERE root = ? AND text = ? AND kind = 'page' AND url LIKE 'http%'"
    return [Link(*row) for row in conn.execute(sql, (root, text)).fetchall()]


def unsettled(conn: sqlite3.Connection, root: int) -> list[tuple[Visit, Capture]]:
    """What was kept and not yet read when the chain was interrupted, each visit as it was handed out."""
    # T1 has counted the try; whoever settles the visit counts it by itself.
    rows = conn.execute(
        f"SELECT {_VISIT}, f.capture {_FROM} WHERE f.root = ? AND f.state = 'captured' ORDER BY f.id", (root,)
    ).fetchall()
    handed = ((_visit(visit), number) for *visit, number in rows)
    return [(replace(visit, attempts=visit.attempts - 1), captures.get(conn, number)) for visit, number in handed]


def known(conn: sqlite3.Connection, root: int, last: str) -> list[str]:
    """The next addresses behind `last` that the chain has seen, as `archive.urls.keyed`, some thousand of them."""
    rows = conn.execute("SELECT url FROM frontier WHERE root = ? AND url > ? ORDER BY url LIMIT ?", (root, last, AT_ONCE))
    return [row[0] for row in rows]


def counts(conn: sqlite3.Connection, root: int) -> dict[str, int]:
    """How many visits are in each state."""
    return dict(conn.execute("SELECT state, count(*) FROM frontier WHERE root = ? GROUP BY state", (root,)).fetchall())


def has_work(conn: sqlite3.Connection, root: int) -> bool:
    """Whether anything is left to be visited or read."""
    found = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM frontier WHERE root = ? AND state IN ('queued', 'captured'))", (root,)
    ).fetchone()
    return bool(found[0])


def exists(conn: sqlite3.Connection, root: int) -> bool:
    """Whether the chain has a queue, be it worked off: only a finished or given up chain has none."""
    found = conn.execute("SELECT EXISTS (SELECT 1 FROM frontier WHERE root = ?)", (root,)).fetchone()
    return bool(found[0])


def empty(conn: sqlite3.Connection, root: int) -> None:
    """Forget the chain's queue: it has been worked off, or given up."""
    conn.execute("DELETE FROM frontier_requests WHERE visit IN (SELECT id FROM frontier WHERE root = ?)", (root,))
    conn.execute("DELETE FROM frontier WHERE root = ?", (root,))
    # What address patterns have spent is known to the portal's next run; what was not asked for keeps what it had.
    others = "SELECT id FROM runs WHERE portal = (SELECT portal FROM runs WHERE id = :root) AND id <> :root"
    conn.execute(
        "INSERT OR IGNORE INTO budgets (root, pattern, spent)"
        f" SELECT :root, pattern, max(spent) FROM budgets WHERE root IN ({others}) GROUP BY pattern",
        {"root": root},
    )
    conn.execute(f"DELETE FROM budgets WHERE root IN ({others}) OR root = :root AND spent = 0", {"root": root})


def _visit(row: Sequence[Any]) -> Visit:
    number, url, via, kind, hops, priority, attempts, asked, method, fields, body, paging = row
    if method is None:
        return Visit(number, Link(url, via, kind, hops, priority), attempts)
    said = tuple((name, value) for name, value in json.loads(fields))
    return Visit(number, Link(asked, via, kind, hops, priority, method, body, said, paging), attempts)
