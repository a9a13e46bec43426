"""Reads the record in a member: its head at once, its block in pieces, so that size does not matter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast

from isal import igzip_lib, isal_zlib

Coding = Literal["gzip", "identity"]

PIECE = 1 << 18
# A WARC head longer than this is taken for damage: real ones are below 10 kB, a 64 kB URL still fits.
HEAD_LIMIT = 1 << 20
# isal's stubs declare it as a value, not as a class (isal 1.9).
GZIP_ERROR = cast("type[Exception]", igzip_lib.IsalError)
_VERSION = re.compile(rb"WARC/(\d+\.\d+)[ \t]*\r?\n")


class NotARecord(ValueError):
    """The bytes are not a WARC record; the message says where that showed."""


@dataclass(frozen=True)
class Head:
    """A WARC record's version and named fields."""

    version: str
    raw: bytes
    _lines: bytes

    @property
    def size(self) -> int:
        """Bytes of the head, its blank line included."""
        return len(self.raw)

    @cached_property
    def _parts(self) -> list[tuple[bytes, bytes]]:
        return _unfolded(self._lines)

    @property
    def fields(self) -> tuple[tuple[str, bytes], ...]:
        """Names and values, in order and as they stand (values undecoded, untrimmed)."""
        return tuple((name.decode("utf-8", "backslashreplace"), value) for name, value in self._parts)

    @cached_property
    def _values(self) -> dict[bytes, list[bytes]]:
        found: dict[bytes, list[bytes]] = {}
        for name, value in self._parts:
            found.setdefault(name.lower(), []).append(value)
        return found

    def get(self, name: str) -> str | None:
        """The first value of a field, unfolded and trimmed; names are not case-sensitive (WARC 1.1, section 4)."""
        lines, key = self._lines, b"\n" + name.lower().encode()
        if self._lower.count(key) == 1:
            # As nearly always: it stands there once, on one line.
            start = self._lower.find(key + b":") + len(key)
            stop = lines.find(b"\n", start)
            if start >= len(key) and lines[stop + 1 : stop + 2] not in (b" ", b"\t"):
                return _text(lines[start : stop if stop >= 0 else None].removesuffix(b"\r"))
        found = self._values.get(key[1:])
        return _text(found[0]) if found else None

    @cached_property
    def _lower(self) -> bytes:
        return b"\n" + self._lines.lower()

    def all(self, name: str) -> list[str]:
        """Every value of a field that may repeat."""
        return list(map(_text, self._values.get(name.lower().encode(), [])))

    def repeated(self) -> list[str]:
        """The names, in lower case, of fields that stand there more than once."""
        return [name.decode("utf-8", "backslashreplace") for name, values in self._values.items() if len(values) > 1]

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return name.lower().encode() in self._values

    def uri(self, name: str) -> str | None:
        """The value of a field that holds a URI, without the angle brackets that WARC 1.0 put around it."""
        value = self.get(name)
        return value[1:-1] if value and value.startswith("<") and value.endswith(">") else value

    @property
    def type(self) -> str:
        """WARC-Type, or "" where the record has none."""
        return self.get("WARC-Type") or ""

    @cached_property
    def content_length(self) -> int | None:
        """Content-Length, or None where it is missing or not a number."""
        value = self.get("Content-Length")
        # No file is longer than 18 digits say; Python refuses to read numbers of thousands of digits.
        return int(value) if value and len(value) < 19 and value.isascii() and value.isdigit() else None


def parse_head(data: bytes) -> Head | None:
    """The head at the start of `data`, or None while it is incomplete. Raises NotARecord if it is none."""
    start = _VERSION.match(data)
    if not start:
        if len(data) >= 32 or not b"WARC/".startswith(data[:5]):
            raise NotARecord(f"no WARC version line but {data[:16]!r}")
        return None
    lines, end = _ends(data, start.end())
    if not end:
        if len(data) > HEAD_LIMIT:
            raise NotARecord(f"a WARC head of more than {HEAD_LIMIT} bytes")
        return None
    return Head(start[1].decode(), data[:end], data[start.end() : lines])


def _ends(data: bytes, start: int) -> tuple[int, int]:
    """Where the lines from `start` on end, and where the blank line after them does; 0 and 0 while there is none."""
    blank = data.find(b"\n\r\n", start - 1)
    bare = data.find(b"\n\n", start - 1, blank + 1 if blank >= 0 else len(data))
    end = (bare + 2 if bare >= 0 else blank + 3) if blank >= 0 or bare >= 0 else 0
    line = (bare if bare >= 0 else blank) if end else 0
    return max(0, line - (line > start and data[line - 1 : line] == b"\r")), end


def _unfolded(lines: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values as they stand; a line that begins with a blank belongs to the one before (RFC 822)."""
    if not lines:
        return []
    split = lines.split(b"\r\n") if lines.count(b"\n") == lines.count(b"\r\n") else re.split(rb"\r?\n", lines)
    found: list[tuple[bytes, list[bytes]]] = []
    for line in split:
        if found and line[:1] in (b" ", b"\t"):
            found[-1][1].append(line)
        else:
            name, _, value = line.partition(b":")
            found.append((name, [value]))
    return [(name, b"\r\n".join(values)) for name, values in found]


def _text(value: bytes) -> str:
    if b"\n" in value:
        value = re.sub(rb"\r?\n[ \t]+", b" ", value)
    return value.strip(b" \t").decode("utf-8", "backslashreplace")


@dataclass
class Record:
    """One record out of its member: the head at once, the block piece by piece, what came after it at the end.

    `block()` can be walked once. Then `length` is the block's true length, `rest_length` that of what followed it and
    `rest` its first 64 kB: two line ends in a sound record. Raises Undecodable while it is read.
    """

    head: Head
    _pieces: Iterator[bytes]
    _start: bytes
    _at: int = 0
    length: int = 0
    rest: bytes = b""
    rest_length: int = 0

    def block(self) -> Iterator[bytes]:
        """The block's bytes. Without a Content-Length it goes on to the end of the member, less the two line ends."""
        if self.head.content_length is None:
            yield from self._open_ended()
            return
        left = self.head.content_length
        # Of what came with the head so much at once as is needed: each copy of a page costs as much as parsing its head.
        if take := self._start[self._at : self._at + left]:
            left -= len(take)
            self.length += len(take)
            yield take
        piece: bytes | None = self._start[self._at + len(take) :]
        while piece is not None:
            if piece and left:
                take = piece[:left]
                left -= len(take)
                self.length += len(take)
                yield take
                piece = piece[len(take) :]
            if piece:
                self.rest_length += len(piece)
                self.rest += piece[: max(0, 65536 - len(self.rest))]
            piece = next(self._pieces, None)

    def _open_ended(self) -> Iterator[bytes]:
        held = self._start[self._at :]
        for piece in self._pieces:
            out, held = (held + piece)[:-4], (held + piece)[-4:]
            self.length += len(out)
            yield out
        self.rest = b"\r\n\r\n" if held.endswith(b"\r\n\r\n") else b""
        self.rest_length = len(self.rest)
        out = held[: len(held) - self.rest_length]
        self.length += len(out)
        yield out

    def read(self) -> bytes:
        """The whole block at once: only for records known to be small."""
        return b"".join(self.block())


class Undecodable(ValueError):
    """A gzip member that does not decompress, is cut off, or is followed by other bytes."""


def open_record(pieces: Iterable[bytes], coding: Coding) -> Record:
    """The record in a member given as pieces. Raises NotARecord or Undecodable."""
    plain = inflate(pieces) if coding == "gzip" else iter(pieces)
    start = b""
    for piece in plain:
        start += piece
        head = parse_head(start)
        if head:
            return Record(head, plain, start, head.size)
    raise NotARecord(f"the WARC head does not end within {len(start)} bytes")


def inflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What one gzip member holds. Raises Undecodable unless `pieces` are exactly one sound member (RFC 1952)."""
    stream = isal_zlib.decompressobj(wbits=31)
    try:
        for piece in pieces:
            if stream.eof and piece:
                raise Undecodable("bytes after the end of the gzip member")
            out = stream.decompress(piece, PIECE)
            while out:
                yield out
                out = stream.decompress(stream.unconsumed_tail, PIECE) if not stream.eof else b""
    except GZIP_ERROR as error:
        raise Undecodable(f"the gzip member is damaged: {error}") from error
    if not stream.eof:
        raise Undecodable("the gzip member is cut off")
    if stream.unused_data:
        raise Undecodable("bytes after the end of the gzip member")
