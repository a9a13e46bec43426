"""A WSGI application on sockets: a thread for each connection, so that a slow reader or a long answer keeps nobody else waiting."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from archive.replay.incoming import BadRequest, Requests

# Connections at once. One more takes the place of the one that has been idle longest, or waits.
MOST = 128
# Seconds without a new request, or in which a reader takes nothing; and until a request that was begun has come whole.
IDLE, SLOW = 60.0, 20.0
_READ, _WRITTEN = 1 << 14, 1 << 20
_LOG = logging.getLogger(__name__)


class _Gone(Exception):
    """Nobody takes the answer any more."""


Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Connections:
    """Listens from the start; `run` answers until `stop`. `after` is called in the thread of a request once it is over.

    Requests with a body longer than `longest_body` bytes are refused. Raises OSError if the port is taken.
    """

    def __init__(self, application: Application, host: str, port: int, longest_body: int, after: Callable[[], None]) -> None:
        self._application, self._longest_body, self._after = application, longest_body, after
        self._listening = _listening(host, port)
        self.port: int = self._listening[0].getsockname()[1]
        # Of each connection since when it has been idle; None while it is at work.
        self._open: dict[socket.socket, float | None] = {}
        self._changed = threading.Condition()
        self._woken, self._waker = socket.socketpair()
        self._over = False

    def run(self) -> None:
        """Answer requests; returns once stopped, when the answers that were begun are over."""
        threads = ThreadPoolExecutor(MOST, "connection")
        try:
            with selectors.DefaultSelector() as waiting:
                for listener in (*self._listening, self._woken):
                    waiting.register(listener, selectors.EVENT_READ)
                while not self._over:
                    for ready, _ in waiting.select():
                        if ready.fileobj is not self._woken:
                            self._accept(ready.fileobj, threads)
        finally:
            self.close()
            threads.shutdown()

    def stop(self) -> None:
        """Let `run` return."""
        self._over = True
        self._waker.send(b"x")

    def close(self) -> None:
        """Close what listens, and every connection."""
        self._over = True
        for one in (*self._listening, self._woken, self._waker):
            one.close()
        with self._changed:
            for connection in self._open:
                _hang_up(connection)

    def _accept(self, listener: Any, threads: ThreadPoolExecutor) -> None:
        try:
            connection, address = listener.accept()
        except OSError as error:  # it was gone again, or there are no descriptors left
            _LOG.warning("a connection could not be taken: %s", error)
            return
        with self._changed:
            while len(self._open) >= MOST and not self._over:
                idle = [(since, one) for one, since in self._open.items() if since is not None]
                if idle:
                    _hang_up(min(idle, key=lambda pair: pair[0])[1])
                self._changed.wait(1)
            self._open[connection] = time.monotonic()
        threads.submit(self._answer, connection, address)

    def _answer(self, connection: socket.socket, address: tuple[Any, ...]) -> None:
        """Answer one connection's requests until it ends."""
        try:
            connection.settimeout(IDLE)
            with suppress(OSError):  # it has ended meanwhile
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._talk(connection, Requests(_shared(connection, address), self._longest_body))
        except BadRequest as bad:
            _turn_away(connection, bad.status)
        except _Gone:
            _LOG.debug("a reader left, or took nothing any more")
        except Exception:  # noqa: BLE001 - whatever it is, it must not be lost in its thread
            _LOG.exception("an answer broke off")
        finally:
            with self._changed:
                del self._open[connection]
                self._changed.notify()
            connection.close()

    def _talk(self, connection: socket.socket, requests: Requests) -> None:
        more = True
        while more and not self._over:
            if not self._receive(connection, requests):
                return
            self._open[connection] = None
            while requests.ready and more:
                environ, more = requests.ready.pop(0)
                try:
                    more = _Answering(connection, environ, keep=more).by(self._application)
                finally:
                    self._after()
            self._open[connection] = time.monotonic()

    def _receive(self, connection: socket.socket, requests: Requests) -> bool:
        """Read until a request is there; False where the connection ends between two."""
        end = 0.0
        while not requests.ready:
            try:
                data = connection.recv(_READ)
            except OSError:
                return False
            if not data:
                return False
            requests.feed(data)
            if not requests.ready:
                self._open[connection] = None
                if requests.waits:
                    requests.waits = False
                    _send(connection, b"HTTP/1.1 100 Continue\r\n\r\n")
                end = end or time.monotonic() + SLOW
                connection.settimeout(max(0.001, end - time.monotonic()))
        if end:
            connection.settimeout(IDLE)
        return True


class _Answering:
    """One request and how its answer goes out."""

    def __init__(self, connection: socket.socket, environ: dict[str, Any], *, keep: bool) -> None:
        self._connection, self._environ, self._keep = connection, environ, keep
        self._status, self._headers = "", list[tuple[str, str]]()

    def by(self, application: Application) -> bool:
        """Send the application's answer; whether another request may follow it. Raises OSError where the reader is gone."""
        try:
            body = application(self._environ, self._told)
        except Exception:  # noqa: BLE001 - the application may be anything
            _LOG.exception("%s %s failed", self._environ["REQUEST_METHOD"], self._environ["REQUEST_URI"][:200])
            _send(self._connection, _head("500 Internal Server Error", [("Content-Length", "0")], keep=False))
            return False
        try:
            return self._sent(body)
        finally:
            if hasattr(body, "close"):
                body.close()

    def _told(self, status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        self._status, self._headers = status, headers

    def _sent(self, body: Iterable[bytes]) -> bool:
        length = next((int(value) for name, value in self._headers if name.lower() == "content-length"), None)
        bare = self._environ["REQUEST_METHOD"] == "HEAD" or self._status[:3] in ("204", "304")
        chunked = length is None and not bare and self._environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        self._keep = self._keep and (chunked or bare or length is not None)
        ahead = _head(self._status, self._headers, keep=self._keep, chunked=chunked)
        if bare:
            _send(self._connection, ahead)
            return self._keep
        for piece in body:
            if piece:
                framed = b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
                _send(self._connection, ahead + framed if ahead else framed)
                ahead, length = b"", length and length - len(piece)
        if chunked:
            ahead += b"0\r\n\r\n"
        if ahead:
            _send(self._connection, ahead)
        # A body that is not as long as its length says must not be taken for a whole one.
        return self._keep and not length


def _head(status: str, headers: list[tuple[str, str]], *, keep: bool, chunked: bool = False) -> bytes:
    """Status line and header fields. Raises ValueError for a value that would end its line."""
    lines = [f"HTTP/1.1 {status}", *[f"{name}: {value}" for name, value in headers], f"Date: {_date(int(time.time()))}"]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    if not keep:
        lines.append("Connection: close")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1 or "\0" in text:
        raise ValueError("a header value with a line end in it")
    return text.encode("latin-1") + b"\r\n\r\n"


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def _send(connection: socket.socket, data: bytes) -> None:
    """All of it; a reader may be as slow as it likes, but not stop: `sendall` would give all of it one time-out."""
    try:
        sent = connection.send(data)
        while sent < len(data):
            sent += connection.send(memoryview(data)[sent : sent + _WRITTEN])
    except OSError as error:
        raise _Gone from error


def _turn_away(connection: socket.socket, status: int) -> None:
    """Say why there will be no answer, and read on a little: a close with bytes unread would take the words away again."""
    with suppress(_Gone, OSError):
        _send(connection, _head(f"{status} {HTTPStatus(status).phrase}", [("Content-Length", "0")], keep=False))
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(2)
        for _ in range(256):
            if not connection.recv(_READ):
                return


def _shared(connection: socket.socket, address: tuple[Any, ...]) -> dict[str, Any]:
    """What every request of a connection has in its environ."""
    own = connection.getsockname()
    return {
        "SCRIPT_NAME": "", "SERVER_NAME": own[0], "SERVER_PORT": str(own[1]), "REMOTE_ADDR": address[0], "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.errors": _Errors(), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip


class _Errors:
    """PEP 3333's stream of errors: they go where the other ones go."""

    def write(self, text: str) -> None:
        _LOG.error("%s", text)

    def flush(self) -> None:
        """Nothing is held back."""


def _listening(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of `host`, all with one port; "*" and "" are all addresses."""
    made: list[socket.socket] = []
    found = socket.getaddrinfo(None if host in ("", "*") else host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            listener = socket.socket(family, kind, protocol)
            made.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address[0], made[0].getsockname()[1] if made[1:] else port, *address[2:]))
            listener.listen(256)
            listener.setblocking(False)
    except BaseException:
        for listener in made:
            listener.close()
        raise
    return made


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
