"""Two states of a page side by side, and what changed on a portal between two days, as pages, JSON and a feed."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.compare import words
from archive.differences import Difference, Event, File, difference, events, of_event
from archive.errors import Misuse
from archive.model import Capture
from archive.replay.answering import Answer, as_json, own
from archive.replay.asking import Asked, Refused
from archive.replay.finding import number
from archive.replay.pages import link, moment, page, record_link
from archive.replay.reading import address
from archive.replay.wording import word
from archive.replay.writing import Entry, atom
from archive.retrieve import Reader
from archive.urls import digits14, parse_time

# Events on a page, entries of a feed; fields whose change is told beside an event; longer texts are not compared by words.
SHOWN, FEED = 50, 50
# Captures of a page among which two are chosen.
CHOICES = 500
# Fields that say the same once more where the text has changed, or nothing to people.
_BESIDE = ("html",)


def compare(reader: Reader, asked: Asked) -> Answer:
    """What changed on a page between `from` and `to` (4 to 14 digits or ISO 8601), or between its last two states."""
    given = asked.values
    url = address(asked, "/compare") if asked.path not in ("/compare", "/compare.json") else given.get("url", "")
    if not url:
        raise Refused(404, "no_page")
    start, end = (_moment(given, name) if given.get(name) else None for name in ("from", "to"))
    try:
        found = difference(reader, url, start, end)
    except Misuse:
        raise Refused(404, "no_two_states", url=url) from None
    if asked.json:
        return as_json(asked, plain(found))
    chosen = [digits14(given_one or told) for given_one, told in zip((start, end), found.times, strict=True)]
    return page(
        asked, "compare.html", url=url, found=found, rows=_rows(found), files=_files(asked, found.files), chosen_times=chosen,
        moments=_moments(reader, url, chosen),
    )  # fmt: skip


def _moments(reader: Reader, url: str, chosen: list[str]) -> list[tuple[str, str]]:
    """The captures that can be chosen to compare, the newest first: 14 digits and what people read."""
    kept = {digits14(c.time): c.time for c in reader.find(url, CHOICES) if c.status == 200 and c.method == "GET"}
    kept |= {digits: parse_time(digits) for digits in chosen}
    return [(digits, moment(time)) for digits, time in sorted(kept.items(), reverse=True)]


def changes(reader: Reader, asked: Asked, feed: str | None = None) -> Answer:
    """What happened to the articles of `portal` from the day `from` to the day `to` (with it); without them, the last 30 days."""
    code = asked.values.get("portal", "")
    if not any(code == known for archive in reader.archives for known, _, _ in archive.portals()):
        raise Refused(404, "no_portal", code=code[:200])
    at = number(asked, "page", 1, 1000)
    start, end = _days(reader, asked, code)
    most = FEED if feed else SHOWN
    found = events(reader, code, start, end, most + 1, 0 if feed else (at - 1) * SHOWN)
    more, found = len(found) > most, found[:most]
    rows = [row for event in found if (row := _event(reader, asked, event))]
    if feed:
        return _feed(asked, code, rows)
    span = {"from": f"{start:%Y-%m-%d}", "to": f"{end - timedelta(days=1):%Y-%m-%d}"}
    if asked.json:
        told = [{**asdict(row["event"]), "fields": row["fields"], "compare": row["where"]} for row in rows]
        return as_json(asked, {"portal": code, **span, "page": at, "more": more, "events": told})
    turn = {name: link(asked, "/changes", portal=code, **span, page=str(at + step)) for name, step in (("earlier", -1), ("later", 1))}
    return page(asked, "changes.html", code=code, span=span, rows=rows, at=at, more=more, turn=turn)


def _event(reader: Reader, asked: Asked, event: Event) -> dict[str, Any] | None:
    """An event with what it changed; None if that is noise only."""
    found = of_event(reader, event)
    if event.kind == "changed" and found is not None and found.same:
        return None
    where = link(asked, "/articles", url=event.url)
    if found is not None:
        times = {name: digits14(time) for name, time in zip(("from", "to"), found.times, strict=True)}
        where = link(asked, "/compare", url=event.url, **times)
    fields = [c.field for c in found.fields if c.field not in _BESIDE] if found else []
    return {"event": event, "where": where, "fields": fields, "files": len(found.files) if found else 0}


def _feed(asked: Asked, code: str, rows: list[dict[str, Any]]) -> Answer:
    made = []
    for row in rows:
        event = row["event"]
        kind = word(asked.language, f"kind_{event.kind}")
        more = ", ".join(word(asked.language, f"field_{name}") for name in row["fields"])
        made.append(Entry(
            f"{event.url}#{event.kind}-{event.time}", f"{kind}: {event.title or event.url}", event.time, asked.room + row["where"],
            event.url, more or kind,
        ))  # fmt: skip
    where = {"self": link(asked, "/changes.atom", portal=code), "alternate": link(asked, "/changes", portal=code)}
    title = f"{word(asked.language, 'changes')} · {code}"
    return own(asked, 200, atom(asked, title, where["self"], where["alternate"], made), "application/atom+xml; charset=utf-8")


def plain(found: Difference) -> dict[str, Any]:
    """A difference as JSON: times, fields with their words, files with their digests."""
    fields = [
        {"field": c.field, "before": c.before, "after": c.after}
        | ({"words": [list(piece) for piece in words(c.before or "", c.after or "")]} if c.is_text else {})
        for c in found.fields
    ]
    files = [
        {"url": f.url, "kind": f.kind, "name": f.name, "before": _told(f.before), "after": _told(f.after)}
        | {"inside": [list(piece) for piece in words(f.inside.before, f.inside.after)] if f.inside else None}
        for f in found.files
    ]
    return {"url": found.url, "from": found.times[0], "to": found.times[1], "same": found.same, "fields": fields, "files": files}


def _told(capture: Capture | None) -> dict[str, Any] | None:
    if capture is None:
        return None
    return {name: getattr(capture, name) for name in ("record_id", "time", "payload_digest", "length")}


def _rows(found: Difference) -> list[dict[str, Any]]:
    """Each field that differs, for two columns, as pieces of text that stayed or did not."""
    rows = []
    differing = {change.field for change in found.fields}
    for change in found.fields:
        if change.field in _BESIDE and "text" in differing:
            continue
        pieces = list(words(_flat(change.before), _flat(change.after)))
        old = [(text, kind == "gone") for kind, text in pieces if kind != "new"]
        new = [(text, kind == "new") for kind, text in pieces if kind != "gone"]
        rows.append({"field": change.field, "old": old, "new": new, "name": ""})
    for file in found.files:
        if file.inside is not None:
            pieces = list(words(file.inside.before, file.inside.after))
            old = [(text, kind == "gone") for kind, text in pieces if kind != "new"]
            new = [(text, kind == "new") for kind, text in pieces if kind != "gone"]
            rows.append({"field": "inside", "old": old, "new": new, "name": file.name})
    return rows


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_flat(item) for item in value)
    if isinstance(value, dict):
        return " · ".join(str(item) for item in value.values() if item)
    return "" if value is None else str(value)


def _files(asked: Asked, files: list[File]) -> list[tuple[File, str | None, str | None]]:
    def where(capture: Capture | None) -> str | None:
        return record_link(asked, capture) if capture else None

    return [(file, where(file.before), where(file.after)) for file in files]


def _moment(given: dict[str, str], name: str) -> datetime:
    try:
        return parse_time(given[name])
    except ValueError:
        raise Refused(400, "bad_time", time=given[name][:40]) from None


def _days(reader: Reader, asked: Asked, code: str) -> tuple[datetime, datetime]:
    """The first moment of the day `from`, and the first one after the day `to`, UTC."""
    given = {name: asked.values.get(name, "") for name in ("from", "to")}
    for name, value in given.items():
        if not re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?", value):
            raise Refused(400, "bad_day", name=name, value=value[:40])
    try:
        last = max(run["started"] for run in reader.runs() if run["portal"] == code)[:10]
        end = datetime.fromisoformat(given["to"] or last).replace(tzinfo=UTC) + timedelta(days=1)
        start = datetime.fromisoformat(given["from"]).replace(tzinfo=UTC) if given["from"] else end - timedelta(days=31)
    except ValueError:
        raise Refused(400, "bad_day", name="from", value=f"{given['from']} {given['to']}") from None
    return start, end

