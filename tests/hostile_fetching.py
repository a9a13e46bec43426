"""Serves the hostile answers and fetches them, 32 at a time. Import it where the reactor is installed (tests/wire)."""

from __future__ import annotations

from typing import Any

from hostile import MAXSIZE, Case
from server import Portal
from twisted.internet.defer import DeferredSemaphore, gatherResults

from archive.model import Exchange
from crawler.wire.engine import Engine, Outgoing
from crawler.wire.waiting import settled

PARALLEL = 32
FIELDS = [(b"User-Agent", b"tests"), (b"x-odd-CASE", b"1"), (b"X-Twice", b"a"), (b"X-Twice", b"b")]


def path_of(case: Case) -> str:
    return "/" + case.name.replace(" ", "-")


def serve(portal: Portal, cases: list[Case]) -> None:
    for case in cases:
        portal.on(path_of(case), case.script, "close" if case.then in ("stall", "drip") else case.then)


def outgoing(portal: Portal, case: Case) -> Outgoing:
    waits = case.then in ("stall", "drip")
    return Outgoing(portal.url(path_of(case)), case.method, list(FIELDS), timeout=1.0 if waits else 60.0, maxsize=MAXSIZE)


async def fetch_all(engine: Engine, portal: Portal, cases: list[Case]) -> list[Exchange]:
    gate = DeferredSemaphore(PARALLEL)

    def again_if_stale(exchange: Exchange, wanted: Outgoing) -> Any:
        if not exchange.stale:
            return exchange
        assert exchange.failure is not None
        assert exchange.failure.kind == "closed"
        exchange.close()
        return begin(wanted)

    def begin(wanted: Outgoing) -> Any:
        return engine.begin(wanted).addCallback(again_if_stale, wanted)

    return await settled(gatherResults([gate.run(begin, outgoing(portal, case)) for case in cases]))
