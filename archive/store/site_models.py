"""Site models: what was learned of a host, from which captures, and how it fitted later runs."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from archive.model import Study
from archive.store.connect import inserted
from archive.store.reading import Reading

# What is larger is no page of a portal.
LARGEST = 16 << 20
HTML = ("text/html", "application/xhtml+xml")


class PageRow(NamedTuple):
    """A page that was captured, the newest capture of its address, with what its article says of its cleaning."""

    capture: int
    url: str
    payload_sha256: bytes
    rules: str | None
    layer: str | None
    container: str | None
    article: int | None
    content_sha256: bytes | None


class ModelRow(NamedTuple):
    """A row of `site_models`."""

    id: int
    host: str
    run: int | None
    root: int | None
    time: str
    given: str | None
    rules: str
    cleaner: str
    votes: str
    settled: str


_MODEL = (
    "SELECT m.id, m.host, m.run, u.root, m.time, m.given, m.rules, m.cleaner, m.votes, m.settled "
    "FROM site_models m LEFT JOIN runs u ON u.id = m.run"
)
_PAGES = (
    "SELECT max(c.id), c.url, r.payload_sha256, v.rules, v.layer, v.container, a.id, v.content_sha256 "
    "FROM captures c JOIN records r ON r.id = c.record LEFT JOIN articles a ON a.key = c.key LEFT JOIN revisions v ON v.id = a.revision "
    f"WHERE c.status = 200 AND c.media_type IN {HTML} AND c.truncated IS NULL AND c.length <= {LARGEST} AND r.payload_sha256 IS NOT NULL "
    # What said that there is no such page, and copies of an article that is kept under its own address, are no articles.
    "AND NOT EXISTS (SELECT 1 FROM refusals f WHERE f.run = c.run AND f.url = c.url AND f.reason = 'soft-404') "
    "AND NOT EXISTS (SELECT 1 FROM aliases l WHERE l.url = c.url AND l.reason = 'same text')"
)


def host_of(url: str) -> str:
    """The host of an address, with its port where that is not the scheme's."""
    return url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2].lower()


def keep(conn: sqlite3.Connection, run: int | None, study: Study, time: str) -> None:
    """Write down what was learned, and how what was known fitted."""
    number = study.model
    if study.rules is not None:
        digests = [_rules(conn, body) for body in (study.given, study.rules)]
        number = inserted(
            conn.execute(
                "INSERT INTO site_models (host, run, time, given, rules, cleaner, votes, settled) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (study.host, run, time, *digests, study.cleaner, study.votes, json.dumps(study.settled)),
            )
        )
        conn.executemany(
            "INSERT INTO lessons (model, capture, payload_sha256) VALUES (?, ?, ?)",
            [(number, *one) for one in study.lessons],
        )
    if study.vote is not None and run is not None:
        vote = study.vote
        conn.execute(
            "INSERT OR REPLACE INTO site_votes (run, host, model, looked, fits, titles, dates, drift) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (run, study.host, study.model, vote.looked, vote.fits, vote.titles, vote.dates, study.drift),
        )


def _rules(conn: sqlite3.Connection, body: bytes | None) -> str | None:
    if body is None:
        return None
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    conn.execute("INSERT OR IGNORE INTO rules (digest, body) VALUES (?, ?)", (digest, body.decode()))
    return digest


def rules_for(conn: sqlite3.Connection, host: str, given: str | None) -> bytes | None:
    """The rules of the host's newest model on top of the `given` ones (a digest), if there is one."""
    found = conn.execute(
        "SELECT r.body FROM site_models m JOIN rules r ON r.digest = m.rules WHERE m.host = ? AND m.given IS ? ORDER BY m.id DESC LIMIT 1",
        (host, given),
    ).fetchone()
    return found[0].encode() if found else None


def newest(archive: Reading, host: str, given: str | None) -> ModelRow | None:
    """The host's newest model on top of these rules."""
    row = archive.row(f"{_MODEL} WHERE m.host = ? AND m.given IS ? ORDER BY m.id DESC LIMIT 1", (host, given))
    return ModelRow(*row) if row else None


def every(archive: Reading) -> Iterator[ModelRow]:
    """All models, in the order in which they were learned."""
    return map(ModelRow._make, archive.rows(f"{_MODEL} ORDER BY m.id"))


def lessons(archive: Reading, model: int) -> list[tuple[int, bytes]]:
    """The captures that a model was learned from, with the payload digests they had."""
    return list(archive.rows("SELECT capture, payload_sha256 FROM lessons WHERE model = ? ORDER BY capture", (model,)))


def pages(archive: Reading, root: int | None) -> Iterator[PageRow]:
    """The HTML pages of a chain of runs (of all, without one), the newest capture of each address."""
    chain = "" if root is None else " AND c.run IN (SELECT id FROM runs WHERE root = ?)"
    return map(
        PageRow._make, archive.rows(f"{_PAGES}{chain} GROUP BY c.url ORDER BY c.url", () if root is None else (root,))
    )


def has_others(archive: Reading, root: int) -> bool:
    """Whether there are captures of other chains of runs than this one."""
    row = archive.row(
        "SELECT EXISTS (SELECT 1 FROM runs r WHERE r.root <> ? AND EXISTS (SELECT 1 FROM captures c WHERE c.run = r.id))",
        (root,),
    )
    return bool(row[0])


def of_run(archive: Reading, run: int) -> list[dict[str, Any]]:
    """What a run learned, and how what was known of its hosts fitted."""
    learned = archive.rows("SELECT host, votes FROM site_models WHERE run = ? ORDER BY id", (run,))
    names = ("host", "looked", "fits", "titles", "dates", "drift")
    fitted = archive.rows(f"SELECT {', '.join(names)} FROM site_votes WHERE run = ? ORDER BY host", (run,))
    return [
        *({"host": host, "learned": json.loads(votes)} for host, votes in learned),
        *(dict(zip(names, row, strict=True)) for row in fitted),
    ]
