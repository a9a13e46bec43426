"""Pages of platforms that nobody knows: what is an article, what is none, and what must not stand in one."""

from __future__ import annotations

import pytest
from unknown_pages import CHROME, DATE, LEAD, PARAGRAPHS, SHORT, TITLE, article, page, paragraphs

from archive.cleaning.clean import clean
from archive.cleaning.rules import Rules

URL = "https://huyenmau.example/tin/12345-huyen-mau-ra-quan.html"
P = PARAGRAPHS
WHOLE = [LEAD, *P]
IMAGE = '<p style="text-align:center"><img src="/a.jpg"></p>'
ROWS = "".join(f"<tr><td>{i}</td><td>Nguyễn Thí Dụ {i}</td><td>Xã Mẫu {i}</td><td>Đạt</td></tr>" for i in range(12))
ABOUT = "Trang thông tin điện tử huyện Mẫu là kênh thông tin chính thức của Huyện uỷ, Hội đồng nhân dân, Uỷ ban nhân dân huyện. "
COMMENTS = """<div class="k1"><div>Ý kiến bạn đọc (2)</div><div class="k2"><b>Nguyễn Văn A</b> <span>13/03/2024</span>
<p>Tôi thấy cần hỗ trợ thêm cho bà con ở các xóm vùng cao, đường đi lại rất khó khăn.</p><a>Trả lời</a></div>
<div class="k2"><b>Trần B</b> <span>13/03/2024</span><p>Rất hoan nghênh huyện đã kịp thời tổ chức ra quân.</p><a>Trả lời</a></div></div>"""

ARTICLES = {
    "paragraphs": (article(paragraphs(*WHOLE)), WHOLE),
    "undated": (article(paragraphs(*WHOLE), date=""), WHOLE),
    "divs": (article('<div class="c15">' + "".join(f"<div>{t}</div>" for t in WHOLE) + "</div>"), WHOLE),
    "breaks": (article('<div class="c15">' + "<br><br>".join(WHOLE) + "</div>"), WHOLE),
    "breaks without an element around": (article("<br><br>".join(WHOLE)), WHOLE),
    "a form control's span": (article('<span id="ctl00_lblNoiDung">' + "".join(f"<p>{t}</p>" for t in WHOLE) + "</span>"), WHOLE),
    "fonts": (article("<span><font size=2>" + "".join(f"<div>{t}</div>" for t in WHOLE) + "</font></span>"), WHOLE),
    "a custom element": (article("<noi-dung>" + "".join(f"<p>{t}</p>" for t in WHOLE) + "</noi-dung>"), WHOLE),
    "a layout table": (article("<table width=100%><tr><td>" + paragraphs(*WHOLE) + "</td></tr></table>"), WHOLE),
    "a table of paragraphs": (article("<table>" + "".join(f"<tr><td>{t}</td></tr>" for t in WHOLE) + "</table>"), WHOLE),
    "the page is a form": (article(paragraphs(*WHOLE)).replace(b"<body>", b"<body><form id=aspnetForm>"), WHOLE),
    "lead before the body": (article(paragraphs(*P), lead=f'<div class="s1">{LEAD}</div>'), WHOLE),
    "lead without a block": (article(paragraphs(*P), lead=f"<b>{LEAD}</b>"), WHOLE),
    "lead as a heading": (article(paragraphs(*P), lead=f"<h3>{LEAD}</h3>"), WHOLE),
    "lead beside the title": (
        page(f"<div class=q1><div><h1>{TITLE}</h1></div><div>{DATE}</div><div><p><b>{LEAD}</b></p></div></div><div>{paragraphs(*P)}</div>"),
        WHOLE,
    ),
    "title without a heading": (article(paragraphs(*WHOLE), head='<div class="t1">{title}</div>'), WHOLE),
    "bold title": (article(paragraphs(*WHOLE), head="<b>{title}</b><br>"), WHOLE),
    "notice": (article(paragraphs(LEAD, SHORT)), [LEAD, SHORT]),
    "notice of one sentence": (article(paragraphs(LEAD)), [LEAD]),
    "notice with its lead outside": (article(paragraphs(SHORT), lead=f'<p class="s1">{LEAD}</p>'), [LEAD, SHORT]),
    "notice of divs": (article(f"<div class=z>{LEAD}</div><div class=z>{SHORT}</div>"), [LEAD, SHORT]),
    "notice, undated": (article(paragraphs(LEAD, SHORT), date=""), [LEAD, SHORT]),
    "notice, title without a heading": (article(paragraphs(LEAD, SHORT), head='<div class="t1">{title}</div>'), [LEAD, SHORT]),
    "notice beside a longer text about the site": (
        article(paragraphs(LEAD, SHORT)).replace(b"</div></body>", f"<div class=w><p>{ABOUT * 3}</p></div></div></body>".encode()),
        [LEAD, SHORT],
    ),
    "copy for printing, hidden": (article(paragraphs(*WHOLE) + f'<div style="display:none"><h1>{TITLE}</h1>{paragraphs(*WHOLE)}</div>'), WHOLE),
    "copy for printing, first": (article(f'<div style="display:none"><h1>{TITLE}</h1>{paragraphs(*WHOLE)}</div>' + paragraphs(*WHOLE)), WHOLE),
    "copy for printing, hidden by its style sheet": (article(paragraphs(*WHOLE) + f"<div class=k9>{paragraphs(*WHOLE)}</div>"), WHOLE),
    "related box in the body": (
        article(
            f'<div class=c15><p>{LEAD}</p><p>{P[0]}</p><table class=r1><tr><td><a href="/tin/9"><img src="/a.jpg"></a>'
            f'<a href="/tin/9">Kiểm tra công tác tuyển quân năm 2024</a></td></tr></table><p>{P[1]}</p>'
            '<ul><li><a href="/tin/8">Đại hội chi bộ xóm Nà Mẫu</a></li><li><a href="/tin/7">Thị trấn Mẫu khai giảng lớp tập huấn</a></li></ul>'
            f"<p>{P[2]}</p></div>"
        ),
        [LEAD, *P[:3]],
    ),
    "related links with a label": (
        article(
            f'<div class=c15><p>{LEAD}</p><p>{P[0]}</p><p><b>Xem thêm:</b> <a href="/tin/9">Kiểm tra công tác tuyển quân năm 2024</a></p>'
            f'<p>{P[1]}</p><p>&gt;&gt; <a href="/tin/8">Đại hội chi bộ xóm Nà Mẫu</a></p></div>'
        ),
        [LEAD, *P[:2]],
    ),
    "captions": (
        article(
            f'<div class=c15><p>{LEAD}</p>{IMAGE}<p style="text-align:center">Quang cảnh lễ ra quân</p><p>{P[0]}</p>'
            f'<p><img src="/b.jpg"><br><em>Các lực lượng phun hoá chất khử trùng.</em></p><p>{P[1]}</p>'
            f'<table align=center><tr><td><img src="/c.jpg"></td></tr><tr><td>Chốt kiểm dịch tại xã Mẫu. Ảnh: Lê Thí Dụ</td></tr></table>'
            f"<p>{P[2]}</p></div>"
        ),
        [LEAD, *P[:3]],
    ),
    "comments": (article(paragraphs(*WHOLE) + COMMENTS), WHOLE),
    "a reference to another site": (
        article(f'<div class=c15><p>{LEAD}</p><p>{P[0]}</p><p><a href="https://khac.example/">https://khac.example/chi-tiet</a></p><p>{P[1]}</p></div>'),
        [LEAD, P[0], "https://khac.example/chi-tiet", P[1]],
    ),
    "a list": (article(f"<div class=c15><p>{LEAD}</p><ol><li>{P[0]}</li><li>Phun hoá chất.</li><li>Lập chốt.</li></ol><p>{P[1]}</p></div>"),
               [LEAD, f"{P[0]}\nPhun hoá chất.\nLập chốt.", P[1]]),
    "a small table": (
        article(f"<div class=c15><p>{LEAD}</p><table><tr><th>Xã</th><th>Số con</th></tr><tr><td>Mẫu</td><td>12</td></tr></table></div>"),
        [LEAD, "Xã | Số con\nMẫu | 12"],
    ),
    "a table and no sentence": (
        article(f"<div class=c15><table><tr><th>STT</th><th>Họ và tên</th><th>Đơn vị</th><th>Ghi chú</th></tr>{ROWS}</table></div>"),
        ["STT | Họ và tên | Đơn vị | Ghi chú\n" + "\n".join(f"{i} | Nguyễn Thí Dụ {i} | Xã Mẫu {i} | Đạt" for i in range(12))],
    ),
}  # fmt: skip

SUMMARY = "Sáng nay, Uỷ ban nhân dân huyện Mẫu tổ chức hội nghị lần thứ {i} về phát triển kinh tế - xã hội, có đại diện 14 xã, thị trấn tham dự."
ENTRY = '<a href="/tin/{i}">Bài thứ {i} về hoạt động của huyện Mẫu</a>'
NONE = {
    "list of divs": ("Tin tức", "".join(f"<div class=i>{ENTRY}<div>1{{i}}/03/2024</div><div>{SUMMARY}</div></div>".format(i=i) for i in range(9))),
    "list with images": (
        "Tin tức",
        "<ul>" + "".join(f'<li><a href="/tin/{{i}}"><img src="/1.jpg"></a><p>{ENTRY}</p><p>{SUMMARY}</p></li>'.format(i=i) for i in range(9)) + "</ul>",
    ),
    "list of one entry": ("Thông báo", f"<ul><li><p>{ENTRY}</p><p>10/03/2024</p><p>{SUMMARY}</p></li></ul>".format(i=1)),
    "table of documents": (
        "Văn bản",
        "<table>" + "".join(f'<tr><td>{i}</td><td><a href="/vb/{i}">12{i}/QĐ-UBND</a></td><td>Quyết định phê duyệt kế hoạch sử dụng đất '
                            f"năm 202{i} của huyện Mẫu</td><td>1{i}/03/2024</td></tr>" for i in range(9)) + "</table>",
    ),
    "not found": ("Không tìm thấy trang", "<p>Trang bạn yêu cầu không tồn tại hoặc đã bị xoá. Vui lòng kiểm tra lại đường dẫn.</p>"),
    "error with a date": ("Lỗi 404", "<p>Rất tiếc, nội dung bạn tìm kiếm hiện không có trên hệ thống.</p><p>12/03/2024</p>"),
    "contact": (
        "Liên hệ",
        ("<p>Uỷ ban nhân dân huyện Mẫu. Địa chỉ: Tổ 1, thị trấn Mẫu. Điện thoại: 0200 000 000. Thư điện tử: lienhe@huyenmau.example</p>"
        "<form><label>Họ tên</label><input><label>Nội dung</label><textarea></textarea></form>"),
    ),
    "search": ("Tìm kiếm", "<p>Không có kết quả nào phù hợp với từ khoá mà bạn đã nhập vào, hãy thử lại.</p>"),
    "login": ("Đăng nhập", "<p>Bạn cần đăng nhập để xem nội dung này, vui lòng nhập tên và mật khẩu.</p><form><input></form>"),
    "empty section": ("Thông báo", "<p>Nội dung đang được cập nhật, mời bạn quay lại sau.</p>"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARTICLES)
def test_an_article_without_its_frame(name: str) -> None:
    html, wanted = ARTICLES[name]
    found = clean(html, URL)
    assert found.text.split("\n\n") == wanted
    assert [line for line in CHROME if line in found.text] == []
    assert found.title == TITLE
    assert found.published == (None if "undated" in name else "2024-03-12T14:05:00+07:00")


@pytest.mark.parametrize("name", NONE)
def test_no_article(name: str) -> None:
    title, inner = NONE[name]
    found = clean(page(f"<h2>{title}</h2>{inner}", title=title), URL)
    assert (found.text, found.html) == ("", "")
    assert found.title == title
    assert found.cuts


def test_captions_stay_with_their_images() -> None:
    found = clean(ARTICLES["captions"][0], URL)
    assert [i.caption for i in found.images] == [
        "Quang cảnh lễ ra quân", "Các lực lượng phun hoá chất khử trùng.", "Chốt kiểm dịch tại xã Mẫu. Ảnh: Lê Thí Dụ",
    ]  # fmt: skip


def test_what_rules_without_a_body_name_holds_where_the_body_is_searched_for() -> None:
    html = article(paragraphs(*WHOLE), title="Tin", head='<div class="t1">Lễ ra quân chống dịch</div><h2>Huyện Mẫu</h2>')
    rules = Rules.of({"find": {"title": [".t1"]}}, "the portal")
    found = clean(html, URL, rules)
    assert (found.title, found.text.split("\n\n")) == ("Lễ ra quân chống dịch", WHOLE)
    assert "Lễ ra quân chống dịch" not in [c.text for c in found.cuts if c.rule == "beside"]


@pytest.mark.parametrize("url", [URL, "https://huyenmau.example/chitiet.aspx?id=12"])
@pytest.mark.parametrize("name", ARTICLES)
def test_a_head_that_names_the_portal_only(name: str, url: str) -> None:
    html, wanted = ARTICLES[name]
    found = clean(html.replace(f"<title>{TITLE} - ".encode(), b"<title>"), url)
    assert (found.title, found.text.split("\n\n")) == (TITLE, wanted)
    assert [line for line in CHROME if line in found.text] == []


@pytest.mark.parametrize("name", NONE)
def test_no_article_without_a_title_either(name: str) -> None:
    title, inner = NONE[name]
    assert clean(page(f"<h2>{title}</h2>{inner}", title=""), URL).text == ""
