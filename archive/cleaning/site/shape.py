"""What addresses look like: `/tin-tuc/hop-bao-1234.html` and `/tin-tuc/khai-mac-77.html` have one shape."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

_WORD = re.compile(r"[^\W\d_][\w.~%-]*", re.UNICODE)
_NUMBER = re.compile(r"\d+")
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}$")
# Path segments of an address beyond this many look all the same.
_DEPTH = 8
# Query fields beyond this many are not told apart.
_FIELDS = 30


@lru_cache(1 << 14)
def shape(url: str) -> str:
    """The shape of an address, without its host: its first folder by name, every later segment by its kind.

    `N` is a number, `W` words without a number, `M` words with one; endings and the names of query fields stay.
    """
    path, _, query = url.partition("#")[0].partition("://")[2].partition("?")
    segments = [unquote(s) if "%" in s else s for s in path.split("/")[1:]]
    fields = sorted({unquote_plus(field.partition("=")[0]) for field in query.split("&")[:_FIELDS] if field})
    made = []
    for number, segment in enumerate(segments[:_DEPTH]):
        last = number == len(segments) - 1
        plain = not last and number == 0 and _WORD.fullmatch(segment) and not _NUMBER.search(segment)
        made.append(segment if plain else _kind(segment))
    more = "/…" if len(segments) > _DEPTH else ""
    return "/" + "/".join(made) + more + (f"?{'&'.join(fields)}" if fields else "")


def _kind(segment: str) -> str:
    ending = _ENDING.search(segment)
    name = segment[: ending.start()] if ending else segment
    if not name:
        kind = ""
    elif _NUMBER.fullmatch(name):
        kind = "N"
    else:
        kind = "M" if _NUMBER.search(name) else "W"
    return kind + (ending.group().lower() if ending else "")
