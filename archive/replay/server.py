"""The reading room on a socket: who may connect, which archives are read, and with how many connections to them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from archive.replay.access import EVERYBODY, Access, Logged, held
from archive.replay.app import Room
from archive.replay.connections import Connections
from archive.replay.forms import LONGEST_BODY
from archive.replay.hosts import Hosts
from archive.retrieve import Reader
from archive.words import say

# Seconds until a thread that has the interpreter passes it on. While a page of 2.9 MB was rewritten over and over, bodies came
# with a p99 of 58-64 ms against 109-370 ms with Python's own 5 ms (50 requests/s over 8 connections, two cores, beside other load).
SWITCH = 0.0005


class Readers:
    """Read-only connections to the same archives, as many as there were requests at once; `close` lets go of them all."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = list(paths)
        self._mine = threading.local()
        self._free: list[Reader] = [Reader.open(self._paths)]

    def __call__(self) -> Reader:
        """The Reader of this thread until it calls `free`. Raises NotAnArchive, NewerSchema, MissingWal, Misuse."""
        reader: Reader | None = getattr(self._mine, "reader", None)
        if reader is None:
            try:
                reader = self._free.pop()
            except IndexError:
                reader = Reader.open(self._paths)
            self._mine.reader = reader
        return reader

    def free(self) -> None:
        """The request of this thread is over: the next one, of whatever thread, may have its Reader."""
        reader: Reader | None = getattr(self._mine, "reader", None)
        if reader is not None:
            self._mine.reader = None
            self._free.append(reader)

    def close(self) -> None:
        """Close every Reader; nobody may be reading."""
        while self._free:
            self._free.pop().close()


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
        room: Any = Room(self._readers, hosts, access)
        try:
            # Only forms in replay have a body.
            self._connections = Connections(
                Logged(room, access, log) if log else room, host, port, LONGEST_BODY + 1, self._readers.free
            )
        except BaseException:
            self._readers.close()
            raise
        self.port = self._connections.port
        self.address = f"http://{hosts.room}:{self.port}/"
        self.replay_address = f"http://{hosts.replay}:{self.port}/"

    def run(self) -> None:
        """Answer requests; returns once stopped."""
        try:
            with suppress(KeyboardInterrupt):
                self._connections.run()
        finally:
            self._readers.close()

    def stop(self) -> None:
        """Let `run` return."""
        self._connections.stop()


def serve(
    paths: Iterable[Path], *, host: str = "127.0.0.1", port: int = 8080, replay_host: str = "localhost",
    access: Access = EVERYBODY, public: bool = False, log: TextIO | None = None, ready: Callable[[str], None] = lambda _: None,
) -> None:  # fmt: skip
    """Open the reading room until Ctrl-C; `ready` is told where it is. Raises what Server and `held` raise."""
    server = Server(paths, host, port, replay_host, held(host, access, public=public), log)
    told = {"address": server.address, "replay": server.replay_address}
    sys.setswitchinterval(SWITCH)
    ready(say("The reading room is open at {address}; replayed pages come from {replay}. Ctrl-C closes it.", **told))
    server.run()
