"""The check that decides again what robots.txt decided, from the kept bytes of the robots.txt."""

from __future__ import annotations

from collections.abc import Iterator

from archive.audit.findings import Verdict
from archive.audit.record_checks import Problem
from archive.errors import ArchiveError
from archive.retrieve import Reader
from archive.robots import AGENT, READ_LIMIT, Robots, is_robots, parse
from archive.store import robots
from archive.store.reading import Reading
from archive.warc.payload import Answer, body_of
from archive.warc.reader import Undecodable


def robots_again(reader: Reader, archive: Reading) -> Iterator[Problem]:
    """Every address was let in, or kept out, by what the robots.txt says that it was decided by."""
    for source in robots.sources(archive):
        subject = f"{source.origin}/robots.txt (number {source.id})"
        try:
            said, body = _answer(reader, archive, source)
        except (ArchiveError, Undecodable) as error:
            yield Problem(Verdict.UNCHECKED, subject, f"it cannot be read again: {error}")
            continue
        if said != source.verdict:
            yield Problem(Verdict.BROKEN, subject, f"it is listed as {source.verdict}, its answer makes it {said}")
            continue
        rules = parse(body) if said == "rules" else Robots()
        if said == "rules" and rules.speaks_to(AGENT) != source.agent:
            yield Problem(Verdict.BROKEN, subject, f"the group that counts is {rules.speaks_to(AGENT)}, not {source.agent}")
        for url, allowed, line in robots.decided(archive, source.id):
            decision = rules.decide(url, AGENT)
            if (said != "out" and decision.allowed, decision.line) != (bool(allowed), line):
                was, now = ("let in" if allowed else "kept out"), ("lets it in" if decision.allowed else "keeps it out")
                yield Problem(Verdict.BROKEN, url, f"it was {was} by line {line} of {subject}, which {now} by line {decision.line}")


def _answer(reader: Reader, archive: Reading, source: robots.Kept) -> tuple[str, bytes]:
    """What kind of answer the kept one is, as section 2.3.1 of RFC 9309 has them, and its body."""
    capture = reader.numbered(archive, source.capture) if source.capture is not None else None
    if capture is None or not capture.status or capture.failure or capture.truncated:
        return "out", b""
    with reader.open(capture) as opened:
        raw = opened.raw()
    status = Answer(raw).framer.status or 0
    if status >= 500 or status == 429:
        return "out", b""
    body = body_of(raw, limit=READ_LIMIT).data if status == 200 else b""
    return ("rules", body) if status == 200 and is_robots(body) else ("none", b"")
