"""An older archive is brought up to date, with a copy of what it was."""

from __future__ import annotations

import lzma
import sqlite3

import pytest
from conftest import ROOT

from archive import Depositor, Reader
from archive.audit.findings import Verdict
from archive.audit.verify import verify
from archive.errors import Misuse
from archive.store.connect import close, open_for_reading, open_for_writing
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


STORED = sorted((ROOT / "tests/store/older").glob("*.db.xz"))


def test_every_released_schema_is_stored():
    """Each migration has an archive of the schema it starts from, made by the version of the product that wrote that schema."""
    assert [path.name for path in STORED] == [f"v{number}.db.xz" for number in range(1, newest())]


@pytest.mark.parametrize("stored", STORED, ids=lambda p: p.name)
def test_an_archive_of_an_older_schema_is_brought_up_to_date_whole(stored, tmp_path):
    path = tmp_path / "a.db"
    path.write_bytes(lzma.decompress(stored.read_bytes()))
    with pytest.raises(Misuse, match="older than"):
        Reader.open(path)
    Depositor.open(path).close()
    assert path.with_name(f"a.db.backup-{stored.name[:2]}").read_bytes()
    with Reader.open(path) as reader:
        assert len(list(reader.captures())) == 77
        assert reader.search("hội nghị")
    findings = list(verify(path))
    assert [f for f in findings if f.verdict is Verdict.BROKEN] == []
    assert sum(f.count for f in findings) > 1000
