"""Exchanges made by hand, for tests that need no socket, and a way to read back what an archive kept of them."""

from __future__ import annotations

import itertools
import sqlite3
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from archive.model import Exchange
from archive.warc.framing import Framer
from archive.warc.reader import Record, open_record

STARTED = datetime(2026, 1, 10, 8, 15, 0, 123456, tzinfo=UTC)
REQUEST = b"GET /tin-tuc HTTP/1.1\r\nHost: hue.example\r\n\r\n"
PAGE = "<p>Ủy ban nhân dân tỉnh họp thường kỳ</p>".encode() * 40


def ids():
    """Record ids that count up, so that whole records can be compared."""
    numbers = itertools.count(1)
    return lambda: f"urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}"


def clock(start: datetime = STARTED):
    """A clock that goes on by a second each time it is looked at."""
    seconds = itertools.count()
    return lambda: start + timedelta(seconds=next(seconds))


def answer(body: bytes, *fields: bytes, status: bytes = b"200 OK") -> bytes:
    """A whole answer with a Content-Length."""
    head = b"\r\n".join([b"HTTP/1.1 " + status, b"Content-Type: text/html", *fields, b"Content-Length: %d" % len(body)])
    return head + b"\r\n\r\n" + body


def chunked(body: bytes, size: int) -> bytes:
    """The same entity in chunks of `size`."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in (body[i : i + size] for i in range(0, len(body), size)))
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def exchange(wire: bytes = b"", url: str = "http://hue.example/tin-tuc", request: bytes = REQUEST, **facts: Any) -> Exchange:
    """An exchange in which the server sent `wire`: where the answer ends is what `Framer` says."""
    method = facts.get("method", "GET")
    framer = Framer(method)
    framer.feed(wire)
    framer.close()
    told = {
        "method": method, "started": STARTED, "ended": STARTED + timedelta(milliseconds=250), "ip": "192.0.2.7",
        "interim": tuple(framer.interim), "end": framer.end, **facts,
    }  # fmt: skip
    return Exchange(
        url=url, request=BytesIO(request), response=BytesIO(wire), request_length=len(request),
        response_length=len(wire), **told,
    )  # fmt: skip


def members(path: Path) -> list[bytes]:
    """Every member of an archive, in order."""
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as conn:
        rows = conn.execute("SELECT record, bytes FROM parts ORDER BY record, number").fetchall()
    conn.close()
    return [b"".join(part for _, part in parts) for _, parts in itertools.groupby(rows, key=lambda row: row[0])]


def stored(path: Path) -> list[tuple[Record, bytes]]:
    """Head and block of every record of an archive, in order."""
    return [(record := open_record([member], "gzip"), record.read()) for member in members(path)]
