"""The tree of errors. Every message is one sentence that names the thing and the mend.

ArchiveError
├── Misuse            wrong use or bad input; exit code 2
│   ├── NotAnArchive      a file that this product did not make
│   ├── NewerSchema       an archive written by a newer version
│   └── MissingWal        an archive copied without its -wal
├── CannotGoOn        the disk, a lock or the machine is in the way; exit code 3
│   ├── ArchiveLocked     another writer holds the archive longer than the time-out
│   ├── DiskFull          no room to keep what came
│   └── SelfTestFailed    the recorder does not give back the bytes it was sent
└── DamagedRecord     kept bytes are not those deposited
"""

from __future__ import annotations


class ArchiveError(Exception):
    """Anything that this product tells its user instead of a traceback."""

    exit_code = 3


class Misuse(ArchiveError):
    """Wrong use or bad input: the user can mend it and try again."""

    exit_code = 2


class NotAnArchive(Misuse):
    """The file exists and is not an archive of this product."""


class NewerSchema(Misuse):
    """The archive was written by a newer version than this one."""


class MissingWal(Misuse):
    """The archive was left open and its write-ahead log does not lie beside it."""


class CannotGoOn(ArchiveError):
    """The work had to stop; what was kept before is kept."""


class ArchiveLocked(CannotGoOn):
    """Another process writes to the archive and did not stop within the time-out."""


class DiskFull(CannotGoOn):
    """There is no room left for what has to be kept."""


class SelfTestFailed(CannotGoOn):
    """The recorder did not give back, byte for byte, what it was sent."""


class DamagedRecord(ArchiveError):
    """The stored bytes are not those deposited. Do not replay them; run `tangthu verify`."""

    exit_code = 1
