"""One article at several addresses is kept once: which address stands for the others, and what is shown no longer. Nothing that was kept is lost."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from archive.model import Alias, Draft, Link, Refusal, Run
from archive.store import aliases, articles, frontier, refusals
from archive.store.connect import storable
from archive.urls import folder_of, surt, unmade

_SAME = "same text"
# Pages in other folders that say the same as one that nobody made: so many of their folders are looked at.
FOLDERS = 8


def keep(conn: sqlite3.Connection, run: Run, capture: int, draft: Draft, canonical: str, now: datetime) -> None:
    """Keep the article of a page, unless another address of its host says the very same: then one is the other's alias.

    The address that was captured first stands for the others, as long as it is there; but one that a copy named as
    its own stands for that copy. What a page names is no proof: the texts have to be equal.
    """
    if canonical and articles.says(conn, canonical, draft):
        _stands(conn, run, canonical, draft.url, now)
        return
    for number, url, claims, first in _same(conn, draft):
        # Pages are read side by side: the one captured first may be read last.
        if (claims and surt(claims) == draft.key) or _is_alias(conn, url, draft.url) or capture < first or _is_gone(conn, url):
            articles.add(conn, capture, draft)
            aliases.add(conn, run.id, [Alias(url, draft.url, _SAME)], now, always=True)
            articles.withdraw(conn, number)
            return
        if not _is_shown(conn, draft.key) or _is_alias(conn, draft.url, url):
            _stands(conn, run, url, draft.url, now)
            return
    articles.add(conn, capture, draft, claims=canonical if canonical and surt(canonical) != draft.key else None)
    # What was a copy of this one and says something else by now is an article of its own.
    conn.execute(
        "DELETE FROM aliases WHERE canonical = ? AND reason = ?"
        " AND EXISTS (SELECT 1 FROM articles a WHERE a.url = aliases.url AND a.revision IS NOT NULL)",
        (storable(draft.url), _SAME),
    )


def unmask(conn: sqlite3.Connection, run: Run, probe: str, text: int, now: datetime) -> None:
    """An address that nobody made says this: pages beside it that say the same are none. Their likes in other folders are to be looked at."""
    folder = folder_of(probe)
    conn.execute("INSERT OR IGNORE INTO no_pages (portal, folder, text) VALUES (?, ?, ?)", (run.portal, folder, text))
    refusals.add(conn, run.id, [Refusal(probe, "soft-404", "nobody made this address")], now)
    others: dict[str, Link] = {}
    for link in frontier.saying(conn, run.root, text):
        if folder_of(link.url) != folder:
            others.setdefault(folder_of(link.url), Link(unmade(link.url), link.url, "probe", link.hops + "P", link.priority))
            continue
        detail = "it says what an address says that nobody made"
        refusals.add(conn, run.id, [Refusal(link.url, "soft-404", detail, link.via)], now)
        row = conn.execute("SELECT id FROM articles WHERE key = ? AND revision IS NOT NULL", (surt(link.url),)).fetchone()
        if row is not None:
            articles.withdraw(conn, row[0])
        url = storable(link.url)
        conn.execute("DELETE FROM aliases WHERE reason = ? AND ? IN (url, canonical)", (_SAME, url))
    frontier.add(conn, run.root, [*others.values()][:FOLDERS])


def _stands(conn: sqlite3.Connection, run: Run, url: str, copy: str, now: datetime) -> None:
    row = conn.execute("SELECT id FROM articles WHERE key = ? AND revision IS NOT NULL", (surt(copy),)).fetchone()
    aliases.add(conn, run.id, [Alias(copy, url, _SAME)], now, always=row is not None)
    if row is not None:
        articles.withdraw(conn, row[0])


def _same(conn: sqlite3.Connection, draft: Draft) -> list[tuple[int, str, str | None, int]]:
    """(number, address, claimed address, first capture) of the articles of the same host, under other addresses, that say the same."""
    host = draft.key.partition(")")[0]
    sql = "SELECT id, url, claims, (SELECT min(capture) FROM revisions v WHERE v.article = a.id), key FROM articles a WHERE says = ? ORDER BY id"
    return [
        (number, url, claims, first)
        for number, url, claims, first, key in conn.execute(sql, (draft.says,))
        if key != draft.key and key.partition(")")[0] == host
    ]


def _is_alias(conn: sqlite3.Connection, url: str, canonical: str) -> bool:
    return conn.execute("SELECT 1 FROM aliases WHERE url = ? AND canonical = ?", (storable(url), storable(canonical))).fetchone() is not None


def _is_gone(conn: sqlite3.Connection, url: str) -> bool:
    """Whether an address answered last that it is gone: a portal that has moved has its articles elsewhere."""
    sql = "SELECT status FROM captures WHERE key = ? AND status IS NOT NULL ORDER BY time DESC, id DESC LIMIT 1"
    return conn.execute(sql, (surt(url),)).fetchone() in ((404,), (410,))


def _is_shown(conn: sqlite3.Connection, key: str) -> bool:
    return conn.execute("SELECT 1 FROM articles WHERE key = ? AND revision IS NOT NULL", (key,)).fetchone() is not None
