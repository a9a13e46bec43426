"""The CDX server: captures by address and time as lines of columns, JSON rows or CDXJ, streamed in constant memory."""

from __future__ import annotations

import heapq
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import chain, islice

from archive.replay.answering import Answer, own, streamed
from archive.replay.asking import Asked, Refused
from archive.replay.cdx_query import PYWB, Query, key_of, query
from archive.replay.warcs import Volumes, length_of
from archive.retrieve import Reader
from archive.store.listing import Listed, Place, Span, counted, listed, places
from archive.store.reading import Reading, RecordRow
from archive.urls import parse_time, parse_warc_date, warc_date
from archive.warc.members import member_pieces

# Captures asked for at once: few at first, for who wants one; then more and more, until asking costs little.
_FEW, _MANY = 20, 1000
_TYPES = {"text": "text/plain; charset=utf-8", "json": "application/json", "cdxj": "text/x-cdxj; charset=utf-8"}
REVISIT = "warc/revisit"


def cdx(reader: Reader, asked: Asked) -> Answer:
    """The captures that the query asks for, the number of its pages, or 400 with a sentence."""
    wanted = query(asked.query)
    if wanted.count_pages:
        return own(asked, 200, f"{_pages(reader, wanted)}\n".encode(), _TYPES["text"])
    return listing(reader, asked, wanted)


def listing(reader: Reader, asked: Asked, wanted: Query) -> Answer:
    """The captures that a query asks for."""
    pieces = _written(_Search(reader, wanted))
    if not (wanted.gzip and "gzip" in asked.sent("Accept-Encoding").lower()):
        return streamed(asked, pieces, _TYPES[wanted.form])
    first = next(pieces, b"")
    answer = streamed(asked, member_pieces(chain([first], pieces)), _TYPES[wanted.form])
    answer.headers = [(name, value) for name, value in answer.headers if name != "Vary"]
    answer.headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    return answer


class _Row(dict[str, str]):
    """The fields of a capture, each made when it is first asked for."""

    def __init__(self, archive: int, entry: Listed, search: _Search) -> None:
        super().__init__()
        self.archive, self.entry, self.search = archive, entry, search

    def __missing__(self, name: str) -> str:
        self[name] = value = _FIELDS[name](self) or "-"
        return value

    @cached_property
    def repeated(self) -> tuple[int, RecordRow] | None:
        """With resolveRevisits the record that a revisit stands for, and its archive."""
        entry = self.entry
        if not self.search.query.resolve or entry.record_type != "revisit" or not entry.refers_to:
            return None
        found = ((at, archive.record(entry.refers_to)) for at, archive in enumerate(self.search.archives))
        return next(((at, row) for at, row in found if row), None)

    @property
    def media_type(self) -> str:
        """The bare media type; of a revisit that it is one, unless it was to be resolved."""
        if self.entry.record_type == "revisit" and not self.repeated:
            return REVISIT
        return _word((self.entry.media_type or "").partition(";")[0].strip()) or "unk"

    @property
    def file(self) -> str:
        """The WARC file of its record."""
        return self.search.volumes.name(self.archive, self.entry.record)

    @property
    def offset(self) -> int:
        """Where its record begins there."""
        return self.search.volumes.offset(self.archive, self.entry.record)

    def original(self, told: Callable[[Volumes, int, RecordRow], object]) -> str:
        """Something of the record that it repeats."""
        return str(told(self.search.volumes, *self.repeated)) if self.repeated else "-"


def _word(text: str) -> str:
    """`text` without what would end a column."""
    return _BLANK.sub("%20", text)


_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_FIELDS: dict[str, Callable[[_Row], str]] = {
    "urlkey": lambda row: _word(row.entry.key),
    "timestamp": lambda row: row.entry.time[:19].translate({45: "", 58: "", 84: ""}),
    "original": lambda row: _word(row.entry.url),
    "mimetype": lambda row: row.media_type,
    "statuscode": lambda row: str(row.entry.status or "-"),
    "digest": lambda row: f"sha256:{row.entry.payload_sha256.hex()}" if row.entry.payload_sha256 else "-",
    "length": lambda row: str(length_of(row.entry.coding, row.entry.member_length)),
    "offset": lambda row: str(row.offset),
    "filename": lambda row: row.file,
    "redirect": lambda row: _word(row.entry.location or "-"),
    "recordid": lambda row: _word(row.entry.record_id),
    "orig.length": lambda row: row.original(lambda _, __, found: length_of(found.coding, found.member_length)),
    "orig.offset": lambda row: row.original(lambda volumes, at, found: volumes.offset(at, found.id)),
    "orig.filename": lambda row: row.original(lambda volumes, at, found: volumes.name(at, found.id)),
}
_FIELDS |= {name: _FIELDS[column] for name, column in PYWB.items()}


@dataclass
class _Search:
    """A query at work. `next` is the row after the last one given, if a limit has kept it out."""

    reader: Reader
    query: Query
    next: _Row | None = None

    @property
    def archives(self) -> list[Reading]:
        """The archives that are searched."""
        return self.reader.archives

    @cached_property
    def volumes(self) -> Volumes:
        """Where the records lie."""
        return Volumes(self.reader)

    def rows(self) -> Iterator[_Row]:
        """What is to be given, in order."""
        wanted = self.query
        if wanted.limit is None or wanted.limit >= 0:
            rows = self._fitting(backwards=wanted.sort == "reverse")
            yield from islice(rows, wanted.limit)
            self.next = next(rows, None) if wanted.limit is not None and wanted.show_resume else None
        elif wanted.collapse or wanted.sort != "default":
            yield from deque(self._fitting(backwards=wanted.sort == "reverse"), maxlen=-wanted.limit)
        else:
            yield from reversed(list(islice(self._fitting(backwards=True), -wanted.limit)))

    def _fitting(self, *, backwards: bool) -> Iterator[_Row]:
        """The rows that the filters let through, without those that collapse into the one before."""
        wanted = self.query
        found = self._closest() if wanted.sort == "closest" else self._ordered(backwards=backwards)
        rows: Iterator[_Row] = (_Row(archive, entry, self) for archive, entry in found)
        rows = (row for row in rows if all(test(row) for test in wanted.filters))
        for name, length in wanted.collapse:
            rows = _collapsed(rows, name, length)
        return islice(rows, 0 if wanted.resume else wanted.offset, None)

    def _ordered(self, *, backwards: bool) -> Iterator[tuple[int, Listed]]:
        walks = (_walk(a, n, self._span(n, backwards=backwards), backwards) for n, a in enumerate(self.archives))
        return heapq.merge(*walks, key=lambda found: (found[1].place, found[0]), reverse=backwards)

    def _span(self, archive: int, *, backwards: bool) -> Span:
        """What is to be looked through in one of the archives: the page, or what a resume key left."""
        wanted = self.query
        if wanted.page is not None:
            return _page(self.reader, wanted)
        if not wanted.resume:
            return wanted.span
        place, of = wanted.resume
        if backwards:
            return wanted.span._replace(stop=min(wanted.span.stop, place._replace(id=place.id + (archive <= of))))
        return wanted.span._replace(start=max(wanted.span.start, place._replace(id=place.id + (archive < of))))

    def _closest(self) -> Iterator[tuple[int, Listed]]:
        """By their distance from a time, in whole seconds' closeness as replay has it; the earlier of two first."""
        at = parse_time(_full(self.query.closest))
        last = warc_date(at + timedelta(microseconds=999_999))
        span = self.query.span
        before = span._replace(stop=min(span.stop, Place(span.start.key, last, 2**62)))
        after = span._replace(start=max(span.start, Place(span.start.key, last, 2**62)))
        down = [_walk(archive, n, before, backwards=True) for n, archive in enumerate(self.archives)]
        up = [_walk(archive, n, after, backwards=False) for n, archive in enumerate(self.archives)]

        def distance(found: tuple[int, Listed]) -> timedelta:
            time = parse_warc_date(found[1].time)
            return max(at - time, timedelta()) if found[1].time <= last else time - at

        sides = (
            heapq.merge(*down, key=lambda found: (found[1].place, found[0]), reverse=True),
            heapq.merge(*up, key=lambda found: (found[1].place, found[0])),
        )
        return heapq.merge(*sides, key=distance)


def _walk(archive: Reading, number: int, span: Span, backwards: bool) -> Iterator[tuple[int, Listed]]:
    most = _FEW
    while batch := listed(archive, span, most, backwards=backwards):
        for entry in batch:
            yield number, entry
        if len(batch) < most:
            return
        place, most = batch[-1].place, min(4 * most, _MANY)
        span = span._replace(stop=place) if backwards else span._replace(start=place._replace(id=place.id + 1))


def _collapsed(rows: Iterator[_Row], name: str, length: int | None) -> Iterator[_Row]:
    before = None
    for row in rows:
        told = row[name][:length]
        if told != before:
            yield row
        before = told


def _pages(reader: Reader, wanted: Query) -> int:
    """How many pages the span has, filters aside."""
    return -(-sum(counted(archive, wanted.span) for archive in reader.archives) // wanted.page_length)


def _page(reader: Reader, wanted: Query) -> Span:
    """The part of the span that a page is. Raises Refused (400) if there is no such page, so that clients stop."""
    page = wanted.page or 0
    if wanted.sort == "reverse":
        page = max(_pages(reader, wanted), 1) - 1 - page
    found = heapq.merge(*(places(archive, wanted.span) for archive in reader.archives))
    start = next(islice(found, page * wanted.page_length, None), None) if page >= 0 else None
    if start is None and page:
        raise Refused(400, "no_page_of", page=wanted.page, pages=_pages(reader, wanted))
    stop = next(islice(found, wanted.page_length - 1, None), None)
    return wanted.span._replace(start=start or wanted.span.start, stop=stop or wanted.span.stop)


def _full(digits: str) -> str:
    """A time of 14 digits out of its beginning: 2026 → 20260101000000. Raises Refused (400) if there is no such time."""
    text = digits + "00000101000000"[len(digits) :]
    try:
        parse_time(text)
    except ValueError:
        raise Refused(400, "bad_digits", name="closest", value=digits) from None
    return text


def _written(search: _Search) -> Iterator[bytes]:
    write = {"text": _lines, "json": _json, "cdxj": _cdxj}[search.query.form]
    lines = write(search)
    most = _FEW
    first = list(islice(lines, most))

    def pieces() -> Iterator[bytes]:
        batch = first
        while batch:
            yield "".join(batch).encode()
            batch = list(islice(lines, _MANY))

    return pieces()


def _lines(search: _Search) -> Iterator[str]:
    fields = search.query.fields
    for row in search.rows():
        yield " ".join([row[name] for name in fields]) + "\n"
    yield from _resuming(search)


def _cdxj(search: _Search) -> Iterator[str]:
    fields = [name for name in search.query.fields if name not in ("urlkey", "timestamp")]
    for row in search.rows():
        told = json.dumps({name: row[name] for name in fields}, ensure_ascii=False)
        yield f"{row['urlkey']} {row['timestamp']} {told}\n"
    yield from _resuming(search)


def _resuming(search: _Search) -> Iterator[str]:
    if search.next is not None:
        yield f"\n{key_of(search.next.entry.place, search.next.archive)}\n"


def _json(search: _Search) -> Iterator[str]:
    """Rows with a header row; nothing but [] where there are none. A resume key comes after an empty row."""
    fields, before = search.query.fields, f"[{json.dumps(search.query.fields)}"
    for row in search.rows():
        yield f"{before},\n{json.dumps([row[name] for name in fields], ensure_ascii=False)}"
        before = ""
    if search.next is not None:
        yield f",\n[],\n{json.dumps([key_of(search.next.entry.place, search.next.archive)])}"
    yield "[]\n" if before else "]\n"

