"""Odd sites where one article has many addresses: www, session ids, print copies, three categories, a counter on every page."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

from hashlib import sha256

from crawler.sample.answers import Answer, Asked, Site, plain
from crawler.sample.odd.plainly import article, page, piece, rows, unknown
from crawler.sample.odd.six import COUNT, address_of, articles

WWW = "hai-ten.tinh-mau.example"
SESSIONS = "phien.tinh-mau.example"
PRINTS = "ban-in.tinh-mau.example"
CATEGORIES = "ba-muc.tinh-mau.example"
COUNTER = "dem-luot.tinh-mau.example"
_MENU = (("/", "Trang chủ"), ("/tin", "Tin tức"))


def two_names() -> dict[str, Answer]:
    """Half of the links name the host with www, half without; both answer the same."""
    at = [f"http://{'www.' if n % 2 else ''}{WWW}{address_of(n)}" for n in range(COUNT)]
    listed = page("Tin tức", rows((at[n], piece(n)) for n in range(COUNT)), menu=(("/", "Trang chủ"), (f"http://www.{WWW}/tin", "Tin tức")))
    made = {"/": plain(listed.encode()), "/tin": plain(listed.encode())}
    for n in range(COUNT):
        other = f'<p>Xem thêm: <a href="{at[(n + 1) % COUNT]}">{piece((n + 1) % COUNT).title}</a></p>'
        made[address_of(n)] = plain(page(piece(n).title, article(piece(n), other), menu=_MENU).encode())
    return made


def sessions(asked: Asked) -> Answer | None:
    """Every answer links with a session id of its own; with or without one the page is the same."""
    path = asked.target.partition(";jsessionid=")[0].partition("?")[0]
    session = sha256(f"{asked.target} {asked.number}".encode()).hexdigest()[:32].upper()

    def led(at: str) -> str:
        return f"{at};jsessionid={session}" if len(at) % 2 else f"{at}?PHPSESSID={session.lower()}"

    menu = ((led("/"), "Trang chủ"), (led("/tin"), "Tin tức"))
    if path in ("/", "/tin"):
        return plain(page("Tin tức", rows((led(address_of(n)), piece(n)) for n in range(COUNT)), menu=menu).encode())
    if path in articles(asked.time):
        one = piece(articles(asked.time).index(path))
        return plain(page(one.title, article(one), menu=menu).encode())
    return None


def prints() -> dict[str, Answer]:
    """Each article has a print copy and a copy to save, as in NukeViet."""
    made = {at: plain(page("Tin tức", rows((address_of(n), piece(n)) for n in range(COUNT)), menu=_MENU).encode()) for at in ("/", "/tin")}
    for n in range(COUNT):
        links = f'<p class="cong-cu"><a rel="nofollow" href="/print{address_of(n)}">In bài viết này</a> <a rel="nofollow" href="/savefile{address_of(n)}">Lưu bài viết này</a></p>'
        made[address_of(n)] = plain(page(piece(n).title, article(piece(n), links), menu=_MENU).encode())
        head = f'<link rel="canonical" href="http://{PRINTS}{address_of(n)}">'
        made[f"/print{address_of(n)}"] = plain(page(piece(n).title, article(piece(n)), head, menu=()).encode())
        made[f"/savefile{address_of(n)}"] = plain(
            page(piece(n).title, article(piece(n)), head, menu=()).encode(), "text/x-delimtext; name=bai.html", "200 OK", f'Content-Disposition: attachment; filename="bai-{n}.html"'
        )
    return made


def three_categories() -> dict[str, Answer]:
    """Each article stands under three categories, and each category says of its own address that it is canonical."""
    sections = ("tin", "kinh-te", "xa-hoi")
    menu = tuple((f"/{s}", s) for s in sections)
    made = {"/": plain(page("Trang chủ", rows((address_of(n), piece(n)) for n in range(3)), menu=menu).encode())}
    for s in sections:
        made[f"/{s}"] = plain(page(s, rows((f"/{s}/bai-{n}.html", piece(n)) for n in range(COUNT)), menu=menu).encode())
        for n in range(COUNT):
            head = f'<link rel="canonical" href="http://{CATEGORIES}/{s}/bai-{n}.html">'
            made[f"/{s}/bai-{n}.html"] = plain(page(piece(n).title, article(piece(n)), head, menu=menu).encode())
    return made


def counter(asked: Asked) -> Answer | None:
    """A counter of views, a clock and the number of people online on every page: no two loads are equal."""
    foot = f" Lượt truy cập: {10_000 + asked.number}. Đang trực tuyến: {asked.number % 7 + 1}. {asked.time:%H:%M:%S}"
    if asked.target in ("/", "/tin"):
        return plain(page("Tin tức", rows((address_of(n), piece(n)) for n in range(COUNT)), menu=_MENU, foot=foot).encode())
    if asked.target in articles(asked.time):
        one = piece(articles(asked.time).index(asked.target))
        return plain(page(one.title, article(one, f'<span class="luot-xem">Lượt xem: {asked.number + 500}</span>'), menu=_MENU, foot=foot).encode())
    return None


SITES = (
    Site(WWW, two_names, unknown, articles, aliases=(f"www.{WWW}",)),
    Site(SESSIONS, dict, unknown, articles, sessions),
    Site(PRINTS, prints, unknown, articles),
    Site(CATEGORIES, three_categories, unknown, articles),
    Site(COUNTER, dict, unknown, articles, counter),
)
