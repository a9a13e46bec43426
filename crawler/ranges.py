"""Address ranges that several crawls of one machine ask: one request at a time, and never sooner after another than a crawl's own delay.

A file for each range says when it was asked last and how long it rests; who has it locked is asking. A lock ends with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import logging
import os
import struct
import tempfile
from pathlib import Path

logger = logging.getLogger(__name__)

# Seconds until a range is looked at again that another crawl is asking.
LOOK = 0.5
# When it was asked last, and until when it rests, in seconds since 1970.
_SAID = struct.Struct("dd")


class Ranges:
    """The ranges as one crawl sees them; `folder` is the same for all crawls that share them, by default the user's own on this machine.

    A folder that cannot be used is said once in the log: the crawl's own limits hold nevertheless.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir()) / f"tangthu-{os.getuid()}"
        self._held: dict[str, tuple[int, int]] = {}
        self._usable: bool | None = None

    def take(self, area: str, least: float, now: float) -> float:
        """Begin a request to a range: 0.0 if it may go out, until `give_back` nobody else's does; else seconds until it is worth another look.

        `least` are the seconds since the last one that it should have, `now` is the time.
        """
        if area in self._held:
            lock, out = self._held[area]
            self._held[area] = lock, out + 1
        else:
            if (lock := self._lock(area)) == _TAKEN:
                return LOOK
            begun, rests = _read(lock)
            # A clock that was set back makes nobody wait longer than by one that was not.
            if (wait := max(min(begun + least - now, least), rests - now)) > 0:
                os.close(lock)
                return wait
            self._held[area] = lock, 1
        _write(lock, now, _read(lock)[1])
        return 0.0

    def give_back(self, area: str) -> None:
        """A request that `take` let out has ended."""
        lock, out = self._held.pop(area)
        if out > 1:
            self._held[area] = lock, out - 1
        else:
            os.close(lock)

    def rest(self, area: str, until: float) -> None:
        """A server of the range, of which a request is under way, wants nobody to ask before this time."""
        lock = self._held[area][0]
        begun, rests = _read(lock)
        _write(lock, begun, max(rests, until))

    def usable(self) -> bool:
        """Whether ranges can be shared at all: the folder must be ours alone."""
        if self._usable is None:
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                told = self._folder.lstat()
                self._usable = told.st_uid == os.getuid() and not told.st_mode & 0o022 and self._folder.is_dir() and not self._folder.is_symlink()
            except OSError:
                self._usable = False
            if not self._usable:
                logger.warning("%s is not a folder of this user alone: crawls side by side do not share their pace", self._folder)
        return self._usable

    def _lock(self, area: str) -> int:
        lock = os.open(self._folder / area.replace("/", "_"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return _TAKEN
        return lock


_TAKEN = -1


def _read(lock: int) -> tuple[float, float]:
    said = os.pread(lock, _SAID.size, 0)
    begun, rests = _SAID.unpack(said) if len(said) == _SAID.size else (0.0, 0.0)
    return float(begun), float(rests)


def _write(lock: int, begun: float, rests: float) -> None:
    os.pwrite(lock, _SAID.pack(begun, rests), 0)
