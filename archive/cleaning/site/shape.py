"""What addresses look like: `/tin-tuc/hop-bao-1234.html` and `/tin-tuc/khai-mac-77.html` have one shape."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

_WORD = re.compile(r"[^\W\d_][\w.~%-]*", re.UNICODE)
_NUMBER = re.compile(r"\d+")
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}$")
# Path segments of an address beyond this many look all the same.
_DEPTH = 8


def shape(url: str) -> str:
    """The shape of an address, without its host: its first folder by name, every later segment by its kind.

    `N` is a number, `W` words without a number, `M` words with one; endings and the names of query fields stay.
    """
    try:
        parts = urlsplit(url)
        segments = [unquote(s) for s in parts.path.split("/")[1:]]
        fields = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)})
    except ValueError:
        return "?"
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
