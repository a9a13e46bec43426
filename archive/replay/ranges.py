"""Range requests (RFC 9110, section 14): which bytes are wanted."""

from __future__ import annotations

import re

from archive.replay.answering import Answer
from archive.replay.asking import Asked, Refused
from archive.replay.pages import problem


def wanted(asked: Asked, length: int, etag: str = "") -> range | None:
    """The bytes that a GET asks for of `length`; None for all of them. Raises Refused (416) if there are none such.

    What is no range of bytes at all is ignored, and so are several at once and one that belongs to another state (If-Range).
    """
    condition, header = asked.sent("If-Range"), asked.sent("Range")
    if asked.environ.get("REQUEST_METHOD") == "HEAD" or (condition and condition != etag):
        return None
    found = re.fullmatch(r"(?i)bytes\s*=\s*([0-9\s-]+)", header[:1000])
    if not found:
        return None
    ends = re.fullmatch(r"(\d*)\s*-\s*(\d*)", found[1].strip())
    if not ends or ends.groups() == ("", ""):
        return None
    start, stop = _ends(ends[1][:19], ends[2][:19], length)
    if start >= min(stop, length):
        raise Refused(416, "no_range", length=length)
    return range(start, min(stop, length))


def unsatisfiable(asked: Asked, refused: Refused, length: int) -> Answer:
    """The answer to a range that is none of `length` bytes (RFC 9110, section 15.5.17)."""
    answer = problem(asked, refused)
    answer.headers.append(("Content-Range", f"bytes */{length}"))
    return answer


def _ends(first: str, last: str, length: int) -> tuple[int, int]:
    if not first:
        return max(0, length - int(last)), length
    return int(first), int(last) + 1 if last else length
