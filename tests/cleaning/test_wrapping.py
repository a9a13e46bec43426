"""How a page's source is wrapped does not show in the article; line breaks of the page itself do."""

from __future__ import annotations

import re

import pytest

from archive import clean
from archive.cleaning.rules import platforms

PAGE = """<html lang="vi"><body><h1>Hội nghị tổng kết công tác năm</h1><div class="entry-content">
<p>Ngày 7/2, Ban Chỉ đạo công tác thông tin đối ngoại tỉnh tổ chức
   hội nghị tổng kết công tác năm cũ và
   triển khai nhiệm vụ năm mới trên địa bàn toàn tỉnh.</p>
<p>Các đại biểu tập trung phân tích kết quả<br>và nêu giải pháp thực hiện tốt hơn trong thời gian tới.</p>
<pre>dòng một của bảng số liệu
dòng hai của bảng số liệu</pre></div></body></html>"""


def test_source_lines_are_no_line_breaks():
    paragraphs = clean(PAGE.encode(), "http://tinh-mau.example/a").text.split("\n\n")
    assert paragraphs[0].endswith("tỉnh tổ chức hội nghị tổng kết công tác năm cũ và triển khai nhiệm vụ năm mới trên địa bàn toàn tỉnh.")
    assert paragraphs[1] == "Các đại biểu tập trung phân tích kết quả\nvà nêu giải pháp thực hiện tốt hơn trong thời gian tới."
    assert paragraphs[2] == "dòng một của bảng số liệu\ndòng hai của bảng số liệu"


@pytest.mark.parametrize("between", [
    "<wbr>", "<embed src=/x.pdf>", "<embed src=/x.pdf><b> </b>", '<picture><source srcset="/a.webp"><img src="/a.jpg"></picture>',
])  # fmt: skip
def test_what_follows_a_void_element_that_the_parser_does_not_know_is_kept(between: str) -> None:
    page = f"<body><div class=entry-content><p>Một hai ba bốn{between}năm sáu <b>bảy</b> tám</p>chín<p>Mười</p></div>"
    article = clean(page.encode(), "https://mau.example/", platforms()["wordpress"])
    words = re.sub(r"<[^>]*>", " ", article.html).replace("x.pdf", "").split()  # what stands right behind an image is its caption
    assert "".join(words) == "Mộthaibabốnnămsáubảytámchín" + "Mười"
    assert [i.url for i in article.images] == (["https://mau.example/a.jpg"] if "picture" in between else [])
    assert [a.url for a in article.attachments] == (["https://mau.example/x.pdf"] if "embed" in between else [])
