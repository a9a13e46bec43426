"""Odd sites whose articles are found by sitemaps and feeds only, some of which name what nobody should ask for."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

import gzip
from collections.abc import Iterable
from datetime import datetime
from html import escape

from crawler.sample.answers import Answer, Site, plain
from crawler.sample.odd.plainly import Piece, article, page, piece, rows, unknown

SITEMAPS = "so-do.tinh-mau.example"
FEEDS = "nguon-tin.tinh-mau.example"
HOSTILE = "dia-chi-la.tinh-mau.example"
XML = "application/xml"
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# Addresses that a sitemap, a feed and robots.txt name, and that are never asked for.
AWAY = (
    "file:///etc/passwd", "data:text/html,x", "ftp://tep.tinh-mau.example/a.pdf", "http://127.0.0.1:9/x", "http://10.0.0.1/x",
    "http://[::1]:9/x", "http://localhost:9/x", "http://khac.example/x",
)  # fmt: skip
_BOMB = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "' + b"a" * 1000 + b'">' + b"".join(b'<!ENTITY %c "%s">' % (c + 1, b"&%c;" % c * 20) for c in range(97, 105)) + b"]><urlset><url><loc>&i;</loc></url></urlset>"


def _at(number: int) -> str:
    return f"/tin/bai-{number}.html"


def urlset(urls: Iterable[str], namespace: str = f' xmlns="{_NAMESPACE}"') -> bytes:
    """A sitemap."""
    each = "".join(f"<url><loc>{escape(u)}</loc><lastmod>2020-02-07</lastmod></url>\n" for u in urls)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset{namespace}>\n{each}</urlset>\n'.encode()


def rss(items: Iterable[tuple[str, Piece]], host: str) -> bytes:
    """An RSS 2.0 feed."""
    each = "".join(f"<item><title>{escape(p.title)}</title><link>{escape(at)}</link><guid>{escape(at)}</guid></item>" for at, p in items)
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Tin</title><link>http://{host}/</link>{each}</channel></rss>'.encode()


def atom(items: Iterable[tuple[str, Piece]], host: str) -> bytes:
    """An Atom feed."""
    each = "".join(f'<entry><title>{escape(p.title)}</title><link rel="alternate" href="{escape(at)}"/><id>{escape(at)}</id></entry>' for at, p in items)
    return f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Tin</title><link rel="self" href="http://{host}/tin.atom"/>{each}</feed>'.encode()


def sitemaps() -> dict[str, Answer]:
    """No page links to an article. robots.txt names an index with all kinds of sitemaps, one of them a bomb, one that names itself."""
    host = f"http://{SITEMAPS}"
    parts = ("/so-do/1.xml", "/so-do/2.xml.gz", "/so-do/3.txt", "/so-do/4.xml", "/so-do/5.xml", "/so-do/bom.xml", "/so-do/khong-co.xml", "/so-do.xml")
    index = "".join(f"<sitemap><loc>{host}{p}</loc></sitemap>" for p in parts)
    spaces = 'xmlns="http://www.google.com/schemas/sitemap/0.84" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    picture = f"<image:image><image:loc>{host}/anh.png</image:loc></image:image>"
    mixed = f'<?xml version="1.0"?><urlset {spaces}><url><loc> {host}{_at(9)} </loc>{picture}</url></urlset>'
    both = f'<?xml version="1.0"?><urlset xmlns="{_NAMESPACE}"><url><loc>{host}{_at(10)}</loc></url><sitemap><loc>{host}/so-do/6.xml</loc></sitemap></urlset>'
    made = {
        "/": plain(page("Trang chủ", "<p>Trang đang được xây dựng.</p>").encode()),
        "/robots.txt": plain(f"User-agent: *\nDisallow: /cam/\nSitemap: {host}/so-do.xml\nSITEMAP: {host}/so-do/le.xml\n".encode(), "text/plain"),
        "/so-do.xml": plain(f'<?xml version="1.0" encoding="UTF-8"?><sitemapindex xmlns="{_NAMESPACE}">{index}</sitemapindex>'.encode(), XML),
        "/so-do/1.xml": plain(urlset(f"{host}{_at(n)}" for n in range(4)), XML),
        "/so-do/2.xml.gz": plain(gzip.compress(urlset(f"{host}{_at(n)}" for n in (4, 5)), mtime=0), "application/x-gzip"),
        "/so-do/3.txt": plain(f"{host}{_at(6)}\r\n{host}{_at(7)}\r\n\r\n".encode("utf-8-sig"), "text/plain"),
        "/so-do/4.xml": plain(urlset([f"{host}{_at(8)}", f"{host}/cam/bai.html"], ""), XML),
        "/so-do/5.xml": plain(mixed.encode(), "text/xml; charset=utf-8"),
        "/so-do/6.xml": plain(urlset([f"{host}{_at(11)}"]), XML),
        "/so-do/le.xml": plain(both.encode(), XML),
        "/so-do/bom.xml": plain(_BOMB, XML),
        "/cam/bai.html": plain(page("Cấm", article(piece(90))).encode()),
    }
    return made | {_at(n): plain(page(piece(n).title, article(piece(n))).encode()) for n in range(12)}


def feeds() -> dict[str, Answer]:
    """No page links to an article: the home page's head names an RSS and an Atom feed."""
    head = '<link rel="alternate" type="application/rss+xml" title="RSS" href="/tin.rss"><link rel="alternate" type="application/atom+xml" href="/tin.atom">'
    made = {"/": plain(page("Trang chủ", "<p>Trang đang được xây dựng.</p>", head).encode())}
    made["/tin.rss"] = plain(rss(((f"http://{FEEDS}{_at(n)}", piece(n)) for n in range(3)), FEEDS), "application/rss+xml; charset=utf-8")
    made["/tin.atom"] = plain(atom(((_at(n), piece(n)) for n in range(3, 6)), FEEDS), "application/atom+xml")
    return made | {_at(n): plain(page(piece(n).title, article(piece(n))).encode()) for n in range(6)}


def hostile() -> dict[str, Answer]:
    """robots.txt, a sitemap, a feed and a page name addresses of other schemes, of this machine and of private networks."""
    host = f"http://{HOSTILE}"
    head = '<link rel="alternate" type="application/rss+xml" href="/tin.rss">'
    lines = "".join(f"Sitemap: {at}\n" for at in AWAY)
    return {
        "/": plain(page("Trang chủ", rows([(_at(0), piece(0)), *((at, piece(50 + n)) for n, at in enumerate(AWAY))]), head).encode()),
        "/robots.txt": plain(f"User-agent: *\nSitemap: {host}/sitemap.xml\n{lines}".encode(), "text/plain"),
        "/sitemap.xml": plain(urlset([f"{host}{_at(1)}", *AWAY]), XML),
        "/tin.rss": plain(rss([(f"{host}{_at(2)}", piece(2)), *((at, piece(60 + n)) for n, at in enumerate(AWAY))], HOSTILE), "application/rss+xml"),
        **{_at(n): plain(page(piece(n).title, article(piece(n))).encode()) for n in range(3)},
    }


def _counted(count: int) -> list[str]:
    return [_at(n) for n in range(count)]


def sitemap_articles(_: datetime) -> list[str]:
    """What the sitemaps name and robots.txt allows."""
    return _counted(12)


def feed_articles(_: datetime) -> list[str]:
    """What the two feeds name."""
    return _counted(6)


def hostile_articles(_: datetime) -> list[str]:
    """One article by a link, one by the sitemap, one by the feed."""
    return _counted(3)


SITES = (
    Site(SITEMAPS, sitemaps, unknown, sitemap_articles),
    Site(FEEDS, feeds, unknown, feed_articles),
    Site(HOSTILE, hostile, unknown, hostile_articles),
)
