"""What `tangthu portals` says: every portal that has a profile or belongs to a province, and how its last crawl went."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from archive import Reader, say
from crawler.portals.profile import Profile, bundled, of_unit
from crawler.portals.units import Unit, formed_from, units

Row = dict[str, Any]
# Operators read the portals' time.
VIETNAM = timezone(timedelta(hours=7))


def rows_of(archive: Path) -> list[Row]:
    """One row per portal: today's provinces, other profiles, what was crawled by address, then the provinces that were merged; each by code."""
    last: dict[str, Row] = {}
    if archive.exists():
        with Reader.open(archive) as reader:
            last = {run["portal"]: {"run": run} for run in reader.runs() if run["outcome"]}
            for one in reader.health():
                last.setdefault(one.portal, {"run": {}})["health"] = one
    profiles = {p.code: p for p in bundled()}
    known = units()
    today = [
        _row(profiles.get(u.code) or of_unit(u), u, last, profiled=u.code in profiles)
        for u in known.values()
        if not u.until
    ]
    others = [_row(p, None, last, profiled=True) for p in profiles.values() if p.code not in known]
    former = [
        _row(profiles.get(u.code) or of_unit(u), u, last, profiled=u.code in profiles)
        for u in known.values()
        if u.until
    ]
    # Crawled by address, without a profile.
    by_address = sorted(code for code in last.keys() - profiles.keys() - known.keys() if "health" in last[code])
    met = [_row(Profile(code, code, (f"https://{code}/",)), None, last, profiled=False) for code in by_address]
    return today + others + met + former


def line_of(row: Row) -> str:
    """A row as a line for people."""
    seen = f"{row['last_run'][:16].replace('T', ' ')} {_state(row['health'] or row['outcome'])}" if row["last_run"] else say("never crawled")
    if row["next_due"]:
        seen += "  " + say("next {time}", time=datetime.fromisoformat(row["next_due"]).astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M"))
    became = ""
    if row["until"]:
        became = "  " + say("until {day}, now {unit}", day=row["until"], unit=row["successor"])
    return f"{row['code']:<16} {row['name']:<18} {row['host']:<36} {row['platform'] or '-':<12} {seen}{became}"


def _state(state: str) -> str:
    """A portal's health in a word or two."""
    return {
        "well": say("well"),
        "failing": say("failing"),
        "fallen": say("yield fell"),
        "drifting": say("drift of rules"),
        "overdue": say("overdue"),
        "running": say("running"),
        "never": say("never crawled"),
    }.get(state, state)


def _row(profile: Profile, unit: Unit | None, last: dict[str, dict[str, Any]], *, profiled: bool) -> Row:
    known = last.get(profile.code, {})
    run, health = known.get("run", {}), known.get("health")
    return {
        "code": profile.code,
        "name": profile.name,
        "host": ", ".join(sorted(profile.hosts)),
        "platform": profile.platform,
        "profile": profiled,
        "last_run": run.get("started"),
        "outcome": run.get("outcome"),
        "health": health.state if health else None,
        "answered": health.now.get("answered") if health else None,
        "articles": health.now.get("articles") if health else None,
        "usual": health.usual if health else None,
        "next_due": health.due.isoformat() if health and health.due else None,
        "gso": unit.gso or None if unit else None,
        "iso": unit.iso if unit else None,
        "until": unit.until.isoformat() if unit and unit.until else None,
        "successor": unit.successor if unit else None,
        "formed_from": [u.code for u in formed_from(profile.code)] if unit else [],
        "former_name": unit.former_name if unit else None,
    }
