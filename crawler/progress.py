"""How a crawl is told to people and machines when it has ended: one sentence, or JSON."""

from __future__ import annotations

from typing import Any

from archive import say
from archive.console import size
from crawler.crawl import Outcome


def report(outcome: Outcome) -> dict[str, Any]:
    """What became of a run, for `--json`; `said` is the sentence for people."""
    counts = outcome.counts
    how = {
        "finished": say("finished"),
        "stopped": say("stopped, start the same command to go on"),
        "failed": say("failed"),
    }
    said = say(
        "{portal}: {how}{why}; {captures} captures ({bytes}), {articles} articles, {failed} addresses failed, {refusals} refused (run {run}){more}",
        portal=outcome.run.portal,
        how=how.get(outcome.outcome, outcome.outcome),
        why=f" ({outcome.detail})" if outcome.detail else "",
        captures=counts.get("captures", 0),
        bytes=size(counts.get("bytes", 0)),
        articles=counts.get("articles", 0),
        failed=counts.get("failed", 0),
        refusals=counts.get("refusals", 0),
        run=outcome.run.id,
        more=say(": `tangthu runs {run}` says what went wrong", run=outcome.run.id) if outcome.exit_code else "",
    )
    return {
        "run": outcome.run.id,
        "portal": outcome.run.portal,
        "outcome": outcome.outcome,
        "detail": outcome.detail,
        **counts,
        "said": said,
    }
