"""Takes in WARC files that others wrote, bit for bit, and says what in them is not as it should be."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from archive.deposit import Depositor
from archive.errors import Misuse
from archive.export.pages import Read, make_articles, read_page
from archive.model import Run
from archive.store.captures import NewCapture
from archive.store.records import NewRecord
from archive.urls import parse_warc_date, surt, warc_date
from archive.warc.answer import essence, location, media_type
from archive.warc.examine import Examined, examine
from archive.warc.files import Damage, Member, WarcFile
from archive.warc.reader import Head, Undecodable
from archive.words import say

_NOTES = 1000
# Records of one exchange stand together; a few lines of text may come between.
_NEAR = 100
# Handed to the writer and not yet on disk: enough for it to commit in groups.
_WAITING = 256
_FORMATS = {b"PK\x03\x04": "a ZIP or WACZ", b"\x28\xb5\x2f\xfd": "zstd", b"SQLi": "SQLite"}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is to be said of a file: at which offset, of which record. A `grave` one is a finding."""

    offset: int
    record_id: str | None
    what: str
    grave: bool = True


@dataclass(slots=True)
class Adopted:
    """What became of one file. Of more than a thousand notes the first are kept; `more` counts the others."""

    path: Path
    run: Run
    records: int = 0
    captures: int = 0
    articles: int = 0
    already: int = 0
    refused: int = 0
    notes: list[Note] = field(default_factory=list)
    more: int = 0
    more_grave: int = 0

    def note(self, note: Note) -> None:
        """Write it down."""
        if len(self.notes) < _NOTES:
            self.notes.append(note)
        else:
            self.more += 1
            self.more_grave += note.grave

    @property
    def findings(self) -> list[str]:
        """The grave notes, a sentence each."""
        said = [f"offset {n.offset}: {n.record_id or self.path.name}: {n.what}" for n in self.notes if n.grave]
        return [*said, f"and {self.more_grave} more"] if self.more_grave else said

    @property
    def grave(self) -> bool:
        """Whether anything was found that is not as it should be."""
        return bool(self.more_grave) or any(note.grave for note in self.notes)


def adopt(depositor: Depositor, paths: Iterable[Path], read: Read | None = read_page) -> Iterator[Adopted]:
    """Take in the files one after the other, each as a run of its own; what became of each.

    Records of every type are kept with their exact bytes and in their order, also those whose digests do not hold. A
    record that the archive has already is left out and said; another record under a known id is refused and said. Then
    `read` makes articles of the HTML pages among them; None leaves that out. Raises Misuse for what is no WARC file,
    and what the Depositor raises.
    """
    for path in paths:
        _refuse(path)
        told: dict[str, object] = {"file": path.name, "length": path.stat().st_size, "sha256": _sha256(path)}
        run = depositor.begin(path.name, kind="adopt", settings=told, resume=False)
        report = Adopted(path, run)
        with WarcFile(path) as file:
            _Adoption(depositor, report).take(file)
        if read is not None and report.captures:
            report.articles = make_articles(depositor, run, read)
        outcome = "with findings" if report.grave else "sound"
        depositor.end(run, "finished", f"{report.records} records taken in, {outcome}").result()
        yield report


def _refuse(path: Path) -> None:
    if not path.is_file():
        raise Misuse(say("{path}: there is no such file to adopt", path=path))
    with path.open("rb") as file:
        start = file.read(5)
    if start and not start.startswith((b"\x1f\x8b", b"WARC/")):
        kind = _FORMATS.get(start[:4], "something else")
        raise Misuse(
            say("{path}: this is no WARC file but {kind}; adopt takes .warc and .warc.gz", path=path, kind=kind)
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Adoption:
    """One file on its way in."""

    def __init__(self, depositor: Depositor, report: Adopted) -> None:
        self._depositor, self._report = depositor, report
        self._waiting: deque[tuple[Future[int | None], Member, str, bool]] = deque()
        # Requests before their responses: which method was not GET, by record id.
        self._methods: dict[str, str] = {}
        # The latest answers: what is said beside one of them is said of its capture.
        self._answers: deque[str] = deque(maxlen=_NEAR)

    def take(self, file: WarcFile) -> None:
        """Take in everything that the file holds."""
        before: Member | None = None
        for found in file:
            if before is not None:
                self._one(before, found if isinstance(found, Member) else None)
            before = None
            if isinstance(found, Damage):
                what = f"{found.length} bytes from offset {found.offset} on could not be taken in: {found.what}"
                self._report.note(Note(found.offset, None, what))
            else:
                before = found
        if before is not None:
            self._one(before, None)
        self._settle(0)

    def _one(self, member: Member, following: Member | None) -> None:
        head = member.head
        method = self._method(head, following)
        try:
            facts = examine(member.record(), method)
        except Undecodable as error:
            self._report.note(Note(member.offset, head.uri("WARC-Record-ID"), str(error)))
            return
        record_id = facts.record_id
        if not head.uri("WARC-Record-ID"):
            self._report.note(Note(member.offset, record_id, "it has no WARC-Record-ID; it is listed under its digest"))
        if head.type == "request" and (asked := _first_word(member)) != "GET":
            self._methods[record_id] = asked
        for what, grave in _remarks(member, facts):
            self._report.note(Note(member.offset, record_id, what, grave))
        time = self._time(member, record_id)
        capture = _capture(facts, time, method)
        if capture is not None and not _has_key(capture.url):
            self._report.note(Note(member.offset, record_id, f"{capture.url!r} is no address; it makes no capture"))
            capture = None
        # Of other types Refers-To names the record that this one is about.
        about = () if head.type == "revisit" else ("WARC-Refers-To",)
        beside = _named(head, "WARC-Concurrent-To", *about)
        if capture is not None and head.type == "metadata" and not set(beside).isdisjoint(self._answers):
            capture = None
        elif capture is not None and head.type != "metadata":
            self._answers.append(record_id)
        row = NewRecord(
            record_id, head.type or "unknown", head.uri("WARC-Target-URI"), time, facts.length, facts.block_sha256,
            facts.payload_sha256, coding=member.coding,
        )  # fmt: skip
        row.refers_to = head.uri("WARC-Refers-To") if head.type == "revisit" else None
        future = self._depositor.keep_member(self._report.run, row, member.pieces(), capture, beside)
        self._waiting.append((future, member, record_id, capture is not None))
        self._settle(0 if member.repacked else _WAITING)

    def _method(self, head: Head, following: Member | None) -> str:
        """The method that the response answers: of the request it names, or of the one that follows and names it."""
        beside = _named(head, "WARC-Concurrent-To")
        for record_id in beside:
            if method := self._methods.get(record_id):
                return method
        if following is None or following.head.type != "request" or head.type not in ("response", "revisit"):
            return "GET"
        back = _named(following.head, "WARC-Concurrent-To")
        if head.uri("WARC-Record-ID") in back or following.head.uri("WARC-Record-ID") in beside:
            return _first_word(following)
        return "GET"

    def _time(self, member: Member, record_id: str) -> str | None:
        said = member.head.get("WARC-Date") or ""
        try:
            return warc_date(parse_warc_date(said))
        except ValueError:
            self._report.note(Note(member.offset, record_id, f"its WARC-Date {said!r} is none; it makes no capture"))
            return None

    def _settle(self, most: int) -> None:
        """Wait until no more than `most` records are on their way to the disk."""
        report = self._report
        while len(self._waiting) > most:
            future, member, record_id, captured = self._waiting.popleft()
            try:
                number = future.result()
            except Misuse as error:
                report.refused += 1
                report.note(Note(member.offset, record_id, str(error)))
                continue
            if number is None:
                report.already += 1
                report.note(Note(member.offset, record_id, "the archive has it already", grave=False))
                continue
            report.records += 1
            report.captures += captured


def _remarks(member: Member, facts: Examined) -> Iterator[tuple[str, bool]]:
    """What is odd about a record, and whether that is grave."""
    yield from ((note, True) for note in member.notes)
    if member.repacked:
        yield (
            "it shared its gzip member with other records and got one of its own: the file cannot come back as it was",
            True,
        )
    for said in facts.declared:
        if said.holds is None:
            yield f"{said.name} {said.value} cannot be checked", True
        elif not said.holds:
            yield f"{said.name} says {said.value}, its bytes are {said.found}", True
        elif said.reading == "framed":
            yield f"{said.name} is over the body with its chunk sizes, as warcio and wget write it", False


def _capture(facts: Examined, time: str | None, method: str) -> NewCapture | None:
    """The capture that a record makes: an answer, a revisit, a resource that stands for itself, or why there was no answer."""
    head, framer = facts.head, facts.framer
    uri = head.uri("WARC-Target-URI")
    if time is None or not uri:
        return None
    if head.type == "metadata" and facts.facts and "failure" in facts.facts:
        said = facts.facts
        cause = ": ".join(said[name] for name in ("failure", "failure-cause") if name in said)
        return NewCapture(uri, time, method, failure=cause, via=said.get("via"), hops=said.get("hopsFromSeed"))
    if head.type not in ("response", "revisit", "resource"):
        return None
    if head.type == "resource" and (head.all("WARC-Concurrent-To") or not uri.startswith(("http:", "https:", "ftp:"))):
        return None
    if framer is None:
        return NewCapture(uri, time, media_type=essence(head.get("Content-Type")), length=facts.length)
    if framer.status is None and framer.interim and framer.head_end is None:
        return None
    return NewCapture(
        uri, time, method, framer.status, media_type(framer), location(framer, uri), facts.length,
        head.get("WARC-Truncated") if head.type == "response" else None,
    )  # fmt: skip


def _has_key(url: str) -> bool:
    try:
        surt(url)
    except ValueError:
        return False
    return True


def _named(head: Head, *fields: str) -> list[str]:
    """The record ids in fields that may repeat."""
    return [value.strip().removeprefix("<").removesuffix(">") for name in fields for value in head.all(name)]


def _first_word(request: Member) -> str:
    """The method of a request record."""
    start = next(request.record().block(), b"")
    return start.partition(b" ")[0][:20].decode("latin-1").upper() or "GET"
