"""What was asked for by POST is kept like all else: it goes on after a kill, leaves and comes back bit for bit, and is replayed."""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from running import environment, tangthu
from served import served

from archive import Reader
from archive.audit.verify import verify
from archive.retrieve import kept
from archive.urls import digits14
from crawler.sample import SamplePortal, profiles, ui_article, webforms

CODES = ["mau-webforms", "mau-ui-article"]


def words(portal, path, *codes):
    where = [w for host in portal.sites for w in ("--resolve", f"{host}=127.0.0.1:{portal.port}")]
    return ["crawl", "--own-host", "--archive", str(path), *where, *(w for f in profiles() for w in ("--profile", str(f))), *codes]


@pytest.fixture(scope="module")
def portal():
    with SamplePortal() as running:
        yield running


@pytest.fixture(scope="module")
def whole(portal, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "a.db"
    ended = tangthu(*words(portal, path, *CODES))
    assert ended.code == 0, ended.err
    return path


def exchanges(path, host):
    """What was captured of a host, robots.txt aside, by how it was asked for, with how often."""
    with Reader.open(path) as reader:
        return Counter((c.method, c.url, c.status, c.payload_digest) for c in reader.captures() if f"//{host}/" in c.url and "robots" not in c.url)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.55])
def test_a_kill_in_the_middle_of_postbacks_goes_on_with_the_next_page(portal, whole, tmp_path, share):
    path = tmp_path / "a.db"
    expected = exchanges(whole, webforms.HOST)
    posts = [number for number, asked in enumerate(portal.log) if asked.method == "POST"]
    assert posts
    read, write = os.pipe()
    script = Path(__file__).with_name("killed_crawl.py")
    instant = f"acknowledged:{2 + int(share * expected.total())}"
    process = subprocess.Popen(
        [sys.executable, str(script), *words(portal, path, "mau-webforms")], pass_fds=[write],
        env=environment(TELL=str(write), KILL=instant), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as told:
        told.read()
    assert process.wait() == -signal.SIGKILL
    before = exchanges(path, webforms.HOST)
    assert before < expected
    ended = tangthu(*words(portal, path, "mau-webforms"))
    assert ended.code == 0, ended.err
    assert exchanges(path, webforms.HOST) == expected
    with Reader.open(path) as reader:
        assert [f for f in verify(reader) if f.verdict.value != "sound"] == []


def test_posts_leave_and_come_back_bit_for_bit(whole, tmp_path):
    first, second = tmp_path / "1.warc.gz", tmp_path / "2.warc.gz"
    assert tangthu("export", "--archive", whole, "--warc", first).code == 0
    assert tangthu("adopt", "--archive", tmp_path / "b.db", first).code == 0
    assert tangthu("export", "--archive", tmp_path / "b.db", "--warc", second).code == 0
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    for host in (webforms.HOST, ui_article.HOST):
        assert exchanges(tmp_path / "b.db", host) == exchanges(whole, host)
    assert any(method == "POST" for method, *_ in exchanges(whole, webforms.HOST))
    assert tangthu("verify", "--archive", tmp_path / "b.db").code == 0


@pytest.mark.parametrize("host", [webforms.HOST, ui_article.HOST])
def test_every_answer_to_a_post_is_replayed_for_the_same_data_and_for_no_other(whole, host):
    with Reader.open(whole) as reader, served(whole) as room:
        posts = [c for c in reader.captures() if c.method == "POST" and f"//{host}/" in c.url]
        assert len(posts) > 3
        for capture in posts:
            archive, row = reader.stored(capture.record_id)
            request = next(r for r in archive.records_of(row.capture) if r.type == "request")
            head, _, body = kept(archive, request).record().read().partition(b"\r\n\r\n")
            media_type = next(line.partition(b": ")[2].decode() for line in head.split(b"\r\n") if line.lower().startswith(b"content-type"))
            at = f"/web/{digits14(capture.time)}id_/{capture.url}"
            with reader.open(capture) as opened:
                assert posted(room.port, at, media_type, body) == (200, opened.body())
            assert posted(room.port, at, media_type, body + b"1")[0] == 404


def posted(port, at, media_type, body):
    """Status and body of what the room answers to a POST in replay."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", at, body, {"Host": f"localhost:{port}", "Content-Type": media_type})
    with connection.getresponse() as came:
        told = came.status, came.read()
    connection.close()
    return told
