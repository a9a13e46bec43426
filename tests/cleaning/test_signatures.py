"""Byline, source and photo credit: where they stand on a page, and what must not be taken for them."""

from __future__ import annotations

import pytest

from archive.cleaning.clean import clean
from archive.model import Article

TITLE = "Hội nghị tổng kết công tác thông tin đối ngoại"
PROSE = (
    "Ngày 7/2/2020, Ban Chỉ đạo tổ chức Hội nghị tổng kết công tác năm 2019, triển khai nhiệm vụ năm 2020 trên địa bàn toàn tỉnh.",
    "Thảo luận tại hội nghị, các đại biểu tập trung phân tích rõ những kết quả đã đạt được cũng như tồn tại, hạn chế trong thực hiện công tác này.",
    "Phát biểu kết luận, đồng chí Chủ trì ghi nhận, đánh giá cao những kết quả đạt được và yêu cầu các đơn vị tiếp tục phát huy trong thời gian tới./.",
)
TEXT = "\n\n".join(PROSE)


def page(end: str = "", between: str = "", top: str = "", behind: str = "", prose: str | None = None) -> Article:
    body = "".join(f"<p>{p}</p>" for p in PROSE) if prose is None else prose
    html = f"""<html lang="vi"><head><meta charset="utf-8"><title>{TITLE}</title></head><body><div class="a1"><h1>{TITLE}</h1>{between}
    <div class="b3">{top}{body}{end}</div>{behind}</div><div class="z1">Giấy phép số 01/GP-TTĐT. Ghi rõ nguồn: Cổng tỉnh Mẫu khi phát hành lại.</div></body></html>"""
    return clean(html.encode(), "https://tinh-mau.example/tin/bai-mau-1")


SIGNED = [
    ("<p>Bích Diệp</p>", ["Bích Diệp"], None), ("<p><strong>Bích Diệp</strong></p>", ["Bích Diệp"], None),
    ('<p style="text-align: right"><strong>Bích Diệp</strong></p>', ["Bích Diệp"], None), ('<div align="right"><i>BÍCH DIỆP</i></div>', ["BÍCH DIỆP"], None),
    ('<p class="text-right">Diệp</p>', ["Diệp"], None), ('<p class="tac-gia">Diệp</p>', ["Diệp"], None), ("<p>H.T</p>", ["H.T"], None),
    ("<p>Hà Thu (tổng hợp)</p>", ["Hà Thu"], None), ("<p><b>Hà Thu</b> <i>(theo TTXVN)</i></p>", ["Hà Thu"], "TTXVN"),
    ("<p>Tin, ảnh: Lê Văn Mẫu - Hoàng Mẫu</p>", ["Lê Văn Mẫu", "Hoàng Mẫu"], None), ("<p>Bích Diệp</p><p>(Theo TTXVN)</p>", ["Bích Diệp"], "TTXVN"),
    ("<p>(Theo TTXVN)</p><p>Bích Diệp</p>", ["Bích Diệp"], "TTXVN"), ("<p>Nguồn: baomau.example</p>", [], "baomau.example"), ("<p>BBT</p>", [], None),
    ("<p>Bích Diệp</p><p>&nbsp;</p><p></p>", ["Bích Diệp"], None), ("<p>Bích Diệp</p><p>Ảnh: Hoàng Mẫu</p>", ["Bích Diệp"], None),
    ("<p>Ảnh: Hoàng Mẫu</p>", [], None), ("<p>admin</p>", [], None), ("<table><tr><td align='right'>Bích Diệp</td></tr></table>", ["Bích Diệp"], None),
    ("<h4 style='text-align:right'>Bích Diệp</h4>", ["Bích Diệp"], None), ("<p>Lê Văn Mẫu</p><p>Hoàng Mẫu</p>", ["Lê Văn Mẫu", "Hoàng Mẫu"], None),
]  # fmt: skip


@pytest.mark.parametrize(("end", "authors", "source"), SIGNED)
def test_the_end_of_a_body(end: str, authors: list[str], source: str | None) -> None:
    article = page(end)
    assert (article.authors, article.source, article.text) == (authors, source, TEXT)
    assert {c.rule for c in article.cuts} & {"byline", "source", "photo-credit"}


@pytest.mark.parametrize("end", ["<br>Bích Diệp", "<br><br><b>Bích Diệp</b>", " <strong>Bích Diệp</strong>", " <em><strong>Bích Diệp</strong></em>", "<br/>\n<i>Bích Diệp</i>",
                                 '<br><span style="float:right">Bích Diệp</span>', " <strong>Bích Diệp</strong> (Theo TTXVN)", "<br>Bích Diệp<br>(Theo TTXVN)"])  # fmt: skip
def test_a_signature_in_the_last_paragraph(end: str) -> None:
    article = page(prose=f"<p>{PROSE[0]}</p><p>{PROSE[1]}</p><p>{PROSE[2]}{end}</p>")
    assert (article.authors, article.text) == (["Bích Diệp"], TEXT)
    assert article.source == ("TTXVN" if "TTXVN" in end else None)
    assert article.html == "\n".join(f"<p>{p}</p>" for p in PROSE)


def test_a_source_in_brackets_behind_the_last_sentence() -> None:
    article = page(prose=f"<p>{PROSE[0]}</p><p>{PROSE[1]}</p><p>{PROSE[2]} (Theo <b>TTXVN</b>)</p>")
    assert (article.source, article.text) == ("TTXVN", TEXT)


def test_one_block_with_breaks_only() -> None:
    article = page(prose="<br><br>".join(PROSE) + "<br><br>Bích Diệp<br>Nguồn: TTXVN")
    assert (article.authors, article.source, article.text) == (["Bích Diệp"], "TTXVN", TEXT)


NOT_SIGNED = [
    "<p>Hà Nội</p>", "<p><b>Trân trọng!</b></p>", "<p style='text-align:right'>Xin cảm ơn!</p>", "<p><b>Thông Báo</b></p>", "<p><strong>KẾT LUẬN</strong></p>",
    "<p align='right'><b>TM. ỦY BAN NHÂN DÂN</b></p><p align='right'><b>CHỦ TỊCH</b></p><p align='right'><b>Nguyễn Văn Mẫu</b></p>",
    "<p align='right'><b>KT. GIÁM ĐỐC<br>PHÓ GIÁM ĐỐC</b></p><p align='right'>(Đã ký)</p><p align='right'><b>Nguyễn Văn Mẫu</b></p>",
    "<p>CHỦ TỊCH</p><p>Nguyễn Văn Mẫu</p>", "<p>Nguyễn Văn Một</p><p>Nguyễn Văn Hai</p><p>Nguyễn Văn Ba</p><p>Nguyễn Văn Bốn</p>",
    "<ul><li>Nguyễn Văn Một</li><li>Nguyễn Văn Hai</li></ul>", "<p><b>Một số hình ảnh tại hội nghị</b></p>", "<p>Ban Tổ chức trân trọng thông báo.</p>",
    "<p>Chủ tịch Nguyễn Văn Mẫu</p>", "<p>Theo Nghị định này.</p>", "<p align='right'>Mẫu, ngày 10 tháng 02 năm 2020</p>",
    "<p>Bài: học kinh nghiệm từ cơ sở</p>",
]  # fmt: skip


@pytest.mark.parametrize("end", NOT_SIGNED)
def test_what_is_no_signature_stays_in_the_text(end: str) -> None:
    article = page(end)
    assert (article.authors, article.source) == ([], None)
    assert article.text.startswith(TEXT)
    assert len(article.text) > len(TEXT)


def test_a_place_behind_a_short_form_is_no_signature() -> None:
    last = PROSE[2].removesuffix("./.") + " tại TP. <strong>Hồ Chí Minh</strong>"
    article = page(prose=f"<p>{PROSE[0]}</p><p>{PROSE[1]}</p><p>{last}</p>")
    assert article.authors == []
    assert article.text.endswith("TP. Hồ Chí Minh")


@pytest.mark.parametrize(("between", "authors", "source"), [
    ("<div>Tác giả: Bích Diệp</div>", ["Bích Diệp"], None), ("<div><b>Tác giả:</b> <span>Bích Diệp</span></div>", ["Bích Diệp"], None),
    ("<div>Bích Diệp | 07/02/2020 15:20</div>", ["Bích Diệp"], None), ("<div>07/02/2020 15:20 - Tác giả: Bích Diệp - Lượt xem: 5</div>", ["Bích Diệp"], None),
    ("<div>Viết bởi Super User</div>", [], None), ("<div>Nguồn: TTXVN</div>", [], "TTXVN"), ("<div>Thứ Sáu, 07/02/2020 | Theo TTXVN</div>", [], "TTXVN"),
    ("<div>Đăng bởi: admin - 07/02/2020</div>", [], None), ("<div>Kinh Tế | 07/02/2020 15:20</div>", [], None), ("<div>Hà Nội | 07/02/2020 15:20</div>", [], None),
    ("<ul><li><a href='/x'>Tác giả: Người Khác</a></li></ul>", [], None),
])  # fmt: skip
def test_lines_between_title_and_body(between: str, authors: list[str], source: str | None) -> None:
    article = page(between=between)
    assert (article.authors, article.source, article.text) == (authors, source, TEXT)
    inside = page(top=between) if "<li>" not in between else article
    assert (inside.text, inside.source) == (TEXT, source)


def test_credits_behind_the_body() -> None:
    article = page(behind="<p>Tác giả: Bích Diệp</p><p>Nguồn tin: TTXVN</p>")
    assert (article.authors, article.source, article.text) == (["Bích Diệp"], "TTXVN", TEXT)


def test_a_credit_in_a_caption_stays_with_the_caption() -> None:
    figure = '<p style="text-align:center"><img src="/a.jpg"></p><p style="text-align:center"><em>Quang cảnh hội nghị. Ảnh: Hoàng Mẫu</em></p>'
    article = page(prose=f"<p>{PROSE[0]}</p><p>{PROSE[1]}</p><p>{PROSE[2]}</p>{figure}<p>Bích Diệp</p>")
    assert (article.authors, article.text) == (["Bích Diệp"], TEXT)
    assert [i.caption for i in article.images] == ["Quang cảnh hội nghị. Ảnh: Hoàng Mẫu"]


@pytest.mark.parametrize(("data", "authors"), [
    ('{"@type": "Person", "name": "Bích Diệp"}', ["Bích Diệp"]), ('[{"@type": "Person", "name": "Bích Diệp"}, {"name": "Hà Thu"}]', ["Bích Diệp", "Hà Thu"]),
    ('{"@type": "Person", "name": "admin"}', []), ('{"@type": "Organization", "name": "Báo Mẫu"}', []), ('{"@type": "Person", "name": "Tỉnh Mẫu"}', []), ('"x"', []), ("7", []),
])  # fmt: skip
def test_json_ld_names_authors_where_no_line_does(data: str, authors: list[str]) -> None:
    script = f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "x", "author": {data}, "publisher": {{"name": "Tỉnh Mẫu"}}}}</script>'
    assert page(between=script).authors == authors
    assert page(between=script, end="<p>Trần Thị Thí Dụ</p>").authors == ["Trần Thị Thí Dụ"]
