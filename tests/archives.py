"""Archives for tests, made through the door in: a small portal's crawl with everything that an archive can hold."""

from __future__ import annotations

import gzip
import itertools
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from archive.cleaning.clean import clean
from archive.cleaning.rules import Rules
from archive.deposit import Depositor
from archive.model import Article, Exchange, Failure, Link, Refusal, Settlement
from archive.robots import Source
from archive.store import packing

START = datetime(2026, 1, 10, 8, 15, 0, 123456, tzinfo=UTC)
HOST = "https://hue.example"
TEXT = "Thành phố Huế đón {count} lượt khách trong mùa lễ hội, theo số liệu của Sở Du lịch công bố sáng nay. "


def page(count: str) -> bytes:
    """A page with an article, a picture and a file; over a kilobyte, so that it may become a revisit."""
    paragraphs = "".join(f"<p>{TEXT.format(count=count)}{TEXT.format(count=n)}</p>" for n in ("một", "hai", "ba", "bốn"))
    return (
        "<html><head><title>Cố đô Huế đón khách</title></head><body><nav><a href='/'>Trang chủ</a></nav><article>"
        f"<h1>Cố đô Huế đón khách</h1>{paragraphs}<figure><img src='/cau.jpg'><figcaption>Cầu Trường Tiền</figcaption></figure>"
        "<p><a href='/van-ban.pdf'>Văn bản số 12</a></p></article></body></html>"
    ).encode()


def ids() -> Callable[[], str]:
    """Record ids that count up, so that a test can name them."""
    numbers = itertools.count(1)
    return lambda: f"urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}"


def answer(body: bytes, media: str = "text/html; charset=utf-8", *more: str, status: str = "200 OK") -> bytes:
    """An HTTP message with a length."""
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Type: {media}", *more))
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes, size: int = 100) -> bytes:
    """The same as chunks."""
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (body[i : i + size] for i in range(0, len(body), size)))
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def exchange(url: str, response: bytes, after: float = 0, method: str = "GET", via: str = "", **more: object) -> Exchange:
    """An exchange that ended well unless `more` says otherwise."""
    host, _, path = url.partition("://")[2].partition("/")
    referer = f"Referer: {via}\r\n" if via else ""
    request = f"{method} /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: tangthu\r\n{referer}\r\n".encode()
    at = START + timedelta(seconds=after)
    made = Exchange(
        url, method, at, BytesIO(request), BytesIO(response), len(request), len(response), at + timedelta(seconds=1),
        end=len(response), ip="192.0.2.7",
    )  # fmt: skip
    for name, value in more.items():
        setattr(made, name, value)
    return made


def cleaned(html: bytes, url: str) -> tuple[Article, bytes]:
    """The article on a page as the crawl has it cleaned, and the rules used."""
    made = clean(html, url)
    rules = Rules.bundled(made.cleaner["rules_digest"] or "")
    assert rules is not None
    assert made.text
    return made, rules.serialised()


LONG, LATER = page("một triệu"), page("hai triệu")
PDF = b"%PDF-1.4 " + bytes(range(256)) * 8


def exchanges() -> list[Exchange]:
    """What the sample crawl fetches."""
    return [
        exchange(f"{HOST}/robots.txt", answer(b"not here", "text/plain", status="404 Not Found")),
        exchange(f"{HOST}/", b"HTTP/1.1 302 Found\r\nLocation: /tin\r\nContent-Length: 0\r\n\r\n", 1),
        exchange(f"{HOST}/tin", answer(LONG), 2),
        exchange(f"{HOST}/tin", answer(LONG), 3600),
        exchange(f"{HOST}/tin", answer(LATER), 7200),
        exchange(f"{HOST}/khuc", chunked(LONG), 4),
        exchange(f"{HOST}/gz", answer(gzip.compress(LONG, mtime=0), "text/html", "Content-Encoding: gzip"), 5),
        exchange(f"{HOST}/cau.jpg", answer(bytes(range(256)), "image/jpeg"), 3, via=f"{HOST}/tin"),
        exchange(f"{HOST}/van-ban.pdf", answer(PDF, "application/pdf"), 6),
        exchange(f"{HOST}/dau", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nX:1\r\n\r\n", 7, "HEAD"),
        exchange(f"{HOST}/cut", answer(LONG)[:700], 8, truncated="disconnect"),
        exchange(f"{HOST}/dead", b"", 9, failure=Failure("refused", "connection refused")),
    ]


def sound(path: Path, *, finish: bool = True) -> Path:
    """An archive of one crawl run: answers of all kinds, a revisit, a failure, a refusal and an article in two states."""
    moments = (START + timedelta(milliseconds=n) for n in itertools.count())
    with Depositor.open(path, new_id=ids(), now=lambda: next(moments)) as depositor:
        run = depositor.begin(
            "hue", starts=[Link(f"{HOST}/tin")], warcinfo={"software": "tangthu"}, profile='tên = "Huế"\n'.encode()
        )
        visit = depositor.due(run, 1).result()[0]
        robots, *others = exchanges()
        kept = [depositor.deposit(run, robots).result()]
        ruling = (depositor.read_robots(run, Source(HOST, kept[0].id, "none", "it answered 404")).result(), 0)
        kept += [
            depositor.deposit(
                run, e, visit if n == 2 else None, f"{HOST}/tin" if e.url.endswith(".jpg") else None, ruling=ruling
            ).result()
            for n, e in enumerate(others, 1)
        ]
        depositor.refuse(run, [Refusal(f"{HOST}/cam", "robots", "Disallow: /cam", f"{HOST}/tin")]).result()
        for number, html in ((2, LONG), (4, LATER)):
            made, rules = cleaned(html, f"{HOST}/tin")
            depositor.settle(run, Settlement(visit.id, kept[number].id, "done", made, rules)).result()
        if finish:
            depositor.end(run, "finished").result()
    return path


def kept_articles(conn: sqlite3.Connection) -> list[tuple[int, dict[str, Any]]]:
    """The numbers of all revisions, and the JSON that is packed in each."""
    rows = conn.execute("SELECT id, packed FROM revisions ORDER BY id").fetchall()
    return [(number, json.loads(packing.opened(kept))) for number, kept in rows]


def put_article(conn: sqlite3.Connection, number: int, article: dict[str, Any]) -> None:
    """Write another article into a revision."""
    body = json.dumps(article, ensure_ascii=False).encode()
    conn.execute("UPDATE revisions SET packed = ?, length = ? WHERE id = ?", (packing.packed(body), len(body), number))
