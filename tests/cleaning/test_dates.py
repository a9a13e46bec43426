from __future__ import annotations

from pathlib import Path

import pytest

from archive.cleaning.dates import only_date, read_date

FORMS = Path(__file__).resolve().parents[3] / "shared" / "eval" / "dates.tsv"
OWN = [
    ("Thứ 6, 07/02/2020 - 15:20", "2020-02-07T15:20:00+07:00"),
    ("Đăng ngày 10-01-2026", "2026-01-10"),
    ("10/01/2026 08:15", "2026-01-10T08:15:00+07:00"),
    ("Ngày đăng: 7 tháng Mười hai năm 2020 lúc 9h05", "2020-12-07T09:05:00+07:00"),
    ("2020-02-09T18:30:00Z", "2020-02-10T01:30:00+07:00"),
    ("2020-02-10T01:30:00-05:00", "2020-02-10T13:30:00+07:00"),
    ("31/02/2020, 01/03/2020", "2020-03-01"),
    ("10/02/2020 99:99", "2020-02-10"),
    ("Quyết định số 12/QĐ-UBND", None),
    ("12/2026/QĐ-UBND", None),
    ("Điện thoại: 024.3512.3536", None),
    ("Hội nghị năm 2019", None),
    ("2020-13-45T99:00:00", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "moment"), OWN)
def test_own_forms(text: str, moment: str | None) -> None:
    assert read_date(text) == moment


@pytest.mark.skipif(not FORMS.exists(), reason="../shared/eval is not here")
def test_every_form_seen_on_vietnamese_pages() -> None:
    rows = [line.split("\t") for line in FORMS.read_text("utf-8").splitlines()[1:]]
    assert len(rows) > 40
    for form, day, clock in rows:
        read = read_date(form.replace("\\u00a0", "\u00a0")) or ""
        assert read[:16] == (day if clock == "-" else f"{day}T{clock}"), form


@pytest.mark.parametrize("line", [
    "Thứ Sáu, 07/02/2020 | Lượt xem: 583", "Ngày đăng 18/03/2019 | 03:54 PM | View count: 583", "(Cập nhật ngày 10/02/2020)",
])  # fmt: skip
def test_a_date_line_is_only_a_date(line: str) -> None:
    assert only_date(line)


@pytest.mark.parametrize("line", [
    "Ngày 7/2/2020, Ban Chỉ đạo tổ chức Hội nghị", "Giấy phép số 01/GP-TTĐT ngày 15/04/2015", "Bài khác 05/01/2026",
])  # fmt: skip
def test_a_sentence_with_a_date_is_no_date_line(line: str) -> None:
    assert only_date(line) is None
