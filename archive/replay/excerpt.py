"""The bytes of a capture's body from one place to another: where a paragraph of an article, or what was cut, can be read as it came."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote

from archive.cleaning.decode import decode
from archive.replay.answering import Answer, as_json
from archive.replay.asking import Asked, Refused
from archive.replay.banner import verdict
from archive.replay.pages import captures_link, link, page, record_link
from archive.retrieve import Reader

# Bytes shown before and behind an excerpt; of a longer excerpt only so much; bodies above are not read for it.
AROUND, MOST, LONGEST = 300, 1 << 15, 1 << 25
# What a page cannot show; line ends and tabs it can.
_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def excerpt(reader: Reader, asked: Asked, record: str, start: str, end: str) -> Answer:
    """The bytes [start, end) of the body that a record carries, chunking and content codings undone, with what stands around them."""
    capture = reader.capture(unquote(record))
    if capture is None or (capture.failure and capture.status is None):
        raise Refused(404, "no_record", record=record)
    if capture.length > LONGEST:
        raise Refused(413, "body_too_long", limit=LONGEST)
    with reader.open(capture) as opened:
        body, holds = opened.content(), verdict(capture, opened)
    first, last, data = int(start), int(end), body.data
    if not first < last <= len(data):
        raise Refused(404, "no_bytes", start=first, end=last, length=len(data))
    _, charset = decode(data, body.charset)
    shown = min(last, first + MOST)
    told = {
        "record_id": capture.record_id, "url": capture.url, "time": capture.time, "payload_digest": capture.payload_digest,
        "digests_hold": holds != "digest_broken", "length": len(data), "charset": charset, "start": first, "end": last,
        "sha256": hashlib.sha256(data[first:last]).hexdigest(), "says": _text(data[first:shown], charset), "whole": shown == last,
    }  # fmt: skip
    if asked.json:
        return as_json(asked, told)
    bodies = {mode: record_link(asked, capture, mode) for mode in ("id_", "raw_")}
    before, after = _text(data[max(0, first - AROUND) : first], charset), _text(data[shown : shown + AROUND], charset)
    return page(
        asked, "excerpt.html", told=told, holds=holds, before=before, after=after, bodies=bodies, more=first > AROUND,
        article=link(asked, "/articles", url=capture.url) if reader.article(capture.record_id) else None,
        captures=captures_link(asked, capture.url),
    )  # fmt: skip


def _text(data: bytes, charset: str) -> str:
    text = data.decode(charset, "replace") if charset.startswith("utf-16") else decode(data, charset)[0]
    return _UNSHOWN.sub("\ufffd", text)
