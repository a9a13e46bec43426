"""What the documents say of the product is so: tables, verbs, settings, links."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

from archive.store.schema import MIGRATIONS
from crawler import settings
from crawler.cli import cli

DOCS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def test_every_table_and_view_is_documented():
    sql = "\n".join(text for _, _, text in MIGRATIONS)
    named = set(re.findall(r"CREATE (?:VIRTUAL )?(?:TABLE|VIEW) (\w+)", sql))
    documented = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/schema.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == named


@pytest.mark.parametrize("path", DOCS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere_and_verbs_exist(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert "://" in target or (path.parent / target).exists(), target
    for verb in re.findall(r"`?tangthu (\w+)", text):
        assert verb in cli.commands, verb


def test_every_setting_has_one_sentence():
    source = (ROOT / "crawler/settings.py").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(source):
        if re.match(r"[A-Z_]+ = ", line) and not line.startswith("FIXED"):
            assert source[number - 1].startswith("# "), line
            assert source[number - 1].rstrip().endswith("."), source[number - 1]
    assert settings.DOWNLOAD_DELAY == 2.0
    assert settings.CONCURRENT_REQUESTS_PER_DOMAIN == 1
