"""The thread that writes: in order, in groups, and nothing after the first failure."""

from __future__ import annotations

import sqlite3
from threading import Event

import pytest

from archive.errors import ArchiveLocked, CannotGoOn, Misuse
from archive.store.writer import GROUP_JOBS, Writer


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hue.db"


@pytest.fixture
def writer(path):
    writer = Writer(path, lock_timeout=0)
    yield writer
    writer.close()


def rule(digest):
    return lambda conn, _: conn.execute("INSERT INTO rules VALUES (?, '')", (digest,)).lastrowid


def refuse(conn, _):
    raise Misuse("no such visit")


def held_up(writer):
    """Jobs that are submitted now wait until the returned event is set."""
    begun, go = Event(), Event()
    writer.submit(lambda conn, _: None, lambda conn: (begun.set(), go.wait()))
    begun.wait()
    return go


def test_jobs_are_kept_in_order_and_in_groups(writer):
    go = held_up(writer)
    commits = []
    futures = [writer.submit(lambda conn, _: commits.append(conn.total_changes)) for _ in range(3)]
    more = [writer.submit(rule(str(n))) for n in range(GROUP_JOBS + 5)]
    go.set()
    assert [f.result() for f in more] == list(range(1, GROUP_JOBS + 6))
    assert all(f.done() for f in futures)


def test_a_misuse_fails_alone(writer):
    go = held_up(writer)
    before, wrong, unready, after = (
        writer.submit(rule("a")), writer.submit(refuse), writer.submit(rule("b"), lambda conn: refuse(conn, None)),
        writer.submit(rule("c")),
    )  # fmt: skip
    go.set()
    assert (before.result(), after.result()) == (1, 2)
    for future in (wrong, unready):
        with pytest.raises(Misuse, match="no such visit"):
            future.result()
    assert writer.failure is None


def test_a_failure_takes_its_group_with_it_and_all_that_follows(writer, path):
    kept = writer.submit(rule("a"))
    kept.result()
    go = held_up(writer)
    group = [writer.submit(rule("b")), writer.submit(rule("a")), writer.submit(rule("c"))]
    go.set()
    assert {type(f.exception()) for f in group} == {sqlite3.IntegrityError}
    assert writer.submit(rule("d")).exception() is writer.failure
    writer.close()
    conn = sqlite3.connect(path)
    assert conn.execute("SELECT digest FROM rules").fetchall() == [("a",)]
    conn.close()


def test_an_archive_that_stays_locked_is_a_failure_to_keep(writer, path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert isinstance(writer.submit(rule("a")).exception(), ArchiveLocked)
    other.close()


def test_what_waits_is_kept_when_the_writer_is_closed(writer):
    go = held_up(writer)
    futures = [writer.submit(rule(str(n))) for n in range(3)]
    go.set()
    writer.close()
    assert [f.result() for f in futures] == [1, 2, 3]
    with pytest.raises(CannotGoOn, match="closed"):
        writer.submit(rule("x")).result()
