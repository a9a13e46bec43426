"""Verifies archives: every kept byte, and every link between rows. Reads each record once, in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from archive.audit.checks import CHECKS, MEMBER, CleaningCheck, FileCheck, RecordCheck, TableCheck
from archive.audit.findings import Finding, Verdict
from archive.audit.record_checks import Inspected, Problem
from archive.audit.table_checks import Clean
from archive.errors import ArchiveError, DamagedRecord
from archive.model import Article
from archive.retrieve import Reader, kept
from archive.store import auditing
from archive.store.reading import Reading, RecordRow
from archive.warc.examine import examine
from archive.warc.payload import Body
from archive.warc.reader import Undecodable

_LINE_ENDS = b"\r\n\r\n"


def verify(source: Reader | Path | str, clean: Clean | None = None) -> Iterator[Finding]:
    """What the checks find in the archives, as they find it; in the end one SOUND finding a check, with its count.

    `clean` cleans an article again; without it the house's own cleaner does. Raises what opening an archive raises.
    """
    if not isinstance(source, Reader):
        with Reader.open(source) as reader:
            yield from verify(reader, clean)
        return
    for archive in source.archives:
        # Its own records come before those of the same id in the others.
        ordered = Reader([archive, *(other for other in source.archives if other is not archive)])
        yield from _Verification(ordered, archive, clean or clean_again).findings()


def clean_again(body: Body, url: str, rules: bytes | None) -> Article:
    """The article on a page, by rules as they were stored."""
    # Only here, so that an archive without articles is verified without the parsers.
    from archive.cleaning.clean import clean  # noqa: PLC0415
    from archive.cleaning.rules import Rules  # noqa: PLC0415

    return clean(body.data, url, Rules.load(rules) if rules else None, charset=body.charset)


class _Verification:
    """One archive being verified."""

    def __init__(self, reader: Reader, archive: Reading, clean: Clean) -> None:
        self._reader, self._archive, self._clean = reader, archive, clean
        self._looked: Counter[str] = Counter()
        self._faulty: Counter[str] = Counter()
        self._framed = 0

    def findings(self) -> Iterator[Finding]:
        archive = self._archive
        try:
            for check in CHECKS:
                if not isinstance(check, RecordCheck):
                    yield from self._table(check)
            yield from self._records()
        except DamagedRecord as error:
            # SQLite itself cannot read on.
            yield Finding(Verdict.BROKEN, "database", archive.path.name, str(error))
            return
        for name, looked in self._looked.items():
            sound = looked - self._faulty[name]
            if sound > 0:
                yield Finding(Verdict.SOUND, name, archive.path.name, self._evidence(name, sound, looked), sound)

    def _evidence(self, name: str, sound: int, looked: int) -> str:
        said = f"{sound} of {looked} are sound"
        if name == "payload-digest" and self._framed:
            said += f"; {self._framed} declared digests are over the framed body, as warcio and wget write them"
        return said

    def _table(self, check: TableCheck | CleaningCheck | FileCheck) -> Iterator[Finding]:
        archive, seen = self._archive, set()
        self._looked[check.name] = (
            auditing.pages(archive) if check.table == "pages" else auditing.count(archive, check.table)
        )
        if isinstance(check, TableCheck):
            problems = check.run(archive)
        elif isinstance(check, FileCheck):
            problems = check.run(self._reader, archive)
        else:
            problems = check.run(self._reader, archive, self._clean)
        for problem in problems:
            seen.add(problem.subject)
            yield Finding(problem.verdict, check.name, problem.subject, problem.evidence)
        self._faulty[check.name] = len(seen)

    def _records(self) -> Iterator[Finding]:
        own = auditing.crawl_runs(self._archive)
        checks = [check for check in CHECKS if isinstance(check, RecordCheck)]
        for row in self._archive.records():
            self._looked[MEMBER] += 1
            item = self._inspect(row, own)
            if isinstance(item, Problem):
                self._faulty[MEMBER] += 1
                yield Finding(item.verdict, MEMBER, item.subject, item.evidence)
                continue
            self._framed += any(said.reading == "framed" for said in item.facts.declared)
            for check in checks:
                self._looked[check.name] += 1
                faulty = 0
                for problem in check.run(item):
                    faulty = 1
                    yield Finding(problem.verdict, check.name, problem.subject, problem.evidence)
                self._faulty[check.name] += faulty

    def _inspect(self, row: RecordRow, own: frozenset[int]) -> Inspected | Problem:
        """The record, read whole; a problem if its member is not exactly one record."""
        archive = self._archive
        capture = archive.capture(row.capture) if row.capture is not None else None
        try:
            record = kept(archive, row).record()
            facts = examine(record, capture.method if capture and row.type != "request" else "GET")
        except (ArchiveError, Undecodable) as error:
            return Problem(Verdict.BROKEN, row.record_id, str(error))
        if facts.ending != _LINE_ENDS and not (
            facts.ending_length == 0 and facts.length < (facts.head.content_length or 0)
        ):
            what = f"after the block stand {facts.ending_length} bytes ({facts.ending[:16]!r}), not two line ends"
            return Problem(Verdict.BROKEN, row.record_id, what)
        return Inspected(self._reader, archive, row, capture, facts, row.run in own)
