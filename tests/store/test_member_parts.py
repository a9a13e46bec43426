"""Members of any size: kept in parts, walked once."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.store import records, runs
from archive.store.connect import close, open_for_writing, writing
from archive.store.reading import Reading
from archive.urls import parse_warc_date


@pytest.fixture
def db(tmp_path):
    db = open_for_writing(tmp_path / "hue.db")
    with writing(db) as conn:
        runs.begin(conn, runs.Beginning("hue", parse_warc_date("2026-01-10")), '{"host": "", "pid": 0}')
    yield db
    close(db)


def row(name):
    return records.NewRecord(name, "resource", None, None, 0, b"")


def parts(db, number):
    return [r[0] for r in db.conn.execute("SELECT bytes FROM parts WHERE record = ? ORDER BY number", (number,))]


def test_a_member_larger_than_one_blob_may_be_is_kept_whole(db):
    db.conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 30_000)
    member = bytes(range(256)) * 400
    with pytest.raises(sqlite3.DataError):
        db.conn.execute("SELECT length(?)", (member,))
    with writing(db) as conn:
        number = records.add(conn, 1, None, row("urn:a"), [member[:70_000], member[70_000:]])
    kept = parts(db, number)
    assert b"".join(kept) == member
    assert len(kept) == 7
    assert db["records"].get(number)["member_length"] == len(member)


def test_a_member_is_read_with_its_record_however_many_parts_it_has(tmp_path):
    path = tmp_path / "doc.db"
    members = {"urn:a": b"x" * 99, "urn:b": bytes(range(256)) * (2 * records.PART // 256 + 1), "urn:c": b""}
    db = open_for_writing(path)
    with writing(db) as conn:
        runs.begin(conn, runs.Beginning("hue", parse_warc_date("2026-01-10")), '{"host": "", "pid": 0}')
        for name, member in members.items():
            records.add(conn, 1, None, row(name), [member])
        records.add(conn, 1, None, row("urn:gone"), [b"y"])
        conn.execute("DELETE FROM parts WHERE record = (SELECT id FROM records WHERE record_id = 'urn:gone')")
    close(db)
    archive = Reading(path)
    for name, member in members.items():
        found, pieces = archive.member(name)
        assert found == archive.record(name)
        listed = list(pieces)
        assert b"".join(listed) == member == b"".join(archive.parts(found.id))
        assert len(listed) == max(1, -(-len(member) // records.PART))
    assert b"".join(archive.member("urn:gone")[1]) == b""
    assert archive.member("urn:khong-co") is None
    archive.close()


def test_a_large_member_is_never_in_memory_whole(db):
    alive = 0

    def pieces():
        nonlocal alive
        for number in range(20):
            # Were the pieces gathered first, no part would have been written yet when the last is asked for.
            alive = db.conn.execute("SELECT count(*) FROM parts").fetchone()[0] if number == 19 else 0
            yield b"x" * (1 << 20)

    with writing(db) as conn:
        number = records.add(conn, 1, None, row("urn:a"), pieces())
    assert alive >= 3
    assert [len(p) for p in parts(db, number)] == [records.PART] * 5


@given(st.lists(st.binary(max_size=40)), st.integers(1, 30))
def test_parts_are_the_pieces_cut_anew(pieces, size):
    cut = list(records._parts(pieces, size))
    assert b"".join(cut) == b"".join(pieces)
    assert all(len(p) == size for p in cut[:-1])
    assert all(0 < len(p) <= size for p in cut[-1:])
