"""What `tangthu clean` prints: a line for each field that changed, and the sum."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import click

from archive.compare import Change, told
from archive.console import DONE, FINDINGS, print_json, tell
from archive.differences import Difference
from archive.model import Capture
from archive.recleaning import Outcome, Tally
from archive.urls import warc_date
from archive.words import say

# A value longer than this is not printed whole.
_LONG = 500


def print_recleaning(
    run: Callable[[Callable[[Tally], None]], Iterator[Outcome]], *, dry: bool, as_json: bool
) -> int:
    """The outcomes as they come, then their number; 1 if a page could not be cleaned."""
    counted: Counter[str] = Counter()
    listed: list[dict[str, Any]] = []
    last = Tally()
    # A bar where a person watches and the outcomes do not go to the same terminal.
    bar: Any = click.progressbar(length=0, file=sys.stderr) if sys.stderr.isatty() and not sys.stdout.isatty() else None

    def watch(tally: Tally) -> None:
        nonlocal last
        if bar is not None:
            bar.length = tally.captures
            bar.update(tally.looked - bar.pos)
        last = tally

    with bar or nullcontext():
        for outcome in run(watch):
            counted[outcome.kind] += 1
            if outcome.kind == "renewed" and not outcome.changes:
                continue
            if as_json:
                listed.append(_plain(outcome))
            else:
                _print(outcome)
    kinds = ("changed", "new", "gone", "renewed", "trouble")
    if as_json:
        print_json({"looked_at": last.looked, "dry_run": dry, **{k: counted[k] for k in kinds}, "outcomes": listed})
    else:
        tell(
            say(
                "{looked} captures cleaned again: {changed} articles changed, {new} new, {gone} no article any more, "
                "{renewed} renewed with the same content, {trouble} could not be cleaned",
                looked=last.looked,
                **{k: counted[k] for k in kinds},
            )
        )
        if dry:
            tell(say("Nothing was written: this was a trial (--dry-run)."))
    return FINDINGS if counted["trouble"] else DONE


def _print(outcome: Outcome) -> None:
    click.echo(f"{outcome.url}  {_kind(outcome.kind)}{': ' + outcome.why if outcome.why else ''}")
    if outcome.kind in ("changed", "renewed"):
        differing = {change.field for change in outcome.changes}
        for change in outcome.changes:
            if change.field != "html" or "text" not in differing:  # else it says the same once more
                click.echo(f"  {change.field}: {_told(change)}")


def _kind(kind: str) -> str:
    if kind == "gone":
        return say("no article any more; its former state stays")
    if kind == "renewed":
        return say("the same content, shown differently")
    if kind == "new":
        return say("new article")
    return say("changed") if kind == "changed" else say("could not be cleaned")


def _told(change: Change) -> str:
    if change.is_text and change.before and change.after:
        return told(change.before, change.after)
    return f"{_value(change.before)} → {_value(change.after)}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONG else flat[: _LONG - 1] + "…"


def _plain(outcome: Outcome) -> dict[str, Any]:
    fields = [
        {"field": c.field, "before": c.before, "after": c.after}
        | ({"words": told(c.before, c.after)} if c.is_text and c.before and c.after else {})
        for c in outcome.changes
    ]
    return {
        "url": outcome.url, "kind": outcome.kind, "record_id": outcome.record_id, "former": outcome.former, "why": outcome.why,
        "changes": fields if outcome.kind != "new" else [],
    }  # fmt: skip


def print_difference(found: Difference, *, as_json: bool) -> int:
    """What changed on a page, a line for each field and file."""
    if as_json:
        files = [
            {"url": f.url, "kind": f.kind, **{side: digest(getattr(f, side)) for side in ("before", "after")}}
            | ({"inside": told(f.inside.before, f.inside.after)} if f.inside else {})
            for f in found.files
        ]
        print_json({
            "url": found.url, "from": warc_date(found.times[0]), "to": warc_date(found.times[1]), "same": found.same,
            "fields": [{"field": c.field, "before": c.before, "after": c.after} for c in found.fields], "files": files,
        })  # fmt: skip
        return DONE
    first, last = (f"{time:%Y-%m-%d %H:%M:%S}" for time in found.times)
    click.echo(f"{found.url}  {first} → {last} UTC")
    if found.same:
        tell(say("Both states say the same."))
    differing = {change.field for change in found.fields}
    for change in found.fields:
        if change.field != "html" or "text" not in differing:
            click.echo(f"  {change.field}: {_told(change)}")
    for file in found.files:
        click.echo(f"  {file.kind}: {file.url}  {digest(file.before) or '-'} → {digest(file.after) or '-'}")
        if file.inside is not None:
            click.echo(f"    {say('text inside')}: {_told(file.inside)}")
    return DONE


def digest(capture: Capture | None) -> str | None:
    """The digest of what was captured, None if nothing was."""
    return capture.payload_digest if capture else None
