"""What was typed on the command line, as the orders of a crawl. Raises Misuse for what cannot be meant."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from archive import say
from archive.errors import Misuse
from crawler import settings
from crawler.portals.profile import Limits, Profile, load, named, of_url, patches


@dataclass(frozen=True)
class Order:
    """What a crawl is told beside where to go. `resolve` is host → (address, port or None), as curl's --resolve.

    With `only_due` only that is asked again which is likely to have changed.
    """

    limits: Limits = field(default_factory=Limits)
    own_host: bool = False
    resolve: Mapping[str, tuple[str, int | None]] | None = None
    settings: Mapping[str, Any] | None = None
    lock_timeout: float = 60.0
    only_due: bool = False

    @property
    def processes(self) -> int:
        """READING_PROCESSES, as given or by default."""
        asked = (self.settings or {}).get("READING_PROCESSES", settings.READING_PROCESSES)
        try:
            return int(asked)
        except ValueError as problem:
            raise Misuse(say("--set READING_PROCESSES={value}: give a number", value=asked)) from problem


def profiles_of(wanted: tuple[str, ...], own: tuple[Path, ...], urls: str | None = None) -> list[Profile]:
    """The profiles of portals named by code, name or address; a profile of one's own takes precedence over a bundled one.

    `@FILE` and `-` (stdin) stand for what is named there, one a line. With `urls`, a file or `-`, only the addresses in it are meant.
    """
    mine = {profile.code: profile for profile in map(load, own)}
    named_ones = [name for item in wanted for name in _listed(item)]
    if not named_ones and urls is None:
        raise Misuse(say("Name a portal, an address, or a list of addresses with --urls"))
    profiles = [of_url(name) if "://" in name else named(name, mine) for name in named_ones]
    if urls is None:
        return profiles
    addresses = list(_lines(urls))
    if not addresses:
        raise Misuse(say("{file}: there is no address in it", file=urls))
    if len(profiles) > 1:
        raise Misuse(say("Name one portal with --urls, or none: each address then goes to the portal of its host"))
    return [profiles[0].patch(addresses)] if profiles else patches(addresses, mine)


def _listed(item: str) -> Iterator[str]:
    if item == "-" or item.startswith("@"):
        yield from _lines(item.removeprefix("@"))
    else:
        yield item


def _lines(file: str) -> Iterator[str]:
    """What a file (`-`: stdin) names, one a line; blank lines and those that begin with # say nothing."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8-sig")
    except OSError as problem:
        raise Misuse(say("{file} cannot be read: {why}", file=file, why=problem.strerror)) from problem
    except UnicodeDecodeError as problem:
        raise Misuse(say("{file} is not UTF-8: save it as UTF-8", file=file)) from problem
    return (line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def order_of(
    max_pages: int | None,
    max_bytes: int | None,
    max_time: float | None,
    *,
    own_host: bool,
    resolve: tuple[str, ...],
    pairs: tuple[str, ...],
    lock_timeout: float,
    only_due: bool = False,
) -> Order:
    """The order that the options of `tangthu crawl` make."""
    limits = Limits(pages=max_pages or 0, bytes=max_bytes or 0, seconds=max_time or 0)
    return Order(limits, own_host, resolved(resolve), settings.given(pairs), lock_timeout, only_due)


def resolved(pairs: tuple[str, ...]) -> dict[str, tuple[str, int | None]]:
    """What --resolve says: host → address, and port if one is given."""
    return dict(map(_resolved, pairs))


def _resolved(pair: str) -> tuple[str, tuple[str, int | None]]:
    host, equals, address = pair.partition("=")
    port: int | None = None
    if address.startswith("["):
        address, _, tail = address[1:].partition("]")
        tail = tail.removeprefix(":")
    elif address.count(":") == 1:
        address, _, tail = address.partition(":")
    else:
        tail = ""
    try:
        ip_address(address if equals and host else "")
        if tail:
            port = int(tail)
    except ValueError as problem:
        raise Misuse(
            say("--resolve {pair}: write it as HOST=ADDRESS or HOST=ADDRESS:PORT, the address as numbers", pair=pair)
        ) from problem
    return host.lower(), (address, port)
