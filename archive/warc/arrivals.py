"""Reads a final answer once, in pieces: its digests, its head, and whether a revisit may stand for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from archive.model import Exchange
from archive.warc.framing import Framer
from archive.warc.records import Block, Slice, pieces, sha256, stretch

# Below this a revisit record is hardly smaller than the response itself.
REVISIT_MINIMUM = 1000


@dataclass(slots=True)
class Arrival:
    """A final answer as it came, and what one pass over it tells.

    `payload_sha256` is of the entity body without transfer coding, as `archive.warc.payload` has it; None where there
    is none. `framed_sha256` is of the bytes after the head as they were framed, set only where the answer may become a
    revisit or be the original of one.
    """

    block: Block
    framer: Framer
    block_sha256: bytes
    payload_sha256: bytes | None
    framed_sha256: bytes | None

    @property
    def http(self) -> str | None:
        """The version in the status line, as in "1.1"."""
        version = self.framer.version
        return f"{version[0]}.{version[1]}" if version else None

    def head(self) -> Block:
        """Status line, header fields and the blank line."""
        return _cut(self.block, 0, self.framer.head_end or 0)


def read_arrival(exchange: Exchange) -> Arrival | None:
    """Read the final answer; None if no byte of one came."""
    if not exchange.answered:
        return None
    block = stretch(exchange.response, exchange.start, exchange.end)
    if isinstance(block, bytes) and (followed := _followed(exchange, len(block))) is not None:
        body = sha256(block[followed.head_end :])
        return Arrival(block, followed, sha256(block), body, body if _repeatable(exchange, followed, len(block)) else None)
    whole, entity, framed = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    framer = Framer(exchange.method, entity.update)
    at, chunked = 0, False
    for piece in pieces(block):
        whole.update(piece)
        framer.feed(piece)
        if framer.head_end is not None and (chunked or framer.framing == "chunked"):
            chunked = True
            framed.update(piece[max(0, framer.head_end - at) :])
        at += len(piece)
    framer.close(exchange.truncated is None)
    has_entity = framer.framing != "none" and framer.head_end is not None
    payload = entity.digest() if has_entity else None
    if payload and framer.framing == "close" and framer.fault:
        # What had passed as chunks turned out to be none: the entity is everything after the head.
        payload = sha256(_cut(block, framer.head_end or 0, len(block)))
    same = framed.digest() if chunked else payload
    return Arrival(block, framer, whole.digest(), payload, same if _repeatable(exchange, framer, len(block)) else None)


def _followed(exchange: Exchange, length: int) -> Framer | None:
    """The framer that followed the answer, where there is nothing to take apart: one head, then all the bytes that it says."""
    framer = exchange.framer
    if not isinstance(framer, Framer) or framer.framing != "length" or not framer.complete or framer.fault:
        return None
    return framer if not framer.interim and framer.end == length and framer.method == exchange.method else None


def _repeatable(exchange: Exchange, framer: Framer, length: int) -> bool:
    """Whether the answer is a complete 200 to a GET, large enough to be worth a revisit."""
    return (
        framer.status == 200
        and exchange.method == "GET"
        and exchange.truncated is None
        and exchange.failure is None
        and framer.complete
        and not framer.fault
        and framer.end == length
        and framer.entity_length >= REVISIT_MINIMUM
    )


def _cut(block: Block, start: int, end: int) -> Block:
    if isinstance(block, Slice):
        return stretch(block.file, block.start + start, block.start + end)
    return block[start:end]
