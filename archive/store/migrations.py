"""Brings an archive to the newest schema: each migration in one transaction, after a backup of what was there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from archive.errors import NewerSchema
from archive.store.drafts import says
from archive.store.fold import fold
from archive.store.packing import opened, packed, source, without
from archive.store.schema import APPLICATION_ID, MIGRATIONS
from archive.words import say

Migration = tuple[int, str, str]


def version(conn: sqlite3.Connection) -> int:
    """The number of the last migration that the archive has been through; 0 for an empty file."""
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def newest(migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """The schema that this version of the product writes."""
    return migrations[-1][0]


def refuse_newer(conn: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Raise NewerSchema if the archive has been through migrations that this version does not know."""
    has, knows = version(conn), newest(migrations)
    if has > knows:
        raise NewerSchema(
            say(
                "{path}: the archive has schema {has} and this version of Tàng Thư knows up to {knows}; "
                "use the version that wrote it, or a newer one",
                path=path,
                has=has,
                knows=knows,
            )
        )


def migrate(conn: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> Path | None:
    """Apply what is missing. Returns the backup made beforehand, None if nothing was there or nothing was missing."""
    before = version(conn)
    if before >= newest(migrations):
        return None
    backup = _back_up(conn, path, before) if before else None
    if before:
        for one in migrations:
            _apply(conn, [one])
    else:
        # A new archive is there whole or not at all: killed in between, it would be an older one with a backup of nothing.
        _apply(conn, migrations)
    return backup


def _apply(conn: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Apply these in one transaction."""
    conn.create_function("fold", 1, lambda text: fold(str(text)), deterministic=True)
    conn.create_function("came_from", 4, source, deterministic=True)
    conn.create_function("without", 2, without, deterministic=True)
    conn.create_function("packed", 1, lambda body: packed(body.encode()), deterministic=True)
    conn.create_function("says", 1, _says, deterministic=True)
    conn.execute("BEGIN IMMEDIATE")
    try:
        for number, _why, sql in migrations:
            # Another process may have been faster while we waited for the lock.
            if version(conn) < number:
                for statement in _statements(sql):
                    conn.execute(statement)
                conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                conn.execute(f"PRAGMA user_version = {number}")
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def _says(kept: bytes) -> int | None:
    try:
        return says(json.loads(opened(kept)))
    except (ValueError, KeyError, TypeError, AttributeError):  # the audit's finding; it has no copies
        return None


def _statements(sql: str) -> Iterator[str]:
    """The statements of a script. `executescript` would commit between them."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _back_up(conn: sqlite3.Connection, path: Path, number: int) -> Path:
    backup = path.with_name(f"{path.name}.backup-v{number}")
    partial = backup.with_name(backup.name + ".part")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
        conn.backup(copy)
        # Page 1 may say WAL; a copy that stands alone must not.
        copy.execute("PRAGMA journal_mode = DELETE")
    partial.replace(backup)
    return backup
