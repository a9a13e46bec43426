"""The checks that look at one record at a time: its head, its digests, and what the tables say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from archive.audit.findings import Verdict
from archive.retrieve import Reader
from archive.store.reading import CaptureRow, Reading, RecordRow
from archive.urls import parse_warc_date, surt
from archive.warc.answer import essence, location, media_type
from archive.warc.examine import Examined
from archive.warc.kept import IDENTICAL
from archive.warc.reader import Head


class Problem(NamedTuple):
    """Something that is not sound, and why."""

    verdict: Verdict
    subject: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """A record as it was read. `own`: this product made it, so there is no excuse."""

    reader: Reader
    archive: Reading
    row: RecordRow
    capture: CaptureRow | None
    facts: Examined
    own: bool

    def broken(self, evidence: str) -> Problem:
        """A problem that proves damage or a fault."""
        return Problem(Verdict.BROKEN, self.row.record_id, evidence)

    def unresolved(self, evidence: str) -> Problem:
        """Something that is not here: of our own records that is damage, others may lie in another file."""
        return Problem(Verdict.BROKEN if self.own else Verdict.UNCHECKED, self.row.record_id, evidence)


_MANDATORY = ("WARC-Record-ID", "WARC-Date", "WARC-Type", "Content-Length")
# Which types must not have a field (WARC 1.1, section 5).
_FORBIDDEN = {
    "WARC-Refers-To": ("warcinfo", "response", "request", "continuation"),
    "WARC-Refers-To-Target-URI": ("warcinfo", "response", "request", "continuation"),
    "WARC-Refers-To-Date": ("warcinfo", "response", "request", "continuation"),
    "WARC-Concurrent-To": ("warcinfo", "conversion", "continuation"),
    "WARC-IP-Address": ("warcinfo", "conversion", "continuation"),
    "WARC-Target-URI": ("warcinfo",),
    "WARC-Warcinfo-ID": ("warcinfo",),
}
_NEEDED = {
    "response": ("WARC-Target-URI",),
    "resource": ("WARC-Target-URI",),
    "request": ("WARC-Target-URI",),
    "conversion": ("WARC-Target-URI",),
    "revisit": ("WARC-Target-URI", "WARC-Profile"),
    "continuation": ("WARC-Target-URI", "WARC-Segment-Origin-ID", "WARC-Segment-Number"),
}
_ONCE = {name.lower() for name in (*_MANDATORY, *_FORBIDDEN, *(n for needed in _NEEDED.values() for n in needed))} | {
    "content-type", "warc-block-digest", "warc-payload-digest", "warc-truncated", "warc-filename",
    "warc-identified-payload-type", "warc-segment-total-length",
} - {"warc-concurrent-to"}  # fmt: skip
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TRUNCATED = ("length", "time", "disconnect", "unspecified")


def head(item: Inspected) -> Iterator[Problem]:
    """The record's head is legal: mandatory fields, dates, ids, no field where the standard forbids it."""
    said, kind = item.facts.head, item.facts.head.type
    lacking = [name for name in (*_MANDATORY, *_NEEDED.get(kind, ())) if said.get(name) is None]
    if lacking:
        yield item.broken(f"it lacks {', '.join(lacking)}")
    extra = [name for name, types in _FORBIDDEN.items() if kind in types and said.has(name)]
    if extra:
        yield item.broken(f"a {kind} record must not have {', '.join(extra)}")
    twice = [name for name in said.repeated() if name in _ONCE]
    if twice:
        yield item.broken(f"it has {', '.join(twice)} more than once")
    yield from (item.broken(what) for what in _malformed(said))


def _malformed(said: Head) -> Iterator[str]:
    if (written := said.get("WARC-Date")) is not None and not _is_date(written, said.version):
        yield f"WARC-Date {written!r} is none of WARC {said.version}"
    raw, record_id = said.get("WARC-Record-ID"), said.uri("WARC-Record-ID")
    if raw is not None and (raw == record_id or not _URI.fullmatch(record_id or "")):
        yield f"WARC-Record-ID {raw!r} is no URI in angle brackets"
    if said.get("Content-Length") is not None and said.content_length is None:
        yield f"Content-Length {said.get('Content-Length')!r} is no length"
    uri = said.uri("WARC-Target-URI")
    if uri is not None and not _URI.fullmatch(uri):
        yield f"WARC-Target-URI {uri!r} is no URI"
    truncated = said.get("WARC-Truncated")
    if truncated is not None and truncated not in _TRUNCATED:
        yield f"WARC-Truncated {truncated!r} is no reason of the standard"


def _is_date(text: str, version: str) -> bool:
    try:
        parse_warc_date(text)
    except ValueError:
        return False
    return text.endswith("Z") and (version != "1.0" or _SECONDS.fullmatch(text) is not None) if "T" in text else True


def block_digest(item: Inspected) -> Iterator[Problem]:
    """The block has the length and the sha256 with which it came in, and the digest that its head declares."""
    row, facts = item.row, item.facts
    if facts.length != facts.head.content_length and facts.head.content_length is not None:
        yield item.broken(f"Content-Length says {facts.head.content_length}, the block has {facts.length} bytes")
    if facts.block_sha256 != row.block_sha256:
        yield item.broken(f"the block came in with sha256 {row.block_sha256.hex()} and has {facts.block_sha256.hex()}")
    yield from _declared(item, "WARC-Block-Digest")


def payload_digest(item: Inspected) -> Iterator[Problem]:
    """The entity without transfer coding has the digest that row and head say; others' may be over the framed body."""
    row, facts = item.row, item.facts
    wanted = facts.payload_sha256
    # Of resources and conversions the block is the payload, and its digest is given already.
    if row.payload_sha256 != wanted and not (
        row.payload_sha256 is None and facts.head.type in ("resource", "conversion")
    ):
        yield item.broken(f"the payload's sha256 is {_hex(wanted)}, the row says {_hex(row.payload_sha256)}")
    if row.framed_sha256 is not None and row.framed_sha256 != facts.framed_sha256:
        yield item.broken(
            f"the framed body's sha256 is {_hex(facts.framed_sha256)}, the row says {row.framed_sha256.hex()}"
        )
    yield from _declared(item, "WARC-Payload-Digest")


def _declared(item: Inspected, name: str) -> Iterator[Problem]:
    for said in item.facts.declared:
        if said.name != name:
            continue
        if said.holds is None:
            yield Problem(Verdict.UNCHECKED, item.row.record_id, f"{name} {said.value} cannot be recomputed here")
        elif not said.holds:
            yield item.broken(f"{name} says {said.value}, the bytes are {said.found}")
        elif said.reading == "framed" and item.own:
            yield item.broken(f"{name} {said.value} is over the body as framed, not over the entity ({said.found})")


def _hex(digest: bytes | None) -> str:
    return digest.hex() if digest else "none"


def row(item: Inspected) -> Iterator[Problem]:
    """The record's row says what its head says: id, type, address, time, length and what it refers to."""
    kept, said = item.row, item.facts.head
    refers_to = said.uri("WARC-Refers-To") if said.type == "revisit" else None
    for name, listed, found in (
        ("record_id", kept.record_id, item.facts.record_id),
        ("type", kept.type, said.type or "unknown"),
        ("target_uri", kept.target_uri, said.uri("WARC-Target-URI")),
        ("length", kept.length, item.facts.length),
        ("refers_to", kept.refers_to, refers_to),
    ):
        if listed != found and not (name == "target_uri" and _as_uri(kept.target_uri) == found):
            yield item.broken(f"the row's {name} is {listed}, the record's {found}")
    if not _same_time(kept.time, said.get("WARC-Date")):
        yield item.broken(f"the row's time is {kept.time}, the record's {said.get('WARC-Date')}")


def _same_time(listed: str | None, said: str | None) -> bool:
    try:
        return listed is not None and parse_warc_date(listed) == parse_warc_date(said or "")
    except ValueError:
        return listed is None


def _as_uri(uri: str | None) -> str | None:
    """An address as a record's head has it: no controls, no blanks."""
    return None if uri is None else re.sub(r"[\x00-\x1f\x7f]+", "", uri).replace(" ", "%20")


def capture(item: Inspected) -> Iterator[Problem]:
    """What the capture's row says of its answer is what the answer's bytes say."""
    listed, facts = item.capture, item.facts
    if listed is not None and item.own and facts.method is not None and facts.method != listed.method:
        yield item.broken(f"the capture's method is {listed.method}, its request's {facts.method}")
    if listed is not None and item.own and facts.method is not None and facts.referer != _line(listed.via):
        yield item.broken(f"the capture's via is {listed.via!r}, its request's Referer {facts.referer!r}")
    if listed is not None and item.own and facts.facts is not None:
        yield from (item.broken(what) for what in _told(listed, facts.facts))
    if listed is None or listed.record != item.row.id:
        return
    framer, said = facts.framer, facts.head
    kind = media_type(framer) if framer else essence(said.get("Content-Type"))
    pairs: list[tuple[str, object, object]] = [
        ("url", _as_uri(listed.url), said.uri("WARC-Target-URI")),
        ("key", listed.key, surt(listed.url)),
        ("status", listed.status, framer.status if framer else None),
        ("media_type", listed.media_type, kind),
        ("location", listed.location, location(framer, listed.url) if framer else None),
        ("length", listed.length, facts.length),
    ]
    if said.type != "revisit":
        pairs.append(("truncated", listed.truncated, said.get("WARC-Truncated")))
    yield from (item.broken(f"the capture's {n} is {a!r}, its answer's {b!r}") for n, a, b in pairs if a != b)
    if not _same_time(listed.time, said.get("WARC-Date")):
        yield item.broken(f"the capture's time is {listed.time}, its answer's {said.get('WARC-Date')}")


def _told(listed: CaptureRow, facts: dict[str, str]) -> Iterator[str]:
    """What the metadata record beside an answer says otherwise than the capture's row."""
    failure = ": ".join(facts[name] for name in ("failure", "failure-cause") if name in facts) or None
    for name, row, record in (
        ("failure", listed.failure, failure),
        ("via", listed.via, facts.get("via")),
        ("hops", listed.hops, facts.get("hopsFromSeed")),
    ):
        if _line(row) != record:
            yield f"the capture's {name} is {row!r}, its metadata record's {record!r}"


def _line(value: str | None) -> str | None:
    """A value as a field of a record has it: on one line."""
    return None if value is None else re.sub(r"[\x00-\x1f\x7f]+", " ", value).strip()


def links(item: Inspected) -> Iterator[Problem]:
    """The records that a head names are in the archive, and its warcinfo is one of its run."""
    said = item.facts.head
    about = () if said.type == "revisit" else ("WARC-Refers-To", "WARC-Segment-Origin-ID")
    for name in ("WARC-Concurrent-To", *about):
        for value in said.all(name):
            if item.reader.stored(value.strip("<>")) is None:
                yield item.unresolved(f"{name} {value} is not in the archive")
    named = said.uri("WARC-Warcinfo-ID")
    if named is None:
        if item.own and said.type != "warcinfo":
            yield item.broken("it names no warcinfo record")
        return
    found = item.reader.stored(named)
    if found is None:
        yield item.unresolved(f"its warcinfo record {named} is not in the archive")
    elif found[1].type != "warcinfo" or (item.own and found[1].run != item.row.run):
        yield item.broken(f"its warcinfo record {named} is a {found[1].type} record of run {found[1].run}")


def revisit(item: Inspected) -> Iterator[Problem]:
    """What a revisit refers to is in the archive and has the payload that the revisit declares."""
    said = item.facts.head
    if said.type != "revisit":
        return
    found = item.reader.original(said)
    if found is None:
        named = said.uri("WARC-Refers-To") or said.uri("WARC-Refers-To-Target-URI")
        yield item.unresolved(f"the record that it repeats ({named or 'it does not say which'}) is not in the archive")
        return
    if IDENTICAL not in (said.get("WARC-Profile") or "") and not item.own:
        return  # of a "not modified" others need not declare a payload
    original, declared = found[1], said.get("WARC-Payload-Digest") or ""
    if item.row.payload_sha256 is not None:
        if item.row.payload_sha256 != original.payload_sha256:
            yield item.broken(f"it repeats {declared}, the original has sha256:{_hex(original.payload_sha256)}")
        return
    theirs = item.reader.head(found).get("WARC-Payload-Digest")
    if theirs is None or theirs.partition(":")[0].lower() != declared.partition(":")[0].lower():
        yield Problem(
            Verdict.UNCHECKED,
            item.row.record_id,
            f"its {declared or 'missing digest'} cannot be compared with {theirs}",
        )
    elif theirs.lower() != declared.lower():
        yield item.broken(f"it repeats {declared}, the original {original.record_id} has {theirs}")
