"""The Wayback Machine's availability question: whether there is a capture of an address, and which is nearest to a time."""

from __future__ import annotations

import re
from datetime import datetime

from archive.replay.answering import Answer, as_json
from archive.replay.asking import Asked, Refused
from archive.replay.memento import LATEST
from archive.replay.pages import replay_link
from archive.replay.reading import unescaped
from archive.retrieve import Reader
from archive.urls import digits14, parse_time


def available(reader: Reader, asked: Asked) -> Answer:
    """The capture of `url` nearest to `timestamp` (1 to 14 digits; without it the newest); none: no snapshots."""
    url, text = asked.values.get("url", "").strip(), asked.values.get("timestamp", "")
    if not url:
        raise Refused(400, "no_url")
    capture = reader.closest(unescaped(url), _moment(text))
    snapshots = {} if capture is None else {
        "closest": {
            "status": str(capture.status or "-"), "available": True, "url": replay_link(asked, capture, ""),
            "timestamp": digits14(capture.time),
        }
    }  # fmt: skip
    return as_json(asked, {"url": url, "archived_snapshots": snapshots, **({"timestamp": text} if text else {})})


def _moment(text: str) -> datetime:
    """A time of which only the beginning may be written. Raises Refused (400)."""
    digits = text if re.fullmatch(r"[0-9]{0,14}", text) else "x"
    try:
        return parse_time(digits + "00000101000000"[len(digits) :]) if digits else LATEST
    except ValueError:
        raise Refused(400, "bad_digits", name="timestamp", value=text[:40]) from None
