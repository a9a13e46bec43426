"""Every question that the door out, the exports and the audit ask an archive, on a connection that cannot write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from archive.errors import DamagedRecord
from archive.model import Schedule
from archive.store import addresses, schedules
from archive.store.connect import open_for_reading
from archive.store.lease import alive
from archive.store.trouble import named
from archive.urls import surt, warc_date


class RecordRow(NamedTuple):
    """A row of `records`; digests are raw bytes."""

    id: int
    record_id: str
    type: str
    run: int
    capture: int | None
    target_uri: str | None
    time: str | None
    length: int
    block_sha256: bytes
    payload_sha256: bytes | None
    framed_sha256: bytes | None
    refers_to: str | None
    coding: str
    member_length: int


class CaptureRow(NamedTuple):
    """A row of `captures` with what its record says; `record_id` is the first of its records if no answer was kept."""

    id: int
    run: int
    url: str
    key: str
    time: str
    method: str
    status: int | None
    media_type: str | None
    location: str | None
    record: int | None
    length: int
    truncated: str | None
    failure: str | None
    via: str | None
    hops: str | None
    record_id: str | None
    record_type: str | None
    payload_sha256: bytes | None
    refers_to: str | None


@dataclass(frozen=True, slots=True)
class Filters:
    """What to let through: what is of this portal, run, address prefix and time (from `start`, before `end`)."""

    portal: str | None = None
    run: int | None = None
    prefix: str | None = None
    start: datetime | None = None
    end: datetime | None = None

    def __bool__(self) -> bool:
        return any(v is not None for v in (self.portal, self.run, self.prefix, self.start, self.end))


_RECORD = "SELECT " + ", ".join(f"r.{name}" for name in RecordRow._fields) + " FROM records r"
_FIRST_PART = _RECORD.replace(" FROM", ", p.bytes FROM") + " LEFT JOIN parts p ON p.record = r.id AND p.number = 0"
# The entries of a queue for an address: requests with a body are known by more than it.
# Every root of a queue is a run: with it the address is looked up in the index.
_QUEUED = "root IN (SELECT id FROM runs) AND url = :url OR id IN (SELECT visit FROM frontier_requests WHERE url = :url)"
_CAPTURE = (
    "SELECT " + ", ".join(f"c.{name}" for name in CaptureRow._fields[:15]) + ", coalesce(r.record_id, "
    "(SELECT f.record_id FROM records f WHERE f.capture = c.id ORDER BY f.id LIMIT 1)), "
    "r.type, r.payload_sha256, r.refers_to FROM captures c LEFT JOIN records r ON r.id = c.record"
)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What SQLite cannot read comes out as an ArchiveError; our own questions are right, so the file is to blame."""
    try:
        with named(path):
            yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise DamagedRecord(f"{path}: the database cannot be read ({error}); go back to a copy of it") from error


class Reading:
    """One archive, opened so that it cannot be changed. Raises what `open_for_reading` raises."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = open_for_reading(path)
        self._conn: sqlite3.Connection = self._db.conn

    def close(self) -> None:
        """Let go of the file."""
        self._conn.close()

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Iterator[Any]:
        """Rows as they are read; only for the questions asked in this room."""
        try:
            with closing(self._conn.execute(sql, values)) as cursor:
                yield from cursor
        except (sqlite3.Error, UnicodeDecodeError):
            with _readable(self.path):
                raise

    def row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """The first row, or None."""
        try:
            cursor = self._conn.execute(sql, values)
            found = cursor.fetchone()
            cursor.close()
        except (sqlite3.Error, UnicodeDecodeError):
            with _readable(self.path):
                raise
        return found

    # Records and their bytes.

    def record(self, key: int | str) -> RecordRow | None:
        """A record by its number or its WARC-Record-ID."""
        found = self.row(f"{_RECORD} WHERE r.{'id' if isinstance(key, int) else 'record_id'} = ?", (key,))
        return RecordRow(*found) if found else None

    def member(self, record_id: str) -> tuple[RecordRow, Iterator[bytes]] | None:
        """A record by its id and its member's bytes, to be walked once: of most records one question gives both."""
        found = self.row(f"{_FIRST_PART} WHERE r.record_id = ?", (record_id,))
        if not found:
            return None
        row = RecordRow(*found[:-1])
        return row, self.member_from(found[-1] or b"", row.id, row.member_length)

    def member_from(self, first: bytes, record: int, length: int) -> Iterator[bytes]:
        """A member's bytes, of which the first part has been read already, of `length` in all."""
        yield first
        if len(first) != length:
            for (piece,) in self.rows("SELECT bytes FROM parts WHERE record = ? AND number > 0 ORDER BY number", (record,)):
                yield piece

    def records(self, run: int | None = None) -> Iterator[RecordRow]:
        """All records, or those of a run, in the order in which they were kept."""
        where, values = (" WHERE r.run = ?", (run,)) if run is not None else ("", ())
        return map(RecordRow._make, self.rows(f"{_RECORD}{where} ORDER BY r.id", values))

    def records_of(self, capture: int) -> list[RecordRow]:
        """The records of one capture event."""
        return [RecordRow(*r) for r in self.rows(f"{_RECORD} WHERE r.capture = ? ORDER BY r.id", (capture,))]

    def parts(self, record: int) -> Iterator[bytes]:
        """A member's bytes in order, a few MiB at a time."""
        for (piece,) in self.rows("SELECT bytes FROM parts WHERE record = ? ORDER BY number", (record,)):
            yield piece

    def record_at(self, uri: str, time: datetime) -> RecordRow | None:
        """The response for an address at an instant: what a revisit without WARC-Refers-To points to."""
        found = self.row(
            f"{_RECORD} WHERE r.id IN (SELECT record FROM captures WHERE url = ? AND time = ?) AND r.type = 'response'",
            (uri, warc_date(time)),
        )
        return RecordRow(*found) if found else None

    def response_with(self, payload_sha256: bytes) -> RecordRow | None:
        """The first response with this payload."""
        found = self.row(
            f"{_RECORD} WHERE r.payload_sha256 = ? AND r.type = 'response' ORDER BY r.id LIMIT 1", (payload_sha256,)
        )
        return RecordRow(*found) if found else None

    def original_of(self, revisit: RecordRow) -> RecordRow | None:
        """What a revisit refers to by record id, if the archive has it."""
        return self.record(revisit.refers_to) if revisit.refers_to else None

    # Captures.

    def capture(self, key: int | str) -> CaptureRow | None:
        """A capture by its number or by the WARC-Record-ID of any of its records."""
        if isinstance(key, int):
            found = self.row(f"{_CAPTURE} WHERE c.id = ?", (key,))
        else:
            found = self.row(f"{_CAPTURE} WHERE c.id = (SELECT capture FROM records WHERE record_id = ?)", (key,))
        return CaptureRow(*found) if found else None

    def captures_of(self, key: str, *, answered: bool = False, newest: int | None = None) -> Iterator[CaptureRow]:
        """The captures under a SURT key, oldest first; only so many of the newest, if told."""
        where = "c.key = ?" + (" AND c.record IS NOT NULL" if answered else "")
        if newest is None:
            return map(CaptureRow._make, self.rows(f"{_CAPTURE} WHERE {where} ORDER BY c.time, c.id", (key,)))
        rows = list(self.rows(f"{_CAPTURE} WHERE {where} ORDER BY c.time DESC, c.id DESC LIMIT ?", (key, newest)))
        return map(CaptureRow._make, reversed(rows))

    def nearest(self, key: str, at: datetime, status: int | None = None) -> list[CaptureRow]:
        """The last answered capture until `at` and the first after it; with `status`, only such."""
        return [row for row in (self.until(key, at, status), self._beside(key, at, status, ">", "ASC")) if row]

    def until(self, key: str, at: datetime, status: int | None = None) -> CaptureRow | None:
        """The last answered capture until `at`; with `status`, only such."""
        return self._beside(key, at, status, "<=", "DESC")

    def _beside(self, key: str, at: datetime, status: int | None, sign: str, order: str) -> CaptureRow | None:
        only = "" if status is None else " AND c.status = :status"
        row = self.row(
            f"{_CAPTURE} WHERE c.key = :key AND c.record IS NOT NULL{only} AND c.time {sign} :at "
            f"ORDER BY c.time {order}, c.id DESC LIMIT 1",
            {"key": key, "at": warc_date(at), "status": status},
        )
        return CaptureRow(*row) if row else None

    def captures(self, filters: Filters) -> Iterator[CaptureRow]:
        """All captures that the filters let through, in the order in which they were made."""
        where, values = filtered(filters, "c.run", "c.url", "c.time")
        return map(CaptureRow._make, self.rows(f"{_CAPTURE} WHERE {where} ORDER BY c.id", values))

    def captures_by_key(self, start: str, stop: str) -> Iterator[CaptureRow]:
        """The captures whose SURT key lies in [start, stop), by key and time: what a CDX lists."""
        return map(
            CaptureRow._make,
            self.rows(f"{_CAPTURE} WHERE c.key >= ? AND c.key < ? ORDER BY c.key, c.time, c.id", (start, stop)),
        )

    def leading_to(self, url: str, most: int | None = None) -> Iterator[CaptureRow]:
        """The redirects that lead to an address, oldest first; only so many of them, if told."""
        sql = f"{_CAPTURE} WHERE c.location = ? ORDER BY c.time, c.id LIMIT ?"
        return map(CaptureRow._make, self.rows(sql, (url, -1 if most is None else most)))

    # Everything known of an address; runs; space.

    def linked_from(self, url: str) -> list[str]:
        """The pages that led to an address."""
        sql = (
            "SELECT via FROM captures WHERE key = :key AND via IS NOT NULL UNION "
            f"SELECT via FROM frontier WHERE ({_QUEUED}) AND via IS NOT NULL UNION "
            "SELECT via FROM refusals WHERE key = :key AND via IS NOT NULL ORDER BY 1"
        )
        return [via for (via,) in self.rows(sql, {"url": url, "key": surt(url)})]

    def refusals_of(self, key: str) -> list[dict[str, Any]]:
        """The decisions not to ask for an address, oldest first."""
        names = ("url", "reason", "detail", "via", "time", "run")
        sql = f"SELECT {', '.join(names)} FROM refusals WHERE key = ? ORDER BY time, id"
        return [dict(zip(names, row, strict=True)) for row in self.rows(sql, (key,))]

    def refused_more(self, host: str) -> list[dict[str, Any]]:
        """The reasons that kept more addresses of a host out than are listed, with their number."""
        names = ("host", "reason", "refused", "run")
        sql = (
            "SELECT t.host, t.reason, t.refused, t.run FROM refusal_counts t WHERE t.host = ? AND t.refused > "
            "(SELECT count(*) FROM refusals r WHERE r.run = t.run AND r.reason = t.reason) ORDER BY t.run"
        )
        return [dict(zip(names, row, strict=True)) for row in self.rows(sql, (host,))]

    def frontier_of(self, url: str) -> list[dict[str, Any]]:
        """What the queues of the runs hold of an address."""
        names = ("root", "kind", "state", "attempts", "not_before", "via", "hops")
        method = "coalesce((SELECT method FROM frontier_requests WHERE visit = frontier.id), 'GET')"
        sql = f"SELECT {', '.join(names)}, {method} FROM frontier WHERE {_QUEUED} ORDER BY id"
        return [dict(zip((*names, "method"), row, strict=True)) for row in self.rows(sql, {"url": url})]

    def addresses_of(self, url: str) -> list[dict[str, Any]]:
        """What runs saw of an address, by portal, and when it is asked again."""
        sql = f"SELECT {addresses.DESCRIBED} FROM addresses WHERE portal IN (SELECT portal FROM runs) AND url = ? ORDER BY portal"
        return [addresses.described(row) for row in self.rows(sql, (url,))]

    def runs(self, run: int | None = None) -> list[dict[str, Any]]:
        """The runs, newest last, with their counts; or one of them."""
        names = ("id", "root", "portal", "kind", "started", "ended", "outcome", "detail", "settings", "warcinfo", "wish", "resume", "lease")
        counts = {
            "captures": "SELECT count(*) FROM captures c WHERE c.run = r.id",
            "failures": "SELECT count(*) FROM captures c WHERE c.run = r.id AND c.failure IS NOT NULL",
            "refusals": "SELECT count(*) FROM refusals f WHERE f.run = r.id",
            "records": "SELECT count(*) FROM records m WHERE m.run = r.id",
            "bytes": "SELECT coalesce(sum(m.member_length), 0) FROM records m WHERE m.run = r.id",
            "articles": "SELECT count(*) FROM revisions v JOIN captures c ON c.id = v.capture WHERE c.run = r.id",
        }
        columns = ", ".join([*(f"r.{name}" for name in names), *(f"({sql})" for sql in counts.values())])
        where, values = (" WHERE r.id = ?", (run,)) if run is not None else ("", ())
        found = self.rows(f"SELECT {columns} FROM runs r{where} ORDER BY r.id", values)
        made = [dict(zip((*names, *counts), row, strict=True)) for row in found]
        return [run | {"alive": bool(held := run.pop("lease")) and alive(held)} for run in made]

    def schedules(self) -> list[Schedule]:
        """When which portals are crawled."""
        return [schedules.read(row) for row in self.rows(f"SELECT {schedules.COLUMNS} FROM schedules ORDER BY portal", ())]

    def portals(self) -> list[tuple[str, int, str]]:
        """(portal, runs, when the last one began) of every portal that was crawled or taken in."""
        return list(self.rows("SELECT portal, count(*), max(started) FROM runs GROUP BY portal ORDER BY portal"))

    def run_statuses(self, run: int) -> dict[str, int]:
        """How often each status, or "failed", stands among the captures of a run."""
        sql = "SELECT coalesce(status, 'failed'), count(*) FROM captures WHERE run = ? GROUP BY 1 ORDER BY 1"
        return {str(status): count for status, count in self.rows(sql, (run,))}

    def run_failures(self, run: int) -> Iterator[tuple[str, str, str]]:
        """(address, time, cause) of what failed in a run."""
        return self.rows(
            "SELECT url, time, failure FROM captures WHERE run = ? AND failure IS NOT NULL ORDER BY id", (run,)
        )

    # What an export takes.

    def selected(self, filters: Filters) -> Iterator[RecordRow]:
        """The records that the filters let through: of matching captures, and loose ones that match themselves."""
        mine, values = filtered(filters, "c.run", "c.url", "c.time")
        loose, _ = filtered(filters, "r.run", "r.target_uri", "r.time")
        return map(
            RecordRow._make,
            self.rows(
                f"{_RECORD} LEFT JOIN captures c ON c.id = r.capture "
                f"WHERE CASE WHEN r.capture IS NULL THEN {loose} ELSE {mine} END ORDER BY r.id",
                values,
            ),
        )

    def profile_of(self, run: int) -> RecordRow | None:
        """The record with the profile that a run was given."""
        found = self.row(
            f"{_RECORD} WHERE r.run = ? AND r.type = 'resource' AND r.target_uri LIKE 'urn:tangthu:profile:%'", (run,)
        )
        return RecordRow(*found) if found else None

    def warcinfos(self, run: int) -> list[int]:
        """The numbers of a run's warcinfo records."""
        return [n for (n,) in self.rows("SELECT id FROM records WHERE run = ? AND type = 'warcinfo'", (run,))]


def filtered(filters: Filters, run: str, url: str, time: str) -> tuple[str, dict[str, Any]]:
    """A condition over the named columns, and its values; true for everything if there are no filters."""
    tests: list[str] = ["1"]
    values: dict[str, Any] = {}
    if filters.portal is not None:
        tests.append(f"{run} IN (SELECT id FROM runs WHERE portal = :portal)")
        values["portal"] = filters.portal
    if filters.run is not None:
        tests.append(f"{run} = :run")
        values["run"] = filters.run
    if filters.prefix is not None:
        tests.append(f"substr({url}, 1, length(:prefix)) = :prefix")
        values["prefix"] = filters.prefix
    if filters.start is not None:
        tests.append(f"{time} >= :start")
        values["start"] = warc_date(filters.start)
    if filters.end is not None:
        tests.append(f"{time} < :end")
        values["end"] = warc_date(filters.end)
    return " AND ".join(tests), values
