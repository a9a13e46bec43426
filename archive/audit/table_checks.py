"""The checks that look at the archive as a whole: SQLite, parts, requests, articles, search, queues and runs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from archive.audit.findings import Verdict
from archive.audit.record_checks import Problem
from archive.errors import ArchiveError, DamagedRecord
from archive.model import Article
from archive.retrieve import Reader, kept
from archive.store import article_reading as shelf
from archive.store import auditing
from archive.store.drafts import content_digest, search_text
from archive.store.drafts import facets as narrowed_by
from archive.store.packing import without
from archive.store.reading import Reading
from archive.urls import surt, warc_date
from archive.warc.payload import Body
from archive.warc.reader import Undecodable

# (body, address, the rules as they were stored) → the article; its `cleaner` says which version made it.
Clean = Callable[[Body, str, bytes | None], Article]

_WORD = re.compile(r"[^\W_]+")
_PHRASE = 8
# No time, no name, no system (RFC 1952, section 2.3): the checksum at the end does not cover the head.
_OUR_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def _broken(subject: str, evidence: str) -> Problem:
    return Problem(Verdict.BROKEN, subject, evidence)


def database(archive: Reading) -> Iterator[Problem]:
    """SQLite's integrity check finds nothing."""
    return (_broken(archive.path.name, complaint) for complaint in auditing.integrity(archive))


def foreign_keys(archive: Reading) -> Iterator[Problem]:
    """Every reference from row to row leads somewhere."""
    for table, number, parent in auditing.foreign_keys(archive):
        yield _broken(f"{table} {number}", f"it refers to a row of {parent} that is not there")


def parts(archive: Reading) -> Iterator[Problem]:
    """Every member's parts are there, numbered from 0 without a gap, and as long as the row says."""
    for record_id, count, top, size, wanted in auditing.uneven_parts(archive):
        yield _broken(record_id, f"{count or 0} parts up to number {top} with {size} bytes; {wanted} bytes came in")
    for record_id in auditing.odd_members(archive, _OUR_GZIP):
        yield _broken(record_id, "its gzip head is not as this product writes it")


def adopted(archive: Reading) -> Iterator[Problem]:
    """A file that was taken in whole is still that file, byte for byte."""
    for run, file, sha256 in auditing.adopted_whole(archive):
        digest = hashlib.sha256()
        for piece in auditing.bytes_of_run(archive, run):
            digest.update(piece)
        if digest.hexdigest() != sha256:
            yield _broken(
                f"run {run}", f"{file} came in with sha256 {sha256}, its members now have {digest.hexdigest()}"
            )


def request(archive: Reading) -> Iterator[Problem]:
    """Every answer of a crawl has its request."""
    return (_broken(record_id, "no request is kept with it") for record_id in auditing.without_request(archive))


def belonging(archive: Reading) -> Iterator[Problem]:
    """Every capture's answer is its own, and what has no answer says why."""
    return (_broken(f"capture {number}", what) for number, what in auditing.stray_captures(archive))


def rules(archive: Reading) -> Iterator[Problem]:
    """The cleaning rules have the digests under which they are stored."""
    for digest, body in auditing.all_rules(archive):
        found = f"sha256:{hashlib.sha256(body).hexdigest()}"
        if found != digest:
            yield _broken(digest, f"the rules stored under it have {found}")


def frontier(archive: Reading) -> Iterator[Problem]:
    """The queues agree with the captures and with the runs."""
    return (_broken(url, what) for url, what in auditing.frontier_faults(archive))


def runs(archive: Reading) -> Iterator[Problem]:
    """Every crawl run has its warcinfo record, was told what that says, and began and ended when its records say."""
    yield from (_broken(f"run {number}", what) for number, what in auditing.run_faults(archive))
    for number, settings, row in auditing.run_settings(archive):
        try:
            fields = kept(archive, row).record().read().decode("utf-8", "replace").split("\r\n")
        except (DamagedRecord, Undecodable) as error:
            yield Problem(Verdict.UNCHECKED, f"run {number}", f"its warcinfo record {row.record_id} cannot be read: {error}")
            continue
        if f"settings: {settings}" not in fields:
            yield _broken(f"run {number}", f"its settings are {settings}, not those of its warcinfo record {row.record_id}")


def facts(archive: Reading) -> Iterator[Problem]:
    """What a run says of itself and of what it left out is what it wrote down in its last record."""
    for run, row, summed in auditing.run_facts(archive):
        try:
            lines = [json.loads(line) for line in kept(archive, row).record().read().splitlines()]
        except (DamagedRecord, Undecodable, ValueError) as error:
            yield Problem(Verdict.UNCHECKED, f"run {run}", f"its last record {row.record_id} cannot be read: {error}")
            continue
        different = [name for name, value in summed.items() if not lines or lines[0].get(name) != value]
        if different:
            yield _broken(
                f"run {run}", f"{', '.join(different)} of its row are not those of its record {row.record_id}"
            )
        listed = [line for line in lines[1:] if "host" not in line]
        if listed != list(auditing.refusal_facts(archive, run)):
            yield _broken(f"run {run}", f"its refusals are not those of its record {row.record_id}")
    for run, url, key in auditing.refusal_keys(archive):
        if surt(url) != key:
            yield _broken(f"run {run}", f"its refusal of {url} is listed under {key}")


def search(archive: Reading) -> Iterator[Problem]:
    """The search index has every article's newest state: its number of words, and words from start, middle and end."""
    for number, what in auditing.misplaced(archive):
        yield _broken(f"article {number}", what)
    with closing(auditing.Index(archive)) as twin:
        for row in shelf.revisions(archive):
            yield from _found_by_its_words(archive, row, twin)


def _found_by_its_words(archive: Reading, row: shelf.RevisionRow, twin: auditing.Index) -> Iterator[Problem]:
    subject = f"article {row.article}"
    try:
        texts = search_text(row.kept().to_dict())
    except DamagedRecord as error:
        yield Problem(Verdict.UNCHECKED, subject, str(error))
        return
    listed = auditing.indexed_size(archive, row.article)
    if listed is None:
        return
    if listed != twin.size(*texts):
        yield _broken(subject, "the search index holds another number of words than its text")
    for name, text in zip(("title", "text"), texts, strict=True):
        missing = [p for p in phrases(text) if not auditing.indexed(archive, row.article, name, p)]
        if missing:
            yield _broken(subject, f"its {name} is not found by its own words: {missing[0]}")


def facets(archive: Reading) -> Iterator[Problem]:
    """Every article is listed in its newest state, under its date, portal, sections and authors, and with attachments only if it has some."""
    for number, listed, newer in auditing.outdated(archive):
        yield _broken(f"article {number}", f"it is listed as it was captured at {listed}, it was captured at {newer}")
    for number, portal, captured, dated, body, kept_as in auditing.shelved(archive):
        subject = f"article {number}"
        try:
            article = json.loads(body or "")
            wanted = {("portal", portal), *narrowed_by(article)}
            date = article["published"] or captured
        except (ValueError, KeyError, TypeError, AttributeError):
            yield Problem(Verdict.UNCHECKED, subject, "its newest state is not the JSON of an article")
            continue
        found = {(kind, value) for kind, value in json.loads(kept_as)}
        if found != wanted:
            said = ", ".join(f"{kind} {value}" for kind, value in sorted(found ^ wanted))
            yield _broken(subject, f"what it is found by is not what its newest state says: {said}")
        if dated != date:
            yield _broken(subject, f"it is listed under {dated}, its date is {date}")


def phrases(text: str) -> list[str]:
    """The first words, the last, and some between."""
    places = [found.span() for found in _WORD.finditer(text)]
    chosen = (places[:_PHRASE], places[len(places) // 2 :][:_PHRASE], places[-_PHRASE:])
    return [text[words[0][0] : words[-1][1]] for words in chosen if words]


def articles(reader: Reader, archive: Reading, clean: Clean) -> Iterator[Problem]:
    """Every state of an article comes out of its kept page again, by the rules that are stored with it."""
    for row in shelf.revisions(archive, newest=False):
        subject = f"{row.url} (revision {row.id})"
        try:
            listed = row.kept()
        except DamagedRecord as error:
            yield _broken(subject, str(error))
            continue
        said = listed.to_dict()
        written = json.dumps(json.loads(row.body), ensure_ascii=False)
        if written != row.body or len(without(row.body, json.dumps(said["capture"], ensure_ascii=False)).encode()) != row.length:
            yield _broken(subject, "its text is not in the form in which articles are kept")
        elif row.key != surt(said["url"]) or (row.newest and row.url != said["url"]):
            yield _broken(subject, f"it is listed as {row.url} ({row.key}), it is {said['url']}")
        elif content_digest(said) != row.content_sha256 or _shown(row) != _said(listed):
            yield _broken(subject, "its row does not agree with its content")
        else:
            yield from _cleaned_again(reader, archive, row, said, clean)


def _shown(row: shelf.RevisionRow) -> tuple[str | None, ...]:
    """What stands in a state's row beside its JSON, so that lists need not open that."""
    return row.title, row.published, row.cleaner, row.layer, row.container


def _said(article: Article) -> tuple[str | None, ...]:
    """The same as the JSON has it."""
    return article.title, article.published, *(article.cleaner.get(name) for name in ("version", "layer", "container"))


def _cleaned_again(
    reader: Reader, archive: Reading, row: shelf.RevisionRow, said: dict[str, Any], clean: Clean
) -> Iterator[Problem]:
    subject = f"{row.url} (revision {row.id})"
    try:
        capture = reader.numbered(archive, row.capture)
        with reader.open(capture) as opened:
            body = opened.content()
        made = clean(body, said["url"], shelf.rules(archive, row.rules) if row.rules else None)
    except ArchiveError as error:
        yield Problem(Verdict.UNCHECKED, subject, f"its page cannot be cleaned again: {error}")
        return
    now = made.cleaner.get("version")
    if now != row.cleaner:
        yield Problem(Verdict.UNCHECKED, subject, f"it was cleaned by version {row.cleaner}, this is {now}")
        return
    # What only the archive knows.
    facts = {"url": capture.url, "time": warc_date(capture.time), "record_id": capture.record_id}
    again = made.to_dict() | {"capture": facts | {"payload_digest": capture.payload_digest}}
    different = [name for name, value in again.items() if value != said[name]]
    if different:
        yield _broken(subject, f"cleaned again it has another {', '.join(different)}")
