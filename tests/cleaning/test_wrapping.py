"""How a page's source is wrapped does not show in the article; line breaks of the page itself do."""

from __future__ import annotations

from archive import clean

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
