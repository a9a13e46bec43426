"""What a memento's address is answered with, in one question: its capture, the bytes of its record, its neighbours in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archive.store.listing import FEW, Memento
from archive.store.reading import CaptureRow, Reading


class Exact(NamedTuple):
    """A capture, how its record is kept and its member's bytes, to be walked once; and all captures of its address."""

    row: CaptureRow
    coding: str
    block_sha256: bytes
    member: Iterator[bytes]
    mementos: list[Memento]


_FIELDS = CaptureRow._fields
_SQL = (
    f"SELECT {', '.join(f'c.{name}' for name in _FIELDS[:15])}, r.record_id, r.type, r.payload_sha256, r.refers_to, "
    "r.coding, r.block_sha256, r.member_length, p.bytes FROM captures c JOIN records r ON r.id = c.record "
    "LEFT JOIN parts p ON p.record = r.id AND p.number = 0 AND c.time BETWEEN :since AND :until "
    f"WHERE c.key = :key ORDER BY c.time, c.id LIMIT {FEW + 1}"
)
_ID, _URL, _TIME, _RECORD = (_FIELDS.index(name) for name in ("id", "url", "time", "record_id"))
_PAYLOAD = _FIELDS.index("payload_sha256")


def exact(archive: Reading, key: str, since: str, until: str) -> Exact | None:
    """The last answered capture of an address from `since` until `until`; None if there is none, or more than a few in all."""
    rows = list(archive.rows(_SQL, {"key": key, "since": since, "until": until}))
    within = [row for row in rows if since <= row[_TIME] <= until]
    if len(rows) > FEW or not within:
        return None
    *capture, coding, block_sha256, length, first = within[-1]
    row = CaptureRow._make(capture)
    mementos = [Memento(r[_TIME], r[_ID], r[_URL], r[_RECORD], r[_PAYLOAD]) for r in rows]
    return Exact(row, coding, block_sha256, archive.member_from(first or b"", row.record or 0, length), mementos)
