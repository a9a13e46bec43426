"""`read`: the text of a file, whatever kind its bytes say it is, within limits. Pure; the same bytes and tools give the same text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from importlib.metadata import version

from archive.documents import old, packed, pdf
from archive.documents.troubles import Encrypted, Unreadable
from archive.model import FileText

# Raised whenever the same file and libraries may give another text than before.
READER = 1
# Larger files are films and scans of whole books.
MOST_BYTES = 100 << 20
# The longest law of Việt Nam has 1.1 million characters.
MOST_TEXT = 5_000_000
# Fewer letters a page than this on pages with pictures: page numbers and stamps of a scan.
_SCAN = 12
_TRANSLATED = {ord("\x0b"): "\n", ord("\x0c"): "\n", ord("\r"): "\n", 0xA0: " ", 0xAD: None, 0xFEFF: None, 0x200B: None, 0xFFFE: None}

# kind → (how it is read, the libraries that do it)
_KINDS: dict[str, tuple[Callable[[bytes], tuple[list[str], int]], tuple[str, ...]]] = {
    "pdf": (pdf.pages, ("pypdfium2",)),
    "docx": (packed.docx, ("lxml",)),
    "xlsx": (packed.xlsx, ("lxml",)),
    "pptx": (packed.pptx, ("lxml",)),
    "odf": (packed.odf, ("lxml",)),
    "doc": (old.doc, ("olefile",)),
    "xls": (old.xls, ("xlrd",)),
    "rtf": (old.rtf, ("striprtf",)),
}


def read(data: bytes) -> FileText:
    """The text of a file, NFC, a line for each paragraph or row, pages and sheets parted by a blank line.

    `status` is text; scan (pages of pictures without a text layer); empty; encrypted; broken; too-large; unknown (no kind that
    is read here). Raises MemoryError, or takes the process down, only where its caller set limits.
    """
    kind = kind_of(data)
    if kind is None:
        return FileText("unknown", "unknown", tool=tool("unknown"))
    if len(data) > MOST_BYTES:
        return FileText(kind, "too-large", tool=tool(kind), note=f"{len(data)} bytes; at most {MOST_BYTES} are read")
    reader, _ = _KINDS.get(kind, (_encrypted, ()))
    try:
        pages, pictures = reader(data)
    except Encrypted as why:
        return FileText(kind, "encrypted", tool=tool(kind), note=str(why))
    except Unreadable as why:
        return FileText(kind, "broken", tool=tool(kind), note=str(why))
    text = "\n\n".join(filter(None, map(_tidied, pages)))
    note = ""
    if len(text) > MOST_TEXT:
        text, note = text[:MOST_TEXT], f"cut off after {MOST_TEXT} characters"
    letters = sum(c.isalpha() for c in text[: _SCAN * len(pages) * 20])
    if pictures * 2 > len(pages) and letters < _SCAN * len(pages):
        return FileText(kind, "scan", text, len(pages), note or "its pages are pictures without a text layer", tool(kind))
    return FileText(kind, "text" if text else "empty", text, len(pages), note, tool(kind))


def kind_of(data: bytes) -> str | None:
    """The kind of a file by its first bytes and, in containers, by what lies in them; None for kinds that are not read."""
    if b"%PDF-" in data[:1024]:  # readers look for it there (ISO 32000-1, annex H.3)
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return packed.kind_of(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return old.kind_of(data)
    return "rtf" if data.startswith(b"{\\rtf") else None


def tool(kind: str) -> str:
    """What reads a kind: our version and its libraries'."""
    _, libraries = _KINDS.get(kind, (None, ()))
    return " ".join([str(READER), *(f"{name} {version(name)}" for name in libraries)])


def _encrypted(_: bytes) -> tuple[list[str], int]:
    raise Encrypted("the whole package is encrypted")


def _tidied(page: str) -> str:
    """Lines without blanks around and doubled in them, in NFC, no control characters."""
    text = unicodedata.normalize("NFC", page.translate(_TRANSLATED))
    lines = (" ".join("".join(c for c in line if c.isprintable() or c == "\t").split()) for line in text.split("\n"))
    return "\n".join(filter(None, lines))
