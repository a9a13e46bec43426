"""What is known of an address, as sentences: what came of it, what led to it, and what kept it out."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from archive.console import DONE, FINDINGS, print_json
from archive.urls import patch_command
from archive.words import say

if TYPE_CHECKING:
    from archive.model import Capture
    from archive.retrieve import Reader, Why


def print_why(reader: Reader, url: str, *, as_json: bool) -> int:
    """Everything that is known of an address."""
    known = reader.why(url)
    if as_json:
        print_json({**asdict(known), "captures": [asdict(c) for c in known.captures]})
        return DONE
    lines = _why_lines(known)
    if not lines:
        click.echo(say("{url}: nothing is known of it; no crawl has met this address", url=url))
        click.echo(say("It is captured by: {command}", command=patch_command(url)))
        return FINDINGS
    for line in lines:
        click.echo(line)
    if not any(c.status is not None and c.status < 400 for c in known.captures):
        click.echo(say("It is captured by: {command}", command=patch_command(url)))
    return DONE


def _why_lines(known: Why) -> list[str]:
    lines = [_capture_line(capture) for capture in known.captures]
    lines += [
        say("redirected here: {url} at {time} UTC", url=c.url, time=f"{c.time:%Y-%m-%d %H:%M:%S}")
        for c in known.redirected_from
    ]
    lines += [
        say(
            "not asked for: {reason} {detail} (run {run}, {time})",
            reason=r["reason"],
            detail=r["detail"],
            run=r["run"],
            time=str(r["time"])[:19],
        )
        for r in known.refusals
    ]
    lines += [
        say("in the queue: {state}, {attempts} tries so far", state=_sent(f["method"], f["state"]), attempts=f["attempts"])
        for f in known.frontier
    ]
    lines += [say("found on: {url}", url=url) for url in known.linked_from]
    lines += [
        say("{canonical} stands for {url}: {reason}", canonical=a["canonical"], url=a["url"], reason=a["reason"]) for a in known.aliases
    ]
    lines += [_watched_line(seen) for seen in known.addresses]
    return lines + [ruling_line(ruling) for ruling in known.robots]


def ruling_line(ruling: dict[str, Any]) -> str:
    """By which robots.txt an address was let in or kept out."""
    which = f"{ruling['origin']}/robots.txt"
    if ruling["verdict"] == "rules" and ruling["line"]:
        why = say("line {line}, group {agent}", line=ruling["line"], agent=ruling["agent"])
    elif ruling["verdict"] == "rules":
        why = say("no line forbids it")
    else:
        why = ruling["detail"]
    told = {"time": ruling["decided"][:19], "file": which, "read": ruling["time"][:19], "why": why, "record": ruling["record_id"] or "-"}
    if ruling["allowed"]:
        return say("robots, {time}: let in by {file} of {read} UTC: {why}  {record}", **told)
    return say("robots, {time}: kept out by {file} of {read} UTC: {why}  {record}", **told)


def _watched_line(seen: dict[str, Any]) -> str:
    due = str(seen["due"])[:16].replace("T", " ")
    if seen["gone_since"]:
        return say("gone since {time} UTC; asked again from {due} UTC on", time=str(seen["gone_since"])[:16].replace("T", " "), due=due)
    if seen["failures"]:
        return say("not reached by the last {count} runs, which is not gone; asked again from {due} UTC on", count=seen["failures"], due=due)
    return say("seen {seen} times, changed {changes} times; asked again from {due} UTC on", seen=seen["seen"], changes=seen["changes"], due=due)


def _sent(method: str, what: str) -> str:
    """`what` came of a request, with its method if it was no GET."""
    return what if method == "GET" else f"{method} {what}"


def _capture_line(capture: Capture) -> str:
    what = _sent(capture.method, capture.failure or f"{capture.status} {capture.media_type or ''}".strip())
    more = f" → {capture.location}" if capture.location else ""
    cut = say(" (cut off: {reason})", reason=capture.truncated) if capture.truncated else ""
    return say(
        "captured {time} UTC: {what}{cut}{more}  {record}",
        time=f"{capture.time:%Y-%m-%d %H:%M:%S}",
        what=what,
        cut=cut,
        more=more,
        record=capture.record_id,
    )
