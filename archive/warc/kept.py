"""A record out of the archive, opened: its block checked against the digest it came in with, its message, its body."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any, BinaryIO, Literal, Self, cast

from archive.errors import DamagedRecord
from archive.model import Capture
from archive.warc.framing import Framer
from archive.warc.payload import Answer, Body
from archive.warc.reader import Coding, Head, NotARecord, Record, Undecodable, open_record

# Blocks up to this size stay in memory, larger ones go to a temporary file while they are read.
_IN_MEMORY = 8 << 20
_PIECE = 1 << 16
IDENTICAL = "identical-payload-digest"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a kept record's bytes are, and what its block's digest has to be."""

    record_id: str
    type: str
    coding: str
    block_sha256: bytes
    pieces: Callable[[], Iterator[bytes]]

    def record(self) -> Record:
        """The record, to be read piece by piece, unchecked. Raises DamagedRecord if its head cannot be read."""
        try:
            return open_record(self.pieces(), cast("Coding", self.coding))
        except (NotARecord, Undecodable) as error:
            raise DamagedRecord(f"{self.record_id}: {error}; run `tangthu verify`") from error

    def spool(self) -> tuple[Head, BinaryIO]:
        """The head, and the block as a file that the caller closes. Raises DamagedRecord unless the digest holds."""
        record = self.record()
        length = record.head.content_length
        small = length is not None and length <= _IN_MEMORY
        file: Any = BytesIO() if small else tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - handed on
        try:
            if small:
                block = record.read()
                file, digest = BytesIO(block), hashlib.sha256(block)
            else:
                digest = hashlib.sha256()
                for piece in record.block():
                    digest.update(piece)
                    file.write(piece)
            if digest.digest() != self.block_sha256:
                raise DamagedRecord(  # noqa: TRY301 - the file is closed for every cause
                    f"{self.record_id}: the block's sha256 is {digest.hexdigest()}, it came in with "
                    f"{self.block_sha256.hex()}; do not replay it, run `tangthu verify`"
                )
        except Undecodable as error:
            file.close()
            raise DamagedRecord(f"{self.record_id}: {error}; run `tangthu verify`") from error
        except DamagedRecord:
            file.close()
            raise
        file.seek(0)
        return record.head, cast("BinaryIO", file)

    def start(self) -> tuple[Head, Framer]:
        """The record's head and the head of the HTTP answer in it, from its first bytes alone; nothing is checked."""
        record, framer = self.record(), Framer()
        for piece in record.block():
            framer.feed(piece)
            if framer.head_end is not None:
                break
        return record.head, framer


class Opened:
    """A capture's answer: the message as it crossed the wire, and what it means.

    The block's digest is checked before the first byte is given out: everything here raises DamagedRecord where it does
    not hold. `original` is the answer that a revisit repeats, None for every other capture.
    """

    def __init__(self, capture: Capture, kept: Kept, original: Callable[[Head], Opened | None]) -> None:
        self.capture = capture
        self._kept = kept
        self._find_original = original

    @cached_property
    def _read(self) -> tuple[Head, BinaryIO]:
        return self._kept.spool()

    @cached_property
    def _answer(self) -> Answer:
        return Answer(self._read[1], self.capture.method)

    @property
    def record(self) -> Head:
        """The head of the WARC record."""
        return self._read[0]

    @cached_property
    def is_http(self) -> bool:
        """Whether the block is an HTTP message; otherwise it is the content itself (resource records)."""
        said = (self.record.get("Content-Type") or "application/http").lower()
        return self._kept.type != "resource" and said.startswith("application/http")

    @property
    def status(self) -> int | None:
        """The status as it was sent; None if there is none to be read."""
        return self._answer.framer.status if self.is_http else None

    @property
    def reason(self) -> str:
        """The reason phrase as it was sent."""
        return self._answer.framer.reason.decode("latin-1") if self.is_http else ""

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """The header fields in order, read leniently; bytes above 127 as Latin-1."""
        if not self.is_http:
            return []
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._answer.framer.headers]

    @property
    def media_type(self) -> str | None:
        """The value of Content-Type, parameters and all."""
        if not self.is_http:
            return self.record.get("Content-Type")
        return next((value for name, value in self.headers if name.lower() == "content-type"), None)

    @cached_property
    def original(self) -> Opened | None:
        """The answer that a revisit repeats. Raises DamagedRecord if that is not in the archive."""
        if self._kept.type != "revisit":
            return None
        found = self._find_original(self.record)
        if found is None:
            said = (
                self.record.uri("WARC-Refers-To")
                or self.record.uri("WARC-Refers-To-Target-URI")
                or "it does not say which"
            )
            raise DamagedRecord(f"{self._kept.record_id}: the record it repeats ({said}) is not in the archive")
        return found

    @property
    def available(self) -> bool:
        """False for a revisit of what is not in the archive: it has a head and no body."""
        return self._kept.type != "revisit" or self._find_original(self.record) is not None

    @property
    def repeats(self) -> Literal["", "payload", "not-modified"]:
        """What a revisit says: the same payload came again, or the server said that nothing changed."""
        if self._kept.type != "revisit":
            return ""
        return "payload" if IDENTICAL in (self.record.get("WARC-Profile") or "") else "not-modified"

    def chunks(self) -> Iterator[bytes]:
        """The whole message, in pieces; of a revisit of a payload its own head, then the original's body as framed."""
        yield from self._from(0)
        if self.repeats == "payload" and self.original and not self._answer.framer.entity_length:
            yield from self.original._from(self.original._answer.framer.head_end or 0)  # noqa: SLF001

    def _from(self, at: int) -> Iterator[bytes]:
        file = self._read[1]
        while True:
            file.seek(at)
            piece = file.read(_PIECE)
            if not piece:
                return
            at += len(piece)
            yield piece

    def raw(self) -> bytes:
        """The whole message at once."""
        return b"".join(self.chunks())

    def entity(self) -> Iterator[bytes]:
        """The body without its chunking, content codings left in: what the payload digest is over."""
        if self.original:
            yield from self.original.entity()
        else:
            yield from self._answer.entity() if self.is_http else self._from(0)

    def content(self) -> Body:
        """The body with its codings undone, at most 256 MiB, and notes on what could not be."""
        if self.original:
            return self.original.content()
        return self._answer.body() if self.is_http else Body(b"".join(self._from(0)), ())

    def body(self) -> bytes:
        """The body as a browser would see it: no chunking, no content coding."""
        return self.content().data

    def file_sha256(self, payload_digest: str | None) -> str | None:
        """The digest of the file that the answer carries, hex: of its body, which is the payload unless it is coded."""
        answer = self.original or self
        coded = answer.is_http and {"content-encoding"} & {name.lower() for name, _ in answer.headers}
        if payload_digest and not coded:
            return payload_digest.removeprefix("sha256:")
        return hashlib.sha256(self.body()).hexdigest()

    def close(self) -> None:
        """Let go of the temporary file, if there is one."""
        if "_read" in self.__dict__:
            self._read[1].close()
        if self.__dict__.get("original"):
            self.__dict__["original"].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
