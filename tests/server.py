"""A portal on loopback that sends raw bytes, as bad as a test wants them, and remembers what crossed each connection.

    with Portal() as portal:
        portal.on("/odd", b"HTTP/1.1 200  OK\\r\\nX-A:no-space\\r\\nContent-Length: 2\\r\\n\\r\\nhi")   # sent, then closed
        portal.on("/kept", answer, then="keep")                            # the connection stays for the next request
        portal.on("/slow", lambda wire: (wire.send(b"HTTP/1.1 200 OK\\r\\n"), wire.stall()))
        ... fetch portal.url("/odd") ...
        hit = portal.hits("/odd")[0]                                       # hit.request, hit.sent: exactly these bytes

A script is bytes, a list of pieces (each sent on its own), or a function that gets a `Wire`. `then` says what follows it:
close (with close_notify under TLS), keep, reset (RST), cut (FIN, but no close_notify). Stalls last until
`portal.release()` or the end of the portal; nothing here sleeps.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

Script = bytes | list[bytes] | Callable[["Wire"], object]


@dataclass
class Hit:
    """One request and the bytes sent in answer to it; `done` is set once the script has ended and `sent` is whole."""

    path: str
    request: bytes
    sent: bytearray = field(default_factory=bytearray)
    done: threading.Event = field(default_factory=threading.Event)


class Wire:
    """What a script can do to the connection."""

    def __init__(self, portal: Portal, connection: socket.socket, hit: Hit) -> None:
        self.portal, self.connection, self.hit = portal, connection, hit

    def send(self, *pieces: bytes) -> None:
        """Send each piece on its own; raises OSError once the client has gone."""
        for piece in pieces:
            view = memoryview(piece)
            while view:
                size = self.connection.send(view)
                self.hit.sent += view[:size]
                view = view[size:]

    def drip(self, data: bytes, size: int = 1, pause: float = 0.0) -> None:
        """Send `data` in pieces of `size`, `pause` seconds apart unless released."""
        for at in range(0, len(data), size):
            self.send(data[at : at + size])
            if pause:
                self.portal.released.wait(pause)

    def endless(self, piece: bytes) -> None:
        """Send `piece` again and again until the client has gone."""
        with contextlib.suppress(OSError):
            while not self.portal.closing.is_set():
                self.send(piece)

    def stall(self) -> None:
        """Send nothing more until the portal is released or the client has gone."""
        self.connection.settimeout(0.02)
        while not self.portal.released.is_set():
            try:
                if not self.connection.recv(1024):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    def close(self) -> None:
        """End the connection in order."""
        with contextlib.suppress(OSError):
            if isinstance(self.connection, ssl.SSLSocket):
                self.connection.settimeout(5)
                self.connection = self.connection.unwrap()
        self.cut()

    def cut(self) -> None:
        """End the TCP connection; under TLS without saying so first."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def reset(self) -> None:
        """End the connection by RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class Portal:
    """Listens on a free port of `host`; with `tls`, a server-side SSLContext, every connection speaks TLS."""

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._tls = tls
        self._scripts: dict[str, tuple[Script, str]] = {}
        self._hits: list[Hit] = []
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.connections = 0
        self.released = threading.Event()
        self.closing = threading.Event()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=256)
        self.host, self.port = host, self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def on(self, path: str, script: Script, then: str = "close") -> None:
        """Answer requests for `path` (as it stands in the request line) so; `*` is for all others."""
        self._scripts[path] = (script, then)

    def url(self, path: str = "/") -> str:
        """The address of `path`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def hits(self, path: str | None = None) -> list[Hit]:
        """What was asked and answered so far, in the order in which requests came."""
        with self._lock:
            return [hit for hit in self._hits if path in (None, hit.path)]

    def release(self) -> None:
        """End all stalls."""
        self.released.set()

    def close(self) -> None:
        """Stop listening and end every connection."""
        self.closing.set()
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self._open.add(connection)
        held = connection
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True, suppress_ragged_eofs=True)
            while self._answer(connection):
                pass
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(held)
            connection.close()

    def _answer(self, connection: socket.socket) -> bool:
        request = _read_request(connection)
        if not request:
            return False
        path = request.split(b" ", 2)[1].decode("latin-1")
        hit = Hit(path, request)
        with self._lock:
            self._hits.append(hit)
        script, then = self._scripts.get(path) or self._scripts.get("*") or (NOT_FOUND, "close")
        wire = Wire(self, connection, hit)
        try:
            if callable(script):
                script(wire)
            else:
                wire.send(*([script] if isinstance(script, bytes) else script))
        finally:
            hit.done.set()
        if then == "keep":
            return True
        {"close": wire.close, "reset": wire.reset, "cut": wire.cut}[then]()
        return False


NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def _read_request(connection: socket.socket) -> bytes:
    """The bytes of the next request, head and body; empty if the client has gone."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return b""
        head += piece
    end = head.index(b"\r\n\r\n") + 4
    length = 0
    for line in head[:end].split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(head) < end + length:
        piece = connection.recv(65536)
        if not piece:
            break
        head += piece
    return head


def html(body: bytes) -> bytes:
    """The answer that is this page."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
