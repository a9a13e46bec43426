"""The sample's articles as data: what all sites publish, each in its own markup."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

# The photos and documents that articles name.
FILES = files("crawler.sample") / "files"
PER_PAGE = 8
_MARKED = re.compile(r"(!?)\[(.+?)\]\((.+?)\)")


@dataclass(frozen=True)
class Block:
    """A piece of an article's body: `kind` is text, photo or file; photo and file name a `file` of the package."""

    kind: str
    text: str
    file: str = ""


@dataclass(frozen=True)
class News:
    """One article. `date` is local time (+07:00); `body` does not repeat the lead."""

    node: int
    date: datetime
    section: str
    title: str
    lead: str
    author: str
    body: tuple[Block, ...]
    source: str | None = None


@cache
def newest_first() -> tuple[News, ...]:
    """All articles, as lists show them."""
    plain = tomllib.loads((files("crawler.sample") / "articles.toml").read_text("utf-8"))
    made = (News(**{**entry, "body": _blocks(entry["body"])}) for entry in plain["articles"])
    return tuple(sorted(made, key=lambda n: n.date, reverse=True))


@cache
def file(name: str) -> bytes:
    """The bytes of a photo or document of the package."""
    return (FILES / name).read_bytes()


def pages() -> list[tuple[News, ...]]:
    """The articles as the lists page them."""
    news = newest_first()
    return [news[at : at + PER_PAGE] for at in range(0, len(news), PER_PAGE)]


@cache
def categories() -> dict[str, tuple[News, ...]]:
    """The articles by section, sections in alphabetical order."""
    names = sorted({n.section for n in newest_first()})
    return {name: tuple(n for n in newest_first() if n.section == name) for name in names}


def slug(text: str) -> str:
    """`text` as addresses have it: lower case, no diacritics, words joined by a dash."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in bare if not unicodedata.combining(c)).split())


def weekday(date: datetime) -> str:
    """The day of the week as portals write it: Thứ 2 to Thứ 7, Chủ nhật."""
    return "Chủ nhật" if date.weekday() == 6 else f"Thứ {date.weekday() + 2}"


def _blocks(body: str) -> tuple[Block, ...]:
    made = []
    for piece in body.strip().split("\n\n"):
        marked = _MARKED.fullmatch(piece)
        if marked:
            made.append(Block("photo" if marked[1] else "file", marked[2], marked[3]))
        else:
            made.append(Block("text", piece))
    return tuple(made)
