"""The reading room on a socket: waitress, a few threads, a Reader for each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO

from waitress import create_server, wasyncore

from archive.replay.access import EVERYBODY, Access, Logged, held
from archive.replay.app import Room
from archive.replay.forms import LONGEST_BODY
from archive.replay.hosts import Hosts
from archive.retrieve import Reader
from archive.words import say

THREADS = 4
# waitress warns of every request that waits for a thread, as each does for a moment: a line a request, and a tenth of its time.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class Readers:
    """Read-only connections to the same archives, one for each thread that asks; `close` lets go of them all."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = list(paths)
        self._mine = threading.local()
        self._all: list[Reader] = []

    def __call__(self) -> Reader:
        """The Reader of this thread. Raises NotAnArchive, NewerSchema, MissingWal, Misuse."""
        if not hasattr(self._mine, "reader"):
            self._mine.reader = Reader.open(self._paths)
            self._all.append(self._mine.reader)
        reader: Reader = self._mine.reader
        return reader

    def close(self) -> None:
        """Close every Reader; nobody may be reading."""
        for reader in self._all:
            reader.close()
        self._all.clear()


class Server:
    """A server that listens from the start; `run` answers until `stop` (from another thread) or Ctrl-C.

    Raises Misuse for archives that cannot be read and for equal host names, OSError if the port is taken.
    """

    def __init__(
        self, paths: Iterable[Path], host: str = "127.0.0.1", port: int = 8080, replay_host: str = "localhost",
        access: Access = EVERYBODY, log: TextIO | None = None,
    ) -> None:  # fmt: skip
        hosts = Hosts.listening(host, replay_host)
        self._readers = Readers(paths)
        self._readers()
        self._sockets: dict[int, Any] = {}
        room: Any = Room(self._readers, hosts, access)
        try:
            # ident: the server does not say what it is made of. Only forms in replay have a body.
            self._server: Any = create_server(
                Logged(room, access, log) if log else room, map=self._sockets, host=host, port=port, threads=THREADS, ident=None,
                max_request_body_size=LONGEST_BODY + 1, max_request_header_size=65536, channel_timeout=60,
            )  # fmt: skip
        except BaseException:
            self._readers.close()
            raise
        self.port = _port(self._server)
        self.address = f"http://{hosts.room}:{self.port}/"
        self.replay_address = f"http://{hosts.replay}:{self.port}/"

    def run(self) -> None:
        """Answer requests; returns once stopped."""
        try:
            self._server.run()
        finally:
            self._server.task_dispatcher.shutdown()
            self._close_sockets()
            self._readers.close()

    def stop(self) -> None:
        """Let `run` return."""
        # In the loop's own thread: closing sockets under a select() that waits on them is an error.
        wake = next(s for s in list(self._sockets.values()) if hasattr(s, "pull_trigger"))
        wake.pull_trigger(self._close_sockets)

    def _close_sockets(self) -> None:
        wasyncore.close_all(self._sockets)


def serve(
    paths: Iterable[Path], *, host: str = "127.0.0.1", port: int = 8080, replay_host: str = "localhost",
    access: Access = EVERYBODY, public: bool = False, log: TextIO | None = None, ready: Callable[[str], None] = lambda _: None,
) -> None:  # fmt: skip
    """Open the reading room until Ctrl-C; `ready` is told where it is. Raises what Server and `held` raise."""
    server = Server(paths, host, port, replay_host, held(host, access, public=public), log)
    told = {"address": server.address, "replay": server.replay_address}
    ready(say("The reading room is open at {address}; replayed pages come from {replay}. Ctrl-C closes it.", **told))
    server.run()


def _port(server: Any) -> int:
    """The port that was taken; a name with several addresses has a socket for each."""
    listening = getattr(server, "effective_listen", None)
    return int(listening[0][1] if listening else server.effective_port)
