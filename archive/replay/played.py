"""Captures as answers: the body as captured or the message, what a page loads, and the page rewritten.

Of the captured headers an allow-list is sent: no cookie, HSTS, policy or service worker header reaches the reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import quote

from archive.model import Capture
from archive.replay.answering import Answer, moved
from archive.replay.asking import Asked, Refused
from archive.replay.banner import FRAMED, closed, here, in_page, proof, told, version
from archive.replay.memento import memento_headers
from archive.replay.pages import replay_path
from archive.replay.policies import INERT, replaying
from archive.replay.ranges import unsatisfiable, wanted
from archive.replay.rewriting.attributes import refreshed
from archive.replay.rewriting.charsets import named_in, said_in, wide
from archive.replay.rewriting.html import Inserted
from archive.replay.rewriting.kinds import Kind, essence_of, kind_of, rewritten, sniffed_image
from archive.replay.rewriting.leads import Leads
from archive.retrieve import Opened, Reader
from archive.store.listing import Memento
from archive.urls import digits14

# Shown in the browser; everything else is handed over as a file (a sandboxed PDF viewer shows nothing anyway).
_SHOWN = re.compile(
    r"(?:text|image|audio|video|font)/|application/(?:(?:xhtml|rss|atom)\+xml|xml|json|(?:x-)?javascript)$"
)
# Longer documents are shown as captured: rewriting holds them in memory as a whole.
LONGEST_REWRITTEN = 1 << 25
# Bodies up to this size are read once; of longer ones the length is counted first.
_SMALL = 1 << 20
_ESSENCE = re.compile(r"[\w.+-]+/[\w.+-]+")
_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_PART = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
_CODED = ("content-encoding", "transfer-encoding")
_FRAMES = ("iframe", "frame", "object", "embed")

Headers = list[tuple[str, str]]
# The captures of the same address, where they are known already.
Beside = list[Memento] | None


@dataclass(frozen=True)
class _Meant:
    """The answer that a capture stands for: a "not modified" is shown as the one that it confirmed."""

    opened: Opened
    status: int
    media_type: str
    named: dict[str, str]
    coded: bool
    small: bool

    @property
    def bodiless(self) -> bool:
        return self.status in (204, 205, 304)


def as_captured(reader: Reader, asked: Asked, capture: Capture, opened: Opened, mode: str, beside: Beside = None) -> Answer:
    """`id_`: status and body as captured, without chunking and content coding; `raw_`: the whole HTTP message."""
    headers = [*_shared(reader, asked, capture, mode, beside), ("Content-Security-Policy", INERT)]
    if mode == "raw_":
        media_type = "application/http; msgtype=response" if opened.is_http else "application/octet-stream"
        headers += [("Content-Type", media_type), _as_file(f"{digits14(capture.time)}.http")]
        return _answer(200, headers, opened.chunks(), opened)
    meant = _meant(opened)
    media_type, essence = _typed(meant.media_type)
    headers += [("Content-Type", media_type), *_taken_over(meant, capture, "id_")]
    if not _SHOWN.match(essence):
        headers.append(_as_file(_name(capture, meant)))
    return _plain(asked, meant, headers, opened)


def embedded(reader: Reader, asked: Asked, capture: Capture, opened: Opened, place: str, beside: Beside = None) -> Answer:
    """What a page loads, rewritten by what it is, in place."""
    meant = _meant(opened)
    headers = [*_shared(reader, asked, capture, place, beside), ("Content-Security-Policy", replaying(asked))]
    headers += [("Content-Location", here(asked, capture, place))]
    nested = asked.sent("Sec-Fetch-Dest") in _FRAMES
    page = "if_" if nested else "mp_"
    return _rewritten(asked, capture, meant, headers, place, page, lambda: _ours(asked, capture, b"", page) if nested else Inserted(), opened)


def replayed(reader: Reader, asked: Asked, capture: Capture, opened: Opened, mode: str, beside: Beside = None) -> Answer | None:
    """A page, rewritten; None for what a browser is to show in a frame of its own (banner.framed)."""
    meant = _meant(opened)
    essence = essence_of(meant.media_type, b"")
    # Browsers do not say where they want a page when the server is neither https nor this machine.
    wanted = asked.sent("Sec-Fetch-Dest") or ("document" if asked.sent("Upgrade-Insecure-Requests") and not mode else "")
    redirect = capture.location is not None and 300 <= meant.status < 400
    if wanted == "document" and not redirect and not meant.bodiless and (not essence or _SHOWN.match(essence)):
        if mode in FRAMED:
            return None
        opened.close()
        whole = next(outer for outer, inner in FRAMED.items() if inner == mode)
        return moved(asked, here(asked, capture, whole))

    def ours() -> Inserted:
        if mode in ("if_", "fw_"):
            return _ours(asked, capture, b"", mode)
        banner = in_page(asked, told(reader, asked, capture, opened, mode), scripted=mode == "mp_")
        return _ours(asked, capture, banner, mode)

    headers = [*_shared(reader, asked, capture, mode, beside), ("Content-Security-Policy", replaying(asked))]
    return _rewritten(asked, capture, meant, headers, "", mode, ours, opened)


def _rewritten(
    asked: Asked, capture: Capture, meant: _Meant, headers: Headers, place: str, page: str,
    ours: Callable[[], Inserted], opened: Opened,
) -> Answer:  # fmt: skip
    headers += _taken_over(meant, capture, place or page)
    leads = Leads(capture.url, _time(asked, capture) if place else digits14(capture.time), page, asked.replay)
    if (refresh := meant.named.get("refresh")) and (to := refreshed(refresh.encode("latin-1"), leads)):
        headers.append(("Refresh", to.decode("latin-1")))
    start = _start(meant)
    essence = essence_of(meant.media_type, start)
    kind: Kind = "" if meant.bodiless or capture.length > LONGEST_REWRITTEN else kind_of(essence, place)
    if not kind:
        media_type, essence = _typed(meant.media_type or essence)
        if place in ("im_", "oe_") and not essence.startswith(("image/", "audio/", "video/", "text/html")):
            media_type = essence = sniffed_image(start) or essence
        headers.append(("Content-Type", media_type))
        if not place and not _SHOWN.match(essence):
            headers.append(_as_file(_name(capture, meant)))
        return _plain(asked, meant, headers, opened)
    data = meant.opened.body()
    if len(data) > LONGEST_REWRITTEN:
        return _plain(asked, meant, [*headers, ("Content-Type", _typed(meant.media_type)[0])], opened)
    headers.append(("Content-Type", _content_type(kind, essence, meant, data)))
    made = rewritten(kind, data, meant.media_type, leads, ours() if kind in ("html", "xhtml") else Inserted())
    headers.append(("Content-Length", str(len(made))))
    opened.close()
    return Answer(meant.status, headers, [made])


def _time(asked: Asked, capture: Capture) -> str:
    """The time that a page's parts are asked for with: theirs are the nearest to it too."""
    found = re.match(r"/web/(\d{1,14})", asked.path)
    return found[1] if found else digits14(capture.time)


def _start(meant: _Meant) -> bytes:
    """The first bytes of a body whose type was not told."""
    if meant.bodiless or re.match(r"(?:text/|image/)|application/(?!octet-stream)", meant.media_type.lower()):
        return b""
    return meant.opened.body()[:512] if meant.coded else next(meant.opened.entity(), b"")[:512]


def _content_type(kind: Kind, essence: str, meant: _Meant, data: bytes) -> str:
    """The type under which a rewritten body is sent: as captured, unless nosniff would keep it from what it did live."""
    told, _ = _typed(meant.media_type or essence)
    if kind == "script" and "nosniff" not in meant.named.get("x-content-type-options", "").lower():
        told = re.sub(r"^[^;]*", "text/javascript", told)
    elif kind == "css":
        told = re.sub(r"^[^;]*", "text/css", told)
    if kind == "html" and not said_in(told) and not wide(data, told) and (charset := named_in(data)):
        return f"{told}; charset={charset}"
    return told


def _ours(asked: Asked, capture: Capture, banner: bytes, mode: str) -> Inserted:
    """The client script with what it has to know, and the banner."""
    # Only a frame can be sure that the word for this capture is read by nobody but its own script.
    signed = asked.sent("Sec-Fetch-Dest") in ("", *_FRAMES)
    facts = {
        "time": digits14(capture.time), "mode": mode, "url": capture.url, "record": capture.record_id if signed else "",
        "proof": proof(capture) if signed else "",
    }  # fmt: skip
    told = "".join(f' data-{name}="{quote(value, safe=_QUOTED)}"' for name, value in facts.items())
    return Inserted(f'<script src="{asked.replay}/replay/client.js?{version()}"{told}></script>'.encode(), banner)


_QUOTED = ":/?=%;,+@!$()*~[]|#"


def _shared(reader: Reader, asked: Asked, capture: Capture, mode: str, beside: Beside) -> Headers:
    return [*closed(asked), ("X-Archive-Record", capture.record_id), *memento_headers(reader, asked, capture, mode, beside)]


def _meant(opened: Opened) -> _Meant:
    meant = opened.original if opened.repeats == "not-modified" and opened.original else opened
    status = meant.status if meant.status and 200 <= meant.status <= 599 else 200
    named = {name.lower(): value for name, value in reversed(meant.headers)}
    part = _PART.fullmatch(named.get("content-range", "")) if status == 206 else None
    if part and (part[1], int(part[2]) + 1) == ("0", int(part[3])):
        status = 200  # somebody else's crawler asked for all of it as a range
    bearer = meant.original or meant
    codings = {value.strip().lower() for name, value in bearer.headers if name.lower() in _CODED}
    return _Meant(meant, status, _clean(meant.media_type or ""), named, bool(codings - {"", "identity", "chunked"}), bearer.capture.length <= _SMALL)


def _taken_over(meant: _Meant, capture: Capture, mode: str) -> Headers:
    """The captured headers that mean something in replay, made safe."""
    headers = []
    if "content-language" in meant.named:
        headers.append(("Content-Language", _clean(meant.named["content-language"])))
    if meant.status == 206 and _PART.fullmatch(part := meant.named.get("content-range", "")):
        headers.append(("Content-Range", part))
    if capture.location and 300 <= meant.status < 400:
        headers.append(("Location", replay_path(digits14(capture.time), mode, capture.location)))
    return headers


def _typed(media_type: str) -> tuple[str, str]:
    """A media type that browsers can be given, and its essence."""
    essence = media_type.partition(";")[0].strip().lower()
    # multipart answers carry header fields of their own for every part, and browsers obey them.
    if not _ESSENCE.fullmatch(essence) or essence.startswith("multipart/"):
        return "application/octet-stream", "application/octet-stream"
    return media_type, essence


def _plain(asked: Asked, meant: _Meant, headers: Headers, opened: Opened) -> Answer:
    """The body as it was, or the part of it that was asked for."""
    if meant.bodiless:
        return _answer(meant.status, headers, iter(()), opened)
    body = [meant.opened.body()] if meant.coded else list(meant.opened.entity()) if meant.small else None
    length = sum(map(len, body if body is not None else meant.opened.entity()))
    try:
        part = wanted(asked, length) if meant.status == 200 else None
    except Refused as refused:
        opened.close()
        return unsatisfiable(asked, refused, length)
    pieces = iter(body) if body is not None else meant.opened.entity()
    headers += [("Accept-Ranges", "bytes"), ("Content-Length", str(length if part is None else len(part)))]
    if part is None:
        return _answer(meant.status, headers, pieces, opened)
    headers.append(("Content-Range", f"bytes {part.start}-{part.stop - 1}/{length}"))
    return _answer(206, headers, _between(pieces, part), opened)


def _between(pieces: Iterator[bytes], part: range) -> Iterator[bytes]:
    at = 0
    for piece in pieces:
        if at >= part.stop:
            return
        if at + len(piece) > part.start:
            yield piece[max(0, part.start - at) : part.stop - at]
        at += len(piece)


def _answer(status: int, headers: Headers, body: Iterator[bytes], opened: Opened) -> Answer:
    # The first piece is read before a header is sent: by then every digest on the way has been checked.
    return Answer(status, headers, chain([next(body, b"")], body), opened.close)


def _name(capture: Capture, meant: _Meant) -> str:
    """What a file is called: as the server said, else as its address ends."""
    said = meant.named.get("content-disposition", "")
    found = re.search(r"(?i)filename\*\s*=\s*utf-8''([^;\s]+)", said) or re.search(r'(?i)filename\s*=\s*"?([^";]+)', said)
    name = found[1].strip() if found else capture.url.partition("?")[0].rpartition("/")[2]
    return name if "%" in name else quote(name.encode("latin-1", "replace"), safe="")


def _as_file(name: str) -> tuple[str, str]:
    """Content-Disposition with a name that no browser misreads (RFC 6266); `name` is escaped already, or plain."""
    told = re.sub(r"[^A-Za-z0-9._%-]", "_", name)[:150] or "archived"
    return "Content-Disposition", f"attachment; filename*=UTF-8''{quote(told, safe='%')}"


def _clean(value: str) -> str:
    """A header value without what could end it."""
    return _UNSENDABLE.sub(" ", value).strip()
