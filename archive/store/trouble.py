"""Renames the errors of SQLite and of the disk at the border of the room, each with the mend in its sentence."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import ArchiveError, ArchiveLocked, CannotGoOn, DamagedRecord, DiskFull, NotAnArchive
from archive.words import say

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG})


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Whatever SQLite or the disk raises inside comes out as an ArchiveError that names `path`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise renamed(error, path) from error


def renamed(error: Exception, path: Path) -> Exception:
    """What `error` means for the archive at `path`, as an ArchiveError; `error` itself if its kind is unknown."""
    if isinstance(error, ArchiveError):
        return error
    if isinstance(error, OSError) and error.errno in _FULL:
        return _full(path, str(error))
    if not isinstance(error, sqlite3.Error):
        return error
    # Errors that the sqlite3 module makes by itself have no code.
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ArchiveLocked(
            say("{path}: another process is writing to it; wait until that has ended and start again", path=path)
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return _full(path, str(error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return CannotGoOn(
            say(
                "{path}: it cannot be written ({error}); look at the permissions of the file and its folder",
                path=path,
                error=error,
            )
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return CannotGoOn(
            say(
                "{path}: it cannot be opened ({error}); look at the permissions of the file and its folder",
                path=path,
                error=error,
            )
        )
    if code == sqlite3.SQLITE_NOTADB:
        return NotAnArchive(say("{path}: this is no SQLite file, so it is not an archive of Tàng Thư", path=path))
    if code == sqlite3.SQLITE_CORRUPT:
        return DamagedRecord(
            say("{path}: the database is damaged ({error}); go back to a copy of it", path=path, error=error)
        )
    return error


def _full(path: Path, cause: str) -> DiskFull:
    return DiskFull(
        say(
            "{path}: no room to keep what came ({cause}); free space and start again; what was kept is kept",
            path=path,
            cause=cause,
        )
    )
