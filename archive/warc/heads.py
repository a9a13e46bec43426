"""Reads the head of an HTTP/1 answer, leniently: what is odd is read as well as it can be, never rewritten."""

from __future__ import annotations

import re
from typing import NamedTuple

Fields = list[tuple[bytes, bytes]]

# Any run of blanks may stand between the parts (RFC 9112, section 4), and the reason may be missing.
_STATUS_LINE = re.compile(rb"HTTP/(\d)\.(\d)[ \t]+(\d{3})(?:[ \t]+(.*))?", re.DOTALL)


class StatusLine(NamedTuple):
    """The first line of an answer."""

    version: tuple[int, int]
    status: int
    reason: bytes


def status_line(line: bytes) -> StatusLine | None:
    """What `line` says, or None if it is no status line."""
    found = _STATUS_LINE.fullmatch(line.rstrip(b" \t\r\n"))
    if not found:
        return None
    major, minor, status, reason = found.groups()
    return StatusLine((int(major), int(minor)), int(status), reason or b"")


def fields(lines: list[bytes]) -> Fields:
    """Header fields, names and values as sent, in order.

    Folded lines are joined by a blank, blanks around name and value dropped; lines without a colon or a name are left
    out.
    """
    if not any(line[:1] in (b" ", b"\t") for line in lines):
        pairs = (line.partition(b":") for line in lines)
        return [(name, value.strip(b" \t\r")) for raw, colon, value in pairs if colon and (name := raw.strip(b" \t\r"))]
    found: Fields = []
    folded: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            if folded:
                folded.append(line.strip(b" \t\r"))
            continue
        _unfold(found, folded)
        name, colon, value = line.partition(b":")
        name = name.strip(b" \t\r")
        folded = []
        if colon and name:
            value = value.strip(b" \t\r")
            found.append((name, value))
            folded = [value]
    _unfold(found, folded)
    return found


def blank_line(head: bytearray, known: int) -> int:
    """Where the first blank line ends, or 0; the first `known` bytes do not hold that end."""
    scan = max(0, known - 2)
    crlf = head.find(b"\n\r\n", scan)
    bare = head.find(b"\n\n", scan, crlf + 1 if crlf >= 0 else len(head))
    if bare >= 0:
        return bare + 2
    return crlf + 3 if crlf >= 0 else 0


def _unfold(found: Fields, folded: list[bytes]) -> None:
    if len(folded) > 1:
        found[-1] = (found[-1][0], b" ".join(folded).strip(b" "))
