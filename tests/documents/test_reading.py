"""The text comes out of files of every kind that portals offer, and of hostile ones nothing but a word of why."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import offices
from conftest import need
from hypothesis import given
from hypothesis import strategies as st

from archive.documents import packed, reading
from archive.documents.confined import Confined
from archive.documents.reading import read
from archive.model import FileText

DECREE = "QUYẾT ĐỊNH\nVề việc ban hành Quy chế làm việc của Ủy ban nhân dân tỉnh Sơn La"
HERE = Path(__file__).parent


def test_pdf_with_a_text_layer():
    made = read(offices.pdf(DECREE, "Điều 1. Quy chế này\ncó hiệu lực."))
    assert made == FileText("pdf", "text", DECREE + "\n\nĐiều 1. Quy chế này\ncó hiệu lực.", 2, "", reading.tool("pdf"))
    assert made.tool.startswith("1 pypdfium2 5.")


def test_pdf_as_a_browser_prints_it(tmp_path):
    page = tmp_path / "a.html"
    page.write_text(f"<meta charset=utf-8><h1>QUYẾT ĐỊNH</h1><p>{DECREE.splitlines()[1]}", encoding="utf-8")
    subprocess.run(
        [need("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={tmp_path}/a.pdf", str(page)],
        check=True, capture_output=True,
    )  # fmt: skip
    made = read((tmp_path / "a.pdf").read_bytes())
    assert (made.status, made.pages, " ".join(made.text.split())) == ("text", 1, " ".join(DECREE.split()))


def test_a_scan_is_named_as_such():
    made = read(offices.pdf("", "", "3", picture=True))
    assert (made.status, made.pages, made.note) == ("scan", 3, "its pages are pictures without a text layer")
    assert read(offices.pdf("")).status == "empty"
    assert read(offices.pdf(DECREE, picture=True)).status == "text"


def test_encrypted_and_broken_files_are_named_as_such():
    whole = offices.pdf(DECREE)
    assert read(offices.pdf(DECREE, encrypted=True)).status == "encrypted"
    assert read(whole[:200]).status == "broken"
    assert read(offices.doc(DECREE, flags=0x0100)).status == "encrypted"
    assert read(offices.compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"})).status == "encrypted"
    assert read(offices.docx(offices.p(DECREE))[:-60]).status == "broken"
    assert read(b"GIF89a").status == "unknown"
    assert read(b"").status == "unknown"


def test_docx():
    body = (
        offices.p("QUYẾT ĐỊNH") + "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Số</w:t></w:r></w:p></w:tc><w:tc>" + offices.p("12") + offices.p("QĐ") + "</w:tc></w:tr></w:tbl>"
        "<w:p><w:r><w:t>Điều</w:t><w:tab/><w:t>1</w:t><w:br/><w:t>mới</w:t></w:r><w:del><w:r><w:delText>cũ</w:delText></w:r></w:del>"
        "<w:r><w:instrText>HYPERLINK</w:instrText></w:r><mc:AlternateContent><mc:Choice><w:r><w:t>!</w:t></w:r></mc:Choice><mc:Fallback>"
        "<w:r><w:t>!</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"
    )
    made = read(offices.docx(body, **{"word/footnotes.xml": f"<w:footnotes {offices.W}>{offices.p('Chú thích')}</w:footnotes>"}))
    assert (made.kind, made.status) == ("docx", "text")
    assert made.text == "QUYẾT ĐỊNH\nSố | 12 QĐ\nĐiều 1\nmới!\nChú thích"


def test_xlsx():
    made = read(offices.xlsx())
    assert (made.kind, made.pages) == ("xlsx", 2)
    assert made.text == "Chỉ tiêu | Chi thường xuyên\n1234.5 | 2026-01-10 | 2026-01-10 12:00\n\nTrang hai"


def test_xls():
    made = read((HERE / "du-toan.xls").read_bytes())
    assert (made.kind, made.status, made.text) == ("xls", "text", "Chỉ tiêu | Số tiền\nChi thường xuyên | 1234.5\n2026-01-10")


def test_open_document():
    body = (
        "<text:h>Nghị quyết</text:h><text:tracked-changes><text:p>cũ</text:p></text:tracked-changes>"
        "<text:p>Điều <text:span>1</text:span><text:s/>có <text:line-break/>hiệu lực</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
    )
    made = read(offices.odt(body))
    assert (made.kind, made.text) == ("odf", "Nghị quyết\nĐiều 1 có\nhiệu lực\na | b")


def test_doc_of_bytes_and_of_letters():
    made = read(offices.doc("QUY\x07", "Ủy ban nhân dân tỉnh Sơn La\rĐiều 1\x13 PAGE \x14 trang\x15.", "cafe\xe9\r"))
    assert (made.kind, made.status, made.text) == ("doc", "text", "QUY | Ủy ban nhân dân tỉnh Sơn La\nĐiều 1 trang.cafeé")


def test_rtf():
    made = read(rb"{\rtf1\ansi\ansicpg1258 \u7910?y ban nh\'e2n d\'e2n\par t\u7881?nh}")
    assert (made.kind, made.text) == ("rtf", "Ủy ban nhân dân\ntỉnh")


def test_text_is_nfc_without_invisible_letters():
    assert read(offices.docx(offices.p("Tie\u0302\u0301ng\u200b  Vie\u0323\u0302t\u00ad"))).text == "Tiếng Việt"


def test_bombs_are_refused():
    started = time.process_time()
    bomb = offices.packed({"word/document.xml": b"<a>" + b" " * (packed._MOST + 10)})
    assert (read(bomb).status, len(bomb) < 1_000_000) == ("broken", True)
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    laughs = f'<!DOCTYPE d [<!ENTITY a0 "ha">{entities}]><w:document {offices.W}><w:body><w:p><w:r><w:t>&a11;</w:t></w:r></w:p></w:body></w:document>'
    assert (read(offices.packed({"word/document.xml": laughs})).status) == "broken"
    outside = f'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document {offices.W}><w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>'
    made = read(offices.packed({"word/document.xml": outside}))
    assert (made.status, made.text) == ("broken", "")
    many = offices.packed({f"{n}": b"" for n in range(packed._MOST_PARTS + 1)} | {"word/document.xml": b"<a/>"})
    assert read(many).status in ("broken", "unknown")
    assert time.process_time() - started < 60  # a bomb that goes off takes hours


def test_what_is_too_large_or_too_long_is_said(monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    assert read(offices.pdf(DECREE)).status == "too-large"
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST_TEXT", 10)
    made = read(offices.docx(offices.p(DECREE)))
    assert (made.status, made.text, made.note) == ("text", DECREE[:10], "cut off after 10 characters")


FILES = [offices.pdf(DECREE), offices.docx(offices.p(DECREE)), offices.xlsx(), offices.odt("<text:p>a</text:p>"), offices.doc(DECREE), (HERE / "du-toan.xls").read_bytes()]  # fmt: skip


@given(st.sampled_from(FILES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12), st.floats(0, 1))
def test_damaged_files_are_read_or_named(file, edits, end):
    data = bytearray(file)
    for where, byte in edits:
        data[int(where * (len(data) - 1))] = byte
    made = read(bytes(data[: int(len(data) * (0.3 + 0.7 * end))]))
    assert made.status in ("text", "scan", "empty", "encrypted", "broken", "unknown")
    assert made == read(bytes(data[: int(len(data) * (0.3 + 0.7 * end))]))


def test_in_a_process_of_its_own_a_file_harms_only_itself():
    with Confined() as confined:
        assert confined.read(offices.pdf(DECREE)).text == DECREE
        assert confined.read(b"%PDF-1.4 x").status == "broken"
        first = confined._process
        assert confined.read(offices.docx(offices.p("a"))).text == "a"
        assert confined._process is first
        first.kill()
        assert confined.read(offices.pdf(DECREE)) == FileText("unknown", "too-hard", note="it took the process down")
        assert confined.read(offices.pdf(DECREE)).text == DECREE


def test_time_and_memory_are_limited():
    with Confined(seconds=0.0) as confined:
        assert confined.read(offices.pdf(DECREE)).note == "more than 0 s"
    with Confined(memory=300 << 20) as confined:
        made = confined.read(offices.docx("".join(offices.p("x" * 50) for _ in range(600_000))))
        assert (made.status, "memory" in made.note or "process" in made.note) == ("too-hard", True)
