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
from archive.errors import ArchiveError
from archive.model import Article
from archive.retrieve import Reader
from archive.store import article_reading as shelf
from archive.store import auditing
from archive.store.articles import content_digest, search_text
from archive.store.reading import Reading
from archive.warc.payload import Body

# (body, address, the rules as they were stored) → the article; its `cleaner` says which version made it.
Clean = Callable[[Body, str, bytes | None], Article]

_WORD = re.compile(r"[^\W_]+")
_PHRASE = 8


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
    """Every crawl run has its warcinfo record."""
    return (_broken(f"run {number}", what) for number, what in auditing.run_faults(archive))


def search(archive: Reading) -> Iterator[Problem]:
    """The search index has every article's newest state: its number of words, and words from start, middle and end."""
    for number, what in auditing.misplaced(archive):
        yield _broken(f"article {number}", what)
    with closing(auditing.Index(archive)) as twin:
        for row in shelf.revisions(archive):
            yield from _found_by_its_words(archive, row, twin)


def _found_by_its_words(archive: Reading, row: shelf.RevisionRow, twin: auditing.Index) -> Iterator[Problem]:
    texts = search_text(json.loads(row.body))
    listed = auditing.indexed_size(archive, row.article)
    if listed is None:
        return
    if listed != twin.size(*texts):
        yield _broken(f"article {row.article}", "the search index holds another number of words than its text")
    for name, text in zip(("title", "text"), texts, strict=True):
        missing = [p for p in _phrases(text) if not auditing.indexed(archive, row.article, name, p)]
        if missing:
            yield _broken(f"article {row.article}", f"its {name} is not found by its own words: {missing[0]}")


def _phrases(text: str) -> list[str]:
    """The first words, the last, and some between."""
    places = [found.span() for found in _WORD.finditer(text)]
    chosen = (places[:_PHRASE], places[len(places) // 2 :][:_PHRASE], places[-_PHRASE:])
    return [text[words[0][0] : words[-1][1]] for words in chosen if words]


def articles(reader: Reader, archive: Reading, clean: Clean) -> Iterator[Problem]:
    """Every state of an article comes out of its kept page again, by the rules that are stored with it."""
    for row in shelf.revisions(archive, newest=False):
        subject = f"{row.url} (revision {row.id})"
        said: dict[str, Any] = json.loads(row.body)
        if content_digest(said) != row.content_sha256 or (row.title, row.published) != (
            said["title"],
            said["published"],
        ):
            yield _broken(subject, "its row does not agree with its content")
            continue
        try:
            made = _made_again(reader, archive, row, clean)
        except ArchiveError as error:
            yield Problem(Verdict.UNCHECKED, subject, f"its page cannot be cleaned again: {error}")
            continue
        if made.cleaner.get("version") != row.cleaner:
            now = made.cleaner.get("version")
            yield Problem(Verdict.UNCHECKED, subject, f"it was cleaned by version {row.cleaner}, this is {now}")
            continue
        different = [name for name, value in _bare(made.to_dict()).items() if value != _bare(said)[name]]
        if different:
            yield _broken(subject, f"cleaned again it has another {', '.join(different)}")


def _made_again(reader: Reader, archive: Reading, row: shelf.RevisionRow, clean: Clean) -> Article:
    capture = reader.numbered(archive, row.capture)
    with reader.open(capture) as opened:
        body = opened.content()
    return clean(body, row.url, shelf.rules(archive, row.rules) if row.rules else None)


def _bare(article: dict[str, Any]) -> dict[str, Any]:
    """An article without what only the archive knows of it."""
    plain = {name: value for name, value in article.items() if name != "capture"}
    plain["images"] = [(image["url"], image["caption"]) for image in article["images"]]
    plain["attachments"] = [(file["url"], file["name"], file["media_type"]) for file in article["attachments"]]
    return plain
