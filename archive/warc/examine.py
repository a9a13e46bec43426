"""Reads a record once and tells its true length and digests, beside the declared ones, and the HTTP answer in it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from archive.warc.framing import Framer
from archive.warc.reader import Head, Record

# Labels of WARC-Block-Digest and WARC-Payload-Digest that can be recomputed, and the bytes that each digest has.
ALGORITHMS = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}
# Facts about one exchange are a few hundred bytes; what is cut here is compared as it is cut.
_MOST_FACTS = 1 << 20
Reading = Literal["entity", "framed"]
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_REFERER = re.compile(rb"(?i)\nReferer:[ \t]*([^\r\n]*?)[ \t]*(?=\r?\n)")


@dataclass(frozen=True, slots=True)
class Declared:
    """A digest that a record declares, beside what was found.

    `holds` is None where it cannot be said: an unknown algorithm, or a value that is no digest. `reading` tells over
    which bytes a payload digest holds: the entity, as the standard has it, or everything after the HTTP head, chunk
    sizes and all.
    """

    name: str
    value: str
    found: str
    holds: bool | None
    reading: Reading = "entity"


@dataclass(slots=True)
class Examined:
    """What one pass over a record tells.

    `payload_sha256` is None where the record has no payload. `framed_sha256` is of what follows the head of an HTTP
    answer, as it was framed. `record_id` is made of the record's own digest where its
    head has none. `method` and `referer` (None: not said) are those of a request, `facts` the fields
    of a metadata record of the type application/warc-fields.
    """

    head: Head
    length: int
    block_sha256: bytes
    payload_sha256: bytes | None
    framed_sha256: bytes | None
    record_id: str
    framer: Framer | None
    declared: list[Declared] = field(default_factory=list)
    method: str | None = None
    referer: str | None = None
    facts: dict[str, str] | None = None
    ending: bytes = b""
    ending_length: int = 0


def is_http(head: Head) -> bool:
    """Whether the block is an HTTP message."""
    said = (head.get("Content-Type") or "").lower()
    return head.type in ("response", "revisit", "request") and said.startswith("application/http")


def examine(record: Record, method: str = "GET") -> Examined:
    """Read the whole record. `method` is that of the request it answers. Raises Undecodable."""
    head = record.head
    declared = [(name, value) for name in ("WARC-Block-Digest", "WARC-Payload-Digest") for value in head.all(name)]
    names = {"sha256", *(value.partition(":")[0].lower() for _, value in declared)} & ALGORITHMS.keys()
    block = _Digests(names)
    # Only a record without an id is named by its bytes.
    plain = None if head.uri("WARC-Record-ID") else hashlib.sha256(head.raw)
    payload = _payload_of(head, method, names)
    told = b"" if head.type == "metadata" and head.get("Content-Type") == "application/warc-fields" else None
    for piece in record.block():
        block.update(piece)
        if told is not None:
            told = (told + piece)[:_MOST_FACTS]
        if plain is not None:
            plain.update(piece)
        if payload is not None:
            payload.feed(piece)
    if payload is not None:
        payload.close(truncated=head.get("WARC-Truncated") is not None)
    if head.type == "revisit":
        # It declares the payload of the record it refers to.
        declared = [d for d in declared if d[0] == "WARC-Block-Digest"]
    return Examined(
        head,
        record.length,
        block["sha256"],
        _payload_sha256(head, block, payload),
        payload.framed["sha256"] if payload is not None else None,
        head.uri("WARC-Record-ID") or "" if plain is None else f"urn:sha256:{plain.hexdigest()}",
        payload.framer if isinstance(payload, _Answer) else None,
        [_compare(name, value, block, payload) for name, value in declared],
        payload.method if isinstance(payload, _Request) else None,
        payload.referer if isinstance(payload, _Request) else None,
        None if told is None else _facts(told),
        record.rest,
        record.rest_length,
    )


def _facts(block: bytes) -> dict[str, str]:
    lines = (line.partition(": ") for line in block.decode("utf-8", "surrogateescape").split("\r\n"))
    return {name: value for name, colon, value in lines if colon}


class _Digests:
    """Several digests over the same bytes; their values so far by the algorithm's name."""

    def __init__(self, names: set[str]) -> None:
        self._running: dict[str, Any] = {name: hashlib.new(name, usedforsecurity=False) for name in names}

    def update(self, piece: bytes) -> None:
        for digest in self._running.values():
            digest.update(piece)

    def copy(self) -> _Digests:
        twin = _Digests(set())
        twin._running = {name: digest.copy() for name, digest in self._running.items()}
        return twin

    def __getitem__(self, name: str) -> bytes:
        return bytes(self._running[name].digest())


class _Answer:
    """The payload of an HTTP answer, in both readings."""

    def __init__(self, method: str, names: set[str]) -> None:
        self.entity = _Digests(names)
        self.framer = Framer(method, self.entity.update)
        self._framed: _Digests | None = None
        self._names = names
        self._fed = 0

    def feed(self, piece: bytes) -> None:
        framer, start = self.framer, self._fed
        framer.feed(piece)
        self._fed += len(piece)
        if framer.head_end is None:
            return
        if self._framed is not None:
            self._framed.update(piece)
        elif framer.framing == "chunked" or framer.values(b"transfer-encoding"):
            # Chunks may have turned out to be none within this very piece.
            self._framed = _Digests(self._names)
            self._framed.update(piece[max(0, framer.head_end - start) :])
        elif framer.surplus:
            self._framed = self.entity.copy()
            self._framed.update(piece[max(0, framer.end - start) :])

    def close(self, truncated: bool) -> None:
        self.framer.close(not truncated)
        if self.framer.framing == "close" and self.framer.fault and self._framed is not None:
            self.entity = self._framed

    @property
    def framed(self) -> _Digests:
        return self.entity if self._framed is None else self._framed

    @property
    def exists(self) -> bool:
        return self.framer.framing != "none" and self.framer.head_end is not None


class _Request:
    """What follows the head of a request."""

    def __init__(self, names: set[str]) -> None:
        self.entity = self.framed = _Digests(names)
        self.method: str | None = None
        self.referer: str | None = None
        self._head: bytes | None = b""

    def feed(self, piece: bytes) -> None:
        if self._head is None:
            self.entity.update(piece)
            return
        self._head += piece
        if end := _HEAD_END.search(self._head):
            self.method = self._head.partition(b" ")[0].decode("latin-1")
            if said := _REFERER.findall(self._head, 0, end.end()):
                self.referer = said[-1].decode("utf-8", "replace") or None
            self.entity.update(self._head[end.end() :])
            self._head = None

    def close(self, truncated: bool) -> None:
        """Nothing is left to do."""


def _payload_of(head: Head, method: str, names: set[str]) -> _Answer | _Request | None:
    if not is_http(head):
        return None
    return _Request(names) if head.type == "request" else _Answer(method, names)


def _payload_sha256(head: Head, block: _Digests, payload: _Answer | _Request | None) -> bytes | None:
    """Of what an archive calls the record's payload; a revisit's is what it declares, where that can be compared."""
    if head.type == "revisit":
        algorithm, digest = parse_digest(head.get("WARC-Payload-Digest") or "")
        return digest if algorithm == "sha256" else None
    if isinstance(payload, _Answer):
        return payload.entity["sha256"] if payload.exists else None
    return block["sha256"] if payload is None and head.type in ("response", "resource", "conversion") else None


def _compare(name: str, value: str, block: _Digests, payload: _Answer | _Request | None) -> Declared:
    """A declared digest beside what the bytes say."""
    algorithm, digest = parse_digest(value)
    if digest is None:
        return Declared(name, value, "", None)
    if name == "WARC-Block-Digest" or payload is None:
        found = block[algorithm]
        return Declared(name, value, f"{algorithm}:{found.hex()}", found == digest)
    found, framed = payload.entity[algorithm], payload.framed[algorithm]
    if found != digest and framed == digest:
        return Declared(name, value, f"{algorithm}:{found.hex()}", holds=True, reading="framed")
    return Declared(name, value, f"{algorithm}:{found.hex()}", found == digest)


def parse_digest(value: str) -> tuple[str, bytes | None]:
    """Algorithm and bytes of a labelled digest, written in hex, base32 or base64; None if it is not understood."""
    algorithm, _, text = value.partition(":")
    algorithm = algorithm.strip().lower().replace("-", "")
    size = ALGORITHMS.get(algorithm)
    if size is None:
        return algorithm, None
    text = text.strip()
    for length, decode in (
        (size * 2, bytes.fromhex),
        ((size * 8 + 4) // 5, lambda t: base64.b32decode(t.upper() + "=" * (-len(t) % 8))),
        ((size * 8 + 5) // 6, lambda t: base64.b64decode(t + "=" * (-len(t) % 4), altchars=b"-_")),
    ):
        try:
            if len(text.rstrip("=")) == length and len(digest := decode(text.rstrip("="))) == size:
                return algorithm, digest
        except (ValueError, binascii.Error):
            continue
    return algorithm, None
