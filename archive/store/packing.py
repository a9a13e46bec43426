"""An article's JSON as it is kept: packed, without the capture that it came from, which the tables know.

Its text stands in it twice, plain and as HTML: of 33 kB a page of `bench/crawl.py` keeps 6.9 kB, packed in 0.06 ms and opened in 0.03. The form
is zlib's (RFC 1950), as in SQLite archives, so that the sqlite3 shell opens it too: `sqlar_uncompress(packed, length)`.
"""

from __future__ import annotations

import json
import sqlite3
from typing import cast

from isal import igzip_lib, isal_zlib

_LEVEL = 2
_ZLIB = 15
_ERROR = cast("type[Exception]", igzip_lib.IsalError)


def packed(body: bytes) -> bytes:
    """An article's JSON, packed."""
    made: bytes = isal_zlib.compress(body, _LEVEL, _ZLIB)
    return made


def opened(kept: bytes) -> bytes:
    """The JSON that was packed. Raises ValueError if these bytes are damaged."""
    try:
        made: bytes = isal_zlib.decompress(kept, _ZLIB)
    except _ERROR as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error
    return made


def source(url: str, time: str, record_id: str | None, payload_sha256: bytes | None) -> str:
    """The JSON that tells from which capture an article came."""
    digest = f"sha256:{payload_sha256.hex()}" if payload_sha256 is not None else None
    return json.dumps({"url": url, "time": time, "record_id": record_id or "", "payload_digest": digest}, ensure_ascii=False)


def whole(body: str, came_from: str) -> str:
    """An article's JSON with its `source`."""
    return f'{{"capture": {came_from}, {body[1:]}'


def without(body: str, came_from: str) -> str:
    """As `whole` got it; a JSON that does not begin with this very source stays as it is, for the audit to find."""
    start = whole("{", came_from)
    return "{" + body[len(start) :] if body.startswith(start) else body


def teach(conn: sqlite3.Connection) -> None:
    """Give a connection the shell's function, which a view and migrations ask for."""
    conn.create_function("sqlar_uncompress", 2, _uncompressed, deterministic=True)


def _uncompressed(kept: bytes, _length: int) -> bytes | None:
    try:
        return opened(kept)
    except (ValueError, TypeError):
        return None  # what is damaged is the audit's finding
