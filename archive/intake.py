"""Makes an exchange ready to be kept, outside the transaction: read, digested, compressed, described."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import count

from archive.model import Capture, Exchange, Visit
from archive.store import captures, records
from archive.store.captures import NewCapture
from archive.store.records import NewRecord
from archive.urls import warc_date
from archive.warc.answer import Validators, asked_about, location, media_type, validators
from archive.warc.arrivals import Arrival, read_arrival
from archive.warc.exchanges import Original, Scribe, records_of
from archive.warc.framing import Framer
from archive.warc.reader import NotARecord, Undecodable, open_record
from archive.warc.records import HTTP_RESPONSE, OCTETS, Record

Member = tuple[NewRecord, Iterable[bytes]]
Identity = tuple[bytes, bytes]


@dataclass(slots=True)
class Intake:
    """What an archive is about to keep: originals made ready in this group, which the tables do not have yet."""

    pending: dict[Identity, Original] = field(default_factory=dict)

    def original(self, conn: sqlite3.Connection, identity: Identity) -> Original | None:
        """The kept, or about to be kept, response with this entity and framing."""
        if found := self.pending.get(identity):
            return found
        row = records.original(conn, *identity)
        return Original(*row) if row else None


@dataclass(slots=True)
class Ready:
    """An exchange that only has to be written down. The first member is its answer, if there is one."""

    exchange: Exchange
    row: NewCapture
    members: list[Member]
    intake: Intake
    identity: Identity | None
    answered: bool

    def keep(self, conn: sqlite3.Connection, run: int) -> Capture:
        """Write it down, inside a transaction."""
        number = captures.add(conn, run, self.row)
        kept = [records.add(conn, run, number, row, member) for row, member in self.members]
        if self.answered:
            captures.set_record(conn, number, kept[0])
        if self.identity is not None:
            self.intake.pending.pop(self.identity, None)
        main, row = self.members[0][0] if self.members else None, self.row
        payload = main.payload_sha256 if main and self.answered else None
        return Capture(
            number, run, row.url, self.exchange.started, row.method, row.status, row.media_type,
            main.record_id if main else "", f"sha256:{payload.hex()}" if payload else None, row.length, row.truncated,
            row.failure, main.refers_to if main else None, row.location,
        )  # fmt: skip


def prepare_exchange(
    conn: sqlite3.Connection, intake: Intake, scribe: Scribe, exchange: Exchange, *, via: str | None, hops: str
) -> Ready:
    """Read and compress the exchange. Raises OSError or EOFError if its bytes cannot be had."""
    arrival = read_arrival(exchange)
    identity, original = None, None
    if arrival and arrival.framed_sha256 and arrival.payload_sha256:
        identity = (arrival.payload_sha256, arrival.framed_sha256)
        original = intake.original(conn, identity)
    elif arrival and arrival.framer.status == 304 and exchange.truncated is None and arrival.framer.complete:
        original = confirmed(conn, exchange.url, asked_about(_head_of(exchange)))
    made = records_of(exchange, arrival, scribe, original=original, via=via, hops=hops)
    members = [kept_in_full(record) for record in made]
    if original is not None:
        members[0][0].refers_to, identity = original.record_id, None
    elif identity is not None:
        first = members[0][0]
        intake.pending[identity] = Original(first.record_id, exchange.url, warc_date(exchange.started))
    row = _describe(exchange, arrival, via, hops)
    row.length = members[0][0].length if arrival else 0
    return Ready(exchange, row, members, intake, identity, arrival is not None)


def said_before(conn: sqlite3.Connection, url: str) -> Validators:
    """By what the server knows the newest state of `url` that is kept whole; empty if there is none, or it gave no sign."""
    kept = captures.newest_whole(conn, url)
    if kept is None:
        return Validators()
    try:
        return validators(_start_of(conn, kept))
    except (NotARecord, Undecodable):
        return Validators()  # a damaged record is verify's business; here the page is simply asked for anew


def recognised(conn: sqlite3.Connection, visit: Visit) -> Visit:
    """The visit with the validators of what is kept of its address, if it is one that asks for that only."""
    if visit.link.method != "GET":
        return visit
    said = said_before(conn, visit.link.url)
    return replace(visit, etag=said.etag, last_modified=said.last_modified) if said else visit


def confirmed(conn: sqlite3.Connection, url: str, asked: Validators) -> Original | None:
    """The response that a 304 confirms: the newest whole one of `url`, if it is the state that was asked about."""
    if not asked or not said_before(conn, url).answers(asked):
        return None
    kept = captures.newest_whole(conn, url)
    found = records.response(conn, kept.record) if kept else None
    return Original(*found) if found else None


def _start_of(conn: sqlite3.Connection, kept: captures.Whole) -> Framer:
    """The HTTP head in a kept record."""
    framer = Framer()
    record = open_record(iter([records.first_part(conn, kept.record)]), kept.coding)
    for piece in record.block():
        framer.feed(piece)
        if framer.head_end is not None:
            break
    return framer


def _head_of(exchange: Exchange) -> bytes:
    exchange.request.seek(0)
    return exchange.request.read(min(exchange.request_length, 1 << 16))


def read_back(exchange: Exchange) -> tuple[bytes, bytes]:
    """What comes out of the records that `exchange` becomes: the request, and all that the server sent, in order.

    For the recorder's self-test: the records are made and compressed as for an archive, but kept nowhere.
    """
    numbers = count(1)
    scribe = Scribe(None, lambda: f"urn:tangthu:self-test:{next(numbers)}")
    request, asides, answer, surplus = b"", b"", b"", b""
    for record in records_of(exchange, read_arrival(exchange), scribe):
        block = b"".join(open_record(iter(record.member()), "gzip").block())
        if record.type == "request":
            request = block
        elif record.type == "response":
            answer = block
        elif record.content_type == OCTETS:
            surplus = block
        elif record.content_type == HTTP_RESPONSE:
            asides += block
    return request, asides + answer + surplus


def kept_in_full(record: Record) -> Member:
    """A record's row and its gzip member; a small member is compressed now, a large one while it is written."""
    row = NewRecord(
        record.record_id, record.type, record.target_uri, warc_date(record.time), len(record.block),
        record.block_sha256, record.payload_sha256, record.framed_sha256,
    )  # fmt: skip
    return row, record.member()


def _describe(exchange: Exchange, arrival: Arrival | None, via: str | None, hops: str) -> NewCapture:
    framer = arrival.framer if arrival else None
    failure = exchange.failure
    return NewCapture(
        exchange.url,
        warc_date(exchange.started),
        exchange.method,
        framer.status if framer else None,
        media_type(framer) if framer else None,
        location(framer, exchange.url) if framer else None,
        truncated=exchange.truncated,
        failure=f"{failure.kind}: {failure.message}" if failure else None,
        via=via,
        hops=hops or None,
    )
