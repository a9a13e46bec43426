"""When a portal is to be crawled next: a pure question about its schedule, what ran last, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim

from archive.model import Schedule

# A run that broke off is resumed so many seconds after it had started, so that one that always breaks off does not go round and round.
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Last:
    """A portal's last run: when it started, whether it is at work, and whether it broke off with work left (a crash).

    `resume` is when the opening hours begin again that stopped it.
    """

    started: datetime
    alive: bool = False
    broken_off: bool = False
    resume: datetime | None = None

    @classmethod
    def of(cls, run: dict[str, Any]) -> Last:
        """From a run as `Reader.runs` gives it."""
        broken_off = run["outcome"] == "interrupted" or (run["outcome"] is None and not run["alive"])
        resume = datetime.fromisoformat(run["resume"]) if run.get("resume") else None
        return cls(datetime.fromisoformat(run["started"]), run["alive"], broken_off, resume)


def next_due(schedule: Schedule, last: Last | None, now: datetime) -> datetime:
    """When the portal is to be crawled next; in the past if that was missed: however often, it is one run.

    A portal that was never crawled is due at once if its schedule is an interval, and at its next hour if it is cron's. A run that
    broke off is due at once: it is resumed. A last start in the future (the clock was set back) counts as now.
    """
    if last is not None and last.resume is not None:
        return last.resume
    if last is not None and last.broken_off:
        return min(last.started, now) + timedelta(seconds=PATIENCE)
    since = max(schedule.created, last.started) if last is not None else schedule.created
    since = min(since, now)
    if schedule.every is not None:
        return since if last is None else since + timedelta(seconds=schedule.every)
    local = since.astimezone(ZoneInfo(schedule.zone))
    return next(CronSim(schedule.cron or "", local)).astimezone(UTC)
