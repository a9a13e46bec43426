"""Budgets of address patterns: what brings nothing pays, what brings something pays back, and a killed run goes on as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.spiders.budgets import FRUITLESS, TOGETHER, Budgets, patterns, shape_of

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
    whole, rows, texts = Budgets(), {}, []
    answers = []
    for number, (form, value, fruitful) in enumerate(visits):
        if number == at:
            whole = Budgets(dict(rows), list(texts))
        url = HOST + form % value
        answers.append(whole.refused(url))
        if whole.is_new(value):
            texts.append(value)
        rows.update(whole.pay(url, fruitful=fruitful))
    straight = Budgets()
    for (form, value, fruitful), answer in zip(visits, answers, strict=True):
        url = HOST + form % value
        assert straight.refused(url) == answer
        straight.is_new(value)
        straight.pay(url, fruitful=fruitful)


@given(VISITS)
def test_no_pattern_spends_more_than_it_may_nor_less_than_nothing(visits):
    budgets, rows = Budgets(), {}
    for form, value, fruitful in visits:
        rows.update(budgets.pay(HOST + form % value, fruitful=fruitful))
    assert all(0 <= spent <= FRUITLESS * TOGETHER for spent in rows.values())
