"""Dates as Vietnamese pages write them, read into ISO 8601. Nothing here knows what day it is.

Forms: those of the portals (EXTRACTION 8.1), Vietnamese and English month names, ISO 8601, RFC 5322 section 3.3, and what Java,
JavaScript and .NET print by themselves. A day comes before its month; month first is read only in .NET's American form, where the
second number can be no month.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Literal

from archive.cleaning.clocks import CLOCK, read_clock
from archive.cleaning.decode import plain

VIETNAM = timezone(timedelta(hours=7))
# No portal is older; what says it is younger is a slip or a filler (9999-12-31).
_YEARS = range(1990, 2050)
_MONTHS = {
    "một": 1, "giêng": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8,
    "chín": 9, "mười một": 11, "mười hai": 12, "mười": 10, "chạp": 12,
}  # fmt: skip
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_VI = "|".join(sorted(_MONTHS, key=len, reverse=True))
_EN = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d/.-])(?P<y>\d{4})\s?(?P<s>[-/.])\s?(?P<m>\d{1,2})\s?(?P=s)\s?(?P<d>\d{1,2})(?!\d|(?P=s)\d)",
        r"(?<![\d/.])(?P<d>\d{1,2})\s?(?P<s>[-/.])\s?(?P<m>\d{1,2})\s?(?P=s)\s?(?:(?P<y>\d{4})(?!\d)|(?P<yy>\d\d)(?!\d|(?P=s)\d))(?!/\S)",
        rf"(?<!\d)(?P<d>\d{{1,2}})\s*(?:tháng|thg|th)[\s.]*(?P<m>\d{{1,2}}|{_VI})\s*(?:[,/.-]\s*)?(?:năm\s*)?(?P<y>\d{{4}})(?!\d)",
        r"(?<![\d/.-])(?P<d>\d{1,2})\s?[-/.]\s?(?P<m>\d{1,2})\s*,?\s*năm\s*(?P<y>\d{4})(?!\d)",
        rf"(?<!\w)(?:tháng|thg|th)[\s.]*(?P<m>\d{{1,2}}|{_VI})\s+(?P<d>\d{{1,2}})\s*,?\s+(?:năm\s*)?(?P<y>\d{{4}})(?!\d)",
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s,./-]*(?<![^\W\d_])(?P<m>{_EN})[\s,./-]*(?P<y>\d{{4}}|(?<=-)\d\d)(?!\d)",
        rf"(?<!\w)(?P<m>{_EN})\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?P<y>\d{{4}})(?!\d)",
        # Java and C put the time between day and year.
        rf"(?<!\w)(?P<m>{_EN})\s+(?P<d>\d{{1,2}})\s+(?P<clock>\d{{1,2}}:\d\d:\d\d(?:\s+(?:[A-Z]{{3,4}}|GMT[+-]\d\d:?\d\d))?)\s+(?P<y>\d{{4}})(?!\d)",
    )
)
_AMERICAN = re.compile(r"(?<![\d/.])(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})(?=,?\s+\d{1,2}:\d\d(?::\d\d)?\s?[AP]M\b)")
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?)?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
_WEEKDAY = re.compile(
    r"(?<!\w)(?:thứ\s*(?:hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|chủ\s*nhật|cn|t[2-7]|"
    r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?)(?!\w)",
    re.IGNORECASE,
)
# What may stand between a day and its time.
_GLUE = re.compile(
    r"(?:[\s,;:|()\[\].\-–—/•·+]|lúc|vào|hồi|ngày|giờ(?: đăng)?|at|time|(?<![^\W\d_])T(?![^\W\d_]))*", re.IGNORECASE
)
_MODIFIED = re.compile(
    r"cập nhật|chỉnh sửa|sửa đổi|hiệu chỉnh|sửa (?:lần )?cuối|lần sửa|updated?|modified|edited|revised", re.IGNORECASE
)
_PUBLISHED = re.compile(
    r"(?:ngày|giờ|thời gian|được)?\s*(?:đăng|xuất bản|phát hành|đưa tin|đưa lên)(?: tải| tin| bài)?|"
    r"ngày (?:tạo|viết|gửi|tải lên)|\b(?:publish(?:ed)?|post(?:ed)?|created|pub\. ?date)\b|đã đăng",
    re.IGNORECASE,
)
# What may stand beside a date in a line that is only a date: labels, clock zone, counters, buttons.
_BESIDE = re.compile(
    r"(?<!\w)(?:gmt|utc|giờ (?:việt nam|hà nội)|indochina time|ngày|lúc|vào|hồi|tin|bài|bởi|"
    r"(?:thời gian|lần)(?= (?:đăng|xuất|phát|cập|gửi|tạo|sửa|cuối))|cuối(?: cùng)?|được|mùng|mồng|"
    r"publish(?:ed)?|publication|date|posted|post|on|at|update[ds]?|last|created|modified|edited|time|giờ|tạo|viết|gửi|"
    r"(?:lượt|số|view|đã|lần|xem|đọc|hits?)[\w ]{0,16}?[:\s]*\d[\d.,]*(?: (?:lượt|lần)(?: (?:xem|đọc))?)?|"
    r"\d[\d.,]* (?:lượt|lần|views?|bình luận|comments?)(?: (?:xem|đọc|truy cập))?|"
    r"view count|views?|hits?|(?:lượt|số) (?:xem|đọc|lượt xem)|bình luận|comments?|"
    r"in (?:bài(?: viết)?|trang)(?: này)?|bản in|gửi (?:email|mail|bài(?: viết)?)|chia sẻ|cỡ chữ|lưu bài(?: viết)?(?: này)?|"
    r"nghe(?: đọc)? bài(?: viết)?|đọc bài|print|share|e-?mail|facebook|zalo|tweet|(?:a[+-]?\s*){2,4})(?!\w)",
    re.IGNORECASE,
)
# A line that says one of these tells another date than the page's.
_OTHER = re.compile(
    r"(?<!\w)(?:hôm nay|bây giờ|today|giấy phép|license|licence|bản quyền|copyright|hiệu lực|hết hạn|hạn (?:nộp|cuối|chót)|"
    r"(?:từ|đến|trước|sau) (?:ngày|\d)|ngày (?:ban hành|ký|họp|sinh|diễn ra|bắt đầu|kết thúc|tổ chức|hết|có|nhận|trả|hẹn|mất|hỏi|thi)|"
    r"sinh ngày|(?:thời gian|lịch|giờ) (?:diễn ra|tổ chức|bắt đầu|kết thúc|họp|làm việc|thực hiện|nộp|nhận|khai mạc))(?!\w)|©",
    re.IGNORECASE,
)
_PART = re.compile(r"\s*(?:[|•·–—]|\s-\s|\s/\s|;|\b(?:(?:viết |đăng )?bởi|người (?:đăng|viết)|by)\b)\s*", re.IGNORECASE)
_LINE = 160
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date in a line: `moment` in ISO 8601, what its label calls it ("" for none), and the spans it was read from."""

    moment: str
    label: Literal["", "published", "modified"]
    spans: tuple[tuple[int, int], ...]


def read_date(text: str) -> str | None:
    """The first day named in `text`, with the time that stands beside it, as ISO 8601; None if there is none.

    A time gets +07:00. A day without a time stays a day. An instant given in another zone is moved to Vietnam's.
    """
    found = _stamps(plain(text))
    return found[0].moment if found else None


def read_attribute(value: str) -> str | None:
    """As `read_date` for the value of an attribute or a `meta`, where epochs and compact ISO 8601 dates may stand."""
    value = plain(value)
    if _EPOCH.fullmatch(value):
        seconds = int(value[:10])
        day = datetime.fromtimestamp(seconds, VIETNAM)
        return day.isoformat() if day.year in _YEARS else None
    if m := _COMPACT.fullmatch(value):
        value = f"{m[1]}-{m[2]}-{m[3]}" + (f"T{m[4]}:{m[5]}:{m[6] or '00'}{m[7] or ''}" if m[4] else "")
    return read_date(value)


def only_date(text: str) -> str | None:
    """As `read_date`, if `text` is a date line: nothing but dates with their labels, weekday, counters and buttons."""
    line = plain(text)
    found = _stamps(line) if len(line) <= _LINE else []
    return found[0].moment if found and not _OTHER.search(line) and _nothing_else(line, found) else None


def date_line(text: str) -> list[Stamp]:
    """The dates of a line that tells when a page was published: as `only_date`, or in a part of its own beside others.

    `Tác giả: … | 10/02/2020 08:15` is such a line, a sentence with a date is none.
    """
    return list(_date_line(text)) if len(text) <= 4 * _LINE else _read_line(text)


@lru_cache(2048)
def _date_line(text: str) -> tuple[Stamp, ...]:
    return tuple(_read_line(text))


def _read_line(text: str) -> list[Stamp]:
    line = plain(text)
    found = _stamps(line) if len(line) <= _LINE and _DIGIT.search(line) else []
    if not found or _OTHER.search(line):
        return []
    if _nothing_else(line, found) or all(_apart(line, stamp) for stamp in found):
        return found
    return []


def another_date(label: str) -> bool:
    """Whether a label says that the date behind it is not the page's: `Ngày ban hành`, `Hạn nộp`."""
    return _OTHER.search(label) is not None


def without_dates(text: str) -> str:
    """A line with a bar in the place of each date and the labels before it."""
    line = plain(text)
    for stamp in reversed(_stamps(line)):
        start, end = min(s for s, _ in stamp.spans), max(e for _, e in stamp.spans)
        labels = [m for p in (_MODIFIED, _PUBLISHED, _WEEKDAY, _BESIDE) for m in p.finditer(line[:start])]
        for m in sorted(labels, key=lambda m: -m.end()):
            if not line[m.end() : start].strip(" :,.(|-–"):
                start = min(start, m.start())
        line = f"{line[:start]} | {line[end:]}"
    return line


def _nothing_else(line: str, found: list[Stamp]) -> bool:
    return len(_letters(_blanked(line, [s for f in found for s in f.spans]))) <= 2


def _apart(line: str, stamp: Stamp) -> bool:
    """Whether a mark parts the date from what else stands in its line."""
    start, end = min(s for s, _ in stamp.spans), max(e for _, e in stamp.spans)
    before, after = _PART.split(line[:start])[-1], _PART.split(line[end:])[0]
    return len(_letters(before)) <= 2 and not _letters(after)


def _letters(text: str) -> str:
    """What is left of a line without what may stand beside a date."""
    for pattern in (_WEEKDAY, _MODIFIED, _PUBLISHED, _BESIDE):
        text = pattern.sub(" ", text)
    return re.sub(r"[\W\d_]+", "", text)


def _blanked(line: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        line = line[:start] + " " * (end - start) + line[end:]
    return line


def _stamps(line: str) -> list[Stamp]:
    """Every date in a line, in order."""
    if not any(c.isdigit() for c in line):
        return []
    line = _WEEKDAY.sub(lambda m: " " * len(m[0]), line)
    days = _days(line)
    clocks = [(m.span(), *read) for m in CLOCK.finditer(_blanked(line, [s for s, _, _ in days])) if (read := read_clock(m))]
    found: list[Stamp] = []
    last = 0
    for span, day, inner in days:
        label = _label(line[last : span[0]])
        beside = inner or _beside(line, span, clocks)
        last = span[1]
        if beside is None:
            found.append(Stamp(day.isoformat(), label, (span,)))
            continue
        at, clock, zone = beside
        clocks = [c for c in clocks if c[0] != at]
        moment = datetime.combine(day, clock, zone or VIETNAM).astimezone(VIETNAM)
        if moment.year in _YEARS:
            found.append(Stamp(moment.isoformat(), label, (span, at)))
    return found


_Clock = tuple[tuple[int, int], time, timezone | None]


def read_day(text: str) -> str | None:
    """The first day named in `text`, of a document, which may be older than any portal; ISO 8601."""
    days = _days(plain(text), range(1930, _YEARS.stop))
    return days[0][1].isoformat() if days else None


def _days(line: str, years: range = _YEARS) -> list[tuple[tuple[int, int], date, _Clock | None]]:
    """The days in a line, each with its span and the time inside it, if there is one; none overlaps another."""
    found: list[tuple[tuple[int, int], date, _Clock | None]] = []
    for pattern in _DAYS:
        for m in pattern.finditer(line):
            groups = m.groupdict()
            if groups.get("s") == "-" and re.search(r"\d-$", line[: m.start()]):
                continue
            day = _day(groups, years)
            if day is None or any(m.start() < end and start < m.end() for (start, end), _, _ in found):
                continue
            clock = CLOCK.match(groups["clock"]) if groups.get("clock") else None
            read = read_clock(clock) if clock else None
            found.append((m.span(), day, (m.span("clock"), *read) if read else None))
    if not found:
        found = [(m.span(), day, None) for m in _AMERICAN.finditer(line) if (day := _day(m.groupdict(), years))]
    return sorted(found, key=lambda f: f[0])


def _day(groups: dict[str, str | None], years: range) -> date | None:
    name = (groups["m"] or "").lower()
    month = int(name) if name.isdigit() else _MONTHS.get(name) or 1 + _ENGLISH.index(name[:3])
    written = groups["y"] or groups.get("yy") or ""
    year = int(written) + (0 if len(written) > 2 else 2000 if int(written) < 50 else 1900)
    if groups.get("s") == "." and groups.get("yy") and len(f"{groups['d']}{groups['m']}") < 4:
        return None  # the number of a section
    try:
        day = date(year, month, int(groups["d"] or 0))
    except ValueError:
        return None
    return day if year in years else None


def _beside(line: str, span: tuple[int, int], clocks: list[_Clock]) -> _Clock | None:
    """The time nearest to a day with nothing but glue between them."""
    near: list[tuple[int, _Clock]] = []
    for clock in clocks:
        start, end = clock[0]
        between = line[span[1] : start] if start >= span[1] else line[end : span[0]]
        if len(between) <= 40 and _GLUE.fullmatch(between):
            near.append((len(between), clock))
    return min(near, key=lambda n: n[0])[1] if near else None


def _label(before: str) -> Literal["", "published", "modified"]:
    """What the words before a date call it: the last label counts."""
    told = [(m.end(), "modified") for m in _MODIFIED.finditer(before)]
    told += [(m.end(), "published") for m in _PUBLISHED.finditer(before)]
    return max(told)[1] if told else ""  # type: ignore[return-value]
