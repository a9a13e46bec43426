"""What a capture's row says of an answer, worked out from its head: media type, and where a redirect leads."""

from __future__ import annotations

from urllib.parse import urljoin

from archive.warc.framing import Framer


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
