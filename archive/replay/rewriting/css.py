"""Addresses in stylesheets: url(), @import, image-set() and src(), found as CSS Syntax 3 cuts a stylesheet into tokens."""

from __future__ import annotations

import re

from archive.replay.rewriting.leads import Leads

_BLANK = rb"[ \t\r\n\f]"
_SPACE = rb"(?:[ \t\r\n\f]|/\*(?:[^*]|\*(?!/))*+\*/)*+"
_ESCAPE = rb"\\(?:[0-9a-fA-F]{1,6}(?:\r\n|[ \t\r\n\f])?|[^0-9a-fA-F\r\n\f])"


def _letter(letter: str) -> bytes:
    """A letter of a name as itself or as any of its escapes (section 4.3.7)."""
    codes = b"|".join(b"%x" % ord(c) for c in {letter.lower(), letter.upper()})
    plain = b"" if letter in "abcdef" else rb"\\?"
    both = re.escape(letter).encode() if not letter.isalpha() else f"[{letter}{letter.upper()}]".encode()
    return rb"(?:" + plain + both + rb"|\\0{0,4}(?:" + codes + rb")(?:\r\n|[ \t\r\n\f])?)"


def _name(name: str) -> bytes:
    return b"".join(_letter(letter) for letter in name)


_STRING = rb"\"(?:[^\"\\\r\n\f]|\\(?:\r\n|[\x00-\xff]))*+\"|'(?:[^'\\\r\n\f]|\\(?:\r\n|[\x00-\xff]))*+'"
_BARE = rb"(?:[^\"'()\\ \t\r\n\f\x00-\x08\x0b\x0e-\x1f\x7f]|" + _ESCAPE + rb")*+"
_IMAGE_SET = rb"(?:-webkit-)?" + _name("image-set") + rb"\("
_TOKEN = re.compile(
    rb"/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
    rb"|(?P<string>" + _STRING + rb")"
    rb"|@" + _name("import") + _SPACE + rb"(?:" + _name("url") + rb"\(" + _BLANK + rb"*+)?(?P<import>" + _STRING + rb")"
    rb"|@" + _name("namespace") + rb"(?:[^;{}\"']|" + _STRING + rb")*+"
    rb"|(?<![\w\-\\\x80-\xff])(?:(?P<set>" + _IMAGE_SET + rb")"
    rb"|(?:" + _name("url") + rb"|" + _name("src") + rb")\(" + _BLANK + rb"*+"
    rb"(?:(?P<quoted>" + _STRING + rb")|(?P<bare>" + _BARE + rb")(?=" + _BLANK + rb"*\))))"
)  # fmt: skip
# Inside image-set(): strings are addresses, unless they stand in type().
_IN_SET = re.compile(
    rb"/\*(?:[^*]|\*(?!/))*+(?:\*/)?|(?P<open>" + _name("type") + rb"\([^)]*+\)?)|(?P<string>" + _STRING + rb")"
    rb"|(?:" + _name("url") + rb"|" + _name("src") + rb")\(" + _BLANK + rb"*+(?:(?P<quoted>" + _STRING + rb")|(?P<bare>" + _BARE + rb"))"
    + _BLANK + rb"*+\)?|(?P<nest>\()|(?P<end>\))"
)  # fmt: skip
_WORTH = re.compile(rb"(?i)url|import|image-set|src\(|\\")
_UNESCAPE = re.compile(rb"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\r\n\f])?|(\r\n|[\r\n\f])|([\x00-\xff]))")


def rewrite_css(data: bytes, leads: Leads) -> bytes:
    """`data`, a stylesheet or a style attribute, its addresses led into the archive; the rest as it was."""
    if not _WORTH.search(data):
        return data
    made: list[bytes] = []
    done = at = 0
    while found := _TOKEN.search(data, at):
        at = max(found.end(), at + 1)
        kind = found.lastgroup
        if kind == "set":
            at, changes = _image_set(data, at, leads)
        elif kind in ("import", "quoted", "bare"):
            mode = b"cs_" if kind == "import" or _imported(data, found.start()) else b"oe_"
            changes = [(*found.span(kind), _led(found[kind], mode, leads))]
        else:
            continue
        for start, end, led in changes:
            if led is not None:
                made += (data[done:start], led)
                done = end
    made.append(data[done:])
    return b"".join(made)


def _image_set(data: bytes, at: int, leads: Leads) -> tuple[int, list[tuple[int, int, bytes | None]]]:
    """What to change within an image-set() that begins at `at`, and where it ends."""
    changes: list[tuple[int, int, bytes | None]] = []
    depth = 1
    while depth and (found := _IN_SET.search(data, at)):
        at = found.end()
        kind = found.lastgroup
        if kind in ("string", "quoted", "bare"):
            changes.append((*found.span(kind), _led(found[kind], b"im_", leads)))
        depth += (kind == "nest") - (kind == "end")
    return at, changes


def _imported(data: bytes, at: int) -> bool:
    """Whether the url() at `at` is that of an @import."""
    return data[max(0, at - 300) : at].rstrip(b" \t\r\n\f*/")[-7:].lower() == b"@import"


def _led(written: bytes, mode: bytes, leads: Leads) -> bytes | None:
    """An address as written, with or without quotation marks, led into the archive; None to leave it."""
    quote = written[:1] if written[:1] in (b'"', b"'") else b""
    value = written[1:-1] if quote else written
    odd = b"\\" in value or leads.odd(value)
    led = leads.lead_plain(_unescaped(value), mode) if odd else leads.lead(value, mode)
    return None if led is None else quote + led + quote


def _unescaped(value: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        code, line, letter = found.groups()
        if line is not None:
            return b""
        if letter is not None:
            return letter
        number = int(code, 16)
        sound = 0 < number < 0x110000 and not 0xD800 <= number < 0xE000
        return (chr(number) if sound else "\ufffd").encode()

    return _UNESCAPE.sub(plain, value)
