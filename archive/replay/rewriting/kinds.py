"""What an archived body is to a browser that loads it in a given place, and its rewriting."""

from __future__ import annotations

import re
from typing import Literal

from archive.replay.rewriting.charsets import in_ascii
from archive.replay.rewriting.css import rewrite_css
from archive.replay.rewriting.html import Inserted, rewrite_html
from archive.replay.rewriting.leads import Leads
from archive.replay.rewriting.scripts import rewrite_script

Kind = Literal["html", "xhtml", "xml", "css", "script", ""]
# What browsers take for HTML where the server does not say (MIME Sniffing Standard, section 7.1).
_LOOKS_LIKE_HTML = re.compile(
    rb"(?i)(?:\xef\xbb\xbf)?[\t\n\f\r ]*(?:<!--|<(?:!DOCTYPE HTML|HTML|HEAD|SCRIPT|IFRAME|H1|DIV|FONT|TABLE|A|STYLE|TITLE|B|BODY|BR|P)[ >])"
)
_SCRIPT = re.compile(r"(?:text|application)/(?:x-)?(?:java|ecma|live|j)script[\d.]*")
# Types that a browser never runs, whatever element asks for them (Fetch Standard, section 2.8).
_NEVER_RUN = re.compile(r"(?:image|audio|video)/|text/csv$")
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"), (b"\x00\x00\x01\x00", "image/x-icon"), (b"\x00\x00\x02\x00", "image/x-icon"),
)  # fmt: skip
_PLAIN: dict[str, Kind] = {
    "text/html": "html", "application/xhtml+xml": "xhtml", "image/svg+xml": "xml", "text/css": "css",
}  # fmt: skip


def essence_of(media_type: str, start: bytes) -> str:
    """The media type without parameters; sniffed from the body's start where none was sent, HTML only."""
    essence = media_type.partition(";")[0].strip().lower()
    if re.fullmatch(r"[\w.+-]+/[\w.+*-]+", essence):
        return essence
    return "text/html" if _LOOKS_LIKE_HTML.match(start) else ""


def kind_of(essence: str, place: str) -> Kind:
    """What is to be rewritten, "" if nothing: by the place that asked ("js_", "cs_", ...), then by the type."""
    if place == "js_" and not _NEVER_RUN.match(essence) and "json" not in essence:
        return "script"
    if place == "cs_" and essence in ("text/css", ""):
        return "css"
    return "script" if _SCRIPT.fullmatch(essence) else _PLAIN.get(essence, "")


def sniffed_image(start: bytes) -> str | None:
    """The type of an image by its first bytes (MIME Sniffing Standard, section 6.1), for those sent under another."""
    if start[:4] == b"RIFF" and start[8:14] == b"WEBPVP":
        return "image/webp"
    return next((kind for mark, kind in _IMAGES if start.startswith(mark)), None)


def rewritten(kind: Kind, data: bytes, content_type: str, leads: Leads, ours: Inserted) -> bytes:
    """`data` with its addresses led into the archive; `ours` goes into HTML only, and of it no banner into XML."""
    if kind == "css":
        return in_ascii(data, content_type, lambda text: rewrite_css(text, leads))
    if kind == "script":
        return in_ascii(data, content_type, lambda text: rewrite_script(text, leads))
    if kind == "html":
        return in_ascii(data, content_type, lambda text: rewrite_html(text, leads, ours))
    inserted = Inserted(head=ours.head) if kind == "xhtml" else Inserted()
    return in_ascii(data, content_type, lambda text: rewrite_html(text, leads, inserted, xml=True))
