"""Tables and lists: rows on lines in the text, whole in the HTML; layout is walked. And what else text must be rid of."""

from __future__ import annotations

import pytest

from archive.cleaning.clean import clean
from archive.cleaning.decode import mended, plain

PROSE = "Đoạn thân bài đủ dài để được coi là thân bài, có dấu phẩy, và kết thúc bằng dấu chấm câu như mọi câu khác."


def parts(markup: str) -> tuple[str, str]:
    """Text and HTML of what stands between two paragraphs of prose."""
    html = f"<html><body><h1>Tiêu đề bài viết mẫu</h1><div class='noidung'><p>{PROSE}</p><p>{PROSE}</p>{markup}<p>{PROSE}</p></div></body></html>"
    article = clean(html.encode(), "https://tinh-mau.example/a")
    text = article.text.removeprefix(f"{PROSE}\n\n{PROSE}").removesuffix(PROSE).strip("\n")
    return text, article.html.removeprefix(f"<p>{PROSE}</p>\n<p>{PROSE}</p>").removesuffix(f"<p>{PROSE}</p>").strip("\n")


LONG = "Nội dung công việc dài, có nhiều bước và nhiều đơn vị phối hợp thực hiện trong cả năm. " * 6
CASES = [
    ("<table><tr><th>STT</th><th>Tên</th></tr><tr><td>1</td><td>A</td></tr><tr><td>2</td><td>B<br>C</td></tr></table>", "STT | Tên\n1 | A\n2 | B C",
     "<table><tr><th>STT</th><th>Tên</th></tr><tr><td>1</td><td>A</td></tr><tr><td>2</td><td>B<br>C</td></tr></table>"),
    ("<table><tr><td rowspan=2>X</td><td colspan=2>Y</td></tr><tr><td>1</td><td>2</td></tr></table>", "X | Y\n1 | 2",
     '<table><tr><td rowspan="2">X</td><td colspan="2">Y</td></tr><tr><td>1</td><td>2</td></tr></table>'),
    ("<table width=100%><tr><td><table><tr><td>Sản lượng</td><td>1</td></tr><tr><td>Giá</td><td>2</td></tr></table></td></tr></table>", "Sản lượng | 1\nGiá | 2",
     "<table><tr><td>Sản lượng</td><td>1</td></tr><tr><td>Giá</td><td>2</td></tr></table>"),
    ("<table><caption>Bảng 1</caption><tr><th>A</th><th>B</th></tr><tr><td><p>1</p><p>2</p></td><td><ul><li>x</li><li>y</li></ul></td></tr></table>",
     "Bảng 1\nA | B\n1 2 | x y", "<table><caption>Bảng 1</caption><tr><th>A</th><th>B</th></tr><tr><td>1<br>2</td><td>x<br>y</td></tr></table>"),
    (f"<table border=1><tr><td>Việc</td><td>Nội dung</td></tr><tr><td>Một</td><td>{LONG}</td></tr><tr><td>Hai</td><td>b</td></tr></table>",
     f"Việc | Nội dung\nMột | {LONG.strip()}\nHai | b",
     f"<table><tr><td>Việc</td><td>Nội dung</td></tr><tr><td>Một</td><td>{LONG.strip()}</td></tr><tr><td>Hai</td><td>b</td></tr></table>"),
    (f"<table><tr><td>{LONG}</td><td>Cột phải</td></tr><tr><td>Hàng hai</td><td>b</td></tr></table>", f"{LONG.strip()}\n\nCột phải\n\nHàng hai\n\nb", None),
    ("<dl><dt>Thời gian</dt><dd>8 giờ</dd><dt>Địa điểm</dt><dd>Hội trường</dd></dl>", "Thời gian | 8 giờ\nĐịa điểm | Hội trường",
     "<table><tr><th>Thời gian</th><td>8 giờ</td></tr><tr><th>Địa điểm</th><td>Hội trường</td></tr></table>"),
    (f"<dl><dt>Hỏi</dt><dd>{LONG}</dd><dt>Hỏi nữa</dt><dd>Đáp</dd></dl>", f"Hỏi\n\n{LONG.strip()}\n\nHỏi nữa\n\nĐáp", None),
    ("<ul><li>Một</li><li>Hai</li></ul>", "Một\nHai", "<ul>\n<li>Một</li>\n<li>Hai</li>\n</ul>"),
    ("<ol><li>Một</li><li>Hai<ul><li>hai a</li></ul></li><li>Ba</li></ol>", "Một\nHai\n\nhai a\n\nBa",
     '<ol>\n<li>Một</li>\n<li>Hai</li>\n</ol>\n<ul>\n<li>hai a</li>\n</ul>\n<ol start="3">\n<li>Ba</li>\n</ol>'),
    ("<ol start=3><li>Ba</li><li value=7>Bảy</li><li>Tám</li></ol>", "Ba\nBảy\nTám", '<ol start="3">\n<li>Ba</li>\n<li value="7">Bảy</li>\n<li>Tám</li>\n</ol>'),
    ("<ol><li><p>Một</p><p>Một nữa</p></li><li>Hai</li></ol>", "Một\nMột nữa\nHai", "<ol>\n<li>Một<br>Một nữa</li>\n<li>Hai</li>\n</ol>"),
    ("a&#225;<br>b<br><br>c<div>d</div>e", "aá\nb\n\nc\n\nd\n\ne", "<p>aá<br>b</p>\n<p>c</p>\n<p>d</p>\n<p>e</p>"),
    ("<pre>dòng một\ndòng hai</pre>", "dòng một\ndòng hai", "<p>dòng một<br>dòng hai</p>"),
    ("<p>a &amp;nbsp; b &amp;amp; c &amp;quot;d&amp;quot; &amp;lt;x&amp;gt; &amp;agrave; &amp;#225;&amp;#x1EBF;</p>", 'a b & c "d" &lt;x&gt; à áế',
     '<p>a b &amp; c "d" &amp;lt;x&amp;gt; à áế</p>'),
    ("<p>khô\u200bng  có\u00ad  gì\u2060\u00a0đâu\ufeff</p>", "không có gì đâu", "<p>không có gì đâu</p>"),
    ("<p>Vie\u0323\u0302t N&#x103;m &#234;&#803;</p>", "Việt Năm ệ", "<p>Việt Năm ệ</p>"),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "text", "html"), CASES)
def test_text_and_html(markup: str, text: str, html: str | None) -> None:
    found = parts(markup)
    assert found[0] == text
    assert html is None or found[1] == html


@pytest.mark.parametrize(("text", "wanted"), [
    ("a &amp;amp; b", "a & b"), ("&nbsp;x&hellip;", "\u00a0x…"), ("x?a=1&copy=2", "x?a=1&copy=2"), ("R&D; x", "R&D; x"), ("&lt;p&gt; &#60; &#x3c;", "&lt;p&gt; &#60; &#x3c;"),
    ("&#7871;", "ế"), ("&;&#;&x;", "&;&#;&x;"), ("AT&T", "AT&T"),
])  # fmt: skip
def test_references_that_were_escaped_twice(text: str, wanted: str) -> None:
    assert mended(text) == wanted
    assert "\u00a0" not in plain(text)
