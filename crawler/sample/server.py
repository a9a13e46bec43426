"""A small threaded HTTP/1.1 server on loopback that sends the sites' answers byte for byte as they are scripted."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Self

from crawler.sample.answers import Answer, Asked, Site, plain
from crawler.sample.drupal import SITE as DRUPAL
from crawler.sample.liferay import SITE as LIFERAY
from crawler.sample.nukeviet import SITE as NUKEVIET
from crawler.sample.odd import SITES as ODD
from crawler.sample.sharepoint import SITE as SHAREPOINT
from crawler.sample.ui_article import SITE as UI_ARTICLE
from crawler.sample.weak import context
from crawler.sample.webforms import SITE as WEBFORMS

# The families F1 to F6, each with its own host name.
_SITES = (DRUPAL, UI_ARTICLE, SHAREPOINT, LIFERAY, NUKEVIET, WEBFORMS)
_LONGEST_HEAD = 64 * 1024
_IDLE = 30.0


class SamplePortal:
    """The sites of one invented province while the `with` block lasts.

    `port` is where they listen on 127.0.0.1, `weak_port` where the one does that speaks old TLS; `sites` are the host names of the six families,
    `odd` those of the cases that cut across them, `log` is what was asked, in order of arrival. An answer depends on nothing but the request,
    the clock `now`, and how often that address was asked for.
    """

    sites = tuple(s.host for s in _SITES)
    odd = tuple(host for s in ODD for host in (s.host, *s.aliases))

    def __init__(self, port: int = 0, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.log: list[Asked] = []
        self.now = now
        self._of: dict[str, Site] = {host: s for s in (*_SITES, *ODD) for host in (s.host, *s.aliases)}
        self._sites: dict[str, dict[str, Answer]] = {s.host: s.answers() for s in (*_SITES, *ODD)}
        self._unknown: dict[str, Answer] = {s.host: s.unknown() for s in (*_SITES, *ODD)}
        self._times: Counter[tuple[str, str, str]] = Counter()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._wanted = port
        self.port = port

    def __enter__(self) -> Self:
        weak = context(next(s.host for s in self._of.values() if s.weak))
        self._listeners = [socket.create_server(("127.0.0.1", port), backlog=128) for port in (self._wanted, 0)]
        self.port, self.weak_port = (listener.getsockname()[1] for listener in self._listeners)
        self._acceptors = [
            threading.Thread(target=self._accept, args=(listener, tls), name="sample-portal", daemon=True)
            for listener, tls in zip(self._listeners, (None, weak), strict=True)
        ]
        for acceptor in self._acceptors:
            acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        # A close alone does not wake a thread that waits in accept() on Linux; shutdown does.
        for listener, acceptor in zip(self._listeners, self._acceptors, strict=True):
            _shut(listener)
            acceptor.join()
            listener.close()
        with self._lock:
            for connection in self._open:
                _shut(connection)
        for thread in self._threads:
            thread.join()

    def targets(self, host: str) -> list[str]:
        """Every path and query for which `host` has an answer that is always the same."""
        return sorted(self._sites[self._of[host].host])

    def articles(self, host: str) -> list[str]:
        """What exists on `host` at the portal's time, by its own list: the address of each article once."""
        scheme = "https" if self._of[host].weak else "http"
        return [f"{scheme}://{self._of[host].host}{target}" for target in self._of[host].articles(self.now())]

    def answer(self, host: str, target: str, asked: Asked | None = None) -> Answer:
        """What a GET of `target` from `host`, or the request `asked`, is answered with."""
        site = self._of.get(host)
        if site is None:
            known = f"No site {host} here. Sites: {', '.join(self._of)}\n"
            return plain(known.encode(), "text/plain", "404 Not Found")
        asked = asked or Asked(host, "GET", target, b"", b"", self.now(), 1)
        if site.reply is not None and (replied := site.reply(asked)) is not None:
            return replied
        if asked.method not in ("GET", "HEAD"):
            return plain(b"", "text/plain", "405 Method Not Allowed", "Allow: GET, HEAD")
        return self._sites[site.host].get(target) or self._unknown[site.host]

    def page(self, host: str, target: str) -> bytes:
        """The body of that answer, without transfer and content coding."""
        return self.answer(host, target).body

    def _accept(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            connection.settimeout(_IDLE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._converse, args=(connection, tls), daemon=True)
            self._threads = [t for t in self._threads if t.is_alive()]
            self._threads.append(thread)
            thread.start()

    def _converse(self, raw: socket.socket, tls: ssl.SSLContext | None) -> None:
        unread, connection = b"", raw
        try:
            if tls is not None:
                connection = tls.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
                with self._lock:
                    self._open.add(connection)
                    self._open.discard(raw)
                connection.do_handshake()
            while (asked := self._head(connection, unread)) is not None:
                head, unread = asked
                left = self._reply(connection, head, unread)
                if left is None:
                    break
                unread = left
        except OSError:
            pass  # the client went away or stayed silent: nothing to answer
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _head(self, connection: socket.socket, unread: bytes) -> tuple[bytes, bytes] | None:
        """The next request's head and what came after it; None once the client is done."""
        while b"\r\n\r\n" not in unread:
            more = connection.recv(65536) if len(unread) < _LONGEST_HEAD else b""
            if not more:
                return None
            unread += more
        end = unread.index(b"\r\n\r\n") + 4
        return unread[:end], unread[end:]

    def _reply(self, connection: socket.socket, head: bytes, unread: bytes) -> bytes | None:
        """Answer one request; what came after it, or None if the connection ends."""
        first, *lines = head.decode("latin-1").split("\r\n")
        fields = {n.strip().lower(): v.strip() for n, _, v in (line.partition(":") for line in lines if line)}
        method, _, rest = first.partition(" ")
        target, _, version = rest.rpartition(" ")
        host = fields.get("host", "").rpartition(":")[0] or fields.get("host", "")
        if host in self._of and self._of[host].weak and not isinstance(connection, ssl.SSLSocket):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed now, it is reset
            return None
        length = int(fields.get("content-length", "0"))
        while len(unread) < length:
            if not (more := connection.recv(65536)):
                return None
            unread += more
        body, unread = unread[:length], unread[length:]
        with self._lock:
            self._times[host, method, target] += 1
            asked = Asked(host, method, target, head, body, self.now(), self._times[host, method, target])
            self.log.append(asked)
        answer = self.answer(host, target, asked)
        connection.sendall(answer.head if method == "HEAD" else answer.wire)
        return unread if version == "HTTP/1.1" and fields.get("connection", "").lower() != "close" else None


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # the other side was quicker
        connection.shutdown(socket.SHUT_RDWR)
