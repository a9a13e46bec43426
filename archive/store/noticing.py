"""The questions of `archive/notices.py`: how the captures of a run differ from what was known of the same addresses before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from archive.store.fold import fold
from archive.store.reading import Reading

HTML = "('text/html', 'application/xhtml+xml')"
# What pages are made of is exchanged with every new make of a portal; what they offer is not.
_FILES = (
    "(c.media_type LIKE 'application/%' OR c.media_type LIKE 'text/rtf%') AND c.media_type NOT LIKE '%javascript%' AND c.media_type NOT LIKE "
    "'%json%' AND c.media_type NOT LIKE '%xml%' AND c.media_type NOT LIKE '%font%' AND c.media_type NOT LIKE '%wasm%' "
    "OR c.media_type LIKE '%officedocument%' OR c.media_type LIKE '%opendocument%'"
)


class Came(NamedTuple):
    """The last capture of an address in a run, or the one before that run."""

    capture: int
    record: str | None
    url: str
    key: str
    time: str
    status: int | None
    location: str | None
    length: int
    payload: bytes | None
    kind: str | None


_CAME = (
    "SELECT c.id, r.record_id, c.url, c.key, c.time, c.status, c.location, c.length, r.payload_sha256, r.type "
    "FROM captures c LEFT JOIN records r ON r.id = c.record"
)
_TITLED = (
    ", (SELECT title FROM revisions WHERE id = a.revision), EXISTS (SELECT 1 FROM revisions v WHERE v.capture = c.id) FROM"
)
_FORMER = (
    ", (SELECT e.id FROM captures e WHERE e.key = c.key AND e.run <> c.run AND e.time < c.time AND e.status = 200 "
    "ORDER BY e.time DESC, e.id DESC LIMIT 1) FROM"
)
_LAST = "c.id = (SELECT max(d.id) FROM captures d WHERE d.key = c.key AND d.run = c.run)"


def edited(archive: Reading, run: int) -> Iterator[tuple[int, int]]:
    """(former revision, revision) of the articles that the run brought in another state, each with its last cleaning."""
    return archive.rows(
        "SELECT former, id FROM (SELECT v.id, (SELECT p.id FROM revisions p JOIN captures d ON d.id = p.capture "
        "WHERE p.article = v.article AND d.time < c.time AND d.run <> c.run ORDER BY d.time DESC, p.id DESC LIMIT 1) AS former "
        "FROM captures c JOIN revisions v ON v.capture = c.id WHERE c.run = ? "
        "AND v.id = (SELECT max(w.id) FROM revisions w WHERE w.capture = c.id AND w.article = v.article) ORDER BY c.id) WHERE former IS NOT NULL",
        (run,),
    )


def articles_again(archive: Reading, run: int) -> Iterator[tuple[Came, str | None, bool]]:
    """The article addresses that were known before the run and that it asked for: the last answer, the title, whether an article came of it."""
    rows = archive.rows(
        f"{_CAME.replace(' FROM', _TITLED)} "
        f"JOIN articles a ON a.key = c.key WHERE c.run = :run AND {_LAST} AND a.revision IS NOT NULL AND c.status IS NOT NULL AND EXISTS "
        "(SELECT 1 FROM revisions v JOIN captures e ON e.id = v.capture WHERE v.article = a.id AND e.run <> :run AND e.time < c.time) ORDER BY c.id",
        {"run": run},
    )
    return ((Came(*row[:10]), row[10], bool(row[11])) for row in rows)


def before(archive: Reading, came: Came, run: int) -> Came | None:
    """What the same address had answered last before the run; failures of a moment aside."""
    row = archive.row(
        f"{_CAME} WHERE c.key = ? AND c.run <> ? AND c.time < ? AND c.status IS NOT NULL AND c.status < 500 AND c.status <> 429 "
        "ORDER BY c.time DESC, c.id DESC LIMIT 1",
        (came.key, run, came.time),
    )
    return Came(*row) if row else None


def gave_article(archive: Reading, capture: int) -> bool:
    """Whether an article was cleaned from a capture."""
    return bool(archive.row("SELECT EXISTS (SELECT 1 FROM revisions WHERE capture = ?)", (capture,))[0])


def files_again(archive: Reading, run: int) -> Iterator[tuple[Came, str, str, bytes]]:
    """The files that the run brought in other bytes than the address had before: the answer, and the former one's record, time and digest."""
    rows = archive.rows(
        f"{_CAME.replace(' FROM', _FORMER)} "
        f"WHERE c.run = ? AND {_LAST} AND c.status = 200 AND c.truncated IS NULL AND r.type = 'response' AND ({_FILES}) ORDER BY c.id",
        (run,),
    )
    for *came, former in rows:
        old = former and archive.row(
            "SELECT r.record_id, c.time, r.payload_sha256 FROM captures c JOIN records r ON r.id = c.record WHERE c.id = ?", (former,)
        )
        if old and old[2] is not None and came[8] is not None and old[2] != came[8]:
            yield Came(*came), *old


def hosts(archive: Reading, run: int) -> list[str]:
    """The hosts, as SURT keys have them, that answered the run."""
    sql = "SELECT DISTINCT substr(key, 1, instr(key, ')')) FROM captures WHERE run = ? AND status IS NOT NULL ORDER BY 1"
    return [host for (host,) in archive.rows(sql, (run,)) if host]


def pages(archive: Reading, run: int, host: str, most: int, *, former: bool = False) -> list[Came]:
    """Some pages of a host as a run had them, or (`former`) as they were before it: those with the shortest addresses, the home page first."""
    when = "c.run <> :run AND c.time < (SELECT started FROM runs WHERE id = :run)" if former else "c.run = :run"
    sql = (
        f"{_CAME} WHERE c.id IN (SELECT max(c.id) FROM captures c WHERE c.key >= :host AND c.key < :end AND {when} AND "
        f"(c.status = 200 AND c.media_type IN {HTML} OR c.status = 304 AND EXISTS (SELECT 1 FROM captures e WHERE e.key = c.key "
        f"AND e.status = 200 AND e.media_type IN {HTML})) GROUP BY c.key ORDER BY length(c.key), c.key LIMIT :most) ORDER BY length(c.key), c.key"
    )
    return [Came(*row) for row in archive.rows(sql, {"run": run, "host": host, "end": host + "\U0010ffff", "most": most})]


def redirects(archive: Reading, run: int, host: str) -> list[Came]:
    """The answers of a host that led elsewhere, the home page first."""
    sql = (
        f"{_CAME} WHERE c.run = :run AND c.key >= :host AND c.key < :end AND c.status BETWEEN 301 AND 308 AND c.location IS NOT NULL "
        "AND c.key <> :host || '/robots.txt' ORDER BY length(c.key), c.key"
    )
    return [Came(*row) for row in archive.rows(sql, {"run": run, "host": host, "end": host + "\U0010ffff"})]


def articles_of(archive: Reading, run: int, host: str, most: int, *, former: bool = False) -> list[tuple[int, str | None]]:
    """(article, title) of a host's articles that were met first in the run, or (`former`) before it; the last ones."""
    when = "c.run <> :run AND c.time < (SELECT started FROM runs WHERE id = :run)" if former else "c.run = :run"
    sql = (
        f"SELECT a.id, v.title FROM articles a JOIN revisions v ON v.id = (SELECT min(w.id) FROM revisions w WHERE w.article = a.id) "
        f"JOIN captures c ON c.id = v.capture WHERE a.key >= :host AND a.key < :end AND a.revision IS NOT NULL AND {when} "
        "ORDER BY a.id DESC LIMIT :most"
    )
    return list(archive.rows(sql, {"run": run, "host": host, "end": host + "\U0010ffff", "most": most}))


def alike(archive: Reading, article: int, title: str, host: str) -> list[int]:
    """Articles of other hosts with the words of this title."""
    words = fold(title).replace('"', " ").replace("\x00", " ").strip()
    if not words:
        return []
    found = archive.rows(
        "SELECT a.id, a.key FROM search JOIN articles a ON a.id = search.rowid WHERE search MATCH ? LIMIT 20", (f'title : "{words}"',)
    )
    return [number for number, key in found if number != article and not key.startswith(host)]


def yields(archive: Reading, portal: str) -> list[dict[str, Any]]:
    """What the portal's crawls brought, oldest first: pages answered, articles that were new or changed."""
    names = ("run", "root", "started", "ended", "outcome", "detail", "answered", "articles", "failed", "failures")
    sql = (
        "SELECT r.id, r.root, r.started, r.ended, r.outcome, r.detail, "
        "(SELECT count(*) FROM captures c WHERE c.run = r.id AND c.status IN (200, 304)), "
        "(SELECT count(DISTINCT v.article) FROM revisions v JOIN captures c ON c.id = v.capture WHERE c.run = r.id), "
        "(SELECT count(*) FROM refusals f WHERE f.run = r.id AND f.reason = 'retries'), "
        "(SELECT count(*) FROM captures c WHERE c.run = r.id AND c.failure IS NOT NULL) "
        "FROM runs r WHERE r.portal = ? AND r.kind = 'crawl' ORDER BY r.id"
    )
    return [dict(zip(names, row, strict=True)) for row in archive.rows(sql, (portal,))]


def drifts(archive: Reading, run: int) -> Iterator[tuple[str, str]]:
    """(host, what has changed) where what was learned of a host no longer fits."""
    return archive.rows("SELECT host, drift FROM site_votes WHERE run = ? AND drift IS NOT NULL ORDER BY host", (run,))


def worst(archive: Reading, run: int) -> Iterator[tuple[str, str]]:
    """(address, last cause) of what the run gave up after its last try."""
    return archive.rows("SELECT url, detail FROM refusals WHERE run = ? AND reason = 'retries' ORDER BY id", (run,))
