"""Times of day as Vietnamese pages write them, with half of the day and zone."""

from __future__ import annotations

import re
from datetime import time, timedelta, timezone

_ZONE = (
    r"(?:\s*\(?\s*(?:(?:GMT|UTC|ICT|giờ GMT)(?:\s*(?P<from>[+\-\u2212])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?![\d/.-]))?"
    r"|(?P<sign>[+\-])(?P<hh>\d\d):?(?P<mm>\d\d)(?![\d/.:-])|(?P<z>Z)|(?P<us>[ECMP][SD]T))(?![^\W\d_])\s*\)?)?"
)
# 8:15, 08:15:30, 8h15, 08h15', 8g15, 8 giờ 15 phút, 8 giờ rưỡi; then SA, CH, AM, PM, sáng, chiều; then a zone.
CLOCK = re.compile(
    r"(?<![\d:/.,+])(?P<hour>\d{1,2})(?:"
    r"\s?:\s?(?P<minute>\d\d)(?:\s?:\s?(?P<second>\d\d)(?:[.,]\d+)?)?(?![\d:])"
    r"|\s?(?:giờ|h|g)(?![^\W\d_])[\s:]?(?:(?P<m>\d{1,2})(?![\d/.-])\s?(?:phút|ph|p|['’′])?(?![^\W\d_])"
    r"(?:\s?(?P<s>\d{1,2})\s?(?:giây|s|\")(?![^\W\d_]))?|(?P<half>rưỡi))?)"
    r"(?:\s?(?P<part>[ap]\.?m\.?|sa|ch|sáng|trưa|chiều|tối|đêm)(?![^\W\d_]))?" + _ZONE,
    re.IGNORECASE,
)
_AMERICAN = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}  # RFC 5322, 4.3


def read_clock(m: re.Match[str]) -> tuple[time, timezone | None] | None:
    """The time that a match of `CLOCK` stands for, and its zone if it names one; None for what no clock shows."""
    hour, minute, second = int(m["hour"]), int(m["minute"] or m["m"] or (30 if m["half"] else 0)), int(m["second"] or m["s"] or 0)
    part = (m["part"] or "").lower().replace(".", "")
    if hour < 12 and (part in ("pm", "ch", "chiều", "tối") or (part == "đêm" and hour >= 6) or (part == "trưa" and hour < 10)):
        hour += 12
    elif hour == 12 and part in ("am", "sa", "sáng", "đêm"):
        hour = 0
    try:
        return time(hour, minute, second), _zone(m)
    except ValueError:
        return None


def _zone(m: re.Match[str]) -> timezone | None:
    if m["us"]:
        return timezone(timedelta(hours=_AMERICAN[m["us"].upper()]))
    if m["sign"] or m["from"]:
        hours, minutes = int(m["hh"] or m["hours"]), int(m["mm"] or m["minutes"] or 0)
        if hours > 14 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if (m["sign"] or m["from"]) != "+" else offset)
    named = m[0].upper()
    if m["z"] or (re.search(r"\b(?:GMT|UTC)\b", named)):
        return timezone.utc  # noqa: UP017
    return None
