from __future__ import annotations

import pytest

from archive.cleaning.people import like_name, named_source, names


@pytest.mark.parametrize(("line", "people"), [
    ("Bích Diệp", ["Bích Diệp"]),
    ("Hà Thu (tổng hợp)", ["Hà Thu"]),
    ("Tác giả: Trần Thị Thí Dụ", ["Trần Thị Thí Dụ"]),
    ("Tin, ảnh: Lê Văn Mẫu - Hoàng Mẫu", ["Lê Văn Mẫu", "Hoàng Mẫu"]),
    ("admin", []), ("admin admin", []), ("Administrator", []), ("Quản trị viên", []),
    ("By Jane Doe and John Roe", ["Jane Doe", "John Roe"]),
])  # fmt: skip
def test_names(line: str, people: list[str]) -> None:
    assert names(line) == people


@pytest.mark.parametrize(("line", "source"), [
    ("Theo TTXVN", "TTXVN"), ("(Theo Báo Nhân Dân)", "Báo Nhân Dân"), ("Nguồn: baomau.example", "baomau.example"), ("Nguồn tin: TTXVN", "TTXVN"),
    ("Theo báo cáo tại phiên họp, thu ngân sách đạt 104% dự toán.", None), ("Bích Diệp", None),
])  # fmt: skip
def test_sources(line: str, source: str | None) -> None:
    assert named_source(line) == source


@pytest.mark.parametrize("line", ["Đoạn cuối của bài", "Năm 2019", "HỘI NGHỊ", "Bích", "Quang cảnh Hội nghị", "Kết luận Hội nghị."])
def test_what_is_no_name(line: str) -> None:
    assert not like_name(line)
