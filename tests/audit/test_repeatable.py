"""The same bytes, rules and versions give the same article, byte for byte; verify repeats it, and says unchecked where it cannot."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys

import pytest
from archives import kept_articles, put_article, sound
from conftest import ROOT
from running import environment, tangthu

from archive.audit.findings import Summary, Verdict
from archive.audit.verify import verify

EVERY = """
import json, pathlib, sys
from archive.cleaning.clean import clean
for page in sorted(pathlib.Path("tests/golden").glob("*/*/page.html")):
    print(json.dumps(clean(page.read_bytes(), "https://tinh-mau.example/tin/1").to_dict(), ensure_ascii=False))
"""


def cleaned(seed: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", EVERY], cwd=ROOT, env=environment(PYTHONHASHSEED=seed), capture_output=True, check=True
    ).stdout


def test_in_another_process_the_same_bytes_give_the_same_articles():
    first = cleaned("1")
    assert len(first.splitlines()) >= 5
    assert cleaned("2") == first


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return sound(tmp_path_factory.mktemp("repeat") / "a.db")


def edited(whole, path, change):
    """A copy whose newest article's JSON was changed, its row's copies with it."""
    path.write_bytes(whole.read_bytes())
    with sqlite3.connect(path) as conn:
        number, plain = kept_articles(conn)[-1]
        change(plain)
        put_article(conn, number, plain)
        conn.execute("UPDATE revisions SET cleaner = ? WHERE id = ?", (plain["cleaner"]["version"], number))
    return [f for f in verify(path) if f.verdict is not Verdict.SOUND]


def other_lxml(plain):
    plain["cleaner"]["version"] = plain["cleaner"]["version"].replace("lxml ", "lxml 1")


def other_cleaner(plain):
    plain["cleaner"]["version"] = "9" + plain["cleaner"]["version"]


def other_parser(plain):
    plain["cleaner"]["version"] = plain["cleaner"]["version"].replace("bs4 ", "bs4 9")


@pytest.mark.parametrize("change", [other_lxml, other_cleaner, other_parser])
def test_what_another_version_cleaned_is_unchecked_and_not_broken(whole, tmp_path, change):
    (finding,) = edited(whole, tmp_path / "a.db", change)
    assert (finding.check, finding.verdict) == ("articles", Verdict.UNCHECKED)
    assert "was cleaned by version" in finding.evidence
    ended = tangthu("verify", "--archive", tmp_path / "a.db", "--json")
    assert (ended.code, json.loads(ended.out)["sound"]) == (1, False)
    assert json.loads(ended.out)["checks"]["articles"] == {"sound": 1, "unchecked": 1}


def moved_paragraph(plain):
    plain["places"]["text"][0][1] += 4


def moved_cut(plain):
    plain["cuts"][0]["place"][0] -= 1


def forgotten_cut(plain):
    plain["cuts"].pop()


def other_rule(plain):
    plain["cuts"][0]["rule"] = "advert"


def safe_html(plain):
    plain["html"] = plain["html"].replace("một", "hai")


@pytest.mark.parametrize(
    ("change", "named"),
    [(moved_paragraph, "places"), (moved_cut, "cuts"), (forgotten_cut, "cuts"), (other_rule, "cuts"), (safe_html, "html")],
)
def test_what_does_not_come_out_again_is_broken(whole, tmp_path, change, named):
    (finding,) = edited(whole, tmp_path / "a.db", change)
    assert (finding.check, finding.verdict) == ("articles", Verdict.BROKEN)
    assert finding.evidence == f"cleaned again it has another {named}"


FLIPPED = "packed = CAST(substr(packed, 1, 40) || x'00' || substr(packed, 42) AS BLOB)"


@pytest.mark.parametrize(
    ("change", "evidence"),
    [
        ("layer = 'rules'", "its row does not agree with its content"),
        ("container = 'div.other'", "its row does not agree with its content"),
        ("length = length + 1", "its text is not in the form in which articles are kept"),
        (FLIPPED, "cannot be read"),
    ],
)
def test_copies_in_a_row_and_packed_bytes_are_checked(whole, tmp_path, change, evidence):
    path = tmp_path / "a.db"
    path.write_bytes(whole.read_bytes())
    with sqlite3.connect(path) as conn:
        conn.execute(f"UPDATE revisions SET {change} WHERE id = 1")
    broken = [f for f in verify(path) if f.verdict is Verdict.BROKEN]
    assert [f.check for f in broken] == ["articles"]
    assert evidence in broken[0].evidence


def test_rules_that_cannot_be_read_leave_their_articles_unchecked(whole, tmp_path):
    path = tmp_path / "a.db"
    path.write_bytes(whole.read_bytes())
    with sqlite3.connect(path) as conn:
        conn.execute("""UPDATE rules SET body = '{"format": 99}'""")
    findings = [f for f in verify(path) if f.verdict is not Verdict.SOUND]
    assert {(f.check, f.verdict) for f in findings} == {("rules", Verdict.BROKEN), ("articles", Verdict.UNCHECKED)}
    assert Summary.of(findings).exit_code == 1
