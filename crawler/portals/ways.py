"""How lists go on, and what of a platform is no page, as profiles and platforms say it in TOML, checked whole when it is loaded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from archive import say
from archive.errors import Misuse
from crawler.spiders.paging import Paging

STYLES = ("request", "postback")
# key → type; patterns are strings here. The whole language of [[listing.paging]].
_KEYS: Mapping[str, type] = {
    "style": str, "lists": str, "mark": str, "url": str, "body": str, "type": str, "values": dict, "first": int, "last": str,
    "count": str, "html": str, "items": str, "address": str, "pager": str,
}  # fmt: skip
_PATTERNS = ("lists", "last", "pager")
_NAMES = re.compile(r"\{([a-z_]+)\}")


def ways(tables: Any, where: str) -> tuple[Paging, ...]:
    """The ways in an array of tables of the file `where`. Raises Misuse naming file, key and mend."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise Misuse(say("{file}: listing.paging must be an array of tables: write [[listing.paging]]", file=where))
    return tuple(_way(table, where) for table in tables)


@cache
def of_platform(name: str | None) -> tuple[Paging, ...]:
    """How lists of a platform go on; without a name, those of every platform: each shows on a page whether it is meant."""
    source = (files("crawler.portals") / "platforms" / "paging.toml").read_text("utf-8")
    every = tomllib.loads(source)
    if name is not None:
        return ways(every.get(name, {}).get("paging", []), f"paging.toml, {name}")
    found = (way for platform in every for way in of_platform(platform))
    return tuple({way.name: way for way in found}.values())


@cache
def denied_on(platform: str | None) -> tuple[re.Pattern[str], ...]:
    """Patterns of a platform's addresses that are no pages of the portal."""
    return tuple(re.compile(pattern) for pattern in _scopes().get(platform or "", {}).get("deny", ()))


def scattered(platform: str | None) -> bool:
    """Whether a platform's articles stand under any address, so that none tells how the others' are made."""
    return bool(_scopes().get(platform or "", {}).get("scattered"))


@cache
def _scopes() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("crawler.portals") / "platforms" / "scope.toml").read_text("utf-8"))


def _way(table: Mapping[str, Any], where: str) -> Paging:
    made: dict[str, Any] = {}
    for key, value in table.items():
        at = f"listing.paging.{key}"
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            mend = say("did you mean {near}?", near=near[0]) if near else say("known keys: {keys}", keys=", ".join(_KEYS))
            raise Misuse(say("{file}: unknown key {key}: {mend}", file=where, key=at, mend=mend))
        if not isinstance(value, _KEYS[key]) or isinstance(value, bool):
            raise Misuse(say("{file}: {key} must be of type {type}", file=where, key=at, type=_KEYS[key].__name__))
        made[key] = _pattern(value, where, at) if key in _PATTERNS else value
    made["values"] = tuple((name, _pattern(text, where, f"listing.paging.values.{name}")) for name, text in table.get("values", {}).items())
    style = table.get("style")
    if style not in STYLES:
        raise Misuse(say("{file}: {key} must be one of {values}", file=where, key="listing.paging.style", values=", ".join(STYLES)))
    if style == "request":
        _check_request(table, where)
    return Paging(**made)


def _check_request(table: Mapping[str, Any], where: str) -> None:
    if "url" not in table:
        raise Misuse(say("{file}: {key} is missing: add it", file=where, key="listing.paging.url"))
    used = set(_NAMES.findall(table["url"] + table.get("body", "")))
    if "page" not in used:
        raise Misuse(say("{file}: listing.paging: neither url nor body has {name}: every page would be the same", file=where, name="{page}"))
    for name in sorted(used - {"page", *table.get("values", {})}):
        raise Misuse(say("{file}: {key} is missing: add it", file=where, key=f"listing.paging.values.{name}"))
    if ("items" in table) != ("address" in table):
        raise Misuse(say("{file}: listing.paging: items and address belong together: give both", file=where))


def _pattern(text: Any, where: str, key: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, TypeError) as problem:
        raise Misuse(
            say("{file}: {key}: {text} is no regular expression: {why}", file=where, key=key, text=text, why=problem)
        ) from problem
