"""The processes that read pages: started before Scrapy is imported, so that they and the crawl get ready side by side."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from types import TracebackType
from typing import Self

# More reading processes than this have nothing to do: one crawl reads what one wire brings.
MOST = 4


def how_many(processes: int) -> int:
    """The number of processes that READING_PROCESSES means: -1 is one for each core, up to four, and none if there is only one."""
    cores = os.cpu_count() or 1
    return processes if processes >= 0 else min(cores, MOST) if cores > 1 else 0


class PageReader:
    """One process (`child.py`), and our end of the pair of connected sockets that are its stdin and stdout.

    Not pipes: what waits in one is 64 KiB at most, and an answer has 40 kB.
    """

    def __init__(self) -> None:
        self.line, theirs = socket.socketpair()
        with theirs:
            # In a group of its own: Ctrl-C is for the crawl, which ends it when it has come to its own end.
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from crawler.child import serve; serve()"], stdin=theirs.fileno(), stdout=theirs.fileno(), process_group=0,
            )  # fmt: skip

    def end(self) -> None:
        """End the process, whatever it does: it has nothing that would be lost."""
        self.line.close()
        self.process.kill()
        self.process.wait()


class PageReaders:
    """Processes that nobody has taken yet; those that are left when the block is left are ended."""

    def __init__(self, ready: int = 0) -> None:
        self._ready = [PageReader() for _ in range(ready)]

    def take(self) -> PageReader:
        """One that is ready, else a new one."""
        return self._ready.pop() if self._ready else PageReader()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._ready:
            self._ready.pop().end()
