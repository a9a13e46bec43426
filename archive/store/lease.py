"""Leases: a line about the process that runs a crawl, from which another can tell whether it still lives."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path
from uuid import uuid4

# The leases that this process holds. Another Depositor of the same process may have gone without giving its lease back.
_HELD: set[str] = set()


def take() -> str:
    """A lease of this process, as JSON."""
    pid = os.getpid()
    token = uuid4().hex
    _HELD.add(token)
    return json.dumps({
        "host": platform.node(), "boot": _boot(), "pid": pid, "start": _started(pid), "token": token,
    })  # fmt: skip


def give_back(lease: str) -> None:
    """Forget a lease: from now on it counts as dead."""
    _HELD.discard(json.loads(lease)["token"])


def is_here(lease: str) -> bool:
    """Whether a process of this machine took the lease, so that it can be looked for."""
    return bool(json.loads(lease)["host"] == platform.node())


def alive(lease: str) -> bool:
    """Whether the process that took the lease may still be at work; one on another machine always may."""
    held = json.loads(lease)
    if not is_here(lease):
        return True
    if held["boot"] != _boot():
        return False
    if held["pid"] == os.getpid() and held["start"] == _started(os.getpid()):
        return held["token"] in _HELD
    started = _started(held["pid"])
    return bool(started) and started == held["start"]


def _boot() -> str:
    """A number that changes when the machine starts anew; empty where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process began, so that a later one with its number is not taken for it; empty if there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # Field 22 of proc(5); the second field may hold blanks and brackets.
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return ""
        # A zombie has ended, whatever its parent makes of it.
        return "" if fields[0] in {"Z", "X"} else fields[19]
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()
