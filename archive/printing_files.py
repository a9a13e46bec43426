"""What is said after attachments were read. Apart from the other lines: the end of a crawl needs no parsers for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from archive.console import DONE, FINDINGS, tell
from archive.filing import Filed
from archive.words import say


def print_filed(filed: Iterable[Filed]) -> int:
    """How many attachments were read, and what became of them; nothing if there were none to be read."""
    counted: Counter[str] = Counter()
    for one in filed:
        counted[one.text.status if one.text is not None else "damaged"] += 1
        if one.text is None:
            tell(f"{one.file.url}: {one.damaged}")
    if counted:
        told = ", ".join(f"{status} {count}" for status, count in counted.most_common())
        tell(say("{count} attachments read: {told}", count=counted.total(), told=told))
    return FINDINGS if counted["damaged"] else DONE
