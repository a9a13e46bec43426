"""The profiles that runs deposited, as far as cleaning needs them: which addresses are articles, and by which rules they are cleaned."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.errors import Misuse
from archive.retrieve import kept
from archive.store.reading import Reading
from archive.words import say

if TYPE_CHECKING:
    from archive.cleaning.rules import Rules


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What a profile (`source`, TOML, named `where`) says of cleaning; without one every page may be an article of any platform."""

    source: str = ""
    where: str = ""

    def is_article(self, url: str) -> bool:
        """Whether the page at `url` may be an article: with a listing only what its pattern marks in path and query."""
        pattern = _table(self.source, self.where).get("listing", {}).get("articles")
        parts = urlsplit(url)
        return pattern is None or re.search(pattern, parts.path + (f"?{parts.query}" if parts.query else "")) is not None

    def rules(self, day: date) -> Rules | None:
        """The rules that held on `day`; None where the page's platform is to be recognised. Raises Misuse for wrong ones."""
        whole = _rules(self.source, self.where)
        return whole.on(day) if whole is not None else None


def cleanings(archive: Reading) -> dict[int, Cleaning]:
    """By run what the last profile of its portal says: the newest one holds for everything that was captured of a portal.

    Raises Misuse if one cannot be read.
    """
    found: dict[str, Cleaning] = {}
    runs = archive.runs()
    for run in runs:
        if run["kind"] == "crawl" and (row := archive.profile_of(run["id"])) is not None:
            source = kept(archive, row).record().read().decode("utf-8", "replace")
            found[run["portal"]] = _tried(Cleaning(source, f"{archive.path.name}, the profile of run {run['id']}"))
    return {run["id"]: found.get(run["portal"], Cleaning()) for run in runs}


def read_profile(path: Path) -> Cleaning:
    """The profile in a file. Raises Misuse if it cannot be read, or its rules are none."""
    try:
        made = Cleaning(path.read_text(encoding="utf-8"), str(path))
    except OSError as problem:
        raise Misuse(say("{file} cannot be read: {why}", file=path, why=problem.strerror)) from problem
    except UnicodeDecodeError as problem:
        raise Misuse(say("{file} is not UTF-8: save it as UTF-8", file=path)) from problem
    return _tried(made)


def _tried(made: Cleaning) -> Cleaning:
    made.rules(date.max)
    made.is_article("http://a.example/")
    return made


@cache
def _table(source: str, where: str) -> dict[str, Any]:
    try:
        table = tomllib.loads(source)
        re.compile(table.get("listing", {}).get("articles") or "")
    except tomllib.TOMLDecodeError as problem:
        raise Misuse(say("{file} is not TOML: {why}", file=where, why=problem)) from problem
    except (re.error, AttributeError, TypeError) as problem:
        raise Misuse(
            say("{file}: {key}: {text} is no regular expression: {why}", file=where, key="listing.articles", text="", why=problem)
        ) from problem
    return table


@cache
def _rules(source: str, where: str) -> Rules | None:
    from archive.cleaning.rules import Rules  # noqa: PLC0415 - so that archives are listed without the parsers

    table = _table(source, where)
    if not table.get("platform") and not table.get("cleaning"):
        return None
    return Rules.of_portal(table.get("platform"), table.get("cleaning", []), where)
