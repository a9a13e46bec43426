"""Odd sites with more addresses than pages: a calendar, an endless suffix, facets, soft 404s, redirects that go round."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

import re
from datetime import date
from urllib.parse import parse_qsl, urlencode

from crawler.sample.answers import Answer, Asked, Site, moved, plain
from crawler.sample.odd.plainly import article, gone, page, piece, rows, unknown
from crawler.sample.odd.six import COUNT, address_of, articles

CALENDAR = "lich.tinh-mau.example"
SUFFIX = "duoi-dai.tinh-mau.example"
FACETS = "du-lieu-mo.tinh-mau.example"
SOFT = "loi-mem.tinh-mau.example"
LOOPS = "vong-lap.tinh-mau.example"
# CKAN's keys (PORTALS.md, section 3) and three more that narrow lists.
KEYS = ("res_format", "organization", "tags", "groups", "license_id", "_organization_limit", "_tags_limit", "sort")
_VALUES = ("a", "b", "c")


def _pages(menu: tuple[tuple[str, str], ...], more: str = "") -> dict[str, Answer]:
    listed = page("Tin tức", rows((address_of(n), piece(n)) for n in range(COUNT)) + more, menu=menu)
    return {"/": plain(listed.encode())} | {address_of(n): plain(page(piece(n).title, article(piece(n), more), menu=menu).encode()) for n in range(COUNT)}


_CALENDAR_MENU = (("/", "Trang chủ"), ("/lich?thang=2020-02", "Lịch công tác"))


def calendar(asked: Asked) -> Answer | None:
    """A calendar: each month leads to the month before and after, and to each of its days, for ever."""
    if not (found := re.fullmatch(r"/lich\?thang=(\d{4})-(\d\d)(?:&ngay=(\d\d?))?", asked.target)):
        return None
    year, month = int(found[1]), int(found[2])
    if not 1 <= month <= 12 or not 1 < year < 9999:
        return None
    before, after = date(year - (month == 1), (month - 2) % 12 + 1, 1), date(year + (month == 12), month % 12 + 1, 1)
    days = "".join(f'<td><a href="/lich?thang={year:04}-{month:02}&amp;ngay={d}">{d}</a></td>' for d in range(1, 29))
    told = f"<p>Ngày {found[3]}: không có lịch công tác.</p>" if found[3] else ""
    main = f'<h1>Lịch công tác tháng {month}/{year}</h1>{told}<a href="/lich?thang={before:%Y-%m}">‹ tháng trước</a> <a href="/lich?thang={after:%Y-%m}">tháng sau ›</a><table><tr>{days}</tr></table>'
    return plain(page(f"Lịch tháng {month}/{year}", main, menu=_CALENDAR_MENU).encode())


def suffix(asked: Asked) -> Answer | None:
    """Any number of /en and /vi behind an address answers 200 with the page itself, longer hreflang links and a lying canonical."""
    bare = re.sub(r"(?:/(?:en|vi))+/?$", "", asked.target) or "/"
    if bare != "/" and bare not in articles(asked.time):
        return None
    here = f"http://{SUFFIX}{asked.target.rstrip('/')}"
    head = f'<link rel="canonical" href="{here}"><link rel="alternate" hreflang="en-US" href="{here}/en"><link rel="alternate" hreflang="vi-VN" href="{here}/vi">'
    menu = (("/", "Trang chủ"), (f"{here}/en", "English"), (f"{here}/vi", "Tiếng Việt"))
    if bare == "/":
        return plain(page("Tin tức", rows((address_of(n), piece(n)) for n in range(COUNT)), head, menu=menu).encode())
    one = piece(articles(asked.time).index(bare))
    return plain(page(one.title, article(one), head, menu=menu).encode())


def facets(asked: Asked) -> Answer | None:
    """An open-data list that can be narrowed by eight keys with three values each, in any order and combination: few different lists."""
    path, _, query = asked.target.partition("?")
    if path != "/dataset":
        return None
    chosen = parse_qsl(query)
    if any(key not in KEYS or value not in _VALUES for key, value in chosen):
        return None
    links = "".join(f'<li><a href="/dataset?{urlencode([*chosen, (key, value)])}">{key}: {value}</a></li>' for key in KEYS for value in _VALUES if (key, value) not in chosen)
    fit = [n for n in range(COUNT) if all(n % 3 == _VALUES.index(v) for k, v in chosen if k == "tags")]
    main = f'<h1>Dữ liệu</h1><p>{len(fit)} bộ dữ liệu</p>{rows((address_of(n), piece(n)) for n in fit)}<ul class="facets">{links}</ul>'
    return plain(page("Dữ liệu mở", main, menu=(("/", "Trang chủ"), ("/dataset", "Dữ liệu"))).encode())


def soft(asked: Asked) -> Answer | None:
    """Whatever it does not know it answers with 200 and a page that says so; half of the home page's links lead there."""
    if asked.target in ("/", "/robots.txt") or asked.target in articles(asked.time):
        return None
    return plain(gone().encode())


def _soft_pages() -> dict[str, Answer]:
    dead = "".join(f'<li><a href="/tin/da-go-{n}.html">Thông báo số {n}</a></li>' for n in range(30))
    return {"/robots.txt": plain(b"User-agent: *\nDisallow:\n", "text/plain"), **_pages((("/", "Trang chủ"),), f"<ul>{dead}</ul>")}


def loops() -> dict[str, Answer]:
    """Redirects: in a ring, to itself, in a chain of 40, to schemes and hosts that nobody should follow, and to nothing."""
    made = _pages((("/", "Trang chủ"),), "".join(f'<a href="{at}">{at}</a> ' for at in ("/vong/a", "/chinh-no", "/chuoi/0", "/rong", *_AWAY)))
    made |= {"/vong/a": moved("302 Found", "/vong/b"), "/vong/b": moved("302 Found", "/vong/c"), "/vong/c": moved("302 Found", "/vong/a")}
    made["/chinh-no"] = moved("301 Moved Permanently", "/chinh-no")
    made |= {f"/chuoi/{n}": moved("302 Found", f"/chuoi/{n + 1}") for n in range(40)}
    made["/rong"] = plain(b"", status="302 Found")
    return made | {at: moved("302 Found", to) for at, to in _AWAY.items()}


_AWAY = {
    "/di/file": "file:///etc/passwd", "/di/ftp": "ftp://tep.tinh-mau.example/a", "/di/data": "data:text/html,x", "/di/vong": "http://127.0.0.1:9/x",
    "/di/rieng": "http://192.168.1.1/x", "/di/sau": "http://[::1]:9/x", "/di/may": "http://169.254.169.254/latest/meta-data/", "/di/so": "http://2130706433/x",
}  # fmt: skip

SITES = (
    Site(CALENDAR, lambda: _pages(_CALENDAR_MENU), unknown, articles, calendar),
    Site(SUFFIX, dict, unknown, articles, suffix),
    Site(FACETS, lambda: _pages((("/", "Trang chủ"), ("/dataset", "Dữ liệu"))), unknown, articles, facets),
    Site(SOFT, _soft_pages, lambda: plain(gone().encode()), articles, soft),
    Site(LOOPS, loops, unknown, articles),
)
