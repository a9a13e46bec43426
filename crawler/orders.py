"""What was typed on the command line, as the orders of a crawl. Raises Misuse for what cannot be meant."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from archive import say
from archive.errors import Misuse
from crawler.crawl import Order
from crawler.job import Limits
from crawler.portals.profile import Profile, load, named, of_url
from crawler.settings import given


def profiles_of(wanted: tuple[str, ...], own: tuple[Path, ...]) -> list[Profile]:
    """The profiles of portals named by code or address; a profile of one's own takes precedence over a bundled one."""
    mine = {profile.code: profile for profile in map(load, own)}
    return [of_url(name) if "://" in name else named(name, mine) for name in wanted]


def order_of(
    max_pages: int | None,
    max_bytes: int | None,
    max_time: float | None,
    *,
    own_host: bool,
    resolve: tuple[str, ...],
    pairs: tuple[str, ...],
    lock_timeout: float,
) -> Order:
    """The order that the options of `tangthu crawl` make."""
    limits = Limits(pages=max_pages or 0, bytes=max_bytes or 0, seconds=max_time or 0)
    return Order(limits, own_host, dict(map(_resolved, resolve)), given(pairs), lock_timeout)


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
