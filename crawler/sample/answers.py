"""Whole HTTP answers, byte for byte as the sample portal sends them: plain, gzip-coded or chunked."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

HTML = "text/html; charset=utf-8"
# Fixed, so that two loads of a page are equal to the last byte.
DATE = "Fri, 07 Feb 2020 08:20:00 GMT"


@dataclass(frozen=True)
class Answer:
    """`head` ends with the empty line; `framed` is the body as sent, `body` without transfer and content coding."""

    head: bytes
    framed: bytes
    body: bytes

    @property
    def wire(self) -> bytes:
        """The answer to a GET as it crosses the connection."""
        return self.head + self.framed


@dataclass(frozen=True)
class Asked:
    """One request that came in: `head` is all of it, as it was received; `number` counts the requests for this address of this host, from 1.

    `time` is when it came, by the portal's clock.
    """

    host: str
    method: str
    target: str
    head: bytes
    body: bytes
    time: datetime
    number: int


@dataclass(frozen=True)
class Site:
    """One site of the portal: its host name, every answer by path and query, and what an unknown address gets.

    `reply` is asked first: it answers what depends on more than the address (a form's data, the time, how often it was asked), or
    gives None. `articles` is the site's own list of what exists: the address of each article, path and query, once; of a time, if that matters.
    `aliases` are other host names under which all of it is served. A site that is `weak` is served over old TLS only: over plain HTTP its
    connections are reset.
    """

    host: str
    answers: Callable[[], dict[str, Answer]]
    unknown: Callable[[], Answer]
    articles: Callable[[datetime], list[str]]
    reply: Callable[[Asked], Answer | None] | None = None
    aliases: tuple[str, ...] = ()
    weak: bool = False


def plain(body: bytes, media_type: str = HTML, status: str = "200 OK", *fields: str) -> Answer:
    """An ordinary answer with a length; `fields` are further header lines."""
    return Answer(_head(status, media_type, *fields, f"Content-Length: {len(body)}"), body, body)


def moved(status: str, location: str) -> Answer:
    """A redirect with the little page that servers add."""
    page = f'<html><head><title>{status[4:]}</title></head><body><a href="{location}">{location}</a></body></html>\n'
    body = page.encode()
    return plain(body, "text/html; charset=iso-8859-1", status, f"Location: {location}")


def gzipped(body: bytes, media_type: str = HTML) -> Answer:
    """An answer with Content-Encoding: gzip, whether or not the client asked for it, as many portals do."""
    coded = gzip.compress(body, 6, mtime=0)
    fields = ("Content-Encoding: gzip", "Vary: Accept-Encoding", f"Content-Length: {len(coded)}")
    return Answer(_head("200 OK", media_type, *fields), coded, body)


def chunked(body: bytes, media_type: str = HTML) -> Answer:
    """An answer in chunks of odd sizes with a chunk extension and a trailer (RFC 9112, section 7.1)."""
    framed, at, size = b"", 0, 1021
    while at < len(body):
        part = body[at : at + size]
        framed += b"%x;phan=%d\r\n%s\r\n" % (len(part), at, part)
        at += len(part)
        size += 211
    framed += b"0\r\nX-Kiem-Tra: ok\r\n\r\n"
    return Answer(_head("200 OK", media_type, "Trailer: X-Kiem-Tra", "Transfer-Encoding: chunked"), framed, body)


def odd(body: bytes) -> Answer:
    """An answer whose header names come in odd case, with a cookie field twice."""
    lines = [
        "HTTP/1.1 200 OK", f"DATE: {DATE}", "sErVeR: Mau/1.0", "content-TYPE: text/html; charset=utf-8",
        "Set-Cookie: mau_a=1; Path=/lien-he", "SET-COOKIE: mau_b=2; Path=/lien-he", f"content-length:{len(body)}",
    ]
    return Answer("\r\n".join([*lines, "", ""]).encode(), body, body)


def _head(status: str, media_type: str, *fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Date: {DATE}", "Server: Mau/1.0", f"Content-Type: {media_type}", *fields]
    return "\r\n".join([*lines, "", ""]).encode()
