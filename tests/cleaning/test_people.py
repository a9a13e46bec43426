"""Lines of credits: who wrote, where it is from, who is nobody, and what only looks like a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.cleaning.people import credit, like_name, named_source, names

ROWS = [line.split("\t") for line in (Path(__file__).parent / "data" / "credits.tsv").read_text("utf-8").splitlines()[1:]]


@pytest.mark.parametrize(("line", "apart", "rule", "authors", "source"), ROWS)
def test_lines_of_credits(line: str, apart: str, rule: str, authors: str, source: str) -> None:
    read = credit(line, set_apart=bool(apart))
    found = (read.rule, read.authors, read.source) if read else ("", [], None)
    assert found == (rule, [a for a in authors.split(";") if a], source or None)


@pytest.mark.parametrize(("line", "people"), [
    ("Bích Diệp", ["Bích Diệp"]), ("Tác giả: Bích Diệp - Nguồn: TTXVN", ["Bích Diệp"]), ("  Bích\u00a0Diệp ", ["Bích Diệp"]),
    ("Tác giả: Trung tâm Truyền thông huyện", ["Trung tâm Truyền thông huyện"]), ("Bích Diệp (TTXVN)", ["Bích Diệp (TTXVN)"]), ("jdadmin", []), ("nguyenvana01", []),
    ("By Jane Doe, John Roe", ["Jane Doe", "John Roe"]), ("x" * 400, []), ("", []), ("Bích Diệp, Bích Diệp", ["Bích Diệp"]), ("PV", []), ("Test Test", []),
])  # fmt: skip
def test_names_in_an_element_that_is_a_byline(line: str, people: list[str]) -> None:
    assert names(line) == people


def test_a_name_in_another_normal_form_is_the_same() -> None:
    assert names("Bi\u0301ch Die\u0323\u0302p") == ["Bích Diệp"]


@given(st.text(alphabet=st.sampled_from("Tácgiả:- ,/()BíchDệpảnhNguồnTheo.|;&+1"), max_size=80))
def test_any_line_is_a_credit_or_none(line: str) -> None:
    read = credit(line)
    assert read is None or all(name.strip() == name and name for name in read.authors)
    named_source(line)
    like_name(line, set_apart=True)
