"""The archive's records as WARC files over HTTP: the same bytes as an export, by ranges, under names that stay."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from archives import HOST, LONG, answer, exchange, sound
from hypothesis import given
from hypothesis import strategies as st
from rooms import asking
from warcio.archiveiterator import ArchiveIterator

from archive.deposit import Depositor
from archive.export.adopt import adopt
from archive.export.warc import export_warc
from archive.retrieve import Reader
from archive.store import volumes
from archive.warc.members import stored, stored_length


@pytest.fixture
def path(tmp_path):
    return sound(tmp_path / "hue.db")


def name_of(ask):
    return json.loads(ask("/warc")[2])["files"][0]["name"]


def test_the_whole_is_what_an_export_is(path, tmp_path):
    with Reader.open(path) as reader:
        exported = export_warc(reader, tmp_path / "out.warc.gz")
        ask = asking(reader)
        status, headers, body = ask(f"/warc/{name_of(ask)}")
        assert (status, headers["content-type"], int(headers["content-length"])) == (200, "application/gzip", exported.length)
        assert body == exported.path.read_bytes()
        assert len(list(ArchiveIterator(io.BytesIO(body)))) == exported.records


def test_volumes_make_up_the_whole_and_keep_their_names_while_the_archive_grows(path, monkeypatch):
    monkeypatch.setattr(volumes, "SIZE", 4)
    with Reader.open(path) as reader:
        ask = asking(reader)
        before = json.loads(ask("/warc")[2])["files"][0]
        bodies = [ask(f"/warc/{name}")[2] for name in before["volumes"]]
        assert len(bodies) > 5
        assert b"".join(bodies) == ask(f"/warc/{before['name']}")[2]
        lines = ask(f"/cdx?url={HOST}/*&output=cdxj")[2]
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue")
        depositor.deposit(run, exchange("https://sau.example/", answer(LONG), 9000)).result()
        depositor.end(run, "finished").result()
    with Reader.open(path) as reader:
        ask = asking(reader)
        after = json.loads(ask("/warc")[2])["files"][0]
        assert after["volumes"][: len(bodies)] == before["volumes"]
        assert [ask(f"/warc/{name}")[2] for name in after["volumes"]][: len(bodies) - 1] == bodies[:-1]
        assert ask(f"/warc/{after['volumes'][len(bodies) - 1]}")[2].startswith(bodies[-1])
        assert ask(f"/cdx?url={HOST}/*&output=cdxj")[2] == lines


def test_ranges(path):
    with Reader.open(path) as reader:
        ask = asking(reader)
        url = f"/warc/{name_of(ask)}"
        whole = ask(url)[2]
        size = len(whole)
        for wanted, start, stop in [
            ("bytes=0-9", 0, 10), ("bytes=700-1800", 700, 1801), (f"bytes={size - 1}-", size - 1, size), ("bytes=-20", size - 20, size),
            ("bytes=5-99999999", 5, size), ("bytes=-99999999", 0, size), ("BYTES = 3 - 4", 3, 5),
        ]:  # fmt: skip
            status, headers, body = ask(url, range=wanted)
            assert (status, body) == (206, whole[start:stop]), wanted
            assert headers["content-range"] == f"bytes {start}-{stop - 1}/{size}"
            assert headers["content-length"] == str(stop - start)
        for ignored in ("lines=1-2", "bytes=", "bytes=a-b", "bytes=-", "bytes", "bytes=0-1,3-4"):
            assert ask(url, range=ignored)[0] == 200, ignored
        for refused in (f"bytes={size}-", "bytes=9-3", "bytes=-0"):
            status, headers, _ = ask(url, range=refused)
            assert (status, headers["content-range"]) == (416, f"bytes */{size}"), refused


def test_head_etag_and_conditions(path):
    with Reader.open(path) as reader:
        ask = asking(reader)
        url = f"/warc/{name_of(ask)}"
        _, headers, whole = ask(url)
        status, again, body = ask(url, method="HEAD")
        assert (status, again, body) == (200, headers, b"")
        assert ask(url, method="HEAD", range="bytes=0-3")[0] == 200
        assert headers["accept-ranges"] == "bytes"
        status, told, body = ask(url, if_none_match=headers["etag"])
        assert (status, body, told["etag"]) == (304, b"", headers["etag"])
        assert ask(url, range="bytes=0-3", if_range=headers["etag"])[0] == 206
        assert ask(url, range="bytes=0-3", if_range='"another"')[2] == whole
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue")
        depositor.deposit(run, exchange("https://sau.example/", answer(LONG), 9000)).result()
        depositor.end(run, "finished").result()
    with Reader.open(path) as reader:
        assert asking(reader)(url)[1]["etag"] != headers["etag"]


@pytest.mark.parametrize("name", ["0" * 12, "0" * 12 + "-000001", "../hue", "hue.db", "x" * 300])
def test_no_other_file_is_given_out(path, name):
    with Reader.open(path) as reader:
        assert asking(reader)(f"/warc/{name}.warc.gz")[0] == 404


def test_no_volume_beyond_the_last(path):
    with Reader.open(path) as reader:
        ask = asking(reader)
        stem = name_of(ask).removesuffix(".warc.gz")
        assert ask(f"/warc/{stem}-000001.warc.gz")[0] == 200
        assert ask(f"/warc/{stem}-000000.warc.gz")[0] == 404
        assert ask(f"/warc/{stem}-000002.warc.gz")[0] == 404


def test_plain_records_of_others_come_as_gzip_members(path, tmp_path):
    """An adopted .warc is kept as it was; here each record is a member, and the CDX's offsets hold."""
    with Reader.open(path) as reader:
        export_warc(reader, tmp_path / "plain.warc")
    with Depositor.open(tmp_path / "khac.db") as depositor:
        list(adopt(depositor, [tmp_path / "plain.warc"]))
    with Reader.open(tmp_path / "khac.db") as reader:
        ask = asking(reader)
        body = ask(f"/warc/{name_of(ask)}")[2]
        assert gzip.decompress(body) == (tmp_path / "plain.warc").read_bytes()
        lines = ask(f"/cdx?url={HOST}/*&output=json&fl=filename,offset,length,recordid")[2]
        for name, offset, length, record in json.loads(lines)[1:]:
            piece = ask(f"/warc/{name}", range=f"bytes={offset}-{int(offset) + int(length) - 1}")[2]
            assert f"WARC-Record-ID: <{record}>".encode() in gzip.decompress(piece)


def test_a_copy_beside_its_archive_has_names_of_its_own(path, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    with Reader.open([path, copy]) as reader:
        ask = asking(reader)
        first, second = (file["name"] for file in json.loads(ask("/warc")[2])["files"])
        assert first != second
        assert ask(f"/warc/{first}")[2] == ask(f"/warc/{second}")[2]


def test_a_damaged_part_is_no_short_answer(path):
    import sqlite3

    db = sqlite3.connect(path)
    db.execute("UPDATE parts SET bytes = substr(bytes, 1, 10) WHERE record = 9")
    db.commit()
    db.close()
    with Reader.open(path) as reader, pytest.raises(Exception, match="bytes instead of"):
        ask = asking(reader)
        ask(f"/warc/{name_of(ask)}")


@given(st.lists(st.binary(max_size=70000), max_size=4))
def test_stored_members_are_gzip_of_known_length(pieces):
    plain = b"".join(pieces)
    made = b"".join(stored(pieces, len(plain)))
    assert gzip.decompress(made) == plain
    assert len(made) == stored_length(len(plain))


@pytest.mark.parametrize("length", [0, 1, 65534, 65535, 65536, 131070, 131071])
def test_stored_members_at_the_edges_of_their_blocks(length):
    made = b"".join(stored([bytes(length)], length))
    assert (gzip.decompress(made), len(made)) == (bytes(length), stored_length(length))
