"""The records that a run writes of itself: how it was made, the portal's profile, and in the end what it left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from archive.warc.records import WARC_FIELDS, Record, fields_block

# How to read what goes beyond the standard, in every file that carries such records.
_READING = (
    "Blocks of request and response records are the bytes as they crossed the connection. Metadata records concurrent"
    " to them hold, by Content-Type: application/http, an interim (1xx) answer that came before the response;"
    " application/octet-stream, bytes that the server sent after its end; application/warc-fields, what is known of the"
    " connection. Values of request fields that the operator configured are blanked where blanked-request-field names"
    " them; nothing else is changed."
)


def warcinfo_record(record_id: str, at: datetime, told: dict[str, str], settings: str) -> Record:
    """The first record of a run. `told` is who and with what: software, operator, user agent, robots policy."""
    facts = [
        *told.items(),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ("description", _READING),
        ("settings", settings),
    ]
    return Record("warcinfo", record_id, at, fields_block(facts), WARC_FIELDS)


def profile_record(record_id: str, at: datetime, profile: bytes, warcinfo_id: str) -> Record:
    """The portal's profile as it was used, so that the archive alone can repeat what the run did."""
    uri = f"urn:tangthu:profile:{_bare(warcinfo_id)}"
    return Record("resource", record_id, at, profile, "application/toml", uri, warcinfo_id)


def facts_record(record_id: str, at: datetime, facts: Iterable[Mapping[str, object]], warcinfo_id: str) -> Record:
    """How the run ended and what it left out, one JSON object a line."""
    block = "".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts).encode()
    uri = f"urn:tangthu:facts:{_bare(warcinfo_id)}"
    return Record("metadata", record_id, at, block, "application/x-ndjson", uri, warcinfo_id)


def _bare(record_id: str) -> str:
    return record_id.rpartition(":")[2]
