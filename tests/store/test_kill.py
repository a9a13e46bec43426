"""kill -9 at any moment: at the n-th system call that changes a file, also within a checkpoint and while an archive is closed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT, need

from archive.store.connect import close, open_for_writing

CALLS = "pwrite64,fsync,fdatasync,ftruncate,unlink"
CHILD = Path(__file__).with_name("power_cut_child.py")


def child(folder: Path, *strace: str) -> tuple[int, list[str], str]:
    """Run the depositing process in a folder of its own; its exit, what it acknowledged, and its trace."""
    folder.mkdir()
    trace, acknowledged = folder / "trace", folder / "acknowledged"
    done = subprocess.run(
        [need("strace"), "-f", "-y", *strace, "-e", f"trace={CALLS}", "-P", folder / "hue.db", "-P", folder / "hue.db-wal",
         "-P", folder / "hue.db-journal", "-P", folder, "-o", trace, sys.executable, CHILD, folder / "hue.db", acknowledged, "FULL"],
        check=False, env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )  # fmt: skip
    said = acknowledged.read_text().splitlines() if acknowledged.exists() else []
    return done.returncode, said, trace.read_text()


def survives(folder: Path, acknowledged: list[str]) -> None:
    db = open_for_writing(folder / "hue.db")
    held = [row[0] for row in db.conn.execute("SELECT record_id FROM records JOIN parts ON record = records.id")]
    assert set(acknowledged) <= set(held)
    assert len(set(held)) == len(held)
    assert db.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert db.conn.execute("PRAGMA foreign_key_check").fetchall() == []
    close(db)


@pytest.fixture(scope="module")
def moments(tmp_path_factory):
    """The calls of an undisturbed process in order, each with its number among those of its thread and name, as strace counts."""
    code, acknowledged, trace = child(tmp_path_factory.mktemp("whole") / "archive")
    assert (code, len(acknowledged)) == (0, 30)
    counts = Counter()
    found = []
    for call in re.findall(rf"^(\d+) +({CALLS.replace(',', '|')})\(", trace, re.MULTILINE):
        counts[call] += 1
        found.append((call[1], counts[call]))
    return found


def kill_at(folder: Path, name: str, number: int) -> None:
    code, acknowledged, _ = child(folder, "-e", f"inject={name}:signal=SIGKILL:when={number}")
    assert code == -signal.SIGKILL
    if (folder / "hue.db").exists():
        survives(folder, acknowledged)


def test_killed_here_and_there(moments, tmp_path):
    # Closing unlinks the log, and only then changes the header: between the two the file looks like a copy without its log.
    closing = [at for at, (name, _) in enumerate(moments) if name == "unlink"][-3:]
    for at in {*closing, closing[0] + 1, *range(20, len(moments), len(moments) // 4)}:
        kill_at(tmp_path / str(at), *moments[at])


@pytest.mark.soak
def test_killed_everywhere(moments, tmp_path):
    for at, moment in enumerate(moments):
        kill_at(tmp_path / str(at), *moment)
