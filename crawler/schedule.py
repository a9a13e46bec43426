"""Which crawls are due: a pure question about schedules, what ran last, and the time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from archive import say
from archive.calendar import Last, next_due
from archive.errors import Misuse
from archive.model import Schedule

_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
# A crawl more often than this is no schedule but a siege.
SHORTEST = 300


def due(schedules: Iterable[Schedule], last: Mapping[str, Last], now: datetime) -> list[Schedule]:
    """The schedules whose time has come, the longest overdue first; none that is paused or whose portal is being crawled."""
    waiting = [
        (next_due(s, last.get(s.portal), now), s)
        for s in schedules
        if not s.paused and not ((ran := last.get(s.portal)) and ran.alive)
    ]
    return [s for at, s in sorted(waiting, key=lambda pair: (pair[0], pair[1].portal)) if at <= now]


def seconds_of(text: str) -> int:
    """The length of an interval such as 30m, 6h, 1d or 2w, in seconds. Raises Misuse."""
    found = re.fullmatch(r"(\d{1,4})\s*([mhdw])", text.strip().lower())
    if not found:
        raise Misuse(say("--every {text}: write a number and m, h, d or w, for example 6h", text=text))
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds < SHORTEST:
        raise Misuse(say("--every {text}: a portal is not asked more often than every {least} minutes", text=text, least=SHORTEST // 60))
    return seconds


def checked_cron(text: str, zone: str) -> str:
    """A cron expression of five fields that can come true, in a known time zone. Raises Misuse."""
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise Misuse(say("--zone {zone}: there is no such time zone; write it like Asia/Ho_Chi_Minh", zone=zone)) from problem
    if len(text.split()) != 5:
        raise Misuse(say("--cron {text}: write five fields: minute, hour, day, month, weekday", text=repr(text)))
    try:
        ticks = CronSim(text, datetime.now(where))
        first, second = next(ticks), next(ticks)
    except (CronSimError, StopIteration) as problem:
        raise Misuse(say("--cron {text} names no time: {why}", text=repr(text), why=problem or "-")) from problem
    if (second - first).total_seconds() < SHORTEST:
        raise Misuse(say("--cron {text}: a portal is not asked more often than every {least} minutes", text=repr(text), least=SHORTEST // 60))
    return text
