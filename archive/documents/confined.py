"""Reads files in a process of its own, with limits of time and memory: a hostile file harms nothing but itself."""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import signal
from dataclasses import astuple
from multiprocessing.connection import Connection
from typing import Self

from archive.model import FileText

SECONDS = 60.0
# Address space of the process: PDFium, lxml and Python take 0.3 GB of it before they read anything.
MEMORY = 2 << 30


class Confined:
    """Reads files one after the other; use it as a context, or close it. `seconds` are given to each, `memory` bytes to the process."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None

    def read(self, data: bytes) -> FileText:
        """As `reading.read`; a file that needs too much time or memory, or takes the process down, has the status too-hard."""
        pipe = self._pipe or self._begin()
        try:
            pipe.send_bytes(data)
            if not pipe.poll(self._seconds):
                self.close()
                return _too_hard(f"more than {self._seconds:g} s")
            answer: tuple[object, ...] = pipe.recv()
        except (EOFError, OSError):
            self.close()
            return _too_hard("it took the process down")
        return FileText(*answer) if answer else _too_hard(f"more than {self._memory >> 20} MB of memory")  # type: ignore[arg-type]

    def _begin(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, self._memory), daemon=True)
        self._process.start()
        other.close()
        return self._pipe


def _too_hard(why: str) -> FileText:
    return FileText("unknown", "too-hard", note=why)


def _serve(pipe: Connection, memory: int) -> None:
    """The process: read files until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it
    from archive.documents.reading import read  # noqa: PLC0415 - only this process needs the parsers

    with contextlib.suppress(ValueError, OSError):  # macOS knows the limit and refuses it
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(EOFError, OSError):
        while True:
            data = pipe.recv_bytes()
            try:
                answer: tuple[object, ...] = astuple(read(data))
            except MemoryError:
                answer = ()
            except Exception as problem:  # noqa: BLE001 - a hostile file may bring out any fault of a library's
                answer = astuple(FileText("unknown", "broken", note=f"{type(problem).__name__}: {problem}"))
            pipe.send(answer)
