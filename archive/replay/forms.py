"""Forms in replay: the kept answer to a POST with the same data is found; nothing is ever sent on."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from archive.model import Capture
from archive.replay.asking import Asked, Refused
from archive.retrieve import Reader, kept
from archive.warc.framing import Framer

# Longer than any form of a portal that a crawl would send; uploads are not looked up.
LONGEST_BODY = 1 << 20
# So many captures of one address are compared, the newest first.
MOST_COMPARED = 200

# A body as type and data, told apart from another by what a server would read in it.
Sent = tuple[str, object]


def posted(asked: Asked) -> Sent:
    """What a POST request carries. Raises Refused (413) if it is too long."""
    length = asked.environ.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit() or int(length[:12]) > LONGEST_BODY:
        raise Refused(413, "body_long", limit=LONGEST_BODY)
    return _read(asked.environ.get("CONTENT_TYPE", ""), asked.environ["wsgi.input"].read(int(length)))


def answers_to(reader: Reader, url: str, sent: Sent) -> list[tuple[Capture, bool]]:
    """The captures of `url` that answered a POST, each with whether it carried the same data; oldest first."""
    answered = [c for c in reader.find(url) if c.method == "POST" and c.status is not None][-MOST_COMPARED:]
    return [(capture, _sent_for(reader, capture) == sent) for capture in answered]


def _sent_for(reader: Reader, capture: Capture) -> Sent | None:
    found = reader.stored(capture.record_id)
    if found is None:
        return None
    archive, row = found
    request = next((r for r in archive.records_of(row.capture or 0) if r.type == "request"), None)
    if request is None or request.length > 2 * LONGEST_BODY:
        return None
    head, _, body = kept(archive, request).record().read().partition(b"\r\n\r\n")
    named = re.search(rb"(?im)^content-type:[ \t]*(.*?)[ \t]*\r?$", head)
    if re.search(rb"(?im)^transfer-encoding:.*chunked", head):
        body = _dechunked(body)
    return _read(named[1].decode("latin-1") if named else "", body)


def _dechunked(body: bytes) -> bytes:
    pieces: list[bytes] = []
    framer = Framer("GET", pieces.append)
    framer.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    return b"".join(pieces)


def _read(content_type: str, body: bytes) -> Sent:
    essence = content_type.partition(";")[0].strip().lower()
    if essence == "application/x-www-form-urlencoded":
        return essence, parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    boundary = re.search(r'(?i)boundary="?([^";,]+)', content_type)
    if essence == "multipart/form-data" and boundary:
        # Browsers make up a boundary each time; the parts between are what was filled in.
        return essence, [part.strip(b"\r\n-") for part in body.split(b"--" + boundary[1].encode("latin-1"))]
    return essence, body
