"""The check of the texts inside files: read again from the kept bytes they are the same, and they are found by their words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from archive.audit.findings import Verdict
from archive.audit.record_checks import Problem
from archive.audit.table_checks import phrases
from archive.errors import ArchiveError
from archive.file_reading import FileReader
from archive.retrieve import Reader
from archive.store import file_texts
from archive.store.fold import fold
from archive.store.reading import Reading

# How these files end depends on the machine.
_BY_LIMIT = "too-hard"


def file_texts_again(reader: Reader, archive: Reading) -> Iterator[Problem]:
    """Every file's text comes out of its kept bytes again, and the search index has it."""
    for number, what in file_texts.misplaced(archive):
        yield Problem(Verdict.BROKEN, f"file {number}", what)
    with FileReader() as files:
        for row in file_texts.every(archive):
            subject = f"sha256:{row.sha256.hex()}"
            missing = [p for p in phrases(fold(row.text)) if not file_texts.indexed(archive, row.id, p)]
            if missing:
                yield Problem(Verdict.BROKEN, subject, f"it is not found by its own words: {missing[0]}")
            if (problem := _again(reader, archive, row, files)) is not None:
                yield problem


def _again(reader: Reader, archive: Reading, row: file_texts.FileRow, files: FileReader) -> Problem | None:
    subject = f"sha256:{row.sha256.hex()}"
    try:
        with reader.open(reader.numbered(archive, row.capture)) as opened:
            data = opened.body()
    except ArchiveError as error:
        return Problem(Verdict.UNCHECKED, subject, f"its bytes cannot be read again: {error}")
    if hashlib.sha256(data).digest() != row.sha256:
        return Problem(Verdict.BROKEN, subject, f"capture {row.capture} brought another file")
    made, was = files.read(data), row.kept()
    if _BY_LIMIT in (made.status, was.status):
        return None if made == was else Problem(Verdict.UNCHECKED, subject, f"it was {was.status}, now it is {made.status}: {made.note}")
    if made.tool != was.tool:
        return Problem(Verdict.UNCHECKED, subject, f"it was read by {was.tool}, this is {made.tool}")
    different = [name for name in ("kind", "status", "text", "pages", "note") if getattr(made, name) != getattr(was, name)]
    return Problem(Verdict.BROKEN, subject, f"read again it has another {', '.join(different)}") if different else None
