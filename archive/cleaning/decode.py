"""From bytes to text: strict UTF-8 before any declaration, then what was declared, and never a failure."""

from __future__ import annotations

import codecs
import re
import unicodedata
from html import unescape

from archive.cleaning.legacy import FONTS, from_viscii
from archive.cleaning.syllables import is_syllable

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
# Where declarations may stand: the first kilobyte by the HTML standard, more in what portals send.
_HEAD = 4096
# In windows-1258 the five tones are bytes of their own that follow a vowel; no other Latin code page pairs them so.
_TONED = re.compile(rb"[AEIOUYaeiouy\xc2\xc3\xca\xd4\xd5\xdd\xe2\xe3\xea\xf4\xf5\xfd][\xcc\xd2\xde\xec\xf2]")
# Labels of encodings for which Python has no codec.
_OLD = {
    "viscii": "viscii", "csviscii": "viscii", "viscii1.1-1": "viscii", "x-viet-viscii": "viscii", "tcvn": "tcvn3", "tcvn5712": "tcvn3",
    "tcvn-5712": "tcvn3", "tcvn5712-1": "tcvn3", "x-viet-tcvn5712": "tcvn3", "x-viet-tcvn": "tcvn3", "x-viet-vni": "vni", "vni": "vni",
}  # fmt: skip
# Words with a byte beyond ASCII; so many are looked at, and so many must differ.
_WORDS = re.compile(rb"[A-Za-z\x02\x05\x06\x14\x19\x1e\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_SAMPLE, _DIFFERENT = 300, 5
_HIGH = re.compile(rb"[\x80-\xff]")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_TWICE = re.compile(r"&(?!lt;|gt;|#0*(?:60|62);|#[xX]0*3[cCeE];)(?:[A-Za-z]{2,8}[0-9]{0,2}|#[0-9]{2,6}|#[xX][0-9A-Fa-f]{2,5});")
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]"
)

# More marks than this on one letter are no writing (Unicode Standard Annex 15, section 13), and ordering n of them takes n² steps: 4,000
# take 8 ms. In a text that is short they do no harm.
_MARKS = re.compile("([\u0300-\u036f]{30})[\u0300-\u036f]+")
_MARK = re.compile("[\u0300-\u036f]")
_HEAP = 31  # so many marks in a row show in every so manieth letter, which is all that is looked at of most texts
WHOLE = 500  # shorter texts are not looked at for them


def decode(html: bytes, charset: str | None = None) -> tuple[str, str]:
    """The text of `html` and the name of the encoding it was read with.

    A byte order mark wins, then strict UTF-8 whatever is declared, then UTF-8 with a few broken bytes, then `charset`
    (the HTTP header's), the page's own declaration, windows-1258 by its tone bytes, VISCII by its words, and windows-1252
    at last. Text of TCVN3 and VNI fonts is read as it is encoded: `archive.cleaning.fonts` knows it by its page.
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
    declared = _declared(html)
    name = _codec(charset) or _codec(declared) or ""
    labels = [(label or "").strip().lower() for label in (charset, declared)]
    old = next((_OLD[label] for label in labels if label in _OLD), "")
    if name in ("", "cp1252"):
        if not old and _looks_1258(html):
            name = "cp1258"
        elif old == "viscii" or (not old and _looks_viscii(html)):
            return from_viscii(html), "viscii"
        elif old:
            return FONTS[old](html.decode("latin-1")), old
    text = html.decode(name or "cp1252", "replace")
    return (unicodedata.normalize("NFC", text) if name == "cp1258" else text), name or "cp1252"


def mended(text: str) -> str:
    """`text` without references that were escaped twice in the source ("&amp;nbsp;", seen on a CKAN portal).

    Those for angle brackets stay: a text about markup means them.
    """
    for _ in range(2):
        if "&" not in text or ";" not in text:
            break
        text = _TWICE.sub(lambda m: unescape(m[0]), text)
    return text


def plain(text: str) -> str:
    """`text` as an article keeps it: NFC, one line, single blanks, nothing invisible, no reference that was escaped twice."""
    return tidy(mended(text) if "&" in text else text)


def tidy(text: str) -> str:
    """As `plain`, for what may be markup: references stay."""
    if "\n" in text:  # the usual reason for a text not to be printable
        text = text.replace("\n", " ")
    printable = text.isprintable()
    if not printable:
        text = _INVISIBLE.sub("", text)
    if not text.isascii():
        if len(text) > WHOLE and _MARK.search(text[::_HEAP]):
            text = _MARKS.sub(r"\1", text)
        if not unicodedata.is_normalized("NFC", text):
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


def _looks_viscii(html: bytes) -> bool:
    """Whether nearly every word with a high byte is a Vietnamese syllable in VISCII, and not as windows-1252 reads it."""
    words = _WORDS.findall(html)[:_SAMPLE]
    if len(set(words)) < _DIFFERENT:
        return False
    read = sum(is_syllable(from_viscii(w)) for w in words)
    return read >= 0.85 * len(words) and read > 2 * sum(is_syllable(w.decode("cp1252", "replace")) for w in words)


def _looks_1258(html: bytes) -> bool:
    toned = len(_TONED.findall(html))
    return toned >= 2 and toned * 5 >= len(_HIGH.findall(html))
