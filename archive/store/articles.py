"""Articles: their revisions, the rules they were cleaned by, and the search index over the newest of each."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from archive.model import Article, Draft
from archive.store.connect import inserted, storable
from archive.store.fold import fold
from archive.urls import surt

# What makes two cleanings the same article. Which capture they came from, what did the cleaning, and what it cut does
# not.
_CONTENT = ("title", "lead", "text", "authors", "source", "published", "modified", "section", "tags", "document")
# Made once: json.dumps makes an encoder for each call.
_PLAIN = json.JSONEncoder(ensure_ascii=False)
_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def draft(article: Article, rules: bytes | None) -> Draft:
    """Digest and fold `article`; `rules` is the canonical JSON of the rules it was cleaned by."""
    body = article.to_dict()
    del body["capture"]
    written = {name: _PLAIN.encode(value) for name, value in body.items()}
    try:
        kept = _object(written).encode()
    except UnicodeEncodeError:  # seldom enough to be done anew
        plain = json.loads(storable(_object({"capture": "null", **written})))
        return draft(Article.from_dict(plain), rules)
    named = (f"sha256:{hashlib.sha256(rules).hexdigest()}", rules.decode()) if rules is not None else None
    version = str(article.cleaner.get("version") or "")
    return Draft(
        body["url"], surt(body["url"]), body["title"], body["published"], kept, _digest(body, written), search_text(body), named,
        version, facets(body),
    )  # fmt: skip


def content_digest(body: dict[str, Any]) -> bytes:
    """One number for what an article says: equal numbers make no new revision."""
    return _digest(body, {})


def _digest(body: dict[str, Any], written: Mapping[str, str]) -> bytes:
    """As `content_digest`; `written` has the JSON of fields where it is known: writing a text twice took 0.1 of 0.5 ms a page."""
    content = {name: written.get(name) or _PLAIN.encode(body.get(name)) for name in _CONTENT if name != "document"}
    content["document"] = _SORTED.encode(body.get("document"))
    content["images"] = _PLAIN.encode([[image["url"], image["caption"]] for image in body["images"]])
    files = [[file["url"], file["name"], file["media_type"]] for file in body["attachments"]]
    content["attachments"] = _PLAIN.encode(files)
    return hashlib.sha256(_object(dict(sorted(content.items()))).encode()).digest()


def _object(fields: Mapping[str, str]) -> str:
    """A JSON object, as `json.dumps` writes it, of fields that are JSON already."""
    return "{" + ", ".join([f'"{name}": {value}' for name, value in fields.items()]) + "}"


def search_text(body: dict[str, Any]) -> tuple[str, str]:
    """Title and text as the index holds them; captions, names of attachments and a document's number are found with the text."""
    more = [image["caption"] for image in body["images"]] + [file["name"] for file in body["attachments"]]
    more += [body["document"]["number"]] if body["document"] else []
    return fold(body["title"] or ""), fold("\n\n".join([body["text"], *filter(None, more)]))


def facets(body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """(kind, value) of what the article can be narrowed by, its portal aside."""
    told = [("section", name) for name in body["section"]] + [("author", name) for name in body["authors"]]
    return tuple(dict.fromkeys([*told, *([("attachments", "yes")] if body["attachments"] else [])]))


def add(conn: sqlite3.Connection, capture: int, made: Draft, *, again: bool = False) -> int | None:
    """Keep a revision, unless the article already says this (`again`: in any case); returns the revision's number or None.

    A revision of an older capture than the newest one's is kept beside it and does not become the newest.
    """
    article, newest = _article(conn, made)
    if not again and newest is not None and newest.content_sha256 == made.content_sha256:
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
        " VALUES (?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT))",
        (
            article, capture, made.rules[0] if made.rules else None, made.cleaner, made.content_sha256,
            made.title, made.published, b'{"capture": %b, %b' % (source.encode(), made.body[1:]),
        ),
    ))  # fmt: skip
    if newest is None or newest.time <= time:
        _show(conn, article, revision, made, newest)
        _narrow(conn, article, capture, made)
    return revision


def revise(conn: sqlite3.Connection, capture: int, former: int | None, made: Draft) -> int | None:
    """Keep what cleaning a capture again gave; returns the revision's number.

    With the content of the revision `former` that one is brought up to date; another content makes a new one beside it. None, and
    nothing changed, if `former` is no longer the last one of the capture: somebody else was faster.
    """
    last = conn.execute(
        "SELECT id, content_sha256, body FROM revisions WHERE capture = ? ORDER BY id DESC LIMIT 1", (capture,)
    ).fetchone()
    if (last[0] if last else None) != former:
        return None
    if last is None or last[1] != made.content_sha256:
        return add(conn, capture, made, again=True)
    if made.rules is not None:
        conn.execute("INSERT OR IGNORE INTO rules (digest, body) VALUES (?, ?)", made.rules)
    source = json.dumps(json.loads(last[2])["capture"], ensure_ascii=False)
    conn.execute(
        "UPDATE revisions SET rules = ?, cleaner = ?, body = CAST(? AS TEXT) WHERE id = ?",
        (
            made.rules[0] if made.rules else None, made.cleaner,
            b'{"capture": %b, %b' % (source.encode(), made.body[1:]), last[0],
        ),
    )  # fmt: skip
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
        (body,) = conn.execute("SELECT body FROM revisions WHERE id = ?", (former.revision,)).fetchone()
        conn.execute(
            "INSERT INTO search (search, rowid, title, text) VALUES ('delete', ?, ?, ?)",
            (article, *search_text(json.loads(body))),
        )
    conn.execute("UPDATE articles SET revision = ?, url = ? WHERE id = ?", (revision, made.url, article))
    conn.execute("INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)", (article, *made.folded))


def _narrow(conn: sqlite3.Connection, article: int, capture: int, made: Draft) -> None:
    """Say by what the newest revision, cleaned from `capture`, can be narrowed, and under which date it is listed."""
    time, portal = conn.execute(
        "SELECT c.time, r.portal FROM captures c JOIN runs r ON r.id = c.run WHERE c.id = ?", (capture,)
    ).fetchone()
    conn.execute("DELETE FROM facets WHERE article = ?", (article,))
    told = [(kind, value, article) for kind, value in (("portal", portal), *made.facets)]
    conn.executemany("INSERT OR IGNORE INTO facets (kind, value, article) VALUES (?, ?, ?)", told)
    conn.execute("UPDATE articles SET dated = ? WHERE id = ?", (made.published or time, article))
