"""The checks of the texts inside files: read again they are the same, found by their words, and with the articles that offer them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from archive.audit.findings import Verdict
from archive.audit.record_checks import Problem
from archive.audit.table_checks import phrases
from archive.errors import ArchiveError, DamagedRecord
from archive.file_reading import FileReader
from archive.retrieve import Reader
from archive.store import article_reading as shelf
from archive.store import file_texts
from archive.store.fold import fold
from archive.store.reading import CaptureRow, Reading
from archive.urls import surt

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


def file_offers(reader: Reader, archive: Reading) -> Iterator[Problem]:
    """An article is found by the words of no file but such as came from the addresses of its attachments, in any of its states."""
    payloads = dict(file_texts.payloads(archive))
    for number, files in file_texts.offered(archive).items():
        came: set[bytes] = set()
        try:
            for key in _offered_by(archive, number):
                came |= {sha for row in archive.captures_of(key, answered=True) if (sha := _brought(reader, archive, row, payloads))}
        except DamagedRecord as error:
            yield Problem(Verdict.UNCHECKED, f"article {number}", str(error))
            continue
        for sha in files - came:
            yield Problem(Verdict.BROKEN, f"article {number}", f"it is found by the words of sha256:{sha.hex()}, a file that it never offered")


def _offered_by(archive: Reading, article: int) -> set[str]:
    newest = shelf.newest_of(archive, article)
    states = shelf.states_of(archive, newest.key) if newest else []
    return {surt(file.url) for state in states for file in state.kept().attachments}


def _brought(reader: Reader, archive: Reading, row: CaptureRow, payloads: dict[str, bytes]) -> bytes | None:
    """The digest of the file that a capture brought; None if its bytes are damaged."""
    known = payloads.get(f"sha256:{row.payload_sha256.hex()}") if row.payload_sha256 else None
    if known is not None:
        return known
    try:
        with reader.open(reader.numbered(archive, row.id)) as opened:
            return hashlib.sha256(opened.body()).digest()
    except ArchiveError:  # the checks of its records say so
        return None


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
