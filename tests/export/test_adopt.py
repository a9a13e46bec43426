"""Files that others wrote come in whole, come out bit for bit, and what is wrong with them is said."""

from __future__ import annotations

import gc
import gzip
import hashlib
import http.server
import subprocess
import threading
from io import BytesIO

import pytest
from archives import answer, exchange, ids, sound
from conftest import need
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.audit.verify import verify
from archive.deposit import Depositor
from archive.errors import Misuse
from archive.export.adopt import Adopted, adopt
from archive.export.warc import export_warc
from archive.model import Failure
from archive.retrieve import Reader


def take(archive, *paths) -> list[Adopted]:
    with Depositor.open(archive, new_id=ids()) as depositor:
        return list(adopt(depositor, paths))


def give(archive, out, filters=None) -> bytes:
    with Reader.open(archive) as reader:
        written = export_warc(reader, out, filters)
    data = out.read_bytes()
    assert (written.length, written.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    return data


def record(block: bytes, number: int, *more: str, kind: str = "resource") -> bytes:
    lines = ["WARC/1.0", f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:x:{number}>", "WARC-Date: 2020-02-07T15:20:00Z",
             "WARC-Target-URI: http://cu.example/", *more, f"Content-Length: {len(block)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


ANSWER = "Content-Type: application/http; msgtype=response"


def test_export_adopt_export_is_the_same_file(tmp_path):
    first = give(sound(tmp_path / "a.db"), tmp_path / "a.warc.gz")
    (report,) = take(tmp_path / "b.db", tmp_path / "a.warc.gz")
    assert report.notes == []
    assert give(tmp_path / "b.db", tmp_path / "b.warc.gz") == first


def test_adopting_keeps_what_a_capture_says(tmp_path):
    give(sound(tmp_path / "a.db"), tmp_path / "a.warc.gz")
    take(tmp_path / "b.db", tmp_path / "a.warc.gz")
    with Reader.open(tmp_path / "a.db") as a, Reader.open(tmp_path / "b.db") as b:
        def said(reader):
            return [(c.url, c.time, c.method, c.status, c.media_type, c.record_id, c.payload_digest, c.length,
                     c.truncated, c.failure, c.revisit_of, c.location) for c in reader.captures()]

        assert said(a) == said(b)
        for ours, theirs in zip(*([c for c in reader.captures() if c.status] for reader in (a, b)), strict=True):
            with a.open(ours) as one, b.open(theirs) as other:
                assert one.raw() == other.raw()
                assert one.body() == other.body()


def test_an_attempt_without_an_answer_is_a_capture_too(tmp_path):
    give(sound(tmp_path / "a.db"), tmp_path / "a.warc.gz")
    (report,) = take(tmp_path / "b.db", tmp_path / "a.warc.gz")
    with Reader.open(tmp_path / "a.db") as a, Reader.open(tmp_path / "b.db") as b:
        ours, theirs = ([c for c in reader.captures() if c.failure] for reader in (a, b))
        assert [(c.url, c.time, c.method, c.failure, c.record_id, c.length) for c in theirs] == [
            (c.url, c.time, c.method, c.failure, c.record_id, c.length) for c in ours
        ]
        assert [c.failure for c in theirs] == ["refused: connection refused"]
        kinds = [row.type for row in b.archives[0].records_of(theirs[0].id)]
        assert kinds == ["request", "metadata"]
        assert report.captures == len(list(a.captures()))
    assert {f.verdict.value for f in verify(tmp_path / "b.db")} == {"sound"}


def test_what_failed_after_an_answer_is_no_second_capture(tmp_path):
    path = tmp_path / "a.db"
    with Depositor.open(path, new_id=ids()) as depositor:
        run = depositor.begin("hue", warcinfo={"software": "tangthu"})
        cut = exchange("https://hue.example/cut", answer(b"x" * 900)[:700], truncated="disconnect", failure=Failure("closed", "cut"))
        depositor.deposit(run, cut).result()
        depositor.end(run, "finished").result()
    give(path, tmp_path / "a.warc.gz")
    (report,) = take(tmp_path / "b.db", tmp_path / "a.warc.gz")
    assert report.captures == 1


def test_a_plain_file_comes_back_plain(tmp_path):
    sound(tmp_path / "a.db")
    plain = give(tmp_path / "a.db", tmp_path / "a.warc")
    assert plain == gzip.decompress(give(tmp_path / "a.db", tmp_path / "a.warc.gz"))
    take(tmp_path / "b.db", tmp_path / "a.warc")
    assert give(tmp_path / "b.db", tmp_path / "b.warc") == plain
    assert gzip.decompress(give(tmp_path / "b.db", tmp_path / "b.warc.gz")) == plain


@pytest.mark.parametrize("kind", ["conversion", "continuation", "revisit", "metadata", "warcinfo", "của-ai"])
def test_records_of_every_type_are_taken(tmp_path, kind):
    path = tmp_path / "x.warc"
    path.write_bytes(record(b"abc", 1, kind=kind))
    (report,) = take(tmp_path / "x.db", path)
    assert (report.records, report.notes) == (1, [])
    assert give(tmp_path / "x.db", tmp_path / "out.warc") == path.read_bytes()


# warcio 1.8 leaves its temporary files to the garbage collector.
@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
def test_warcio_files_come_back_and_their_digests_are_understood(tmp_path):
    path = tmp_path / "warcio.warc.gz"
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "warcio"}))
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), ("Transfer-Encoding", "chunked")], protocol="HTTP/1.1")
        body = b"5\r\nCh\xc3\xa0o\r\n0\r\n\r\n"
        response = writer.create_warc_record("http://cu.example/", "response", payload=BytesIO(body), http_headers=head)
        asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "cu.example")], is_http_request=True)
        request = writer.create_warc_record("http://cu.example/", "request", payload=BytesIO(b""), http_headers=asked)
        writer.write_request_response_pair(request, response)
    del writer, request, response
    gc.collect()
    (report,) = take(tmp_path / "x.db", path)
    assert (report.records, report.captures, report.grave) == (3, 1, False)
    assert ["chunk sizes" in note.what for note in report.notes] == [True]
    assert give(tmp_path / "x.db", tmp_path / "out.warc.gz") == path.read_bytes()
    with Reader.open(tmp_path / "x.db") as reader:
        (capture,) = reader.find("http://cu.example/")
        assert capture.payload_digest == f"sha256:{hashlib.sha256('Chào'.encode()).hexdigest()}"
        assert len(reader.archives[0].records_of(capture.id)) == 2


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = '<a href="/hai">Thừa Thiên Huế</a>'.encode() * 40
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("options", [[], ["--no-warc-compression"]], ids=["gzip", "plain"])
def test_wget_files_come_back_bit_for_bit(tmp_path, options):
    wget = need("wget")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        made = subprocess.run([wget, "-q", "-r", "--no-proxy", "--warc-file=w", *options, url], cwd=tmp_path, check=False)
        server.shutdown()
    assert made.returncode in (0, 8)
    (path,) = tmp_path.glob("w.warc*")
    (report,) = take(tmp_path / "w.db", path)
    assert report.captures >= 2
    assert not [note for note in report.notes if note.grave]
    assert give(tmp_path / "w.db", tmp_path / f"out{''.join(path.suffixes)}") == path.read_bytes()


def test_wrong_digests_are_findings_and_the_record_is_kept(tmp_path):
    path = tmp_path / "x.warc"
    http_block = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    path.write_bytes(
        record(b"abc", 1, "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        + record(http_block, 2, ANSWER, f"WARC-Payload-Digest: md5:{hashlib.md5(b'abc').hexdigest()}", kind="response")
        + record(http_block, 3, ANSWER, f"WARC-Payload-Digest: sha256:{'0' * 64}", kind="response")
        + record(b"abc", 4, "WARC-Block-Digest: crc:77")
    )
    (report,) = take(tmp_path / "x.db", path)
    assert report.records == 4
    assert [(n.record_id, n.what.split()[0], n.grave) for n in report.notes] == [
        ("urn:x:1", "WARC-Block-Digest", True), ("urn:x:3", "WARC-Payload-Digest", True), ("urn:x:4", "WARC-Block-Digest", True)]
    assert give(tmp_path / "x.db", tmp_path / "out.warc") == path.read_bytes()


def test_known_records_are_skipped_and_impostors_refused(tmp_path):
    one, two = tmp_path / "1.warc", tmp_path / "2.warc"
    one.write_bytes(record(b"abc", 1))
    two.write_bytes(record(b"abc", 1) + record(b"xyz", 2) + record(b"other", 1) + record(b"later", 3))
    first, second = take(tmp_path / "x.db", one, two)
    assert (first.records, first.grave) == (1, False)
    assert (second.records, second.already, second.refused) == (2, 1, 1)
    assert [n.grave for n in second.notes] == [False, True]


def test_up_to_the_damage_everything_is_kept(tmp_path):
    whole = give(sound(tmp_path / "a.db"), tmp_path / "a.warc.gz")
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(whole[:-50])
    (report,) = take(tmp_path / "b.db", cut)
    with Reader.open(tmp_path / "a.db") as reader:
        last = list(reader.archives[0].records())[-1]
    assert [(n.offset, n.grave) for n in report.notes] == [(len(whole) - last.member_length, True)]
    assert give(tmp_path / "b.db", tmp_path / "b.warc.gz") == whole[: -last.member_length]


def test_one_gzip_member_for_all_is_said(tmp_path):
    path = tmp_path / "x.warc.gz"
    plain = record(b"abc", 1) + record(b"xyz", 2)
    path.write_bytes(gzip.compress(plain))
    (report,) = take(tmp_path / "x.db", path)
    assert report.records == 2
    assert all("gzip member" in n.what and n.grave for n in report.notes)
    assert give(tmp_path / "x.db", tmp_path / "out.warc") == plain


def test_a_head_request_written_after_its_answer(tmp_path):
    path = tmp_path / "x.warc"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    path.write_bytes(
        record(answer, 1, ANSWER, kind="response")
        + record(b"HEAD / HTTP/1.1\r\n\r\n", 2, "Content-Type: application/http", "WARC-Concurrent-To: <urn:x:1>", kind="request")
    )
    take(tmp_path / "x.db", path)
    with Reader.open(tmp_path / "x.db") as reader:
        (capture,) = reader.captures()
        assert (capture.method, capture.payload_digest) == ("HEAD", None)


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"\x28\xb5\x2f\xfdzstd", b"<html>"])
def test_other_files_are_refused(tmp_path, data):
    path = tmp_path / "x.warc.gz"
    path.write_bytes(data)
    with pytest.raises(Misuse, match=r"x\.warc\.gz"):
        take(tmp_path / "x.db", path)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["resource", "response", "metadata", "lạ"]), st.binary(max_size=300), st.booleans()), max_size=6), st.booleans())
def test_any_records_come_back(tmp_path_factory, made, plain):
    folder = tmp_path_factory.mktemp("any")
    path = folder / ("x.warc" if plain else "x.warc.gz")
    records = [record(block, n, *([ANSWER] if http else []), kind=kind) for n, (kind, block, http) in enumerate(made)]
    path.write_bytes(b"".join(map(bytes if plain else gzip.compress, records)))
    (report,) = take(folder / "x.db", path)
    assert report.records == len(records)
    assert give(folder / "x.db", folder / f"out{''.join(path.suffixes)}") == path.read_bytes()
