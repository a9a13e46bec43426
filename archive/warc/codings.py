"""Undoes content codings (RFC 9110, section 8.4.1) as a stream: what can be decoded comes out, what cannot is said."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Decoders give out at most this much at once, so that a bomb fills no memory.
_PIECE = 1 << 16
# RFC 9659: a zstd window for the web is at most 8 MiB.
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


class Damaged(Exception):
    """The bytes are not what their coding says."""


class Decoder(Protocol):
    """One member of a coded stream."""

    ended: bool
    rest: bytes

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What `data` decodes to, in small pieces. Raises Damaged. After `ended`, `rest` holds what followed."""
        ...


class _Zlib:
    def __init__(self, window: int) -> None:
        self._decoder = zlib.decompressobj(window)
        self.ended = False
        self.rest = b""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        try:
            piece = self._decoder.decompress(data, _PIECE)
            while piece or self._decoder.unconsumed_tail:
                if piece:
                    yield piece
                # After the end zlib would take its tail as new surplus, over and over.
                tail = self._decoder.unconsumed_tail
                piece = b"" if self._decoder.eof else self._decoder.decompress(tail, _PIECE)
                if self._decoder.eof and not piece:
                    break
        except zlib.error as error:
            raise Damaged from error
        self.ended = self._decoder.eof
        self.rest = self._decoder.unused_data


class _Zstd:
    def __init__(self) -> None:
        self._decoder = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
        self.ended = False
        self.rest = b""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        try:
            piece = self._decoder.decompress(data, _PIECE)
            while piece or not (self._decoder.needs_input or self._decoder.eof):
                if piece:
                    yield piece
                piece = b"" if self._decoder.eof else self._decoder.decompress(b"", _PIECE)
        except zstd.ZstdError as error:
            raise Damaged from error
        self.ended = self._decoder.eof
        self.rest = self._decoder.unused_data


class _Brotli:
    def __init__(self) -> None:
        self._decoder: Any = brotli.Decompressor()
        self.ended = False
        self.rest = b""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        try:
            piece = self._decoder.process(data, output_buffer_limit=_PIECE)
            while piece or not self._decoder.can_accept_more_data():
                if piece:
                    yield piece
                if self._decoder.is_finished():
                    break
                piece = self._decoder.process(b"", output_buffer_limit=_PIECE)
        except brotli.error as error:
            raise Damaged from error
        # Bytes behind the end of a Brotli stream are an error of its decoder: there is no rest to be had.
        self.ended = self._decoder.is_finished()


_CODINGS: dict[str, tuple[Callable[[], Decoder], ...]] = {
    "gzip": (lambda: _Zlib(31),),
    # By the standard zlib's format; many servers send bare deflate.
    "deflate": (lambda: _Zlib(15), lambda: _Zlib(-15)),
    "br": (_Brotli,),
    "zstd": (_Zstd,),
}
_CODINGS["x-gzip"] = _CODINGS["gzip"]


def decode(coded: Iterator[bytes], coding: str, limit: int, notes: list[str]) -> Iterator[bytes]:
    """`coded` with `coding` undone, in pieces of at most 64 KiB; stops soon after `limit` bytes came out.

    Bytes that are not coded so, or whose coding is unknown, come through as they are. `notes` gets a sentence for
    that, and for a stream that was cut off, damaged, or followed by something else.
    """
    makers = _CODINGS.get(coding)
    if makers is None:
        notes.append(f"content coding {coding[:40]} is not known: left as it is")
        yield from coded
        return
    # Held until the first decoded byte proves the coding: if it fails before, these bytes are the text itself.
    held: list[bytes] | None = []
    out = 0
    fed = False
    stream = _Members(makers)
    try:
        for piece in coded:
            fed = fed or bool(piece)
            if held is not None:
                held.append(piece)
            for plain in stream.feed(piece):
                held = None
                out += len(plain)
                yield plain
                if out > limit:
                    return
    except Damaged:
        if held is None:
            notes.append(f"{coding} is damaged after {out} decoded bytes")
        else:
            notes.append(f"{coding} is declared, but the bytes are not coded so")
            yield from held
            yield from coded
        return
    if stream.surplus:
        notes.append(f"bytes follow the {coding} stream")
    elif fed and not stream.ended:
        notes.append(f"{coding} is cut off after {out} decoded bytes")


class _Members:
    """A coded stream: one member, or several one after the other as gzip and zstd allow."""

    def __init__(self, makers: tuple[Callable[[], Decoder], ...]) -> None:
        self._makers = makers
        self._decoder: Decoder = makers[0]()
        self._raw: list[bytes] = []
        self._proved = False
        self.ended = False
        self.surplus = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` decodes to. Raises Damaged where no maker's decoder gets through the first member's start."""
        if self.surplus or not data:
            return
        if not self._proved:
            yield from self._first(data)
        else:
            yield from self._pieces(data)

    def _first(self, data: bytes) -> Iterator[bytes]:
        self._raw.append(data)
        while True:
            try:
                for piece in self._pieces(data):
                    self._proved = True
                    yield piece
            except Damaged:
                if self._proved or len(self._makers) == 1:
                    raise
                self._makers = self._makers[1:]
                self._decoder, data = self._makers[0](), b"".join(self._raw)
                continue
            return

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        while data and not self.surplus:
            if self.ended:
                self._decoder, self.ended = self._makers[0](), False
                if not self._starts_member(data):
                    self.ended = self.surplus = True
                    return
            yield from self._decoder.pieces(data)
            self.ended, data = self._decoder.ended, self._decoder.rest

    def _starts_member(self, data: bytes) -> bool:
        """Whether `data`, after the end of a member, begins another one rather than padding."""
        if isinstance(self._decoder, _Zlib):
            return data[:2] == b"\x1f\x8b" or data == b"\x1f"
        return isinstance(self._decoder, _Zstd) and data[:4] == b"\x28\xb5\x2f\xfd"[: len(data)]
