"""How the odd sites print: plain pages of a small office's portal, with articles made up by number."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from html import escape

from crawler.sample.answers import Answer, plain

_OFFICES = ("Sở Y tế", "Sở Giáo dục và Đào tạo", "Uỷ ban nhân dân huyện Đồng Mẫu", "Sở Nội vụ", "Phòng Nông nghiệp huyện Hạ Mẫu", "Uỷ ban nhân dân thị xã Sông Mẫu", "Sở Xây dựng")
_DEEDS = ("kiểm tra công tác phòng, chống thiên tai", "khai giảng lớp tập huấn nghiệp vụ", "nghiệm thu tuyến đường liên xã", "trao quà cho gia đình chính sách", "tổng kết phong trào thi đua", "tiếp nhận hồ sơ trực tuyến", "khánh thành nhà văn hoá thôn", "ra quân trồng cây đầu xuân")
_PLACES = ("xã An Mẫu", "xã Bình Mẫu", "xã Mẫu Sơn Thượng", "phường Bến Mẫu", "xã Hạ Mẫu", "thị trấn Đồng Mẫu", "xã Mẫu Khê", "phường Sông Mẫu", "xã Tân Mẫu")
_SENTENCES = (
    "Theo báo cáo tại buổi làm việc, địa phương đã hoàn thành {n} trong số {m} chỉ tiêu được giao từ đầu năm, tăng so với cùng kỳ năm trước.",
    "Đoàn đã đến thăm {n} hộ dân, ghi nhận các ý kiến về nước sạch, đường giao thông và việc làm, giao cơ quan chuyên môn trả lời trước ngày 25 hằng tháng.",
    "Kinh phí thực hiện khoảng {m} triệu đồng, trong đó ngân sách huyện bố trí một phần, phần còn lại do nhân dân và doanh nghiệp đóng góp.",
    "Phát biểu kết luận, lãnh đạo đơn vị yêu cầu các phòng, ban bám sát kế hoạch, phân công rõ người, rõ việc và báo cáo kết quả đúng hạn.",
    "Tại đây, {m} cán bộ và người dân đã tham gia; ban tổ chức bố trí lực lượng bảo đảm an ninh, trật tự và an toàn giao thông trong suốt thời gian diễn ra.",
    "Thời gian tới, hoạt động này được nhân rộng ra {n} thôn còn lại, ưu tiên những nơi còn nhiều khó khăn và vùng thường bị chia cắt trong mùa mưa.",
)

# Local time, as portals show it.
_NEWEST = datetime.fromisoformat("2020-02-07T08:00:00")


@dataclass(frozen=True)
class Piece:
    """A made-up article: the same number always gives the same one."""

    number: int
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    date: datetime

    @property
    def shown(self) -> str:
        """Its date as portals write it."""
        return f"{self.date:%d/%m/%Y %H:%M}"


@cache
def piece(number: int) -> Piece:
    """The article with this number; no two of the first 500 have the same title."""
    office, deed, place = _OFFICES[number % 7], _DEEDS[number % 8], _PLACES[number % 9]
    told = tuple(_SENTENCES[(number + k) % 6].format(n=number % 37 + 3, m=number * 7 % 211 + 40) for k in range(4))
    date = _NEWEST - timedelta(hours=7 * number, minutes=number % 60)
    return Piece(
        number,
        f"{office} {deed} tại {place}",
        f"Ngày {date.day}/{date.month}, {office} tổ chức {deed} tại {place} với sự tham gia của {number % 37 + 3} đơn vị, tổ chức trên địa bàn.",
        (" ".join(told[:2]), " ".join(told[2:]), f"Đây là lần thứ {number + 1} hoạt động này được tổ chức trong năm./."),
        date,
    )


def page(title: str, main: str, head: str = "", *, menu: Iterable[tuple[str, str]] = (("/", "Trang chủ"),), foot: str = "", charset: str = "utf-8") -> str:
    """A page with a menu above and an imprint below."""
    links = "".join(f'<li><a href="{escape(at)}">{escape(name)}</a></li>' for at, name in menu)
    return f"""<!DOCTYPE html>
<html lang="vi"><head><meta charset="{charset}"><title>{escape(title)}</title>{head}</head>
<body><div class="dau-trang">Cổng thông tin thành phần tỉnh Mẫu</div><ul class="thuc-don">{links}</ul>
<div class="noi-dung">
{main}
</div>
<div class="chan-trang">Cơ quan chủ quản: Uỷ ban nhân dân tỉnh Mẫu. Địa chỉ: Số 1, đường Thí Dụ, thị xã Sông Mẫu.{foot}</div></body></html>
"""


def article(one: Piece, extra: str = "") -> str:
    """The main part of an article's page."""
    body = "\n".join(f"<p>{escape(p)}</p>" for p in one.paragraphs)
    return f"""<div class="bai-viet"><h1>{escape(one.title)}</h1><span class="ngay-dang">{one.shown}</span><p class="tom-tat"><strong>{escape(one.lead)}</strong></p>
{body}
{extra}</div>"""


def rows(pieces: Iterable[tuple[str, Piece]]) -> str:
    """The main part of a list's page: addresses with their articles."""
    items = "\n".join(f'<li><a href="{escape(at)}">{escape(one.title)}</a> <span>{one.date:%d/%m/%Y}</span></li>' for at, one in pieces)
    return f'<ul class="danh-sach">\n{items}\n</ul>'


def gone() -> str:
    """The page for an address that the site does not know."""
    return page("Không tìm thấy trang", "<h1>Không tìm thấy trang</h1><p>Trang bạn yêu cầu không tồn tại hoặc đã bị gỡ bỏ.</p>")


def unknown() -> Answer:
    """What an odd site says to an address that it does not have."""
    return plain(gone().encode(), status="404 Not Found")
