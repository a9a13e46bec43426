"""How each portal fares: its last run, the yield against the usual, what failed or drifted, when it is due next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.calendar import Last, next_due
from archive.model import Schedule
from archive.store import noticing
from archive.store.reading import Reading
from archive.usual import fallen, usual

# A run may begin so much later than its schedule says before it counts as one that does not happen.
GRACE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Health:
    """A portal's health. `last` is its last crawl as `Reader.runs` gives it, `now` and `usual` what that and a usual one brought.

    `state` is well, failing (the last run failed), fallen (it brought far less than usual), drifting (rules no longer fit), overdue
    (it did not begin when it should), running, or never. `due` is when it begins next, if it is scheduled.
    """

    portal: str
    state: str
    last: dict[str, Any] | None = None
    now: dict[str, Any] = field(default_factory=dict)
    usual: dict[str, int] | None = None
    fallen: str | None = None
    drift: tuple[tuple[str, str], ...] = ()
    due: datetime | None = None
    paused: bool = False


def portal_health(archive: Reading, portal: str | None = None, now: datetime | None = None) -> list[Health]:
    """The health of every portal that an archive has crawled or scheduled; or of one."""
    at = now or datetime.now(UTC)
    last: dict[str, dict[str, Any]] = {run["portal"]: run for run in archive.runs() if run["kind"] == "crawl"}
    scheduled = {one.portal: one for one in archive.schedules()}
    names = sorted({*last, *scheduled}) if portal is None else [portal] if portal in last or portal in scheduled else []
    return [_health(archive, name, last.get(name), scheduled.get(name), at) for name in names]


def _health(archive: Reading, portal: str, run: dict[str, Any] | None, schedule: Schedule | None, at: datetime) -> Health:
    rows = noticing.yields(archive, portal)
    ended = [row for row in rows if row["outcome"]]
    latest = ended[-1] if ended else None
    normal = usual(ended[:-1])
    low = fallen(latest, normal) if latest else None
    drift = tuple(noticing.drifts(archive, latest["run"])) if latest else ()
    last = Last.of(run) if run else None
    due = next_due(schedule, last, at) if schedule and not schedule.paused else None
    state = "well"
    if last is None:
        state = "never"
    elif last.alive:
        state = "running"
    elif last.broken_off or (latest and (latest["outcome"] == "failed" or (latest["failures"] and not latest["answered"]))):
        state = "failing"
    elif low:
        state = "fallen"
    elif drift:
        state = "drifting"
    if due is not None and due + GRACE < at and state != "running":
        state = "overdue"
    return Health(portal, state, run, latest or {}, normal, low, drift, due, bool(schedule and schedule.paused))
