"""A copy of the bytes of one direction, as they passed: in memory while small, else in a file with a known name."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import tempfile
from io import BytesIO, FileIO
from pathlib import Path
from typing import BinaryIO

from archive.errors import CannotGoOn, DiskFull

_PREFIX, _SUFFIX = "tap-", ".spool"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Tap:
    """Keeps what it is fed. The file it gives is seekable, and closing that file (or the tap) removes it from the disk.

    `feed` raises DiskFull where the disk has no room and CannotGoOn where it fails otherwise: what cannot be kept must
    stop the crawl.
    """

    __slots__ = ("_directory", "_file", "_threshold", "length")

    def __init__(self, directory: Path, threshold: int = 1 << 20) -> None:
        self._directory = directory
        self._threshold = threshold
        self._file: BytesIO | _Spool = BytesIO()
        self.length = 0

    def feed(self, data: bytes) -> None:
        """Append `data`."""
        self.length += len(data)
        if self.length <= self._threshold:
            self._file.write(data)
            return
        try:
            if isinstance(self._file, BytesIO):
                head = self._file.getbuffer()
                self._file = _Spool(self._directory)
                self._file.write_all(head)
            self._file.write_all(data)
        except OSError as error:
            raise _sentence(error, self._directory) from error

    def file(self) -> BinaryIO:
        """All that was fed, positioned at its start."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Let go of the bytes."""
        self._file.close()


class _Spool(FileIO):
    """A file that is locked while it is in use and vanishes when it is closed."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        number, self._path = tempfile.mkstemp(_SUFFIX, _PREFIX, directory)
        super().__init__(number, "r+b")
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write_all(self, data: bytes | memoryview) -> None:
        """Write all of `data`: a full disk may take a part of it first."""
        view = memoryview(data)
        while view:
            view = view[self.write(view) or 0 :]

    def close(self) -> None:
        if not self.closed:
            super().close()
            Path(self._path).unlink(missing_ok=True)


def remove_orphans(directory: Path) -> list[Path]:
    """Remove the spool files that nobody holds any more, left by a crawl that was killed; and say which they were."""
    removed = []
    for path in sorted(directory.glob(f"{_PREFIX}*{_SUFFIX}")):
        with contextlib.suppress(OSError), path.open("rb") as left:
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
            removed.append(path)
    return removed


def _sentence(error: OSError, directory: Path) -> CannotGoOn:
    why = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in _NO_ROOM:
        return DiskFull(f"No room in {directory} for an answer that is being received ({why}): free some space.")
    return CannotGoOn(f"An answer that is being received cannot be kept in {directory}: {why}.")
