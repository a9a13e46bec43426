"""Members of WARC files as others write them, sound and damaged."""

from __future__ import annotations

import gzip
import re
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.warc.files import Damage, Member, WarcFile
from archive.warc.reader import NotARecord, Undecodable, inflate, open_record, parse_head


def record(block: bytes, kind: str = "resource", number: int = 0, length: int | None = None) -> bytes:
    head = f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:0-{number}>\r\nContent-Length: "
    return head.encode() + b"%d\r\n\r\n" % (len(block) if length is None else length) + block + b"\r\n\r\n"


def walk(tmp_path, data: bytes):
    path = tmp_path / "f.warc"
    path.write_bytes(data)
    with WarcFile(path) as file:
        for found in file:
            if isinstance(found, Damage):
                yield ("damage", found.offset, found.length, found.what)
            else:
                reader = found.record()
                block = b"".join(reader.block())
                assert reader.length == len(block)
                yield ("record", found.coding, b"".join(found.pieces()), block, tuple(found.notes))


RECORDS = [record(b"Hu\xe1\xba\xbf" * n, number=n) for n in (0, 1, 3000)]


@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_members_are_the_file(tmp_path, pack):
    packed = [pack(r) for r in RECORDS]
    found = list(walk(tmp_path, b"".join(packed)))
    assert [f[2] for f in found] == packed
    assert [f[3] for f in found] == [b"", b"Hu\xe1\xba\xbf", b"Hu\xe1\xba\xbf" * 3000]
    assert {f[4] for f in found} == {()}


@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_a_file_that_ends_too_early_says_where(tmp_path, pack):
    first, last = pack(RECORDS[2]), pack(RECORDS[1])
    found = list(walk(tmp_path, first + last[:-9]))
    assert found[0][2] == first
    assert found[1][:2] == ("damage", len(first))
    assert found[1][2] == len(last) - 9
    assert "ends in the middle" in found[1][3]


@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_junk_between_members_is_named_and_stepped_over(tmp_path, pack):
    first, last = pack(RECORDS[2]), pack(RECORDS[1])
    found = list(walk(tmp_path, first + b"no record here" + last))
    assert [f[2] for f in found] == [first, 14, last]
    assert found[1][:2] == ("damage", len(first))


def test_a_damaged_member_does_not_cost_the_next(tmp_path):
    first, last = bytearray(gzip.compress(RECORDS[2])), gzip.compress(RECORDS[1])
    first[-6] ^= 1
    found = list(walk(tmp_path, bytes(first) + last))
    assert found[0][:3] == ("damage", 0, len(first))
    assert found[1][2] == last


def test_records_sharing_one_gzip_member_get_members_of_their_own(tmp_path):
    found = list(walk(tmp_path, gzip.compress(b"".join(RECORDS)) + gzip.compress(RECORDS[1])))
    assert [gzip.decompress(f[2]) for f in found] == [*RECORDS, RECORDS[1]]
    assert all(f[1] == "gzip" for f in found)


def test_a_missing_length_is_noted_and_the_block_found(tmp_path):
    bare = b"WARC/1.0\r\nWARC-Type: resource\r\n\r\nm\xc3\xb4t\r\n\r\n"
    for data, count in ((bare + RECORDS[1], 2), (bare, 1), (gzip.compress(bare), 1)):
        found = list(walk(tmp_path, data))
        assert len(found) == count
        assert found[0][3] == b"m\xc3\xb4t"
        assert "no Content-Length" in found[0][4][0]


def test_wrong_lengths_are_noted(tmp_path):
    (short,) = walk(tmp_path, gzip.compress(record(b"abc", length=9)))
    assert "shorter" in short[4][0]
    (long,) = walk(tmp_path, gzip.compress(record(b"abcdef", length=3)))
    assert "after the block" in long[4][0]


def test_more_line_ends_than_two_stay_with_the_record(tmp_path):
    found = list(walk(tmp_path, RECORDS[1] + b"\r\n\n" + RECORDS[0]))
    assert found[0][2] == RECORDS[1] + b"\r\n\n"
    assert found[0][4]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=400), max_size=6), st.booleans(), st.integers(1, 50))
def test_any_blocks_come_back(tmp_path_factory, blocks, plain, step):
    packed = [(bytes if plain else gzip.compress)(record(b, number=i)) for i, b in enumerate(blocks)]
    found = list(walk(tmp_path_factory.mktemp("any"), b"".join(packed)))
    assert [f[2:4] for f in found] == list(zip(packed, blocks, strict=True))
    for member, block in zip(packed, blocks, strict=True):
        pieces = [member[i:i + step] for i in range(0, len(member), step)]
        assert open_record(pieces, "identity" if plain else "gzip").read() == block


def test_a_large_record_needs_little_memory(tmp_path):
    path = tmp_path / "large.warc"
    with path.open("wb") as out:
        out.write(record(b"", length=64 << 20)[:-4])
        for _ in range(64):
            out.write(bytes(1 << 20))
        out.write(b"\r\n\r\n")
    tracemalloc.start()
    try:
        with WarcFile(path) as file:
            (member,) = file
            assert isinstance(member, Member)
            assert sum(map(len, member.record().block())) == 64 << 20
            assert sum(map(len, member.pieces())) == path.stat().st_size
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@given(st.lists(st.sampled_from([b"A: x", b"a:", b"B:y", b" A: z", b"\tz", b"A", b":", b"AA: q", b"a : r", b"A:\x0b"]), max_size=6), st.sampled_from([b"\r\n", b"\n"]))
def test_a_field_looked_up_alone_is_the_first_of_all(lines, end):
    head = parse_head(b"WARC/1.1" + end + end.join([*lines, b"", b""]) if lines else b"WARC/1.1" + end + end)
    for name in ("A", "b", "aa"):
        assert head.get(name) == next(iter(head.all(name)), None)
        assert head.has(name) == (head.get(name) is not None)


@given(st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b"A: x", b" y", b"\n\n", b"\r\n\r\n"]), max_size=8).map(b"".join))
@example(b"\r\n")
@example(b"\nA: x\r\r\n\r\n")
def test_a_head_ends_at_the_first_blank_line_however_its_lines_end(rest):
    data = b"WARC/1.1\n" + rest
    found = re.search(rb"\r?\n\r?\n", data)
    head = parse_head(data)
    assert (head.raw if head else None) == (data[: found.end()] if found else None)
    if head:
        assert head._lines == data[9 : found.start()]


def test_heads_keep_their_values_and_read_them_trimmed():
    head = parse_head(b"WARC/1.0\r\nWARC-Target-URI:  <http://hue.example/> \r\nA: x\r\n  y\r\na: z\r\n\r\nblock")
    assert head.version == "1.0"
    assert head.fields[0] == ("WARC-Target-URI", b"  <http://hue.example/> ")
    assert head.uri("warc-target-uri") == "http://hue.example/"
    assert head.fields[1:] == (("A", b" x\r\n  y"), ("a", b" z"))
    assert head.all("A") == ["x y", "z"]
    assert head.repeated() == ["a"]
    assert parse_head(b"WARC/1.0\nA: x\r\n y\nB: z\n\n").fields == (("A", b" x\r\n y"), ("B", b" z"))
    assert parse_head(b"WARC/1.1\r\nA: b") is None
    with pytest.raises(NotARecord):
        parse_head(b"HTTP/1.1 200 OK\r\n\r\n")


@pytest.mark.parametrize("change", [lambda g: g[:-1], lambda g: g + b"x", lambda g: g[:30] + b"\xff" + g[31:]])
def test_only_exactly_one_sound_member_inflates(change):
    good = gzip.compress(RECORDS[2])
    assert b"".join(inflate([good])) == RECORDS[2]
    with pytest.raises(Undecodable):
        list(inflate([change(good)]))
