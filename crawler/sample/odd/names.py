"""Odd sites where one article has many addresses: www, session ids, print copies, three categories, a counter on every page."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from crawler.sample.answers import Answer, Asked, Site, plain
from crawler.sample.odd.plainly import article, gone, page, piece, rows

WWW = "hai-ten.tinh-mau.example"
SESSIONS = "phien.tinh-mau.example"
PRINTS = "ban-in.tinh-mau.example"
CATEGORIES = "ba-muc.tinh-mau.example"
COUNTER = "dem-luot.tinh-mau.example"
_COUNT = 6
_MENU = (("/", "Trang chủ"), ("/tin", "Tin tức"))


def _at(number: int) -> str:
    return f"/tin/bai-{number}.html"


def articles(_: datetime) -> list[str]:
    """Every article of these sites: the same six addresses on each."""
    return [_at(number) for number in range(_COUNT)]


def _unknown() -> Answer:
    return plain(gone().encode(), status="404 Not Found")


def two_names() -> dict[str, Answer]:
    """Half of the links name the host with www, half without; both answer the same."""
    at = [f"http://{'www.' if n % 2 else ''}{WWW}{_at(n)}" for n in range(_COUNT)]
    listed = page("Tin tức", rows((at[n], piece(n)) for n in range(_COUNT)), menu=(("/", "Trang chủ"), (f"http://www.{WWW}/tin", "Tin tức")))
    made = {"/": plain(listed.encode()), "/tin": plain(listed.encode())}
    for n in range(_COUNT):
        other = f'<p>Xem thêm: <a href="{at[(n + 1) % _COUNT]}">{piece((n + 1) % _COUNT).title}</a></p>'
        made[_at(n)] = plain(page(piece(n).title, article(piece(n), other), menu=_MENU).encode())
    return made


def sessions(asked: Asked) -> Answer | None:
    """Every answer links with a session id of its own; with or without one the page is the same."""
    path = asked.target.partition(";jsessionid=")[0].partition("?")[0]
    session = sha256(f"{asked.target} {asked.number}".encode()).hexdigest()[:32].upper()

    def led(at: str) -> str:
        return f"{at};jsessionid={session}" if len(at) % 2 else f"{at}?PHPSESSID={session.lower()}"

    menu = ((led("/"), "Trang chủ"), (led("/tin"), "Tin tức"))
    if path in ("/", "/tin"):
        return plain(page("Tin tức", rows((led(_at(n)), piece(n)) for n in range(_COUNT)), menu=menu).encode())
    if path in articles(asked.time):
        one = piece(articles(asked.time).index(path))
        return plain(page(one.title, article(one), menu=menu).encode())
    return None


def prints() -> dict[str, Answer]:
    """Each article has a print copy and a copy to save, as in NukeViet."""
    made = {at: plain(page("Tin tức", rows((_at(n), piece(n)) for n in range(_COUNT)), menu=_MENU).encode()) for at in ("/", "/tin")}
    for n in range(_COUNT):
        links = f'<p class="cong-cu"><a rel="nofollow" href="/print{_at(n)}">In bài viết này</a> <a rel="nofollow" href="/savefile{_at(n)}">Lưu bài viết này</a></p>'
        made[_at(n)] = plain(page(piece(n).title, article(piece(n), links), menu=_MENU).encode())
        head = f'<link rel="canonical" href="http://{PRINTS}{_at(n)}">'
        made[f"/print{_at(n)}"] = plain(page(piece(n).title, article(piece(n)), head, menu=()).encode())
        made[f"/savefile{_at(n)}"] = plain(
            page(piece(n).title, article(piece(n)), head, menu=()).encode(), "text/x-delimtext; name=bai.html", "200 OK", f'Content-Disposition: attachment; filename="bai-{n}.html"'
        )
    return made


def three_categories() -> dict[str, Answer]:
    """Each article stands under three categories, and each category says of its own address that it is canonical."""
    sections = ("tin", "kinh-te", "xa-hoi")
    menu = tuple((f"/{s}", s) for s in sections)
    made = {"/": plain(page("Trang chủ", rows((_at(n), piece(n)) for n in range(3)), menu=menu).encode())}
    for s in sections:
        made[f"/{s}"] = plain(page(s, rows((f"/{s}/bai-{n}.html", piece(n)) for n in range(_COUNT)), menu=menu).encode())
        for n in range(_COUNT):
            head = f'<link rel="canonical" href="http://{CATEGORIES}/{s}/bai-{n}.html">'
            made[f"/{s}/bai-{n}.html"] = plain(page(piece(n).title, article(piece(n)), head, menu=menu).encode())
    return made


def counter(asked: Asked) -> Answer | None:
    """A counter of views, a clock and the number of people online on every page: no two loads are equal."""
    foot = f" Lượt truy cập: {10_000 + asked.number}. Đang trực tuyến: {asked.number % 7 + 1}. {asked.time:%H:%M:%S}"
    if asked.target in ("/", "/tin"):
        return plain(page("Tin tức", rows((_at(n), piece(n)) for n in range(_COUNT)), menu=_MENU, foot=foot).encode())
    if asked.target in articles(asked.time):
        one = piece(articles(asked.time).index(asked.target))
        return plain(page(one.title, article(one, f'<span class="luot-xem">Lượt xem: {asked.number + 500}</span>'), menu=_MENU, foot=foot).encode())
    return None


SITES = (
    Site(WWW, two_names, _unknown, articles, aliases=(f"www.{WWW}",)),
    Site(SESSIONS, dict, _unknown, articles, sessions),
    Site(PRINTS, prints, _unknown, articles),
    Site(CATEGORIES, three_categories, _unknown, articles),
    Site(COUNTER, dict, _unknown, articles, counter),
)
