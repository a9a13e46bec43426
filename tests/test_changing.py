"""How often pages change, and when they are asked again: for any history, and against processes whose rate is known."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.changing import DAY, LATEST, MISSING, PRIOR, SOONEST, Sighting, Watched, after, last_modified, rate, wait

BEGIN = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
URL = "https://tinh-mau.example/tin/1"
HOUR = 3600.0


def at(seconds):
    return BEGIN + timedelta(seconds=seconds)


kinds = st.sampled_from(["page", "document", "requisite"])
sightings = st.lists(
    st.tuples(
        st.floats(60, 100 * DAY), st.sampled_from([200, 200, 200, 301, 404, 410, 503, None]), st.sampled_from("abc"),
        st.none() | st.floats(-10 * DAY, 1000 * DAY),
    ),
    max_size=40,
)  # fmt: skip


def history(steps, kind="page"):
    now, known, states = 0.0, None, []
    for gap, status, mark, age in steps:
        now += gap
        dated = at(now - age) if age is not None else None
        told = mark if status in (200, 301) else None
        known = after(known, URL, kind, Sighting(at(now), status, told, dated))
        states.append((now, status, known))
    return states


@given(sightings, kinds)
def test_whatever_was_seen_it_is_asked_again_and_neither_at_once_nor_never(steps, kind):
    for now, _, known in history(steps, kind):
        pause = (known.due - at(now)).total_seconds()
        assert SOONEST - 1 <= pause <= LATEST + 1
        assert 0 <= known.changes <= max(known.seen - 1, 0)
        assert known.quiet >= 0


@given(sightings)
def test_gone_is_only_what_was_missing_at_two_times_and_nothing_else_since(steps):
    for number, (now, _, known) in enumerate(history(steps)):
        told = [(t, s) for t, s, _ in history(steps)[: number + 1] if s in (200, 301, 404, 410)]
        missing = []
        for t, s in reversed(told):
            if s not in (404, 410):
                break
            missing.append(t)
        assert known.gone == bool(missing and max(missing) - min(missing) >= MISSING / 2), now
        assert known.missing == (at(min(missing)) if missing else None)


@given(sightings, st.integers(0, 30))
def test_what_cannot_be_reached_changes_nothing_that_is_known(steps, times):
    states = history(steps)
    known = states[-1][2] if states else None
    now = states[-1][0] if states else 0.0
    for number in range(times):
        now += HOUR
        fresh = after(known, URL, "page", Sighting(at(now), None))
        base = known or Watched(at(now))
        assert (fresh.seen, fresh.changes, fresh.quiet, fresh.mark, fresh.misses, fresh.missing) == (
            base.seen, base.changes, base.quiet, base.mark, base.misses, base.missing
        )  # fmt: skip
        assert fresh.failures == base.failures + 1
        assert (fresh.due - at(now)).total_seconds() <= 7 * DAY, f"over days, but not for ever ({number})"
        known = fresh


@given(st.lists(st.floats(HOUR, 30 * DAY), min_size=1, max_size=30), kinds)
def test_what_never_changes_is_asked_ever_more_rarely(gaps, kind):
    now, known, waits = 0.0, after(None, URL, kind, Sighting(BEGIN, 200, "a")), []
    for gap in gaps:
        now += gap
        known = after(known, URL, kind, Sighting(at(now), 200, "a"))
        waits.append(wait(known, URL, kind))
    assert waits == sorted(waits)


@given(st.floats(0, 3000 * DAY), st.floats(0, 3000 * DAY))
def test_the_older_an_article_is_the_more_rarely_it_is_asked(one, other):
    first = [wait(after(None, URL, "page", Sighting(BEGIN, 200, "a", at(-age))), URL, "page") for age in sorted((one, other))]
    assert first == sorted(first)


@pytest.mark.parametrize("per_day", [0.02, 0.1, 1.0])
@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
def test_the_rate_of_a_poisson_process_is_found(per_day, dated):
    """Accesses at irregular times, on average four in the time between two changes; 2,000 of them."""
    dice = random.Random(20261125)
    now, known, changed, state = 0.0, None, 0.0, 0
    following = dice.expovariate(per_day) * DAY
    for _ in range(2000):
        now += dice.expovariate(4 * per_day) * DAY
        while following <= now:
            changed, state = following, state + 1
            following += dice.expovariate(per_day) * DAY
        known = after(known, URL, "page", Sighting(at(now), 200, str(state), at(changed) if dated else None))
    assert rate(known, "page") * DAY == pytest.approx(per_day, rel=0.15 if dated else 0.25)


def test_a_page_that_changes_with_every_hour_is_asked_every_hour_and_an_old_article_once_in_a_season():
    known = None
    for hour in range(96):
        known = after(known, URL, "page", Sighting(at(hour * HOUR), 200, str(hour)))
    assert wait(known, URL, "page") <= HOUR
    old = after(None, URL, "page", Sighting(BEGIN, 200, "a", at(-3 * 365 * DAY)))
    assert wait(old, URL, "page") == LATEST


def test_what_was_first_met_together_is_not_due_together():
    waits = [wait(after(None, f"{URL}{n}", "page", Sighting(BEGIN, 200, "a")), f"{URL}{n}", "page") for n in range(2000)]
    assert max(waits) / min(waits) == pytest.approx(1.5, rel=0.02)
    assert sum(w < 2 * DAY for w in waits) == 0
    assert PRIOR["page"] == 7 * DAY


def test_a_vanished_page_is_a_fact_with_a_date_and_comes_back():
    known = after(None, URL, "page", Sighting(BEGIN, 200, "a"))
    known = after(known, URL, "page", Sighting(at(10 * DAY), 404))
    assert (known.gone, known.missing) == (False, at(10 * DAY))
    assert (known.due - at(10 * DAY)).total_seconds() == MISSING, "asked once more, soon"
    known = after(known, URL, "page", Sighting(at(11 * DAY), 410))
    assert (known.gone, known.missing) == (True, at(10 * DAY))
    assert (known.due - at(11 * DAY)).total_seconds() == LATEST, "and then rarely"
    known = after(known, URL, "page", Sighting(at(101 * DAY), 200, "a"))
    assert (known.gone, known.missing, known.changes) == (False, None, 0)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"HTTP/1.1 200 OK\r\nLast-Modified: Tue, 24 Nov 2026 01:00:00 GMT\r\n\r\n", datetime(2026, 11, 24, 1, tzinfo=UTC)),
        (b"HTTP/1.1 200 OK\r\nlast-modified:Tue, 24 Nov 2026 08:00:00 +0700\r\n\r\n", datetime(2026, 11, 24, 1, tzinfo=UTC)),
        (b"HTTP/1.1 200 OK\r\nLast-Modified: hom qua\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nLast-Modified: Tue, 99 Nov 9999999 01:00:00 GMT\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\n\r\nLast-Modified: Tue, 24 Nov 2026 01:00:00 GMT\r\n\r\n", None),
        (b"Last-Modified", None), (b"", None),
    ],
)  # fmt: skip
def test_what_an_answer_says_of_its_page(head, told):
    assert last_modified(head) == told


@given(st.binary(max_size=300))
def test_any_bytes_say_a_date_or_nothing(block):
    last_modified(b"HTTP/1.1 200 OK\r\nLast-Modified: " + block + b"\r\n\r\n")
