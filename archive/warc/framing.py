"""Where an HTTP/1 answer ends (RFC 9112, section 6.3): one definition for the wire and for the archive.

The bytes are fed as they come, in pieces of any size; nothing is read, written or kept but a head being collected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from archive.warc.heads import Fields, blank_line, fields, status_line

Framing = Literal["none", "length", "chunked", "close"]

# A head, or the trailers of a chunked body, may be this long; real ones stay below 64 KiB.
MAX_HEAD = 1 << 20
_HEAD_STEP = 4096
# A chunk's size line with its extensions.
MAX_LINE = 1 << 16
MAX_INTERIM = 1000
# The largest length that a signed 64-bit number holds; above it no server means what it says.
MAX_LENGTH = (1 << 63) - 1

_CHUNK_LINE = re.compile(rb"0*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")
_CHUNK_LINE_BEGUN = re.compile(rb"[0-9A-Fa-f]*[ \t]*(?:;[^\n]*)?\r?")
_TRANSFER_CODINGS = {b"chunked", b"gzip", b"x-gzip", b"deflate", b"compress", b"x-compress", b"identity"}
_SCHEME = b"HTTP/"
_HEX = b"0123456789abcdefABCDEF"
_NO_SIZE = "a chunk's size is not a hexadecimal number"
_NO_STATUS_LINE = "the answer does not begin with a status line"


class Framer:
    """Follows one answer as its bytes pass, interim answers first, and says where it ends.

    Offsets count from the first byte fed. `interim` holds where each 1xx answer ends, `head_end` where the final head
    does (None as long as it has not), `end` where the final answer does: once it is `complete` its last byte, until
    then everything fed. What follows `end` is surplus. `fault` is a short phrase where the head or the framing is
    invalid; such an answer ends only when the server closes. An invalid chunk makes the whole answer one that ends at
    close: its entity is then all bytes from `head_end` on, undecoded, so that a stored block alone always gives the
    same entity.

    `headers` and `trailers` are as `heads.fields` reads them; a bare LF ends a line. `sink`, if given, gets the
    entity's bytes as they pass, without chunking; what it got is void if `framing` turns from chunked to close.
    """

    __slots__ = (
        "_base", "_both", "_buffer", "_decoded", "_left", "_sink", "_state",
        "complete", "end", "fault", "fed", "framing", "head_end", "headers", "interim", "length", "method",
        "overlong", "reason", "status", "trailers", "version",
    )  # fmt: skip

    def __init__(self, method: str = "GET", sink: Callable[[bytes], object] | None = None) -> None:
        self.method = method.upper()
        self.fed = 0
        self.interim: list[int] = []
        self.head_end: int | None = None
        self.end = 0
        self.complete = False
        self.fault: str | None = None
        # True once a head, a line or the interim answers outgrew the bounds above: nothing usable will follow.
        self.overlong = False
        self.status: int | None = None
        self.reason = b""
        self.version: tuple[int, int] | None = None
        self.headers: Fields = []
        self.trailers: Fields = []
        self.framing: Framing = "none"
        self.length: int | None = None
        self._sink = sink
        self._buffer = bytearray()
        self._base = 0
        self._left = 0
        self._decoded = 0
        self._both = False
        self._state: Callable[[Framer, bytes, int], int] = Framer._in_head

    @property
    def start(self) -> int:
        """Where the final answer begins: after the last interim one."""
        return self.interim[-1] if self.interim else 0

    @property
    def entity_length(self) -> int:
        """Bytes of the entity so far, without chunking."""
        if self.framing == "chunked":
            return self._decoded
        return 0 if self.head_end is None or self.framing == "none" else self.end - self.head_end

    @property
    def surplus(self) -> int:
        """Bytes fed after the end of the answer."""
        return self.fed - self.end

    @property
    def reusable(self) -> bool:
        """Whether the connection may carry another request (RFC 9112, section 9.3)."""
        if not self.complete or self.fault or self.framing == "close" or self._both or self.fed != self.end:
            return False
        said = {token.strip().lower() for value in self.values(b"connection") for token in value.split(b",")}
        if b"close" in said:
            return False
        return self.version is not None and (self.version >= (1, 1) or b"keep-alive" in said)

    def values(self, name: bytes) -> list[bytes]:
        """The values of all header fields called `name` (lower case), in order."""
        return [value for key, value in self.headers if key.lower() == name]

    def feed(self, data: bytes) -> None:
        """Take the next bytes. What comes after the end is only counted."""
        size = len(data)
        self._base = self.fed
        self.fed += size
        at = 0
        while at < size and not self.complete:
            at = self._state(self, data, at)
        if not self.complete:
            self.end = self.fed

    def close(self, clean: bool = True) -> None:
        """Nothing more will come; `clean` says that the server ended the connection in order."""
        if self.complete or self._state is Framer._in_nothing:
            return
        if self._state is Framer._in_head:
            self._cut_head()
        elif self._state is Framer._in_size and not _CHUNK_LINE_BEGUN.fullmatch(self._buffer):
            self._bad_chunk(_NO_SIZE, 0)
        if self._state is Framer._in_rest:
            self.complete = clean
        self._state = Framer._in_nothing

    # States: each takes what it can from data[at:] and returns where it stopped.

    def _in_head(self, data: bytes, at: int) -> int:
        buffer = self._buffer
        had = len(buffer)
        # A little at a time: heads are short, and what follows in the same piece is body.
        buffer += data[at : at + min(_HEAD_STEP, MAX_HEAD - had)]
        taken = at + len(buffer) - had
        if had < len(_SCHEME) and not _SCHEME.startswith(bytes(buffer[: len(_SCHEME)])):
            self._no_head()
            return taken
        size = blank_line(buffer, had)
        if size:
            if not self._take_head(bytes(buffer[:size]), self._base + at + size - had):
                self._no_head()
                return taken
            buffer.clear()
            return at + size - had
        if len(buffer) == MAX_HEAD:
            self.overlong = True
            if self._read(bytes(buffer)):
                self._until_close("the head is longer than a mebibyte")
                buffer.clear()
            else:
                self._no_head()
        return taken

    def _in_length(self, data: bytes, at: int) -> int:
        piece = data[at : at + self._left] if at or len(data) > self._left else data
        self._left -= len(piece)
        if self._sink:
            self._sink(piece)
        if not self._left:
            self._finish(self._base + at + len(piece))
        return at + len(piece)

    def _in_rest(self, data: bytes, at: int) -> int:
        if self._sink and self.head_end is not None:
            self._sink(data[at:])
        return len(data)

    def _in_nothing(self, data: bytes, _at: int) -> int:
        return len(data)

    def _in_size(self, data: bytes, at: int) -> int:
        held = len(self._buffer)
        stop = data.find(b"\n", at) + 1
        self._buffer += data[at : min(stop or len(data), at + MAX_LINE + 1)]
        if len(self._buffer) > MAX_LINE and _CHUNK_LINE_BEGUN.fullmatch(self._buffer[:MAX_LINE]):
            return self._bad_chunk("a chunk's size line is longer than 64 KiB", at, held, overlong=True)
        # The first byte alone gives away a body that is not chunked at all and may have no line end for long.
        if not stop and len(self._buffer) <= MAX_LINE and self._buffer[0] in _HEX:
            return len(data)
        found = _CHUNK_LINE.fullmatch(self._buffer)
        if not found:
            return self._bad_chunk(_NO_SIZE, at, held)
        self._left = int(found[1], 16)
        if self._left > MAX_LENGTH:
            return self._bad_chunk("a chunk's size is beyond all bounds", at, held)
        self._buffer.clear()
        self._state = Framer._in_chunk if self._left else Framer._in_trailers
        return stop

    def _in_chunk(self, data: bytes, at: int) -> int:
        piece = data[at : at + self._left]
        self._left -= len(piece)
        self._decoded += len(piece)
        if self._sink:
            self._sink(piece)
        if not self._left:
            self._state = Framer._in_chunk_end
        return at + len(piece)

    def _in_chunk_end(self, data: bytes, at: int) -> int:
        self._buffer += data[at : at + 1]
        if self._buffer == b"\r":
            return at + 1
        if bytes(self._buffer) not in {b"\n", b"\r\n"}:
            return self._bad_chunk("a chunk does not end where its size says", at)
        self._buffer.clear()
        self._state = Framer._in_size
        return at + 1

    def _in_trailers(self, data: bytes, at: int) -> int:
        buffer = self._buffer
        had = len(buffer)
        buffer += data[at : at + MAX_HEAD - had]
        # A section without fields is the blank line alone.
        size = 1 if buffer[:1] == b"\n" else 2 if buffer[:2] == b"\r\n" else blank_line(buffer, had)
        if size:
            self.trailers = fields(bytes(buffer[:size]).split(b"\n"))
            buffer.clear()
            self._finish(self._base + at + size - had)
        elif len(buffer) == MAX_HEAD:
            return self._bad_chunk("the trailers are longer than a mebibyte", at, had, overlong=True)
        return at + (size or len(buffer)) - had

    # What the states share.

    def _finish(self, at: int) -> None:
        self.complete = True
        self.end = at

    def _until_close(self, fault: str | None) -> None:
        self.fault = fault
        self.framing = "close"
        self._state = Framer._in_rest

    def _bad_chunk(self, fault: str, at: int, held: int = 0, overlong: bool = False) -> int:
        """What is no chunk is entity up to the close; so are the `held` bytes of it that came with earlier data."""
        if held and self._sink:
            self._sink(bytes(self._buffer[:held]))
        self._buffer.clear()
        self.overlong = overlong
        self._until_close(fault)
        return at

    def _no_head(self) -> None:
        """The answer has no head, all of it is entity."""
        self.head_end = self.start
        self._until_close(_NO_STATUS_LINE)
        if self._sink:
            self._sink(bytes(self._buffer))
        self._buffer.clear()

    def _cut_head(self) -> None:
        """The connection ended within a head: read what lines there are."""
        whole_lines = bytes(self._buffer[: self._buffer.rfind(b"\n") + 1])
        if whole_lines and not self._read(whole_lines):
            self._no_head()

    def _read(self, head: bytes) -> bool:
        """Set status and fields from a final head, nothing from an interim one; False if it has no status line."""
        lines = head.split(b"\n")
        first = status_line(lines[0])
        if first is None:
            return False
        if first.status // 100 != 1:
            self.version, self.status, self.reason = first
            self.headers = fields(lines[1:])
        return True

    def _take_head(self, head: bytes, at: int) -> bool:
        """A whole head ends at offset `at`: note an interim answer, or how the final one's body is framed."""
        if not self._read(head):
            return False
        if self.status is not None:
            self.head_end = at
            self._frame(at, self.status)
            return True
        self.interim.append(at)
        if len(self.interim) == MAX_INTERIM:
            self.overlong = True
            self.head_end = at
            self._until_close("there are a thousand interim answers")
        return True

    def _frame(self, at: int, status: int) -> None:
        codings = self.values(b"transfer-encoding")
        lengths = self.values(b"content-length")
        if self.version is None or self.version[0] != 1:
            self._until_close("the version is not HTTP/1")
        elif self.method == "HEAD" or status in (204, 304) or (self.method == "CONNECT" and status // 100 == 2):
            self._finish(at)
        elif codings:
            self._both = bool(lengths)
            self._frame_coded([c.strip(b" \t").lower() for c in b",".join(codings).split(b",")])
        elif lengths:
            self._frame_length(b",".join(lengths).split(b","), at)
        else:
            self._until_close(None)

    def _frame_coded(self, codings: list[bytes]) -> None:
        codings = [coding for coding in codings if coding]
        if self.version == (1, 0):
            self._until_close("Transfer-Encoding in an HTTP/1.0 answer")
        elif not codings or not _TRANSFER_CODINGS.issuperset(codings):
            self._until_close("Transfer-Encoding names no known coding")
        elif codings.count(b"chunked") > 1:
            self._until_close("chunked more than once")
        elif codings[-1] != b"chunked":
            self._until_close(None)
        else:
            self.framing = "chunked"
            self._state = Framer._in_size

    def _frame_length(self, values: list[bytes], at: int) -> None:
        lengths = set()
        for value in values:
            digits = value.strip(b" \t").lstrip(b"0")
            if not value.strip(b" \t").isdigit() or len(digits) > 19 or int(digits or b"0") > MAX_LENGTH:
                self._until_close("Content-Length is not a length")
                return
            lengths.add(int(digits or b"0"))
        if len(lengths) > 1:
            self._until_close("two values of Content-Length disagree")
            return
        self.framing = "length"
        self.length = self._left = lengths.pop()
        self._state = Framer._in_length
        if not self.length:
            self._finish(at)
