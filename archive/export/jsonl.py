"""Writes articles as JSON lines, each an object of the contract."""

from __future__ import annotations

import json
from typing import TextIO

from archive.retrieve import Filters, Reader


def export_jsonl(reader: Reader, out: TextIO, filters: Filters | None = None) -> int:
    """Write the articles that the filters let through to `out`, one a line, UTF-8 as it is; how many there were."""
    count = 0
    for article in reader.articles(filters):
        out.write(json.dumps(article.to_dict(), ensure_ascii=False) + "\n")
        count += 1
    return count
