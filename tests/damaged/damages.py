"""For each check of the audit the damage that it must notice, done to an archive of `archives.sound` by hand."""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from archives import HOST, kept_articles, put_article

from archive.cleaning.clean import VERSION
from archive.warc.members import member as as_member

ROBOTS = "(SELECT id FROM records WHERE type = 'response' AND target_uri LIKE '%/robots.txt')"
REQUEST = "(SELECT id FROM records WHERE type = 'request' AND target_uri LIKE '%/robots.txt')"
PAYLOAD = f"SELECT lower(hex(payload_sha256)) FROM records WHERE id = {ROBOTS}"


def sql(path: Path, *statements: str) -> None:
    """Change rows behind the archive's back."""
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            assert db.execute(statement).rowcount != 0, statement


def rewrite(path: Path, record: str, old: bytes, new: bytes) -> None:
    """Change the bytes of a record, and the row's length of its member so that only the content tells."""
    with closing(sqlite3.connect(path)) as db, db:
        number, member = db.execute(f"SELECT record, bytes FROM parts WHERE record = {record}").fetchone()
        plain = gzip.decompress(member)
        assert plain.count(old) == 1
        packed = as_member(plain.replace(old, new))
        db.execute("UPDATE parts SET bytes = ? WHERE record = ?", (packed, number))
        db.execute("UPDATE records SET member_length = ? WHERE id = ?", (len(packed), number))


def one(path: Path, query: str) -> bytes:
    """A value out of the archive."""
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute(query).fetchone()[0]).encode()


def database(path: Path) -> None:
    """An index whose entries are not those of its table."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_schema SET sql = replace(sql, '(run)', '(via)') WHERE name = 'captures_by_run'")


def member(path: Path) -> None:
    """One bit of the checksum of a gzip member."""
    with closing(sqlite3.connect(path)) as db, db:
        number, kept = db.execute(f"SELECT record, bytes FROM parts WHERE record = {ROBOTS}").fetchone()
        db.execute("UPDATE parts SET bytes = ? WHERE record = ?", (kept[:-8] + bytes([kept[-8] ^ 1]) + kept[-7:], number))


def revisit(path: Path) -> None:
    """A revisit that says it repeats the robots.txt, in its head and in its row."""
    number = "(SELECT id FROM records WHERE type = 'revisit')"
    robots = one(path, f"SELECT record_id FROM records WHERE id = {ROBOTS}")
    original = one(path, f"SELECT refers_to FROM records WHERE id = {number}")
    rewrite(path, number, b"WARC-Refers-To: <" + original, b"WARC-Refers-To: <" + robots)
    sql(path, f"UPDATE records SET refers_to = '{robots.decode()}' WHERE id = {number}")


def articles(path: Path) -> None:
    """A source that the page does not name, with all digests made to fit."""
    from archive.store.drafts import content_digest

    with closing(sqlite3.connect(path)) as db, db:
        number, article = kept_articles(db)[0]
        article["source"] = "TTXVN"
        put_article(db, number, article)
        db.execute("UPDATE revisions SET content_sha256 = ? WHERE id = ?", (content_digest(article), number))


def search(path: Path) -> None:
    """Other words in the index than in the article, as many."""
    from archive.store.drafts import search_text

    with closing(sqlite3.connect(path)) as db, db:
        (number,) = db.execute("SELECT a.id FROM articles a JOIN revisions v ON v.id = a.revision ORDER BY v.id").fetchone()
        title, text = search_text(kept_articles(db)[0][1])
        db.execute("INSERT INTO search (search, rowid, title, text) VALUES ('delete', ?, ?, ?)", (number, title, text))
        db.execute("INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)", (number, title, text.replace("hue", "hanoi")))


def file_offers(path: Path) -> None:
    """The robots.txt as a file that the article offers, read as such files are."""
    from archive.file_reading import FileReader
    from archive.retrieve import Reader
    from archive.store import file_texts

    with Reader.open(path) as reader, FileReader() as files:
        (robots,) = reader.find(f"{HOST}/robots.txt")[:1]
        with reader.open(robots) as opened:
            data = opened.body()
        text = files.read(data)
    with closing(sqlite3.connect(path)) as db, db:
        number = file_texts.keep(db, hashlib.sha256(data).digest(), robots.id, text)
        db.execute("INSERT INTO file_offers SELECT id, ? FROM articles", (number,))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "member": member,
    "database": database,
    "foreign-keys": lambda p: sql(p, "INSERT INTO refusal_counts VALUES (99, 'hue.example', 'robots', 1)"),
    "parts": lambda p: sql(p, f"UPDATE parts SET number = 3 WHERE record = {ROBOTS}"),
    "head": lambda p: rewrite(p, ROBOTS, b"WARC-IP-Address: 192.0.2.7", b"WARC-Refers-To-Date: 2026-01-10T08:15:00Z"),
    "block-digest": lambda p: rewrite(p, REQUEST, b"User-Agent: tangthu", b"User-Agent: TangThu"),
    "payload-digest": lambda p: rewrite(p, ROBOTS, b"WARC-Payload-Digest: sha256:" + one(p, PAYLOAD), b"WARC-Payload-Digest: sha256:" + b"0" * 64),
    "row": lambda p: sql(p, f"UPDATE records SET target_uri = '{HOST}/ngoai' WHERE id = {REQUEST}"),
    "capture": lambda p: sql(p, "UPDATE captures SET status = 200 WHERE status = 404"),
    "links": lambda p: rewrite(p, REQUEST, b"WARC-Concurrent-To: <urn:uuid:0", b"WARC-Concurrent-To: <urn:uuid:f"),
    "revisit": revisit,
    "request": lambda p: sql(p, f"UPDATE records SET capture = NULL WHERE id = {REQUEST}"),
    "belonging": lambda p: sql(p, "UPDATE captures SET length = 5 WHERE failure IS NOT NULL"),
    "adopted": lambda p: sql(
        p, "UPDATE parts SET bytes = CAST(substr(bytes, 1, 4) || x'07' || substr(bytes, 6) AS BLOB) "
        "WHERE record = (SELECT max(id) FROM records)",
    ),
    "rules": lambda p: sql(p, "UPDATE rules SET body = body || ' '"),
    "articles": articles,
    "site-models": lambda p: sql(
        p,
        "INSERT INTO site_models (host, time, rules, cleaner, votes, settled) SELECT 'hue.example', '2026-01-10T08:15:00Z', digest, "
        f"'{VERSION}', '{{}}', '[]' FROM rules LIMIT 1",
        "INSERT INTO lessons SELECT 1, c.id, r.payload_sha256 FROM captures c JOIN records r ON r.id = c.record WHERE c.url LIKE '%/tin' "
        "AND c.status = 200",
    ),
    "search": search,
    "facets": lambda p: sql(p, "UPDATE facets SET value = 'cao-bang' WHERE kind = 'portal'"),
    "file-offers": file_offers,
    "file-texts": lambda p: sql(p, "UPDATE file_texts SET status = 'text'"),
    "robots": lambda p: sql(p, "UPDATE robots SET verdict = 'out'"),
    "frontier": lambda p: sql(
        p, f"INSERT INTO frontier (root, url, kind, priority, hops) VALUES (1, '{HOST}/sot', 'page', 0, '')"
    ),
    "facts": lambda p: sql(p, "UPDATE refusals SET detail = 'Disallow: /'"),
    "runs": lambda p: sql(p, "UPDATE runs SET warcinfo = (SELECT record_id FROM records WHERE type = 'request' LIMIT 1)"),
}
