"""What leaves the archive is whole, readable by others, and no more than was asked for."""

from __future__ import annotations

import json
import resource
from contextlib import contextmanager
from datetime import timedelta

import pytest
from archives import HOST, START, answer, exchange, exchanges, sound
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from archive.audit.findings import Verdict
from archive.audit.verify import verify
from archive.deposit import Depositor
from archive.errors import CannotGoOn, Misuse
from archive.export.adopt import adopt
from archive.export.jsonl import export_jsonl
from archive.export.warc import export_warc
from archive.retrieve import Filters, Reader


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return sound(tmp_path_factory.mktemp("export") / "a.db")


def written(archive, out, filters=None):
    with Reader.open(archive) as reader:
        count = export_warc(reader, out, filters).records
    with out.open("rb") as file:
        found = [(r.rec_headers["WARC-Type"], r.rec_headers.get("WARC-Target-URI")) for r in ArchiveIterator(file, no_record_parse=True)]
    assert len(found) == count
    return found


def test_a_whole_export_has_every_record_and_none_of_its_own(archive, tmp_path):
    with Reader.open(archive) as reader:
        rows = [(r.type, r.target_uri) for r in reader.archives[0].records()]
    assert written(archive, tmp_path / "a.warc.gz") == rows
    assert written(archive, tmp_path / "a.warc") == rows


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_other_readers_get_the_blocks_that_were_sent(archive, tmp_path, name):
    written(archive, tmp_path / name)
    sent = {bytes(e.response.read()) for e in exchanges() if e.response_length}
    with (tmp_path / name).open("rb") as file:
        blocks = {r.raw_stream.read() for r in ArchiveIterator(file, no_record_parse=True) if r.rec_type == "response"}
    assert blocks == sent
    with (tmp_path / name).open("rb") as file:
        again = {r.reader.read() for r in FastIterator(file, parse_http=False) if r.record_type == WarcRecordType.response}
    assert again == sent


def test_filters_bring_what_is_needed(archive, tmp_path):
    later = Filters(start=START + timedelta(seconds=3600), end=START + timedelta(seconds=3601))
    assert written(archive, tmp_path / "1.warc.gz", later) == [
        ("warcinfo", None), ("response", f"{HOST}/tin"), ("request", f"{HOST}/tin"),
        ("revisit", f"{HOST}/tin"), ("request", f"{HOST}/tin"),
    ]  # fmt: skip
    assert written(archive, tmp_path / "2.warc.gz", Filters(prefix=f"{HOST}/robots")) == [
        ("warcinfo", None), ("response", f"{HOST}/robots.txt"), ("request", f"{HOST}/robots.txt")]  # fmt: skip
    assert written(archive, tmp_path / "3.warc.gz", Filters(portal="ai")) == []
    assert len(written(archive, tmp_path / "4.warc.gz", Filters(portal="hue", run=1))) == len(written(archive, tmp_path / "5.warc"))


def test_a_part_of_an_archive_is_sound_in_another(archive, tmp_path):
    written(archive, tmp_path / "a.warc.gz", Filters(prefix=f"{HOST}/tin"))
    with Depositor.open(tmp_path / "b.db") as depositor:
        (report,) = adopt(depositor, [tmp_path / "a.warc.gz"])
    assert (report.captures, report.articles, report.findings) == (3, 3, [])
    assert [f for f in verify(tmp_path / "b.db") if f.verdict is not Verdict.SOUND] == []


def test_adopted_pages_become_the_same_articles(archive, tmp_path):
    written(archive, tmp_path / "a.warc.gz")
    with Depositor.open(tmp_path / "b.db") as depositor:
        list(adopt(depositor, [tmp_path / "a.warc.gz"]))
    with Reader.open(archive) as a, Reader.open(tmp_path / "b.db") as b:
        ours, theirs = a.article(f"{HOST}/tin"), b.article(f"{HOST}/tin")
    assert ours is not None
    assert ours == theirs


def test_articles_as_json_lines(archive, tmp_path):
    out = tmp_path / "a.jsonl"
    with Reader.open(archive) as reader:
        assert export_jsonl(reader, out) == 1
        assert export_jsonl(reader, tmp_path / "none.jsonl", Filters(portal="ai")) == 0
    article = json.loads(out.read_text(encoding="utf-8"))
    assert article["title"] == "Cố đô Huế đón khách"
    assert "hai triệu lượt khách" in article["text"]
    assert article["capture"]["url"] == f"{HOST}/tin"
    assert [bool(image["capture"]) for image in article["images"]] == [True]
    assert [len(file["sha256"]) for file in article["attachments"]] == [64]


def test_a_missing_folder_is_the_users_mistake(archive, tmp_path):
    with Reader.open(archive) as reader, pytest.raises(Misuse, match="no such folder"):
        export_warc(reader, tmp_path / "none" / "a.warc.gz")


@contextmanager
def small_files(limit: int):
    """As on a full disk: no file may grow beyond `limit` bytes."""
    import signal

    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, former)


def test_what_could_not_be_written_whole_is_not_there(archive, tmp_path):
    (tmp_path / "a.warc.gz").write_bytes(b"the former export")
    with Reader.open(archive) as reader, small_files(2000), pytest.raises(CannotGoOn, match=r"a\.warc\.gz"):
        export_warc(reader, tmp_path / "a.warc.gz")
    assert [p.name for p in tmp_path.iterdir()] == ["a.warc.gz"]
    assert (tmp_path / "a.warc.gz").read_bytes() == b"the former export"


def test_two_archives_give_each_record_once(archive, tmp_path):
    with Depositor.open(tmp_path / "b.db", new_id=lambda: next(numbers)) as depositor:
        numbers = (f"urn:x:{n}" for n in range(99))
        run = depositor.begin("hue")
        depositor.deposit(run, exchange(f"{HOST}/khac", answer("Huế".encode()))).result()
        depositor.end(run, "finished").result()
    with Reader.open([archive, tmp_path / "b.db", archive]) as reader:
        total = export_warc(reader, tmp_path / "all.warc.gz").records
        assert total == sum(1 for a in reader.archives[:2] for _ in a.records())
