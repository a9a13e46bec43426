"""The operator's pages: how the portals fare, and what one run fetched, left out, got wrong and found."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from archive.notices import KINDS, Notice
from archive.replay.answering import Answer, as_json
from archive.replay.asking import Asked, Refused
from archive.replay.pages import captures_link, link, page, record_path
from archive.replay.portals import portal_link, provinces
from archive.retrieve import Reader
from archive.store import run_reading
from archive.store.reading import Reading
from archive.urls import again_command, digits14, parse_warc_date

# Runs on the list, pages that fared badly on a run's page, notices of a kind.
NEWEST, WORST, SHOWN = 50, 50, 100
# Seconds between two looks at a run that is at work, and what looks; bars of its pace, and their height in pixels.
RELOAD, LIVE = 10, "/live.js"
BARS, HEIGHT = 60, 60
# The states of portals, the one that needs somebody most first.
ORDER = ("failing", "overdue", "fallen", "drifting", "running", "never", "well")
# What an ended run has to tell does not change: looked at once by each server, for so many runs.
_MANY = 1000
_COUNTED: dict[tuple[Any, ...], list[tuple[str, int]]] = {}


def overview(reader: Reader, asked: Asked) -> Answer:
    """Every portal with its health, and the newest runs."""
    health = reader.health()
    runs = reader.runs()[::-1][:NEWEST]
    if asked.json:
        told = [{**asdict(one), "notices": dict(_kinds(reader, one.last))} for one in health]
        return as_json(asked, {"portals": told, "runs": [_plain(run) for run in runs]})
    names = {code: province.name for province in provinces() for code in province.codes[:1]}
    # What needs somebody comes first.
    health.sort(key=lambda one: (ORDER.index(one.state), one.portal))
    rows = [(one, names.get(one.portal), portal_link(asked, one.portal), _kinds(reader, one.last)) for one in health]
    states = [(state, count) for state in ORDER if (count := sum(one.state == state for one in health))]
    live = _live(runs)
    linked = [(run, run_link(asked, run["id"])) for run in runs]
    return page(asked, "runs.html", script=live and LIVE, rows=rows, states=states, runs=linked, live=live, here=asked.target)


def _kinds(reader: Reader, last: dict[str, Any] | None) -> list[tuple[str, int]]:
    """How many notices of which kind a run that has ended gives."""
    if last is None or not last["ended"]:
        return []
    key = (*(str(archive.path) for archive in reader.archives), last["portal"], last["id"], last["ended"])
    if key not in _COUNTED:
        found = Counter(notice.kind for notice in reader.notices(last["id"]))
        while len(_COUNTED) >= _MANY:
            _COUNTED.pop(next(iter(_COUNTED)), None)
        _COUNTED[key] = [(kind, found[kind]) for kind in KINDS if found[kind]]
    return _COUNTED[key]


def run(reader: Reader, asked: Asked, number: str) -> Answer:
    """One run. While it is at work a script brings the page up to date; without scripts a link does."""
    for archive in reader.archives:
        for found in archive.runs(int(number)):
            return _run(reader, archive, asked, found)
    raise Refused(404, "no_run", number=number)


def run_link(asked: Asked, number: int) -> str:
    """The page of a run."""
    return link(asked, f"/runs/{number}")


def _run(reader: Reader, archive: Reading, asked: Asked, found: dict[str, Any]) -> Answer:
    number = found["id"]
    told: dict[str, Any] = {
        "statuses": archive.run_statuses(number),
        "refused": [dict(zip(("reason", "host", "count", "first"), row, strict=True)) for row in run_reading.refused(archive, number)],
        "worst": [row._asdict() for row in run_reading.worst(archive, number, WORST)],
        "queue": run_reading.queue(archive, found["root"]),
        "seconds": _seconds(found),
    }
    notices = reader.notices(number)
    if asked.json:
        return as_json(asked, {**_plain(found), **told, "notices": [asdict(one) for one in notices]})
    pace = run_reading.pace(archive, number)
    groups = [(kind, group[:SHOWN], len(group)) for kind in KINDS if (group := [_row(asked, one) for one in notices if one.kind == kind])]
    live = _live([found])
    return page(
        asked, "run.html", script=live and LIVE, run=found, told=told, groups=groups, speed=_speed(found, told["seconds"], pace),
        bars=_bars(pace), height=HEIGHT, portal=portal_link(asked, found["portal"]), live=live, most=max((n for _, n, _ in pace), default=0),
        worst=[(row, captures_link(asked, row["url"])) for row in told["worst"]], here=asked.target,
        missing=len(run_reading.missing(archive, number)), again_command=again_command(number),
    )  # fmt: skip


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "settings"}


def _live(runs: list[dict[str, Any]]) -> str:
    """After how many seconds the page is looked at again; empty if nothing is at work."""
    return str(RELOAD) if any(one["alive"] for one in runs) else ""


def _seconds(found: dict[str, Any]) -> float:
    end = parse_warc_date(found["ended"]) if found["ended"] else datetime.now(UTC)
    return max((end - parse_warc_date(found["started"])).total_seconds(), 0.0)


def _speed(found: dict[str, Any], seconds: float, pace: list[tuple[str, int, int]]) -> dict[str, float]:
    """Pages a minute and bytes a second: of the whole run, and of the last minute in which something came."""
    last = pace[-1] if pace else ("", 0, 0)
    per = max(seconds, 1.0)
    return {"pages": found["captures"] * 60 / per, "bytes": sum(size for _, _, size in pace) / per, "last": last[1]}


def _bars(pace: list[tuple[str, int, int]]) -> list[tuple[int, int, int]]:
    """(x, y, height) of the answers of the run, in at most BARS equal spans of whole minutes."""
    if len(pace) < 2:
        return []
    first = datetime.fromisoformat(pace[0][0])
    at = [int((datetime.fromisoformat(minute) - first).total_seconds() // 60) for minute, _, _ in pace]
    span = at[-1] // BARS + 1
    sums = [0] * (at[-1] // span + 1)
    for minute, (_, count, _) in zip(at, pace, strict=True):
        sums[minute // span] += count
    most = max(sums)
    heights = [max(1, round(n / most * HEIGHT)) if n else 0 for n in sums]
    return [(x * 4, HEIGHT - height, height) for x, height in enumerate(heights) if height]


def _row(asked: Asked, notice: Notice) -> dict[str, Any]:
    """A notice with the way to what it is about."""
    told = {"subject": notice.subject, "title": notice.title or notice.subject, **notice.detail}
    where = None
    if notice.kind == "edited" and all(notice.times):
        times = {name: digits14(parse_warc_date(str(time))) for name, time in zip(("from", "to"), notice.times, strict=True)}
        where = link(asked, "/compare", url=notice.subject, **times)
    elif notice.kind in ("withdrawn", "swapped"):
        where = captures_link(asked, notice.subject)
    mode = "id_" if notice.kind == "swapped" else ""
    sides = [
        (name, asked.replay + record_path(record, mode), time)
        for name, record, time in zip(("before", "after"), (notice.before, notice.after), notice.times, strict=True) if record
    ]  # fmt: skip
    return {"notice": notice, "told": told, "where": where, "sides": sides}
