"""Forms of dates: those seen on Vietnamese pages (../shared/eval/dates.tsv) and our own, which are more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.cleaning.dates import date_line, only_date, read_attribute, read_date

FORMS = Path(__file__).resolve().parents[3] / "shared" / "eval" / "dates.tsv"
OWN = Path(__file__).parent / "data" / "dates.tsv"


def rows(path: Path) -> list[tuple[str, ...]]:
    """The lines of a table, the escapes in its first column resolved."""
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    return [(json.loads(f'"{form}"'.replace('"\\"', '"')), *rest) for form, *rest in lines]


@pytest.mark.parametrize(("form", "moment"), rows(OWN))
def test_own_forms(form: str, moment: str) -> None:
    assert (read_date(form) or "") == moment


def test_own_forms_are_more_than_those_that_were_seen() -> None:
    own = [moment for _, moment in rows(OWN) if moment]
    assert len(own) >= 84
    assert sum("T" in moment for moment in own) >= 46


@pytest.mark.skipif(not FORMS.exists(), reason="../shared/eval is not here")
def test_every_form_seen_on_vietnamese_pages() -> None:
    seen = rows(FORMS)
    assert len(seen) == 42
    for form, day, clock in seen:
        read = read_date(form) or ""
        assert read[:16] == (day if clock == "-" else f"{day}T{clock}"), form
        assert read[16:] in ("", ":00+07:00", ":30+07:00"), form


@pytest.mark.parametrize("form", [form for form, moment in rows(OWN) if moment and "ngày 07 tháng 02 năm 2020" not in form and "31/02" not in form
                                  and "99:99" not in form and "24:30" not in form])  # fmt: skip
def test_own_forms_are_date_lines(form: str) -> None:
    assert only_date(form) == read_date(form)


@pytest.mark.parametrize(("value", "moment"), [
    ("1581297300", "2020-02-10T08:15:00+07:00"), ("1581297300000", "2020-02-10T08:15:00+07:00"), ("20200210", "2020-02-10"),
    ("20200210T011500Z", "2020-02-10T08:15:00+07:00"), ("20200210T0815", "2020-02-10T08:15:00+07:00"), ("2020-02-10T01:15:00Z", "2020-02-10T08:15:00+07:00"),
    ("0", None), ("0000000000", None), ("99999999999999", None), ("20201345", None), ("202002", None), ("0206385221", None), ("", None),
])  # fmt: skip
def test_attributes_may_hold_epochs_and_compact_dates(value: str, moment: str | None) -> None:
    assert read_attribute(value) == moment


def test_text_holds_no_epochs() -> None:
    assert read_date("1581297300") is None


@pytest.mark.parametrize("line", [
    "Thứ Sáu, 07/02/2020 | Lượt xem: 583", "Ngày đăng 18/03/2019 | 03:54 PM | View count: 583", "(Cập nhật ngày 10/02/2020)",
    "10/02/2020 08:15 | 583 lượt xem | 0 bình luận", "10/02/2020 08:15 In bài viết Gửi email A A+ A-", "Đã xem: 583 - 10/02/2020",
])  # fmt: skip
def test_a_date_line_is_only_a_date(line: str) -> None:
    assert only_date(line)
    assert date_line(line)


@pytest.mark.parametrize("line", [
    "Tác giả: Trần Thị Thí Dụ | 10/02/2020 08:15", "Tin tức - 10/02/2020 08:15", "10/02/2020 08:15 | Theo TTXVN", "Ngày đăng: 10/02/2020 • Đăng bởi: Mẫu",
])  # fmt: skip
def test_a_date_may_have_a_part_of_its_line(line: str) -> None:
    assert only_date(line) is None
    assert [s.moment[:10] for s in date_line(line)] == ["2020-02-10"]


@pytest.mark.parametrize("line", [
    "Ngày 7/2/2020, Ban Chỉ đạo tổ chức Hội nghị", "Giấy phép số 01/GP-TTĐT ngày 15/04/2015", "Bài khác 05/01/2026", "Hôm nay: Thứ Tư, 25/11/2026",
    "Thời gian tổ chức: 08:00 ngày 10/02/2020", "Ngày ban hành: 10/02/2020", "Ngày hiệu lực: 10/02/2020", "Hạn nộp: 17h00 ngày 10/02/2020",
    "Từ ngày 10/02/2020 đến ngày 15/02/2020", "Ngày sinh: 10/02/1990", "© 10/02/2020", "Cao Bằng, ngày 07 tháng 02 năm 2020",
    "Thời gian: 8h00, ngày 10/02/2020", "Ngày họp: 10/02/2020", "Kế hoạch số 12/KH-UBND ngày 10/02/2020",
])  # fmt: skip
def test_a_line_that_tells_another_date_is_no_date_line(line: str) -> None:
    assert only_date(line) is None
    assert date_line(line) == []


def test_labels_tell_published_from_modified() -> None:
    line = "Ngày đăng: 08:15 10/02/2020 - Cập nhật lần cuối: 09:00 11/02/2020 - Lượt xem: 5"
    assert [(s.label, s.moment[:16]) for s in date_line(line)] == [("published", "2020-02-10T08:15"), ("modified", "2020-02-11T09:00")]


@given(st.text(alphabet=st.sampled_from("0123456789/-.:, hgTZ+ngàythánămSACH()|"), max_size=60))
def test_any_text_has_a_date_or_none(text: str) -> None:
    moment = read_date(text)
    assert moment is None or moment[:2] in ("19", "20")
    assert only_date(text) in (None, moment)
