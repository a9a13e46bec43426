"""What all sites share besides the news: the logo, the script, and the province's address."""
# ruff: noqa: E501 - markup and prose read best unwrapped

from __future__ import annotations

from base64 import b64decode

# A PNG of 32 by 32 pixels: a yellow star on dark red.
LOGO = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQMAAABJtOi3AAAABlBMVEWMHBP/0j+QWVHTAAAAT0lEQVR42oXKsQ2AIBQG4fOHRMdgDDt1M0djE19B5QiG8CwI"
    "pfGqrzj47kQdU+4SYigmmN1NFUwNcoDtELkhrI4vxSHfiTwFsd4Elsv57wVmoBJw2YHVMQAAAABJRU5ErkJggg=="
)
SCRIPT = b'document.documentElement.className += " js";\n'

PORTAL = "Cổng Thông tin điện tử tỉnh Mẫu"
ADDRESS = "Địa chỉ: Số 1, đường Thí Dụ, thị xã Sông Mẫu, tỉnh Mẫu"
PHONE = "Điện thoại: (0200) 3000 000 - Thư điện tử: banbientap@tinh-mau.example"
LICENCE = "Ghi rõ nguồn “Cổng Thông tin điện tử tỉnh Mẫu” khi phát hành lại thông tin từ trang này."
ABOUT = (
    "Tỉnh Mẫu là một tỉnh tưởng tượng, gồm thị xã Sông Mẫu và tám huyện; diện tích tự nhiên 4.200 km², dân số khoảng 512.000 người.",
    "Cổng Thông tin điện tử tỉnh Mẫu là trang thử đi kèm chương trình Tàng Thư, dùng để thu thập thử trên chính máy của người dùng; mọi địa danh, tên người và số liệu ở đây đều được đặt ra, trừ bài về hội nghị tổng kết công tác thông tin đối ngoại.",
)
