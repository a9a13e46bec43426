"""Budgets of address patterns: what brings nothing pays, what brings something pays back, and a killed run goes on as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.spiders.budgets import AGAIN, FRUITLESS, PIECES, TOGETHER, TRUSTED, Budgets, patterns, shape_of

HOST = "http://tinh-mau.example"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/lich/2031/03/05", "/lich/2032/11/30"),
        ("/cong-nghe/en/vi/en", "/cong-nghe/vi/en/vi/en/vi"),
        ("/tin/bai-mot.html", "/tin/bai-hai.html"),
        ("/a/0123456789abcdef", "/a/fedcba9876543210"),
        ("/lich?thang=3&nam=2031", "/lich?nam=2032&thang=4"),
        ("/x?f[0]=a", "/x?f[1]=b"),
    ],
)
def test_one_pattern(one, other):
    assert patterns(HOST + one) == patterns(HOST + other)


@pytest.mark.parametrize(("one", "other"), [("/tin", "/lich"), ("/tin/a", "/tin/5"), ("/tin?a=1", "/tin?b=1"), ("/tin/a.html", "/tin/a.pdf")])
def test_not_one_pattern(one, other):
    assert patterns(HOST + one)[0] != patterns(HOST + other)[0]


def test_a_calendar_ends_and_its_neighbours_go_on():
    budgets = Budgets()
    for day in range(FRUITLESS):
        assert budgets.refused(f"{HOST}/lich/{day}") == ""
        budgets.pay(f"{HOST}/lich/{day}", fruitful=False)
    assert "brought nothing new" in budgets.refused(f"{HOST}/lich/99")
    assert budgets.refused(f"{HOST}/tin/99") == ""
    budgets.pay(f"{HOST}/lich/5", fruitful=True)
    assert budgets.refused(f"{HOST}/lich/99") == "", "a good page pays back"


def test_facets_have_a_budget_together():
    budgets, asked = Budgets(), 0
    for number in range(1000):
        url = f"{HOST}/du-lieu?" + "&".join(f"{name}=x" for bit, name in enumerate(("tags", "groups", "org", "dang", "gioi-han")) if number >> bit & 1)
        if not budgets.refused(url):
            asked += 1
            budgets.pay(url, fruitful=False)
    assert asked <= FRUITLESS * (TOGETHER + 1)


def test_any_words_are_one_budget_below_a_folder():
    assert shape_of(f"{HOST}/tin/a/b/c/d") == shape_of(f"{HOST}/tin/x/y")


VISITS = st.lists(st.tuples(st.sampled_from(["/lich/%d", "/tin/%d", "/x?a=%d", "/x?a=1&b=%d"]), st.integers(0, 99), st.booleans()), max_size=120)


@given(VISITS, st.integers(0, 120))
def test_a_run_that_was_killed_goes_on_as_it_was(visits, at):
    """What the archive has (the rows as they were written) makes the same budgets again."""
    whole, rows, texts, pieces = Budgets(), {}, [], []
    answers = []
    for number, (form, value, fruitful) in enumerate(visits):
        if number == at:
            whole = Budgets(dict(rows), list(texts), list(pieces))
        url = HOST + form % value
        answers.append(whole.refused(url))
        if whole.is_new(value):
            texts.append(value)
        pieces += (fresh := whole.fresh(range(value, value + 2 * PIECES)))
        answers.append(fresh)
        rows.update(whole.pay(url, fruitful=fruitful))
    straight = Budgets()
    for (form, value, fruitful), answer in zip(visits, zip(answers[::2], answers[1::2], strict=True), strict=True):
        url = HOST + form % value
        assert (straight.refused(url), straight.fresh(range(value, value + 2 * PIECES))) == answer
        straight.is_new(value)
        straight.pay(url, fruitful=fruitful)


@given(VISITS)
def test_no_pattern_spends_more_than_it_may_nor_less_than_nothing(visits):
    budgets, rows = Budgets(), {}
    for form, value, fruitful in visits:
        rows.update(budgets.pay(HOST + form % value, fruitful=fruitful))
    assert all(0 <= spent <= FRUITLESS * TOGETHER for spent in rows.values())


def test_no_more_of_a_pattern_are_under_way_than_it_may_still_spend():
    budgets, trap = Budgets(), [f"{HOST}/lich/{day}" for day in range(2 * FRUITLESS)]
    assert [budgets.begin(url) for url in trap] == [True] * FRUITLESS + [False] * FRUITLESS
    assert budgets.begin(f"{HOST}/tin/1"), "another pattern goes on"
    budgets.end(trap[0])
    budgets.pay(trap[0], fruitful=False)
    assert not budgets.begin(trap[-1])
    budgets.end(trap[1])
    budgets.pay(trap[1], fruitful=True)
    assert [budgets.begin(url) for url in trap[-4:]] == [True] * 3 + [False], "what it paid back, its own place, and one for having been good"


def test_a_pattern_that_has_brought_much_need_not_wait():
    budgets = Budgets()
    for number in range(2 * TRUSTED):
        budgets.pay(f"{HOST}/tin/{number}", fruitful=True)
    assert sum(budgets.begin(f"{HOST}/tin/{number}") for number in range(1000)) == FRUITLESS + TRUSTED


@given(st.lists(st.tuples(st.sampled_from(["/lich/%d", "/x?a=%d", "/x?b=%d"]), st.integers(0, 99)), max_size=200), st.integers(1, 40))
def test_asked_for_many_at_a_time_a_trap_costs_its_budget_and_no_more(links, at_once):
    budgets, under_way, asked = Budgets(), [], 0
    for form, value in links:
        url = HOST + form % value
        while not budgets.refused(url) and not budgets.begin(url):
            budgets.end(done := under_way.pop(0))
            budgets.pay(done, fruitful=False)
        if budgets.refused(url):
            continue
        asked += 1
        under_way.append(url)
        if len(under_way) >= at_once:
            budgets.end(done := under_way.pop(0))
            budgets.pay(done, fruitful=False)
    assert asked <= FRUITLESS * (1 + TOGETHER)


def test_what_had_spent_all_in_the_run_before_may_try_a_few():
    url = f"{HOST}/lich/7"
    budgets = Budgets(former={patterns(url)[0][0]: FRUITLESS, patterns(f"{HOST}/tin/7")[0][0]: FRUITLESS - 1})
    for _ in range(AGAIN):
        assert not budgets.refused(url)
        budgets.pay(url, fruitful=False)
    assert budgets.refused(url)
    assert budgets.begin(f"{HOST}/tin/7")
    assert budgets.pay(f"{HOST}/tin/7", fruitful=False) == {patterns(f"{HOST}/tin/7")[0][0]: 1}
