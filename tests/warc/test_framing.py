from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from archive.warc.framing import MAX_HEAD, Framer
from archive.warc.payload import Answer

FACTS = (
    "interim", "head_end", "end", "complete", "fault", "status", "reason", "version", "headers", "framing", "length",
    "entity_length", "reusable", "trailers", "overlong", "fed",
)  # fmt: skip


def facts(framer: Framer) -> dict[str, object]:
    return {name: getattr(framer, name) for name in FACTS}


def fed(pieces: list[bytes], method: str = "GET", clean: bool = True, close: bool = True) -> tuple[dict, bytes]:
    got: list[bytes] = []
    framer = Framer(method, got.append)
    for piece in pieces:
        framer.feed(piece)
    if close:
        framer.close(clean)
    return facts(framer), b"".join(got)


def split(data: bytes, at: list[int]) -> list[bytes]:
    cuts = [0, *sorted(cut % (len(data) + 1) for cut in at), len(data)]
    return [data[a:b] for a, b in pairwise(cuts)]


TOKENS = [
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 \n", b"HTTP/1.1 103 Early\r\n\r\n", b"HTTP/1.1 304 No\r\n", b"HTTP/2.0 200\r\n",
    b"Content-Length: 5\r\n", b"Content-Length : 4,4\n", b"Content-Length: +5\r\n", b"Transfer-Encoding: chunked\r\n",
    b"transfer-encoding:gzip, chunked\r\n", b" folded\r\n", b"no colon\r\n", b"Connection: close\r\n", b"\r\n", b"\n", b"\r",
    b"5\r\nhello\r\n", b"3;a=b\nabc\n", b"0\r\n", b"X: y\r\n", b"ffffffffffffffff\r\n", b"zz", b"HTT", b"\x00\xff",
]  # fmt: skip
ANSWERS = st.lists(st.sampled_from(TOKENS), max_size=14).map(b"".join)


@given(st.one_of(ANSWERS, st.binary(max_size=200)), st.lists(st.integers(0, 400)), st.sampled_from(["GET", "HEAD"]), st.booleans())
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nContent-Length: 5\r\n", [48], "GET", False)  # begins like a chunk's size
def test_any_split_gives_the_same(data: bytes, at: list[int], method: str, clean: bool) -> None:
    whole = fed([data], method, clean)
    assert fed(split(data, at), method, clean) == whole
    assert fed([data[i : i + 1] for i in range(len(data))], method, clean) == whole


def test_trailers_that_are_too_long_are_entity_however_they_come():
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * (MAX_HEAD // 6 + 1)
    assert fed([data[:60], data[60:]]) == fed([data])


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=8),
    st.lists(st.sampled_from([b"", b";x", b' ; q="a;b"', b";v=\xe1\xbb\x87"])),
    st.sampled_from([b"\r\n", b"\n"]),
    st.sampled_from([b"", b"X-Sum: 1\r\n", b"A: 1\nB: 2\n"]),
    st.binary(max_size=20),
)
def test_what_is_chunked_comes_out_whole(pieces: list[bytes], extensions: list[bytes], eol: bytes, trailers: bytes, surplus: bytes) -> None:
    body = b""
    for number, piece in enumerate(pieces):
        body += b"%x%s%s%s%s" % (len(piece), (extensions[number:] or [b""])[0], eol, piece, eol)
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n" + body + b"0" + eol + trailers + eol
    got, entity = fed([answer + surplus])
    assert (got["complete"], got["fault"], got["end"]) == (True, None, len(answer))
    assert entity == b"".join(pieces) == b"".join(Answer(answer + surplus).entity())
    assert len(got["trailers"]) == trailers.count(b":")  # type: ignore[arg-type]
    assert got["reusable"] is not bool(surplus)


def test_a_chunk_that_lies_makes_all_of_the_body_the_entity() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"3\r\nabc\r\nnonsense\r\n0\r\n\r\n"
    got, _ = fed([head, body])
    assert (got["framing"], got["end"], got["entity_length"]) == ("close", len(head + body), len(body))
    assert b"".join(Answer(head + body).entity()) == body


def test_a_body_that_is_not_chunked_at_all_is_seen_without_a_line_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for body in (b"<html>" + b"x" * 200_000, b"add <html>" + b"x" * 200_000, b"add <html>"):
        got, _ = fed([head, body[:7], body[7:]])
        assert (got["framing"], got["entity_length"], got["overlong"], got["complete"]) == ("close", len(body), False, True)


def test_an_endless_head_is_given_up_after_a_mebibyte() -> None:
    line = b"X-Filler: " + b"y" * 90 + b"\r\n"
    framer = Framer()
    framer.feed(b"HTTP/1.1 200 OK\r\n")
    while not framer.overlong:
        framer.feed(line)
    assert framer.fed - MAX_HEAD < len(line)
    assert (framer.status, framer.head_end, framer.entity_length) == (200, None, 0)


def test_fields_are_read_leniently() -> None:
    head = b"HTTP/1.1 200\r\n lost\r\nA:  1 \r\nb\t: 2\r\n\t3\r\n  4\r\nnothing\r\n more\r\nC: \r\n : x\nA: H\xc3\xa0\r\n\r\n"
    framer = Framer()
    framer.feed(head)
    assert framer.headers == [(b"A", b"1"), (b"b", b"2 3 4"), (b"C", b": x"), (b"A", b"H\xc3\xa0")]
    assert framer.reason == b""


def test_a_cut_head_is_no_answer_with_an_entity() -> None:
    got, entity = fed([b"HTTP/1.1 200 OK\r\nContent-Le"])
    assert (got["status"], got["complete"], got["head_end"], entity) == (200, False, None, b"")
    assert Answer(b"HTTP/1.1 200 OK\r\nContent-Le").digest() is None
