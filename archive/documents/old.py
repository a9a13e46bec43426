"""Office files from before 2007: Word's binary format ([MS-DOC]), Excel's by xlrd, RTF by striprtf."""

from __future__ import annotations

import struct
from io import BytesIO, StringIO

import olefile
import xlrd
from striprtf.striprtf import rtf_to_text

from archive.documents.troubles import Encrypted, Unreadable

_ENCRYPTED, _SECOND_TABLE, _COMPLEX = 0x0100, 0x0200, 0x0004
_WORD_97 = 0xC1
# Marks in Word's text ([MS-DOC] 2.8.25 and 2.4.1): cell, paragraph, line, page, hyphens.
_MARKS = {"\x07": " | ", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x1e": "-", "\x1f": "", "\x01": "", "\x08": "", "\x02": "", "\x05": ""}


def kind_of(data: bytes) -> str | None:
    """doc, xls, or what an encrypted OOXML package is wrapped in; None for another compound file."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as file:
            streams = {"/".join(name) for name in file.listdir()}
    except (OSError, ValueError, IndexError, struct.error):
        return "doc" if "WordDocument".encode("utf-16-le") in data else None
    if "EncryptedPackage" in streams:
        return "encrypted"
    return "doc" if "WordDocument" in streams else "xls" if streams & {"Workbook", "Book"} else None


def doc(data: bytes) -> tuple[list[str], int]:
    """The text of a Word document of 6.0 to 2003, by its piece table."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as file:
            word = file.openstream("WordDocument").read()
            magic, version, flags = *struct.unpack_from("<HH", word), struct.unpack_from("<H", word, 0x0A)[0]
            if magic not in (0xA5EC, 0xA5DC):
                raise Unreadable("its first stream is not Word's")
            if flags & _ENCRYPTED:
                raise Encrypted("it wants a password")
            if version < _WORD_97:
                return [_text(_of_word_95(word, flags))], 0
            table = file.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()
    except (OSError, ValueError, IndexError, struct.error) as problem:
        raise Unreadable(f"its compound file is damaged: {problem}") from problem
    try:
        return [_text("".join(_pieces(word, table)))], 0
    except (struct.error, IndexError) as problem:
        raise Unreadable(f"its piece table is damaged: {problem}") from problem


def _of_word_95(word: bytes, flags: int) -> str:
    if flags & _COMPLEX:
        raise Unreadable("it was saved in pieces by a Word before 97")
    start, end = struct.unpack_from("<II", word, 0x18)
    return word[start:end].decode("cp1252", "replace")


def _pieces(word: bytes, table: bytes) -> list[str]:
    """The document's main text in order ([MS-DOC] 2.4.1)."""
    length = struct.unpack_from("<I", word, 0x4C)[0]
    start, size = struct.unpack_from("<II", word, 0x01A2)
    clx, at = table[start : start + size], 0
    while at < len(clx) and clx[at] == 1:  # changes of formatting
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:
        raise Unreadable("it has no piece table")
    count = (struct.unpack_from("<I", clx, at + 1)[0] - 4) // 12
    at += 5
    places = struct.unpack_from(f"<{count + 1}I", clx, at)
    out = []
    for number in range(count):
        if places[number] >= length:
            break
        characters = min(places[number + 1], length) - places[number]
        where = struct.unpack_from("<I", clx, at + 4 * (count + 1) + 8 * number + 2)[0]
        if where & 0x40000000:
            offset = (where & 0x3FFFFFFF) // 2
            out.append(word[offset : offset + characters].decode("cp1252", "replace"))
        else:
            out.append(word[where : where + 2 * characters].decode("utf-16-le", "replace"))
    return out


def _text(marked: str) -> str:
    """Word's text without its marks; of a field only what it shows."""
    out: list[str] = []
    codes = 0
    for character in marked:
        if character == "\x13":
            codes += 1
        elif character in "\x14\x15":
            codes = max(codes - (character == "\x14" or codes > 0), 0)
        elif not codes:
            out.append(_MARKS.get(character, character))
    return "".join(out)


def xls(data: bytes) -> tuple[list[str], int]:
    """The cells of each sheet of an Excel workbook of 5.0 to 2003, a line a row."""
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=StringIO())
        return ["\n".join(_row(sheet, number, book.datemode) for number in range(sheet.nrows)) for sheet in book.sheets()], 0
    except xlrd.XLRDError as problem:
        if "encrypted" in str(problem).lower():
            raise Encrypted("it wants a password") from problem
        raise Unreadable(str(problem)) from problem
    except (ValueError, IndexError, KeyError, AssertionError, AttributeError, TypeError, OverflowError, struct.error, OSError) as problem:
        raise Unreadable(f"its records are damaged: {problem}") from problem  # what xlrd raises for broken files


def _row(sheet: xlrd.sheet.Sheet, number: int, datemode: int) -> str:
    cells = []
    for cell in sheet.row(number):
        if cell.ctype == xlrd.XL_CELL_DATE:
            cells.append(xlrd.xldate_as_datetime(cell.value, datemode).isoformat(" ", "minutes").removesuffix(" 00:00"))
        elif cell.ctype == xlrd.XL_CELL_NUMBER:
            cells.append(f"{cell.value:.15g}")
        elif cell.ctype == xlrd.XL_CELL_TEXT:
            cells.append(cell.value)
    return " | ".join(filter(None, cells))


def rtf(data: bytes) -> tuple[list[str], int]:
    """The text of an RTF document."""
    try:
        return [str(rtf_to_text(data.decode("latin-1"), errors="replace"))], 0  # type: ignore[no-untyped-call]
    except (ValueError, IndexError, KeyError, LookupError, RecursionError) as problem:
        raise Unreadable(f"its groups are damaged: {problem}") from problem
