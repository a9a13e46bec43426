"""Over all golden pages: shares of articles that come out right, none below the floor of tests/golden/floor.toml."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from archive.cleaning.clean import clean
from archive.cleaning.parse import parse
from archive.cleaning.rules import PLAIN, platforms, recognise
from archive.cleaning.site.fitting import holder
from crawler.portals.profile import bundled

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FLOOR = tomllib.loads((GOLDEN / "floor.toml").read_text("utf-8"))
Page = tuple[str, dict[str, Any], dict[str, Any], list[str]]
RIGHT: dict[str, Callable[[dict[str, Any], dict[str, Any]], bool]] = {
    "text": lambda wanted, found: wanted["text"].split() == found["text"].split(),
    "title": lambda wanted, found: wanted["title"] == found["title"],
    "lead": lambda wanted, found: wanted["lead"] == found["lead"],
    "published": lambda wanted, found: wanted["published"] == found["published"],
    "authors": lambda wanted, found: wanted["authors"] == found["authors"],
    "attachments": lambda wanted, found: [a["url"] for a in wanted["attachments"]] == [a["url"] for a in found["attachments"]],
}


@cache
def golden() -> tuple[Page, ...]:
    """Name, wanted and found article, and the lines of chrome of every golden page."""
    pages = []
    for path in sorted(GOLDEN.glob("*/*/article.json")):
        source = json.loads((path.parent / "source.json").read_text("utf-8"))
        wanted = json.loads(path.read_text("utf-8"))
        found = clean((path.parent / "page.html").read_bytes(), source["url"], charset=source["charset"]).to_dict()
        pages.append((f"{path.parent.parent.name}/{path.parent.name}", wanted, found, source.get("chrome", [])))
    return tuple(pages)


@pytest.mark.parametrize("field", RIGHT)
def test_shares_of_articles(field: str) -> None:
    articles = [(name, wanted, found) for name, wanted, found, _ in golden() if wanted["text"]]
    wrong = [name for name, wanted, found in articles if not RIGHT[field](wanted, found)]
    assert 100 * (len(articles) - len(wrong)) / len(articles) >= FLOOR["articles"][field], wrong


def renamed(page: bytes, url: str, charset: str | None) -> bytes | None:
    """The page after somebody gave the theme's container other names; None if no rules find one."""
    parsed = parse(page, url, charset)
    assert parsed is not None
    body = holder(parsed, recognise(parsed)[0])
    if body is None or body is parsed.body:
        return None
    for name in {"class", "id", "itemprop", "itemtype"} & set(body.attrib):
        del body.attrib[name]
    return b"<!DOCTYPE html>\n" + bytes(etree.tostring(parsed.root, encoding="utf-8", method="html"))


@cache
def misfits() -> tuple[tuple[str, dict[str, Any], dict[str, Any]], ...]:
    pages = []
    for name, wanted, _, _ in golden():
        source = json.loads((GOLDEN / name / "source.json").read_text("utf-8"))
        page = renamed((GOLDEN / name / "page.html").read_bytes(), source["url"], source["charset"])
        if wanted["text"] and page is not None:
            pages.append((name, wanted, clean(page, source["url"]).to_dict()))
    return tuple(pages)


@pytest.mark.parametrize("field", FLOOR["renamed"])
def test_the_next_layers_take_over_where_a_theme_renamed_the_container(field: str) -> None:
    wrong = [name for name, wanted, found in misfits() if not RIGHT[field](wanted, found)]
    assert 100 * (len(misfits()) - len(wrong)) / len(misfits()) >= FLOOR["renamed"][field], wrong


def test_every_field_has_its_floor() -> None:
    assert set(RIGHT) == set(FLOOR["articles"])


def test_no_chrome_at_all() -> None:
    leaking = [name for name, _, found, chrome in golden() if any(line in found["text"] for line in chrome)]
    assert len(leaking) <= FLOOR["all"]["chrome"], leaking


def test_no_date_is_invented() -> None:
    invented = [name for name, wanted, found, _ in golden() if found["published"] and not wanted["published"]]
    assert len(invented) <= FLOOR["all"]["invented"], invented


def test_every_platform_brings_a_page() -> None:
    shown = {wanted["cleaner"]["platform"] for _, wanted, _, _ in golden() if wanted["text"]} - {None}
    assert {rules.platform for name, rules in platforms().items() if name != PLAIN} == shown
    assert len(shown) >= FLOOR["all"]["platforms"]
    assert len(golden()) >= FLOOR["all"]["pages"]


def test_every_bundled_portal_is_of_a_platform_that_brings_a_page() -> None:
    """Portals hold no page of real sites in the project; their rules are those of a platform, past ones too."""
    shown = {wanted["cleaner"]["platform"] for _, wanted, _, _ in golden()}
    for profile in bundled():
        every = [profile.rules, *(former for _, former in profile.rules.periods)] if profile.rules else []
        assert {rules.platform for rules in every if rules} <= shown, profile.code
