"""Pages of a portal on a platform that nobody knows: neutral class names, the usual boxes, bodies in every kind of markup."""

from __future__ import annotations

TITLE = "Huyện Mẫu ra quân phòng, chống dịch tả lợn châu Phi"
LEAD = "Sáng 12/3, Uỷ ban nhân dân huyện Mẫu tổ chức lễ ra quân phòng, chống dịch tả lợn châu Phi trên địa bàn huyện."
PARAGRAPHS = (
    "Tham dự lễ ra quân có đại diện lãnh đạo các phòng, ban của huyện, Chủ tịch Uỷ ban nhân dân 14 xã, thị trấn và hơn 200 đoàn viên, thanh niên.",
    ("Theo báo cáo của Trung tâm Dịch vụ nông nghiệp, từ đầu tháng 2 đến nay dịch đã xảy ra tại 27 hộ thuộc 9 xóm của 4 xã; tổng số lợn "
    "phải tiêu huỷ là 312 con, trọng lượng trên 15 tấn."),
    ("Phát biểu tại buổi lễ, đồng chí Nông Văn Mẫu yêu cầu các xã, thị trấn thành lập chốt kiểm dịch tạm thời, không để người dân bán chạy lợn bệnh, "
    "kịp thời hỗ trợ các hộ bị thiệt hại theo quy định."),
    "Sau lễ ra quân, các lực lượng đã phun hoá chất khử trùng tại chợ trung tâm và các tuyến đường chính của thị trấn.",
)
SHORT = "Huyện yêu cầu các xã báo cáo kết quả trước 16 giờ hằng ngày."
DATE = "Thứ ba, 12/03/2024 14:05"
CHROME = (
    "Chuyển đến nội dung chính", "Trang chủ", "Giới thiệu", "Tin tức", "Văn bản", "Liên hệ", "Nông nghiệp", "In bài", "Gửi email", "Quay lại",
    "Lượt xem: 136", "Chia sẻ", "Các tin khác", "Thị trấn Mẫu khai giảng lớp tập huấn", "Đại hội chi bộ xóm Nà Mẫu",
    "Kiểm tra công tác tuyển quân năm 2024", "Liên kết website", "Thống kê truy cập", "Đang truy cập: 12", "Tổng lượt truy cập: 1.234.567",
    "Đánh giá bài viết", "Bình luận", "Ý kiến của bạn", "Bản quyền thuộc về Uỷ ban nhân dân huyện Mẫu",
    "Chịu trách nhiệm chính: Ông Lý Văn Thí Dụ, Phó Chủ tịch Uỷ ban nhân dân huyện Mẫu", "Thông báo mới", "Lịch tiếp công dân tháng 3 năm 2024",
)  # fmt: skip

_TOP = """<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title} - Trang thông tin điện tử huyện Mẫu</title></head><body>
<a href="#x1">Chuyển đến nội dung chính</a>
<div class="c1"><a href="/"><img src="/logo.png" alt=""></a></div>
<div class="c2"><ul><li><a href="/">Trang chủ</a></li><li><a href="/gt">Giới thiệu</a></li><li><a href="/tin">Tin tức</a></li>
<li><a href="/vb">Văn bản</a></li><li><a href="/lh">Liên hệ</a></li></ul></div>
<div class="c3"><div class="c4" id="x1">"""
_SIDE = """</div><div class="c5">
<div class="c6"><div class="c7">Thông báo mới</div><ul><li><a href="/tb/1">Lịch tiếp công dân tháng 3 năm 2024</a> <span>01/03/2024</span></li></ul></div>
<div class="c6"><div class="c7">Liên kết website</div><select><option>Chọn</option></select></div>
<div class="c6"><div class="c7">Thống kê truy cập</div><div>Đang truy cập: 12</div><div>Tổng lượt truy cập: 1.234.567</div></div>
</div></div>
<div class="c8"><p>Bản quyền thuộc về Uỷ ban nhân dân huyện Mẫu</p>
<p>Chịu trách nhiệm chính: Ông Lý Văn Thí Dụ, Phó Chủ tịch Uỷ ban nhân dân huyện Mẫu. Địa chỉ: Tổ 1, thị trấn Mẫu, huyện Mẫu. Điện thoại: 0200 000 000</p>
</div></body></html>"""
_TOOLS = '<div class="c9"><a href="javascript:print()">In bài</a> <a href="mailto:">Gửi email</a> <span>Lượt xem: 136</span></div>'
_BELOW = """<div class="c10"><a href="javascript:history.back()">Quay lại</a> <span>Chia sẻ</span></div>
<div class="c11"><b>Đánh giá bài viết</b> <span>1</span><span>2</span><span>3</span><span>4</span><span>5</span></div>
<div class="c12"><div>Bình luận</div><form><textarea></textarea><label>Ý kiến của bạn</label><input></form></div>
<div class="c13"><div>Các tin khác</div><ul><li><a href="/tin/2">Thị trấn Mẫu khai giảng lớp tập huấn</a> (11/03/2024)</li>
<li><a href="/tin/3">Đại hội chi bộ xóm Nà Mẫu</a> (10/03/2024)</li>
<li><a href="/tin/4">Kiểm tra công tác tuyển quân năm 2024</a> (09/03/2024)</li></ul></div>"""


def page(inner: str, *, title: str = TITLE) -> bytes:
    """A whole page around what stands in its main column."""
    return (_TOP.format(title=title) + inner + _SIDE).encode()


def article(body: str, *, title: str = TITLE, head: str = "<h2>{title}</h2>", date: str = f'<div class="d1">{DATE}</div>', lead: str = "") -> bytes:
    """A page of an article: title, date line, tools, lead, body, boxes below."""
    crumbs = '<div class="c14"><a href="/">Trang chủ</a> » <a href="/tin">Tin tức</a> » <a href="/tin/nn">Nông nghiệp</a></div>'
    return page(crumbs + head.format(title=title) + date + _TOOLS + lead + body + _BELOW, title=title)


def paragraphs(*texts: str) -> str:
    return '<div class="c15">' + "".join(f"<p>{t}</p>" for t in texts) + "</div>"
