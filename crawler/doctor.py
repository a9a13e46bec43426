"""Whether this machine can record and keep: the checks of `tangthu doctor`."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive import Reader, read_back, say
from archive.errors import ArchiveError, SelfTestFailed

# Below this the next large answer may not fit any more.
LITTLE_SPACE = 1 << 30
# The day this version was finished: a clock before it is wrong, and every WARC-Date with it.
EARLIEST = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True)
class Finding:
    """One check: whether it is good, what to tell the user, and whether recording is impossible without it."""

    check: str
    good: bool
    said: str
    fatal: bool = False


def examine(archive: Path) -> list[Finding]:
    """All checks, in the order in which they are shown. Starts Twisted's reactor: once per process."""
    return [_wire(), _sqlite(), _archive(archive), _disk(archive), _clock(), _trust()]


def _wire() -> Finding:
    from scrapy.utils.reactor import install_reactor  # noqa: PLC0415

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import defer, task  # noqa: PLC0415

    from crawler.wire.engine import Engine  # noqa: PLC0415
    from crawler.wire.selftest import self_test  # noqa: PLC0415

    outcome: list[str] = []

    async def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            engine = Engine(spool_dir=Path(folder), allow_private=True)
            try:
                await self_test(engine.fetch, read_back)
            except SelfTestFailed as problem:
                outcome.append(str(problem))
            finally:
                await engine.close()

    with contextlib.suppress(SystemExit):
        task.react(lambda _: defer.ensureDeferred(check()))
    if outcome:
        return Finding("wire", False, outcome[0], fatal=True)
    return Finding("wire", True, say("wire: what crosses the connection is recorded byte for byte"))


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    with sqlite3.connect(":memory:") as conn:
        try:
            conn.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
        except sqlite3.OperationalError:
            return Finding(
                "sqlite",
                False,
                say("sqlite: {version} has no FTS5: use a Python whose SQLite has it", version=version),
                fatal=True,
            )
    good = sqlite3.sqlite_version_info >= (3, 37)
    said = say(
        "sqlite: {version} with FTS5" if good else "sqlite: {version} is too old: 3.37 is needed", version=version
    )
    return Finding("sqlite", good, said, fatal=not good)


def _archive(path: Path) -> Finding:
    if not path.exists():
        return Finding("archive", True, say("archive: {path} does not exist yet; the first crawl makes it", path=path))
    try:
        with Reader.open(path) as reader:
            reader.runs()
    except ArchiveError as problem:
        return Finding("archive", False, f"archive: {problem}")
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        return Finding(
            "archive",
            True,
            say(
                "archive: {path} opens; {wal} belongs to it: a crawl is running, or was killed and the next one takes it in",
                path=path,
                wal=wal.name,
            ),
        )
    return Finding("archive", True, say("archive: {path} opens", path=path))


def _disk(path: Path) -> Finding:
    free = shutil.disk_usage(path.resolve().parent).free
    good = free >= LITTLE_SPACE
    said = say(
        "disk: {free} MB free beside {path}" if good else "disk: only {free} MB free beside {path}: make room",
        free=free // 1_000_000,
        path=path,
    )
    return Finding("disk", good, said)


def _clock() -> Finding:
    now = datetime.now(UTC)
    good = now >= EARLIEST
    return Finding(
        "clock",
        good,
        say("clock: {now} UTC" if good else "clock: {now} UTC cannot be right: set it", now=f"{now:%Y-%m-%d %H:%M:%S}"),
    )


def _trust() -> Finding:
    import ssl  # noqa: PLC0415

    paths = ssl.get_default_verify_paths()
    good = any(p and Path(p).exists() for p in (paths.cafile, paths.capath, "/etc/ssl/certs/ca-certificates.crt"))
    if not good:
        return Finding(
            "tls",
            False,
            say("tls: no trusted authorities: certificates will be kept as not verified; install ca-certificates"),
        )
    return Finding(
        "tls",
        True,
        say(
            "tls: trusted authorities found, Python {version}, {tls}",
            version=sys.version.split()[0],
            tls=ssl.OPENSSL_VERSION,
        ),
    )
