"""Hostile answers. Each says itself, by hand, where its messages end: nothing here is computed by the code under test."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass

from server import Wire

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = b"0123456789abcdef" * 20_000
# The engine of these tests reads bodies up to here, and waits so many seconds.
MAXSIZE = 1_000_000
PATIENCE = 1.0


@dataclass(frozen=True)
class Case:
    """`interim` messages, then `answer` up to where it ends, then `surplus`; `then` is what the server does afterwards.

    `fault`: the framing or head is invalid. `kind`: the failure's. `endless`: the server sends more than is kept.
    """

    name: str
    answer: bytes
    interim: tuple[bytes, ...] = ()
    surplus: bytes = b""
    then: str = "close"
    truncated: str | None = None
    fault: bool = False
    kind: str | None = None
    method: str = "GET"
    pieces: int = 0
    endless: bytes = b""

    def script(self, wire: Wire) -> None:
        whole = b"".join(self.interim) + self.answer + self.surplus
        if self.pieces:
            wire.drip(whole, self.pieces)
        elif whole:
            wire.send(whole)
        if self.endless:
            wire.endless(self.endless)
        elif self.then == "stall":
            wire.stall()
        elif self.then == "drip":
            wire.drip(b"x" * 100_000, 1, 0.05)


def case(name: str, answer: bytes, **facts: object) -> Case:
    return Case(name, answer, **facts)  # type: ignore[arg-type]


def with_length(body: bytes, *fields: bytes) -> bytes:
    return OK + b"".join(field + b"\r\n" for field in fields) + b"Content-Length: %d\r\n\r\n" % len(body) + body


HEADS = [
    case("no reason", b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi"),
    case("empty reason", b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi"),
    case("odd reason", b"HTTP/1.1 200  R\xc3\xa2t \t t\xe1\xbb\x91t \r\nContent-Length: 2\r\n\r\nhi"),
    case("status 999", b"HTTP/1.1 999 What\r\nContent-Length: 2\r\n\r\nhi"),
    case("folded", OK + b"X-Long: one\r\n two\r\n\tthree\r\nContent-Length: 2\r\n\r\nhi"),
    case("folded length", OK + b"Content-Length:\r\n 2\r\n\r\nhi"),
    case("first line folded", OK + b" lost: 1\r\nContent-Length: 2\r\n\r\nhi"),
    case("no colon", OK + b"this line has none\r\nContent-Length: 2\r\n\r\nhi"),
    case("only a colon", OK + b":\r\n: x\r\nContent-Length: 2\r\n\r\nhi"),
    case("blank before colon", OK + b"Content-Length : 2\r\n\r\nhi"),
    case("Latin-1", OK + b"X-Town: Hu\xea \xe0\xe1\r\nContent-Length: 2\r\n\r\nhi"),
    case("NUL", OK + b"X-Nul: a\x00b\r\nContent-Length: 2\r\n\r\nhi"),
    case("control bytes", OK + bytes(range(1, 9)) + b": \x0b\x0c\x1b\x7f\r\nContent-Length: 2\r\n\r\nhi"),
    case("bare CR in a value", OK + b"X-A: one\rtwo\r\nContent-Length: 2\r\n\r\nhi"),
    case("odd case and duplicates", OK + b"sEt-cOOkie: a=1\r\nSet-Cookie: a=2\r\nSET-COOKIE:a=3\r\ncontent-LENGTH:2\r\n\r\nhi"),
    case("64 kB", OK + b"X-Big: " + b"y" * 65_536 + b"\r\nContent-Length: 2\r\n\r\nhi"),
    case("900 fields", OK + b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(900)) + b"Content-Length: 2\r\n\r\nhi"),
    case("bare LF", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"),
    case("mixed line ends", b"HTTP/1.1 200 OK\nA: 1\r\nContent-Length: 2\n\r\nhi"),
    case("head byte by byte", with_length(b"hi", b"A: 1"), pieces=1),
    case("version 1.2", b"HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    case("version 2.0", b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nhi and more", fault=True),
    case("HTTP/0.9", b"<html>an answer of 1991</html>\r\n", fault=True, kind="http"),
    case("starts like HTTP", b"HTTPS is not HTTP\r\n\r\nhi", fault=True, kind="http"),
    case("status of two digits", b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nhi!", fault=True, kind="http"),
    case("leading blank line", b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", fault=True, kind="http"),
    case("lower-case http", b"http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", fault=True, kind="http"),
    case("ICY", b"ICY 200 OK\r\nContent-Length: 2\r\n\r\nhi", fault=True, kind="http"),
    case("nothing", b"", kind="closed"),
    case("nothing, reset", b"", then="reset", kind="reset"),
    case("head cut in the status line", b"HTTP/1.1 20", truncated="disconnect", kind="closed"),
    case("head cut", OK + b"Content-Len", truncated="disconnect", kind="closed"),
    case("head stalls", OK + b"Content-Len", then="stall", truncated="time", kind="timeout"),
    case("endless head", OK, endless=b"X-More: " + b"z" * 2000 + b"\r\n", truncated="length", fault=True, kind="length"),
    case("endless line", OK + b"X-More: ", endless=b"z" * 5000, truncated="length", fault=True, kind="length"),
]

LENGTHS = [
    case("length 0", OK + b"Content-Length: 0\r\n\r\n"),
    case("length with zeros", OK + b"Content-Length: 0002\r\n\r\nhi"),
    case("body with NULs", with_length(bytes(range(256)) * 40)),
    case("body of 320 kB", with_length(LONG)),
    case("body in tiny pieces", with_length(b"x" * 300), pieces=7),
    case("length too long", OK + b"Content-Length: 10\r\n\r\nhi", truncated="disconnect", kind="closed"),
    case("length too long, reset", OK + b"Content-Length: 10\r\n\r\nhi", then="reset", truncated="disconnect", kind="reset"),
    case("length too long, stalls", OK + b"Content-Length: 10\r\n\r\nhi", then="stall", truncated="time", kind="timeout"),
    case("length too short", OK + b"Content-Length: 2\r\n\r\nhi", surplus=b"dden truth"),
    case("second answer unasked", with_length(b"hi"), surplus=with_length(b"ho")),
    case("twice the same", OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi"),
    case("list of the same", OK + b"Content-Length: 2, 02 ,2\r\n\r\nhi", surplus=b"more"),
    case("conflicting", OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi there", fault=True),
    case("conflicting list", OK + b"Content-Length: 2, 3\r\n\r\nhi there", fault=True),
    case("negative", OK + b"Content-Length: -2\r\n\r\nhi there", fault=True),
    case("plus sign", OK + b"Content-Length: +2\r\n\r\nhi there", fault=True),
    case("words", OK + b"Content-Length: two\r\n\r\nhi there", fault=True),
    case("hexadecimal", OK + b"Content-Length: 0x2\r\n\r\nhi there", fault=True),
    case("empty length", OK + b"Content-Length: \r\n\r\nhi there", fault=True),
    case("overflow", OK + b"Content-Length: 99999999999999999999\r\n\r\nhi there", fault=True),
    case("huge but allowed", OK + b"Content-Length: 9223372036854775807\r\n\r\nhi", truncated="disconnect", kind="closed"),
    case("no length", OK + b"\r\nuntil the end"),
    case("no length, Connection: close", OK + b"Connection: close\r\n\r\nuntil the end"),
    case("no length, no body", OK + b"\r\n"),
    case("no length, reset", OK + b"\r\nuntil", then="reset", truncated="disconnect", kind="reset"),
    case("no length, stalls", OK + b"\r\nuntil", then="stall", truncated="time", kind="timeout"),
    case("no length, drips on", OK + b"\r\n", then="drip", truncated="time", kind="timeout", endless=b""),
    case("endless body", OK + b"\r\n", endless=b"0123456789" * 7000, truncated="length", kind="length"),
    case("over the limit by its length", OK + b"Content-Length: 900000000\r\n\r\n", endless=b"x" * 50_000, truncated="length", kind="length"),
    case("HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\nuntil the end"),
    case("HTTP/1.0 with length", b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", surplus=b"!"),
    case("HTTP/1.0 keep-alive", b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi"),
    case("HTTP/1.0 chunked", b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", surplus=b"", fault=True),
]

CHUNKS = [
    case("chunked", CHUNKED + b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
    case("no chunk", CHUNKED + b"0\r\n\r\n"),
    case("chunked, byte by byte", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", pieces=1),
    case("extensions", CHUNKED + b'5;a;b="c;d"\r\nhello\r\n6 ; e=\xe1\xbb\x87\r\n world\r\n0;f\r\n\r\n'),
    case("long extension", CHUNKED + b"2;" + b"e" * 60_000 + b"\r\nhi\r\n0\r\n\r\n"),
    case("trailers", CHUNKED + b"2\r\nhi\r\n0\r\nX-Sum: 1\r\nx-sum : 2\r\n folded\r\n\r\n"),
    case("chunks with bare LF", CHUNKED + b"2\nhi\n0\nX-T: 1\n\n"),
    case("sizes with zeros and case", CHUNKED + b"000A\r\n0123456789\r\na\r\n0123456789\r\n0000\r\n\r\n"),
    case("line ends within chunks", CHUNKED + b"6\r\n\r\n0\r\n\r\r\n0\r\n\r\n"),
    case("2000 chunks", CHUNKED + b"1\r\nx\r\n" * 2000 + b"0\r\n\r\n"),
    case("surplus behind chunks", CHUNKED + b"2\r\nhi\r\n0\r\n\r\n", surplus=b"\r\n\r\n"),
    case("chunked over length", OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", surplus=b"x"),
    case("coding's case", OK + b"tRANSFER-eNCODING:\tCHUNKED \r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
    case("gzip, chunked", OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", surplus=b"y"),
    case("chunked, gzip", OK + b"Transfer-Encoding: chunked, gzip\r\n\r\n2\r\nhi\r\n0\r\n\r\nz"),
    case("chunked twice", OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nz", fault=True),
    case("unknown coding", OK + b"Transfer-Encoding: xchunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nz", fault=True),
    case("chunked with a vertical tab", OK + b"Transfer-Encoding: \x0bchunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nz", fault=True),
    case("identity", OK + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi there"),
    case("declared chunked, is not", CHUNKED + b"<html>not chunked at all</html>", fault=True),
    case("chunk of size nothing", CHUNKED + b"2\r\nhi\r\n\r\n0\r\n\r\n", fault=True),
    case("chunk size with 0x", CHUNKED + b"0x2\r\nhi\r\n0\r\n\r\n", fault=True),
    case("chunk size negative", CHUNKED + b"-2\r\nhi\r\n0\r\n\r\n", fault=True),
    case("chunk too short", CHUNKED + b"2\r\nhidden\r\n0\r\n\r\n", fault=True),
    case("chunk size enormous", CHUNKED + b"fffffffffffffffff\r\nhi\r\n0\r\n\r\n", fault=True),
    case("chunk size at the brim", CHUNKED + b"7fffffffffffffff\r\nhi", truncated="disconnect", kind="closed"),
    case("cut in a chunk", CHUNKED + b"a\r\nhi", truncated="disconnect", kind="closed"),
    case("cut between chunks", CHUNKED + b"2\r\nhi\r\n", truncated="disconnect", kind="closed"),
    case("cut before the last line", CHUNKED + b"2\r\nhi\r\n0\r\n", truncated="disconnect", kind="closed"),
    case("chunk stalls", CHUNKED + b"a\r\nhi", then="stall", truncated="time", kind="timeout"),
    case("endless chunks", CHUNKED, endless=b"1000\r\n" + b"x" * 4096 + b"\r\n", truncated="length", kind="length"),
    case("endless trailers", CHUNKED + b"2\r\nhi\r\n0\r\n", endless=b"X-T: " + b"t" * 3000 + b"\r\n", truncated="length", fault=True, kind="length"),
    case("endless extension", CHUNKED + b"2;", endless=b"e" * 9000, truncated="length", fault=True, kind="length"),
]

BODILESS = [
    case("HEAD", OK + b"Content-Length: 12345\r\n\r\n", method="HEAD"),
    case("HEAD, chunked", CHUNKED, method="HEAD"),
    case("HEAD, with a body", OK + b"Content-Length: 2\r\n\r\n", surplus=b"hi", method="HEAD"),
    case("HEAD, no length", OK + b"\r\n", method="HEAD"),
    case("204", b"HTTP/1.1 204 No Content\r\n\r\n"),
    case("204 with a body", b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", surplus=b"oops"),
    case("304", b'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\nETag: W/"1"\r\n\r\n'),
    case("304 chunked", b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", surplus=b"0\r\n\r\n"),
    case("205 with a body", b"HTTP/1.1 205 Reset\r\nContent-Length: 2\r\n\r\nhi"),
    case("redirect with a body", b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\nhi"),
    case("redirect to itself", b"HTTP/1.1 301 Moved\r\nLocation: /redirect-to-itself\r\nContent-Length: 0\r\n\r\n"),
    case("503", b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 4\r\n\r\nbusy"),
]

INTERIM = [
    case("100", with_length(b"hi"), interim=(b"HTTP/1.1 100 Continue\r\n\r\n",)),
    case("103 and fields", with_length(b"hi"), interim=(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",)),
    case("three", with_length(b"hi"), interim=(b"HTTP/1.1 100 \r\n\r\n", b"HTTP/1.1 102 P\n\n", b"HTTP/1.1 103\r\nA: 1\r\n\r\n")),
    case("interim with a length", with_length(b"hi"), interim=(b"HTTP/1.1 103 E\r\nContent-Length: 10\r\n\r\n",)),
    case("101", with_length(b"hi"), interim=(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",)),
    case("interim, byte by byte", with_length(b"hi"), interim=(b"HTTP/1.1 103 E\r\nA: 1\r\n\r\n",), pieces=1),
    case("only interim", b"", interim=(b"HTTP/1.1 103 E\r\n\r\n",), kind="closed"),
    case("interim, then junk", b"<html>", interim=(b"HTTP/1.1 103 E\r\n\r\n",), fault=True, kind="http"),
    case("interim, then a cut", b"HTTP/1.1 2", interim=(b"HTTP/1.1 103 E\r\n\r\n",), truncated="disconnect", kind="closed"),
]

_GZIP = gzip.compress(LONG)
CODINGS = [
    case("gzip", with_length(_GZIP, b"Content-Encoding: gzip")),
    case("gzip, chunked in the middle", OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + b"7\r\n" + _GZIP[:7] + b"\r\n%x\r\n" % (len(_GZIP) - 7) + _GZIP[7:] + b"\r\n0\r\n\r\n"),
    case("gzip, not declared", with_length(_GZIP)),
    case("gzip, declared only", with_length(b"plain", b"Content-Encoding: gzip")),
    case("gzip twice", with_length(gzip.compress(_GZIP), b"Content-Encoding: gzip, gzip")),
    case("gzip, cut inside", with_length(_GZIP[:100], b"Content-Encoding: gzip")),
    case("bare deflate", with_length(zlib.compress(LONG)[2:-4], b"Content-Encoding: deflate")),
    case("unknown content coding", with_length(b"???", b"Content-Encoding: x-own")),
]

CASES = HEADS + LENGTHS + CHUNKS + BODILESS + INTERIM + CODINGS
