"""Opens archives, for writing (each commit synced) or so that nothing can be written; closes them into one file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlite_utils import Database

from archive.errors import CannotGoOn, MissingWal, Misuse, NotAnArchive
from archive.store import packing
from archive.store.migrations import Migration, migrate, newest, refuse_newer, version
from archive.store.schema import APPLICATION_ID, MIGRATIONS
from archive.store.trouble import named
from archive.words import say

# 5,300 records/s against 4,400 with SQLite's 4 KiB (200,000 records of 2-22 kB); a 13 kB member fits in one page.
PAGE_SIZE = 16384
CACHE_KIB = 32768
# A transaction with one huge record grows the log; afterwards it is cut back to this.
LOG_LIMIT = 64 << 20
# Closing waits this long for readers; if they stay, the log stays with them.
CLOSE_WAIT_MS = 500
_WAL_HEADER = 32


def open_for_writing(
    path: Path, *, lock_timeout: float = 60.0, migrations: Sequence[Migration] = MIGRATIONS
) -> Database:
    """The archive at `path`, made if there is none, brought to the newest schema. The caller closes it with `close`.

    The connection may pass to another thread, but only one may use it at a time. Raises NotAnArchive, NewerSchema,
    MissingWal, ArchiveLocked after `lock_timeout` seconds, DiskFull, CannotGoOn.
    """
    if sqlite3.sqlite_version_info < (3, 37):
        raise CannotGoOn(f"SQLite {sqlite3.sqlite_version} is too old: use a Python that comes with 3.37 or newer")
    if not path.parent.is_dir():
        raise Misuse(say("{folder}: there is no such folder to keep an archive in; make it first", folder=path.parent))
    alone = _log_left_out(path)
    with named(path):
        conn = _connect(path, "rwc", lock_timeout)
        try:
            if _is_empty(conn):
                conn.execute(f"PRAGMA page_size = {PAGE_SIZE}")
            else:
                _check(conn, path, migrations, alone=alone)
            conn.execute("PRAGMA synchronous = FULL")
            conn.execute("PRAGMA foreign_keys = ON")
            conn.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            migrate(conn, path, migrations)
            _start_log(conn)
        except BaseException:
            conn.close()
            raise
    return Database(conn, execute_plugins=False)


def open_for_reading(path: Path, *, lock_timeout: float = 60.0) -> Database:
    """The archive at `path` on a connection that cannot write. Raises NotAnArchive, NewerSchema, MissingWal, Misuse."""
    if not path.is_file():
        raise NotAnArchive(
            say("{path}: there is no archive here; name one with --archive or make one: `tangthu crawl`", path=path)
        )
    alone = _log_left_out(path)
    if path.stat().st_size == 0:
        raise NotAnArchive(say("{path}: this file is empty, not an archive of Tàng Thư", path=path))
    with named(path):
        if alone:
            _finish_closing(path)
        # On a medium that cannot be written the log cannot be made: read as what nobody changes.
        conn = _connect(path, "ro&immutable=1" if _log_left_out(path) else "ro", lock_timeout)
        try:
            _check(conn, path, MIGRATIONS, alone=False)
            conn.execute("PRAGMA query_only = ON")
            _refuse_older(conn, path)
        except BaseException:
            conn.close()
            raise
    return Database(conn, execute_plugins=False)


def close(db: Database) -> None:
    """Bring everything into the one file and leave no log beside it; if others still read or write, the log stays.

    `file.whole` is set by the last transaction before the log is emptied. A kill between the removal of the log and the
    change of the file's header would otherwise look like a copy made without its log.
    """
    conn = db.conn
    try:
        conn.execute(f"PRAGMA busy_timeout = {CLOSE_WAIT_MS}")
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("UPDATE file SET whole = 1")
        conn.execute("COMMIT")
        busy, _, _ = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            conn.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError:
        # Locked, or no room left: what is committed stays in the log, and the next opening finds it there.
        pass
    finally:
        conn.close()


@contextmanager
def writing(db: Database) -> Iterator[sqlite3.Connection]:
    """One transaction that holds the write lock from its start. When the block is left, it is on disk or undone."""
    conn = db.conn
    conn.execute("BEGIN IMMEDIATE")
    try:
        # Another writer may have closed meanwhile and declared the file whole.
        reopened = conn.execute("UPDATE file SET whole = 0 WHERE whole = 1").rowcount
        yield conn
        conn.execute("COMMIT")
    except BaseException:
        # A full disk has already rolled back by itself.
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise
    if reopened:
        conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def inserted(cursor: sqlite3.Cursor) -> int:
    """The number of the row that was just inserted."""
    return cursor.lastrowid or 0


def storable(text: str) -> str:
    """`text` as UTF-8 can hold it: lone surrogates, which JSON in a page can name, become question marks."""
    return text.encode("utf-8", "replace").decode()


def _connect(path: Path, mode: str, lock_timeout: float) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    conn = sqlite3.connect(uri, uri=True, timeout=lock_timeout, isolation_level=None, check_same_thread=False)
    packing.teach(conn)
    return conn


def _is_empty(conn: sqlite3.Connection) -> bool:
    tables = conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    return not tables and version(conn) == 0


def _check(conn: sqlite3.Connection, path: Path, migrations: Sequence[Migration], *, alone: bool) -> None:
    if conn.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise NotAnArchive(
            say("{path}: this is a SQLite file of another program, not an archive of Tàng Thư", path=path)
        )
    refuse_newer(conn, path, migrations)
    # Looked at again: another process may have opened the archive since, and made its log, or closed it.
    if alone and not _whole(conn) and _log_left_out(path) and not _whole(conn):
        raise MissingWal(
            say(
                "{path}: it was copied while being written to, without {log} that belongs to it; copy both again, "
                "or go on with what this file alone holds: sqlite3 {path} 'PRAGMA journal_mode=DELETE'",
                path=path,
                log=f"{path.name}-wal",
            )
        )


def _whole(conn: sqlite3.Connection) -> bool:
    return bool(conn.execute("SELECT whole FROM file").fetchone()[0])


def _refuse_older(conn: sqlite3.Connection, path: Path) -> None:
    has = version(conn)
    if has < newest():
        raise Misuse(
            say(
                "{path}: the archive has schema {has}, older than {knows}, which this version of Tàng Thư reads; bring it up to date where it "
                "can be written (`tangthu clean --same-rules --archive {path}`, which leaves a backup of the file beside it), or do that with a "
                "copy of it",
                path=path,
                has=has,
                knows=newest(),
            )
        )


def _finish_closing(path: Path) -> None:
    """Take the file out of WAL mode, if it is whole: whoever closed it was killed after its log had gone."""
    with closing(_connect(path, "ro&immutable=1", 0)) as conn:
        _check(conn, path, MIGRATIONS, alone=True)
    try:
        with closing(_connect(path, "rw", 0)) as conn:
            conn.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError:
        # It cannot be written, or another process has just opened it and is making its log.
        return


def _log_left_out(path: Path) -> bool:
    """Whether the file's header says that a write-ahead log belongs to it, and none lies beside it.

    Bytes 18 and 19 are 2 in WAL mode (SQLite file format, section 1.3.3). Opening a database file by hand and closing
    it drops the POSIX locks of every connection that this process has to it; where there is no log, none is at work.
    """
    log = path.with_name(path.name + "-wal")
    try:
        if not path.is_file() or path.stat().st_size == 0 or (log.exists() and log.stat().st_size >= _WAL_HEADER):
            return False
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise Misuse(say("{path}: it cannot be read ({error})", path=path, error=error.strerror)) from error
    if not header.startswith(b"SQLite format 3\0") or len(header) < 100:
        raise NotAnArchive(say("{path}: this is no SQLite file, so it is not an archive of Tàng Thư", path=path))
    return header[18:20] == b"\x02\x02"


def _start_log(conn: sqlite3.Connection) -> None:
    """Go over to the write-ahead log, and write down that from now on this file alone is not whole."""
    if conn.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        conn.execute("UPDATE file SET whole = 1 WHERE whole = 0")
        conn.execute("PRAGMA journal_mode = WAL").fetchone()
    conn.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT}").fetchone()
    with writing(Database(conn, execute_plugins=False)):
        pass
