"""The questions of CDX and Memento: answered captures by key and time, from any place on, a few at a time.

Each question is one short statement, so that a client that reads slowly never holds an old state of a living archive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archive.store.reading import Reading

# Greater than every key and every time as SQLite compares text (by its UTF-8 bytes).
LAST = "\U0010ffff"


class Place(NamedTuple):
    """Where a capture stands in the order of a CDX: by key, then by time, then as it was kept."""

    key: str
    time: str
    id: int


class Span(NamedTuple):
    """The places from `start` (with it) to `stop` (without it), and the times from `since` until before `until`."""

    start: Place
    stop: Place
    since: str = ""
    until: str = LAST

    @classmethod
    def of_key(cls, key: str, since: str = "", until: str = LAST) -> Span:
        """The captures of one address."""
        return cls(Place(key, since, -1), Place(key, until, -1))


class Listed(NamedTuple):
    """A capture with an answer, and its record: what a line of a CDX says."""

    key: str
    time: str
    id: int
    url: str
    status: int | None
    media_type: str | None
    location: str | None
    record: int
    record_id: str
    record_type: str
    coding: str
    member_length: int
    payload_sha256: bytes | None
    refers_to: str | None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.key, self.time, self.id)


class Memento(NamedTuple):
    """As much of a capture as its address needs."""

    time: str
    id: int
    url: str
    record_id: str
    payload_sha256: bytes | None


_LISTED = (
    "SELECT c.key, c.time, c.id, c.url, c.status, c.media_type, c.location, r.id, r.record_id, r.type, r.coding, "
    "r.member_length, r.payload_sha256, r.refers_to FROM captures c JOIN records r ON r.id = c.record"
)
_MEMENTO = (
    "SELECT c.time, c.id, c.url, r.record_id, r.payload_sha256 FROM captures c JOIN records r ON r.id = c.record "
    "WHERE c.key = :key"
)


def listed(archive: Reading, span: Span, most: int, *, backwards: bool = False) -> list[Listed]:
    """The first `most` answered captures of a span, or the last ones, the very last first."""
    order = "DESC" if backwards else "ASC"
    found = archive.rows(
        f"{_LISTED} WHERE (c.key, c.time, c.id) >= (:k1, :t1, :i1) AND (c.key, c.time, c.id) < (:k2, :t2, :i2) "
        f"AND c.time >= :since AND c.time < :until "
        f"ORDER BY c.key {order}, c.time {order}, c.id {order} LIMIT :most",
        _values(span, most),
    )
    return list(map(Listed._make, found))


def places(archive: Reading, span: Span) -> Iterator[Place]:
    """The places of all captures of a span, answered or not."""
    return map(Place._make, archive.rows(f"SELECT c.key, c.time, c.id {_PLACES}", _values(span, 0)))


def counted(archive: Reading, span: Span) -> int:
    """How many captures, answered or not, stand in a span."""
    return int(archive.row(f"SELECT count(*) {_PLACES}".partition(" ORDER")[0], _values(span, 0))[0])


_PLACES = (
    "FROM captures c WHERE (c.key, c.time, c.id) >= (:k1, :t1, :i1) AND (c.key, c.time, c.id) < (:k2, :t2, :i2) "
    "AND c.time >= :since AND c.time < :until ORDER BY c.key, c.time, c.id"
)


def _values(span: Span, most: int) -> dict[str, str | int]:
    (k1, t1, i1), (k2, t2, i2), since, until = span
    return {
        "k1": k1, "t1": t1, "i1": i1, "k2": k2, "t2": t2, "i2": i2, "since": since, "until": until, "most": most,
    }  # fmt: skip


def mementos(archive: Reading, key: str, after: tuple[str, int], most: int) -> list[Memento]:
    """The first `most` answered captures of an address later than (time, id)."""
    found = archive.rows(
        f"{_MEMENTO} AND (c.time, c.id) > (:time, :id) ORDER BY c.time, c.id LIMIT :most",
        {"key": key, "time": after[0], "id": after[1], "most": most},
    )
    return list(map(Memento._make, found))


def around(archive: Reading, key: str, time: str, number: int) -> list[Memento]:
    """Of an address, by time: its first two answered captures, the one before (time, number), the two after, the last.

    Of an address with a few captures all of them.
    """
    found = list(archive.rows(_THE_FEW, {"key": key}))
    if len(found) > FEW:
        found = list(archive.rows(_AROUND, {"key": key, "time": time, "id": number}))
    return list(map(Memento._make, found))


# Most addresses have a few captures: to read them all costs a third of seeking the six.
FEW = 6
_THE_FEW = f"{_MEMENTO} ORDER BY c.time, c.id LIMIT {FEW + 1}"
_AROUND = " UNION ".join(
    f"SELECT * FROM ({_MEMENTO} {where} ORDER BY c.time {order}, c.id {order} LIMIT {most})"
    for where, order, most in (
        ("", "ASC", 2), ("AND (c.time, c.id) < (:time, :id)", "DESC", 1),
        ("AND (c.time, c.id) > (:time, :id)", "ASC", 2), ("", "DESC", 1),
    )
) + " ORDER BY 1, 2"  # fmt: skip


def times(archive: Reading, key: str) -> Iterator[tuple[str, int]]:
    """(time, id) of the answered captures of an address, oldest first."""
    return archive.rows(
        "SELECT time, id FROM captures WHERE key = ? AND record IS NOT NULL ORDER BY time, id", (key,)
    )


class Day(NamedTuple):
    """A day (ISO 8601) on which an address was captured: how often with an answer, when first, and under which address."""

    day: str
    often: int
    first: str
    url: str


def days(archive: Reading, key: str) -> list[Day]:
    """The days on which an address was captured with an answer, the oldest first."""
    sql = "SELECT substr(time, 1, 10), count(*), min(time), url FROM captures WHERE key = ? AND record IS NOT NULL GROUP BY 1 ORDER BY 1"
    return list(map(Day._make, archive.rows(sql, (key,))))


def how_many(archive: Reading, key: str) -> int:
    """How often an address was captured, answered or not."""
    return int(archive.row("SELECT count(*) FROM captures WHERE key = ?", (key,))[0])


def holdings(archive: Reading) -> dict[str, int]:
    """How much an archive holds: captures, records, articles, and the bytes of its file."""
    numbers = {name: f"(SELECT count(*) FROM {name})" for name in ("captures", "records", "articles")}
    found = archive.row(f"SELECT {', '.join(numbers.values())}")
    return {**dict(zip(numbers, found, strict=True)), "bytes": archive.path.stat().st_size}
