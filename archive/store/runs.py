"""Runs: who crawls which portal, since when, and how it ended. One run at a time for each portal."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from archive.errors import Misuse
from archive.model import Run
from archive.store import frontier, lease
from archive.store.connect import inserted
from archive.urls import parse_warc_date, warc_date
from archive.words import say

_COLUMNS = "id, root, portal, started, ended, outcome, detail"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a new run is told. `kind` is crawl or adopt; without `resume` the former queue is given up."""

    portal: str
    started: datetime
    kind: str = "crawl"
    settings: str = "{}"
    resume: bool = True


def begin(conn: sqlite3.Connection, beginning: Beginning, holder: str) -> Run:
    """Open a run of the portal and take its lease. Raises Misuse if a living process holds it.

    A run whose process died is marked interrupted. Where the portal's last run left work, the new one goes on with it;
    where that run was broken off with all settled (killed just before its end), the new one has only to be ended.
    """
    last = conn.execute(
        f"SELECT {_COLUMNS}, lease FROM runs WHERE portal = ? AND kind = ? ORDER BY id DESC LIMIT 1",
        (beginning.portal, beginning.kind),
    ).fetchone()
    _refuse_living(conn, beginning.portal)
    interrupt(conn, beginning.portal, beginning.started)
    number = inserted(
        conn.execute(
            "INSERT INTO runs (root, portal, kind, started, settings, lease)"
            " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM runs), ?, ?, ?, ?, ?)",
            (beginning.portal, beginning.kind, warc_date(beginning.started), beginning.settings, holder),
        )
    )
    root = number
    if last is not None and last[5] != "finished":
        broken_off = last[5] != "failed" and frontier.exists(conn, last[1])
        if beginning.resume and (broken_off or frontier.has_work(conn, last[1])):
            root = last[1]
        else:
            frontier.empty(conn, last[1])
    conn.execute("UPDATE runs SET root = ? WHERE id = ?", (root, number))
    return Run(number, root, beginning.portal, beginning.started)


def interrupt(conn: sqlite3.Connection, portal: str, now: datetime) -> None:
    """Mark the portal's open run as interrupted, whoever holds it."""
    conn.execute(
        "UPDATE runs SET outcome = 'interrupted', detail = 'its process ended without closing it', ended = ?,"
        " lease = NULL WHERE portal = ? AND lease IS NOT NULL",
        (warc_date(now), portal),
    )


def release(conn: sqlite3.Connection, number: int, now: datetime) -> None:
    """Mark an open run as interrupted whose process is gone, or is said to be by whoever asks: on another machine nobody can look.

    Raises Misuse if its process is alive on this machine, or if the run is not open.
    """
    held = conn.execute("SELECT portal, lease FROM runs WHERE id = ? AND lease IS NOT NULL", (number,)).fetchone()
    if held is None:
        raise Misuse(say("Run {run} is not at work: there is nothing to release", run=number))
    if lease.is_here(held[1]) and lease.alive(held[1]):
        pid = json.loads(held[1])["pid"]
        raise Misuse(say("Run {run} is at work on this machine (process {pid}): end it with `tangthu runs stop {run}`", run=number, pid=pid))
    interrupt(conn, held[0], now)


def _refuse_living(conn: sqlite3.Connection, portal: str) -> None:
    held = conn.execute("SELECT id, lease FROM runs WHERE portal = ? AND lease IS NOT NULL", (portal,)).fetchone()
    if held and lease.alive(held[1]):
        holder = json.loads(held[1])
        raise Misuse(
            say(
                "{portal}: run {run} of this portal is still at work (process {pid} on {host}); wait until it has ended, or end it"
                if lease.is_here(held[1])
                else "{portal}: run {run} of this portal is still at work (process {pid} on {host}), as far as can be told from here; "
                "if that machine is gone: tangthu runs release {run}",
                portal=portal,
                run=held[0],
                pid=holder["pid"],
                host=holder["host"],
            )
        )


def set_warcinfo(conn: sqlite3.Connection, run: int, record_id: str) -> None:
    """Name the run's warcinfo record."""
    conn.execute("UPDATE runs SET warcinfo = ? WHERE id = ?", (record_id, run))


def end(
    conn: sqlite3.Connection, run: Run, outcome: str, detail: str | None, now: datetime, resume: datetime | None = None
) -> Run:
    """Write down how the run ended and give its lease back; a finished one leaves no queue."""
    conn.execute(
        "UPDATE runs SET ended = ?, outcome = ?, detail = ?, resume = ?, lease = NULL WHERE id = ?",
        (warc_date(now), outcome, detail, warc_date(resume) if resume else None, run.id),
    )
    if outcome == "finished":
        frontier.empty(conn, run.root)
    return Run(run.id, run.root, run.portal, run.started, now, outcome, detail)


def get(conn: sqlite3.Connection, number: int) -> Run | None:
    """The run with this number."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (number,)).fetchone()
    if row is None:
        return None
    number, root, portal, started, ended, outcome, detail = row
    at = parse_warc_date(ended) if ended else None
    return Run(number, root, portal, parse_warc_date(started), at, outcome, detail)


def facts(conn: sqlite3.Connection, run: int) -> dict[str, object]:
    """How many captures and failures a run has."""
    captures, failures = conn.execute("SELECT count(*), count(failure) FROM captures WHERE run = ?", (run,)).fetchone()
    return {"captures": captures, "failures": failures}
