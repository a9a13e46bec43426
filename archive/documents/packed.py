"""Files that are ZIP packages of XML: OOXML (ECMA-376: docx, xlsx, pptx) and OpenDocument (ISO 26300).

Read with zipfile and lxml instead of python-docx and openpyxl: those unpack and build whatever a package declares; here every part is
unpacked up to a limit, entities are never resolved, and text is all that is wanted.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from datetime import datetime, timedelta
from io import BytesIO
from posixpath import join, normpath

from lxml import etree

from archive.documents.troubles import Encrypted, Unreadable

# Of all parts together, unpacked; the text of the longest law is 3 MB in document.xml.
_MOST = 200 << 20
_MOST_PARTS = 10_000
_PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "remove_comments": True, "remove_pis": True}
# Local names, the same in every version's namespace. Of alternate content the fallback repeats the choice.
_SKIPPED = frozenset({"del", "moveFrom", "Fallback", "tracked-changes", "instrText", "delText", "rPh", "annotation"})
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "line-break": "\n", "noBreakHyphen": "-", "s": " "}
_DATES = frozenset({*range(14, 18), 22})
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no zones


class _Package:
    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
            self.names = self._zip.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as problem:
            raise Unreadable(f"it is no whole ZIP package: {problem}") from problem
        if len(self.names) > _MOST_PARTS:
            raise Unreadable(f"{len(self.names)} parts; at most {_MOST_PARTS} are read")
        self._room = _MOST

    def part(self, name: str) -> etree._Element | None:
        """The XML of a part; None if there is none. Raises Unreadable, Encrypted."""
        if name not in self.names:
            return None
        try:
            with self._zip.open(name) as file:
                data = file.read(self._room + 1)
        except RuntimeError as problem:  # zipfile's word for a password
            raise Encrypted(str(problem)) from problem
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as problem:
            raise Unreadable(f"{name} cannot be unpacked: {problem}") from problem
        self._room -= len(data)
        if self._room < 0:
            raise Unreadable(f"its parts unpack to more than {_MOST} bytes")
        try:
            root = etree.fromstring(data, etree.XMLParser(**_PARSER))  # type: ignore[arg-type]
        except (etree.XMLSyntaxError, ValueError) as problem:
            if isinstance(problem, etree.XMLSyntaxError) and not problem.lineno:  # no line is at fault: memory ran out
                raise MemoryError(str(problem)) from problem
            raise Unreadable(f"{name} is not XML: {problem}") from problem
        if root.getroottree().docinfo.internalDTD is not None:
            raise Unreadable(f"{name} declares entities, which no office program writes")
        return root


def kind_of(data: bytes) -> str | None:
    """docx, xlsx, pptx or odf; None for any other package."""
    try:
        names = frozenset(_Package(data).names)
    except Unreadable:
        return "docx" if b"word/document.xml" in data[:4096] else None
    marks = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
    found = next((kind for name, kind in marks.items() if name in names), None)
    return found or ("odf" if {"mimetype", "content.xml"} <= names else None)


def docx(data: bytes) -> tuple[list[str], int]:
    """The text of a Word document: body, then footnotes and endnotes. Pages are not known to the file: it is one."""
    package = _Package(data)
    parts = (package.part(f"word/{name}.xml") for name in ("document", "footnotes", "endnotes"))
    return ["\n".join(line for part in parts if part is not None for line in _lines(part))], 0


def pptx(data: bytes) -> tuple[list[str], int]:
    """The text of each slide."""
    package = _Package(data)
    slides = sorted((n for n in package.names if re.fullmatch(r"ppt/slides/slide\d+\.xml", n)), key=_number)
    return ["\n".join(_lines(part)) for name in slides if (part := package.part(name)) is not None], 0


def odf(data: bytes) -> tuple[list[str], int]:
    """The text of an OpenDocument file."""
    package = _Package(data)
    manifest = package.part("META-INF/manifest.xml")
    if manifest is not None and any(_local(e) == "encryption-data" for e in manifest.iter("*")):
        raise Encrypted("it wants a password")
    content = package.part("content.xml")
    return ["\n".join(_lines(content)) if content is not None else ""], 0


def xlsx(data: bytes) -> tuple[list[str], int]:
    """The cells of each sheet, a line a row."""
    package = _Package(data)
    shared = package.part("xl/sharedStrings.xml")
    strings = [_inline(item) for item in shared if _local(item) == "si"] if shared is not None else []
    dates = _date_styles(package.part("xl/styles.xml"))
    return ["\n".join(_rows(part, strings, dates)) for name in _sheets(package) if (part := package.part(name)) is not None], 0


def _sheets(package: _Package) -> list[str]:
    """The sheets' parts in the workbook's order."""
    book, links = package.part("xl/workbook.xml"), package.part("xl/_rels/workbook.xml.rels")
    targets = {e.get("Id", ""): e.get("Target", "") for e in links.iter("*")} if links is not None else {}
    sheets = [e for e in book.iter("*") if _local(e) == "sheet"] if book is not None else []
    ids = [next((str(v) for k, v in e.items() if str(k).endswith("}id")), "") for e in sheets]
    named = [normpath(join("xl", t)).lstrip("/") if not t.startswith("/") else t[1:] for i in ids if (t := targets.get(i))]
    return named or sorted((n for n in package.names if n.startswith("xl/worksheets/sheet")), key=_number)


def _rows(sheet: etree._Element, strings: list[str], dates: frozenset[int]) -> list[str]:
    rows = []
    for row in (e for e in sheet.iter("*") if _local(e) == "row"):
        cells = [text for cell in row if _local(cell) == "c" and (text := _cell(cell, strings, dates))]
        if cells:
            rows.append(" | ".join(cells))
    return rows


def _cell(cell: etree._Element, strings: list[str], dates: frozenset[int]) -> str:
    value = next((e.text or "" for e in cell if _local(e) == "v"), "")
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _inline(cell)
    if kind == "s":
        return strings[int(value)] if value.isdigit() and int(value) < len(strings) else ""
    style = cell.get("s", "")
    if kind == "n" and style.isdigit() and int(style) in dates and re.fullmatch(r"\d{1,6}(\.\d+)?", value):
        return (_EPOCH + timedelta(days=float(value))).isoformat(" ", "minutes").removesuffix(" 00:00")
    return value


def _date_styles(styles: etree._Element | None) -> frozenset[int]:
    """The cell styles that show a number as a date."""
    if styles is None:
        return frozenset()
    codes = {e.get("numFmtId"): e.get("formatCode", "") for e in styles.iter("*") if _local(e) == "numFmt"}
    own = {number for number, code in codes.items() if re.search(r"[yd]", re.sub(r'".*?"|\[.*?\]', "", code))}
    cells = next((e for e in styles if _local(e) == "cellXfs"), None)
    formats = [e.get("numFmtId", "0") for e in cells] if cells is not None else []
    return frozenset(n for n, f in enumerate(formats) if f in own or (f.isdigit() and int(f) in _DATES))


def _inline(element: etree._Element) -> str:
    return "".join(e.text or "" for e in element.iter("*") if _local(e) == "t" and not _skipped(e, element))


def _skipped(element: etree._Element, within: etree._Element) -> bool:
    return any(_local(a) in _SKIPPED for a in element.iterancestors() if a is not within)


def _lines(root: etree._Element) -> list[str]:
    """Paragraphs as lines, rows of tables as lines of cells; deleted text and field codes left out."""
    held: list[list[str]] = [[]]
    runs: list[list[str]] = []
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        name = _local(element)
        if event == "start":
            if name in _SKIPPED:
                events.skip_subtree()
            elif name in ("p", "h"):
                runs.append([element.text or ""] if _mixed(element) else [])
            elif name in ("tr", "table-row", "tc", "table-cell"):
                held.append([])
            elif runs:
                runs[-1].append(_BREAKS.get(name, "") or (element.text or "" if name == "t" or _mixed(element) else ""))
            continue
        if name in ("p", "h"):
            held[-1].append("".join(runs.pop()))
        elif name in ("tc", "table-cell"):
            cell = " ".join(filter(None, held.pop()))
            held[-1].append(cell)
        elif name in ("tr", "table-row"):
            row = " | ".join(filter(None, held.pop()))
            held[-1].append(row)
        if runs and _mixed(element):
            runs[-1].append(element.tail or "")
    return held[0]


def _mixed(element: etree._Element) -> bool:
    """Whether text stands between the element's children: in OpenDocument, not in OOXML."""
    return str(element.tag).startswith("{urn:oasis:names:tc:opendocument:")


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _number(name: str) -> int:
    return int("".join(filter(str.isdigit, name)) or 0)
