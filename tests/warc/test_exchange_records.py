"""What an exchange becomes: whole records compared, then every promise of the WARC checklist."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from exchanges import PAGE, REQUEST, STARTED, answer, chunked, exchange, ids
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import WARCIterator

from archive.model import Failure, TlsFacts
from archive.warc.arrivals import read_arrival
from archive.warc.exchanges import Original, Scribe, records_of
from archive.warc.payload import Answer
from archive.warc.reader import open_record
from archive.warc.records import HTTP_RESPONSE, OCTETS

CHAIN = TlsFacts("tls/1.3", "TLS_AES_256_GCM_SHA384", False, "certificate has expired", (b"leaf", b"root"))


def made(given, original=None, scribe=None, **more):
    scribe = scribe or Scribe("urn:uuid:info", ids())
    return records_of(given, read_arrival(given), scribe, original=original, **more)


def written(record):
    return open_record(record.member(), "gzip")


def test_a_plain_exchange_is_two_records_word_for_word():
    body = "xin chào".encode()
    wire = answer(body)
    response, request = made(exchange(wire))
    assert response.head().decode() == (
        "WARC/1.1\r\n"
        "WARC-Type: response\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        "WARC-Date: 2026-01-10T08:15:00.123456Z\r\n"
        "WARC-Target-URI: http://hue.example/tin-tuc\r\n"
        "WARC-Warcinfo-ID: <urn:uuid:info>\r\n"
        "WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000002>\r\n"
        "WARC-IP-Address: 192.0.2.7\r\n"
        "WARC-Protocol: http/1.1\r\n"
        f"WARC-Payload-Digest: sha256:{hashlib.sha256(body).hexdigest()}\r\n"
        f"WARC-Block-Digest: sha256:{hashlib.sha256(wire).hexdigest()}\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(wire)}\r\n\r\n"
    )
    assert request.head().decode() == (
        "WARC/1.1\r\n"
        "WARC-Type: request\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000002>\r\n"
        "WARC-Date: 2026-01-10T08:15:00.123456Z\r\n"
        "WARC-Target-URI: http://hue.example/tin-tuc\r\n"
        "WARC-Warcinfo-ID: <urn:uuid:info>\r\n"
        "WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        "WARC-IP-Address: 192.0.2.7\r\n"
        "WARC-Protocol: http/1.1\r\n"
        f"WARC-Block-Digest: sha256:{hashlib.sha256(REQUEST).hexdigest()}\r\n"
        "Content-Type: application/http; msgtype=request\r\n"
        f"Content-Length: {len(REQUEST)}\r\n\r\n"
    )


@given(st.binary(max_size=3000), st.binary(max_size=200))
def test_any_bytes_come_back_equal_and_others_can_read_them(body, request):
    given = exchange(answer(body, b"X-La:\xea \x00", b"no colon", b" folded"), request=request)
    records = made(given)
    wire, sent = given.response.getvalue(), {"request": request}
    theirs = [r for r in records if r.content_type in (HTTP_RESPONSE, OCTETS)]
    assert b"".join(written(r).read() for r in theirs) == wire
    assert all(written(r).read() == sent[r.type] for r in records if r.type in sent)
    file = b"".join(b"".join(record.member()) for record in records)
    lengths = [len(record.block) for record in records]
    assert [len(r.content_stream().read()) for r in WARCIterator(BytesIO(file), no_record_parse=True)] == lengths
    fast = FastIterator(BytesIO(file), parse_http=False)
    assert [(r.content_length, r.verify_block_digest()) for r in fast] == [(n, True) for n in lengths]


@given(st.binary(min_size=1, max_size=2000))
def test_bytes_that_are_no_http_are_kept_too(wire):
    records = made(exchange(wire))
    theirs = [r for r in records if r.content_type in (HTTP_RESPONSE, OCTETS)]
    assert b"".join(written(r).read() for r in theirs) == wire


@given(st.binary(min_size=1, max_size=5000), st.integers(1, 700), st.integers(1, 700))
def test_chunking_does_not_change_the_payload_digest(body, one, other):
    first, second = made(exchange(chunked(body, one)))[0], made(exchange(chunked(body, other)))[0]
    assert first.payload_sha256 == second.payload_sha256 == hashlib.sha256(body).digest()
    assert Answer(first.block).digest() == f"sha256:{first.payload_sha256.hex()}"


@pytest.mark.parametrize(("status", "method"), [(b"204 No Content", "GET"), (b"304 Not Modified", "GET"), (b"200 OK", "HEAD")])
def test_an_answer_without_payload_has_no_payload_digest(status, method):
    response = made(exchange(b"HTTP/1.1 " + status + b"\r\nContent-Length: 9\r\n\r\n", method=method))[0]
    assert written(response).head.get("WARC-Payload-Digest") is None


def test_an_invalid_chunk_makes_the_entity_all_that_follows_the_head():
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"
    response, _, said = made(exchange(wire))
    assert response.payload_sha256 == hashlib.sha256(b"3\r\nabc\r\nzz\r\n").digest()
    assert f"sha256:{response.payload_sha256.hex()}" == Answer(wire).digest()
    assert b"framing-fault: " in said.block


def test_interim_answers_and_surplus_are_records_of_their_own():
    early, late = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nsmuggled"
    response, request, interim, surplus = made(exchange(early + answer(b"x") + late))
    assert written(response).read() == answer(b"x")
    assert [written(r).head.get("Content-Type") for r in (interim, surplus)] == [
        "application/http; msgtype=response", "application/octet-stream",
    ]  # fmt: skip
    assert [r.block for r in (interim, surplus)] == [early, late]
    assert {r.type for r in (interim, surplus)} == {"metadata"}
    assert all(written(r).head.uri("WARC-Concurrent-To") == response.record_id for r in (request, interim, surplus))


def test_a_cut_answer_says_why():
    response, _, said = made(exchange(answer(PAGE)[:200], truncated="disconnect", failure=Failure("closed", "server\r\nhung up")))
    assert written(response).head.get("WARC-Truncated") == "disconnect"
    assert said.block.decode().splitlines() == [
        "truncated: disconnect after 200 bytes", "failure: closed", "failure-cause: server hung up", "fetchTimeMs: 250",
    ]  # fmt: skip


def test_an_attempt_without_an_answer_keeps_its_request_and_the_cause():
    request, said = made(exchange(failure=Failure("timeout", "no answer within 30 s")), via="http://hue.example/", hops="L")
    assert (request.type, request.block) == ("request", REQUEST)
    assert said.block == (
        b"failure: timeout\r\nfailure-cause: no answer within 30 s\r\nvia: http://hue.example/\r\nhopsFromSeed: L\r\n"
        b"fetchTimeMs: 250\r\n"
    )
    (alone,) = made(exchange(request=b"", failure=Failure("dns", "no such name")))
    assert alone.type == "metadata"
    assert written(alone).head.get("WARC-Concurrent-To") is None


def test_the_handshake_is_told_and_its_chain_kept_once_a_run():
    scribe = Scribe("urn:uuid:info", ids())
    response, request, chain, said = made(exchange(answer(b"x"), tls=CHAIN), scribe=scribe)
    for record in (response, request):
        assert written(record).head.all("WARC-Protocol") == ["http/1.1", "tls/1.3"]
        assert written(record).head.get("WARC-Cipher-Suite") == "TLS_AES_256_GCM_SHA384"
    assert (chain.type, chain.content_type) == ("resource", "application/pem-certificate-chain")
    assert chain.block.count(b"-----BEGIN CERTIFICATE-----") == 2
    assert said.block.decode().splitlines()[:6] == [
        "tls-version: tls/1.3", "tls-cipher: TLS_AES_256_GCM_SHA384", "tls-verified: no", "tls-error: certificate has expired",
        f"tls-certificate-sha256: {hashlib.sha256(b'leaf').hexdigest()}",
        f"tls-certificate-sha256: {hashlib.sha256(b'root').hexdigest()}",
    ]  # fmt: skip
    assert f"tls-certificates: <{chain.record_id}>" in said.block.decode()
    assert [r.type for r in made(exchange(answer(b"x"), tls=CHAIN), scribe=scribe)] == ["response", "request", "metadata"]


def test_through_a_proxy_nothing_is_claimed_of_the_portal():
    given = exchange(answer(b"x"), tls=CHAIN, proxy="proxy.example:3128", proxy_reply=b"HTTP/1.1 200 ok\r\n\r\n")
    response, request, said = made(given)
    for record in (response, request):
        assert not {"WARC-IP-Address", "WARC-Protocol", "WARC-Cipher-Suite"} & {n for n, _ in written(record).head.fields}
    assert said.block == (
        b"proxy: proxy.example:3128\r\nproxy-reply: HTTP/1.1 200 ok\\r\\n\\r\\n\r\nfetchTimeMs: 250\r\n"
    )


def test_what_the_operator_changed_is_declared():
    said = made(exchange(answer(b"x"), blanked=("Authorization",), resolved="127.0.0.1"))[-1]
    assert said.block.startswith(b"resolved-by-operator: 127.0.0.1\r\nblanked-request-field: Authorization\r\n")


def test_a_revisit_says_everything_needed_to_replay_it():
    wire = answer(PAGE)
    revisit, request = made(exchange(wire), Original("urn:uuid:first", "http://hue.example/a", "2026-01-01T00:00:00.000000Z"))
    head = written(revisit).head
    assert (revisit.type, revisit.block) == ("revisit", wire[: -len(PAGE)])
    assert head.get("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert head.uri("WARC-Refers-To") == "urn:uuid:first"
    assert head.get("WARC-Refers-To-Target-URI") == "http://hue.example/a"
    assert head.get("WARC-Refers-To-Date") == "2026-01-01T00:00:00.000000Z"
    assert head.get("WARC-Payload-Digest") == f"sha256:{hashlib.sha256(PAGE).hexdigest()}"
    assert head.get("WARC-Truncated") == "length"
    assert not [n for n, _ in written(request).head.fields if n.startswith("WARC-Refers-To")]


def test_a_large_block_is_written_piece_by_piece_and_equal():
    wire = answer(PAGE * 2000)
    assert len(wire) > 1 << 20
    response = made(exchange(wire))[0]
    assert not isinstance(response.block, bytes)
    assert written(response).read() == wire
    assert response.block_sha256 == hashlib.sha256(wire).digest()
    assert response.payload_sha256 == hashlib.sha256(PAGE * 2000).digest()


def test_no_value_can_break_out_of_its_line():
    response = made(exchange(answer(b"x"), url="http://hue.example/a b\r\nWARC-Type: resource"))[0]
    assert written(response).head.all("WARC-Type") == ["response"]
    assert written(response).head.get("WARC-Target-URI") == "http://hue.example/a%20bWARC-Type:%20resource"
    assert response.time == STARTED
