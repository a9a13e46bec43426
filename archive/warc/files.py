"""Walks a WARC file written by anyone and finds its members: where each lies, its exact bytes, and what is damaged."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self, cast

from isal import isal_zlib

from archive.warc.members import member_pieces
from archive.warc.reader import (
    GZIP_ERROR,
    PIECE,
    Coding,
    Head,
    NotARecord,
    Record,
    inflate,
    open_record,
    parse_head,
)

GZIP_MAGIC = b"\x1f\x8b\x08"
# Plain bytes of a member that are remembered between finding it and reading it, so that most are inflated once.
_REMEMBER = 1 << 20
_READ = 1 << 15


@dataclass
class Damage:
    """A stretch of a file that could not be taken in as a record: where, how many bytes, and what is wrong."""

    offset: int
    length: int
    what: str


@dataclass
class Member:
    """One record of a file, with the bytes it has there.

    `offset` and `length` are those in the file. `repacked`: the record shared its gzip member with others, so
    `pieces()` is a member made anew. `notes` name oddities that did not keep it from being read.
    """

    offset: int
    length: int
    coding: Coding
    head: Head
    _file: BinaryIO
    _at: int
    repacked: bool = False
    notes: list[str] = field(default_factory=list)
    _plain: bytes | None = None

    def pieces(self) -> Iterator[bytes]:
        """The member's bytes, exactly as the file has them (unless `repacked`)."""
        return member_pieces(self._raw()) if self.repacked else self._raw()

    def record(self) -> Record:
        """The record, to read its block from."""
        if self._plain is not None:
            return open_record([self._plain], "identity")
        return open_record(self._raw(), "identity" if self.repacked else self.coding)

    def _raw(self) -> Iterator[bytes]:
        return _range(self._file, self._at, self.length)


class WarcFile:
    """A WARC file, opened; iterating gives everything in it in order: records, and the stretches that are none.

    Needs constant memory. Its members can be read as long as it is open; `repacked` ones only until the one after the
    next is asked for.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._unfolded: list[BinaryIO] = []

    def close(self) -> None:
        """Let go of the file and of what was unfolded from it."""
        for file in (self._file, *self._unfolded):
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Member | Damage]:
        return self._walk(self._file)

    def _walk(self, file: BinaryIO) -> Iterator[Member | Damage]:
        offset, size = 0, os.fstat(file.fileno()).st_size
        zipped = _at(file, 0, len(GZIP_MAGIC)) == GZIP_MAGIC
        marks = (GZIP_MAGIC,) if zipped else (b"WARC/1.", b"WARC/0.")
        while offset < size:
            found = _gzip_at(file, offset) if zipped else _plain_at(file, offset, size)
            if isinstance(found, Damage):
                found.length = (size if found.what == _CUT else _find(file, offset + 1, marks, size)) - offset
            if isinstance(found, Member) and _SHARED in found.notes:
                yield from self._unfold(found)
            else:
                yield found
            offset += found.length

    def _unfold(self, shared: Member) -> Iterator[Member | Damage]:
        """The records of one gzip member that holds many, each as a member of its own: no longer the same bytes."""
        plain = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - closed with the file, or two members later
        self._unfolded.append(plain)
        if len(self._unfolded) > 2:
            self._unfolded.pop(0).close()
        for piece in inflate(_range(self._file, shared.offset, shared.length)):
            plain.write(piece)
        plain.flush()
        for found in self._walk(plain):
            found.offset = shared.offset
            if isinstance(found, Member):
                found.coding, found.repacked = "gzip", True
            yield found


_SHARED = "it shares its gzip member with other records"
_CUT = "the file ends in the middle of this record"


def _gzip_at(file: BinaryIO, offset: int) -> Member | Damage:
    """The gzip member that begins at `offset`."""
    stream, scan, position = isal_zlib.decompressobj(wbits=31), _Scan(), offset
    try:
        while not stream.eof:
            piece = _at(file, position, _READ)
            if not piece:
                return Damage(offset, 0, _CUT)
            position += len(piece)
            out = stream.decompress(piece, PIECE)
            while out:
                scan.feed(out)
                out = b"" if stream.eof else stream.decompress(stream.unconsumed_tail, PIECE)
    except GZIP_ERROR as error:
        return Damage(offset, 0, f"not a sound gzip member: {error}")
    except NotARecord as error:
        return Damage(offset, 0, f"a gzip member that is no WARC record: {error}")
    if not scan.head:
        return Damage(offset, 0, "a gzip member that is no WARC record: its head does not end")
    length = position - len(stream.unused_data) - offset
    return Member(offset, length, "gzip", scan.head, file, offset, notes=scan.notes(scan.head), _plain=scan.plain)


class _Scan:
    """Looks at a member's plain bytes as they pass: head, lengths, and whether anything follows the record."""

    def __init__(self) -> None:
        self.head: Head | None = None
        self.plain: bytes | None = b""
        self.total = 0
        self._start = b""
        self._rest = b""

    def feed(self, data: bytes) -> None:
        if self.head is None:
            self._start += data
            self.head = parse_head(self._start)
        if self.head is not None and self.head.content_length is not None:
            over = self.total + len(data) - self.head.size - self.head.content_length
            if over > 0:
                self._rest = (self._rest + data[max(0, len(data) - over) :])[:64]
        self.total += len(data)
        if self.plain is not None:
            self.plain = self.plain + data if self.total <= _REMEMBER else None

    def notes(self, head: Head) -> list[str]:
        if head.content_length is None:
            return ["it has no Content-Length: the block is taken to go on to the end of the member"]
        missing = head.size + head.content_length - self.total
        if missing > 0:
            return [f"its block is {missing} bytes shorter than Content-Length says"]
        if self._rest.lstrip(b"\r\n").startswith(b"WARC/"):
            return [_SHARED]
        return [] if self._rest == b"\r\n\r\n" else [f"after the block stands {self._rest[:16]!r}, not two line ends"]


def _plain_at(file: BinaryIO, offset: int, size: int) -> Member | Damage:
    """The plain record that begins at `offset`, with all line ends that follow it."""
    start, notes = b"", []
    try:
        while not (head := parse_head(start)):
            more = _at(file, offset + len(start), _READ)
            if not more:
                return Damage(offset, 0, _CUT)
            start += more
    except NotARecord as error:
        return Damage(offset, 0, str(error))
    block = offset + head.size
    if head.content_length is None:
        end = _find(file, block, (b"\r\n\r\nWARC/1.", b"\r\n\r\nWARC/0."), size)
        notes.append("it has no Content-Length: the block is taken to go on to the next record")
        end -= 4 if end == size and _at(file, size - 4, 4) == b"\r\n\r\n" else 0
    else:
        end = block + head.content_length
    if end > size:
        return Damage(offset, 0, _CUT)
    after = end
    while (more := _at(file, after, 64)) and more[:1] in b"\r\n":
        after += len(more) - len(more.lstrip(b"\r\n"))
    if _at(file, end, after - end) != b"\r\n\r\n":
        notes.append(f"after the block stand {after - end} bytes of line ends, not two line ends")
    return Member(offset, after - offset, "identity", head, file, offset, notes=notes)


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    return os.pread(file.fileno(), length, offset)


def _range(file: BinaryIO, offset: int, length: int) -> Iterator[bytes]:
    while length and (piece := _at(file, offset, min(PIECE, length))):
        yield piece
        offset += len(piece)
        length -= len(piece)


def _find(file: BinaryIO, offset: int, marks: tuple[bytes, ...], size: int) -> int:
    """Where the first of `marks` begins at or after `offset`; the end of the file if none does."""
    longest = max(map(len, marks))
    while offset < size:
        window = _at(file, offset, PIECE)
        hits = [hit for mark in marks if (hit := window.find(mark)) >= 0]
        if hits:
            return offset + min(hits)
        if offset + len(window) >= size:
            break
        offset += len(window) - longest + 1
    return size
