"""Articles: their revisions, the rules they were cleaned by, and the search index over the newest of each."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Any

from archive.model import Article, Draft
from archive.store.connect import inserted, storable
from archive.store.fold import fold
from archive.urls import surt

# What makes two cleanings the same article. Which capture they came from, what did the cleaning, and what it cut does
# not.
_CONTENT = ("title", "lead", "text", "authors", "source", "published", "modified", "section", "tags", "document")


def draft(article: Article, rules: bytes | None) -> Draft:
    """Digest and fold `article`; `rules` is the canonical JSON of the rules it was cleaned by."""
    body = article.to_dict()
    del body["capture"]
    written = json.dumps(body, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:  # seldom enough not to be written anew each time
        written = storable(written)
        body = json.loads(written)
    named = (f"sha256:{hashlib.sha256(rules).hexdigest()}", rules.decode()) if rules is not None else None
    version = str(article.cleaner.get("version") or "")
    return Draft(
        body["url"], surt(body["url"]), body["title"], body["published"], written, content_digest(body), search_text(body), named, version
    )


def content_digest(body: dict[str, Any]) -> bytes:
    """One number for what an article says: equal numbers make no new revision."""
    content = {name: body.get(name) for name in _CONTENT}
    content["images"] = [[image["url"], image["caption"]] for image in body["images"]]
    content["attachments"] = [[file["url"], file["name"], file["media_type"]] for file in body["attachments"]]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).digest()


def search_text(body: dict[str, Any]) -> tuple[str, str]:
    """Title and text as the index holds them; captions and names of attachments are found with the text."""
    more = [image["caption"] for image in body["images"]] + [file["name"] for file in body["attachments"]]
    return fold(body["title"] or ""), fold("\n\n".join([body["text"], *filter(None, more)]))


def add(conn: sqlite3.Connection, capture: int, made: Draft) -> int | None:
    """Keep a revision, unless the article already says this; returns the revision's number or None.

    A revision of an older capture than the newest one's is kept beside it and does not become the newest.
    """
    article, newest = _article(conn, made)
    if newest is not None and newest["content_sha256"] == made.content_sha256:
        return None
    time, record_id, payload, url = conn.execute(
        "SELECT c.time, coalesce(r.record_id, ''), r.payload_sha256, c.url FROM captures c"
        " LEFT JOIN records r ON r.id = c.record WHERE c.id = ?",
        (capture,),
    ).fetchone()
    digest = f"sha256:{payload.hex()}" if payload is not None else None
    source = json.dumps({"url": url, "time": time, "record_id": record_id, "payload_digest": digest}, ensure_ascii=False)
    if made.rules is not None:
        conn.execute("INSERT OR IGNORE INTO rules (digest, body) VALUES (?, ?)", made.rules)
    revision = inserted(conn.execute(
        "INSERT INTO revisions (article, capture, rules, cleaner, content_sha256, title, published, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article, capture, made.rules[0] if made.rules else None, made.cleaner, made.content_sha256,
            made.title, made.published, f'{{"capture": {source}, {made.body[1:]}',
        ),
    ))  # fmt: skip
    if newest is None or newest["time"] <= time:
        _show(conn, article, revision, made, newest)
    return revision


def _article(conn: sqlite3.Connection, made: Draft) -> tuple[int, dict[str, Any] | None]:
    """The article's number and what is known of its newest revision."""
    row = conn.execute(
        "SELECT a.id, v.content_sha256, v.body, c.time FROM articles a LEFT JOIN revisions v ON v.id = a.revision"
        " LEFT JOIN captures c ON c.id = v.capture WHERE a.key = ?",
        (made.key,),
    ).fetchone()
    if row is None:
        number = inserted(conn.execute("INSERT INTO articles (url, key) VALUES (?, ?)", (made.url, made.key)))
        return number, None
    if row[1] is None:
        return row[0], None
    return row[0], {"content_sha256": row[1], "body": row[2], "time": row[3]}


def _show(conn: sqlite3.Connection, article: int, revision: int, made: Draft, former: dict[str, Any] | None) -> None:
    """Make `revision` the one that is listed and found."""
    if former is not None:
        # The index has no copy of its text: what is to be taken out has to be given again.
        conn.execute(
            "INSERT INTO search (search, rowid, title, text) VALUES ('delete', ?, ?, ?)",
            (article, *search_text(json.loads(former["body"]))),
        )
    conn.execute("UPDATE articles SET revision = ?, url = ? WHERE id = ?", (revision, made.url, article))
    conn.execute("INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)", (article, *made.folded))
