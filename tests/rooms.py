"""The reading room asked without a socket."""

from __future__ import annotations

from archive.replay.app import Room
from archive.replay.hosts import Hosts

ROOM, REPLAY = "127.0.0.1:8080", "localhost:8080"
HOSTS = Hosts(replay="localhost")


def environ(target, host=ROOM, method="GET", **fields):
    """A request as WSGI has it."""
    return {
        "REQUEST_METHOD": method, "REQUEST_URI": target, "HTTP_HOST": host, "wsgi.url_scheme": "http",
        **{f"HTTP_{name.upper()}": value for name, value in fields.items()},
    }  # fmt: skip


def asking(reader):
    """ask(path and query) → status, headers (lower-case names), body."""
    room = Room(lambda: reader, HOSTS)

    def ask(target, host=ROOM, method="GET", **fields):
        told = {}
        body = room(environ(target, host, method, **fields), lambda status, headers: told.update(status=status, headers=headers))
        came = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        assert len({name for name, _ in told["headers"]}) == len(told["headers"])
        return int(told["status"][:3]), {name.lower(): value for name, value in told["headers"]}, came

    return ask
