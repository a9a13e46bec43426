"""Pages as small offices make them, on no platform: heads that name the section, clocks, tables, lists without a name."""

from __future__ import annotations

import pytest

from archive import clean

URL = "https://binhan.example/tin/bai"
FRAME = """<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{head}</title></head><body>
<div class="top"><a href="/">Trang chủ</a> <a href="/gioi-thieu">Giới thiệu</a> <a href="/tin-tuc">Tin tức</a> <span>Thứ Tư, 25/11/2026</span></div>
<div class="left"><h3>Chuyên mục</h3><ul><li><a href="/a">Cải cách hành chính</a></li><li><a href="/b">Chuyển đổi số</a></li></ul></div>{body}
<div class="foot"><p>Cổng thông tin điện tử huyện Bình An. Giấy phép số 12/GP-TTĐT ngày 05/03/2019.</p><p>Lượt truy cập: 1.234.567</p></div></body></html>"""
FIRST = "Chiều 24/11, Ủy ban nhân dân huyện Bình An tổ chức hội nghị đánh giá kết quả thực hiện nhiệm vụ 11 tháng năm 2026 và triển khai nhiệm vụ tháng 12."
SECOND = "Theo báo cáo tại hội nghị, tổng giá trị sản xuất toàn huyện ước đạt 4.520 tỷ đồng, bằng 96% kế hoạch; thu ngân sách vượt 8% so với dự toán giao."
THIRD = "Phát biểu kết luận, đồng chí Chủ tịch UBND huyện yêu cầu các phòng, ban và các xã, thị trấn tập trung hoàn thành các chỉ tiêu còn lại."
NOTICE = "Điện lực Bình An thông báo tạm ngừng cấp điện khu vực thị trấn từ 7h00 đến 11h30 ngày 28/11/2026 để bảo trì lưới điện."
TITLE = "Huyện Bình An triển khai nhiệm vụ tháng cuối năm"


def cleaned(body, head="Cổng thông tin điện tử huyện Bình An"):
    return clean(FRAME.format(head=head, body=body).encode(), URL)


def test_a_single_headline_counts_for_more_than_a_head_that_the_page_does_not_show():
    article = cleaned(f"<div class=m><h1>{TITLE}</h1><div><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div></div>", head="Tin tức")
    assert article.title == TITLE
    assert article.text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"


def test_a_table_as_layout_with_its_title_in_bold():
    rows = f"""<tr><td class=t1><font size=4><b>{TITLE}</b></font></td></tr><tr><td><i>Cập nhật lúc: 08:30 - 25/11/2026 | Lượt xem: 245</i></td></tr>
<tr><td><b>{FIRST}</b></td></tr><tr><td>{SECOND}<br><br>{THIRD}<br><br><p align=right><b>Nguyễn Thị Hoa</b></p></td></tr>"""
    article = cleaned(f"<table><tr><td>{'<table>' + rows + '</table>'}</td></tr></table>", head="Hội nghị - Huyện Bình An")
    assert (article.title, article.published, article.authors) == (TITLE, "2026-11-25T08:30:00+07:00", ["Nguyễn Thị Hoa"])
    assert article.text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"


@pytest.mark.parametrize("head", ["Cổng thông tin điện tử huyện Bình An", "Tin tức", TITLE])
@pytest.mark.parametrize("title", [f"<h1>{TITLE}</h1>", ""])
def test_the_clock_beside_the_menu_is_no_date(head, title):
    article = cleaned(f"<div class=m>{title}<div><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div></div>", head=head)
    assert article.text
    assert article.published is None


@pytest.mark.parametrize("stamp", ["<span>25/11/2026</span><span>08:30</span>", "<span>08:30</span> <span>25/11/2026</span>"])
def test_day_and_time_in_elements_of_their_own(stamp):
    article = cleaned(f"<div class=m><h1>{TITLE}</h1><div class=x>{stamp}<span>Tác giả: Nguyễn Thị Hoa</span></div><div>{FIRST}</div><div>{SECOND}</div></div>")
    assert (article.published, article.authors) == ("2026-11-25T08:30:00+07:00", ["Nguyễn Thị Hoa"])
    assert article.text == f"{FIRST}\n\n{SECOND}"


def test_who_entered_it_stands_in_the_line_with_the_date():
    article = cleaned(f"<div class=m><h3 class=td>{TITLE}</h3><div>Đăng lúc: 15:20, 23/11/2026 bởi admin</div><div><p>{FIRST}</p><p>{SECOND}</p></div></div>")
    assert (article.published, article.authors) == ("2026-11-23T15:20:00+07:00", [])


def test_a_notice_of_one_sentence_under_another_head():
    article = cleaned(f"<div class=bx><h2>Thông báo tạm ngừng cấp điện</h2><p>(24/11/2026)</p><p>{NOTICE}</p></div>", head="Thông báo mất điện")
    assert (article.title, article.published, article.text) == ("Thông báo tạm ngừng cấp điện", "2026-11-24", NOTICE)


def test_a_list_whose_links_have_their_day_beside_them():
    items = "".join(
        f"<div class=it><a href='/n{n}'>Bản tin số {n} về hoạt động của huyện Bình An trong tuần</a><span>{n + 1}/11/2026</span><p>Ngày {n + 1}/11, lãnh đạo "
        "huyện đã kiểm tra thực tế tình hình sản xuất, đời sống của nhân dân tại các xã vùng cao và chỉ đạo khắc phục khó khăn.</p></div>"
        for n in range(10)
    )
    assert cleaned(f"<div class=m><h1>Tin tức - Sự kiện</h1>{items}</div>", head="Tin tức - Sự kiện").text == ""


PLAN = "Kế hoạch tổ chức Tết Nguyên đán Đinh Mùi năm 2027 trên địa bàn huyện"
FILE = "https://binhan.example/upload/kh-tet.pdf"
VIEWER = '<iframe src="/pdfjs/web/viewer.html?file=/upload/kh-tet.pdf"></iframe>'


@pytest.mark.parametrize("offer", [VIEWER, VIEWER + "<p><a href='/upload/kh-tet.pdf'>Tải về</a></p>", "<object data='/upload/kh-tet.pdf'></object>"])
def test_a_page_that_is_nothing_but_a_document(offer):
    article = cleaned(f"<div class=m><h1>{PLAN}</h1><div>Ngày đăng 20/11/2026</div>{offer}</div>", head="Kế hoạch")
    assert (article.title, article.published, article.text) == (PLAN, "2026-11-20", "kh-tet.pdf")
    assert [a.url for a in article.attachments] == [FILE]
    assert f'href="{FILE}"' in article.html


@pytest.mark.parametrize(
    "offers",
    [
        "".join(f"<p><a href='/f/{n}.pdf'>Quyết định số {n}/QĐ-UBND</a></p>" for n in range(20)),
        VIEWER + "".join(f"<p><a href='/v/{n}'>Kế hoạch công tác tháng {n} của huyện</a></p>" for n in range(9)),
        "<p><a href='/gioi-thieu'>Giới thiệu</a></p>",
    ],
    ids=["a list of documents", "a list of pages", "nothing"],
)
def test_documents_in_lists_are_no_article(offers):
    assert cleaned(f"<div class=m><h1>{PLAN}</h1><div>Ngày đăng 20/11/2026</div>{offers}</div>", head="Kế hoạch").text == ""


def test_without_a_date_a_document_alone_is_no_article():
    assert cleaned(f"<div class=m><h1>{PLAN}</h1>{VIEWER}</div>", head="Kế hoạch").text == ""
