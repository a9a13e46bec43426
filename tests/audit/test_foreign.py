"""Records of other tools: what is theirs to decide is sound, what cannot be told is unchecked, what is wrong is broken."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.server
import shutil
import subprocess
import threading
import tracemalloc

import pytest
from archives import HOST, LONG, chunked, sound
from conftest import need
from damaged.damages import sql

from archive.audit.findings import Summary, Verdict
from archive.audit.verify import clean_again, verify
from archive.deposit import Depositor
from archive.export.adopt import adopt
from archive.export.warc import export_warc
from archive.retrieve import Reader

ANSWER = "Content-Type: application/http; msgtype=response"


def record(number: int, block: bytes, *more: str, kind: str = "response", version: str = "1.1") -> bytes:
    lines = [f"WARC/{version}", f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:x:{number}>", "WARC-Date: 2020-02-07T15:20:00Z",
             f"WARC-Target-URI: http://cu.example/{number}", *more, f"Content-Length: {len(block)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def judged(tmp_path, *records: bytes, pack=gzip.compress):
    path = tmp_path / ("x.warc.gz" if pack is gzip.compress else "x.warc")
    path.write_bytes(b"".join(map(pack, records)))
    with Depositor.open(tmp_path / "x.db") as depositor:
        list(adopt(depositor, [path]))
    return {(f.check, f.verdict.value, f.subject) for f in verify(tmp_path / "x.db") if f.verdict is not Verdict.SOUND}


REVISIT = "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_sound_records_of_others_are_sound(tmp_path, pack):
    block = chunked(LONG)
    head = block[: block.index(b"\r\n\r\n") + 4]
    framed, entity = sha1(block[len(head) :]), sha1(LONG)
    assert judged(
        tmp_path,
        record(1, block, ANSWER, f"WARC-Payload-Digest: {entity}", f"WARC-Block-Digest: {sha1(block)}"),
        record(2, block, ANSWER, f"WARC-Payload-Digest: {framed}", version="1.0"),
        record(3, head, ANSWER, REVISIT, f"WARC-Payload-Digest: {entity}", "WARC-Refers-To: <urn:x:1>", kind="revisit"),
        record(4, head, ANSWER, REVISIT, f"WARC-Payload-Digest: {entity}", "WARC-Refers-To-Target-URI: http://cu.example/1",
               "WARC-Refers-To-Date: 2020-02-07T15:20:00Z", kind="revisit"),
        record(5, b"x", "Content-Type: text/plain", kind="conversion"),
        record(6, b"x", kind="của-ai"),
        pack=pack,
    ) == set()  # fmt: skip
    said = [f.evidence for f in verify(tmp_path / "x.db") if f.check == "payload-digest"]
    assert "1 declared digests are over the framed body" in said[0]


@pytest.mark.parametrize(
    ("fields", "check", "verdict"),
    [
        (["WARC-Payload-Digest: sha256:" + "0" * 64], "payload-digest", "broken"),
        (["WARC-Payload-Digest: crc32:77"], "payload-digest", "unchecked"),
        (["WARC-Block-Digest: " + sha1(b"other")], "block-digest", "broken"),
        (["WARC-Concurrent-To: <urn:x:99>"], "links", "unchecked"),
        (["WARC-Warcinfo-ID: <urn:x:99>"], "links", "unchecked"),
        (["WARC-Type: response"], "head", "broken"),
        (["WARC-Refers-To: <urn:x:1>"], "head", "broken"),
        (["WARC-Truncated: vielleicht"], "head", "broken"),
    ],
)
def test_what_is_wrong_and_what_cannot_be_told(tmp_path, fields, check, verdict):
    found = judged(tmp_path, record(1, b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", ANSWER, *fields))
    assert found == {(check, verdict, "urn:x:1")}


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        (b"WARC-Date: 2020-02-07T15:20:00Z", b"WARC-Date: 07/02/2020"),
        (b"WARC-Record-ID: <urn:x:1>", b"WARC-Record-ID: urn:x:1"),
        (b"WARC-Record-ID: <urn:x:1>", b"X-Record-ID: <urn:x:1>"),
        (b"WARC-Target-URI: http://cu.example/1", b"WARC-Target-URI: cu.example"),
        (b"WARC-Target-URI: http://cu.example/1", b"X: y"),
        (b"WARC-Type: response", b"WARC-Type: warcinfo"),
        (b"WARC-Type: response", b"WARC-Type: revisit"),
        (b"Content-Length: 0", b"X: y"),
    ],
)
def test_heads_against_the_standard(tmp_path, bad, good):
    made = record(1, b"").replace(bad, good)
    assert "head" in {check for check, verdict, _ in judged(tmp_path, made) if verdict == "broken"}


def test_dates_of_1_0_have_no_fractions(tmp_path):
    made = [record(n, b"", version=v).replace(b":00Z", b":00.5Z") for n, v in enumerate(("1.0", "1.1"))]
    assert judged(tmp_path, *made) == {("head", "broken", "urn:x:0")}


def test_a_foreign_revisit_without_its_original_is_unchecked(tmp_path):
    found = judged(tmp_path, record(1, b"HTTP/1.1 200 OK\r\n\r\n", ANSWER, REVISIT, "WARC-Refers-To: <urn:x:9>", kind="revisit"))
    assert found == {("revisit", "unchecked", "urn:x:1")}


def test_a_revisit_of_something_else_is_broken(tmp_path):
    block = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
    found = judged(
        tmp_path,
        record(1, block, ANSWER, f"WARC-Payload-Digest: {sha1(b'x')}"),
        record(2, b"", REVISIT, f"WARC-Payload-Digest: {sha1(b'y')}", "WARC-Refers-To: <urn:x:1>", kind="revisit"),
    )
    assert found == {("revisit", "broken", "urn:x:2")}


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write('<a href="/hai">Huế</a>'.encode())

    def log_message(self, *_):
        pass


def test_what_wget_wrote_is_sound(tmp_path):
    wget = need("wget")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        subprocess.run([wget, "-q", "-r", "--no-proxy", "--warc-file=w", url], cwd=tmp_path, check=True)
        server.shutdown()
    with Depositor.open(tmp_path / "w.db") as depositor:
        assert [r.findings for r in adopt(depositor, [tmp_path / "w.warc.gz"])] == [[]]
    assert [f for f in verify(tmp_path / "w.db") if f.verdict is not Verdict.SOUND] == []


def test_an_article_of_another_version_is_unchecked(tmp_path):
    path = sound(tmp_path / "a.db")

    def newer(body, url, rules):
        article = clean_again(body, url, rules)
        article.cleaner["version"] = "99"
        return article

    findings = list(verify(path, newer))
    assert [(f.check, f.verdict) for f in findings if f.verdict is not Verdict.SOUND] == [("articles", Verdict.UNCHECKED)] * 2
    assert Summary.of(findings).exit_code == 1
    assert Summary.of(findings).to_dict()["articles"] == {"unchecked": 2}


def test_an_article_whose_page_is_damaged_is_unchecked(tmp_path):
    path = sound(tmp_path / "a.db")
    sql(path, f"UPDATE parts SET bytes = substr(bytes, 1, 20) WHERE record = (SELECT max(record) FROM captures WHERE url = '{HOST}/tin')",
        "UPDATE records SET member_length = 20 WHERE id = (SELECT max(record) FROM captures WHERE url LIKE '%/tin')")  # fmt: skip
    found = {(f.check, f.verdict.value) for f in verify(path) if f.verdict is not Verdict.SOUND}
    assert found == {("member", "broken"), ("articles", "unchecked")}


def test_a_large_record_is_adopted_kept_and_verified_in_little_memory(tmp_path):
    path, size = tmp_path / "large.warc", 64 << 20
    with path.open("wb") as out:
        out.write(record(1, b"", kind="resource").replace(b"Length: 0", b"Length: %d" % size)[:-4])
        for n in range(size >> 20):
            out.write(bytes([n]) * (1 << 20))
        out.write(b"\r\n\r\n")
    tracemalloc.start()
    try:
        with Depositor.open(tmp_path / "a.db") as depositor:
            assert [r.findings for r in adopt(depositor, [path])] == [[]]
        assert Summary.of(verify(tmp_path / "a.db")).exit_code == 0
        with Reader.open(tmp_path / "a.db") as reader:
            assert sum(1 for _ in reader.archives[0].parts(1)) > 10
            written = export_warc(reader, tmp_path / "out.warc")
        assert tracemalloc.get_traced_memory()[1] < size // 2
    finally:
        tracemalloc.stop()
    with path.open("rb") as file:
        assert written.sha256 == hashlib.file_digest(file, "sha256").hexdigest()


def test_a_file_that_sqlite_cannot_read_is_a_finding(tmp_path):
    path = sound(tmp_path / "a.db")
    copy = shutil.copy(path, tmp_path / "b.db")
    data = bytearray(copy.read_bytes())
    data[16384 * 2 : 16384 * 12] = bytes(16384 * 10)
    copy.write_bytes(data)
    assert "database" in {f.check for f in verify(copy) if f.verdict is Verdict.BROKEN}
