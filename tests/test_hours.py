"""Opening hours, over midnight and at their edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.hours import VIETNAM, Hours

minutes = st.integers(0, 24 * 60 - 1)


@given(minutes, minutes, st.integers(0, 60 * 366 * 24 * 3600))
def test_the_next_opening_is_open_and_nothing_before_it_is(begin, end, seconds):
    if begin == end:
        return
    hours = Hours(begin, end)
    at = datetime(2000, 1, 1, tzinfo=VIETNAM) + timedelta(seconds=seconds)
    opens = hours.opens(at)
    assert hours.open(opens)
    assert at <= opens < at + timedelta(days=1)
    if opens > at:
        assert not hours.open(opens - timedelta(seconds=1))
        assert not hours.open(at + (opens - at) / 2)


@pytest.mark.parametrize(
    ("text", "hour", "is_open"),
    [("20:00-06:00", 19, False), ("20:00-06:00", 20, True), ("20:00-06:00", 5, True), ("20:00-06:00", 6, False), ("00:00-24:00", 12, None), ("08:00-17:30", 17, True)],
)  # fmt: skip
def test_hours_are_vietnams(text, hour, is_open):
    if is_open is None:
        with pytest.raises(ValueError, match="00:00"):
            Hours.of(text)
        return
    hours = Hours.of(text)
    assert str(hours) == text
    assert hours.open(datetime(2026, 11, 25, hour, tzinfo=VIETNAM).astimezone(UTC)) is is_open
