"""How a crawl is told to people and machines: one line while it runs, one sentence when it ended."""

from __future__ import annotations

import sys
from typing import Any

from archive import say
from crawler.crawl import Outcome
from crawler.job import Job


def line_of(jobs: list[Job]) -> None:
    """Rewrite the terminal's current line with where the crawls stand."""
    parts = [
        say("{portal}: {pages} pages asked for, {bytes} kept", portal=j.run.portal, pages=j.pages, bytes=size(j.bytes))
        for j in jobs
    ]
    sys.stderr.write("\r\x1b[K" + "; ".join(parts)[:120])
    sys.stderr.flush()


def report(outcome: Outcome) -> dict[str, Any]:
    """What became of a run, for `--json`; `said` is the sentence for people."""
    counts = outcome.counts
    how = {
        "finished": say("finished"),
        "stopped": say("stopped, start the same command to go on"),
        "failed": say("failed"),
    }
    said = say(
        "{portal}: {how}{why}; {captures} captures ({bytes}), {articles} articles, {failed} addresses failed, {refusals} refused (run {run})",
        portal=outcome.run.portal,
        how=how.get(outcome.outcome, outcome.outcome),
        why=f" ({outcome.detail})" if outcome.detail else "",
        captures=counts.get("captures", 0),
        bytes=size(counts.get("bytes", 0)),
        articles=counts.get("articles", 0),
        failed=counts.get("failed", 0),
        refusals=counts.get("refusals", 0),
        run=outcome.run.id,
    )
    clear = "\r\x1b[K" if sys.stderr.isatty() else ""
    return {
        "run": outcome.run.id,
        "portal": outcome.run.portal,
        "outcome": outcome.outcome,
        "detail": outcome.detail,
        **counts,
        "said": clear + said,
    }


def size(octets: float) -> str:
    """`octets` as people read it: 3.4 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if octets < 1000:
            return f"{octets:.0f} {unit}" if unit == "B" else f"{octets:.1f} {unit}"
        octets /= 1000
    return f"{octets:.1f} TB"
