"""What was asked: a WSGI environ read once, with limits, into the words that the pages use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote

from archive.replay.hosts import Hosts, Side, split

# Longer than any address a crawl keeps, short enough to be read before anything is done.
LONGEST = 16384
LANGUAGES = ("vi", "en")


class Refused(Exception):
    """The room does not answer this: a status, the word for it (wording.py), and values for that sentence."""

    def __init__(self, status: int, word: str, /, **values: object) -> None:
        super().__init__(word)
        self.status, self.word, self.values = status, word, values


@dataclass(frozen=True)
class Asked:
    """One request. `path` and `query` are still escaped, as they came; `room` and `replay` are the two origins."""

    side: Side
    path: str
    query: str
    language: str
    chosen: bool
    json: bool
    room: str
    replay: str
    values: dict[str, str] = field(default_factory=dict)
    environ: dict[str, Any] = field(default_factory=dict, repr=False)

    def sent(self, name: str) -> str:
        """The value of a header field of the request, empty if it was not sent."""
        return str(self.environ.get("HTTP_" + name.upper().replace("-", "_"), "")).strip()

    @property
    def method(self) -> str:
        """GET, HEAD or POST."""
        return str(self.environ["REQUEST_METHOD"])

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


def asked(environ: dict[str, Any], hosts: Hosts) -> Asked:
    """The request in a WSGI environ. Raises Refused: 405 method, 400 or 421 host, 414 length."""
    method = environ["REQUEST_METHOD"]
    if method not in ("GET", "HEAD", "POST"):
        raise Refused(405, "method")
    try:
        name, port = split(environ.get("HTTP_HOST", ""))
    except ValueError:
        raise Refused(400, "no_host") from None
    side = hosts.side(name)
    path, query = _target(environ)
    if len(path) + len(query) > LONGEST:
        raise Refused(414, "too_long", limit=LONGEST)
    if method == "POST" and not (side == "replay" and path.startswith("/web/")):
        raise Refused(405, "method")
    if side is None:
        if path != "/healthz":
            raise Refused(421, "stranger", name=name)
        side = "room"
    values = dict(parse_qsl(query, keep_blank_values=True, encoding="utf-8", errors="replace")) if query else {}
    chosen = side == "room" and values.get("lang") in LANGUAGES
    scheme = _scheme(environ)
    return Asked(
        side=side, path=path, query=query, chosen=chosen, values=values,
        language=values["lang"] if chosen else preferred(environ.get("HTTP_ACCEPT_LANGUAGE", "")[:1000]),
        json=wants_json(environ.get("HTTP_ACCEPT", "")[:1000]),
        room=f"{scheme}://{name if side == 'room' else hosts.room}{port}", replay=f"{scheme}://{hosts.replay}{port}",
        environ=environ,
    )  # fmt: skip


def _scheme(environ: dict[str, Any]) -> str:
    """What the reader's browser speaks: what a proxy in front says of it, else what the server does.

    Whoever sends the header without being a proxy gets other links in an answer that nobody else gets.
    """
    said = environ.get("HTTP_X_FORWARDED_PROTO")
    return said if said in ("http", "https") else str(environ.get("wsgi.url_scheme", "http"))


@lru_cache(maxsize=256)
def preferred(accept_language: str) -> str:
    """Vietnamese or English, whichever an Accept-Language header likes better (RFC 9110, section 12.5.4)."""
    best = {name[:2]: weight for name, weight in reversed(_weighted(accept_language)) if name[:2] in LANGUAGES}
    return max(LANGUAGES, key=lambda language: best.get(language, 0.0)) if any(best.values()) else "vi"


@lru_cache(maxsize=256)
def wants_json(accept: str) -> bool:
    """Whether an Accept header names JSON and likes it better than HTML."""
    weights = dict(_weighted(accept))
    return weights.get("application/json", 0.0) > weights.get("text/html", 0.0)


def _weighted(header: str) -> list[tuple[str, float]]:
    made = []
    for item in header.lower().split(","):
        name, _, rest = item.partition(";")
        weight = re.search(r"q\s*=\s*([01](?:\.\d{0,3})?)", rest)
        made.append((name.strip(), float(weight[1]) if weight else 1.0))
    return sorted(made, key=lambda pair: -pair[1])


def _target(environ: dict[str, Any]) -> tuple[str, str]:
    """Path and query as they were sent: WSGI unescapes the path, and with it what belongs to an archived address."""
    raw = environ.get("REQUEST_URI")
    if raw is not None:
        if not raw.startswith("/"):  # absolute, as a proxy sends it (RFC 9112, section 3.2.2)
            raw = re.sub(r"^https?://[^/?]*", "", raw, flags=re.IGNORECASE)
        path, _, query = raw.partition("?")
        return path or "/", query
    path = quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe="/:@!$&'()*+,;=~%[]|")
    return path or "/", environ.get("QUERY_STRING", "")
