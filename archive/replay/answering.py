"""What goes back: answers with the headers that each side owes, written so that no answer can forget them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from itertools import chain
from typing import Any
from urllib.parse import quote

from archive.replay.asking import Asked
from archive.urls import warc_date

Close = Callable[[], None]
_UNSENDABLE = re.compile(r"[^\x21-\x7e]+")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass
class Answer:
    """An answer; `body` is walked only for GET, and `close` called in any case; `route` names who made it."""

    status: int
    headers: list[tuple[str, str]]
    body: Iterable[bytes] = ()
    close: Close = field(default=lambda: None)
    route: str = ""

    @property
    def line(self) -> str:
        """Status code and reason as WSGI wants them."""
        return f"{self.status} {_PHRASES.get(self.status, 'Unknown')}"


def own(asked: Asked | None, status: int, body: bytes, media_type: str, script: str = "") -> Answer:
    """An answer of the room itself: nothing may run in it but the room's one `script` that is named, and only the archive's own images are loaded."""
    images = asked.replay if asked else "'none'"
    allowed = f"default-src 'none'; style-src 'self'; img-src {images}; form-action 'self'"
    if asked and script:
        allowed += f"; script-src {asked.room}{script}; connect-src {asked.room}"
    # On the replay host they say, within the frame around a page, why that page is not there: nothing to click away.
    framed = asked is not None and asked.side == "replay"
    policy = f"{allowed}; base-uri 'none'" if framed else f"{allowed}; frame-ancestors 'none'; base-uri 'none'"
    headers = [
        ("Content-Type", media_type), ("Content-Length", str(len(body))), ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cache-Control", "no-store"),
        ("Vary", "Accept, Accept-Language"), *([] if framed else [("X-Frame-Options", "DENY")]),
    ]  # fmt: skip
    return Answer(status, headers, [body])


def as_json(asked: Asked, plain: Any, status: int = 200) -> Answer:
    """An answer for machines. Times are written as WARC dates."""
    body = json.dumps(plain, ensure_ascii=False, indent=1, default=_plain).encode() + b"\n"
    return own(asked, status, body, "application/json")


def streamed(asked: Asked, pieces: Iterator[bytes], media_type: str) -> Answer:
    """An answer of unknown length. Its first piece is made at once: what goes wrong until then has its own answer."""
    answer = own(asked, 200, b"", media_type)
    answer.headers = [(name, value) for name, value in answer.headers if name != "Content-Length"]
    answer.body = chain([next(pieces, b"")], pieces)
    return answer


def moved(asked: Asked | None, location: str) -> Answer:
    """A redirect that is not for good. What may not stand in an address is escaped: it may have come as it was asked for."""
    answer = own(asked, 302, b"", "text/plain; charset=utf-8")
    answer.headers.append(("Location", _UNSENDABLE.sub(lambda odd: quote(odd[0].encode("latin-1", "replace")), location)))
    return answer


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return warc_date(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
