"""Reads files as an archive keeps their text: in a process with limits, and what only a font makes Vietnamese in Unicode."""

from __future__ import annotations

from dataclasses import replace

from archive.cleaning.fonts import in_unicode
from archive.documents import reading
from archive.documents.confined import Confined
from archive.model import FileText

# Raised whenever the same text may come out in Unicode otherwise than before.
FONTS = 1


class FileReader(Confined):
    """Reads files one after the other; a context."""

    def read(self, data: bytes) -> FileText:
        """As `archive.documents.reading.read`, within limits and in Unicode."""
        made = super().read(data)
        text, kind = in_unicode(made.text)
        said = f"its font's letters ({kind}) were put into Unicode" if kind else ""
        note = "; ".join(filter(None, (made.note, said)))
        return replace(made, text=text, note=note, tool=f"{made.tool} fonts {FONTS}" if made.tool else "")


def tool(kind: str) -> str:
    """What would read a file of this kind now."""
    return f"{reading.tool(kind)} fonts {FONTS}"
