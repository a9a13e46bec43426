"""Where an address in an archived page leads within the archive: resolved as browsers do (WHATWG URL), as bytes."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urljoin

from archive.urls import parted

# Browsers drop these around an address, and tabs and line ends anywhere in it (URL Standard, section 4.4).
_BLANKS = bytes(range(0x21))
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:")
_ABSOLUTE = re.compile(rb"(?i)https?://[^/?#\\\t\r\n]")
# An address that has to be looked at closely: a reference or an escape before its kind is clear, a path that climbs.
_ODD = re.compile(rb"(?i)[^&/?#:\\]*[&\\]|[^?#]*(?:\\|(?:\.|%2e){2})|[^\t\r\n]*[\t\r\n]|https?:(?!//[^/\\?#])")
_BARE = re.compile(rb"[^!#$%*+,\-./0-9:;=?@A-Z\[\]_a-z|~\x80-\xff]")
_BARE_OR_AND = re.compile(rb"[^!#$%&*+,\-./0-9:;=?@A-Z\[\]_a-z|~\x80-\xff]")


class Leads:
    """The addresses of one archived document: where each of them leads at the document's time.

    `url` is the address of the capture, `time` 14 digits, `page` the modifier that links to other pages keep ("mp_"),
    `origin` that of the replay host ("http://localhost:8080"). `base` is the address that relative ones are read from.
    """

    def __init__(self, url: str, time: str, page: str, origin: str) -> None:
        self.time, self.page, self.origin = time, page.encode(), origin.encode()
        self._web = f"/web/{time}".encode()
        self._known: dict[tuple[bytes, bytes], bytes | Literal[False] | None] = {}
        self.base = url
        self._stand_on(url)

    def _stand_on(self, url: str) -> None:
        self.base = url
        self._known.clear()
        parts = parted(url)
        self.scheme = parts.scheme.encode("latin-1", "replace")
        self.site = escaped(f"{parts.scheme}://{parts.netloc}".encode())
        path = escaped((parts.path or "/").encode())
        self._path, self._folder = self.site + path, self.site + path[: path.rfind(b"/") + 1]

    def stand_on(self, href: bytes) -> None:
        """From here on relative addresses are read from `href`, as a `base` element says."""
        whole = self.whole(href)
        if whole is not None:
            self._stand_on(whole.decode("latin-1"))

    def lead(self, value: bytes, mode: bytes) -> bytes | None:
        """Where the address `value` leads with this modifier; None for what is to stay as it is.

        What stays: fragments, empty ones, and schemes that ask no web server (`data:`, `javascript:`, `mailto:`).
        Only letters that may stand in any quotation are added. An "&" that was written as a reference stays one.
        """
        return self.quick(value, mode) or None

    def quick(self, value: bytes, mode: bytes) -> bytes | Literal[False] | None:
        """As `lead`, but False for what `odd` says is to be looked at closely."""
        key = (value, mode)
        found = self._known.get(key, b"")
        if found == b"":
            found = self._known[key] = self._lead(value.strip(_BLANKS), mode)
        return found

    def _lead(self, value: bytes, mode: bytes) -> bytes | Literal[False] | None:
        first = value[:1]
        if not first or first == b"#":
            return None
        if _ODD.match(value):
            return False
        start = self._web + mode + b"/"
        if _ABSOLUTE.match(value):
            return start + value
        if first == b"/":
            return start + (self.scheme + b":" if value[1:2] == b"/" else self.site) + value
        if _SCHEME.match(value):
            return None
        return start + (self._path if first == b"?" else self._folder) + value

    def odd(self, value: bytes) -> bool:
        """Whether `value` has to be unescaped and given to `lead_plain` instead."""
        return _ODD.match(value.strip(_BLANKS)) is not None

    def lead_plain(self, value: bytes, mode: bytes) -> bytes | None:
        """As `lead` for any address, its references and escapes undone; quotation marks and blanks come out escaped."""
        plain = value.strip(_BLANKS)
        if not plain or plain.startswith(b"#"):
            return None
        whole = self.whole(value)
        return None if whole is None else self._web + mode + b"/" + _percent(_BARE_OR_AND, whole)

    def whole(self, value: bytes) -> bytes | None:
        """`value` as an absolute address; None if it is not one of the web."""
        plain = re.sub(rb"[\t\r\n]", b"", value.strip(_BLANKS))
        named = _SCHEME.match(plain)
        if named and named[0].lower() not in (b"http:", b"https:"):
            return None
        head = re.match(rb"[^?#]*", plain)
        path = (head[0] if head else b"").replace(b"\\", b"/")
        plain = path + plain[len(path) :]
        if named and not re.match(rb"(?i)https?://[^/]", plain):
            rest = plain[named.end() :]
            relative = named[0][:-1].lower() == self.scheme.lower() and not rest.startswith(b"/")
            plain = rest if relative else named[0] + b"//" + rest.lstrip(b"/")
        plain = re.sub(rb"(?i)%2e(?=[/?#.%]|$)", b".", plain) if re.search(rb"(?i)%2e", path) else plain
        try:
            return urljoin(self.base, plain.decode("latin-1")).encode("latin-1", "replace")
        except ValueError:
            return None


def escaped(part: bytes) -> bytes:
    """A part of an address without letters that could end an attribute, a CSS url() or a script's string."""
    return _percent(_BARE, part)


def _percent(odd: re.Pattern[bytes], text: bytes) -> bytes:
    return odd.sub(lambda found: b"%%%02X" % found[0][0], text)
