"""Fingerprints are a set: whatever was put away is known again, and a million are small."""

from __future__ import annotations

import random
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from crawler import fingerprints
from crawler.fingerprints import Fingerprints

MARKS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-3, 600))


@given(st.lists(MARKS), st.lists(MARKS), st.integers(1, 20))
def test_they_are_a_set(marks, others, young):
    former, fingerprints.YOUNG = fingerprints.YOUNG, young
    try:
        made, seen = Fingerprints(), set()
        for mark in marks:
            assert made.add(mark) is (mark not in seen)
            seen.add(mark)
        assert [mark in made for mark in marks + others] == [mark in seen for mark in marks + others]
    finally:
        fingerprints.YOUNG = former


def test_many_are_small():
    dice, number = random.Random(20261125), 300_000
    tracemalloc.start()
    try:
        made = Fingerprints(dice.getrandbits(64) - 2**63 for _ in range(number))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made
    # 8 bytes each, and what is not put away yet.
    assert size < 8 * number + 80 * fingerprints.YOUNG
