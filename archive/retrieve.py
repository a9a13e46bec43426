"""The door out: finds captures and articles, opens them, searches, says why something is missing. Changes nothing."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self, overload

from archive.errors import DamagedRecord, Misuse
from archive.model import Article, Capture, FileText, Study
from archive.overseeing import Overseeing
from archive.passages import Passage, passages
from archive.store import aliases, file_texts, robots
from archive.store import article_reading as shelf
from archive.store.exact import exact
from archive.store.facets import Narrow
from archive.store.listing import Memento
from archive.store.reading import CaptureRow, Filters, Reading, RecordRow
from archive.store.searching import Found, Hit, search, together
from archive.urls import parse_warc_date, parted, surt, warc_date
from archive.warc.kept import Kept, Opened
from archive.warc.payload import Body, body_of
from archive.warc.reader import Head
from archive.words import say

# A body is decoded up to this many bytes for reading; what is kept is not touched by it.
PAGE_LIMIT = 64 << 20

__all__ = ["Filters", "Found", "Hit", "Narrow", "Opened", "Passage", "Reader", "Why"]


@dataclass(frozen=True, slots=True)
class Why:
    """Everything known of an address: its captures, what led to it, what kept it out.

    `refused_more`: reasons that kept more addresses of its host out than are listed one by one, and how many. `aliases`: what stands for it, and
    what it stands for. `robots`: by which robots.txt it was let in or kept out, when it had been asked for, which group and line decided.
    `addresses`: how often it changed for which portal, whether it is gone, and when it is asked again.
    """

    url: str
    captures: list[Capture]
    redirected_from: list[Capture]
    refusals: list[dict[str, Any]]
    frontier: list[dict[str, Any]]
    linked_from: list[str]
    refused_more: list[dict[str, Any]] = field(default_factory=list)
    aliases: list[dict[str, Any]] = field(default_factory=list)
    robots: list[dict[str, Any]] = field(default_factory=list)
    addresses: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Exact:
    """The capture that a whole time names, open, and all captures of its address, oldest first."""

    capture: Capture
    opened: Opened
    mementos: list[Memento]


class _Open:
    """`Reader.open(paths)` opens archives, `reader.open(capture)` a capture: the contract calls both by one name."""

    @overload
    def __get__(self, reader: None, kind: type[Reader]) -> _OpenArchives: ...
    @overload
    def __get__(self, reader: Reader, kind: type[Reader]) -> _OpenCapture: ...
    def __get__(self, reader: Reader | None, kind: type[Reader]) -> _OpenArchives | _OpenCapture:
        return _OpenArchives() if reader is None else _OpenCapture(reader)


class _OpenArchives:
    def __call__(self, paths: Path | str | Iterable[Path | str]) -> Reader:
        """A reader of the archives at `paths`. Raises NotAnArchive, NewerSchema, MissingWal, Misuse."""
        listed = [paths] if isinstance(paths, Path | str) else list(paths)
        if not listed:
            raise Misuse(say("no archive was named; name one with --archive FILE"))
        reader = Reader([])
        try:
            for path in listed:
                reader.archives.append(Reading(Path(path)))
        except BaseException:
            reader.close()
            raise
        return reader


@dataclass
class _OpenCapture:
    reader: Reader

    def __call__(self, capture: Capture) -> Opened:
        """The capture's answer, to be closed. Raises DamagedRecord if no answer was kept."""
        found = next((found for a in self.reader.archives if (found := a.member(capture.record_id))), None)
        if found is None or found[0].type in ("request", "metadata"):
            raise DamagedRecord(
                f"{capture.url} was asked for at {capture.time:%Y-%m-%d %H:%M:%S} UTC and gave no answer"
            )
        row, pieces = found
        read = Kept(row.record_id, row.type, row.coding, row.block_sha256, lambda: pieces)
        return Opened(capture, read, self.reader._open_original)  # noqa: SLF001 - the same thing


def kept(archive: Reading, row: RecordRow) -> Kept:
    """A record's row, with the way to its bytes."""
    return Kept(row.record_id, row.type, row.coding, row.block_sha256, partial(archive.parts, row.id))


class Reader(Overseeing):
    """One archive, or several read as one: a number of a capture, article or run is that of the first that has it."""

    open = _Open()

    def __init__(self, archives: list[Reading]) -> None:
        self.archives = archives

    def close(self) -> None:
        """Let go of the files."""
        for archive in self.archives:
            archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Captures.

    def find(self, url: str, newest: int | None = None) -> list[Capture]:
        """All captures of an address, oldest first, answered or not; only so many of the newest, if told."""
        found = [[_capture(row) for row in a.captures_of(surt(url), newest=newest)] for a in self.archives]
        return list(heapq.merge(*found, key=lambda c: c.time))[-(newest or 0) :]

    def closest(self, url: str, at: datetime, status: int | None = None) -> Capture | None:
        """The answered capture nearest to `at` (with this status, if one is given); of two equally near the earlier.

        An `at` without a fraction means that whole second, as 14-digit times do: of the captures within it, the last.
        """
        key, last = surt(url), at + timedelta(microseconds=0 if at.microsecond else 999_999)
        until = [row for a in self.archives if (row := a.until(key, last, status))]
        within = [row for row in until if parse_warc_date(row.time) >= at]
        if within:
            return _capture(max(within, key=lambda row: (row.time, row.id)))
        rows = [(a, row) for a in self.archives for row in (*a.nearest(key, last, status), *a.nearest(key, at, status))]
        near = [(_distance(row, at, last), a, row) for a, row in rows]
        if not near:
            return None
        _, _, row = min(near, key=lambda n: n[0])
        return _capture(row)

    def exact(self, url: str, at: datetime) -> Exact | None:
        """What `closest` finds in the second `at`, in one question of the archive; None where that takes more.

        That is: if there is no capture in that second, more than a few of that address, or more than one archive.
        """
        if len(self.archives) != 1:
            return None
        found = exact(self.archives[0], surt(url), warc_date(at), warc_date(at + timedelta(microseconds=999_999)))
        if found is None:
            return None
        row, member = found.row, found.member
        read = Kept(row.record_id or "", row.record_type or "", found.coding, found.block_sha256, lambda: member)
        capture = _capture(row)
        return Exact(capture, Opened(capture, read, self._open_original), found.mementos)

    def capture(self, key: int | str) -> Capture | None:
        """A capture by its number, or by the id of any of its WARC records."""
        for archive in self.archives:
            if row := archive.capture(key):
                return _capture(row)
        return None

    def captures(self, filters: Filters | None = None) -> Iterator[Capture]:
        """All captures that the filters let through, in the order in which they were made."""
        for archive in self.archives:
            yield from (_capture(row) for row in archive.captures(filters or Filters()))

    def listed(self, start: str, stop: str) -> Iterator[Capture]:
        """The captures whose SURT key lies in [start, stop), by key and time: what a CDX lists."""
        found = [((row, a) for row in a.captures_by_key(start, stop)) for a in self.archives]
        merged = heapq.merge(*found, key=lambda item: (item[0].key, item[0].time))
        return (_capture(row) for row, archive in merged)

    def stored(self, record_id: str) -> tuple[Reading, RecordRow] | None:
        """A record by its id, and the archive that has it."""
        for archive in self.archives:
            if row := archive.record(record_id):
                return archive, row
        return None

    def original(self, revisit: Head) -> tuple[Reading, RecordRow] | None:
        """The record that a revisit's head refers to, by id, else by address and time; and the archive that has it."""
        said, uri, date = (revisit.uri(f"WARC-Refers-To{part}") for part in ("", "-Target-URI", "-Date"))
        found = self.stored(said) if said else None
        if found is None and uri and date:
            rows = ((a, a.record_at(uri, parse_warc_date(date))) for a in self.archives)
            found = next(((a, row) for a, row in rows if row), None)
        return found if found and found[1].type in ("response", "resource") else None

    def _open_original(self, revisit: Head) -> Opened | None:
        found = self.original(revisit)
        row = found[0].capture(found[1].record_id) if found else None
        return Opened(_capture(row), kept(*found), lambda _: None) if found and row else None

    def head(self, stored: tuple[Reading, RecordRow]) -> Head:
        """The head of a record."""
        return kept(*stored).record().head

    def numbered(self, archive: Reading, number: int) -> Capture:
        """The capture with this number in one of the archives. Raises DamagedRecord if there is none."""
        row = archive.capture(number)
        if row is None:
            raise DamagedRecord(f"{archive.path}: capture {number} is not there; run `tangthu verify`")
        return _capture(row)

    # Articles.

    def article(self, key: int | str, at: datetime | None = None) -> Article | None:
        """The article with this number, at this address or cleaned from this WARC record.

        The newest state, or of an address with `at` the one captured nearest to it.
        """
        for archive in self.archives:
            row = self._revision(archive, key, at)
            if row:
                return self._article(row)
        return None

    def _revision(self, archive: Reading, key: int | str, at: datetime | None) -> shelf.RevisionRow | None:
        if isinstance(key, int):
            return shelf.newest_of(archive, key)
        if key.startswith("urn:"):
            capture = archive.capture(key)
            return shelf.state_from(archive, capture.id) if capture else None
        states = shelf.states_of(archive, surt(key))
        if at is not None:
            return min(states, key=lambda s: abs(parse_warc_date(s.captured) - at), default=None)
        return next((s for s in states if s.newest), None)

    def states(self, url: str) -> list[datetime]:
        """When each state of an article was captured, the oldest first."""
        rows = (row for archive in self.archives for row in shelf.states_of(archive, surt(url)))
        return sorted(parse_warc_date(row.captured) for row in rows)

    def state(self, revision: int) -> Article | None:
        """A state of an article by its number, as it was kept: what only the archive knows of its files is not looked up."""
        rows = (shelf.state(archive, revision) for archive in self.archives)
        return next((row.kept() for row in rows if row), None)

    def articles(self, filters: Filters | None = None) -> Iterator[Article]:
        """The articles that the filters let through, each in its newest state."""
        for archive in self.archives:
            yield from (self._article(row) for row in shelf.revisions(archive, filters))

    def passages(self, article: Article) -> list[Passage]:
        """Where the pieces of an article that this reader gave stand in the bytes of its capture, and what these say.

        Raises DamagedRecord if those are not there.
        """
        capture = self.capture((article.capture or {}).get("record_id", ""))
        if capture is None:
            raise DamagedRecord(f"{article.url}: the capture that it was cleaned from is not there; run `tangthu verify`")
        with self.open(capture) as opened:
            return list(passages(article, opened.content()))

    def _article(self, row: shelf.RevisionRow) -> Article:
        article = row.kept()
        at = parse_warc_date(row.captured)
        for image in article.images:
            shown = self.closest(image.url, at, 200)
            image.capture = shown.record_id if shown else None
        for attachment in article.attachments:
            file = self.closest(attachment.url, at, 200)
            attachment.capture = file.record_id if file else None
            attachment.sha256 = self._file_sha256(file) if file else None
        return article

    def text_inside(self, capture: Capture) -> FileText | None:
        """The text inside the file that an answer carries; None if it is damaged or has not been read."""
        sha256 = self._file_sha256(capture)
        return self.file_text(sha256) if sha256 else None

    def _file_sha256(self, capture: Capture) -> str | None:
        """The digest of the file that an answer carries: of its body, which is the payload unless it is coded; None if it is damaged."""
        try:
            with self.open(capture) as opened:
                return opened.file_sha256(capture.payload_digest)
        except DamagedRecord:  # the article can be shown, and `sha256` says that nothing vouches for the file
            return None

    def file_text(self, sha256: str) -> FileText | None:
        """The text inside a file by its SHA-256 (hex); None if it has not been read."""
        rows = (file_texts.of(archive, bytes.fromhex(sha256)) for archive in self.archives)
        return next((row.kept() for row in rows if row), None)

    def search(self, words: str, limit: int = 20, narrow: Narrow | None = None, skip: int = 0) -> list[Hit]:
        """The best articles for `words` that `narrow` lets through, the exactly spelt first, without the first `skip`."""
        return self.found(words, limit, narrow, skip).hits

    def found(self, words: str, limit: int = 20, narrow: Narrow | None = None, skip: int = 0) -> Found:
        """The same, and how many there are; of more than 10,000 in an archive only that many and one are counted."""
        if len(self.archives) == 1:
            return search(self.archives[0], words, limit, narrow, skip)
        found = [search(archive, words, skip + limit, narrow) for archive in self.archives]
        return together(found, limit, skip)

    def studies(self, root: int | None = None, given: bytes | None = None) -> Iterator[Study]:
        """What the captures of each host teach: of the chain of runs that begins with run `root`, at its end; without it, of all.

        `given` are rules that were written for these hosts, as canonical JSON. Each study is to be kept with `Depositor.learn`, and the
        captures that it names in `again` cleaned `by` its rules.
        """
        # Only here, so that reading needs no parsers.
        from archive.study import studies  # noqa: PLC0415

        for archive in self.archives:
            yield from studies(archive, partial(self.page_body, archive), root, given)

    def page_body(self, archive: Reading, capture: int) -> Body:
        """The body of a page in one of the archives, at most so much of it as is read. Raises DamagedRecord."""
        with self.open(self.numbered(archive, capture)) as opened:
            raw = opened.raw()
            return body_of(raw, limit=PAGE_LIMIT) if opened.is_http else Body(raw[:PAGE_LIMIT], ())

    # Addresses, records.

    def why(self, url: str, newest: int | None = None) -> Why:
        """Everything that is known of an address, of its captures only so many of the newest, if told; all empty if it was never met."""
        key, archives = surt(url), self.archives
        return Why(
            url,
            self.find(url, newest),
            [_capture(row) for a in archives for row in a.leading_to(url, newest)],
            [refusal for a in archives for refusal in a.refusals_of(key)],
            [entry for a in archives for entry in a.frontier_of(url)],
            sorted({via for a in archives for via in a.linked_from(url)}),
            [count for a in archives for count in a.refused_more(parted(url).hostname or "")],
            [alias for a in archives for alias in aliases.of(a, url)],
            self.rulings(url, newest),
            [seen for a in archives for seen in a.addresses_of(url)],
        )

    def rulings(self, url: str, newest: int | None = None) -> list[dict[str, Any]]:
        """By which robots.txt an address was let in or kept out, at its `newest` turns or each; oldest first of each archive."""
        return [ruling for a in self.archives for ruling in robots.rulings(a, surt(url), newest)]

    def members(self, filters: Filters | None = None) -> Iterator[tuple[RecordRow, Iterator[bytes]]]:
        """The records that the filters let through, each with its member's bytes, in the order they were kept."""
        for archive in self.archives:
            for row in archive.selected(filters or Filters()):
                yield row, archive.parts(row.id)


def _distance(row: CaptureRow, at: datetime, last: datetime) -> tuple[timedelta, datetime, int]:
    time = parse_warc_date(row.time)
    if at <= time <= last:
        return timedelta(0), last - (time - at), -row.id
    return abs(time - at), time, -row.id


def _capture(row: CaptureRow) -> Capture:
    digest = f"sha256:{row.payload_sha256.hex()}" if row.payload_sha256 else None
    return Capture(
        row.id, row.run, row.url, parse_warc_date(row.time), row.method, row.status, row.media_type,
        row.record_id or "", digest, row.length, row.truncated, row.failure, row.refers_to, row.location,
    )  # fmt: skip
