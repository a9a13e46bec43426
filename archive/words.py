"""What the product says to people, in Vietnamese or English. English stands in the code; words.vi.toml translates it."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from importlib.resources import files

_chosen: list[str] = []


def choose(language: str | None) -> None:
    """From now on speak `language` ("vi" or "en"); None goes back to what the locale says."""
    _chosen[:] = [language] if language else []


def language() -> str:
    """The language in force: the chosen one, else Vietnamese if the locale is, else English."""
    if _chosen:
        return _chosen[0]
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "vi" if value.startswith("vi") else "en"
    return "en"


def say(english: str, **values: object) -> str:
    """`english` in the language in force, its {names} filled in with `values`."""
    text = catalogue().get(english, english) if language() == "vi" else english
    return text.format(**values) if values else text


@cache
def catalogue() -> dict[str, str]:
    """English → Vietnamese."""
    plain = tomllib.loads(files("archive").joinpath("words.vi.toml").read_text(encoding="utf-8"))
    return {str(entry["en"]): str(entry["vi"]) for entry in plain["say"]}
