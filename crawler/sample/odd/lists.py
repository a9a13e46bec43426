"""Odd sites whose lists go on in every way but by links, and those whose lists do not end as they should; with the profiles they need."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

import json
import re
from datetime import datetime
from urllib.parse import parse_qsl

from crawler.sample.answers import Answer, Asked, Site, plain
from crawler.sample.odd.plainly import article, page, piece, rows, unknown

FORM = "trang-form.tinh-mau.example"
NUMBERED = "trang-so.tinh-mau.example"
CLAMPED = "trang-lap.tinh-mau.example"
ENDLESS = "trang-mai.tinh-mau.example"
JSON = "trang-json.tinh-mau.example"
EMPTY = "trang-rong.tinh-mau.example"
COUNT, PER_PAGE = 23, 4
PAGES = -(-COUNT // PER_PAGE)
# What each of these hosts needs in its profile's [[listing.paging]].
PAGING = {
    FORM: """style = "request"
url = "/tai-them"
body = "trang={page}&chuyen_muc={muc}&ma={ma}"
values = { muc = 'data-muc="([^"]+)"', ma = 'data-ma="([^"]+)"' }""",
    NUMBERED: """style = "request"
url = "/tin?trang={page}"
last = 'Trang 1/(\\d+)'""",
    CLAMPED: """style = "request"
url = "/tin?trang={page}\"""",
    ENDLESS: """style = "request"
url = "/tin?trang={page}\"""",
    JSON: """style = "request"
url = "/api/tin"
body = '{"trang": {page}}'
type = "application/json"
first = 1
count = "du_lieu.so_trang"
items = "du_lieu.tin"
address = "/tin/bai-{ma.so}.html\"""",
    EMPTY: """style = "request"
url = "/tin?trang={page}\"""",
}
_CODE = "Đối ngoại & hợp tác"


def _at(number: int) -> str:
    return f"/tin/bai-{number}.html"


def articles(_: datetime) -> list[str]:
    """Every article of these sites: the same on each."""
    return [_at(number) for number in range(COUNT)]


def endless_articles(_: datetime) -> list[str]:
    """What the endless list shows, again and again."""
    return [_at(number) for number in range(PER_PAGE)]


def _numbers(number: int) -> range:
    return range((number - 1) * PER_PAGE, min(number * PER_PAGE, COUNT))


def _rows(number: int) -> str:
    return rows((_at(n), piece(n)) for n in _numbers(number))


def _site(first: str) -> dict[str, Answer]:
    made = {"/tin": plain(page("Tin tức", first).encode()), "/": plain(page("Trang chủ", '<a href="/tin">Tin tức</a>').encode())}
    return made | {_at(n): plain(page(piece(n).title, article(piece(n))).encode()) for n in range(COUNT)}


def form(asked: Asked) -> Answer | None:
    """Further pages are pieces of HTML with relative links, for a form with data of the first page; wrong data give an empty piece."""
    if asked.target != "/tai-them":
        return None
    sent = dict(parse_qsl(asked.body.decode("latin-1"), encoding="utf-8"))
    if asked.method != "POST" or b"x-requested-with" not in asked.head.lower() or (sent.get("chuyen_muc"), sent.get("ma")) != (_CODE, "a+b/c="):
        return plain(b"", status="400 Bad Request")
    return plain(_rows(int(sent["trang"])).replace('href="/tin/', 'href="tin/').encode())


def numbered(asked: Asked) -> Answer | None:
    """Pages have addresses that no page names; behind the last one comes 404."""
    found = re.fullmatch(r"/tin\?trang=(\d+)", asked.target)
    return plain(page("Tin tức", _rows(int(found[1]))).encode()) if found and 1 <= int(found[1]) <= PAGES else None


def clamped(asked: Asked) -> Answer | None:
    """Behind the last page comes the last page, for any number."""
    found = re.fullmatch(r"/tin\?trang=(\d+)", asked.target)
    return plain(page("Tin tức", _rows(min(int(found[1]), PAGES))).encode()) if found else None


def empty(asked: Asked) -> Answer | None:
    """Behind the last page come pages with the frame of a list and nothing in it but the newest articles in the margin, for any number."""
    found = re.fullmatch(r"/tin\?trang=(\d+)", asked.target)
    return plain(page("Tin tức", _rows(int(found[1])) + f"<h3>Tin mới</h3>{rows((_at(n), piece(n)) for n in range(3))}").encode()) if found else None


def endless(asked: Asked) -> Answer | None:
    """Every number gives the same articles in another order, and a counter."""
    if not (found := re.fullmatch(r"/tin\?trang=(\d+)", asked.target)):
        return None
    turned = [(n + int(found[1])) % PER_PAGE for n in range(PER_PAGE)]
    return plain(page("Tin tức", rows((_at(n), piece(n)) for n in turned), foot=f" Lượt xem: {asked.number}").encode())


def as_json(asked: Asked) -> Answer | None:
    """The whole list is JSON, asked for by JSON; the first page too. Entries have numbers, no addresses."""
    if asked.target != "/api/tin" or asked.method != "POST":
        return None
    number = int(json.loads(asked.body)["trang"])
    told = {"du_lieu": {"so_trang": PAGES, "tin": [{"ma": {"so": n}, "ten": piece(n).title} for n in _numbers(number)]}}
    return plain(json.dumps(told, ensure_ascii=False).encode(), "application/json; charset=utf-8")


SITES = (
    Site(FORM, lambda: _site(f'<div data-muc="{_CODE.replace("&", "&amp;")}" data-ma="a+b/c=">{_rows(1)}</div><a href="#" onclick="them()">Xem thêm</a>'), unknown, articles, form),
    Site(NUMBERED, lambda: _site(f"{_rows(1)}<p>Trang 1/{PAGES}</p>"), unknown, articles, numbered),
    Site(CLAMPED, lambda: _site(_rows(1)), unknown, articles, clamped),
    Site(ENDLESS, lambda: _site(_rows(1)), unknown, endless_articles, endless),
    Site(EMPTY, lambda: _site(_rows(1)), unknown, articles, empty),
    Site(JSON, lambda: _site('<div id="danh-sach"></div>'), unknown, articles, as_json),
)


def profile(host: str) -> str:
    """The profile of one of these sites, as TOML."""
    return f"""code = "{host.partition(".")[0]}"
name = "Tỉnh Mẫu ({host})"
starts = ["http://{host}/tin"]
[listing]
articles = '^/tin/bai-\\d+\\.html$'
[[listing.paging]]
lists = '^/tin$'
{PAGING[host]}
"""
