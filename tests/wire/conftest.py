"""A reactor in a thread of the test process, and engines that run in it."""

from __future__ import annotations

import asyncio
import ssl
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from server import Portal

if "twisted.internet.reactor" not in sys.modules:
    from twisted.internet import asyncioreactor

    asyncioreactor.install(asyncio.new_event_loop())

from scrapy.utils.defer import deferred_from_coro
from twisted.internet import reactor, threads

from crawler.wire.engine import Engine

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="session")
def run() -> Iterator[Run]:
    """Run a coroutine in the reactor and give its result."""
    thread = threading.Thread(target=reactor.run, kwargs={"installSignalHandlers": False}, daemon=True)
    thread.start()
    yield lambda coro: threads.blockingCallFromThread(reactor, deferred_from_coro, coro)
    reactor.callFromThread(reactor.stop)
    thread.join(10)


@pytest.fixture
def engine(run: Run, tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    """Makes engines that may go to loopback; they are closed when the test ends, and no spool file may be left then."""
    made = []

    def make(**options: Any) -> Engine:
        engine = Engine(tmp_path / "spool", **{"allow_private": True, "linger": 0.5, **options})
        made.append(engine)
        return engine

    yield make
    for engine in made:
        run(engine.close())
    assert not list(tmp_path.glob("spool/*"))


@pytest.fixture
def portal() -> Iterator[Portal]:
    with Portal() as portal:
        yield portal


class Authority:
    """A CA for tests: `context(...)` serves a certificate for these names, `pem` is the CA's own."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.pem = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(self.pem)

    def context(self, *names: str, **options: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*names, **options).configure_cert(context)
        return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))
