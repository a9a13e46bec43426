"""A sound archive is sound; each check notices its damage, and only that check does."""

from __future__ import annotations

import gzip
import shutil

import pytest
from archives import sound
from damaged.damages import DAMAGES, sql

from archive.audit.checks import NAMES
from archive.audit.findings import Summary, Verdict
from archive.audit.verify import verify
from archive.deposit import Depositor
from archive.export.adopt import adopt
from archive.filing import read_files


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    head = b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:x:1>\r\nWARC-Date: 2020-02-07T15:20:00Z\r\nContent-Length: 3\r\n"
    (folder / "x.warc.gz").write_bytes(gzip.compress(head + b"\r\nabc\r\n\r\n", mtime=0))
    with Depositor.open(sound(folder / "sound.db")) as depositor:
        list(adopt(depositor, [folder / "x.warc.gz"]))
        assert [filed.text.status for filed in read_files(depositor.path, depositor)] == ["broken"]
    return folder / "sound.db"


@pytest.fixture
def archive(whole, tmp_path):
    return shutil.copy(whole, tmp_path / "a.db")


def test_every_check_has_a_damage():
    assert set(DAMAGES) == set(NAMES)


def test_a_sound_archive_is_sound(archive):
    findings = list(verify(archive))
    assert [f for f in findings if f.verdict is not Verdict.SOUND] == []
    # The queue of a finished run is empty, and one page teaches nothing: there is nothing to look at.
    assert {f.check for f in findings} == set(NAMES) - {"frontier", "site-models"}
    assert Summary.of(findings).exit_code == 0


@pytest.mark.parametrize("check", NAMES)
def test_each_check_notices_its_damage(archive, check):
    DAMAGES[check](archive)
    findings = list(verify(archive))
    assert {f.check for f in findings if f.verdict is Verdict.BROKEN} == {check}, findings
    assert Summary.of(findings).exit_code == 1


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("runs", "UPDATE runs SET started = '2026-01-10T08:15:01.000000Z' WHERE kind = 'crawl'"),
        ("runs", "UPDATE runs SET ended = '2026-01-10T08:15:01.000000Z' WHERE kind = 'crawl'"),
        ("runs", "UPDATE runs SET settings = '{\"own_host\": true}' WHERE kind = 'crawl'"),
        ("capture", "UPDATE captures SET via = 'https://hue.example/khac' WHERE url LIKE '%/cau.jpg'"),
        ("capture", "UPDATE captures SET via = NULL WHERE via IS NOT NULL"),
        ("facts", "UPDATE refusals SET key = 'example,hue)/khac'"),
        ("facets", "UPDATE articles SET dated = '2026-01-11'"),
        ("facets", "DELETE FROM facets WHERE kind = 'attachments'"),
        ("facets", "INSERT INTO facets SELECT 'author', 'Ai đó', id FROM articles"),
    ],
)
def test_a_row_that_says_otherwise_than_its_record_is_noticed(archive, check, change):
    sql(archive, change)
    findings = list(verify(archive))
    assert {f.check for f in findings if f.verdict is Verdict.BROKEN} == {check}, findings


def test_verifying_changes_nothing(archive):
    before = archive.read_bytes()
    list(verify(archive))
    assert archive.read_bytes() == before
    assert [p.name for p in archive.parent.iterdir()] == ["a.db"]
