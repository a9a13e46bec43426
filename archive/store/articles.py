"""Articles: their revisions, the rules they were cleaned by, and the search index over the newest of each."""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple

from archive.model import Draft
from archive.store import file_texts
from archive.store.connect import inserted, storable
from archive.store.drafts import search_text
from archive.store.packing import opened
from archive.urls import surt


def add(conn: sqlite3.Connection, capture: int, made: Draft, *, again: bool = False, claims: str | None = None) -> int | None:
    """Keep a revision, unless the article already says this (`again`: in any case); returns the revision's number or None.

    A revision of an older capture than the newest one's is kept beside it and does not become the newest. `claims` is another address that
    the page says is its own.
    """
    article, newest = _article(conn, made)
    if claims is not None:
        conn.execute("UPDATE articles SET claims = ? WHERE id = ?", (storable(claims), article))
    if not again and newest is not None and newest.content_sha256 == made.content_sha256:
        return None
    time, portal = conn.execute(
        "SELECT c.time, r.portal FROM captures c JOIN runs r ON r.id = c.run WHERE c.id = ?", (capture,)
    ).fetchone()
    if made.rules is not None:
        conn.execute("INSERT OR IGNORE INTO rules (digest, body) VALUES (?, ?)", made.rules)
    revision = inserted(conn.execute(
        "INSERT INTO revisions (article, capture, rules, cleaner, content_sha256, title, published, packed, length, layer, container)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article, capture, made.rules[0] if made.rules else None, made.cleaner, made.content_sha256,
            made.title, made.published, made.packed, made.length, made.layer, made.container,
        ),
    ))  # fmt: skip
    if newest is None or newest.time <= time:
        _show(conn, article, revision, made, newest)
        _narrow(conn, article, portal, time, made)
        if newest is not None:
            file_texts.withdraw(conn, article, opened(made.packed))
    return revision


def withdraw(conn: sqlite3.Connection, article: int) -> None:
    """Show an article no longer: its address turned out to be a copy, or no page. What was kept of it stays; whoever withdraws it says why."""
    (kept,) = conn.execute("SELECT v.packed FROM articles a JOIN revisions v ON v.id = a.revision WHERE a.id = ?", (article,)).fetchone()
    conn.execute("INSERT INTO search (search, rowid, title, text) VALUES ('delete', ?, ?, ?)", (article, *search_text(json.loads(opened(kept)))))
    conn.execute("UPDATE articles SET revision = NULL, says = NULL, dated = NULL WHERE id = ?", (article,))
    conn.execute("DELETE FROM facets WHERE article = ?", (article,))
    conn.execute("DELETE FROM file_offers WHERE article = ?", (article,))


def says(conn: sqlite3.Connection, url: str, made: Draft) -> bool:
    """Whether the article at another address says the very same: title and text."""
    key = surt(url)
    if key == made.key:
        return False
    row = conn.execute("SELECT v.packed FROM articles a JOIN revisions v ON v.id = a.revision WHERE a.key = ?", (key,)).fetchone()
    if row is None:
        return False
    there, here = json.loads(opened(row[0])), json.loads(opened(made.packed))
    return all(there[name] == here[name] for name in ("title", "text"))


def revise(conn: sqlite3.Connection, capture: int, former: int | None, made: Draft) -> int | None:
    """Keep what cleaning a capture again gave; returns the revision's number.

    With the content of the revision `former` that one is brought up to date; another content makes a new one beside it. None, and
    nothing changed, if `former` is no longer the last one of the capture: somebody else was faster.
    """
    last = conn.execute(
        "SELECT id, content_sha256 FROM revisions WHERE capture = ? ORDER BY id DESC LIMIT 1", (capture,)
    ).fetchone()
    if (last[0] if last else None) != former:
        return None
    if last is None or last[1] != made.content_sha256:
        return add(conn, capture, made, again=True)
    if made.rules is not None:
        conn.execute("INSERT OR IGNORE INTO rules (digest, body) VALUES (?, ?)", made.rules)
    conn.execute(
        "UPDATE revisions SET rules = ?, cleaner = ?, packed = ?, length = ?, layer = ?, container = ? WHERE id = ?",
        (made.rules[0] if made.rules else None, made.cleaner, made.packed, made.length, made.layer, made.container, last[0]),
    )
    return int(last[0])


class _Newest(NamedTuple):
    """What is known of an article's newest revision."""

    revision: int
    content_sha256: bytes
    time: str


def _article(conn: sqlite3.Connection, made: Draft) -> tuple[int, _Newest | None]:
    """The article's number, and its newest revision if it has one."""
    row = conn.execute(
        "SELECT a.id, v.id, v.content_sha256, c.time FROM articles a LEFT JOIN revisions v ON v.id = a.revision"
        " LEFT JOIN captures c ON c.id = v.capture WHERE a.key = ?",
        (made.key,),
    ).fetchone()
    if row is None:
        return inserted(conn.execute("INSERT INTO articles (url, key) VALUES (?, ?)", (made.url, made.key))), None
    number, *newest = row
    return number, None if newest[0] is None else _Newest(*newest)


def _show(conn: sqlite3.Connection, article: int, revision: int, made: Draft, former: _Newest | None) -> None:
    """Make `revision` the one that is listed and found."""
    if former is not None:
        # The index has no copy of its text: what is to be taken out has to be given again.
        (kept,) = conn.execute("SELECT packed FROM revisions WHERE id = ?", (former.revision,)).fetchone()
        conn.execute(
            "INSERT INTO search (search, rowid, title, text) VALUES ('delete', ?, ?, ?)",
            (article, *search_text(json.loads(opened(kept)))),
        )
    conn.execute("UPDATE articles SET revision = ?, url = ?, says = ? WHERE id = ?", (revision, made.url, made.says, article))
    conn.execute("INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)", (article, *made.folded))


def _narrow(conn: sqlite3.Connection, article: int, portal: str, time: str, made: Draft) -> None:
    """Say by what the newest revision, captured at `time`, can be narrowed, and under which date it is listed."""
    conn.execute("DELETE FROM facets WHERE article = ?", (article,))
    told = [(kind, value, article) for kind, value in (("portal", portal), *made.facets)]
    conn.executemany("INSERT OR IGNORE INTO facets (kind, value, article) VALUES (?, ?, ?)", told)
    conn.execute("UPDATE articles SET dated = ? WHERE id = ?", (made.published or time, article))
