"""WARC/1.1 records as they are written: a head with its fields in a fixed order, and a block that is never changed.

Not warcio's writer: given an HTTP head it parses and rewrites it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from archive.urls import warc_date
from archive.warc.members import member, member_pieces

PIECE = 1 << 20
HTTP_RESPONSE = "application/http; msgtype=response"
HTTP_REQUEST = "application/http; msgtype=request"
WARC_FIELDS = "application/warc-fields"
OCTETS = "application/octet-stream"
PEM_CHAIN = "application/pem-certificate-chain"
Fields = list[tuple[str, str]]
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of a seekable file, too large to be held in memory."""

    file: BinaryIO
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def pieces(self) -> Iterator[bytes]:
        """The bytes, a mebibyte at a time. Raises EOFError if the file is shorter."""
        at = self.start
        while at < self.end:
            self.file.seek(at)
            piece = self.file.read(min(PIECE, self.end - at))
            if not piece:
                raise EOFError(f"{self.end - at} bytes of a record are missing in its spool")
            at += len(piece)
            yield piece


Block = bytes | Slice


def stretch(file: BinaryIO, start: int, end: int) -> Block:
    """Bytes `start` to `end` of `file`: read at once if they are few."""
    whole = Slice(file, start, end)
    return b"".join(whole.pieces()) if end - start <= PIECE else whole


def pieces(block: Block) -> Iterable[bytes]:
    """A block's bytes in pieces."""
    return block.pieces() if isinstance(block, Slice) else (block,)


def sha256(block: Block) -> bytes:
    """The digest of a block."""
    if not isinstance(block, Slice):
        return hashlib.sha256(block).digest()
    digest = hashlib.sha256()
    for piece in block.pieces():
        digest.update(piece)
    return digest.digest()


@dataclass(slots=True)
class Record:
    """One record to be written.

    `fields` are those that not every record has, in the order of section 5 of the standard. `framed_sha256` never
    leaves the archive: it is the digest of the body as framed on the wire, set where a later capture may refer to this
    one.
    """

    type: str
    record_id: str
    time: datetime
    block: Block
    content_type: str | None = None
    target_uri: str | None = None
    warcinfo_id: str | None = None
    fields: Fields = field(default_factory=list)
    payload_sha256: bytes | None = None
    framed_sha256: bytes | None = None
    block_sha256: bytes = b""

    def __post_init__(self) -> None:
        if not self.block_sha256:
            self.block_sha256 = sha256(self.block)

    def head(self) -> bytes:
        """Version line, named fields and the blank line, UTF-8 (WARC 1.1, section 4)."""
        lines = [f"WARC/1.1\r\nWARC-Type: {self.type}\r\nWARC-Record-ID: <{self.record_id}>"]
        lines.append(f"WARC-Date: {warc_date(self.time)}")
        if self.target_uri is not None:
            lines.append(f"WARC-Target-URI: {_uri(self.target_uri)}")
        if self.warcinfo_id is not None:
            lines.append(f"WARC-Warcinfo-ID: <{self.warcinfo_id}>")
        lines += [f"{name}: {line(value)}" for name, value in self.fields]
        if self.payload_sha256 is not None:
            lines.append(f"WARC-Payload-Digest: sha256:{self.payload_sha256.hex()}")
        lines.append(f"WARC-Block-Digest: sha256:{self.block_sha256.hex()}")
        if self.content_type is not None:
            lines.append(f"Content-Type: {self.content_type}")
        lines.append(f"Content-Length: {len(self.block)}\r\n\r\n")
        return "\r\n".join(lines).encode("utf-8", "replace")

    def member(self) -> Iterable[bytes]:
        """The record as one gzip member, in pieces; a small one is a single piece. Reads a `Slice` block once."""
        if isinstance(self.block, Slice):
            return member_pieces(self._plain())
        return (member(b"".join((self.head(), self.block, b"\r\n\r\n"))),)

    def _plain(self) -> Iterator[bytes]:
        yield self.head()
        yield from pieces(self.block)
        yield b"\r\n\r\n"


def line(value: str) -> str:
    """`value` on one line: what would end a header field, or garble it, becomes a blank."""
    return _CONTROLS.sub(" ", value).strip()


def fields_block(facts: Fields) -> bytes:
    """The block of an `application/warc-fields` record."""
    return "".join(f"{name}: {line(value)}\r\n" for name, value in facts).encode("utf-8", "replace")


def _uri(uri: str) -> str:
    """A URI that no reader can mistake for more than one token."""
    return _CONTROLS.sub("", uri).replace(" ", "%20")
