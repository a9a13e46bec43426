"""Opening and closing archives: each thing that can be wrong has its error and its one sentence."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

from archive.errors import ArchiveLocked, CannotGoOn, MissingWal, Misuse, NewerSchema, NotAnArchive
from archive.store import connect
from archive.store.connect import close, open_for_reading, open_for_writing, writing


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hue.db"


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def one_sentence(error, path):
    message = str(error.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_a_new_archive_is_what_the_design_says(path):
    db = open_for_writing(path)
    asked = ["application_id", "page_size", "journal_mode", "synchronous", "foreign_keys"]
    assert [db.conn.execute(f"PRAGMA {p}").fetchone()[0] for p in asked] == [0x54546875, 16384, "wal", 2, 1]
    close(db)


def test_a_closed_archive_is_one_file(path):
    close(open_for_writing(path))
    assert names(path.parent) == ["hue.db"]
    assert path.read_bytes()[18:20] == b"\x01\x01"


def test_closing_beside_a_reader_leaves_the_log_and_loses_nothing(path):
    db, reader = open_for_writing(path), open_for_reading(path)
    reader.conn.execute("BEGIN")
    assert reader["captures"].count == 0
    with writing(db) as conn:
        conn.execute("INSERT INTO rules VALUES ('a', 'b')")
    close(db)
    reader.conn.close()
    again = open_for_writing(path)
    assert again["rules"].count == 1
    close(again)


@pytest.mark.parametrize("content", [b"", b"WARC/1.1\r\n", b"x" * 5000, b"SQLite format 3\0"], ids=["empty", "short", "other", "stub"])
def test_a_file_that_is_no_archive(path, content):
    path.write_bytes(content)
    with pytest.raises(NotAnArchive) as error:
        open_for_reading(path)
    one_sentence(error, path)
    if content:
        with pytest.raises(NotAnArchive) as error:
            open_for_writing(path)
        one_sentence(error, path)
        assert path.read_bytes() == content


def test_a_database_of_another_program(path):
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE notes (text)")
    conn.close()
    for open_it in (open_for_reading, open_for_writing):
        with pytest.raises(NotAnArchive, match="another program") as error:
            open_it(path)
        one_sentence(error, path)


def test_no_archive_and_no_folder(path):
    with pytest.raises(NotAnArchive) as error:
        open_for_reading(path)
    one_sentence(error, path)
    with pytest.raises(Misuse) as error:
        open_for_writing(path.parent / "missing" / "hue.db")
    one_sentence(error, path.parent / "missing")
    assert not path.exists()


def test_a_newer_schema(path):
    db = open_for_writing(path)
    db.conn.execute("PRAGMA user_version = 99")
    close(db)
    for open_it in (open_for_reading, open_for_writing):
        with pytest.raises(NewerSchema, match="99") as error:
            open_it(path)
        one_sentence(error, path)


def test_a_locked_archive(path):
    db = open_for_writing(path)
    db.conn.execute("BEGIN IMMEDIATE")
    with pytest.raises(ArchiveLocked) as error:
        open_for_writing(path, lock_timeout=0)
    one_sentence(error, path)
    db.conn.execute("ROLLBACK")
    close(db)


def test_a_copy_without_its_log_is_refused_and_the_named_mend_works(path, tmp_path):
    db = open_for_writing(path)
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    close(db)
    for open_it in (open_for_reading, open_for_writing):
        with pytest.raises(MissingWal, match="PRAGMA journal_mode=DELETE") as error:
            open_it(copy)
        one_sentence(error, copy)
    assert names(tmp_path) == ["copy.db", "hue.db"]
    mend = sqlite3.connect(copy)
    mend.execute("PRAGMA journal_mode=DELETE")
    mend.close()
    open_for_reading(copy).conn.close()
    close(open_for_writing(copy))


def test_a_kill_between_the_removal_of_the_log_and_the_change_of_the_header_is_no_loss(path):
    close(open_for_writing(path))
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x02\x02")
    open_for_reading(path).conn.close()
    close(open_for_writing(path))
    assert path.read_bytes()[18:20] == b"\x01\x01"


@pytest.mark.parametrize("open_it", [open_for_reading, open_for_writing])
def test_another_process_may_open_the_archive_while_its_log_is_looked_for(path, open_it, monkeypatch):
    """Between the removal of the log and the end of closing the file is alone and whole; who opens it then makes it unfinished again."""
    close(open_for_writing(path))
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x02\x02")
    plain, others = connect._connect, []

    def after_another(*where):
        monkeypatch.setattr(connect, "_connect", plain)
        others.append(open_for_writing(path))
        return plain(*where)

    monkeypatch.setattr(connect, "_connect", after_another)
    db = open_it(path)
    db.conn.close()
    close(others[0])
    assert names(path.parent) == ["hue.db"]


def test_another_writer_going_on_takes_back_that_the_file_is_whole(path, tmp_path):
    one, other = open_for_writing(path), open_for_writing(path)
    close(one)
    with writing(other) as conn:
        conn.execute("INSERT INTO rules VALUES ('a', 'b')")
    shutil.copy(path, tmp_path / "copy.db")
    with pytest.raises(MissingWal):
        open_for_reading(tmp_path / "copy.db")
    close(other)


def test_a_reader_cannot_write(path):
    close(open_for_writing(path))
    db = open_for_reading(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.conn.execute("DELETE FROM runs")
    db.conn.close()


def test_a_path_that_cannot_be_opened(path):
    path.mkdir()
    with pytest.raises(CannotGoOn) as error:
        open_for_writing(path)
    one_sentence(error, path)
