"""T2: what became of a captured visit, written as one transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from archive.model import Draft, Run, Settlement
from archive.store import addresses, aliases, copies, frontier, refusals


def write(
    conn: sqlite3.Connection, run: Run, settlement: Settlement, draft: Draft | None, now: datetime, *, only_due: bool = False
) -> None:
    """Write article, links, refusals, aliases, and the visit's state; with `only_due` links wait whose time has not come."""
    if draft is not None and settlement.capture is not None:
        copies.keep(conn, run, settlement.capture, draft, settlement.canonical, now)
    links = addresses.not_waiting(conn, run.portal, settlement.links, now) if only_due else settlement.links
    frontier.add(conn, run.root, links)
    refusals.add(conn, run.id, settlement.refusals, now)
    if settlement.aliases:
        aliases.add(conn, run.id, settlement.aliases, now)
    if settlement.budgets:
        frontier.spend(conn, run.root, settlement.budgets)
    if settlement.sighting is not None:
        addresses.watch(conn, run.portal, settlement.visit, settlement.sighting)
    frontier.settle(conn, settlement.visit, settlement.state, settlement.not_before, settlement.text, settlement.pieces)
    if settlement.probed and settlement.text is not None:
        copies.unmask(conn, run, settlement.probed, settlement.text, now)
