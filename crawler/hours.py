"""When a portal may be asked: its opening hours, in Vietnam's time, which knows no summer time. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)\s*-\s*([01]\d|2[0-4]):([0-5]\d)")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the day at which asking may begin and must end; over midnight if the end comes first."""

    begin: int
    end: int

    @classmethod
    def of(cls, text: str) -> Hours:
        """From `20:00-06:00`. Raises ValueError if that is no span of a day."""
        found = _SPAN.fullmatch(text.strip())
        if not found:
            raise ValueError(text)
        h1, m1, h2, m2 = map(int, found.groups())
        begin, end = 60 * h1 + m1, 60 * h2 + m2
        if max(begin, end) > _DAY or begin % _DAY == end % _DAY:
            raise ValueError(text)
        return cls(begin % _DAY, end)

    def __str__(self) -> str:
        return f"{self.begin // 60:02d}:{self.begin % 60:02d}-{self.end // 60:02d}:{self.end % 60:02d}"

    def open(self, at: datetime) -> bool:
        """Whether the portal may be asked at `at`, an aware time."""
        local = at.astimezone(VIETNAM)
        minute = 60 * local.hour + local.minute
        if self.begin < self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end

    def opens(self, at: datetime) -> datetime:
        """When the portal may be asked next, in UTC; `at` itself if it may be now."""
        if self.open(at):
            return at.astimezone(UTC)
        local = at.astimezone(VIETNAM)
        today = datetime.combine(local.date(), time(), VIETNAM) + timedelta(minutes=self.begin)
        return (today if today > local else today + timedelta(days=1)).astimezone(UTC)
