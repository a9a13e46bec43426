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
DEPOSITS = [Path(__file__).with_name("power_cut_child.py")]
# One thread and no chance: its calls are the same each time.
OPENS_AND_CLOSES = ["-c", """
import os, sys
from pathlib import Path
from archive.store.connect import close, open_for_writing, writing
for name in ("a", "b"):
    db = open_for_writing(Path(sys.argv[1]))
    with writing(db) as conn:
        conn.execute("INSERT INTO rules VALUES (?, ?)", (name, "x" * 99999))
    os.write(os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND), name.encode() + b"\\n")
    close(db)
"""]


def run(program: list, folder: Path, *strace: str) -> tuple[int, list[str], str]:
    """Run the program on an archive in a folder of its own; its exit, what it acknowledged, and its trace."""
    folder.mkdir()
    trace, acknowledged = folder / "trace", folder / "acknowledged"
    files = [a for name in ("hue.db", "hue.db-wal", "hue.db-journal", "") for a in ("-P", folder / name)]
    done = subprocess.run(
        [need("strace"), "-f", "-y", *strace, "-e", f"trace={CALLS}", *files, "-o", trace,
         sys.executable, *program, folder / "hue.db", acknowledged, "FULL"],
        check=False, env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )  # fmt: skip
    said = acknowledged.read_text().splitlines() if acknowledged.exists() else []
    return done.returncode, said, trace.read_text()


def moments(program: list, folder: Path) -> list[tuple[str, int]]:
    """The calls of an undisturbed process, each with its number among those of its thread and name: so strace counts."""
    code, _, trace = run(program, folder)
    assert code == 0
    counts: Counter = Counter()
    found = []
    for call in re.findall(rf"^(\d+) +({CALLS.replace(',', '|')})\(", trace, re.MULTILINE):
        counts[call] += 1
        found.append((call[1], counts[call]))
    return found


def killed(program: list, folder: Path, name: str, number: int) -> None:
    """Kill the program at this call; afterwards the archive opens, is sound, and has all that was acknowledged, once."""
    code, acknowledged, _ = run(program, folder, "-e", f"inject={name}:signal=SIGKILL:when={number}")
    # Groups form by chance: of depositing, the last calls of one process may not come in another.
    assert code == -signal.SIGKILL or (program is DEPOSITS and code == 0)
    if not (folder / "hue.db").exists():
        return
    db = open_for_writing(folder / "hue.db")
    held = [row[0] for row in db.conn.execute("SELECT record_id FROM records JOIN parts ON record = records.id")]
    held += [row[0] for row in db.conn.execute("SELECT digest FROM rules")]
    assert set(acknowledged) <= set(held)
    assert len(set(held)) == len(held)
    assert db.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert db.conn.execute("PRAGMA foreign_key_check").fetchall() == []
    close(db)


def test_killed_while_closing(tmp_path):
    calls = moments(OPENS_AND_CLOSES, tmp_path / "whole")
    # The log is unlinked, then the header changed: in between the file looks like a copy made without its log.
    log = [at for at, (name, _) in enumerate(calls) if name == "unlink"][-2]
    for at in range(log - 1, log + 8):
        killed(OPENS_AND_CLOSES, tmp_path / str(at), *calls[at])


def test_killed_while_depositing(tmp_path):
    calls = moments(DEPOSITS, tmp_path / "whole")
    for at in range(20, len(calls), len(calls) // 4):
        killed(DEPOSITS, tmp_path / str(at), *calls[at])


@pytest.mark.soak
@pytest.mark.parametrize("program", [OPENS_AND_CLOSES, DEPOSITS], ids=["open and close", "deposit"])
def test_killed_everywhere(program, tmp_path):
    for at, moment in enumerate(moments(program, tmp_path / "whole")):
        killed(program, tmp_path / str(at), *moment)
