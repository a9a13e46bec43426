"""What a run shows that people should know, as sentences."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from archive.words import say

if TYPE_CHECKING:
    from archive.notices import Notice
    from archive.retrieve import Reader

# The list of runs looks at so many of the newest, and tells so many notices of a kind; `tangthu runs RUN` tells them all.
LOOKED, FEW = 20, 3


def noticed(reader: Reader, runs: list[dict[str, Any]]) -> dict[int, list[Notice]]:
    """The notices of the newest runs, by run."""
    return {run["id"]: reader.notices(run["id"]) for run in runs[-LOOKED:] if run["outcome"]}


def notice_lines(notices: Iterable[Notice], *, few: bool = False) -> list[str]:
    """A line for each notice, most grave first; with `few` the first of each kind, and how many more there are."""
    lines: list[str] = []
    told: dict[str, int] = {}
    for notice in notices:
        told[notice.kind] = told.get(notice.kind, 0) + 1
        if not few or told[notice.kind] <= FEW:
            lines.append(notice_said(notice))
    return lines + ([say("and {count} more: {kind}", count=n - FEW, kind=kind_said(k)) for k, n in told.items() if n > FEW] if few else [])


def kind_said(kind: str) -> str:
    """What a kind of notice is called."""
    return {
        "failed": say("run failed"),
        "yield": say("yield fell"),
        "failures": say("addresses failed"),
        "drift": say("drift of rules"),
        "moved": say("moved to another platform"),
        "merged": say("hosts merged"),
        "withdrawn": say("withdrawn"),
        "swapped": say("file swapped"),
        "edited": say("edited silently"),
    }[kind]


def notice_said(notice: Notice) -> str:
    """A notice as one line."""
    told = {"subject": notice.subject, "title": notice.title or notice.subject, **notice.detail}
    return f"{kind_said(notice.kind)}: {_sentence(notice, told)}"


def _sentence(notice: Notice, told: dict[str, Any]) -> str:
    if notice.kind == "failed":
        return say("{subject} did not answer", **told) if told["outcome"] == "unanswered" else f"{notice.subject} ({told['why'] or '-'})"
    if notice.kind == "yield":
        if told["what"] == "articles":
            return say("{subject} brought {now} new or changed articles, usually {usual}", **told)
        return say("{subject} answered {now} pages, usually {usual}", **told)
    if notice.kind == "failures":
        return say("{subject}: {count} addresses given up, the first {url} ({why})", **told)
    if notice.kind == "drift":
        return say("{subject}: {drift}", **told)
    if notice.kind == "moved":
        gone = "; " + say("{gone} former articles are no longer there", **told) if told["gone"] else ""
        return say("{subject} was {from}, now {to}; look at {url}", **told) + gone
    if notice.kind == "merged":
        if told["how"] == "redirect":
            return say("{host} now leads to {into} ({count} addresses)", **told)
        return say("{count} of {of} articles of {host} stand at {into} too", **told)
    if notice.kind == "withdrawn":
        how = {
            "status": say("it answers {status}", **told),
            "home": say("it leads to {location}", **told),
            "soft": say("it answers 200 without the article"),
        }[told["how"]]
        return f"{told['title']} ({notice.subject}): {how}"
    if notice.kind == "swapped":
        return say("{subject}: other bytes under the same address, {before} then {after}", **_short(told))
    return say("{title} ({subject}): another {fields}, no other date", **{**told, "fields": ", ".join(told["fields"])})


def _short(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "before": told["before"][:19], "after": told["after"][:19]}


def tls_lines(run: dict[str, Any]) -> list[str]:
    """By which policy a run spoke TLS, where it was not the usual one, and whose certificates did not hold: never silent."""
    policy = (run["settings"] if isinstance(run["settings"], dict) else json.loads(run["settings"] or "{}")).get("tls") or {}
    own = {"": {k: v for k, v in policy.items() if k != "hosts"}, **policy.get("hosts", {})}
    lines = []
    for host, said in own.items():
        parts = [f"{key} {value}" for key, value in said.items() if key != "strict" and value not in (None, "1.2")]
        if parts or said.get("strict"):
            told = ", ".join([*parts, *([say("only certificates that hold")] if said.get("strict") else [])])
            lines.append(say("TLS with {host}: {policy}", host=host or say("every host"), policy=told))
    held = [one for one in run["tls"] if one["verified"]]
    lines += [say("{host}: its certificate does not hold: {error} ({version})", **one) for one in run["tls"] if not one["verified"]]
    return lines + ([say("certificates that hold: {hosts}", hosts=", ".join(f"{o['host']} ({o['version']})" for o in held))] if held else [])
