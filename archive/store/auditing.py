"""The questions of the audit: does SQLite hold together, and do the rows agree with each other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from archive.store.reading import Reading, RecordRow


def integrity(archive: Reading) -> Iterator[str]:
    """What SQLite's own check complains of."""
    return (row[0] for row in archive.rows("PRAGMA integrity_check") if row[0] != "ok")


def pages(archive: Reading) -> int:
    """How many pages the file has."""
    return int(archive.row("PRAGMA page_count")[0])


def foreign_keys(archive: Reading) -> Iterator[tuple[str, int, str]]:
    """(table, rowid, table that it refers to) of references to nothing."""
    return ((table, row, parent) for table, row, parent, _ in archive.rows("PRAGMA foreign_key_check"))


def count(archive: Reading, table: str) -> int:
    """How many rows a table has."""
    return int(archive.row(f"SELECT count(*) FROM {table}")[0])


def crawl_runs(archive: Reading) -> frozenset[int]:
    """The runs whose records this product made itself."""
    return frozenset(number for (number,) in archive.rows("SELECT id FROM runs WHERE kind <> 'adopt'"))


def uneven_parts(archive: Reading) -> Iterator[tuple[str, int, int, int, int]]:
    """(record id, parts, highest number, bytes, bytes expected) of members whose parts are not gapless from 0 on."""
    return archive.rows(
        "SELECT r.record_id, p.n, p.top, p.size, r.member_length FROM records r LEFT JOIN "
        "(SELECT record, count(*) AS n, max(number) AS top, sum(length(bytes)) AS size FROM parts GROUP BY record) p "
        "ON p.record = r.id WHERE p.n IS NULL OR p.top <> p.n - 1 OR p.size <> r.member_length"
    )


def odd_members(archive: Reading, start: bytes) -> Iterator[str]:
    """Members of crawl runs that do not begin with `start`."""
    return (
        row[0]
        for row in archive.rows(
            "SELECT r.record_id FROM parts p JOIN records r ON r.id = p.record JOIN runs u ON u.id = r.run "
            "WHERE p.number = 0 AND u.kind <> 'adopt' AND substr(p.bytes, 1, ?) IS NOT ?",
            (len(start), start),
        )
    )


def adopted_whole(archive: Reading) -> Iterator[tuple[int, str, str]]:
    """(run, file, sha256) of adopted files of which every byte was taken in."""
    return archive.rows(
        "SELECT u.id, json_extract(u.settings, '$.file'), json_extract(u.settings, '$.sha256') FROM runs u "
        "WHERE u.kind = 'adopt' AND json_extract(u.settings, '$.length') = "
        "(SELECT coalesce(sum(r.member_length), 0) FROM records r WHERE r.run = u.id)"
    )


def bytes_of_run(archive: Reading, run: int) -> Iterator[bytes]:
    """The members of a run, one after the other."""
    return (
        piece
        for (piece,) in archive.rows(
            "SELECT p.bytes FROM records r JOIN parts p ON p.record = r.id WHERE r.run = ? ORDER BY r.id, p.number",
            (run,),
        )
    )


def without_request(archive: Reading) -> Iterator[str]:
    """Answers of crawl runs to which no request is kept."""
    return (
        row[0]
        for row in archive.rows(
            "SELECT r.record_id FROM captures c JOIN records r ON r.id = c.record JOIN runs u ON u.id = c.run "
            "WHERE u.kind <> 'adopt' "
            "AND NOT EXISTS (SELECT 1 FROM records q WHERE q.capture = c.id AND q.type = 'request')"
        )
    )


def stray_captures(archive: Reading) -> Iterator[tuple[int, str]]:
    """(capture, what is wrong) where a capture's record is another's, or its run is not that of its records."""
    return archive.rows(
        "SELECT c.id, 'its answer ' || r.record_id || ' belongs to capture ' || coalesce(r.capture, 'none') "
        "FROM captures c JOIN records r ON r.id = c.record WHERE r.capture IS NOT c.id "
        "UNION ALL SELECT c.id, 'it has neither an answer nor a failure' FROM captures c WHERE c.record IS NULL AND "
        "c.failure IS NULL "
        "UNION ALL SELECT c.id, 'it has no answer and says of one' FROM captures c WHERE c.record IS NULL AND "
        "(c.status IS NOT NULL OR c.media_type IS NOT NULL OR c.location IS NOT NULL OR c.length <> 0) "
        "UNION ALL SELECT c.id, 'it failed, and no record says so' FROM captures c JOIN runs u ON u.id = c.run WHERE "
        "u.kind <> 'adopt' AND c.failure IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM records m WHERE m.capture = c.id AND m.type = 'metadata') "
        "UNION ALL SELECT c.id, 'its record ' || r.record_id || ' is of run ' || r.run "
        "FROM captures c JOIN records r ON r.capture = c.id WHERE r.run <> c.run AND r.type <> 'metadata'"
    )


def frontier_faults(archive: Reading) -> Iterator[tuple[str, str]]:
    """(address, what is wrong) in the queues of the runs."""
    return archive.rows(
        "SELECT f.url, 'it is captured, and no capture is named' FROM frontier f "
        "WHERE f.state = 'captured' AND f.capture IS NULL "
        "UNION ALL SELECT f.url, 'its state is ' || f.state FROM frontier f "
        "WHERE f.state NOT IN ('queued', 'captured', 'done', 'failed') "
        "UNION ALL SELECT f.url, 'its run has finished and still has it in the queue' FROM frontier f WHERE EXISTS "
        "(SELECT 1 FROM runs r WHERE r.root = f.root AND r.outcome = 'finished' AND r.id = "
        "(SELECT max(id) FROM runs l WHERE l.root = f.root))"
    )


def run_faults(archive: Reading) -> Iterator[tuple[int, str]]:
    """(run, what is wrong) of runs whose warcinfo record is missing or no warcinfo, or whose state is none."""
    return archive.rows(
        "SELECT u.id, CASE WHEN r.id IS NULL THEN 'its warcinfo record ' || coalesce(u.warcinfo, '(none)') "
        "|| ' is missing' ELSE "
        "u.warcinfo || ' is a ' || r.type || ' record of run ' || r.run END FROM runs u LEFT JOIN records r "
        "ON r.record_id = u.warcinfo WHERE u.kind <> 'adopt' AND EXISTS (SELECT 1 FROM records x WHERE x.run = u.id) "
        "AND (r.id IS NULL OR r.type <> 'warcinfo' OR r.run <> u.id) "
        "UNION ALL SELECT u.id, 'it started at ' || u.started || ', its warcinfo record says ' || r.time FROM runs u "
        "JOIN records r ON r.record_id = u.warcinfo WHERE u.kind <> 'adopt' AND r.time IS NOT u.started "
        "UNION ALL SELECT u.id, 'it ended at ' || coalesce(u.ended, 'no time') || ', its last record says ' || r.time FROM runs u "
        "JOIN records r ON r.run = u.id AND r.type = 'metadata' AND r.target_uri LIKE 'urn:tangthu:facts:%' "
        # Before schema 5 the two were read off the clock one after the other.
        "WHERE u.kind <> 'adopt' AND coalesce(abs(julianday(r.time) - julianday(u.ended)) * 86400 > 0.1, 1) "
        "UNION ALL SELECT id, 'its kind is ' || kind || ', its outcome ' || coalesce(outcome, 'none') FROM runs "
        "WHERE kind NOT IN ('crawl', 'patch', 'adopt') OR outcome NOT IN ('finished', 'interrupted', 'stopped', 'failed') "
        "OR (outcome IS NULL) <> (ended IS NULL)"
    )


def run_settings(archive: Reading) -> Iterator[tuple[int, str, RecordRow]]:
    """(run, what its row says that it was told, its warcinfo record) of the runs that this product made."""
    for run, settings, record_id in archive.rows("SELECT id, settings, warcinfo FROM runs WHERE kind <> 'adopt'"):
        if (row := archive.record(record_id or "")) and row.type == "warcinfo" and row.run == run:
            yield run, settings, row


def run_facts(archive: Reading) -> Iterator[tuple[int, RecordRow, dict[str, object]]]:
    """(run, the record in which it summed itself up, what that has to say of it) of runs that ended in order."""
    sql = (
        "SELECT u.id, r.record_id, u.outcome, u.detail, u.portal, "
        "(SELECT count(*) FROM captures c WHERE c.run = u.id), "
        "(SELECT count(failure) FROM captures c WHERE c.run = u.id) FROM runs u JOIN records r ON r.run = u.id "
        "WHERE u.kind <> 'adopt' AND u.outcome IS NOT NULL AND r.type = 'metadata' "
        "AND r.target_uri LIKE 'urn:tangthu:facts:%'"
    )
    for run, record_id, outcome, detail, portal, captures, failures in archive.rows(sql):
        if row := archive.record(record_id):
            said = {"run": outcome, "detail": detail, "portal": portal, "captures": captures, "failures": failures}
            yield run, row, said


def refusal_facts(archive: Reading, run: int) -> Iterator[dict[str, object]]:
    """The refusals of a run, as its record has to list them."""
    names = ("refused", "reason", "detail", "via", "time")
    for row in archive.rows("SELECT url, reason, detail, via, time FROM refusals WHERE run = ? ORDER BY id", (run,)):
        yield dict(zip(names, row, strict=True))


def refusal_keys(archive: Reading) -> Iterator[tuple[int, str, str]]:
    """(run, address, key) of every refusal."""
    return archive.rows("SELECT run, url, key FROM refusals ORDER BY id")


def all_rules(archive: Reading) -> Iterator[tuple[str, bytes]]:
    """(digest, rules) as they are stored."""
    return ((digest, body.encode()) for digest, body in archive.rows("SELECT digest, body FROM rules"))


def misplaced(archive: Reading) -> Iterator[tuple[int, str]]:
    """(article, what is wrong) where the index lacks an article or has one too many, or its state is another's."""
    return archive.rows(
        "SELECT a.id, 'the search index lacks it' FROM articles a WHERE a.revision IS NOT NULL AND NOT EXISTS (SELECT 1 FROM search_docsize d "
        "WHERE d.id = a.id) UNION ALL SELECT d.id, 'the search index has it, the archive does not' "
        "FROM search_docsize d WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = d.id AND a.revision IS NOT NULL) "
        "UNION ALL SELECT a.id, 'it is shown no longer, and nothing says why' FROM articles a WHERE a.revision IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM aliases l JOIN articles o ON o.url = l.canonical WHERE l.url = a.url AND l.reason = 'same text') "
        "AND NOT EXISTS (SELECT 1 FROM refusals f WHERE f.key = a.key AND f.reason = 'soft-404') "
        "UNION ALL SELECT a.id, 'its newest state is another article''s' "
        "FROM articles a LEFT JOIN revisions v ON v.id = a.revision WHERE a.revision IS NOT NULL AND v.article IS NOT a.id"
    )


def shelved(archive: Reading) -> Iterator[tuple[int, str, str, str | None, str | None, str]]:
    """(article, portal, when it was captured, date under which it is listed, newest state, [kind, value] of its facets as JSON)."""
    return archive.rows(
        "SELECT a.id, u.portal, c.time, a.dated, CAST(sqlar_uncompress(v.packed, v.length) AS TEXT), "
        "(SELECT json_group_array(json_array(f.kind, f.value)) FROM facets f WHERE f.article = a.id) "
        "FROM articles a JOIN revisions v ON v.id = a.revision JOIN captures c ON c.id = v.capture JOIN runs u ON u.id = c.run ORDER BY a.id"
    )


def outdated(archive: Reading) -> Iterator[tuple[int, str, str]]:
    """(article, when the state was captured that is listed as its newest, when a newer one was)."""
    return archive.rows(
        "SELECT a.id, c.time, max(d.time) FROM articles a JOIN revisions v ON v.id = a.revision JOIN captures c ON c.id = v.capture "
        "JOIN revisions w ON w.article = a.id JOIN captures d ON d.id = w.capture GROUP BY a.id HAVING max(d.time) > c.time"
    )


def indexed(archive: Reading, article: int, column: str, phrase: str) -> bool:
    """Whether a phrase of the folded text finds this article."""
    quoted = phrase.replace('"', '""')
    sql = "SELECT 1 FROM search WHERE search MATCH ? AND rowid = ?"
    return archive.row(sql, (f'{column}: "{quoted}"', article)) is not None


def indexed_size(archive: Reading, article: int) -> bytes | None:
    """The numbers of words that the index has of an article, column by column, in FTS5's form; None if it has none."""
    found = archive.row("SELECT sz FROM search_docsize WHERE id = ?", (article,))
    return bytes(found[0]) if found else None


class Index:
    """A search index in memory like that of an archive, to compare with: FTS5 alone knows what it takes for a word."""

    def __init__(self, archive: Reading) -> None:
        (declared,) = archive.row("SELECT sql FROM sqlite_schema WHERE name = 'search'")
        self._conn = sqlite3.connect(":memory:")
        self._conn.execute(declared)

    def size(self, title: str, text: str) -> bytes:
        """The numbers of words in these texts, as FTS5 keeps them."""
        number = self._conn.execute("INSERT INTO search (title, text) VALUES (?, ?)", (title, text)).lastrowid
        return bytes(self._conn.execute("SELECT sz FROM search_docsize WHERE id = ?", (number,)).fetchone()[0])

    def close(self) -> None:
        """Let go of it."""
        self._conn.close()
