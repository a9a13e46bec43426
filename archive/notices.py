"""What a run shows that people should know: articles edited silently or withdrawn, files swapped, hosts moved or merged, a fallen yield.

Each follows from what is kept, so an auditor finds the same as the archivist did.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from archive.cleaning.clean import clean
from archive.cleaning.parse import parse
from archive.cleaning.rules import Rules, recognise
from archive.compare import changes, quiet
from archive.errors import DamagedRecord
from archive.model import Article
from archive.store import article_reading as shelf
from archive.store import noticing
from archive.store.noticing import Came
from archive.store.reading import Reading
from archive.urls import parted
from archive.usual import fallen, usual
from archive.warc.payload import Body

KINDS = ("failed", "yield", "failures", "drift", "moved", "merged", "withdrawn", "swapped", "edited")
# Fields whose change is news; a portal that changes one of them and neither of its dates has edited silently.
_NEWS, _DATES = {"title", "lead", "text", "document"}, {"published", "modified"}
# Pages of a host whose platform is asked for, and articles whose like is looked for elsewhere.
_PAGES, _ARTICLES = 8, 20
# Addresses given up after the last try: from this share of what answered on it is worth a notice.
_FAILED = 0.1
# A page of 200 that shrank or grew by this much and brought no article is looked at: it may say that the article is gone.
_OTHER = 0.25
_AWAY = re.compile(r"(?i)/(?:|index\.\w+|home|trang-?chu|(?:.*[/_-])?(?:404|error|not-?found|khong-tim-thay)[\w.-]*)$")
_MOVED = (301, 302, 303, 307, 308)

Fetch = Callable[[int], Body]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing worth knowing. `subject` is an address, a host or a portal; `before` and `after` are record ids of captures.

    `times` are those of the two captures (WARC dates), `detail` has what the sentence about it needs.
    """

    kind: str
    subject: str
    title: str | None = None
    before: str | None = None
    after: str | None = None
    times: tuple[str | None, str | None] = (None, None)
    detail: dict[str, Any] = field(default_factory=dict)


def notices(archive: Reading, fetch: Fetch, run: int, portal: str) -> list[Notice]:
    """What a run shows, by kind in the order of KINDS. `fetch` gives the body of a capture; that of damaged ones is not looked at."""
    merged, moved = list(_merged(archive, run)), list(_moved(archive, fetch, run))
    withdrawn = list(_withdrawn(archive, fetch, run, {notice.subject for notice in merged}))
    lost = Counter(parted(notice.subject).netloc for notice in withdrawn)
    for notice in moved:
        notice.detail["gone"] = lost[notice.subject]
    # What a host no longer has since it moved is told with that, not one by one.
    elsewhere = {notice.subject for notice in moved}
    withdrawn = [notice for notice in withdrawn if parted(notice.subject).netloc not in elsewhere]
    found = [*_run(archive, run, portal), *moved, *merged, *withdrawn, *_swapped(archive, run), *_edited(archive, fetch, run)]
    return sorted(found, key=lambda notice: KINDS.index(notice.kind))


def _run(archive: Reading, run: int, portal: str) -> Iterator[Notice]:
    rows = noticing.yields(archive, portal)
    at = next((n for n, row in enumerate(rows) if row["run"] == run), None)
    if at is None:
        return
    row, normal = rows[at], usual(rows[:at])
    if row["outcome"] in ("failed", "interrupted"):
        yield Notice("failed", portal, detail={"outcome": row["outcome"], "why": row["detail"] or ""})
    elif row["outcome"] == "finished" and row["failures"] and not row["answered"]:
        yield Notice("failed", portal, detail={"outcome": "unanswered", "why": ""})
    if (name := fallen(row, normal)) is not None and normal is not None:
        yield Notice("yield", portal, detail={"what": name, "now": row[name], "usual": normal[name]})
    if row["failed"] and row["failed"] >= _FAILED * (row["failed"] + row["answered"]):
        first = next(noticing.worst(archive, run))
        yield Notice("failures", portal, detail={"count": row["failed"], "url": first[0], "why": first[1]})
    for host, drift in noticing.drifts(archive, run):
        yield Notice("drift", host, detail={"drift": drift})


def _edited(archive: Reading, fetch: Fetch, run: int) -> Iterator[Notice]:
    for former, revision in noticing.edited(archive, run):
        old, new = shelf.state(archive, former), shelf.state(archive, revision)
        if old is None or new is None or old.content_sha256 == new.content_sha256:
            continue
        before = old.kept() if (old.rules, old.cleaner) == (new.rules, new.cleaner) else _again(archive, fetch, old, new)
        if before is None:
            continue
        fields = {change.field for change in changes(quiet(before), quiet(new.kept()))}
        if fields & _NEWS and not fields & _DATES:
            records = [row.record_id if (row := archive.capture(one.capture)) else None for one in (old, new)]
            yield Notice(
                "edited", new.url, new.title, records[0], records[1], (old.captured, new.captured), {"fields": sorted(fields & _NEWS)}
            )


def _again(archive: Reading, fetch: Fetch, old: shelf.RevisionRow, new: shelf.RevisionRow) -> Article | None:
    """The former state as the later one was cleaned: what another version of the cleaner makes of a page is no edit of it."""
    try:
        body = fetch(old.capture)
    except DamagedRecord:
        return None
    rules = shelf.rules(archive, new.rules) if new.rules else None
    return clean(body.data, old.url, Rules.load(rules) if rules else None, charset=body.charset)


def _withdrawn(archive: Reading, fetch: Fetch, run: int, merged: set[str]) -> Iterator[Notice]:
    for came, title, article in noticing.articles_again(archive, run):
        if article or _host(came.key) in merged:
            continue
        former = noticing.before(archive, came, run)
        if former is None:
            continue
        why = _gone(fetch, came, former)
        earlier = noticing.before(archive, former, -1) if why else None
        if why is None or (not noticing.gave_article(archive, former.capture) and earlier and _gone(fetch, former, earlier)):
            continue
        yield Notice(
            "withdrawn", came.url, title, former.record, came.record, (former.time, came.time),
            {"how": why, "status": came.status, "location": came.location or ""},
        )  # fmt: skip


def _gone(fetch: Fetch, came: Came, former: Came) -> str | None:
    """How an answer says that the article is no longer there; None if it does not."""
    if came.status in (404, 410):
        return "status"
    if came.status in _MOVED and came.location and came.location != came.url:
        target = parted(came.location)
        home = not target.query and _AWAY.search(target.path or "/")
        return "home" if home and target.path.rstrip("/") != parted(came.url).path.rstrip("/") else None
    if came.status != 200 or came.kind != "response" or came.payload == former.payload:
        return None
    if abs(came.length - former.length) < _OTHER * max(came.length, former.length):
        return None
    try:
        body = fetch(came.capture)
    except DamagedRecord:
        return None
    return None if clean(body.data, came.url, charset=body.charset).text else "soft"


def _swapped(archive: Reading, run: int) -> Iterator[Notice]:
    for came, record, time, digest in noticing.files_again(archive, run):
        told = {"before": f"sha256:{digest.hex()}", "after": f"sha256:{(came.payload or b'').hex()}", "length": came.length}
        yield Notice("swapped", came.url, None, record, came.record, (time, came.time), told)


def _moved(archive: Reading, fetch: Fetch, run: int) -> Iterator[Notice]:
    for host in noticing.hosts(archive, run):
        now = noticing.pages(archive, run, host, _PAGES)
        was = noticing.pages(archive, run, host, _PAGES, former=True)
        known = {(page.key, page.payload) for page in was}
        if not now or not was or all(page.status == 304 or (page.key, page.payload) in known for page in now):
            continue
        old, new = _platform(fetch, was), _platform(fetch, now)
        if old is None or new is None or old == new:
            continue
        name = parted(now[0].url).netloc
        yield Notice(
            "moved", name, None, was[0].record, now[0].record, (was[0].time, now[0].time), {"url": now[0].url, "from": old, "to": new}
        )


def _platform(fetch: Fetch, pages: list[Came]) -> str | None:
    """The platform of most pages, "unknown" if they show none; None where they disagree or cannot be read."""
    votes: Counter[str] = Counter()
    for page in pages:
        try:
            body = fetch(page.capture)
        except DamagedRecord:
            continue
        tree = parse(body.data, page.url, body.charset)
        if tree is not None:
            rules, evidence = recognise(tree)
            votes[(rules.platform or "unknown") if evidence else "unknown"] += 1
    if not votes:
        return None
    [(name, count)] = votes.most_common(1)
    return name if count * 2 > votes.total() else None


def _merged(archive: Reading, run: int) -> Iterator[Notice]:
    for host in noticing.hosts(archive, run):
        away = [came for came in noticing.redirects(archive, run, host) if _other_host(came)]
        if away and not noticing.pages(archive, run, host, 1) and noticing.pages(archive, run, host, 1, former=True):
            target, count = Counter(_other_host(came) for came in away).most_common(1)[0]
            first = next(came for came in away if _other_host(came) == target)
            former = noticing.before(archive, first, run)
            if target and former is not None and _other_host(former) != target:
                yield Notice(
                    "merged", _host(first.key), None, former.record, first.record, (former.time, first.time),
                    {"host": parted(first.url).netloc, "into": target, "how": "redirect", "count": count, "url": first.url},
                )  # fmt: skip
            continue
        yield from _doubled(archive, run, host)


def _doubled(archive: Reading, run: int, host: str) -> Iterator[Notice]:
    """A host whose articles stand under another host too, if that is new."""
    twins, looked = _twins(archive, noticing.articles_of(archive, run, host, _ARTICLES), host)
    if looked < 3 or not twins or twins.most_common(1)[0][1] * 2 <= looked:
        return
    known, before = _twins(archive, noticing.articles_of(archive, run, host, _ARTICLES, former=True), host, earlier=False)
    other, count = twins.most_common(1)[0]
    # A host that was a copy from its first day on has not merged.
    if not before or known[other] * 2 > before:
        return
    yield Notice("merged", host, detail={"host": _readable(host), "into": _readable(other), "how": "articles", "count": count, "of": looked})


def _twins(archive: Reading, articles: list[tuple[int, str | None]], host: str, *, earlier: bool = True) -> tuple[Counter[str], int]:
    """How many of a host's articles stand, word for word, under which other hosts (`earlier`: stood there first); and how many were looked at."""
    found: Counter[str] = Counter()
    looked = 0
    for number, title in articles:
        mine = shelf.newest_of(archive, number)
        if mine is None or not title:
            continue
        looked += 1
        text = quiet(mine.kept()).text
        others = [row for one in noticing.alike(archive, number, title, host) if (row := shelf.newest_of(archive, one))]
        found.update({
            _host(row.key) for row in others if quiet(row.kept()).text == text and (not earlier or row.captured <= mine.captured)
        })  # fmt: skip
    return found, looked


def _host(key: str) -> str:
    return key[: key.find(")") + 1]


def _readable(host: str) -> str:
    """A host of a SURT key as people write it."""
    name, colon, port = host.rstrip(")").partition(":")
    return ".".join(reversed(name.split(","))) + colon + port


def _other_host(came: Came) -> str | None:
    """The host that a redirect leads to, if it is another one; www makes no other host."""
    there, here = (parted(url).netloc.lower().removeprefix("www.") for url in (came.location or "", came.url))
    return there if came.status in _MOVED and there and there != here else None
