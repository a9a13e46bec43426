"""Times as addresses and WARC heads write them: written and read back, and read alike by the quick way and the slow one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive import urls
from archive.urls import digits14, parse_time, parse_warc_date, warc_date

MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-3, minutes=-30))]))


@given(MOMENTS.filter(lambda at: 2 < at.year < 9999))
@example(datetime(12, 1, 2, 3, 4, 5, 6, tzinfo=UTC))
def test_moments_come_back(at):
    assert parse_warc_date(warc_date(at)) == at
    assert parse_time(digits14(at)) == at.replace(microsecond=0)
    assert len(digits14(at)) == 14


@given(st.from_regex(r"\d{4}[-W][\dW]{2}-\d{1,2}T\d\d:\d\d:\d\d[.,]\d{5,7}Z?", fullmatch=True) | MOMENTS.map(str))
@example("2026-W01-1T08:15:00.123456Z")
@example("2026-02-30T08:15:00.123456Z")
def test_dates_are_read_alike_however_they_are_read(text):
    def read():
        try:
            return parse_warc_date(text)
        except ValueError:
            return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urls, "_OUR_DATE", urls.re.compile("(?!)"))
        slowly = read()
    assert read() == slowly


@pytest.mark.parametrize("text", ["20260230000000", "20260110246000", "2026011", "٢٠٢٦", "", "x"])
def test_what_names_no_moment_is_refused(text):
    with pytest.raises(ValueError):
        parse_time(text)
