"""The pages for people and their JSON: home, search, an article, the captures of an address."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import asdict
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from archive.errors import DamagedRecord
from archive.model import Article, Attachment, Capture
from archive.replay.answering import Answer, as_json
from archive.replay.asking import Asked, Refused
from archive.replay.finding import article_link, newest
from archive.replay.pages import captures_link, excerpt_link, link, page, record_link, replay_link, replay_path
from archive.replay.shown import shown
from archive.replay.viewer_links import viewer_links
from archive.replay.wording import word
from archive.retrieve import Reader
from archive.store import listing
from archive.store.article_reading import counts
from archive.urls import digits14, parse_warc_date, surt

# A day of a calendar: its number, how many captures, the address of the first.
Day = tuple[int, int, str]
NEWEST = 10
_ESCAPED = re.compile(r"(?i)https?%3a")
_SLASHES = re.compile(r"(?i)^(https?):/+")
RUNS = 10
# Captures of an address on its page and in its JSON, the newest; TimeMap and CDX have all.
MOST_CAPTURES, MOST_TOLD = 500, 10_000


def home(reader: Reader, asked: Asked) -> Answer:
    """Search, what the archive holds, the newest articles, the last runs."""
    runs = reader.runs()
    held = {
        "articles": sum(counts(archive)["articles"] for archive in reader.archives),
        "captures": sum(run["captures"] for run in runs),
        "portals": len({run["portal"] for run in runs}),
        "bytes": sum(run["bytes"] for run in runs),
    }
    rows, shown_runs = newest(reader, NEWEST), list(reversed(runs))[:RUNS]
    if asked.json:
        told = ("article", "url", "title", "published", "captured")
        plain = [{name: getattr(row, name) for name in told} for row in rows]
        return as_json(asked, {**held, "newest": plain, "runs": shown_runs})
    linked = [(row, article_link(reader, asked, row.article, row.url)) for row in rows]
    return page(asked, "home.html", held=held, newest=linked, runs=shown_runs)


def article(reader: Reader, asked: Asked, key: str) -> Answer:
    """One article by its number."""
    return _article(reader, asked, int(key))


def article_at(reader: Reader, asked: Asked) -> Answer:
    """One article by its address, in `url`: several archives count on their own."""
    return _article(reader, asked, scheme_mended(asked.values.get("url", "")))


def _article(reader: Reader, asked: Asked, key: int | str) -> Answer:
    found = reader.article(key)
    if found is None:
        raise Refused(404, "no_article", key=key)
    if asked.json:
        return as_json(asked, found.to_dict())
    capture = reader.capture((found.capture or {}).get("record_id", ""))
    own = None
    if capture:
        owner = reader.closest(capture.url, capture.time.replace(microsecond=0))
        own = _row(asked, capture, owns=owner is not None and owner.record_id == capture.record_id)
    files, places = _files(reader, asked, found), _places(reader, asked, found)
    body = _body(reader, asked, found)
    times = reader.states(found.url)
    states = [
        (old, new, link(asked, "/compare", **{"url": found.url, "from": digits14(old), "to": digits14(new)}))
        for old, new in pairwise(times)
    ]
    return page(
        asked, "article.html", article=found, own=own, files=files, body=body, places=places, states=states[::-1], times=times
    )


def captures(reader: Reader, asked: Asked) -> Answer:
    """All captures of an address, oldest first, and what else is known of it; 404 if there is no capture."""
    url = asked.values.get("url", "") if asked.path in ("/captures", "/captures.json") else address(asked, "/captures")
    if not url:
        raise Refused(404, "no_page")
    known = reader.why(url, MOST_TOLD if asked.json else MOST_CAPTURES)
    count = sum(listing.how_many(archive, surt(url)) for archive in reader.archives)
    status = 200 if known.captures else 404
    rows = _linked(reader, asked, known.captures)
    if asked.json:
        told = [{**asdict(row.pop("capture")), **row} for row in rows]
        return as_json(asked, {**asdict(known), "captures": told, "count": count}, status)
    rest = known.redirected_from or known.refusals or known.frontier or known.linked_from or known.aliases or known.addresses or known.robots
    read = link(asked, "/articles", url=url) if reader.article(url) else None
    return page(
        asked, "captures.html", status, url=url, known=known, rows=rows, count=count, rest=bool(rest), read=read,
        calendar=_calendar(reader, asked, url), compare=link(asked, "/compare", url=url) if len(rows) > 1 else None,
    )  # fmt: skip


def _calendar(reader: Reader, asked: Asked, url: str) -> list[tuple[str, list[tuple[str, list[Day]]]]]:
    """By year and month, the newest year first: of each of 31 days how often it was captured, and the way to the first time."""
    found: dict[str, list[listing.Day]] = defaultdict(list)
    for archive in reader.archives:
        for one in listing.days(archive, surt(url)):
            found[one.day].append(one)
    made: dict[str, dict[str, list[Day]]] = defaultdict(dict)
    for name, told in sorted(found.items()):
        year, month, day = name.split("-")
        first = min(told, key=lambda one: one.first)
        row = made[year].setdefault(month, [(number + 1, 0, "") for number in range(31)])
        where = asked.replay + replay_path(digits14(parse_warc_date(first.first)), "", first.url)
        row[int(day) - 1] = (int(day), sum(one.often for one in told), where)
    return [(year, list(months.items())) for year, months in sorted(made.items(), reverse=True)]


def _body(reader: Reader, asked: Asked, found: Article) -> str:
    known = {image.url: image.capture for image in found.images}

    def image(url: str) -> str | None:
        capture = reader.capture(known.get(url) or "")
        return replay_link(asked, capture) if capture else None

    missing = word(asked.language, "image_not_kept")
    return shown(found.html, image, lambda url: captures_link(asked, url), missing)


def _linked(reader: Reader, asked: Asked, listed: list[Capture]) -> list[dict[str, Any]]:
    """Captures of one address, oldest first, with the addresses of their bytes; None where no answer was kept."""
    owners = {digits14(c.time): c.record_id for c in listed if not _silent(c)}
    viewed = viewer_links(reader, asked)
    rows = [_row(asked, c, owns=owners.get(digits14(c.time)) == c.record_id) for c in listed]
    return [{**row, "viewer": viewed(row["capture"]) if row["body"] else None} for row in rows]


def _row(asked: Asked, capture: Capture, *, owns: bool) -> dict[str, Any]:
    """A capture with the addresses of its body and message: by time if it is the last of its second."""
    by = replay_link if owns else record_link
    body, message = (None, None) if _silent(capture) else (by(asked, capture, m) for m in ("id_", "raw_"))
    return {"capture": capture, "body": body, "message": message}


def _silent(capture: Capture) -> bool:
    return capture.status is None and capture.failure is not None


def _files(reader: Reader, asked: Asked, found: Article) -> list[tuple[Attachment, Capture | None, str]]:
    """The attachments, each with its capture and where its bytes are; without one, where it is said what is known."""
    made = []
    for file in found.attachments:
        capture = reader.capture(file.capture) if file.capture else None
        made.append((file, capture, record_link(asked, capture) if capture else captures_link(asked, file.url)))
    return made


def _places(reader: Reader, asked: Asked, found: Article) -> dict[tuple[str, int], tuple[str, str]]:
    """The bytes of the article's pieces by field and number, and the page that shows them; a question mark where its words do not stand."""
    made, record = {}, (found.capture or {}).get("record_id", "")
    with suppress(DamagedRecord):  # the page says elsewhere that its bytes are not there
        for p in reader.passages(found):
            if p.start is not None and p.end is not None:
                where = excerpt_link(asked, record, p.start, p.end)
                made[p.part, p.number] = (f"{p.start}–{p.end}{'' if p.holds else ' ?'}", where)
    return made


def address(asked: Asked, prefix: str) -> str:
    """The archived address that follows `prefix` in the request, its query with it."""
    return unescaped(asked.target.removeprefix(prefix).removeprefix(".json").removeprefix("/"))


def archived(asked: Asked, url: str) -> str:
    """The archived address of which `url` is what the request's path has, escaped as a whole or not."""
    return unescaped(f"{url}?{asked.query}" if asked.query else url)


def unescaped(url: str) -> str:
    """An archived address as it stands in one of ours: escaped as a whole (https%3A//…), or as it is."""
    return scheme_mended(unquote(url) if _ESCAPED.match(url) else url)


def scheme_mended(url: str) -> str:
    """`url` with the two slashes that proxies fold into one, and with a scheme if it has none."""
    url = _SLASHES.sub(r"\1://", url)
    return url if "://" in url[:12] or url.startswith(("urn:", "dns:", "metadata:")) else f"http://{url}"
