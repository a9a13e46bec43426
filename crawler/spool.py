"""Where large answers wait until they are kept: a folder per run beside the archive, emptied of what killed runs left."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from archive import Reader
from archive.model import Run


def spool_of(archive: Path, run: Run) -> Path:
    """The folder in which `run` spools."""
    return _folder(archive) / f"run-{run.id}"


def sweep(archive: Path) -> list[str]:
    """Remove what runs left that are no longer alive; the names of what was removed."""
    folder = _folder(archive)
    if not folder.is_dir():
        return []
    with Reader.open(archive) as reader:
        ended = {f"run-{run['id']}" for run in reader.runs() if run["outcome"] is not None}
    removed = [entry for entry in folder.iterdir() if entry.name in ended]
    for entry in removed:
        shutil.rmtree(entry, ignore_errors=True)
    return [entry.name for entry in removed]


def leave(spool: Path) -> None:
    """Remove a run's folder at its end, and the one around it unless another run is in there."""
    shutil.rmtree(spool, ignore_errors=True)
    with suppress(OSError):
        spool.parent.rmdir()


def _folder(archive: Path) -> Path:
    return archive.with_name(archive.name + "-spool")
