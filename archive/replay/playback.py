"""Which capture answers a request for replay, and in which form: rewritten, as captured, or the whole message."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import unquote

from archive.model import Capture
from archive.replay import reading
from archive.replay.answering import Answer, moved, own
from archive.replay.asking import Asked, Refused
from archive.replay.banner import framed, told
from archive.replay.forms import answers_to, posted
from archive.replay.pages import captures_link, replay_path
from archive.replay.played import as_captured, embedded, replayed
from archive.replay.reading import archived
from archive.retrieve import Exact, Reader
from archive.urls import digits14, parse_time, surt

# Modifiers: of whole pages (mp_ and fw_ in the frame of "" and if_), of what pages load, of bytes as captured.
PAGES = ("", "mp_", "if_", "fw_")
EMBEDS = ("im_", "cs_", "js_", "oe_")
INERT = ("id_", "raw_")
_PLACES = {"script": "js_", "worker": "js_", "sharedworker": "js_", "style": "cs_", "image": "im_"}
_FRAMES = ("iframe", "frame", "object", "embed")


def by_time(reader: Reader, asked: Asked, time: str, mode: str, url: str) -> Answer:
    """The capture of `url` nearest to `time`.

    Pages are led to the address with the capture's own time (302), so that a citation names what was seen. What a page
    loads is answered in place (Content-Location says from when): it stays the nearest to the time of the page.
    """
    url = archived(asked, url)
    if time == "*":
        return moved(asked, asked.room + captures_link(asked, url))
    if mode not in (*PAGES, *EMBEDS, *INERT):
        raise Refused(404, "bad_mode", mode=mode)
    if asked.sent("Service-Worker"):
        raise Refused(403, "no_worker")
    try:
        at = parse_time(time)
    except ValueError:
        raise Refused(400, "bad_time", time=time) from None
    place = _place(asked, mode)
    if asked.method == "POST":
        return _form(reader, asked, url, at, mode, place)
    # The address of a memento, as citations and our own links have it: one question answers all there is to ask.
    exact = reader.exact(url, at) if len(time) == 14 else None
    if exact and (mode in INERT or _shows(reader, exact.capture)):
        return _play(reader, asked, exact.capture, mode, place, exact)
    capture = reader.closest(url, at) if mode in INERT else _nearest(reader, url, at)
    if capture is None:
        return _missing(reader, asked, url, place)
    if not place and digits14(capture.time) != time:
        return moved(asked, replay_path(digits14(capture.time), mode, capture.url))
    return _play(reader, asked, capture, mode, place)


def by_record(reader: Reader, asked: Asked, mode: str | None, record: str) -> Answer:
    """The capture that has this WARC record: for two captures within one second."""
    capture = reader.capture(unquote(record))
    if capture is None:
        raise Refused(404, "no_record", record=record)
    if capture.failure and capture.status is None:
        return moved(asked, asked.room + captures_link(asked, capture.url))
    return _play(reader, asked, capture, mode or "", mode if mode in EMBEDS else "")


def _play(reader: Reader, asked: Asked, capture: Capture, mode: str, place: str, exact: Exact | None = None) -> Answer:
    opened, beside = (exact.opened, exact.mementos) if exact else (reader.open(capture), None)
    try:
        if opened.status == 304 and not opened.repeats and mode != "raw_":
            # "Not modified" without what it speaks of: a browser that asked for no such thing can show nothing.
            opened.close()
            return _missing(reader, asked, capture.url, place)
        if mode in INERT:
            return as_captured(reader, asked, capture, opened, mode, beside)
        if place:
            return embedded(reader, asked, capture, opened, place, beside)
        answer = replayed(reader, asked, capture, opened, mode, beside)
        if answer is None:
            facts = told(reader, asked, capture, opened, "") if mode == "" else None
            opened.close()
            return framed(reader, asked, capture, facts, mode)
    except BaseException:
        opened.close()
        raise
    return answer


def _place(asked: Asked, mode: str) -> str:
    """The modifier of what a page loads, by its own or by where the browser says that it is wanted; "" for pages."""
    if mode in EMBEDS:
        return mode
    wanted = asked.sent("Sec-Fetch-Dest")
    if mode in INERT or wanted in ("", "document", *_FRAMES):
        return ""
    return _PLACES.get(wanted, "oe_")


def _nearest(reader: Reader, url: str, at: datetime) -> Capture | None:
    """The capture to show: an answer to GET if there is one, no redirect to where it came from, no bare 304.

    http and https, with and without "www.", are one address to an archive: the redirect from one to the other would
    lead to itself.
    """
    found = reader.closest(url, at)
    if found is None or _shows(reader, found):
        return found
    fit = [c for c in reader.find(url) if (c.status is not None or not c.failure) and _shows(reader, c)]
    return min(fit, key=lambda c: (abs(c.time - at), c.time), default=found)


def _shows(reader: Reader, capture: Capture) -> bool:
    leads_back = capture.location is not None and surt(capture.location) == surt(capture.url)
    bare = capture.status == 304 and not (capture.revisit_of and reader.stored(capture.revisit_of))
    return capture.method == "GET" and not leads_back and not bare


def _form(reader: Reader, asked: Asked, url: str, at: datetime, mode: str, place: str) -> Answer:
    """The kept answer to a form that was sent with the same data (never sent anywhere now)."""
    sent = posted(asked)
    known = answers_to(reader, url, sent)
    fit = [capture for capture, same in known if same]
    if not fit:
        raise Refused(404, "form_unknown", url=url, count=len(known))
    return _play(reader, asked, min(fit, key=lambda c: (abs(c.time - at), c.time)), mode, place)


def _missing(reader: Reader, asked: Asked, url: str, place: str) -> Answer:
    """404: what is known of an address without a capture. The live web is never asked."""
    if place:
        return own(asked, 404, b"", "text/plain; charset=utf-8")
    answer = reading.captures(reader, replace(asked, path="/captures", values={"url": url}))
    return replace(answer, status=404)

