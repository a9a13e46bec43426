"""Archived bytes on the replay host: the body as captured, or the whole message.

Of the captured headers an allow-list is sent: no cookie, HSTS or service worker header reaches the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote

from archive.model import Capture
from archive.replay.answering import Answer, moved
from archive.replay.asking import Asked, Refused
from archive.replay.memento import memento_headers
from archive.replay.pages import captures_link, replay_path
from archive.replay.reading import archived
from archive.retrieve import Opened, Reader
from archive.urls import digits14, parse_time

# sandbox with no allowance: no script, form or plug-in, an origin of its own; and nothing is loaded from elsewhere.
_SOURCES = "default-src 'self' 'unsafe-inline' data:; form-action 'none'; base-uri 'none'"
POLICY = f"sandbox; {_SOURCES}; frame-ancestors 'none'"
# Shown in the browser; everything else is handed over as a file (a sandboxed PDF viewer shows nothing anyway).
_SHOWN = re.compile(
    r"(?:text|image|audio|video|font)/|application/(?:(?:xhtml|rss|atom)\+xml|xml|json|(?:x-)?javascript)$"
)


def by_time(reader: Reader, asked: Asked, time: str, mode: str, url: str) -> Answer:
    """The capture of `url` nearest to `time`; an address with another capture's time leads to the right one."""
    url = archived(asked, url)
    if time == "*":
        return moved(asked, asked.room + captures_link(asked, url))
    if mode in ("", "if_"):
        mode = "id_"  # rewritten pages do not exist yet: what is there is the body as captured
        return moved(asked, replay_path(time, mode, url))
    if mode not in ("id_", "raw_"):
        raise Refused(404, "bad_mode", mode=mode)
    try:
        at = parse_time(time)
    except ValueError:
        raise Refused(400, "bad_time", time=time) from None
    capture = reader.closest(url, at)
    if capture is None:
        return moved(asked, asked.room + captures_link(asked, url))
    if digits14(capture.time) != time:
        return moved(asked, replay_path(digits14(capture.time), mode, capture.url))
    return _play(reader, asked, capture, mode)


def by_record(reader: Reader, asked: Asked, mode: str, record: str) -> Answer:
    """The capture that has this WARC record: for two captures within one second."""
    capture = reader.capture(record)
    if capture is None:
        raise Refused(404, "no_record", record=record)
    if capture.failure and capture.status is None:
        return moved(asked, asked.room + captures_link(asked, capture.url))
    return _play(reader, asked, capture, mode)


def _play(reader: Reader, asked: Asked, capture: Capture, mode: str) -> Answer:
    opened = reader.open(capture)
    try:
        headers = [*_safe(capture), *memento_headers(reader, asked, capture, mode)]
        if mode == "id_" and opened.status == 304 and not opened.repeats:
            # "Not modified" without what it speaks of: a browser that asked for no such thing can show nothing.
            opened.close()
            return moved(asked, asked.room + captures_link(asked, capture.url))
        if mode == "raw_":
            status, body = 200, opened.chunks()
            media_type = "application/http; msgtype=response" if opened.is_http else "application/octet-stream"
            headers += [("Content-Type", media_type), _as_file(f"{digits14(capture.time)}.http")]
        else:
            status, more, body = _as_captured(capture, opened)
            headers += more
        # The first piece is read before a header is sent: by then every digest on the way has been checked.
        pieces = chain([next(body, b"")], body)
    except BaseException:
        opened.close()
        raise
    return Answer(status, headers, pieces, opened.close)


def _as_captured(capture: Capture, opened: Opened) -> tuple[int, list[tuple[str, str]], Iterator[bytes]]:
    """Status, headers and body of `id_`. A "not modified" is shown as the answer that it confirmed."""
    meant = opened.original if opened.repeats == "not-modified" and opened.original else opened
    status = meant.status if meant.status and 200 <= meant.status <= 599 else 200
    named = {name.lower(): value for name, value in reversed(meant.headers)}
    media_type = _clean(meant.media_type or "")
    essence = media_type.partition(";")[0].strip().lower()
    # multipart answers carry header fields of their own for every part, and browsers obey them.
    if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", essence) or essence.startswith("multipart/"):
        media_type = essence = "application/octet-stream"
    headers = [("Content-Type", media_type)]
    if "content-language" in named:
        headers.append(("Content-Language", _clean(named["content-language"])))
    if not _SHOWN.match(essence):
        headers.append(_as_file(capture.url.partition("?")[0].rpartition("/")[2] or "archived"))
    if capture.location and 300 <= status < 400:
        headers.append(("Location", replay_path(digits14(capture.time), "id_", capture.location)))
    if status in (204, 205, 304):
        return status, headers, iter(())
    bearer = meant.original or meant
    coded = any(name.lower() == "content-encoding" for name, _ in bearer.headers)
    return status, headers, iter([meant.body()]) if coded else meant.entity()


def _safe(capture: Capture) -> list[tuple[str, str]]:
    return [
        ("Content-Security-Policy", POLICY), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"), ("X-Archive-Record", capture.record_id),
    ]  # fmt: skip


def _as_file(name: str) -> tuple[str, str]:
    """Content-Disposition with a name that no browser misreads (RFC 6266); `name` is escaped already, or plain."""
    told = re.sub(r"[^A-Za-z0-9._%-]", "_", name)[:150]
    return "Content-Disposition", f"attachment; filename*=UTF-8''{quote(told, safe='%')}"


def _clean(value: str) -> str:
    """A header value without what could end it."""
    return re.sub(r"[^\t\x20-\x7e\x80-\xff]", " ", value).strip()
