"""The room's own pages as Jinja templates, and what they share: words, links, times and sizes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.model import Capture
from archive.replay.answering import Answer, as_json, own
from archive.replay.asking import Asked, Refused
from archive.replay.wording import word
from archive.urls import digits14, parse_warc_date, parted, patch_command

HTML = "text/html; charset=utf-8"
# What may stand bare in the part of an address that is itself an address; "?" and "#" would end it.
_BARE = "/:@!$&'()*+,;=~%[]|"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("archive.replay"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def page(asked: Asked, template: str, status: int = 200, script: str = "", **values: Any) -> Answer:
    """A page of the room in the language that was asked for, which may run the one script of the room that is named."""
    return own(asked, status, rendered(asked, template, **values).encode(), HTML, script)


def rendered(asked: Asked, template: str, **values: Any) -> str:
    """A template in the language that was asked for."""
    return _environment().get_template(template).render(**_shared(asked), **values)


def problem(asked: Asked, refused: Refused, title: str = "problem", detail: str = "") -> Answer:
    """The page that says why there is no other."""
    sentence = word(asked.language, refused.word, **refused.values)
    if asked.json:
        return as_json(asked, {"error": sentence, "detail": detail}, refused.status)
    heading = word(asked.language, "not_found" if refused.status == 404 and title == "problem" else title)
    missing = str(refused.values.get("url", "")) if refused.word == "no_memento" else ""
    return page(asked, "problem.html", refused.status, title=heading, sentence=sentence, detail=detail, missing=missing)


def style(asked: Asked) -> Answer:
    """The one stylesheet."""
    sheet = files("archive.replay").joinpath("templates", "style.css").read_bytes()
    return own(asked, 200, sheet, "text/css; charset=utf-8")


def live(asked: Asked) -> Answer:
    """The script that brings a page about runs at work up to date."""
    source = files("archive.replay").joinpath("templates", "live.js").read_bytes()
    return own(asked, 200, source, "text/javascript; charset=utf-8")


def link(asked: Asked, path: str, **query: str) -> str:
    """An address of the room that keeps a language chosen by hand."""
    told = query | ({"lang": asked.language} if asked.chosen else {})
    return f"{path}?{urlencode(told)}" if told else path


def captures_link(asked: Asked, url: str) -> str:
    """The list of captures of `url`. Behind a chosen language the address goes into the query, where it can end."""
    if asked.chosen:
        return link(asked, "/captures", url=url)
    path, mark, query = url.partition("?")
    return "/captures/" + quote(path, safe=_BARE) + (f"?{quote(query, safe=_BARE + '?')}" if mark else "")


def replay_link(asked: Asked, capture: Capture, mode: str = "id_") -> str:
    """The archived bytes of a capture by its time, on the replay host."""
    return f"{asked.replay}{replay_path(digits14(capture.time), mode, capture.url)}"


@lru_cache(maxsize=1024)
def escaped(url: str) -> str:
    """An archived address as it may stand at the end of one of ours, in a header or in angle brackets."""
    return quote(url, safe=_BARE + "?")


def replay_path(time: str, mode: str, url: str) -> str:
    """/web/{time}{mode}/{url}."""
    return f"/web/{time}{mode}/{_with_fragment(url)}"


@lru_cache(maxsize=1024)
def _with_fragment(url: str) -> str:
    return quote(url, safe=_BARE + "?#")


def record_link(asked: Asked, capture: Capture, mode: str = "id_") -> str:
    """The archived bytes of a capture by its record id: exact even for two captures within one second."""
    return asked.replay + record_path(capture.record_id, mode)


def excerpt_link(asked: Asked, record_id: str, start: int, end: int) -> str:
    """The page that shows the bytes [start, end) of a record's body."""
    return link(asked, f"/bytes/{quote(record_id, safe=':')}/{start}-{end}")


def record_path(record_id: str, mode: str = "") -> str:
    """/records/{mode}/{id}; without a mode the page as it replays, under its banner."""
    return f"/records/{mode + '/' if mode else ''}{quote(record_id, safe=':')}"


def _shared(asked: Asked) -> dict[str, Any]:
    language = asked.language

    def say(name: str, /, **values: object) -> str:
        return word(language, name, **values)

    def own_link(path: str, **query: str) -> str:
        return (asked.room if asked.side == "replay" else "") + link(asked, path, **query)

    def of_captures(url: str) -> str:
        return captures_link(asked, url)

    other = {**asked.values, "lang": "en" if language == "vi" else "vi"}
    return {
        "t": say, "link": own_link, "captures_link": of_captures, "moment": moment,
        "day": _day(language), "host": _host, "size": _size(language), "number": _number(language),
        "lasting": _lasting(language),
        "language": language, "chosen": asked.chosen, "other_link": _other(asked, other), "side": asked.side,
        "patch_command": patch_command, "origin": asked.room, "replay": asked.replay,
    }  # fmt: skip


def _host(url: str) -> str:
    """The host of an address, which is enough to know a portal by."""
    return parted(url).netloc or url


def _other(asked: Asked, query: dict[str, str]) -> str:
    """The same page in the other language."""
    path = asked.path
    if path.startswith("/captures/"):
        path, query = "/captures", {"url": asked.target.removeprefix("/captures/"), "lang": query["lang"]}
    return f"{path}?{urlencode(query)}"


def moment(time: datetime | str) -> str:
    """A time of the archive to the second, in UTC."""
    at = parse_warc_date(time) if isinstance(time, str) else time
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _day(language: str) -> Callable[[str], str]:
    """A portal's date, with the time of day if it has one, as it was published there."""

    def written(text: str) -> str:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return text
        clock = f" {at:%H:%M}" if len(text) > 10 else ""
        return f"{at:%d/%m/%Y}{clock}" if language == "vi" else f"{at.day} {at:%B %Y}{clock.replace(' ', ', ', 1)}"

    return written


def _size(language: str) -> Callable[[int], str]:
    def written(length: int) -> str:
        value, units = float(length), ["B", "kB", "MB", "GB", "TB"]
        while value >= 1000 and len(units) > 1:
            value, units = value / 1000, units[1:]
        text = f"{value:.0f}" if units[0] == "B" or value >= 100 else f"{value:.1f}"
        return f"{text.replace('.', ',') if language == 'vi' else text} {units[0]}"

    return written


def _lasting(language: str) -> Callable[[float], str]:
    """A length of time in its two largest units."""

    def written(seconds: float) -> str:
        units = [("ngày", "d", 86400), ("giờ", "h", 3600), ("phút", "min", 60), ("giây", "s", 1)]
        rest, parts = round(seconds), list[str]()
        for vietnamese, english, length in units:
            if rest >= length or (length == 1 and not parts):
                parts.append(f"{rest // length} {vietnamese if language == 'vi' else english}")
                rest %= length
        return " ".join(parts[:2])

    return written


def _number(language: str) -> Callable[[int], str]:
    return lambda value: f"{value:,}".replace(",", "." if language == "vi" else ",")
