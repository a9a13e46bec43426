"""Who may read: everybody on this machine by default; with a token, or as a reverse proxy says, for more; and who did."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, TextIO

from archive.errors import Misuse
from archive.replay.asking import Refused
from archive.words import say


@dataclass(frozen=True)
class Access:
    """What a request has to show: `token` as Basic password or Bearer (RFC 7617, 6750), or a user in `user_header`.

    The header is believed as it comes: only a proxy that sets it itself, on every request, may reach the server.
    """

    token: str | None = None
    user_header: str | None = None

    def check(self, environ: dict[str, Any]) -> str:
        """The name of who asks, "-" if nobody has to say. Raises Refused: 401 without the token, 403 without a user."""
        if self.user_header:
            user = str(environ.get("HTTP_" + self.user_header.upper().replace("-", "_"), "")).strip()
            if not user:
                raise Refused(403, "no_user")
            return user
        if self.token is None:
            return "-"
        user, given = _credentials(environ.get("HTTP_AUTHORIZATION", ""))
        if not hmac.compare_digest(given, self.token.encode()):
            raise Refused(401, "no_token")
        return user or "-"


EVERYBODY = Access()


def held(host: str, access: Access, *, public: bool) -> Access:
    """`access`, if a server that listens on `host` may have it. Raises Misuse for an open door to other machines."""
    if access.token == "":
        raise Misuse(say("the token is empty; give one that cannot be guessed, or none"))
    if access.user_header and not re.fullmatch(r"[A-Za-z0-9-]+", access.user_header):
        raise Misuse(say("--user-header {name}: that is no header name", name=access.user_header))
    if not (public or access.token or access.user_header or _loopback(host)):
        raise Misuse(
            say(
                "--host {host}: everybody who can reach this machine could read the archive; give --token or "
                "--user-header, or --public if that is meant",
                host=host,
            )
        )
    return access


class Logged:
    """A WSGI application whose every request is a line of a log: time, address, user, request, status, bytes, seconds.

    What came from outside is escaped: no request can write a line of its own.
    """

    def __init__(self, room: Callable[..., Iterable[bytes]], access: Access, log: TextIO) -> None:
        self._room, self._access, self._log = room, access, log
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        begun, told = time.perf_counter(), ["-"]

        def noted(status: str, headers: list[tuple[str, str]]) -> Any:
            told[0] = status[:3]
            return start_response(status, headers)

        body = self._room(environ, noted)
        return _Counted(body, lambda length: self._write(environ, told[0], length, time.perf_counter() - begun))

    def _write(self, environ: dict[str, Any], status: str, length: int, seconds: float) -> None:
        try:
            user = self._access.check(environ)
        except Refused:
            user = "-"
        target = environ.get("REQUEST_URI") or environ.get("PATH_INFO", "")
        parts = (environ.get("REMOTE_ADDR", "-"), user, environ.get("HTTP_HOST", "-"), environ["REQUEST_METHOD"], target)
        line = " ".join([f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", *map(_escaped, parts), status, str(length), f"{seconds:.3f}"])
        with self._lock:
            self._log.write(line + "\n")
            self._log.flush()


class _Counted:
    def __init__(self, body: Iterable[bytes], over: Callable[[int], None]) -> None:
        self._body, self._over, self._length = body, over, 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            self._length += len(piece)
            yield piece

    def close(self) -> None:
        """Let go of the answer, and write the line."""
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._over(self._length)


def _credentials(header: str) -> tuple[str, bytes]:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return "", rest.strip().encode("latin-1", "replace")
    if scheme.lower() != "basic":
        return "", b""
    try:
        user, _, word = base64.b64decode(rest.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return "", b""
    return user.decode("utf-8", "replace"), word


def _escaped(text: str) -> str:
    return re.sub(r"[^\x21-\x7e]|\\", lambda odd: f"\\x{ord(odd[0]):02x}", text[:4096]) or "-"


def _loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
