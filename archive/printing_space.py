"""What `tangthu stats` prints: where the space goes, how it grows, what is to be expected."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from archive.console import DONE, print_json, size
from archive.retrieve import Reader
from archive.words import say

# Months on the table; `--json` has them all.
MONTHS = 12


def print_stats(reader: Reader, *, as_json: bool, now: datetime | None = None) -> int:
    """Space by portal, kind and month, growth and forecast."""
    told = stats(reader, now or datetime.now(UTC))
    if as_json:
        print_json(told)
        return DONE
    for line in _lines(told):
        click.echo(line)
    return DONE


def stats(reader: Reader, now: datetime) -> dict[str, Any]:
    """The same as JSON. Bytes as kept, `forecast` beyond now; `overhead` is what tables and indexes take besides the records."""
    rows, growth = reader.space(), reader.growth(now)
    kept = sum(row.kept for row in rows)
    files = sum(archive.path.stat().st_size for archive in reader.archives)
    per_day = sum(one.per_day for one in growth)
    return {
        "files": files,
        "kept": kept,
        "overhead": max(files - kept, 0),
        "rows": [asdict(row) for row in rows],
        "growth": [asdict(one) for one in growth],
        # What tables and indexes take grows with the records.
        "forecast": {f"{days} days": round(files + per_day * days * (files / kept)) for days in (30, 365)} if growth and kept else None,
    }


def _lines(told: dict[str, Any]) -> list[str]:
    lines = [
        say(
            "{files} in all: {kept} of records, {overhead} of tables and indexes",
            files=size(told["files"]), kept=size(told["kept"]), overhead=size(told["overhead"]),
        )
    ]  # fmt: skip
    for title, key, most in ((say("portal"), "portal", 0), (say("kind"), "kind", 0), (say("month"), "month", MONTHS)):
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for row in told["rows"]:
            for at, name in enumerate(("records", "bytes", "kept")):
                sums[row[key]][at] += row[name]
        ordered = sorted(sums.items()) if key == "month" else sorted(sums.items(), key=lambda pair: -pair[1][2])
        lines += ["", f"{title:<36} {say('records'):>10} {say('as answered'):>12} {say('kept'):>12}"]
        named = _kinds() if key == "kind" else {}
        lines += [f"{named.get(name, name)[:36]:<36} {n:>10} {size(b):>12} {size(k):>12}" for name, (n, b, k) in ordered[-most:]]
    lines.append("")
    if told["forecast"] is None:
        return [*lines, say("No portal has been crawled again after its first whole run: nothing is known of growth.")]
    lines += [
        say("{portal}: {bytes} a day, over {days} days", portal=one["portal"], bytes=size(one["per_day"]), days=f"{one['days']:.0f}")
        for one in told["growth"]
    ]
    months, year = told["forecast"].values()
    return [*lines, say("If it goes on like this: {month} in 30 days, {year} in a year.", month=size(months), year=size(year))]


def _kinds() -> dict[str, str]:
    return {
        "pages": say("pages"), "images": say("images"), "documents": say("documents"), "styles and scripts": say("styles and scripts"),
        "other": say("other"), "revisit": say("unchanged (revisit)"), "request": say("requests"), "metadata": say("metadata"),
    }  # fmt: skip
