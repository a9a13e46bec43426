"""The payload of a kept answer: its entity without chunking, and the text that its content codings hide.

Everything is worked out again from the stored block alone, so that crawler and auditor get the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, NamedTuple

from archive.warc.codings import decode
from archive.warc.framing import Framer

PIECE = 1 << 16
_CHARSET = re.compile(rb"(?i)charset\s*=\s*[\"']?([\w:.-]+)")
# What body_of gives at most: far above any page or document of a portal, far below a decompression bomb.
LIMIT = 1 << 28


class Body(NamedTuple):
    """The bytes that an answer means, content codings undone; `notes` says what could not be, and why.

    `charset` is what Content-Type names, if it names one.
    """

    data: bytes
    notes: tuple[str, ...]
    charset: str | None = None


class Answer:
    """The final answer in a stored response block, interim answers before it and surplus after it left out.

    `framer` has its head and framing. The block is a seekable file, read from its first byte whatever its position, or
    bytes; it is not closed.
    """

    def __init__(self, block: BinaryIO | bytes, method: str = "GET") -> None:
        self._block = BytesIO(block) if isinstance(block, bytes) else block
        self._method = method
        self.framer = Framer(method)
        self._block.seek(0)
        while not self.framer.complete and (piece := self._block.read(PIECE)):
            self.framer.feed(piece)
        self.framer.close()

    @property
    def has_entity(self) -> bool:
        """Whether the answer has a payload, be it empty: not after HEAD, 204, 304 or in a head that was cut off."""
        return self.framer.framing != "none" and self.framer.head_end is not None

    def entity(self) -> Iterator[bytes]:
        """The entity's bytes without chunking, in pieces. A transfer coding other than chunked is left in."""
        if not self.has_entity or self.framer.head_end is None:
            return
        if self.framer.framing == "chunked":
            yield from self._dechunked()
            return
        at = self.framer.head_end
        while at < self.framer.end:
            self._block.seek(at)
            piece = self._block.read(min(PIECE, self.framer.end - at))
            if not piece:
                return
            at += len(piece)
            yield piece

    def _dechunked(self) -> Iterator[bytes]:
        pieces: list[bytes] = []
        framer = Framer(self._method, pieces.append)
        at = 0
        while not framer.complete:
            self._block.seek(at)
            piece = self._block.read(PIECE)
            if not piece:
                return
            at += len(piece)
            framer.feed(piece)
            if pieces:
                yield b"".join(pieces)
                pieces.clear()

    def digest(self) -> str | None:
        """The payload digest as in WARC-Payload-Digest: over the entity without chunking; None without a payload."""
        if not self.has_entity:
            return None
        digest = hashlib.sha256()
        for piece in self.entity():
            digest.update(piece)
        return f"sha256:{digest.hexdigest()}"

    def body(self, limit: int = LIMIT) -> Body:
        """The entity with its codings undone, at most `limit` bytes of it."""
        named = [v for name in (b"content-encoding", b"transfer-encoding") for v in self.framer.values(name)]
        codings = [c.strip(b" \t").lower().decode("latin-1") for c in b",".join(named).split(b",")]
        notes: list[str] = []
        if self.framer.framing == "none":
            return Body(b"", ())
        charset = _CHARSET.search(b",".join(self.framer.values(b"content-type")))
        pieces = self.entity()
        for coding in reversed([c for c in codings if c not in ("", "identity", "chunked")]):
            pieces = decode(pieces, coding, limit, notes)
        kept: list[bytes] = []
        room = limit
        for piece in pieces:
            kept.append(piece[:room])
            room -= len(kept[-1])
            if len(kept[-1]) < len(piece):
                notes.append(f"more than {limit} bytes: the rest is left out")
                break
        return Body(b"".join(kept), tuple(notes), charset[1].decode("ascii") if charset else None)


def body_of(block: BinaryIO | bytes, method: str = "GET", limit: int = LIMIT) -> Body:
    """What the answer in `block` means: the entity without chunking and content codings, at most `limit` bytes.

    A coding that is declared and was not applied, or that nobody knows, leaves the bytes as they are; of a stream that
    was cut off or damaged comes what can be decoded. `notes` says so each time.
    """
    return Answer(block, method).body(limit)
