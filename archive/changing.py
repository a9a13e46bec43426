"""How often a page changes, from what was seen of it, and when it is worth asking again. Pure.

Changes are taken for a Poisson process. Its rate follows Cho and Garcia-Molina's estimator for pages that are asked at irregular times and
may tell when they changed last ("Estimating frequency of change", ACM TOIT 3(3), 2003, the case of a known last date of change): X / T,
with X intervals in which there was a change. An interval without one adds all of itself to T; of one with a change only the time since its
last change is known to have been quiet, and counts (where no date tells, half of the interval, where a change lies on average). Their
correction for few observations is replaced by a Gamma prior, with which X / T becomes (X + 1/2) / (T + `PRIOR`): so a page that was seen
once has a rate too. One that says when it was changed last begins with that age as quiet time: an old article is asked rarely from the first.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zlib import crc32

DAY = 86400.0
# A page is asked again when it will have changed with this probability.
RISK = 0.25
# Quiet seconds that an address of a kind is given before anything is known of it; with half a change, twice as much is the time between two.
PRIOR = {"page": 7 * DAY, "document": 30 * DAY, "requisite": 45 * DAY}
# Never sooner, and never later, in seconds: what changes with every run of an hourly schedule is asked in each; a silent edit is found in a season.
SOONEST, LATEST = 50 * 60.0, 90 * DAY
# Addresses first met together are spread over this share of their wait, or a whole portal would be asked on one day.
SPREAD = 0.4
# An address that is missing (404, 410) is asked once more after this, in seconds; missing then too, it is gone, and asked as rarely as anything.
MISSING = 20 * 3600.0
# What cannot be reached is no fact about the page: it is tried again after this, doubled each time up to a week.
UNREACHED, LONGEST_UNREACHED = 3600.0, 7 * DAY
# Older than this says nothing more.
OLDEST = 3650 * DAY
_LAST_MODIFIED = re.compile(rb"\r?\nlast-modified:[ \t]*([^\r\n]{1,64})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a run saw of an address. `mark` tells one state from another; None says that no answer came that tells of the page.

    `status` is that of the answer, `dated` when the page says that it was changed last or published.
    """

    at: datetime
    status: int | None = None
    mark: str | None = None
    dated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What all runs saw of an address: `changes` in `quiet` seconds, by `seen` answers; `missing` since when it answers 404 or 410, `misses` times.

    `gone` says that this is believed; `failures` are those since the last answer. It is to be asked again at `due`.
    """

    due: datetime
    seen: int = 0
    changes: int = 0
    quiet: float = 0.0
    mark: str | None = None
    last: datetime | None = None
    changed: datetime | None = None
    misses: int = 0
    missing: datetime | None = None
    failures: int = 0

    @property
    def gone(self) -> bool:
        """Missing, twice, at least `MISSING` seconds apart, whatever else failed in between."""
        return self.misses >= 2


def after(known: Watched | None, url: str, kind: str, sighting: Sighting) -> Watched:
    """What is known of an address after it was seen once more, and when it is to be asked again."""
    known = known or Watched(sighting.at)
    if sighting.status in (404, 410):
        return _missing(known, sighting)
    if sighting.mark is None:
        wait = min(UNREACHED * 2.0 ** min(known.failures, 20), LONGEST_UNREACHED)
        return _with(known, sighting.at + timedelta(seconds=wait), failures=known.failures + 1)
    return _answered(known, url, kind, sighting)


def rate(watched: Watched, kind: str) -> float:
    """Changes per second that are to be expected."""
    return (watched.changes + 0.5) / (watched.quiet + PRIOR.get(kind, PRIOR["page"]))


def wait(watched: Watched, url: str, kind: str) -> float:
    """Seconds until an address that answered is to be asked again."""
    seconds = -math.log(1 - RISK) / rate(watched, kind)
    spread = 1 + SPREAD * (crc32(url.encode()) / 2**32 - 0.5)
    return min(max(seconds * spread, SOONEST), LATEST)


def last_modified(answer: bytes) -> datetime | None:
    """What the head of an HTTP answer says of when the page was changed last; None if it does not say."""
    found = _LAST_MODIFIED.search(answer[: max(answer.find(b"\r\n\r\n"), 0)])
    try:
        return parsedate_to_datetime(found[1].decode("latin-1")).astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        return None


def _answered(known: Watched, url: str, kind: str, sighting: Sighting) -> Watched:
    at, dated = sighting.at, sighting.dated
    changes, quiet, changed = known.changes, known.quiet, known.changed
    if known.last is None:
        age = (at - dated).total_seconds() if dated is not None else 0.0
        quiet, changed = min(max(age, 0.0), OLDEST), dated if dated is not None and dated <= at else None
    else:
        interval = max((at - known.last).total_seconds(), 0.0)
        if sighting.mark == known.mark:
            quiet += interval
        else:
            changes += 1
            since = (at - dated).total_seconds() if dated is not None else -1.0
            quiet += since if 0 <= since <= interval else interval / 2
            changed = dated if 0 <= since <= interval else at
    made = Watched(at, known.seen + 1, changes, quiet, sighting.mark, at, changed)
    return _with(made, at + timedelta(seconds=wait(made, url, kind)))


def _missing(known: Watched, sighting: Sighting) -> Watched:
    since = known.missing or sighting.at
    again = known.misses == 0 or (sighting.at - since).total_seconds() >= MISSING / 2
    misses = known.misses + again
    pause = LATEST if misses >= 2 else MISSING
    return _with(known, sighting.at + timedelta(seconds=pause), misses=misses, missing=since, failures=0)


def _with(known: Watched, due: datetime, misses: int | None = None, missing: datetime | None = None, failures: int | None = None) -> Watched:
    return Watched(
        due, known.seen, known.changes, known.quiet, known.mark, known.last, known.changed,
        known.misses if misses is None else misses, known.missing if missing is None else missing,
        known.failures if failures is None else failures,
    )  # fmt: skip
