"""A power cut, not only a kill: of what a process wrote only what it had synced is sure to be there afterwards.

The writes and syncs of a depositing process are read from its system calls. For each acknowledgement the files are built again as
they may be after a cut at that moment: every synced byte, and of the others none, all, or any of them.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from conftest import ROOT, need

from archive.store.connect import close, open_for_writing

CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename"
CHILD = Path(__file__).with_name("power_cut_child.py")
LINE = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$")
HEX = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
FD = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})*)>")


def plain(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def calls(trace: str):
    """(thread, name, arguments, done) in the order of the trace; a call that was interrupted by another's appears twice."""
    begun: dict[str, str] = {}
    for line in trace.splitlines():
        found = LINE.match(line)
        if not found:
            continue
        thread, resumed, name, rest = found.groups()
        if resumed:
            yield resumed, begun.pop(thread) + rest, True
        elif rest.endswith("<unfinished ...>"):
            begun[thread] = rest.removesuffix("<unfinished ...>")
            yield name, begun[thread], False
        else:
            yield name, rest, True


@dataclass
class Disk:
    """The files below `folder`: what is sure to be on the disk, and what was done since."""

    folder: str
    content: dict[str, bytearray] = field(default_factory=dict)
    synced: dict[str, bytes] = field(default_factory=dict)
    since: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

    def see(self, name: str, arguments: str) -> None:
        """Take in one finished system call."""
        target = FD.match(arguments)
        path = plain(target[1]).decode() if target else ""
        if name == "openat" and "O_CREAT" in arguments:
            made = plain(HEX.search(arguments)[1]).decode()
            if Path(made).parent == Path(self.folder) and not made.endswith("-shm"):
                self.content.setdefault(made, bytearray())
        elif name == "unlink":
            self.content.pop(plain(HEX.search(arguments)[1]).decode(), None)
        elif path in self.content:
            self._change(name, path, arguments)
        elif path == self.folder and name in ("fsync", "fdatasync"):
            self.names = frozenset(self.content)

    def _change(self, name: str, path: str, arguments: str) -> None:
        content = self.content[path]
        if name == "pwrite64":
            data = plain(HEX.search(arguments)[1])
            at = int(arguments.rpartition(")")[0].rpartition(",")[2])
            content.extend(bytes(max(0, at + len(data) - len(content))))
            content[at : at + len(data)] = data
            self.since.setdefault(path, []).append((at, data))
        elif name == "ftruncate":
            size = int(arguments.rpartition(")")[0].rpartition(",")[2])
            content.extend(bytes(max(0, size - len(content))))
            del content[size:]
        elif name in ("fsync", "fdatasync"):
            self.synced[path] = bytes(content)
            self.since[path] = []

    def after_cut(self, target: Path, survives) -> Path:
        """The folder as a cut leaves it, with those unsynced writes that `survives` says; the archive in it."""
        target.mkdir()
        for path in self.names:
            left = bytearray(self.synced.get(path, b""))
            for at, data in self.since.get(path, []):
                if survives():
                    left.extend(bytes(max(0, at + len(data) - len(left))))
                    left[at : at + len(data)] = data
            (target / Path(path).name).write_bytes(left)
        return target / "hue.db"


def lost(level: str, folder: Path) -> list[str]:
    """What is missing after power cuts during a process that wrote with this `synchronous` level."""
    trace, acknowledged = folder / "trace", folder / "acknowledged"
    (folder / "disk").mkdir()
    subprocess.run(
        [need("strace"), "-f", "-y", "-xx", "-s", "99999999", "-e", f"trace={CALLS}", "-o", trace,
         sys.executable, CHILD, folder / "disk" / "hue.db", acknowledged, level],
        check=True, env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )  # fmt: skip
    disk, ids, missing = Disk(str(folder / "disk")), [], []
    dice = random.Random(7)
    for name, arguments, done in calls(trace.read_text(encoding="ascii")):
        target = FD.match(arguments)
        if name != "write" or not target or plain(target[1]).decode() != str(acknowledged):
            if done:
                disk.see(name, arguments)
            continue
        said = plain(HEX.search(arguments)[1]).decode().strip()
        if said in ids:
            continue
        ids.append(said)
        for number, survives in enumerate((lambda: False, lambda: True, lambda: dice.random() < 0.5)):
            missing += absent(disk.after_cut(folder / f"cut-{len(ids)}-{number}", survives), ids)
    assert len(ids) == 30
    return missing


def absent(archive: Path, ids: list[str]) -> list[str]:
    """Which of the records are not there, and what SQLite says of the file."""
    db = open_for_writing(archive)
    held = {row[0] for row in db.conn.execute("SELECT record_id FROM records JOIN parts ON record = records.id")}
    sound = db.conn.execute("PRAGMA integrity_check").fetchone()[0]
    close(db)
    return [i for i in ids if i not in held] + ([] if sound == "ok" else [sound])


def test_whatever_was_acknowledged_survives_a_power_cut(tmp_path):
    assert lost("FULL", tmp_path) == []


def test_with_less_than_full_syncing_it_would_not(tmp_path):
    assert lost("NORMAL", tmp_path)
