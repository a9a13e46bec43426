"""Folding: what a person types finds what a portal wrote."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.store.fold import evened, fold


def test_marks_and_the_d_with_a_stroke_fall_away():
    assert fold("Đại hội Đảng bộ tỉnh Thừa Thiên Huế") == "dai hoi dang bo tinh thua thien hue"


@pytest.mark.parametrize(
    ("old", "new"),
    [("hòa", "hoà"), ("ủy", "uỷ"), ("THÚY", "thuý"), ("khỏe", "khoẻ"), ("Hòa Bình, hóa đơn", "hoà bình, hoá đơn")],
)
def test_both_ways_of_placing_the_tone_are_one(old, new):
    assert evened(old) == evened(new) == new


@pytest.mark.parametrize("word", ["quý", "hoàn", "thuyền", "hoa", "mía", "của", "toán"])
def test_other_words_keep_their_tone_where_it_is(word):
    assert evened(word) == word


@given(st.text(alphabet="aăâbdđeêoôơuưyhkqnghtÁÀẢÃẠộệỹ ỦỲ", max_size=40))
def test_composed_and_decomposed_text_fold_alike(text):
    apart = normalize("NFD", text)
    assert fold(apart) == fold(text)
    assert fold(fold(text)) == fold(text)
    assert evened(apart) == evened(text)
    assert fold(evened(text)) == fold(text)
