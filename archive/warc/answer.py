"""What a capture's row says of an answer, worked out from its head: media type, and where a redirect leads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from archive.warc.framing import Framer

# What is sent back to a server must be a field value (RFC 9110, section 5.5), and short: tags are hashes, not books.
_SENDABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,510}[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server knows the state of a resource (RFC 9110, section 8.8), as it wrote them."""

    etag: str | None = None
    last_modified: str | None = None

    def __bool__(self) -> bool:
        return self.etag is not None or self.last_modified is not None

    def answers(self, asked: Validators) -> bool:
        """Whether this is the state that a conditional request with `asked` speaks of: by tag if it has one, else by date."""
        if asked.etag is not None:
            return self.etag == asked.etag
        return asked.last_modified is not None and self.last_modified == asked.last_modified


def validators(framer: Framer) -> Validators:
    """The validators of an answer."""
    return Validators(_sendable(framer, b"etag"), _sendable(framer, b"last-modified"))


def asked_about(request: bytes) -> Validators:
    """The validators that a request sent (If-None-Match, If-Modified-Since), from its head as it crossed the wire."""
    found: dict[bytes, str] = {}
    for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        found.setdefault(name.strip().lower(), value.strip().decode("latin-1"))
    return Validators(found.get(b"if-none-match"), found.get(b"if-modified-since"))


def _sendable(framer: Framer, name: bytes) -> str | None:
    values = framer.values(name)
    text = values[0].decode("latin-1").strip() if len(values) == 1 else ""
    return text if _SENDABLE.fullmatch(text) else None


def essence(content_type: str | None) -> str | None:
    """A Content-Type without its parameters, in lower case; None if it is no media type."""
    named = (content_type or "").partition(";")[0].strip().lower()
    return named if "/" in named else None


def media_type(framer: Framer) -> str | None:
    """That of the answer's first Content-Type."""
    named = framer.values(b"content-type")
    return essence(named[0].decode("latin-1")) if named else None


def location(framer: Framer, url: str) -> str | None:
    """Where a redirect leads, absolute (RFC 9110, section 10.2.2); None if the answer is none."""
    named = framer.values(b"location")
    if not named or (framer.status or 0) // 100 != 3:
        return None
    try:
        written = named[0].decode("utf-8")
    except UnicodeDecodeError:
        written = named[0].decode("latin-1")
    try:
        return urljoin(url, written)
    except ValueError:
        return None
