"""The room on a socket, an archive of given answers, and a browser that looks at it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from archives import answer, exchange
from browser import Chromium

from archive.deposit import Depositor
from archive.replay.server import Server


@contextlib.contextmanager
def served(*paths: Path, port: int = 0) -> Iterator[Server]:
    """The reading room over these archives."""
    server = Server(list(paths), port=port)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


def archive_of(path: Path, answers: dict[str, bytes | tuple[bytes, float]]) -> Path:
    """An archive that holds one capture per address: a whole HTTP message, or HTML; a second after START, or as told."""
    with Depositor.open(path) as depositor:
        run = depositor.begin("thu")
        for url, given in answers.items():
            wire, after = given if isinstance(given, tuple) else (given, 1)
            depositor.deposit(run, exchange(url, wire if wire.startswith(b"HTTP/") else answer(wire), after)).result()
        depositor.end(run, "finished").result()
    return path


class Canary:
    """A listener that no replayed page may ever reach: `hits` is what it was sent, `touched` how often it was connected to."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.at = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.hits: list[bytes] = []
        self.touched = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.touched += 1
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while piece := connection.recv(4096):
                self.hits.append(piece)

    def close(self) -> None:
        # A close alone does not wake a thread that waits in accept() on Linux; shutdown does.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    made = Canary()
    yield made
    made.close()


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Chromium]:
    with Chromium(tmp_path / "chromium") as browser:
        yield browser
