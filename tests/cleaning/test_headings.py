"""Title, section path, tags and language, in the ways in which portals write them."""

from __future__ import annotations

import pytest

from archive.cleaning.clean import clean
from archive.model import Article

TITLE = "Hội nghị tổng kết công tác thông tin đối ngoại năm 2019"
PROSE = "".join(
    f"<p>Đoạn thứ {n} của bài đủ dài để được coi là thân bài, có dấu phẩy, có nội dung, và kết thúc bằng dấu chấm câu như mọi câu.</p>" for n in range(4)
)
SITES = ["Cổng thông tin điện tử tỉnh Mẫu", "Sở Thông tin và Truyền thông tỉnh Mẫu", "Trang thông tin điện tử huyện Mẫu", "UBND tỉnh Mẫu", "tinh-mau.example", "Báo Mẫu điện tử",
         "Công an tỉnh Mẫu", "Đảng bộ tỉnh Mẫu"]  # fmt: skip


def page(head: str = "", above: str = "", body: str = PROSE, lang: str = "vi", path: str = "/tin/1", below: str = "") -> Article:
    html = f'<html lang="{lang}"><head><meta charset="utf-8">{head}</head><body>{above}<div class="b3">{body}</div>{below}</body></html>'
    return clean(html.encode(), f"https://tinh-mau.example{path}")


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("form", ["{t} - {s}", "{t} | {s}", "{t} – {s}", "{t} — {s}", "{t} » {s}", "{t} :: {s}", "{s} - {t}", "{s} | {t}", "{s} > {t}", "{t} -- {s}", "{t} · {s}",
                                  "{t}|{s}", "{t} - Đối ngoại - {s}", "{t} | Tin tức | {s}", "{s} :: {t}", "{t} &laquo; {s}", "{t} &#8211; {s}", "{t} › {s}", "{t} • {s}"])  # fmt: skip
def test_a_site_name_is_no_part_of_the_title(form: str, site: str) -> None:
    head = f"<title>{form.format(t=TITLE, s=site)}</title>"
    shown = f'<div class="x"><h1>{site}</h1></div><div class="y"><span class="ten">{TITLE}</span></div>'
    assert page(head, f"<h1>{TITLE}</h1>").title == TITLE
    assert page(head, shown).title == TITLE


@pytest.mark.parametrize("above", [
    "<h1>Cổng thông tin điện tử tỉnh Mẫu</h1><h2>{t}</h2>", '<h1 class="hidden">Cổng thông tin điện tử tỉnh Mẫu</h1><h2>{t}</h2>', '<div class="mobile"><h1>Thực đơn</h1></div><h1>{t}</h1>',
    "<h1>Tin tức - Sự kiện</h1><h2>{t}</h2>", "<h1>{t}</h1><h1>Tin liên quan</h1>", '<h1><a href="/"><img alt="Cổng"></a></h1><h3>{t}</h3>', "<h1><a href='/tin/1'>{t}</a></h1>",
    "<h1> <span>{t}</span> </h1>", "<div><h1>\n {t} \n</h1></div>", '<h1 style="display:none">Trang chủ</h1><div class="title-article">{t}</div>',
])  # fmt: skip
@pytest.mark.parametrize("head", [
    "<title>{t} - Cổng thông tin điện tử tỉnh Mẫu</title>", "<title>Cổng thông tin điện tử tỉnh Mẫu</title><meta property='og:title' content='{t}'>",
    "<title>{t}</title><meta property='og:title' content='Cổng thông tin điện tử tỉnh Mẫu'>", "<title>Chi tiết tin - Cổng thông tin điện tử tỉnh Mẫu</title><meta property='og:title' content='{t}'>",
])  # fmt: skip
def test_headings_and_head(above: str, head: str) -> None:
    assert page(head.format(t=TITLE), above.format(t=TITLE)).title == TITLE


@pytest.mark.parametrize("title", [
    "Sở Tư pháp tổ chức hội nghị - tổng kết năm", "Xây dựng nông thôn mới: Kết quả và kinh nghiệm", "Cao Bằng - Tiềm năng và cơ hội đầu tư phát triển du lịch", "Thông báo",
    "Quyết định số 12/2026/QĐ-UBND", "Hội nghị lần thứ 10 - khoá XIX", "UBND tỉnh họp phiên thường kỳ tháng 1 năm 2026 và triển khai nhiệm vụ tháng 2", "Lễ ra quân năm 2026 | Đợt 1",
])  # fmt: skip
def test_a_title_keeps_its_own_marks(title: str) -> None:
    assert page(f"<title>{title} - Cổng thông tin điện tử tỉnh Mẫu</title>", f"<h1>{title}</h1>").title == title
    assert page(f"<title>{title}</title>", f"<h1>{title}</h1>").title == title


CRUMBS = [
    '<ul class="breadcrumb"><li><a href="/">Trang chủ</a></li><li><a href="/tin">Tin tức</a></li><li><a href="/tin/dn">Đối ngoại</a></li><li class="active">{t}</li></ul>',
    '<div class="breadcrumbs"><a href="/">Trang nhất</a> » <a href="/tin">Tin tức</a> » <a href="/tin/dn">Đối ngoại</a> » {t}</div>',
    '<ol class="breadcrumb"><li>Home</li><li>/</li><li>Tin tức</li><li>/</li><li>Đối ngoại</li></ol>',
    '<nav aria-label="breadcrumb"><ol><li><a href="/">Trang chủ</a></li><li><a href="/tin">Tin tức</a></li><li><a href="/dn">Đối ngoại</a></li></ol></nav>',
    '<div itemscope itemtype="https://schema.org/BreadcrumbList"><span itemprop="name">Trang chủ</span> &gt; <span itemprop="name">Tin tức</span> &gt; <span itemprop="name">Đối ngoại</span></div>',
    '<div class="bread-crumb">Bạn đang ở đây: <a href="/">Trang chủ</a> &rsaquo; <a href="/t">Tin tức</a> &rsaquo; <a href="/d">Đối ngoại</a></div>',
    '<div class="breadcrumb"><a href="/"><i class="fa fa-home"></i></a><span>›</span><a href="/t">Tin tức</a><span>›</span><a href="/d">Đối ngoại</a></div>',
    '<p id="breadcrumb"><a href="/">TRANG CHỦ</a> / <a href="/t">Tin tức</a> / <a href="/d">Đối ngoại</a></p>',
]  # fmt: skip


@pytest.mark.parametrize("crumbs", CRUMBS)
def test_the_section_path_has_neither_home_nor_title(crumbs: str) -> None:
    assert page(f"<title>{TITLE}</title>", f"{crumbs.format(t=TITLE)}<h1>{TITLE}</h1>").section == ["Tin tức", "Đối ngoại"]


def test_no_section_is_made_up() -> None:
    assert page(f"<title>{TITLE}</title>", f"<h1>{TITLE}</h1>").section == []
    assert page(f"<title>{TITLE}</title><meta property='article:section' content='Đối ngoại'>", f"<h1>{TITLE}</h1>").section == ["Đối ngoại"]


@pytest.mark.parametrize("tags", [
    '<div class="tags">Từ khoá: <a href="/tag/a">đối ngoại</a>, <a href="/tag/b">hội nghị</a></div>', '<a rel="tag" href="/a">#đối ngoại</a> <a rel="tag" href="/b">hội nghị</a>',
    '<ul class="tag-list"><li><a href="/tag/a">đối ngoại</a></li><li><a href="/tag/b">hội nghị</a></li><li><a href="/tag/b">hội nghị</a></li></ul>',
])  # fmt: skip
def test_tags(tags: str) -> None:
    article = page(f"<title>{TITLE}</title>", f"<h1>{TITLE}</h1>", below=tags)
    assert article.tags == ["đối ngoại", "hội nghị"]
    assert "Từ khoá" not in article.text


ENGLISH = "".join(
    f"<p>Paragraph number {n} of this article is long enough to count as prose, it has commas, and it ends with a full stop as sentences do.</p>" for n in range(4)
)
NUMBERS = "".join(f"<p>{n}. 12345 67890 12345 67890 12345 67890 12345 67890 12345, 67890 12345 67890 12345 67890 12345 67890.</p>" for n in range(5))


@pytest.mark.parametrize(("body", "declared", "language"), [
    (PROSE, "vi", "vi"), (PROSE, "en", "vi"), (PROSE, "", "vi"), (ENGLISH, "en", "en"), (ENGLISH, "vi", "en"), (ENGLISH, "en-US", "en"), (ENGLISH, "", "en"), (NUMBERS, "", None),
])  # fmt: skip
def test_language(body: str, declared: str, language: str | None) -> None:
    assert page("<title>X</title>", body=body, lang=declared).language == language
