"""What a run agreed on with the hosts that it spoke TLS with, and whether their certificates held."""

from __future__ import annotations

import re
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from archive.store import run_reading
from archive.store.reading import Reading
from archive.warc.kept import Kept

_FACT = re.compile(rb"(?m)^tls-(version|cipher|verified|error): (.*?)\r?$")


def handshakes(archive: Reading, run: int) -> list[dict[str, Any]]:
    """host, version, cipher, verified, and error if the certificate did not hold: each that differs once, by host; read from the metadata records.

    Raises DamagedRecord.
    """
    found: set[tuple[str, str, str, bool, str | None]] = set()
    for capture in run_reading.handshakes(archive, run):
        for row in archive.records_of(capture):
            if row.type == "metadata" and row.target_uri:
                block = Kept(row.record_id, row.type, row.coding, row.block_sha256, partial(archive.parts, row.id)).record().read()
                facts = {name.decode(): value.decode("utf-8", "replace") for name, value in _FACT.findall(block)}
                if "version" in facts:
                    host, held = urlsplit(row.target_uri).netloc, facts.get("verified") == "yes"
                    found.add((host, facts["version"], facts.get("cipher", ""), held, facts.get("error")))
    return [dict(zip(("host", "version", "cipher", "verified", "error"), told, strict=True)) for told in sorted(found, key=str)]
