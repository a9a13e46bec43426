"""What one pass over a record tells of its digests."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.warc.examine import examine, parse_digest
from archive.warc.payload import Answer
from archive.warc.reader import open_record

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"3\r\nHu\xe1\r\n2;x=y\r\n\xba\xbf\r\n0\r\n\r\n"


def look(block: bytes, *fields: str, kind: str = "response", step: int = 7, method: str = "GET"):
    lines = "\r\n".join(["WARC/1.1", f"WARC-Type: {kind}", "Content-Type: application/http", *fields])
    data = lines.encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(block) + block + b"\r\n\r\n"
    pieces = [data[i : i + step] for i in range(0, len(data), step)]
    return examine(open_record(pieces, "identity"), method)


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize(
    ("payload", "holds", "reading"),
    [("Huế".encode(), True, "entity"), (CHUNKS, True, "framed"), (b"Hue", False, "entity")],
)
def test_both_readings_of_a_payload_digest(step, payload, holds, reading):
    found = look(HEAD + CHUNKS, f"WARC-Payload-Digest: {sha1(payload)}", step=step)
    assert found.payload_sha256 == hashlib.sha256("Huế".encode()).digest()
    assert [(d.holds, d.reading) for d in found.declared] == [(holds, reading)]


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_broken_chunks_make_the_rest_the_payload(step):
    block = HEAD + b"3\r\nabc\r\nno chunk\r\n"
    found = look(block, step=step)
    assert found.payload_sha256 == hashlib.sha256(block[len(HEAD) :]).digest()


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_without_a_status_line_everything_is_the_payload(step):
    assert look(b"HTML <p>", step=step).payload_sha256 == hashlib.sha256(b"HTML <p>").digest()


@settings(deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"", HEAD, HEAD + CHUNKS, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"]), st.integers(1, 90))
def test_one_pass_and_two_give_the_same_payload(tail, start, step):
    said = Answer(start + tail).digest()
    found = look(start + tail, step=step).payload_sha256
    assert said == (f"sha256:{found.hex()}" if found else None)


def test_surplus_belongs_to_the_other_reading():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    for payload, reading in ((b"abc", "entity"), (b"abcdef", "framed")):
        (said,) = look(head + b"abcdef", f"WARC-Payload-Digest: {sha1(payload)}").declared
        assert (said.holds, said.reading) == (True, reading)


def test_what_has_no_payload_has_no_digest():
    assert look(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", method="HEAD").payload_sha256 is None
    assert look(b"HTTP/1.1 304 Not Modified\r\n\r\n").payload_sha256 is None
    assert look(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").payload_sha256 == hashlib.sha256().digest()


def test_a_requests_payload_is_its_body():
    found = look(b"POST / HTTP/1.1\r\n\r\nq=Hu", f"WARC-Payload-Digest: {sha1(b'q=Hu')}", kind="request")
    assert [d.holds for d in found.declared] == [True]
    assert found.payload_sha256 is None


def test_a_revisit_declares_anothers_payload():
    found = look(b"HTTP/1.1 200 OK\r\n\r\n", f"WARC-Payload-Digest: sha256:{'ab' * 32}", kind="revisit")
    assert (found.declared, found.payload_sha256) == ([], bytes.fromhex("ab" * 32))


def test_digests_in_the_ways_they_are_written():
    digest = hashlib.sha1(b"x").digest()
    for text in (digest.hex(), digest.hex().upper(), base64.b32encode(digest).decode(), base64.b32encode(digest).decode().lower()):
        assert parse_digest(f"SHA-1:{text}") == ("sha1", digest)
    assert parse_digest("sha256:" + base64.b32encode(hashlib.sha256(b"x").digest()).decode())[1] == hashlib.sha256(b"x").digest()
    assert parse_digest("crc32:1234")[1] is None
    assert parse_digest("sha1:tooshort")[1] is None
