"""A crawl whose disk fills up, and one killed in the middle of a large answer: nothing kept is lost, nothing is left lying about."""

from __future__ import annotations

import random
import signal
import subprocess
from collections import Counter

import pytest
from running import START, environment, one_sentence, tangthu
from server import Portal

from archive import Reader
from archive.audit.verify import verify

# Answers above one megabyte wait in the spool folder, smaller ones in memory.
SMALL, LARGE, PAPERS = 700_000, 1_500_000, 10


def big(number, size):
    """A document that does not compress; the same each time."""
    return b"%PDF-1.4\n" + random.Random(number).randbytes(size)


def paper(number, size):
    body = big(number, size)
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@pytest.fixture(scope="module")
def portal():
    with Portal() as portal:
        for size in (SMALL, LARGE):
            links = b"".join(b'<a href="%d.pdf">%d</a>' % (n, n) for n in range(PAPERS))
            page = b"<html><body>" + links + b"</body></html>"
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page)
            portal.on(f"/{size}/", head + page)
            for number in range(PAPERS):
                portal.on(f"/{size}/{number}.pdf", paper(number, size), then="keep")
        yield portal


@pytest.fixture
def mount():
    mounted = []

    def make(folder, size):
        folder.mkdir(exist_ok=True)
        wanted = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
        if subprocess.run(wanted, check=False, capture_output=True).returncode:
            pytest.skip("needs the right to mount a tmpfs")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)


def crawl(portal, path, size):
    return tangthu("crawl", portal.url(f"/{size}/"), "--own-host", "--archive", path)


def outcomes(path):
    with Reader.open(path) as reader:
        return [run["outcome"] for run in reader.runs()]


def kept(path):
    with Reader.open(path) as reader:
        assert [f for f in verify(reader) if f.verdict.value != "sound"] == []
        return Counter((c.url, c.payload_digest) for c in reader.captures() if not c.url.endswith("/robots.txt"))


@pytest.fixture(scope="module")
def undisturbed(portal, tmp_path_factory):
    """By the papers' size, what a crawl keeps that nothing disturbs."""
    whole = {}
    for size in (SMALL, LARGE):
        path = tmp_path_factory.mktemp("whole") / "a.db"
        assert crawl(portal, path, size).code == 0
        whole[size] = kept(path)
        assert len(whole[size]) == PAPERS + 1
    return whole


def test_a_disk_that_is_full_of_the_archive(portal, undisturbed, mount, tmp_path):
    disk = mount(tmp_path / "disk", "32m")
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(26 << 20))
    ended = crawl(portal, disk / "a.db", SMALL)
    assert (ended.code, one_sentence(ended.err)) == (3, True), ended.err
    assert "no room to keep what came" in ended.err
    ballast.unlink()
    before = kept(disk / "a.db")
    assert before < undisturbed[SMALL]
    assert outcomes(disk / "a.db") == [None]
    assert crawl(portal, disk / "a.db", SMALL).code == 0
    assert (outcomes(disk / "a.db"), kept(disk / "a.db")) == (["interrupted", "finished"], undisturbed[SMALL])
    assert [f.name for f in disk.iterdir()] == ["a.db"]


def test_a_disk_without_room_for_large_answers(portal, undisturbed, mount, tmp_path):
    path = tmp_path / "a.db"
    spool = mount(tmp_path / "a.db-spool", "2m")
    ended = crawl(portal, path, LARGE)
    assert (ended.code, one_sentence(ended.err)) == (3, True), ended.err
    assert "for an answer that is being received" in ended.err
    assert list(spool.iterdir()) == []
    assert kept(path) < undisturbed[LARGE]
    subprocess.run(["mount", "-o", "remount,size=64m", spool], check=True)
    assert crawl(portal, path, LARGE).code == 0
    assert (outcomes(path), kept(path), list(spool.iterdir())) == (["interrupted", "finished"], undisturbed[LARGE], [])


def test_a_kill_in_the_middle_of_a_large_answer(portal, undisturbed, tmp_path):
    path = tmp_path / "a.db"
    whole = paper(0, LARGE)
    portal.on(f"/{LARGE}/0.pdf", lambda wire: (wire.send(whole[:-1]), wire.stall()))
    process = subprocess.Popen(
        [*START, "crawl", portal.url(f"/{LARGE}/"), "--own-host", "--archive", str(path)],
        env=environment(),
        stderr=subprocess.DEVNULL,
    )
    left = []
    while not left and process.poll() is None:
        portal.released.wait(0.02)
        left = list(tmp_path.glob("a.db-spool/run-1/*"))
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert left
    portal.on(f"/{LARGE}/0.pdf", whole, then="keep")
    assert crawl(portal, path, LARGE).code == 0
    assert (outcomes(path), kept(path)) == (["interrupted", "finished"], undisturbed[LARGE])
    assert not list(tmp_path.glob("a.db-*"))
