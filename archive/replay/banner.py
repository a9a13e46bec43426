"""The banner over a replayed page: what it is, when it was captured, its neighbours, and whether its digests hold now."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from urllib.parse import quote, unquote

from archive.model import Capture
from archive.replay.answering import Answer
from archive.replay.asking import Asked, Refused
from archive.replay.memento import memento_headers
from archive.replay.pages import rendered, replay_path
from archive.replay.policies import PERMISSIONS, SANDBOX, framing
from archive.retrieve import Opened, Reader
from archive.urls import digits14, parse_warc_date, surt

# Signs what a framed page says it is: another page cannot know the word for a capture that it is not.
_KEY = secrets.token_bytes(32)
# In the frame, pages keep their own modifier: the frame around them has the banner, or none.
FRAMED = {"": "mp_", "if_": "fw_"}


@dataclass(frozen=True)
class Told:
    """What the banner says of a capture, ready for its template."""

    capture: Capture
    before: str | None
    after: str | None
    verdict: str
    status: str | None


def told(reader: Reader, asked: Asked, capture: Capture, opened: Opened, mode: str) -> Told:
    """The banner's facts. The digests are computed now; raises DamagedRecord if the record's own does not hold."""
    links = [beside and asked.replay + replay_path(beside[0], mode, beside[1]) for beside in _beside(reader, capture)]
    return Told(capture, links[0], links[1], verdict(capture, opened), _status(capture))


def in_page(asked: Asked, facts: Told, *, scripted: bool) -> bytes:
    """The banner as it stands in a page's body, in a shadow tree that the page's styles do not reach; ASCII only.

    `scripted`: shown only where scripts do not run, because the frame around the page has the banner otherwise.
    """
    inner = rendered(asked, "banner.html", told=facts, top="")
    style = _asset("banner.css").decode()
    host = (
        '<tangthu-banner style="all:initial!important;display:block!important;position:sticky!important;top:0!important;'
        'z-index:2147483647!important"><template shadowrootmode="closed">'
        f'<style>{style}</style><div class="banner">{inner}</div></template></tangthu-banner>'
    )
    whole = f"<noscript>{host}</noscript>" if scripted else host
    return whole.encode("ascii", "xmlcharrefreplace")


def framed(reader: Reader, asked: Asked, capture: Capture, facts: Told | None, mode: str) -> Answer:
    """The page around a replayed document: it runs in a frame that it cannot leave, under a banner that it cannot reach."""
    source = here(asked, capture, FRAMED[mode])
    page = rendered(
        asked, "replay.html", told=facts, source=source, capture=capture, time=digits14(capture.time), mode=FRAMED[mode],
        sandbox=SANDBOX, version=version(), top="_top",
    )  # fmt: skip
    headers = [
        ("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", framing(asked)), *closed(asked),
        *memento_headers(reader, asked, capture, mode),
    ]  # fmt: skip
    return Answer(capture.status or 200, headers, [page.encode()])


def here(asked: Asked, capture: Capture, mode: str) -> str:
    """The address of this capture in another mode, by its record if it was asked for so."""
    by_record = asked.path.startswith("/records/")
    return f"/records/{mode}/{capture.record_id}" if by_record else replay_path(digits14(capture.time), mode, capture.url)


def closed(asked: Asked) -> list[tuple[str, str]]:
    """The headers that every answer of the replay host has, whatever it carries."""
    headers = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Permissions-Policy", PERMISSIONS),
        ("Cache-Control", "no-store"), ("Vary", "Sec-Fetch-Dest, Accept-Language"), ("X-DNS-Prefetch-Control", "off"),
    ]  # fmt: skip
    # A replayed document has an origin of its own, "null": its fonts, modules and requests need this to be let in.
    return [*headers, ("Access-Control-Allow-Origin", "null")] if asked.sent("Origin") == "null" else headers


def proof(capture: Capture) -> str:
    """The word with which a page in the frame shows that it is this capture."""
    return hmac.new(_KEY, capture.record_id.encode(), hashlib.sha256).hexdigest()[:32]


def of_framed(reader: Reader, asked: Asked, proof_given: str, record: str) -> Answer:
    """The banner for what the frame now shows; 404 unless the proof is that of the record."""
    capture = reader.capture(unquote(record))
    if capture is None or not hmac.compare_digest(proof(capture), proof_given):
        raise Refused(404, "no_record", record=record)
    with reader.open(capture) as opened:
        facts = told(reader, asked, capture, opened, "")
    page = rendered(asked, "banner.html", told=facts, top="_top")
    address = replay_path(digits14(capture.time), "", capture.url)
    headers = [
        ("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", "default-src 'none'"), ("X-Address", address),
        ("X-Url", quote(capture.url, safe=":/?&=%;,+@!$'()*~[]|#")), *closed(asked),
    ]  # fmt: skip
    return Answer(200, headers, [page.encode()])


def asset(asked: Asked, name: str) -> Answer:
    """A script or stylesheet of the replay host; its address changes with its content."""
    media_type = "text/css" if name.endswith(".css") else "text/javascript"
    headers = [(n, v) for n, v in closed(asked) if n not in ("Cache-Control", "Vary")]
    headers += [("Content-Type", f"{media_type}; charset=utf-8"), ("Cache-Control", "public, max-age=31536000, immutable")]
    return Answer(200, headers, [_asset(name)])


@cache
def _asset(name: str) -> bytes:
    return files("archive.replay").joinpath("templates", name).read_bytes()


@cache
def version() -> str:
    """Tells the assets of this version from those that a browser has kept of another."""
    names = ("client.js", "frame.js", "frame.css", "banner.css")
    return hashlib.sha256(b"".join(_asset(name) for name in names)).hexdigest()[:12]


def _beside(reader: Reader, capture: Capture) -> list[tuple[str, str] | None]:
    """Time (14 digits) and address of the answered captures before and after this one."""
    key, found = surt(capture.url), {}
    for archive in reader.archives:
        for at in (capture.time - timedelta(microseconds=1), capture.time):
            found.update({parse_warc_date(row.time): row.url for row in archive.nearest(key, at)})
    before = max((t for t in found if t < capture.time), default=None)
    after = min((t for t in found if t > capture.time), default=None)
    return [(digits14(t), found[t]) if t else None for t in (before, after)]


def verdict(capture: Capture, opened: Opened) -> str:
    """The word for what the digests say: the record's was checked when it was opened, the payload's is computed here."""
    meant = opened.original or opened
    said = meant.capture.payload_digest if opened.original else capture.payload_digest
    if not said:
        return "digest_message"
    digest = hashlib.sha256()
    for piece in meant.entity():
        digest.update(piece)
    return "digests_hold" if said == f"sha256:{digest.hexdigest()}" else "digest_broken"


def _status(capture: Capture) -> str | None:
    """The status of an error, with its phrase; None for a page that was there."""
    if capture.status is None or capture.status < 400:
        return None
    try:
        return f"{capture.status} {HTTPStatus(capture.status).phrase}"
    except ValueError:
        return str(capture.status)
