"""Writes articles as JSON lines, each an object of the contract."""

from __future__ import annotations

import json
from pathlib import Path

from archive.export.whole import whole_file
from archive.retrieve import Filters, Reader


def export_jsonl(reader: Reader, out: Path, filters: Filters | None = None) -> int:
    """Write the articles that the filters let through to `out`, one a line, UTF-8; how many there were.

    `out` appears once it is whole. Raises CannotGoOn if the disk refuses.
    """
    count = 0
    with whole_file(out) as file:
        for article in reader.articles(filters):
            file.write(json.dumps(article.to_dict(), ensure_ascii=False).encode() + b"\n")
            count += 1
    return count
