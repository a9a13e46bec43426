"""The document this product began with, on two platforms and as the flattened text that survived of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.cleaning.clean import clean
from archive.cleaning.flat import clean_text

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT.parent / "shared" / "seed"
GOLDEN = ROOT / "tests" / "golden"
needs_seed = pytest.mark.skipif(not SEED.exists(), reason="../shared/seed is not here")


@pytest.fixture
def expected() -> dict[str, Any]:
    made: dict[str, Any] = json.loads((SEED / "article.expected.json").read_text("utf-8"))
    return made


@needs_seed
@pytest.mark.parametrize("portal", ["mau-drupal", "mau-sharepoint"])
def test_seed_article_on_a_platform(portal: str, expected: dict[str, Any]) -> None:
    folder = GOLDEN / portal / "2020-02-07"
    source = json.loads((folder / "source.json").read_text("utf-8"))
    article = clean((folder / "page.html").read_bytes(), source["url"], charset=source["charset"])
    for name in ("title", "lead", "text", "authors", "language", "published", "source"):
        assert getattr(article, name) == expected[name], name
    assert [image.caption for image in article.images] == expected["captions"]
    assert set(expected["cuts"]) <= {cut.text for cut in article.cuts}


@needs_seed
def test_seed_as_flattened_text(expected: dict[str, Any]) -> None:
    article = clean_text((SEED / "000_c7f7e1b88b908df4.txt").read_text("utf-8"))
    for name in ("title", "lead", "text", "authors", "language", "source"):
        assert getattr(article, name) == expected[name], name
    assert [image.caption for image in article.images] == expected["captions"]
    assert [c.text for c in article.cuts if c.rule == "skip-link"] == expected["cuts"]
    assert article.published is None  # the lead's "Ngày 7/2/2020" is the event's day


def test_a_subheading_of_flattened_text_stays_in_the_text() -> None:
    article = clean_text("Tên bài\n\nĐoạn dẫn của bài.\n\nKết quả nổi bật\n\nĐoạn thân bài.")
    assert article.text == "Đoạn dẫn của bài.\n\nKết quả nổi bật\n\nĐoạn thân bài."
    assert article.images == []


@pytest.mark.parametrize("text", ["", "\n\n", "Skip to main content", "Một dòng", "\u200b\x00"])
def test_next_to_nothing_is_cleaned_too(text: str) -> None:
    clean_text(text)
