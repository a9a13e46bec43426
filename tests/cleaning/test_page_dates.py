"""Which of a page's dates is the article's. Class names are neutral: no rule knows them."""

from __future__ import annotations

import pytest

from archive.cleaning.clean import clean
from archive.model import Article

TITLE = "Hội nghị tổng kết công tác thông tin đối ngoại"
LEAD = "Ngày 7/2/2020, Ban Chỉ đạo tổ chức Hội nghị tổng kết công tác năm 2019, triển khai nhiệm vụ năm 2020 trên địa bàn tỉnh."
BODY = (
    "Theo Quyết định số 12/QĐ-UBND ngày 05/01/2020 của Uỷ ban nhân dân tỉnh, các đơn vị triển khai nhiệm vụ ngay từ đầu năm, bảo đảm tiến độ đề ra.",
    "Thảo luận tại hội nghị, các đại biểu tập trung phân tích rõ những kết quả đã đạt được cũng như tồn tại, hạn chế trong thực hiện công tác này.",
    "Phát biểu kết luận, đồng chí Chủ trì ghi nhận, đánh giá cao những kết quả đạt được và yêu cầu các đơn vị tiếp tục phát huy trong thời gian tới./.",
)
PROSE = f"<p><b>{LEAD}</b></p>" + "".join(f"<p>{p}</p>" for p in BODY)
SIDE = """<div class="k9"><b>Đọc nhiều</b><ul><li><a href="/a">Kỳ họp thứ mười Hội đồng nhân dân tỉnh khoá mẫu</a> <i>05/01/2026</i></li>
<li><a href="/b">Uỷ ban nhân dân tỉnh họp phiên thường kỳ tháng mẫu</a> <i>08:15 06/01/2026</i></li></ul></div>"""
FOOT = '<div class="z1">Giấy phép số 01/GP-TTĐT ngày 15/04/2015. Bản quyền © 2015 - 2026 thuộc về tỉnh Mẫu.</div>'
RELATED = """<div class="q7"><b>Các tin khác</b><div><a href="/c">Bài mẫu thứ nhất về công tác đối ngoại</a> (04/01/2026)</div>
<div><a href="/d">Bài mẫu thứ hai về công tác đối ngoại</a> (03/01/2026)</div></div>"""
COMMENTS = '<div class="y2"><b>Bình luận</b><div>Nguyễn Văn Mẫu 12/02/2020 09:30</div><div>Bài viết hay.</div></div>'


def page(above: str = "", between: str = "", inside: str = "", behind: str = "", head: str = "", prose: str = PROSE) -> Article:
    html = f"""<html lang="vi"><head><meta charset="utf-8"><title>{TITLE} - Cổng thông tin điện tử tỉnh Mẫu</title>{head}</head><body>
    <div class="t0"><span>Thứ Tư, 25/11/2026 09:41</span></div>{SIDE}
    <div class="m1"><div class="m2">{above}<h1>{TITLE}</h1>{between}<div class="b3">{inside}{prose}</div>{behind}{COMMENTS}{RELATED}</div></div>{SIDE}{FOOT}</body></html>"""
    article = clean(html.encode(), "https://tinh-mau.example/tin/bai-mau-1")
    assert article.title == TITLE
    assert [b for b in BODY if b not in article.text] == []
    return article


WANTED = "2020-02-07T15:20:00+07:00"
LINES = [
    "Thứ Sáu, 07/02/2020 15:20", "Ngày đăng: 07/02/2020 15:20", "15:20 | 07/02/2020", "Cập nhật: 15h20, ngày 07/02/2020", "07/02/2020 3:20 CH",
    "Đăng lúc 15 giờ 20 phút, thứ Sáu, ngày 07 tháng 02 năm 2020 - Lượt xem: 583", "Feb 7, 2020 3:20 PM",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("markup", ['<div class="x5">{}</div>', "<p><i>{}</i></p>", "{}", '<div><span class="u">{}</span><span>Lượt xem: 583</span></div>',
                                    '<ul class="e"><li>{}</li><li><a href="/tin">Tin tức</a></li></ul>', "<table><tr><td>{}</td><td>In bài</td></tr></table>"])  # fmt: skip
def test_a_line_between_title_and_body(line: str, markup: str) -> None:
    article = page(between=markup.format(line))
    assert article.published == WANTED
    assert article.modified is None
    assert "15:20" not in article.text


@pytest.mark.parametrize("line", LINES)
def test_a_line_at_the_begin_of_the_body_right_before_the_title_or_right_behind_the_body(line: str) -> None:
    assert page(inside=f"<div>{line}</div>").published == WANTED
    assert page(above=f"<div>{line}</div>").published == WANTED
    assert page(behind=f"<div>{line}</div>").published == WANTED


def test_a_line_that_names_others_too() -> None:
    assert page(between="<div>Bích Diệp | 07/02/2020 15:20 | Theo TTXVN</div>").published == WANTED
    assert page(between="<div>Đối ngoại - 07/02/2020 15:20</div>").published == WANTED


@pytest.mark.parametrize("noise", [
    {}, {"between": "<div>2 giờ trước</div>"}, {"between": "<div>Hôm nay: Thứ Tư, 25/11/2026</div>"}, {"behind": "<div>Thời gian họp: 08:00 ngày 10/02/2020</div>"},
    {"inside": "<div>Thời gian: 8h00, ngày 10/02/2020</div><div>Địa điểm: Hội trường tỉnh</div>"}, {"inside": "<div>Số: 12/TB-UBND</div><div>Mẫu, ngày 10 tháng 02 năm 2020</div>"},
    {"behind": "<div>Nơi nhận: như trên, ngày 10/02/2020</div>"}, {"between": "<div>Ngày ban hành: 10/02/2020</div>"},
    {"between": "<p>Sáng <b>10/02/2020</b>, Ban Chỉ đạo họp.</p>"}, {"above": '<div class="w"><a href="/x">Tin khác của cổng thông tin mẫu</a> 10/02/2020</div>'},
    {"head": '<meta name="DC.date.issued" content="01/01/0001">'}, {"head": '<meta property="article:published_time" content="1970-01-01T00:00:00Z">'},
    {"head": '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "9999-12-31"}</script>'},
    {"head": '<script type="application/ld+json">{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "datePublished": "2020-02-10"}]}</script>'},
    {"prose": f"<p><b>{LEAD}</b></p><p>Ngày 10/02/2020</p><p>{BODY[0]}</p><p>{BODY[1]}</p><p>{BODY[2]}</p>"},
    {"behind": "<div><div>Nguyễn Văn Mẫu</div><div>12/02/2020 09:30</div></div>"}, {"between": "<div style='display: none'>10/02/2020</div>"},
    {"between": "<ul><li><a href='/y'>Một tin khác được nêu ngay dưới tiêu đề</a> 10/02/2020</li></ul>"},
])  # fmt: skip
def test_no_date_is_invented(noise: dict[str, str]) -> None:
    article = page(**noise)
    assert (article.published, article.modified) == (None, None)


HEADS = {
    "open graph": '<meta property="article:published_time" content="{}">', "dublin core": '<meta name="DC.date.issued" content="{}">',
    "json-ld": '<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "NewsArticle", "datePublished": "{}"}}</script>',
    "json-ld graph": '<script type="application/ld+json">{{"@graph": [{{"@type": "WebSite"}}, {{"@type": ["Article"], "datePublished": "{}"}}]}}</script>',
    "microdata": '<meta itemprop="datePublished" content="{}">',
}  # fmt: skip


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_the_head_is_asked_where_nothing_is_seen_and_only_there(head: str) -> None:
    assert page(head=head.format("2020-02-07T08:20:00Z")).published == WANTED
    assert page(head=head.format("2019-01-01T00:00:00Z"), between="<div>07/02/2020 15:20</div>").published == WANTED
    assert page(head=head.format("2019-01-01T00:00:00Z"), inside="<div>07/02/2020 15:20</div>").published == WANTED


def test_a_hidden_microdata_stamp_in_the_body_is_evidence() -> None:
    hidden = '<span class="hidden d-none" itemprop="datePublished">2020-02-07T15:20:00+07:00</span><span class="hidden" itemprop="dateModified">2020-02-08T01:02:03Z</span>'
    article = page(between=hidden)
    assert (article.published, article.modified) == (WANTED, "2020-02-08T08:02:03+07:00")


@pytest.mark.parametrize("line", [
    "<div>Ngày đăng: 15:20 07/02/2020 - Cập nhật: 09:00 08/02/2020</div>", "<div><span>Ngày đăng: 15:20 07/02/2020</span> <span>Cập nhật: 09:00 08/02/2020</span></div>",
    "<div>Cập nhật lần cuối: 09:00 08/02/2020</div><div>Đăng lúc 15h20 ngày 07/02/2020</div>", "<div>Posted on 07/02/2020 15:20 | Last updated: 08/02/2020 09:00</div>",
])  # fmt: skip
def test_updated_beside_published_is_modified(line: str) -> None:
    article = page(between=line)
    assert (article.published, article.modified) == (WANTED, "2020-02-08T09:00:00+07:00")


def test_what_was_modified_before_it_was_published_was_not() -> None:
    head = '<meta property="article:published_time" content="2020-02-07T15:20:00+07:00"><meta property="article:modified_time" content="{}">'
    assert page(head=head.format("2020-02-07T15:20:00+07:00")).modified is None
    assert page(head=head.format("2020-02-06T15:20:00+07:00")).modified is None
    assert page(head=head.format("2020-02-08T15:20:00+07:00")).modified == "2020-02-08T15:20:00+07:00"


@pytest.mark.parametrize("stamp", [
    '<time datetime="2020-02-07T08:20:00Z">2 giờ trước</time>', '<span data-time="1581063600">2 giờ trước</span>', '<abbr title="07/02/2020 15:20">hôm qua</abbr>',
    '<time datetime="2020-02-07T15:20:00+07:00">07/02/2020</time>', '<time datetime="2019-01-01T00:00:00+07:00">07/02/2020 15:20</time>',
    '<span data-timestamp="1581063600000">1 ngày trước</span>',
])  # fmt: skip
def test_attributes_tell_what_the_text_leaves_open(stamp: str) -> None:
    assert page(between=f"<div>{stamp}</div>").published == WANTED


def test_a_day_stays_a_day() -> None:
    assert page(between='<time datetime="2020-02-07T00:00:00+07:00">07/02/2020</time>').published == "2020-02-07"
    assert page(between="<div>07/02/2020</div>", head=HEADS["open graph"].format("2020-02-07T08:20:00Z")).published == "2020-02-07"
