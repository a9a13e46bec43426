"""Megabytes of hostile markup are cleaned within bounds of CPU time and memory, what was left out is named, no word is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile_markup import PAGES, SIZE

from archive.cleaning.clean import clean
from archive.cleaning.simplify import DEEPEST, MOST, excessive, simplified

CHILD = Path(__file__).with_name("hostile_child.py")
# Pages of nothing but links are lists: what stood there are their cuts, shortened.
LISTS = {"links in links", "short links", "skip links", "document links"}
# The bound for 5 MB. The short form has the same for a fifth of it: what grows with the square needs more.
SECONDS = 5
MB = 1_000_000


@pytest.fixture(scope="module", params=[pytest.param(SIZE, marks=pytest.mark.soak), SIZE // 5])
def cleaned(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    ran = subprocess.run([sys.executable, str(CHILD), str(request.param), str(SECONDS)], capture_output=True, text=True, check=True)
    return {found["name"]: found for found in map(json.loads, ran.stdout.splitlines())}


def test_every_page_is_cleaned_in_time(cleaned: dict[str, dict[str, Any]]) -> None:
    assert list(cleaned) == list(PAGES)
    assert [n for n, found in cleaned.items() if "died" in found] == []


def test_memory_is_bounded_by_the_page(cleaned: dict[str, dict[str, Any]]) -> None:
    assert {n: found["memory"] / MB for n, found in cleaned.items() if found["memory"] > 40 * MB + 20 * found["bytes"]} == {}


def test_the_last_words_are_kept(cleaned: dict[str, dict[str, Any]]) -> None:
    assert {n for n, found in cleaned.items() if not found["kept"]} <= LISTS
    assert all("no-article" in cleaned[n]["cuts"] for n in LISTS if not cleaned[n]["kept"])


def test_what_was_too_much_is_named(cleaned: dict[str, dict[str, Any]]) -> None:
    deep = [n for n in PAGES if " in each other" in n or n in ("tables in tables", "lists in lists", "quotes in quotes", "bold in bold")]
    assert [n for n in deep if "depth" not in cleaned[n]["cuts"]] == []
    assert "attributes" in cleaned["200,000 attributes on one element"]["cuts"]


def test_how_much_was_left_out_is_counted() -> None:
    found = clean(f"<body>{'<div>' * 1000}<p>{'Một câu đủ dài để là bài viết. ' * 20}</p></body>".encode(), "https://mau.example/")
    assert [c.text for c in found.cuts if c.rule == "depth"] == [str(1000 - DEEPEST // 2 + 2)]
    assert found.text.startswith("Một câu đủ dài")


def test_behind_the_last_element_there_is_room_for_stand_lines_of_text() -> None:
    lines = [f"Câu thứ {i} của một trang rất dài, có dấu phẩy và dấu chấm." for i in range(MOST)]
    page = "<body>" + "".join(f"<p>{line} <b>Đậm.</b></p>" for line in lines)
    assert excessive(page.encode())
    text, left_out = simplified(page)
    assert left_out == {"size": 2 * MOST + 1 - MOST}
    assert text.count("<p>") == MOST // 2
    found = clean(page.encode(), "https://mau.example/")
    assert found.text.split() == " Đậm. ".join([*lines, ""]).split()
    assert found.text.count("\n") > MOST


def test_a_page_that_is_not_excessive_is_left_alone() -> None:
    assert not excessive(b"<p class='a'>" + b"<b>x</b>" * (MOST - 2) + b"<!-- a -->" * MOST)
    assert not excessive(b'<img src="data:image/png;base64,' + b"QUJD" * 10_000 + b'" alt="">')


def test_an_end_that_is_missing_swallows_no_page() -> None:
    prose = "".join(f"<p>Đoạn {i} của bài viết này đủ dài để được coi là thân bài, có dấu phẩy, và kết thúc bằng dấu chấm.</p>" for i in range(4))
    for tag in ("button", "select", "svg"):
        assert clean(f"<body><{tag}>Menu<div>{prose}</div></body>".encode(), "https://mau.example/").text.count("Đoạn") == 4, tag
    assert "Menu" not in clean(f"<body><button>Menu</button><div>{prose}</div></body>".encode(), "https://mau.example/").text
