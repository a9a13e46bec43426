from __future__ import annotations

import gzip
import hashlib
import zlib
from io import BytesIO

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.warc.codings import zstd
from archive.warc.payload import Answer, body_of

TEXT = "".join(f"Hội nghị lần thứ {n} tại Thừa Thiên Huế, kỳ họp {n * n}.\n" for n in range(4000)).encode()


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress, "x-gzip": gzip.compress, "GZIP": gzip.compress, "deflate": zlib.compress,
    "br": lambda d: brotli.compress(d, quality=5), "zstd": zstd.compress, "identity": bytes, "": bytes,
}  # fmt: skip


def text_of(*args: object, **options: object) -> tuple[bytes, tuple[str, ...]]:
    body = body_of(*args, **options)  # type: ignore[arg-type]
    return body.data, body.notes


def answer(coding: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize("coding", PACKERS)
def test_codings_are_undone(coding: str) -> None:
    assert text_of(BytesIO(answer(coding, PACKERS[coding](TEXT)) + b"surplus")) == (TEXT, ())


@given(st.binary(max_size=300), st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd"]), max_size=3))
def test_several_codings_are_undone_in_turn(data: bytes, codings: list[str]) -> None:
    packed = data
    for coding in codings:
        packed = PACKERS[coding](packed)
    assert text_of(answer(", ".join(codings), packed))[0] == data


def test_bare_deflate_and_members_are_what_servers_send() -> None:
    assert text_of(answer("deflate", raw_deflate(TEXT))) == (TEXT, ())
    assert text_of(answer("gzip", gzip.compress(TEXT) + gzip.compress(b"") + gzip.compress(TEXT))) == (TEXT * 2, ())
    assert text_of(answer("zstd", zstd.compress(TEXT) * 2)) == (TEXT * 2, ())


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_declared_but_not_applied_is_left_as_it_is(coding: str) -> None:
    assert text_of(answer(coding, TEXT)) == (TEXT, (f"{coding} is declared, but the bytes are not coded so",))
    assert text_of(answer(coding, b"")) == (b"", ())


def test_an_unknown_coding_is_left_as_it_is() -> None:
    assert text_of(answer("aes128gcm", TEXT)) == (TEXT, ("content coding aes128gcm is not known: left as it is",))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_cut_stream_gives_what_there_is(coding: str) -> None:
    packed = PACKERS[coding](TEXT)
    data, notes = text_of(answer(coding, packed[: len(packed) * 3 // 4]))
    assert TEXT.startswith(data)
    assert len(data) > len(TEXT) // 3
    assert notes == (f"{coding} is cut off after {len(data)} decoded bytes",)


def test_damage_in_the_middle_is_said() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[len(packed) // 2] ^= 0xFF
    data, notes = text_of(answer("gzip", bytes(packed)))
    assert data[:1000] == TEXT[:1000]
    assert "damaged" in notes[0] or "cut off" in notes[0]
    assert text_of(answer("gzip", gzip.compress(TEXT) + b"\0\0\0")) == (TEXT, ("bytes follow the gzip stream",))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_stops_at_the_limit(coding: str) -> None:
    bomb = PACKERS[coding](bytes(30_000_000))
    assert text_of(answer(coding, bomb), limit=100_000) == (bytes(100_000), ("more than 100000 bytes: the rest is left out",))
    assert len(body_of(answer(f"{coding}, {coding}", PACKERS[coding](bomb)), limit=100_000).data) <= 100_000


def test_the_digest_knows_no_chunking() -> None:
    plain = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: 1\r\n\r\n"
    expected = "sha256:" + hashlib.sha256(b"hello world").hexdigest()
    assert Answer(plain).digest() == Answer(b"HTTP/1.1 100 Continue\r\n\r\n" + chunked + b"more").digest() == expected


@pytest.mark.parametrize(("status", "method"), [(204, "GET"), (304, "GET"), (200, "HEAD")])
def test_what_has_no_body_has_no_digest(status: int, method: str) -> None:
    block = f"HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\nhello".encode()
    assert Answer(block, method).digest() is None
    assert text_of(block, method) == (b"", ())
