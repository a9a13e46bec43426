"""An older archive is brought up to date, with a copy of what it was."""

from __future__ import annotations

import json
import lzma
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from archives import HOST, kept_articles
from conftest import ROOT

from archive import Depositor, Reader
from archive.audit import table_checks
from archive.audit.findings import Verdict
from archive.audit.verify import verify
from archive.errors import Misuse
from archive.model import Article, Attachment, Document, Image
from archive.store import article_reading as shelf
from archive.store import packing
from archive.store.connect import close, open_for_reading, open_for_writing
from archive.store.drafts import search_text
from archive.store.fold import fold
from archive.store.migrations import newest
from archive.store.schema import MIGRATIONS

LATER = (
    *MIGRATIONS,
    (newest() + 1, "portals get a name", "CREATE TABLE names (portal TEXT PRIMARY KEY);\nINSERT INTO names VALUES ('hue');"),
    (newest() + 2, "and a province", "ALTER TABLE names ADD COLUMN province TEXT;"),
)


@pytest.fixture
def older(tmp_path):
    path = tmp_path / "hue.db"
    db = open_for_writing(path)
    db["rules"].insert({"digest": "a", "body": "b"})
    close(db)
    return path


def test_what_was_there_stays_and_is_backed_up_first(older):
    db = open_for_writing(older, migrations=LATER)
    assert list(db["names"].rows) == [{"portal": "hue", "province": None}]
    assert db["rules"].count == 1
    close(db)
    backup = older.with_name(f"hue.db.backup-v{newest()}")
    reader = open_for_reading(backup)
    assert reader["rules"].count == 1
    assert "names" not in reader.table_names()
    reader.conn.close()


def test_nothing_is_backed_up_when_nothing_is_missing(older):
    close(open_for_writing(older))
    close(open_for_writing(older.with_name("new.db"), migrations=LATER))
    assert not list(older.parent.glob("*backup*"))


def test_a_migration_that_fails_changes_nothing(older):
    broken = (*MIGRATIONS, (newest() + 1, "half", "CREATE TABLE half (x);\nINSERT INTO nowhere VALUES (1);"))
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        open_for_writing(older, migrations=broken)
    db = open_for_writing(older)
    assert "half" not in db.table_names()
    close(db)


def test_a_new_archive_is_made_in_one_piece(tmp_path):
    """Killed while it was made, it is empty: no older archive that the next start would back up."""
    broken = (MIGRATIONS[0], (2, "killed here", "INSERT INTO nowhere VALUES (1);"))
    path = tmp_path / "hue.db"
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        open_for_writing(path, migrations=broken)
    close(open_for_writing(path))
    assert [p.name for p in tmp_path.iterdir()] == ["hue.db"]


def test_numbers_go_up_by_one_and_say_why():
    assert [number for number, _, _ in MIGRATIONS] == list(range(1, newest() + 1))
    assert all(why for _, why, _ in MIGRATIONS)


def told(path):
    """The number of captures in an archive of an older schema, and its articles as it has them: from 11 on packed, without their captures."""
    with closing(sqlite3.connect(path)) as conn:
        if conn.execute("PRAGMA user_version").fetchone()[0] < 11:
            newest_states = "SELECT v.body FROM articles a JOIN revisions v ON v.id = a.revision ORDER BY a.id"
        else:
            conn.create_function("whole", 5, lambda kept, *told: packing.whole(packing.opened(kept).decode(), packing.source(*told)))
            newest_states = (
                "SELECT whole(v.packed, c.url, c.time, r.record_id, r.payload_sha256) FROM articles a JOIN revisions v ON v.id = a.revision "
                "JOIN captures c ON c.id = v.capture JOIN records r ON r.id = c.record ORDER BY a.id"
            )
        return conn.execute("SELECT count(*) FROM captures").fetchone()[0], [body for (body,) in conn.execute(newest_states)]


STORED = sorted((ROOT / "tests/store/older").glob("*.db.xz"), key=lambda path: int(path.name[1:].partition(".")[0]))


def test_every_released_schema_is_stored():
    """Each migration has an archive of the schema it starts from, made by the version of the product that wrote that schema."""
    assert [path.name for path in STORED] == [f"v{number}.db.xz" for number in range(1, newest())]


@pytest.mark.parametrize("stored", STORED, ids=lambda p: p.name)
def test_an_archive_of_an_older_schema_is_brought_up_to_date_whole(stored, tmp_path):
    path = tmp_path / "a.db"
    path.write_bytes(lzma.decompress(stored.read_bytes()))
    captures, articles = told(path)
    with pytest.raises(Misuse, match=f"older than {newest()}.*tangthu clean --same-rules --archive {path}.*a copy of it"):
        Reader.open(path)
    Depositor.open(path).close()
    assert path.with_name(f"a.db.backup-{stored.name.partition('.')[0]}").read_bytes()
    with Reader.open(path) as reader:
        assert len(list(reader.captures())) == captures > 70
        assert [row.body for row in shelf.revisions(reader.archives[0])] == articles
        assert reader.search("hội nghị")
    findings = list(verify(path))
    assert [f for f in findings if f.verdict is Verdict.BROKEN] == []
    assert sum(f.count for f in findings) > 1000


def test_an_article_that_was_tampered_with_is_packed_as_it_was_and_found_by_the_audit(tmp_path):
    """An older archive's article that names another capture as its own, and one that is no JSON."""
    path = tmp_path / "a.db"
    path.write_bytes(lzma.decompress(STORED[9].read_bytes()))
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE revisions SET body = replace(body, '\"record_id\": \"urn:uuid:', '\"record_id\": \"urn:uuid:0') WHERE id = 1")
        conn.execute("UPDATE revisions SET body = 'x' WHERE id = 2")
    Depositor.open(path).close()
    broken = [f.evidence for f in verify(path) if f.verdict is Verdict.BROKEN and f.check == "articles"]
    assert len(broken) == 2
    assert broken[0] == "its text is not in the form in which articles are kept"
    assert "revision 2 cannot be read" in broken[1]


def test_documents_of_an_older_archive_are_found_by_their_numbers(tmp_path):
    path, url = tmp_path / "a.db", f"{HOST}/vb"
    article = Article(
        url, "Quyết định", None, "Ban hành quy chế.\n\nĐiều 1.", "", images=[Image("a", "Ảnh một"), Image("b", None)],
        attachments=[Attachment("c", "Toàn văn"), Attachment("d", "")], document=Document("12/2026/QĐ-UBND"),
    )  # fmt: skip
    db = open_for_writing(path, migrations=MIGRATIONS[:5])
    for number, kept in ((1, article), (2, replace(article, document=Document(None, "2026-01-10"))), (3, replace(article, document=None))):
        body = kept.to_dict()
        text = fold(f"{kept.text}\n\nẢnh một\n\nToàn văn")
        for statement, values in (
            ("INSERT OR IGNORE INTO runs (id, root, portal, started) VALUES (1, 1, 'hue', '')", ()),
            ("INSERT INTO captures (id, run, url, key, time, method) VALUES (?, 1, ?, ?, '2026-01-10T08:15:00.000000Z', 'GET')", (number, url, str(number))),
            ("INSERT INTO articles (id, url, key, revision) VALUES (?, ?, ?, ?)", (number, url, str(number), number)),
            ("INSERT INTO revisions (id, article, capture, cleaner, content_sha256, body) VALUES (?, ?, ?, '', x'', ?)", (number, number, number, json.dumps(body))),
            ("INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)", (number, fold(kept.title), text)),
        ):  # fmt: skip
            db.conn.execute(statement, values)
    close(db)
    Depositor.open(path).close()
    with Reader.open(path) as reader:
        assert [hit.article for hit in reader.search("12/2026/QĐ-UBND")] == [1]
        assert [hit.article for hit in reader.search("anh mot toan van")] == [3, 2, 1]
        assert list(table_checks.search(reader.archives[0])) == []
    db = open_for_writing(path)
    for number, plain in kept_articles(db.conn):
        db.conn.execute("INSERT INTO search (search, rowid, title, text) VALUES ('delete', ?, ?, ?)", (number, *search_text(plain)))
    db.conn.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, search, row)")
    assert list(db.conn.execute("SELECT term, doc FROM temp.terms")) == [], "what was put in can be taken out again"
    close(db)
