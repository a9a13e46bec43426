"""Schedules, and what operators ask of running crawls."""

from __future__ import annotations

import json
import sqlite3

from archive.model import Schedule
from archive.urls import parse_warc_date, warc_date

COLUMNS = "portal, target, created, cron, every, zone, options, paused"


def put(conn: sqlite3.Connection, schedule: Schedule) -> None:
    """Keep a schedule; the portal's former one is replaced."""
    conn.execute(
        f"INSERT OR REPLACE INTO schedules ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            schedule.portal, schedule.target, warc_date(schedule.created), schedule.cron, schedule.every, schedule.zone,
            json.dumps(schedule.options), schedule.paused,
        ),
    )  # fmt: skip


def remove(conn: sqlite3.Connection, portal: str) -> bool:
    """Forget a portal's schedule; whether it had one."""
    return conn.execute("DELETE FROM schedules WHERE portal = ?", (portal,)).rowcount > 0


def pause(conn: sqlite3.Connection, portal: str, *, paused: bool) -> bool:
    """Hold a portal's schedule, or let it go on; whether it has one."""
    return conn.execute("UPDATE schedules SET paused = ? WHERE portal = ?", (paused, portal)).rowcount > 0


def read(row: tuple[str, str, str, str | None, int | None, str, str, int]) -> Schedule:
    """A row of COLUMNS as a schedule."""
    portal, target, created, cron, every, zone, options, paused = row
    return Schedule(
        portal, target, parse_warc_date(created), cron, every, zone, tuple(json.loads(options)), bool(paused)
    )


def wish(conn: sqlite3.Connection, run: int, wanted: str | None) -> bool:
    """Ask a running crawl to stop or pause, or (None) to go on; whether it is running."""
    return conn.execute("UPDATE runs SET wish = ? WHERE id = ? AND lease IS NOT NULL", (wanted, run)).rowcount > 0


def wished(conn: sqlite3.Connection, run: int) -> str | None:
    """What was asked of a run; stop, if its lease has been taken from it."""
    found = conn.execute("SELECT CASE WHEN lease IS NULL THEN 'stop' ELSE wish END FROM runs WHERE id = ?", (run,)).fetchone()
    return str(found[0]) if found and found[0] else None
