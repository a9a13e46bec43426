"""What changed between two moments: of one page its fields, words and files; of a portal which articles are new, changed, gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from archive.cleaning.clean import clean
from archive.compare import Change, changes, quiet
from archive.errors import Misuse
from archive.model import Article, Capture
from archive.retrieve import Reader
from archive.store import article_reading as shelf
from archive.urls import parse_warc_date, surt
from archive.words import say

_HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class File:
    """An image or attachment of either state, and the capture nearest to each. None: it was not there, or never captured.

    `inside` is what differs in the texts inside two files that were read; None if either was not, or they say the same.
    """

    url: str
    kind: str
    name: str
    before: Capture | None
    after: Capture | None
    inside: Change | None = None

    @property
    def changed(self) -> bool:
        """Whether other bytes came; unknown counts as another."""
        digests = [capture and capture.payload_digest for capture in (self.before, self.after)]
        return digests[0] != digests[1]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two states of a page, each with the time of its capture; their fields that differ, and their files that do."""

    url: str
    before: Article | None
    after: Article | None
    times: tuple[datetime, datetime]
    fields: list[Change]
    files: list[File]

    @property
    def same(self) -> bool:
        """Whether nothing differs that is news."""
        return not self.fields and not self.files


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an article: new, changed or gone, at the time of the capture that shows it.

    `former` and `revision` are the numbers of its states; `archive` is the archive's place among those that are read.
    """

    kind: str
    url: str
    title: str | None
    time: str
    former: int | None
    revision: int | None
    archive: int


def difference(reader: Reader, url: str, start: datetime | None = None, end: datetime | None = None) -> Difference:
    """What changed on a page between two moments; without them between its last two states.

    A page that is no article is cleaned as it was captured. Raises Misuse if there are not two states to compare.
    """
    states = _states(reader, url)
    if start is None and len(states) > 1:
        (first, before), (last, after) = states[-2:]
    elif states and start is not None:
        stop = end or datetime(9999, 1, 1, tzinfo=UTC)
        first, before = _at(states, start)
        last, after = _at(states, stop)
        # A file may be another one while the page that offers it stayed the same.
        return _between(reader, url, (first, before), (last, after), (start, stop))
    else:
        first, before, last, after = _captured(reader, url, start, end)
    return _between(reader, url, (first, before), (last, after))


def _between(
    reader: Reader,
    url: str,
    old: tuple[datetime, Article],
    new: tuple[datetime, Article],
    moments: tuple[datetime, datetime] | None = None,
) -> Difference:
    """What differs between two states, and between the files nearest to two moments: those of the states, if no others are given."""
    (first, before), (last, after) = old, new
    start, stop = moments or (first, last)
    fields = changes(quiet(before), quiet(after))
    if before.html != after.html and quiet(before).text == quiet(after).text and before.text != after.text:
        fields = [change for change in fields if change.field != "html"]  # the counter again
    files = [_read(reader, file) for file in _files(reader, before, after, start, stop) if file.changed]
    return Difference(url, before, after, (first, last), fields, files)


def _states(reader: Reader, url: str) -> list[tuple[datetime, Article]]:
    rows = [row for archive in reader.archives for row in shelf.states_of(archive, surt(url))]
    return [(parse_warc_date(row.captured), row.kept()) for row in sorted(rows, key=lambda row: (row.captured, row.id))]


def _at(states: list[tuple[datetime, Article]], at: datetime) -> tuple[datetime, Article]:
    """The state that was the last one at a moment; before the first one that. Without a fraction that is a whole second."""
    at += timedelta(microseconds=0 if at.microsecond else 999_999)
    return next((state for state in reversed(states) if state[0] <= at), states[0])


def _captured(
    reader: Reader, url: str, start: datetime | None, end: datetime | None
) -> tuple[datetime, Article, datetime, Article]:
    kept = [c for c in reader.find(url) if c.status == 200 and (c.media_type or "").partition(";")[0] in _HTML]
    if len(kept) < 2:
        raise Misuse(say("{url}: there are no two states of this page to compare; `tangthu why {url}` says what is known", url=url))
    pair = kept[-2:] if start is None else [
        min(kept, key=lambda c: abs(c.time - at)) for at in (start, end or kept[-1].time)
    ]  # fmt: skip
    made = []
    for capture in pair:
        with reader.open(capture) as opened:
            made.append(clean(opened.body(), capture.url))
    return pair[0].time, made[0], pair[1].time, made[1]


def _files(reader: Reader, before: Article, after: Article, first: datetime, last: datetime) -> Iterator[File]:
    for kind in ("attachments", "images"):
        old, new = ({item.url: item for item in getattr(article, kind)} for article in (before, after))
        for url in dict.fromkeys([*old, *new]):
            item = new.get(url) or old[url]
            yield File(
                url, kind, getattr(item, "name", None) or getattr(item, "caption", None) or url,
                reader.closest(url, first, 200) if url in old else None, reader.closest(url, last, 200) if url in new else None,
            )  # fmt: skip


def _read(reader: Reader, file: File) -> File:
    """The file with what differs inside."""
    if file.kind != "attachments" or file.before is None or file.after is None:
        return file
    old, new = reader.text_inside(file.before), reader.text_inside(file.after)
    if old is None or new is None or old.text == new.text:
        return file
    return replace(file, inside=Change("inside", old.text, new.text))


def events(reader: Reader, portal: str, start: datetime, end: datetime, most: int, skip: int = 0) -> list[Event]:
    """What happened to the articles of a portal from `start` until before `end`, the newest first."""
    found = [
        Event(kind, url, title, time, former, revision, at)
        for at, archive in enumerate(reader.archives)
        for kind, url, title, time, former, revision in shelf.happened(archive, portal, start, end, skip + most)
    ]
    return sorted(found, key=lambda event: event.time, reverse=True)[skip : skip + most]


def of_event(reader: Reader, event: Event) -> Difference | None:
    """What changed, if both states are there."""
    archive = reader.archives[event.archive]
    if event.former is None or event.revision is None:
        return None
    old, new = (shelf.state(archive, number) for number in (event.former, event.revision))
    if old is None or new is None:
        return None
    return _between(
        reader, event.url, (parse_warc_date(old.captured), old.kept()), (parse_warc_date(new.captured), new.kept())
    )
