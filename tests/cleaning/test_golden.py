"""Every golden page gives, field by field, the article that a person has checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.cleaning.clean import clean
from archive.cleaning.parse import parse
from archive.cleaning.rules import PLAIN, platforms, recognise

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FIELDS = ("title", "lead", "text", "html", "authors", "source", "published", "modified", "section", "tags", "language",
          "images", "attachments", "document", "cuts")  # fmt: skip


def pages() -> list[str]:
    return [str(p.parent.relative_to(GOLDEN)) for p in sorted(GOLDEN.glob("*/*/article.json"))]


def cleaned(page: str) -> dict[str, Any]:
    source = json.loads((GOLDEN / page / "source.json").read_text("utf-8"))
    article = clean((GOLDEN / page / "page.html").read_bytes(), source["url"], charset=source["charset"])
    return article.to_dict()


def only(wanted: Any, found: Any) -> Any:
    """What was found, without what only the archive knows, and places, which have tests of their own."""
    if isinstance(found, list):
        return [{k: v for k, v in f.items() if k not in ("capture", "sha256", "place")} if isinstance(f, dict) else f for f in found]
    return found


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("page", pages())
def test_golden(page: str, field: str) -> None:
    wanted = json.loads((GOLDEN / page / "article.json").read_text("utf-8"))
    if field in wanted or field == "document":  # most pages leave out `html` and `cuts`, and name in source.json what must not stand in the text
        assert only(wanted.get(field), cleaned(page)[field]) == wanted.get(field)


@pytest.mark.parametrize("page", pages())
def test_platform(page: str) -> None:
    wanted = json.loads((GOLDEN / page / "article.json").read_text("utf-8"))
    assert cleaned(page)["cleaner"]["platform"] == wanted["cleaner"]["platform"]


@pytest.mark.parametrize("page", pages())
def test_no_other_platform_comes_near(page: str) -> None:
    source = json.loads((GOLDEN / page / "source.json").read_text("utf-8"))
    parsed = parse((GOLDEN / page / "page.html").read_bytes(), source["url"], source["charset"])
    assert parsed is not None
    rules, own = recognise(parsed)
    for name, other in platforms().items():
        if name not in (rules.platform, PLAIN):
            assert 2 * len(other.recognition.evidence(parsed)) <= max(len(own), other.recognition.needs), name


@pytest.mark.parametrize("page", pages())
def test_no_chrome_in_the_text(page: str) -> None:
    named = json.loads((GOLDEN / page / "source.json").read_text("utf-8")).get("chrome", [])
    text = cleaned(page)["text"]
    assert [line for line in named if line in text] == []
