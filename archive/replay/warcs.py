"""The records as WARC files over HTTP, with ranges, so that other replay tools can read them by a CDX's offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.errors import DamagedRecord
from archive.replay.answering import Answer, as_json, own
from archive.replay.asking import Asked, Refused
from archive.replay.ranges import unsatisfiable, wanted
from archive.retrieve import Reader
from archive.store.reading import Reading
from archive.store.volumes import MemberRow, identity, lengths_before, members, newest, records_in, volume_of
from archive.warc.members import stored, stored_length

# So many members are looked up at once on the way to those that were asked for.
_BATCH = 4096


def length_of(coding: str, length: int) -> int:
    """How long a member is in these files: as it is kept, or a plain record wrapped into a gzip member."""
    return length if coding == "gzip" else stored_length(length)


class Volumes:
    """Where records lie in these files."""

    def __init__(self, reader: Reader) -> None:
        self._archives = reader.archives
        self._names = names(reader)

    def name(self, archive: int, record: int) -> str:
        """The file of a record of one of the archives."""
        return f"{self._names[archive]}-{volume_of(record):06}.warc.gz"

    def offset(self, archive: int, record: int) -> int:
        """Where in its file a record begins."""
        packed, plain = lengths_before(self._archives[archive], record)
        return packed + sum(map(stored_length, plain))


def names(reader: Reader) -> list[str]:
    """What the files of each archive begin with; a copy of an archive that stands beside it gets a number."""
    made: list[str] = []
    for archive in reader.archives:
        name = identity(archive)
        made.append(name if name not in made else f"{name}.{len(made)}")
    return made


@dataclass(frozen=True)
class _File:
    """A file of the records from `first` to `last`, as the archive is now."""

    archive: Reading
    first: int
    last: int

    def rows(self) -> Iterator[MemberRow]:
        """Its members; each question is a short one, however slowly they are taken."""
        at = self.first
        while at <= self.last:
            yield from members(self.archive, at, min(at + _BATCH - 1, self.last))
            at += _BATCH

    def part(self, asked_for: range) -> Iterator[bytes]:
        """The bytes of a range."""
        at = 0
        for row in self.rows():
            end = at + length_of(row.coding, row.length)
            if end > asked_for.start:
                yield from _cropped(self._member(row), asked_for.start - at, asked_for.stop - at)
            at = end
            if at >= asked_for.stop:
                return

    def _member(self, row: MemberRow) -> Iterator[bytes]:
        kept = self.archive.parts(row.record)
        return kept if row.coding == "gzip" else stored(kept, row.length)


def _cropped(pieces: Iterator[bytes], start: int, stop: int) -> Iterator[bytes]:
    at = 0
    for piece in pieces:
        if at >= stop:
            return
        if cut := piece[max(0, start - at) : stop - at]:
            yield cut
        at += len(piece)


def listing(reader: Reader, asked: Asked) -> Answer:
    """The names of all files: of each archive the whole, and its volumes."""
    told = []
    for archive, name in zip(reader.archives, names(reader), strict=True):
        count = volume_of(newest(archive)) if newest(archive) else 0
        volumes = [f"{name}-{volume:06}.warc.gz" for volume in range(1, count + 1)]
        told.append({"name": f"{name}.warc.gz", "volumes": volumes})
    return as_json(asked, {"files": told})


def warc(reader: Reader, asked: Asked, name: str) -> Answer:
    """A volume, or an archive's records in one file; a range of it where one is asked for."""
    file = _found(reader, name)
    length = sum(length_of(row.coding, row.length) for row in file.rows())
    etag = f'"{file.first}-{file.last}-{length}"'
    headers = [("ETag", etag), ("Accept-Ranges", "bytes")]
    if etag in re.findall(r'"[^"]*"', asked.sent("If-None-Match")):
        return _answer(asked, 304, [], headers)
    try:
        part = wanted(asked, length, etag)
    except Refused as refused:
        answer = unsatisfiable(asked, refused, length)
        answer.headers += headers
        return answer
    if part is not None:
        headers.append(("Content-Range", f"bytes {part.start}-{part.stop - 1}/{length}"))
    whole = part or range(length)
    return _answer(asked, 206 if part else 200, _whole(file.part(whole), len(whole), name), headers, len(whole))


def _found(reader: Reader, name: str) -> _File:
    stem, _, number = name.partition("-")
    for archive, known in zip(reader.archives, names(reader), strict=True):
        last = newest(archive)
        if known == stem and not number:
            return _File(archive, 1, last)
        if known == stem and 1 <= int(number) <= volume_of(last):
            first, full = records_in(int(number))
            return _File(archive, first, min(full, last))
    raise Refused(404, "no_warc", name=f"{name}.warc.gz")


def _whole(pieces: Iterator[bytes], length: int, name: str) -> Iterator[bytes]:
    """The pieces; raises DamagedRecord if they are not as long as the rows say, which is too late for a status."""
    sent = 0
    for piece in pieces:
        sent += len(piece)
        yield piece
    if sent != length:
        raise DamagedRecord(f"{name}.warc.gz: {sent} bytes instead of {length}; run `tangthu verify`")


def _answer(
    asked: Asked, status: int, body: Iterator[bytes] | list[bytes], headers: list[tuple[str, str]], length: int = 0
) -> Answer:
    answer = own(asked, status, b"", "application/gzip")
    kept = [(n, v) for n, v in answer.headers if n not in ("Content-Length", "Vary", "Cache-Control")]
    told = [("Content-Length", str(length))] if status != 304 else []
    answer.headers, answer.body = [*kept, ("Cache-Control", "no-cache"), *told, *headers], body
    return answer
