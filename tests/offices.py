"""Office files made by hand, so that each test says what lies in its file."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)


def packed(parts: dict[str, str | bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return out.getvalue()


def docx(body: str, **more: str) -> bytes:
    return packed({"[Content_Types].xml": "<Types/>", "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>", **more})


def p(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def xlsx() -> bytes:
    return packed({
        "xl/workbook.xml": f'<workbook {S}><sheets><sheet name="A" r:id="rId2"/><sheet name="B" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {S}><si><t>Chỉ tiêu</t></si><si><r><t>Chi thường </t></r><r><t>xuyên</t></r><rPh><t>x</t></rPh></si></sst>",
        "xl/styles.xml": f'<styleSheet {S}><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet {S}><sheetData><row><c t="inlineStr"><is><t>Trang hai</t></is></c></row></sheetData></worksheet>',
        "xl/worksheets/sheet2.xml": f'<worksheet {S}><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c><v>1234.5</v></c><c s="1"><v>46032</v></c><c s="2"><v>46032.5</v></c><c t="s"><v>99</v></c></row></sheetData></worksheet>',
    })  # fmt: skip


def odt(body: str) -> bytes:
    content = f"<office:document-content {ODF}><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file ([MS-CFB]) of version 3 with streams of at least 4096 bytes, so that it needs no mini stream."""
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    sectors, starts, fat = [], {}, [0xFFFFFFFD]
    for name, data in padded.items():
        starts[name] = 2 + len(sectors)
        pieces = [data[i : i + 512].ljust(512, b"\0") for i in range(0, len(data), 512)]
        sectors += pieces
    fat += [0xFFFFFFFE]  # the directory, one sector
    for name, data in padded.items():
        count = -(-len(data) // 512)
        fat += [*range(starts[name] + 1, starts[name] + count), 0xFFFFFFFE]
    assert len(fat) <= 128
    entries = [_entry("Root Entry", 5, child=1, start=0xFFFFFFFE, size=0)]
    for number, (name, data) in enumerate(padded.items(), 1):
        following = number + 1 if number < len(padded) else 0xFFFFFFFF
        entries.append(_entry(name, 2, right=following, start=starts[name], size=len(data)))
    directory = b"".join(entries).ljust(512, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0) + b"\xff\xff\xff\xff" * 108
    return head + struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff") + directory + b"".join(sectors)


def _entry(name: str, kind: int, *, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, right, child) + bytes(36) + struct.pack("<IQ", start, size)


def doc(*pieces: str, flags: int = 0) -> bytes:
    """A Word 97 document of pieces: those in Latin-1 are kept in bytes, others as UTF-16."""
    word = bytearray(1024)
    struct.pack_into("<HH", word, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", word, 0x0A, flags)
    places, where = [0], []
    for piece in pieces:
        wide = any(ord(c) > 255 for c in piece)
        where.append(len(word) if wide else len(word) * 2 | 0x40000000)
        word += piece.encode("utf-16-le" if wide else "cp1252")
        places.append(places[-1] + len(piece))
    struct.pack_into("<I", word, 0x4C, places[-1])
    plc = struct.pack(f"<{len(places)}I", *places) + b"".join(struct.pack("<HIH", 0, at, 0) for at in where)
    clx = b"\x01\x02\x00xx" + b"\x02" + struct.pack("<I", len(plc)) + plc
    struct.pack_into("<II", word, 0x01A2, 0, len(clx))
    return compound({"WordDocument": bytes(word), "0Table": clx})


def pdf(*pages: str, picture: bool = False, encrypted: bool = False) -> bytes:
    """A PDF of some lines a page in a font whose ToUnicode map gives their letters; with `picture` each page shows one."""
    letters = sorted({c for page in pages for c in page})
    codes = {c: number + 1 for number, c in enumerate(letters)}
    cmap = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange "
    chars = [f"<{code:04X}> <{c.encode('utf-16-be').hex()}>" for c, code in codes.items()]
    cmap += f"{len(chars)} beginbfchar {' '.join(chars)} endbfchar endcmap CMapName currentdict /CMap defineresource pop end end" if chars else "endcmap end end"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{8 + 2 * n} 0 R' for n in range(len(pages)))}] >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Vn /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Vn /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor 6 0 R /DW 600 >>",
        _stream(cmap.encode()),
        b"<< /Type /FontDescriptor /FontName /Vn /Flags 4 /FontBBox [0 -200 1000 800] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
        _stream(b"\x80" * 64, "/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 "),
    ]
    for number, page in enumerate(pages):
        shown = "q 500 0 0 700 50 50 cm /Im Do Q " if picture else ""
        for row, line in enumerate(page.split("\n")):
            shown += f"BT /F 12 Tf 50 {780 - 20 * row} Td <{''.join(f'{codes[c]:04X}' for c in line)}> Tj ET "
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {9 + 2 * number} 0 R "
            "/Resources << /Font << /F 3 0 R >> /XObject << /Im 7 0 R >> >> >>".encode()
        )
        objects.append(_stream(shown.encode()))
    if encrypted:
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /O <{'41' * 32}> /U <{'42' * 32}> /P -4 >>".encode())
    out, offsets = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % at for at in offsets)
    locked = f"/Encrypt {len(objects)} 0 R /ID [<{'00' * 16}> <{'00' * 16}>] ".encode() if encrypted else b""
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + (
        b"trailer << /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, locked, len(out))
    )


def _stream(data: bytes, more: str = "") -> bytes:
    packed_data = zlib.compress(data)
    return f"<< {more}/Filter /FlateDecode /Length {len(packed_data)} >>\nstream\n".encode() + packed_data + b"\nendstream"
