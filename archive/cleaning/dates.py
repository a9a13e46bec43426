"""Dates as Vietnamese pages write them, read into ISO 8601. Nothing here knows what day it is."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone

from archive.cleaning.decode import plain

VIETNAM = timezone(timedelta(hours=7))
_YEARS = range(1990, 2100)
_MONTHS = {
    "một": 1, "giêng": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8,
    "chín": 9, "mười một": 11, "mười hai": 12, "mười": 10, "chạp": 12,
}  # fmt: skip
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO = re.compile(
    r"(?<![\d/.-])(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?(?![\d/])"
)
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d/])")
_SPELT = re.compile(
    rf"(?:ngày\s+)?(?<!\d)(\d{{1,2}})\s*tháng\s+(\d{{1,2}}|{_NAMES})\s*(?:,|năm)?\s*(\d{{4}})(?!\d)", re.IGNORECASE
)
_CLOCK = re.compile(
    r"(?<![\d:/.-])(\d{1,2})\s?(?::|h|g|giờ)\s?(\d{2})?(?:\s?(?::\s?(\d{2})|phút))?(?!\d)\s?"
    r"(am|pm|sa|ch|sáng|chiều|tối)?\b",
    re.IGNORECASE,
)
# What may stand beside a date in a line that is only a date: labels, weekday, clock zone, counters.
_BESIDE = re.compile(
    r"(?:thứ\s+(?:hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|chủ\s+nhật|\bcn\b|gmt\s*[+]?\s*0?7|"
    r"đăng|ngày|lúc|vào|tải|xuất bản|cập nhật|"
    r"publish(?:ed)?|date|posted|on|update[ds]?|last|thời gian|phát hành|giờ|tạo|viết|"
    r"(?:lượt|số|view|đã|lần)[\w ]{0,16}?[:\s]*\d[\d.,]*|view count|hits?|(?:lượt|số) (?:xem|đọc|lượt xem))",
    re.IGNORECASE,
)
_UTC_HOURS = 24


def read_date(text: str) -> str | None:
    """The first day named in `text`, with the time that stands beside it, as ISO 8601; None if there is none.

    A time gets +07:00. A day without a time stays a day. An instant given in another zone is moved to Vietnam's.
    """
    found = _find(plain(text))
    return found[0] if found else None


def only_date(text: str) -> str | None:
    """As `read_date`, if `text` is a date line: nothing but a date with its labels, weekday and counters."""
    line = plain(text)
    if len(line) > 120:
        return None
    found = _find(line)
    if not found:
        return None
    rest = line
    for start, end in sorted(found[1], reverse=True):
        rest = rest[:start] + " " + rest[end:]
    rest = _BESIDE.sub(" ", rest)
    return found[0] if len(re.sub(r"[\W\d_]+", "", rest)) <= 2 else None


def _find(line: str) -> tuple[str, list[tuple[int, int]]] | None:
    """The date and the spans it was read from."""
    iso = _ISO.search(line)
    if iso and (moment := _moment(iso)):
        return moment, [iso.span()]
    for pattern in (_NUMERIC, _SPELT):
        for match in pattern.finditer(line):
            day = _day(match, spelt=pattern is _SPELT)
            if day is None:
                continue
            clock, span = _time_beside(line, match.span())
            spans = [match.span(), *([span] if span else [])]
            return (datetime.combine(day, clock, VIETNAM).isoformat() if clock else day.isoformat()), spans
    return None


def _moment(m: re.Match[str]) -> str | None:
    try:
        day = date(int(m[1]), int(m[2]), int(m[3]))
        if day.year not in _YEARS:
            return None
        if m[4] is None:
            return day.isoformat()
        at = datetime.combine(day, time(int(m[4]), int(m[5]), int(m[6] or 0)))
    except ValueError:
        return None
    if not m[7]:
        return at.replace(tzinfo=VIETNAM).isoformat()
    if m[7] in ("Z", "UTC"):
        zone = timezone.utc  # noqa: UP017
    else:
        hours, minutes = int(m[7][1:3]), int(m[7][-2:])
        if hours >= _UTC_HOURS or minutes >= 60:
            return at.replace(tzinfo=VIETNAM).isoformat()
        zone = timezone(timedelta(hours=hours, minutes=minutes) * (-1 if m[7][0] == "-" else 1))
    return at.replace(tzinfo=zone).astimezone(VIETNAM).isoformat()


def _day(m: re.Match[str], *, spelt: bool) -> date | None:
    if spelt:
        month = int(m[2]) if m[2].isdigit() else _MONTHS[m[2].lower()]
        year = int(m[3])
    else:
        month, year = int(m[3]), int(m[4])
        year += 2000 if year < 70 else 1900 if year < 100 else 0
    try:
        day = date(year, month, int(m[1]))
    except ValueError:
        return None
    return day if year in _YEARS else None


def _time_beside(line: str, span: tuple[int, int]) -> tuple[time | None, tuple[int, int] | None]:
    """The clock time nearest to a date, if one stands within forty characters of it."""
    best: tuple[int, time, tuple[int, int]] | None = None
    for m in _CLOCK.finditer(line):
        gap = m.start() - span[1] if m.start() >= span[1] else span[0] - m.end()
        if gap < 0 or gap > 40:
            continue
        clock = _clock(m)
        if clock is not None and (best is None or gap < best[0]):
            best = (gap, clock, m.span())
    return (best[1], best[2]) if best else (None, None)


def _clock(m: re.Match[str]) -> time | None:
    hour, minute, second = int(m[1]), int(m[2] or 0), int(m[3] or 0)
    half = (m[4] or "").lower()
    if half in ("pm", "ch", "chiều", "tối") and hour < 12:
        hour += 12
    elif half in ("am", "sa", "sáng") and hour == 12:
        hour = 0
    try:
        return time(hour, minute, second)
    except ValueError:
        return None
