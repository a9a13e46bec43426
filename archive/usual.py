"""What a run of a portal usually brings, whether one brought far less, and how fast archives grow. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_high, median_low
from typing import Any

# The usual is the median of so many runs; less than this share of it has fallen. Few pages or articles a run say nothing.
_RUNS, _FALLEN, _FEW = 10, 0.5, 4
# News comes in bursts: how much of it is usual, so many runs tell.
_NEWS = 3
# Growth is measured over so many days at most, and not over less than this.
_SPAN, _LEAST = 90, 1.0


def usual(rows: list[dict[str, Any]]) -> dict[str, int] | None:
    """What a run of a portal usually brings: the medians of its last whole `runs`, the first one aside; None before there are any.

    `rows` are runs as `noticing.yields` has them, those before the run in question.
    """
    whole = [row for row in rows if row["outcome"] == "finished" and not row["detail"]][1:][-_RUNS:]
    # Of two runs the better one says how many pages there are, the poorer one how much news: a house-moving brings much at once.
    ways = {"answered": median_high, "articles": median_low}
    return {"runs": len(whole), **{name: way(row[name] for row in whole) for name, way in ways.items()}} if whole else None


def fallen(row: dict[str, Any], normal: dict[str, int] | None) -> str | None:
    """Which of its numbers is far below the usual: answered or articles; None if none is, or if the run did not go to its end."""
    if normal is None or row["outcome"] != "finished" or row["detail"]:
        return None
    telling = ("answered", "articles") if normal["runs"] >= _NEWS else ("answered",)
    return next((name for name in telling if normal[name] >= _FEW and row[name] < normal[name] * _FALLEN), None)


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes kept a day by the runs after each portal's first whole one, over so many `days`; None if there are none yet."""

    portal: str
    days: float
    per_day: float


def growth(runs: Iterable[dict[str, Any]], now: datetime) -> list[Growth]:
    """How fast each portal grows: its first whole run brings what was there before, so it does not count. Pure."""
    by_portal: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for run in runs:
        if run["kind"] == "crawl":
            by_portal[run["portal"]].append(run)
    made = []
    for portal, every in sorted(by_portal.items()):
        whole = next((n for n, run in enumerate(every) if run["outcome"] == "finished"), None)
        if whole is None or whole + 1 >= len(every):
            continue
        since = max(datetime.fromisoformat(every[whole]["ended"]), now - timedelta(days=_SPAN))
        days = max((now - since).total_seconds() / 86400, _LEAST)
        later = [run for run in every[whole + 1 :] if datetime.fromisoformat(run["started"]) >= since]
        made.append(Growth(portal, days, sum(run["bytes"] for run in later) / days))
    return made
