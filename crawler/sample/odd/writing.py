"""Odd sites whose bytes are not what they say: charsets that lie, names that are not NFC, files with wrong suffixes."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

import unicodedata
from datetime import datetime
from urllib.parse import quote

from crawler.sample.answers import Answer, Site, plain
from crawler.sample.assets import LOGO
from crawler.sample.news import file
from crawler.sample.odd.plainly import article, page, piece, rows, unknown
from crawler.sample.sharepoint import telex

CHARSETS = "bang-ma.tinh-mau.example"
FILES = "tep-la.tinh-mau.example"
# What the header says, what the page says, what it is.
_LIES = (
    ("iso-8859-1", "utf-8", "utf-8"), ("utf-8", "utf-8", "windows-1258"), ("utf-8", "utf-8", "utf-16"),
    ("x-khong-co", "iso-8859-1", "utf-8"), ("windows-1252", "windows-1252", "utf-8-sig"),
)  # fmt: skip
# The same document under names that differ in form only: NFC, NFD, and vowel and tone apart; and with suffixes that lie.
NFC = "Quyết định số 12.pdf"
NAMES = tuple(dict.fromkeys(f"/tep/{quote(name)}" for name in (NFC, unicodedata.normalize("NFD", NFC), telex(NFC), "quyet-dinh.doc", "quyet-dinh.pdf.pdf")))
PICTURE = "/tep/anh.pdf"  # a PNG


def _at(number: int) -> str:
    return f"/tin/bai-{number}.html"


def charsets() -> dict[str, Answer]:
    """Each article in another charset than its header says."""
    made = {"/": plain(page("Tin tức", rows((_at(n), piece(n)) for n in range(len(_LIES)))).encode())}
    for n, (said, meta, true) in enumerate(_LIES):
        text = page(piece(n).title, article(piece(n)), charset=meta)
        # Windows' Vietnamese code page has the tones as combining marks behind most vowels.
        body = telex(text).encode(true, "xmlcharrefreplace") if true == "windows-1258" else text.encode(true)
        made[_at(n)] = plain(body, f"text/html; charset={said}")
    return made


def files() -> dict[str, Answer]:
    """One document under five names, and a picture that says it is a document."""
    links = "".join(f'<p><a href="{name}">Tải về</a></p>' for name in (*NAMES, PICTURE))
    made = {"/": plain(page("Tin tức", rows([(_at(0), piece(0))])).encode()), _at(0): plain(page(piece(0).title, article(piece(0), links)).encode())}
    made |= {name: plain(file("quyet-dinh-12.pdf"), "application/msword" if name.endswith(".doc") else "application/octet-stream") for name in NAMES}
    return {**made, PICTURE: plain(LOGO, "application/pdf")}


def _every(count: int) -> list[str]:
    return [_at(n) for n in range(count)]


def charset_articles(_: datetime) -> list[str]:
    """Every article of the site of charsets."""
    return _every(len(_LIES))


def file_articles(_: datetime) -> list[str]:
    """The article that offers the files."""
    return _every(1)


SITES = (Site(CHARSETS, charsets, unknown, charset_articles), Site(FILES, files, unknown, file_articles))
