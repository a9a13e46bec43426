"""A disk that fills up, a real one: keeping stops with one sentence, what was kept is kept, and it goes on once there is room."""

from __future__ import annotations

import os
import subprocess

import pytest
from exchanges import answer, exchange

from archive.deposit import Depositor
from archive.errors import DiskFull
from archive.model import Link
from archive.store.connect import close, open_for_reading, open_for_writing

BALLAST = 6 << 20


@pytest.fixture
def disk(tmp_path):
    """A file system of twelve megabytes, six of them taken by `ballast`."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", tmp_path], check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    (tmp_path / "ballast").write_bytes(bytes(BALLAST))
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def fill(depositor, run, size):
    """Deposit until it fails; what was acknowledged, and the failure."""
    kept = []
    while True:
        future = depositor.deposit(run, exchange(answer(os.urandom(size))))
        if future.exception():
            return kept, future.exception()
        kept.append(future.result().record_id)


def held(db):
    return {row[0] for row in db.conn.execute("SELECT record_id FROM records WHERE type = 'response'")}


@pytest.mark.parametrize("size", [3_000, 70_000, 3_000_000], ids=["pages", "images", "larger than the room"])
def test_a_full_disk_stops_keeping_and_nothing_else(disk, size):
    path = disk / "hue.db"
    depositor = Depositor.open(path)
    run = depositor.begin("hue", starts=[Link("http://hue.example/")], warcinfo={})
    kept, failure = fill(depositor, run, size)
    assert isinstance(failure, DiskFull)
    assert str(failure).startswith(f"{path}: no room to keep what came")
    assert "\n" not in str(failure)
    depositor.close()

    (disk / "ballast").unlink()
    with Depositor.open(path) as depositor:
        again = depositor.begin("hue", warcinfo={})
        assert again.root == run.root
        more = depositor.deposit(again, exchange(answer(b"x"))).result()
    db = open_for_reading(path)
    assert db["runs"].get(run.id)["outcome"] == "interrupted"
    assert held(db) == {*kept, more.record_id}
    assert db.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    db.conn.close()


def test_a_disk_without_room_for_an_archive(disk):
    (disk / "rest").write_bytes(bytes(BALLAST - 16384))
    with pytest.raises(DiskFull) as error:
        open_for_writing(disk / "hue.db")
    assert "free space" in str(error.value)
    (disk / "rest").unlink()
    close(open_for_writing(disk / "hue.db"))
