"""Two host names for one server: the room's pages on one, archived bytes on the other, so that no cookie is shared."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

from archive.errors import Misuse

Side = Literal["room", "replay"]
_HOST = re.compile(r"([a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?")
_WILD = ("0.0.0.0", "::", "*", "")  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True)
class Hosts:
    """The names under which the server answers; every other Host header is turned away (DNS rebinding).

    With `any_address`, for a server that listens on all addresses, IP addresses are names of the room as well.
    """

    room: str = "127.0.0.1"
    replay: str = "localhost"
    also: frozenset[str] = frozenset()
    any_address: bool = False

    @classmethod
    def listening(cls, host: str, replay: str) -> Hosts:
        """The names of a server that listens on `host`. Raises Misuse if room and replay would share one."""
        replay = replay.lower()
        if host in _WILD:
            name = socket.gethostname().lower()
            hosts = cls(name, replay, frozenset({name, "127.0.0.1", "[::1]"}), any_address=True)
        else:
            room = f"[{host}]" if ":" in host else host.lower()
            hosts = cls(room, replay, frozenset({room}))
        if hosts.room == replay:
            raise Misuse(
                f"--replay-host {replay}: replayed pages need another host name than the room's own; name one that "
                "leads to this machine too"
            )
        return hosts

    def side(self, name: str) -> Side | None:
        """Which of the two a Host header without its port means; None for a stranger's name."""
        name = name.lower().rstrip(".")
        if name == self.replay:
            return "replay"
        if name == self.room or name in self.also or (self.any_address and _is_address(name)):
            return "room"
        return None


def split(header: str) -> tuple[str, str]:
    """A Host header as name and ":port" (empty if it has none). Raises ValueError if it is no host."""
    found = _HOST.fullmatch(header)
    if not found:
        raise ValueError(header)
    return found[1], found[2] or ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
