"""The check of site models: what was learned is learned again from the same captures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from archive.audit.findings import Verdict
from archive.audit.record_checks import Problem
from archive.audit.table_checks import Clean
from archive.errors import ArchiveError
from archive.retrieve import Reader
from archive.store import article_reading as shelf
from archive.store import site_models
from archive.store.reading import Reading


def site_models_again(reader: Reader, archive: Reading, _: Clean) -> Iterator[Problem]:
    """Every site model comes out of the captures again that it was learned from, byte for byte."""
    for row in site_models.every(archive):
        subject = f"site model {row.id} of {row.host}"
        try:
            yield from _learned_again(reader, archive, row, subject)
        except ArchiveError as error:
            yield Problem(Verdict.UNCHECKED, subject, f"it cannot be learned again: {error}")


def _learned_again(reader: Reader, archive: Reading, row: site_models.ModelRow, subject: str) -> Iterator[Problem]:
    # Only here, so that an archive without site models is verified without the parsers.
    from archive.cleaning.clean import VERSION  # noqa: PLC0415
    from archive.cleaning.rules import Rules  # noqa: PLC0415
    from archive.cleaning.site.learn import learn  # noqa: PLC0415
    from archive.study import lessons_of  # noqa: PLC0415

    stored = site_models.lessons(archive, row.id)
    for number, digest in stored:
        capture = archive.capture(number)
        if capture is None or capture.payload_sha256 != digest:
            yield Problem(
                Verdict.BROKEN, subject, f"it was learned from capture {number}, which has another payload digest"
            )
            return
    if row.cleaner != VERSION:
        yield Problem(Verdict.UNCHECKED, subject, f"it was learned by version {row.cleaner}, this is {VERSION}")
        return
    lessons = lessons_of(archive, partial(reader.page_body, archive), [number for number, _ in stored])
    if len(lessons) < len(stored):
        missing = len(stored) - len(lessons)
        yield Problem(Verdict.UNCHECKED, subject, f"{missing} of the captures that it was learned from cannot be read")
        return
    given = shelf.rules(archive, row.given) if row.given else None
    again = learn(lessons.values(), Rules.load(given) if given else None)
    if again is None:
        yield Problem(Verdict.BROKEN, subject, "the captures that it names teach nothing")
    elif (again.rules.digest, again.serialised().decode()) != (row.rules, row.votes):
        yield Problem(
            Verdict.BROKEN,
            subject,
            f"learned again from its captures it has the rules {again.rules.digest}, or other votes",
        )
