"""The questions about runs: how fast it went, what it left out and why, which pages fared worst, what waits, where the space goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from archive.store.reading import Reading

_KIND = (
    "CASE WHEN r.type NOT IN ('response', 'revisit') THEN r.type WHEN r.type = 'revisit' THEN 'revisit' "
    "WHEN c.media_type IN ('text/html', 'application/xhtml+xml') THEN 'pages' WHEN c.media_type LIKE 'image/%' THEN 'images' "
    "WHEN c.media_type LIKE '%javascript%' OR c.media_type LIKE 'text/css%' OR c.media_type LIKE 'font/%' THEN 'styles and scripts' "
    "WHEN c.media_type LIKE 'application/%' THEN 'documents' ELSE 'other' END"
)


class Bad(NamedTuple):
    """A capture that is not as one would have it."""

    url: str
    time: str
    status: int | None
    failure: str | None
    truncated: str | None
    record_id: str | None
    via: str | None


def pace(archive: Reading, run: int) -> list[tuple[str, int, int]]:
    """(minute, answers, their bytes) of a run; minutes in which nothing came are left out."""
    sql = "SELECT substr(time, 1, 16), count(*), sum(length) FROM captures WHERE run = ? GROUP BY 1 ORDER BY 1"
    return list(archive.rows(sql, (run,)))


def refused(archive: Reading, run: int) -> list[tuple[str, str, int, str | None]]:
    """(reason, host, how many, one of the addresses) of what a run did not ask for, the most first."""
    sql = (
        "SELECT t.reason, t.host, t.refused, (SELECT f.url FROM refusals f WHERE f.run = t.run AND f.reason = t.reason ORDER BY f.id LIMIT 1) "
        "FROM refusal_counts t WHERE t.run = ? ORDER BY t.refused DESC, t.reason, t.host"
    )
    return list(archive.rows(sql, (run,)))


def worst(archive: Reading, run: int, most: int) -> Iterator[Bad]:
    """What went wrong, worst first: no answer, the server's errors, answers cut off, what is not there."""
    sql = (
        "SELECT c.url, c.time, c.status, c.failure, c.truncated, r.record_id, c.via FROM captures c LEFT JOIN records r ON r.id = c.record "
        "WHERE c.run = ? AND (c.failure IS NOT NULL OR c.truncated IS NOT NULL OR c.status >= 400) AND c.key NOT LIKE '%)/robots.txt' "
        "ORDER BY CASE WHEN c.status IS NULL THEN 0 WHEN c.status >= 500 THEN 1 WHEN c.truncated IS NOT NULL THEN 2 ELSE 3 END, c.id LIMIT ?"
    )
    return map(Bad._make, archive.rows(sql, (run, most)))


def missing(archive: Reading, run: int) -> list[str]:
    """The addresses that a run did not get (no answer, the server's errors, answers cut off) and that nothing brought since, as it met them."""
    sql = (
        "SELECT c.url FROM captures c WHERE c.run = ? AND c.method = 'GET' AND c.key NOT LIKE '%)/robots.txt'"
        " AND (c.failure IS NOT NULL OR c.truncated IS NOT NULL OR c.status >= 500 OR c.status IN (408, 425, 429))"
        " AND NOT EXISTS (SELECT 1 FROM captures d WHERE d.key = c.key AND d.id > c.id AND d.failure IS NULL AND d.truncated IS NULL"
        " AND d.status < 500 AND d.status NOT IN (408, 425, 429)) GROUP BY c.url ORDER BY min(c.id)"
    )
    return [url for (url,) in archive.rows(sql, (run,))]


def handshakes(archive: Reading, run: int) -> list[int]:
    """Captures of a run whose metadata tell of all its TLS handshakes: of each host the last, and the first with each chain of certificates."""
    sql = (
        "SELECT max(id) FROM captures WHERE run = :run AND url LIKE 'https:%' AND (status IS NOT NULL OR failure LIKE 'tls:%') "
        "GROUP BY substr(key, 1, instr(key, ')')) "
        "UNION SELECT capture FROM records WHERE run = :run AND type = 'resource' AND capture IS NOT NULL "
        "AND target_uri LIKE 'urn:tangthu:certificates:%' ORDER BY 1"
    )
    return [capture for (capture,) in archive.rows(sql, {"run": run})]


def queue(archive: Reading, root: int) -> dict[str, int]:
    """How many addresses of a chain of runs are queued, captured (not yet read), done and failed; empty once it has finished."""
    return dict(archive.rows("SELECT state, count(*) FROM frontier WHERE root = ? GROUP BY state", (root,)))


@dataclass(frozen=True, slots=True)
class Space:
    """Records of one portal, month (UTC) and kind: their number, their blocks' bytes, and the bytes as kept."""

    portal: str
    month: str
    kind: str
    records: int
    bytes: int
    kept: int


def space(archive: Reading) -> list[Space]:
    """Where the space goes."""
    sql = (
        f"SELECT u.portal, substr(coalesce(r.time, u.started), 1, 7), {_KIND}, count(*), sum(r.length), sum(r.member_length) "
        "FROM records r JOIN runs u ON u.id = r.run LEFT JOIN captures c ON c.id = r.capture GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    return [Space(*row) for row in archive.rows(sql)]
