"""Legal documents: their rows in any markup, pages that hold nothing else, and pages that are no such document."""

from __future__ import annotations

import pytest

from archive.cleaning.clean import clean
from archive.model import Article, Document

ROWS = [("Số ký hiệu", "12/2026/QĐ-UBND"), ("Ngày ban hành", "10/01/2026"), ("Cơ quan ban hành", "Uỷ ban nhân dân tỉnh Mẫu"), ("Người ký", "Người Ký Mẫu"),
        ("Loại văn bản", "Quyết định"), ("Trích yếu", "Về việc phê duyệt kế hoạch công tác năm 2026 của tỉnh")]  # fmt: skip
WANTED = Document("12/2026/QĐ-UBND", "2026-01-10", "Uỷ ban nhân dân tỉnh Mẫu", "Người Ký Mẫu", "Quyết định", "Về việc phê duyệt kế hoạch công tác năm 2026 của tỉnh")
MARKUP = {
    "table": "<table>" + "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in ROWS) + "</table>",
    "headed table": "<table>" + "".join(f"<tr><th>{a}:</th><td><a href='/loc'>{b}</a></td></tr>" for a, b in ROWS) + "</table>",
    "two pairs a row": "<table>"
    + "".join(f"<tr><td><b>{ROWS[i][0]}</b></td><td>{ROWS[i][1]}</td><td><b>{ROWS[i + 1][0]}</b></td><td>{ROWS[i + 1][1]}</td></tr>" for i in (0, 2, 4))
    + "</table>",
    "definitions": "<dl>" + "".join(f"<dt>{a}</dt><dd>{b}</dd>" for a, b in ROWS) + "</dl>",
    "items": "<ul>" + "".join(f"<li>{a}: {b}</li>" for a, b in ROWS) + "</ul>",
    "bold labels": "<ul>" + "".join(f"<li><strong>{a}:</strong> {b}</li>" for a, b in ROWS) + "</ul>",
    "columns": "".join(f"<div class='row'><div class='c4'>{a}</div><div class='c8'>{b}</div></div>" for a, b in ROWS),
    "spans": "".join(f"<div><span>{a}:</span> <span>{b}</span></div>" for a, b in ROWS),
    "breaks": "<p>" + "<br>".join(f"<b>{a}:</b> {b}" for a, b in ROWS) + "</p>",
    "lines": "<p>" + "<br>".join(f"{a}: {b}" for a, b in ROWS) + "</p>",
    "value in a span": "".join(f"<div>{a}: <span>{b}</span></div>" for a, b in ROWS),
    "paragraphs": "".join(f"<p><b>- {a.upper()}:</b> {b}</p>" for a, b in ROWS),
}  # fmt: skip
PROSE = "".join(
    f"<p>Đoạn thứ {n} của bài đủ dài để được coi là thân bài, có dấu phẩy, có nội dung, và kết thúc bằng dấu chấm câu như mọi câu.</p>" for n in range(4)
)


def page(content: str, beside: str = "", title: str = "Quyết định số 12/2026/QĐ-UBND") -> Article:
    html = f"""<html lang="vi"><head><title>{title} - Cổng tỉnh Mẫu</title></head><body><div class="menu"><a href="/">Trang chủ</a></div>
    <div class="m"><h1>{title}</h1><div class="x">{content}</div><div class="f"><a href="/a/qd12.pdf">Tải về</a></div></div>{beside}
    <div class="footer">Cổng tỉnh Mẫu. Giấy phép số 01/GP-TTĐT</div></body></html>"""
    return clean(html.encode(), "https://tinh-mau.example/van-ban/1")


@pytest.mark.parametrize("markup", MARKUP.values(), ids=MARKUP)
def test_a_page_of_rows_is_a_document_and_an_article(markup: str) -> None:
    article = page(markup)
    assert article.document == WANTED
    assert article.title == "Quyết định số 12/2026/QĐ-UBND"
    assert (article.published, article.authors) == (None, [])
    assert [a.name for a in article.attachments] == ["qd12.pdf"]
    assert [value for _, value in ROWS if value not in article.text] == []


@pytest.mark.parametrize("markup", MARKUP.values(), ids=MARKUP)
def test_rows_with_the_full_text_below(markup: str) -> None:
    article = page(f"{markup}<div class='y'>{PROSE}</div>")
    assert article.document == WANTED
    assert "Đoạn thứ 3" in article.text


@pytest.mark.parametrize("label", ["Số kí hiệu", "Số/Ký hiệu", "Số, ký hiệu", "Số hiệu", "Số hiệu văn bản", "Số văn bản", "So\u0302\u0301 ky\u0301 hie\u0323\u0302u"])
def test_names_of_the_number(label: str) -> None:
    rows = f"<table><tr><td>{label}</td><td>Số: 5-CT/TU</td></tr><tr><td>Ngày ký</td><td>ngày 3 tháng 2 năm 1975</td></tr></table>"
    assert page(rows).document == Document("5-CT/TU", "1975-02-03")


def test_what_stands_before_the_rows_is_the_abstract_where_no_row_is() -> None:
    rows = "<table><tr><td>Số ký hiệu</td><td>12/KH-UBND</td></tr><tr><td>Người ký</td><td>Người Ký Mẫu</td></tr><tr><td>Lĩnh vực</td><td>Y tế</td></tr></table>"
    article = page(f"<p>Kế hoạch triển khai công tác y tế năm 2026 trên địa bàn tỉnh</p>{rows}")
    assert article.document is not None
    assert article.document.abstract == "Kế hoạch triển khai công tác y tế năm 2026 trên địa bàn tỉnh"


HEADS = "<tr>" + "".join(f"<th>{a}</th>" for a, _ in ROWS) + "</tr>"
LIST = "<table>" + HEADS + "".join(f"<tr><td>{n}/QĐ-UBND</td>" + "".join(f"<td>{b}</td>" for _, b in ROWS[1:]) + "</tr>" for n in range(1, 6)) + "</table>"


@pytest.mark.parametrize("content", [
    LIST, "".join(f"<div><p>Số ký hiệu: {n}/QĐ-UBND</p><p>Ngày ban hành: 10/01/2026</p></div>" for n in range(1, 4)),
    f"<p>Theo Quyết định số 12/2026/QĐ-UBND, ngày ban hành 10/01/2026, số hiệu văn bản được ghi rõ ở trang đầu.</p>{PROSE}",
    f"<form><label>Số ký hiệu</label><input name=s><label>Ngày ban hành</label><input name=d><select><option>Quyết định</select></form>{PROSE}",
    f"<p>Số hiệu: 12</p>{PROSE}", f"<p>Ngày ban hành: 10/01/2026</p><p>Người ký: Người Ký Mẫu</p>{PROSE}", f"<p>Số hiệu: đang cập nhật, sẽ được bổ sung sau</p><p>Người ký: A</p>{PROSE}",
])  # fmt: skip
def test_pages_that_are_no_document(content: str) -> None:
    assert page(content, title="Triển khai nhiệm vụ công tác năm mới trên địa bàn tỉnh").document is None


def test_a_document_in_a_box_beside_the_news_is_not_the_news() -> None:
    box = f"<div class='w'><div class='v'><b>Văn bản mới</b>{MARKUP['table']}</div></div>"
    article = page(PROSE, beside=box, title="Triển khai nhiệm vụ công tác năm mới trên địa bàn tỉnh")
    assert article.document is None
    assert "12/2026/QĐ-UBND" not in article.text
    assert page(PROSE + f"<div class='sidebar'>{MARKUP['items']}</div>", title="Triển khai nhiệm vụ công tác năm mới").document is None
