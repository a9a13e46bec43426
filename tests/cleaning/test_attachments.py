"""Documents wherever pages hide them: address, name and media type, each once; and what is none."""

from __future__ import annotations

import pytest

from archive.cleaning.attachments import media_type
from archive.cleaning.clean import clean
from archive.model import Article

TITLE = "Quyết định về việc phê duyệt kế hoạch công tác năm"
PROSE = "".join(
    f"<p>Đoạn thứ {n} của bài đủ dài để được coi là thân bài, có dấu phẩy, có nội dung, và kết thúc bằng dấu chấm câu như mọi câu.</p>" for n in range(4)
)
UUID = "0a1b2c3d-1234-5678-9abc-def012345678"
HOST = "https://tinh-mau.example"


def page(inside: str = "", behind: str = "", around: str = "", path: str = "/tin/bai-1") -> Article:
    html = f"""<html lang="vi"><head><title>{TITLE}</title></head><body><div class="menu"><a href="/huong-dan.pdf">Hướng dẫn sử dụng</a></div>
    <div class="a1"><div class="c2"><h1>{TITLE}</h1><div class="b3">{PROSE}{inside}</div>{behind}</div></div>{around}
    <div class="footer"><a href="/quy-che.pdf">Quy chế hoạt động</a></div></body></html>"""
    return clean(html.encode(), HOST + path)


PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OFFERS = [
    ('<p><a href="/upload/1/qd%2012.PDF">Quyết định số 12</a></p>', "/upload/1/qd%2012.PDF", "Quyết định số 12", PDF),
    ('<a href="/upload/1/Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf">Tải về</a>', "/upload/1/Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf", "Quyết định.pdf", PDF),
    ('<a href="/upload/1/Quye%CC%82%CC%81t.pdf"><img src="/icon/pdf.png" width="16" height="16"></a>', "/upload/1/Quye%CC%82%CC%81t.pdf", "Quyết.pdf", PDF),
    ('<a href="/a/qd.docx?ver=3">Tải về: <strong>qd.docx</strong></a>', "/a/qd.docx?ver=3", "qd.docx", WORD),
    ('<a href="/a/qd.pdf">Quyết định số 12 (1,2 MB)</a>', "/a/qd.pdf", "Quyết định số 12", PDF),
    ('<a href="/a/qd.pdf">File đính kèm: Quyết định số 12</a>', "/a/qd.pdf", "Quyết định số 12", PDF),
    ('<a href="/a/qd.pdf">Tại đây</a>', "/a/qd.pdf", "qd.pdf", PDF),
    ('<a href="/a/bai.pdf.pdf">Xem chi tiết</a>', "/a/bai.pdf.pdf", "bai.pdf.pdf", PDF),
    (f'<a href="/documents/20121/0/QD+12+UBND.pdf/{UUID}?t=1640000000000">Xem</a>', f"/documents/20121/0/QD+12+UBND.pdf/{UUID}?t=1640000000000", "QD 12 UBND.pdf", PDF),
    (f'<a href="/documents/20121/0/{UUID}">Quyết định số 12</a>', f"/documents/20121/0/{UUID}", "Quyết định số 12", None),
    (f'<a href="/c/document_library/get_file?uuid={UUID}&amp;groupId=10157">Công văn 5</a>', f"/c/document_library/get_file?uuid={UUID}&groupId=10157", "Công văn 5", None),
    ('<a href="/tin/bai-1?download=1&amp;id=0" download>Tải về: <strong>qd.pdf</strong></a>', "/tin/bai-1?download=1&id=0", "qd.pdf", PDF),
    ('<a href="/DesktopModules/EDoc/Download.aspx?id=55">Tờ trình 7</a>', "/DesktopModules/EDoc/Download.aspx?id=55", "Tờ trình 7", None),
    ('<a href="/LinkClick.aspx?fileticket=abc%3d&amp;tabid=5">Tờ trình 7</a>', "/LinkClick.aspx?fileticket=abc%3d&tabid=5", "Tờ trình 7", None),
    ('<a href="/_layouts/15/download.aspx?SourceUrl=/van-ban/qd12.docx">Tải về</a>', "/_layouts/15/download.aspx?SourceUrl=/van-ban/qd12.docx", "qd12.docx", WORD),
    ('<a href="/handler/GetFile.ashx?file=qd12.pdf">Tải xuống</a>', "/handler/GetFile.ashx?file=qd12.pdf", "qd12.pdf", PDF),
    ('<a href="/tep/12" download="Quyết định.pdf">Tải</a>', "/tep/12", "Quyết định.pdf", PDF),
    ('<a href="https://drive.google.com/file/d/abc/view?usp=sharing">Quyết định 12</a>', "https://drive.google.com/file/d/abc/view?usp=sharing", "Quyết định 12", None),
    ('<iframe src="/pdfjs/web/viewer.html?file=/upload/1/qd.pdf"></iframe>', "/upload/1/qd.pdf", "qd.pdf", PDF),
    ('<iframe src="/pdfjs/web/viewer.html?file=..%2F..%2Fupload%2F1%2Fqd%2520a.pdf#page=2"></iframe>', "/upload/1/qd%20a.pdf", "qd a.pdf", PDF),
    ('<iframe src="/pdfjs/web/viewer.html?file=%2Ftai-lieu%2F15"></iframe>', "/tai-lieu/15", "15", None),
    ('<iframe src="https://docs.google.com/gview?embedded=true&amp;url=https%3A%2F%2Ftinh-mau.example%2Fa%2Fqd.doc"></iframe>', "/a/qd.doc", "qd.doc", "application/msword"),
    ('<iframe src="https://docs.google.com/viewer?url=https://tinh-mau.example/a/qd.pdf&amp;embedded=true"></iframe>', "/a/qd.pdf", "qd.pdf", PDF),
    ('<iframe src="https://view.officeapps.live.com/op/embed.aspx?src=https%3A%2F%2Ftinh-mau.example%2Fa%2Fqd.docx"></iframe>', "/a/qd.docx", "qd.docx", WORD),
    ('<iframe data-src="/upload/qd.pdf" src=""></iframe>', "/upload/qd.pdf", "qd.pdf", PDF),
    ('<iframe src="/upload/qd.pdf#toolbar=0"></iframe>', "/upload/qd.pdf#toolbar=0", "qd.pdf", PDF),
    ('<div data-src="/uploads/news/2026_01/qd.pdf" data-toggle="collapsefile"><iframe src=""></iframe></div>', "/uploads/news/2026_01/qd.pdf", "qd.pdf", PDF),
    ('<div class="pdf" data-url="/uploads/qd.pdf"></div>', "/uploads/qd.pdf", "qd.pdf", PDF),
    ('<embed src="/a/qd.pdf" type="application/pdf">', "/a/qd.pdf", "qd.pdf", PDF),
    ('<object data="/a/qd.pdf" type="application/pdf"><p>Không xem được</p></object>', "/a/qd.pdf", "qd.pdf", PDF),
    ('<object type="application/pdf"><embed src="/a/qd.pdf"></object>', "/a/qd.pdf", "qd.pdf", PDF),
    ('<a href="#" onclick="window.open(\'/a/qd.pdf\', \'_blank\'); return false;">Quyết định 12</a>', "/a/qd.pdf", "Quyết định 12", PDF),
    ('<span onclick="openPdf(&quot;/a/qd.pdf&quot;)">Xem</span>', "/a/qd.pdf", "qd.pdf", PDF),
    ('<a href="javascript:;" data-href="/a/qd.xlsx">Biểu số 1</a>', "/a/qd.xlsx", "Biểu số 1", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ('<a href="/pdfjs/web/viewer.html?file=/upload/1/qd.pdf">Quyết định 12</a>', "/upload/1/qd.pdf", "Quyết định 12", PDF),
    ('<div>Quyết định số 12 <a href="/DesktopModules/EDoc/Download.aspx?id=55">Tải về</a></div>', "/DesktopModules/EDoc/Download.aspx?id=55", "Quyết định số 12", None),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "address", "name", "kind"), OFFERS)
def test_what_a_body_offers(markup: str, address: str, name: str, kind: str | None) -> None:
    address = address if address.startswith("http") else HOST + address
    found = [(a.url, a.name, a.media_type) for a in page(markup).attachments]
    assert found == [(address, name, kind)]
    assert [(a.url, a.name) for a in page(behind=f'<div class="x9"><b>Tệp:</b> {markup}</div>').attachments] == [(address, name)] or "<div>" in markup


@pytest.mark.parametrize("markup", [
    '<a href="/a/qd.pdf"><img src="/i.png" width="16" height="16"></a> <a href="/a/qd.pdf">Quyết định 12</a>', '<a href="/a/qd.pdf">Quyết định 12</a><iframe src="/v/viewer.html?file=/a/qd.pdf"></iframe>',
    '<a href="/a/qd.pdf#page=2">Quyết định 12</a> <a href="/a/qd.pdf">Tải về</a>',
    f'<a href="/documents/1/2/qd.pdf/{UUID}?t=1">Quyết định 12</a> <a href="/documents/1/2/qd.pdf/{UUID}?t=2&amp;download=true">Tải về</a>',
    '<a href="/tin/bai-1?download=1&amp;id=0" download>qd.pdf</a><div data-src="/uploads/qd.pdf"></div>',
])  # fmt: skip
def test_each_document_once(markup: str) -> None:
    article = page(markup)
    assert [a.name for a in article.attachments] == ["qd.pdf" if "uploads" in markup else "Quyết định 12"]


@pytest.mark.parametrize("markup", [
    '<a href="/tin/bai-2">Bài khác</a>', '<a href="/download">Tải phần mềm</a>', '<a href="/vi/download/Van-ban/Quyet-dinh-12.html">Quyết định 12</a>', '<a href="#">Tải về</a>',
    '<a href="https://share.example/sharer.php?u=https://tinh-mau.example/a/qd.pdf">Chia sẻ</a>', '<a href="javascript:history.back()">Trở về</a>', '<a href="/rss.xml">RSS</a>',
    f'<a href="/documents/20121/0/anh.jpg/{UUID}">Ảnh</a>', '<a href="/a/anh.jpg">Ảnh lớn</a>', '<iframe src="https://video.example/embed/abc"></iframe>', '<div data-src="/a/anh.jpg"></div>',
    '<a href="mailto:a@b.example">Thư</a>', '<a href="/van-ban?download=0">Văn bản</a>', '<span onclick="window.open(\'/tin/bai-2\')">Xem</span>', '<iframe src="about:blank"></iframe>',
])  # fmt: skip
def test_what_is_no_document(markup: str) -> None:
    assert page(f"<p>Xem thêm trong nội dung: {markup} của bài.</p>").attachments == []
    assert page(behind=f"<div>{markup}</div>").attachments == []


@pytest.mark.parametrize("box", [
    '<div class="side-bar"><a href="/vb/1.pdf">Văn bản mới ban hành của tỉnh</a></div>', '<aside><a href="/vb/1.pdf">Văn bản mới</a></aside>',
    '<div><b>Tin liên quan</b><ul><li><a href="/tin/2">Một bài khác được nêu ở cuối trang này</a></li><li><a href="/vb/1.pdf">Văn bản</a></li></ul></div>',
])  # fmt: skip
def test_documents_of_other_boxes_are_not_the_articles(box: str) -> None:
    assert page(around=box).attachments == []
    assert page(behind=box).attachments == []


def test_documents_at_the_end_of_a_list_of_them() -> None:
    rows = "".join(f"<tr><td>{n}</td><td>Biểu số {n}</td><td><a href='/a/bieu-{n}.xlsx'>Tải về</a></td></tr>" for n in range(1, 4))
    assert [a.name for a in page(f"<table>{rows}</table>").attachments] == ["bieu-1.xlsx", "bieu-2.xlsx", "bieu-3.xlsx"]


@pytest.mark.parametrize(("address", "kind"), [
    ("https://x.example/a.PDF", PDF), ("https://x.example/a%2Epdf", PDF), ("https://x.example/pdf", None), ("https://x.example/?file=a.pdf&x=1", PDF), ("https://[x/a.pdf", None), ("https://x.example/?q=a.pdf", None),
])  # fmt: skip
def test_media_types(address: str, kind: str | None) -> None:
    assert media_type(address) == kind
