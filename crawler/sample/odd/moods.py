"""Odd sites that are not always well: busy ones with Retry-After, robots.txt that fails or is a page, slow ones by their own wish, old TLS."""

from __future__ import annotations

from datetime import datetime

from crawler.sample.answers import Answer, Asked, Site, moved, plain
from crawler.sample.odd.plainly import article, page, piece, rows, unknown

BUSY = "ban-ron.tinh-mau.example"
ROBOTS_DOWN = "robots-loi.tinh-mau.example"
ROBOTS_PAGE = "robots-trang.tinh-mau.example"
ROBOTS_MOVED = "robots-chuyen.tinh-mau.example"
ROBOTS_LONG = "robots-dai.tinh-mau.example"
SLOW = "cham.tinh-mau.example"
WEAK_TLS = "tls-cu.tinh-mau.example"
# Seconds that the busy site asks for, and that the slow one wants between two requests.
REST, DELAY = 60, 5
_COUNT = 6


def _at(number: int) -> str:
    return f"/tin/bai-{number}.html"


def articles(_: datetime) -> list[str]:
    """Every article that may be asked for."""
    return [_at(number) for number in range(_COUNT)]


def nothing(_: datetime) -> list[str]:
    """What may be asked for where robots.txt fails."""
    return []


def _pages(robots: Answer | None = None, more: str = "") -> dict[str, Answer]:
    made = {"/": plain(page("Tin tức", rows((_at(n), piece(n)) for n in range(_COUNT)) + more).encode())}
    made |= {_at(n): plain(page(piece(n).title, article(piece(n))).encode()) for n in range(_COUNT)}
    return made if robots is None else {**made, "/robots.txt": robots}


def busy(asked: Asked) -> Answer | None:
    """Every third article is answered 503 or 429 at first, with Retry-After in seconds or as a date; the next time it comes."""
    if asked.target in (_at(0), _at(3)) and asked.number == 1:
        status = "503 Service Unavailable" if asked.target == _at(0) else "429 Too Many Requests"
        return plain(b"", "text/html", status, f"Retry-After: {REST}")
    return None


def _long_robots() -> Answer:
    """600 KiB of robots.txt; the line that counts is the first, a rule behind 500 KiB need not be read."""
    filler = b"".join(b"Disallow: /khong-co/%06d/\n" % n for n in range(22_000))
    return plain(b"User-agent: *\nDisallow: /cam/\n" + filler, "text/plain")


SITES = (
    Site(BUSY, lambda: _pages(plain(b"User-agent: *\nAllow: /\n", "text/plain")), unknown, articles, busy),
    Site(ROBOTS_DOWN, lambda: _pages(plain(b"", "text/html", "503 Service Unavailable")), unknown, nothing),
    Site(ROBOTS_PAGE, lambda: _pages(plain(page("Tin tức", "<p>User-agent: *</p><p>Disallow: /</p>").encode())), unknown, articles),
    Site(ROBOTS_MOVED, lambda: {**_pages(moved("301 Moved Permanently", "/quy-tac.txt"), '<a href="/cam/x">x</a>'),
                                "/quy-tac.txt": plain(b"User-agent: *\nDisallow: /cam/\n", "text/plain"), "/cam/x": plain(b"x")}, unknown, articles),
    Site(ROBOTS_LONG, lambda: {**_pages(_long_robots(), '<a href="/cam/x">x</a>'), "/cam/x": plain(b"x")}, unknown, articles),
    Site(WEAK_TLS, _pages, unknown, articles, weak=True),
    Site(SLOW, lambda: _pages(plain(b"User-agent: *\nCrawl-delay: %d\n" % DELAY, "text/plain")), unknown, articles),
)  # fmt: skip


def weak_profile() -> str:
    """The profile of the site with old TLS, as TOML: to speak it has to be allowed."""
    return f"""code = "tls-cu"
name = "Tỉnh Mẫu ({WEAK_TLS})"
starts = ["https://{WEAK_TLS}/"]
[tls]
ciphers = "DEFAULT:@SECLEVEL=0"
minimum = "1.0"
"""
