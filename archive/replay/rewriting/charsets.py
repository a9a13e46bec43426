"""Charsets of archived pages, as browsers choose them: BOM, HTTP header, meta; wrong ones stay as wrong as they were."""

from __future__ import annotations

import re
from collections.abc import Callable

_CHARSET = re.compile(rb"(?i)charset[\t\n\f\r ]*=[\t\n\f\r ]*[\"']?([\w:.+-]+)")
_META = re.compile(rb"(?is)<!--.*?-->|<meta[\t\n\f\r /](?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
# How far browsers look for a meta element before they begin (HTML, section 13.2.3.2).
_PRESCAN = 1024
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
_WIDE = {"utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "unicode": "utf-16-le", "ucs-2": "utf-16-le"}


def named_in(data: bytes) -> str | None:
    """The charset that a page's own meta element names within its first 1,024 bytes, None without one."""
    for found in _META.finditer(data[:_PRESCAN]):
        charset = None if found[0].startswith(b"<!--") else _CHARSET.search(found[0])
        if charset:
            return charset[1].decode("ascii").lower()
    return None


def said_in(content_type: str) -> str | None:
    """The charset that a Content-Type names, None without one."""
    found = _CHARSET.search(content_type.encode("latin-1", "replace"))
    return found[1].decode("ascii").lower() if found else None


def in_ascii(data: bytes, content_type: str, rewrite: Callable[[bytes], bytes]) -> bytes:
    """`data` rewritten by what reads and writes bytes of charsets that agree with ASCII.

    All charsets of the web do but UTF-16, which is rewritten as UTF-8 and turned back.
    """
    charset = wide(data, content_type)
    if charset in (None, "utf-8"):
        return rewrite(data)
    text = data.decode(charset, "surrogatepass" if len(data) % 2 == 0 else "replace")
    made = rewrite(text.encode("utf-8", "surrogatepass"))
    return made.decode("utf-8", "surrogatepass").encode(charset, "surrogatepass")


def wide(data: bytes, content_type: str) -> str | None:
    """The charset that a byte order mark says, else the kind of UTF-16 that the header says; None without either."""
    said = next((charset for bom, charset in _BOMS if data.startswith(bom)), None)
    return said or _WIDE.get(said_in(content_type) or "")
