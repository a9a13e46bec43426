"""Writes WARC files: the members of an archive in their order, exactly as they are kept."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.errors import DamagedRecord
from archive.export.whole import whole_file
from archive.retrieve import Filters, Reader, kept
from archive.store.reading import Reading, RecordRow
from archive.warc.members import member_pieces
from archive.warc.reader import Undecodable, inflate


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written: how many records and bytes, and its digest (hex)."""

    path: Path
    records: int
    length: int
    sha256: str


def export_warc(reader: Reader, out: Path, filters: Filters | None = None) -> Exported:
    """Write the records that the filters let through to `out`, all of them without filters; nothing is added.

    A name that ends in `.warc` gets plain records, any other gzip members. Records that have this form already come out
    bit for bit. With filters come also the originals of the revisits and the warcinfo records. `out` appears once it is
    whole. Raises DamagedRecord for a member that does not decompress, CannotGoOn if the disk refuses.
    """
    coding = "identity" if out.suffix == ".warc" else "gzip"
    with whole_file(out) as file:
        records, length, sha256 = _write(reader, file, filters or Filters(), coding)
    return Exported(out, records, length, sha256)


def _write(reader: Reader, file: BinaryIO, filters: Filters, coding: str) -> tuple[int, int, str]:
    records, length, digest = 0, 0, hashlib.sha256()
    for archive, row in selection(reader, filters):
        for piece in member(archive, row, coding):
            file.write(piece)
            digest.update(piece)
            length += len(piece)
        records += 1
    return records, length, digest.hexdigest()


def member(archive: Reading, row: RecordRow, coding: str) -> Iterator[bytes]:
    """A record's member in the coding that is wanted; its own bytes if it has that coding. Raises DamagedRecord."""
    if row.coding == coding:
        yield from archive.parts(row.id)
    elif coding == "gzip":
        yield from member_pieces(archive.parts(row.id))
    else:
        try:
            yield from inflate(archive.parts(row.id))
        except Undecodable as error:
            raise DamagedRecord(f"{row.record_id}: {error}; run `tangthu verify`") from error


def selection(reader: Reader, filters: Filters) -> Iterator[tuple[Reading, RecordRow]]:
    """The records of an export in the order in which they were kept; each once, even if several archives have it."""
    seen: set[str] | None = set() if len(reader.archives) > 1 else None
    for archive in reader.archives:
        rows = _with_needed(reader, archive, filters) if filters else archive.records()
        for row in rows:
            if seen is not None:
                if row.record_id in seen:
                    continue
                seen.add(row.record_id)
            yield archive, row


def _with_needed(reader: Reader, archive: Reading, filters: Filters) -> Iterator[RecordRow]:
    """The selected records, and what they cannot be understood without."""
    chosen = array("q")
    runs: set[int] = set()
    for row in archive.selected(filters):
        chosen.append(row.id)
        runs.add(row.run)
        if row.type == "revisit":
            original = archive.original_of(row) or _by_head(reader, archive, row)
            if original is not None:
                runs.add(original.run)
                chosen.extend(r.id for r in archive.records_of(original.capture or -1))
                chosen.append(original.id)
    for run in runs:
        chosen.extend(archive.warcinfos(run))
    last = -1
    for number in sorted(chosen):
        if number != last and (found := archive.record(number)):
            yield found
        last = number


def _by_head(reader: Reader, archive: Reading, row: RecordRow) -> RecordRow | None:
    """The original of a revisit that names it by address and time only."""
    found = reader.original(kept(archive, row).record().head)
    return found[1] if found and found[0] is archive else None
