"""Odd sites that change with the portal's clock: edits, withdrawals, swapped files, another platform, two hosts that become one."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from crawler.sample.answers import Answer, Asked, Site, moved, plain
from crawler.sample.drupal import SITE as DRUPAL
from crawler.sample.news import file
from crawler.sample.nukeviet import SITE as NUKEVIET
from crawler.sample.odd.plainly import Piece, article, gone, page, piece, rows, unknown

EDITED = "thay-doi.tinh-mau.example"
MOVING = "doi-nen-tang.tinh-mau.example"
OLD_HOST, NEW_HOST = "so-cu.tinh-mau.example", "so-moi.tinh-mau.example"
# From this instant on all of it has happened; before, nothing.
CHANGE = datetime(2026, 12, 1, tzinfo=UTC)
EDITED_NUMBER, WITHDRAWN, OFFERING, EXPIRING = 1, 2, 3, 4
PDF = "/tep/quyet-dinh.pdf"
_COUNT = 6


def _at(number: int) -> str:
    return f"/tin/bai-{number}.html"


def _shown(number: int, at: datetime) -> Piece:
    one = piece(number)
    if number == EDITED_NUMBER and at >= CHANGE:  # the date stays
        return replace(one, paragraphs=(one.paragraphs[0], "Số liệu trong bài đã được cơ quan chủ trì tính lại theo báo cáo mới nhất.", one.paragraphs[-1]))
    return one


def articles(at: datetime) -> list[str]:
    """Every article of the changing site at a time: one is withdrawn, one expires."""
    return [_at(n) for n in range(_COUNT) if at < CHANGE or n not in (WITHDRAWN, EXPIRING)]


def changing(asked: Asked) -> Answer | None:
    """One article edited silently, one withdrawn with 410, one that expired and sends to the list, and a PDF swapped under its address."""
    there = articles(asked.time)
    if asked.target == "/":
        return plain(page("Tin tức", rows((_at(n), _shown(n, asked.time)) for n in range(_COUNT) if _at(n) in there)).encode())
    if asked.target == PDF:
        swapped = file("quyet-dinh-12.pdf") if asked.time < CHANGE else file("quyet-dinh-12.pdf").replace(b"%%EOF", b"% ban sua\n%%EOF")
        return plain(swapped, "application/pdf")
    if asked.target == _at(WITHDRAWN) and asked.time >= CHANGE:
        return plain(gone().encode(), status="410 Gone")
    if asked.target == _at(EXPIRING) and asked.time >= CHANGE:
        return moved("302 Found", "/")
    if asked.target in there:
        number = int(asked.target[len("/tin/bai-") : -len(".html")])
        extra = f'<p><a href="{PDF}">Quyết định</a></p>' if number == OFFERING else ""
        one = _shown(number, asked.time)
        return plain(page(one.title, article(one, extra)).encode())
    return None


def moving(asked: Asked) -> Answer | None:
    """To the day of the change the Drupal site of the sample, from then on its NukeViet site, under the same host name."""
    pages, site = (_DRUPAL, DRUPAL) if asked.time < CHANGE else (_NUKEVIET, NUKEVIET)
    found = pages.get(asked.target) or site.unknown()
    there = site.host.encode()
    here = found.framed.replace(there, MOVING.encode())
    if here == found.framed and there not in found.head:
        return found
    head = found.head.replace(there, MOVING.encode())
    head = head.replace(b"Content-Length: %d\r" % len(found.framed), b"Content-Length: %d\r" % len(here))
    return Answer(head, here, here)


def _moving_articles(at: datetime) -> list[str]:
    return (DRUPAL if at < CHANGE else NUKEVIET).articles(at)


def merging(asked: Asked) -> Answer | None:
    """A host that merges into another: the home page leads there for good, everything below is gone."""
    if asked.time >= CHANGE:
        return moved("301 Moved Permanently", f"http://{NEW_HOST}/") if asked.target == "/" else None
    return _merged(asked, range(3))


def merged(asked: Asked) -> Answer | None:
    """The host it merges into: its own articles, and from the change on those of the other under new addresses."""
    return _merged(asked, range(3, 6) if asked.time < CHANGE else range(6))


def _merged(asked: Asked, numbers: range) -> Answer | None:
    if asked.target == "/":
        return plain(page("Tin tức", rows((_at(n), piece(n)) for n in numbers)).encode())
    for n in numbers:
        if asked.target == _at(n):
            return plain(page(piece(n).title, article(piece(n))).encode())
    return None


_DRUPAL, _NUKEVIET = DRUPAL.answers(), NUKEVIET.answers()

SITES = (
    Site(EDITED, dict, unknown, articles, changing),
    Site(MOVING, dict, unknown, _moving_articles, moving),
    Site(OLD_HOST, dict, unknown, lambda at: [_at(n) for n in range(3)] if at < CHANGE else [], merging),
    Site(NEW_HOST, dict, unknown, lambda at: [_at(n) for n in (range(3, 6) if at < CHANGE else range(6))], merged),
)
