"""T2: what became of a captured visit, written as one transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from archive.model import Alias, Draft, Run, Settlement
from archive.store import aliases, articles, frontier, refusals


def write(conn: sqlite3.Connection, run: Run, settlement: Settlement, draft: Draft | None, now: datetime) -> None:
    """Write article, links, refusals, aliases, and the visit's state.

    A page that names another address as its own is that one's alias if the article there says the very same; what it names is no proof.
    """
    if draft is not None and settlement.capture is not None:
        if settlement.canonical and articles.says(conn, settlement.canonical, draft):
            aliases.add(conn, run.id, [Alias(draft.url, settlement.canonical, "same text")], now)
        else:
            articles.add(conn, settlement.capture, draft)
    frontier.add(conn, run.root, settlement.links)
    refusals.add(conn, run.id, settlement.refusals, now)
    if settlement.aliases:
        aliases.add(conn, run.id, settlement.aliases, now)
    if settlement.budgets:
        frontier.spend(conn, run.root, settlement.budgets)
    frontier.settle(conn, settlement.visit, settlement.state, settlement.not_before, settlement.text)
