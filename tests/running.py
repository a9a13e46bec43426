"""The command as a user starts it: in a process of its own, without anything of this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from conftest import ROOT

START = [sys.executable, "-c", "from crawler.cli import main; main()"]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("TANGTHU_") and k.lower() not in ("http_proxy", "https_proxy", "no_proxy")
    }
    return {**clean, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **more}


def tangthu(*words: str | Path, cwd: Path | None = None, **env: str) -> Ended:
    """Run one verb to its end."""
    done = subprocess.run(
        [*START, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd or ROOT,
        env=environment(**env),
        timeout=300,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def one_sentence(text: str) -> bool:
    """Whether stderr holds one line and no traceback."""
    return "Traceback" not in text and len([line for line in text.splitlines() if line.strip()]) == 1
