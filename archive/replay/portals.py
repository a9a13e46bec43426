"""The portals that an archive holds: a map of the provinces, and for each portal what it published month by month."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, unquote

from archive.replay.answering import Answer, as_json
from archive.replay.asking import Asked, Refused
from archive.replay.finding import article_link
from archive.replay.pages import link, page
from archive.retrieve import Narrow, Reader
from archive.store.facets import by_date, per_month, values_of

NEWEST = 20
# Months in a sparkline: the newest twenty years.
MONTHS = 240
# Pixels: a tile of the map with its gap (wide and high), and the height of a sparkline.
TILE, GAP, HEIGHT = (96, 56), 4, 60


@dataclass(frozen=True)
class Province:
    """A province of today, where it stands on the map, and the codes of its portals and of those that it was made of."""

    name: str
    column: int
    row: int
    codes: tuple[str, ...]


@cache
def provinces() -> tuple[Province, ...]:
    """The 34 provinces."""
    plain = tomllib.loads(files("archive.replay").joinpath("templates", "provinces.toml").read_text(encoding="utf-8"))
    return tuple(Province(p["name"], p["at"][0], p["at"][1], (code, *p["formerly"])) for code, p in plain.items())


def portals(reader: Reader, asked: Asked) -> Answer:
    """Every portal with its articles and its last run, and the provinces as a map."""
    held = _held(reader)
    if asked.json:
        return as_json(asked, {"portals": list(held.values())})
    tiles = [_tile(asked, province, held) for province in provinces()]
    extent = (max(t["x"] for t in tiles) + TILE[0], max(t["y"] for t in tiles) + TILE[1])
    covered = sum(1 for tile in tiles if tile["codes"])
    names = {province.codes[0]: province.name for province in provinces()}
    rows = [(row | {"name": names.get(row["portal"])}, portal_link(asked, row["portal"])) for _, row in sorted(held.items())]
    return page(asked, "portals.html", rows=rows, tiles=tiles, extent=extent, covered=covered, edges=[side - GAP for side in TILE])


def portal(reader: Reader, asked: Asked, code: str) -> Answer:
    """One portal: its articles month by month, its sections, the newest of them, its runs."""
    code = unquote(code)
    held = _held(reader).get(code)
    if held is None:
        raise Refused(404, "no_portal", code=code)
    narrow = Narrow(portal=code)
    counts: dict[str, int] = {}
    for archive in reader.archives:
        for month, count in per_month(archive, narrow):
            counts[month] = counts.get(month, 0) + count
    months = _filled({month: n for month, n in counts.items() if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month)})
    if asked.json:
        return as_json(asked, {**held, "months": dict(months)})
    rows = sorted(
        (row for archive in reader.archives for row in by_date(archive, narrow, NEWEST)),
        key=lambda row: row.dated or "", reverse=True,
    )[:NEWEST]  # fmt: skip
    listed = [(month, n, link(asked, "/search", **{"portal": code, "from": month, "to": month})) for month, n in months if n]
    return page(
        asked, "portal.html", code=code, held=held, bars=_bars(months), months=listed[::-1], height=HEIGHT, width=len(months) * 4,
        most=max((n for _, n in months), default=0), span=(months[0][0], months[-1][0]) if months else None,
        newest=[(row, article_link(reader, asked, row.article, row.url)) for row in rows],
        runs=[run for run in reversed(reader.runs()) if run["portal"] == code][:NEWEST],
    )  # fmt: skip


def portal_link(asked: Asked, code: str) -> str:
    """The page of a portal."""
    return link(asked, f"/portals/{quote(code, safe='')}")


def _held(reader: Reader) -> dict[str, dict[str, Any]]:
    """By code: how many articles, how many runs, when the last one began."""
    held: dict[str, dict[str, Any]] = {}
    for archive in reader.archives:
        for portal, runs, last in archive.portals():
            row = held.setdefault(portal, {"portal": portal, "articles": 0, "runs": 0, "last": last})
            row.update(runs=row["runs"] + runs, last=max(row["last"], last))
        for value, count in values_of(archive, "portal"):
            if value in held:
                held[value]["articles"] += count
    return held


def _tile(asked: Asked, province: Province, held: dict[str, dict[str, Any]]) -> dict[str, Any]:
    codes = [code for code in province.codes if code in held]
    articles = sum(held[code]["articles"] for code in codes)
    where = None
    if codes:
        best = max(codes, key=lambda code: held[code]["articles"])
        where = portal_link(asked, best)
    level = 0 if not codes else 1 + sum(articles >= step for step in (100, 1000, 10000))
    return {
        "name": province.name, "x": province.column * TILE[0], "y": province.row * TILE[1], "articles": articles, "codes": codes,
        "where": where, "level": level,
    }  # fmt: skip


def _filled(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Every month from the first to the last, at most the newest MONTHS of them."""
    if not counts:
        return []
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (min(counts), max(counts)))
    names = [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(max(first, last - MONTHS + 1), last + 1)]
    return [(name, counts.get(name, 0)) for name in names]


def _bars(months: list[tuple[str, int]]) -> list[tuple[int, int, int]]:
    """(x, y, height) of each bar; a month with one article is seen too."""
    most = max((n for _, n in months), default=0)
    heights = [max(1, round(n / most * HEIGHT)) if n else 0 for _, n in months]
    return [(at * 4, HEIGHT - height, height) for at, height in enumerate(heights) if height]
