"""From bytes to text: strict UTF-8 before any declaration, then what was declared, and never a failure."""

from __future__ import annotations

import codecs
import re
import unicodedata

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
# Where declarations may stand: the first kilobyte by the HTML standard, more in what portals send.
_HEAD = 4096
# In windows-1258 the five tones are bytes of their own that follow a vowel; no other Latin code page pairs them so.
_TONED = re.compile(rb"[AEIOUYaeiouy\xc2\xc3\xca\xd4\xd5\xdd\xe2\xe3\xea\xf4\xf5\xfd][\xcc\xd2\xde\xec\xf2]")
_HIGH = re.compile(rb"[\x80-\xff]")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]"
)


def decode(html: bytes, charset: str | None = None) -> tuple[str, str]:
    """The text of `html` and the name of the encoding it was read with.

    A byte order mark wins, then strict UTF-8 whatever is declared, then UTF-8 with a few broken bytes, then `charset`
    (the HTTP header's), the page's own declaration, windows-1258 by its tone bytes, and windows-1252 at last.
    """
    for mark, name in _BOMS:
        if html.startswith(mark):
            return html[len(mark) :].decode(name, "replace"), name
    try:
        return html.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    if _mostly_utf8(html):
        return html.decode("utf-8", "replace"), "utf-8"
    name = _codec(charset) or _codec(_declared(html)) or ""
    if name in ("", "cp1252") and _looks_1258(html):
        name = "cp1258"
    text = html.decode(name or "cp1252", "replace")
    return (unicodedata.normalize("NFC", text) if name == "cp1258" else text), name or "cp1252"


def plain(text: str) -> str:
    """`text` as an article keeps it: NFC, one line, single blanks, nothing invisible."""
    if "&nbsp;" in text:  # escaped twice in the source, seen on a CKAN portal
        text = text.replace("&nbsp;", " ")
    if "\n" in text:  # the usual reason for a text not to be printable
        text = text.replace("\n", " ")
    printable = text.isprintable()
    if not printable:
        text = _INVISIBLE.sub("", text)
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if printable and "  " not in text:  # the only blank that is printable
        return text.strip()
    return " ".join(text.split())


def _declared(html: bytes) -> str | None:
    head = html[:_HEAD]
    found = _XML.search(head) or _META.search(head)
    return found[1].decode("ascii") if found else None


def _codec(label: str | None) -> str | None:
    """The Python codec for a label, as browsers read labels (WHATWG Encoding, section 4.2); None for a wrong one."""
    if not label:
        return None
    try:
        info = codecs.lookup(label.strip())
    except (LookupError, UnicodeError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True):
        return None
    # By the standard Latin-1 and ASCII mean windows-1252; bytes that failed as UTF-8 are not UTF-8 because they say so;
    # UTF-7 and its like are no encodings of the web.
    if info.name in ("iso8859-1", "ascii", "utf-8", "utf-8-sig") or info.name.startswith(("utf-7", "idna", "puny")):
        return "cp1252" if info.name in ("iso8859-1", "ascii") else None
    return "utf-16-le" if info.name == "utf-16" else info.name


def _mostly_utf8(html: bytes) -> bool:
    """Whether a page is UTF-8 with some bytes broken: cut off, or pasted from elsewhere."""
    high = len(_HIGH.findall(html))
    inside = sum(len(m) for m in _MULTIBYTE.findall(html))
    return high - inside <= max(3, inside // 10) and inside >= 2


def _looks_1258(html: bytes) -> bool:
    toned = len(_TONED.findall(html))
    return toned >= 2 and toned * 5 >= len(_HIGH.findall(html))
