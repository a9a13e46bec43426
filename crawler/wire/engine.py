"""The client: `fetch` gives an exchange for every attempt, answered or not, with its bytes as they crossed the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure as TwistedFailure

from archive.model import Exchange, Failure
from crawler.wire.attempt import Attempt
from crawler.wire.connection import Connection
from crawler.wire.dialer import Dialer, NoConnection, Resolved
from crawler.wire.outgoing import Asked, Outgoing, Proxy, Target, Unaskable, proxy_of, target_of, without_user, write
from crawler.wire.pool import Pool
from crawler.wire.tls import Speakers, TlsPolicy
from crawler.wire.waiting import settled

__all__ = ["Engine", "Outgoing"]

# Attempts are looked at this often, in seconds, for those whose time is over: one timer for all instead of one made and cancelled for each.
TICK = 0.05


def _utcnow() -> datetime:
    return datetime.now(UTC)


class Engine:
    """Fetches over HTTP/1.1, directly or through a proxy, with connections kept alive between requests.

    Answers above `threshold` bytes wait in `spool_dir`. `resolve` maps a host to an address, or to an address and port,
    as curl's --resolve does. Unless `allow_private`, only addresses of the public Internet are connected to; an address
    that the operator himself gave in `resolve`, or a proxy, always is. Bytes that come after an exchange has been
    handed over go to `on_surplus(exchange.id, exchange.url, bytes)`. `tls_hosts` are hosts with a policy of their own: what it says else than the
    one for all (strict, ciphers, minimum). Times are in seconds.
    """

    def __init__(
        self,
        spool_dir: Path,
        *,
        allow_private: bool = False,
        resolve: Mapping[str, Resolved] | None = None,
        strict_tls: bool = False,
        ciphers: str | None = None,
        min_tls: str = "1.2",
        authorities: str | None = None,
        tls_hosts: Mapping[str, Mapping[str, Any]] | None = None,
        on_surplus: Callable[[str, str, bytes], object] | None = None,
        reactor: Any = None,
        threshold: int = 1 << 20,
        connect_timeout: float = 30.0,
        idle_timeout: float = 60.0,
        linger: float = 2.0,
        now: Callable[[], datetime] = _utcnow,
        new_id: Callable[[], object] = uuid4,
    ) -> None:
        if reactor is None:
            from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it
        self._reactor = reactor
        self._spool = spool_dir
        self._threshold = threshold
        self._now = now
        self._new_id = new_id
        self._pool = Pool(reactor, idle_timeout=idle_timeout, linger=linger, on_surplus=on_surplus)
        policy = TlsPolicy(strict_tls, ciphers or "DEFAULT", min_tls, authorities)
        speakers = Speakers(policy, {host: replace(policy, **own) for host, own in (tls_hosts or {}).items()})
        self._dialer = Dialer(
            reactor, self._pool, speakers, resolve or {}, private=allow_private, patience=connect_timeout
        )
        self._running: set[Attempt] = set()
        self._watch: Any = None
        self._closed = False

    async def fetch(self, outgoing: Outgoing) -> Exchange:
        """One attempt at `outgoing`, and what came of it: whatever the network does ends as an exchange.

        An exchange that is `stale` had the bad luck of an idle connection; its caller keeps it and fetches again.
        Raises CannotGoOn (DiskFull) if what came cannot be kept.
        """
        exchange: Exchange = await settled(self.begin(outgoing))
        return exchange

    async def close(self) -> None:
        """End what is still going on, and wait until late bytes have been reported."""
        self._closed = True
        for attempt in list(self._running):
            if not attempt.framer.complete:
                attempt.stop("unspecified", Failure("closed", "the crawl was stopped"))
            self._give_up(attempt)
        if self._watch is not None and self._watch.active():
            self._watch.cancel()
        await settled(self._pool.close())

    def begin(self, outgoing: Outgoing) -> Deferred[Exchange]:
        """As `fetch`, for callers who would rather have a Deferred."""
        target, proxy, asked, unaskable = Target("", "", 0, b"", b"", ""), None, Asked(b"", b"", ()), None
        try:
            target = target_of(outgoing.url)
            proxy = proxy_of(outgoing)
            asked = write(outgoing, target, proxy)
        except Unaskable as error:
            target = target._replace(url=target.url or without_user(outgoing.url))
            unaskable = Failure("http", str(error))
        identity = str(self._new_id())
        attempt = Attempt(
            outgoing, target, identity, now=self._now, spool=self._spool, threshold=self._threshold
        )
        if unaskable or self._closed:
            attempt.failure = unaskable or Failure("closed", "the crawl was stopped")
            attempt.deliver()
            return attempt.done
        self._running.add(attempt)
        attempt.deadline = self._reactor.seconds() + outgoing.timeout
        if self._watch is None:
            self._watch = self._reactor.callLater(TICK, self._look)
        attempt.done.addBoth(self._ended, attempt)
        if proxy is not None:
            attempt.told(proxy=proxy.url)
        key = (target.scheme, target.host, target.port, proxy)
        connection = self._pool.take(key)
        if connection is not None:
            self._start(connection, attempt, asked)
        else:
            self._dial(key, attempt, asked, proxy)
        return attempt.done

    def _dial(self, key: tuple[Any, ...], attempt: Attempt, asked: Asked, proxy: Proxy | None) -> None:
        attempt.opening = opening = Deferred.fromCoroutine(self._dialer.open(key, attempt, proxy))
        opening.addCallbacks(self._start, self._undialled, (attempt, asked), {}, (attempt,), {})
        opening.addErrback(self._fails, attempt)

    def _start(self, connection: Connection, attempt: Attempt, asked: Asked) -> None:
        attempt.told(resolved=connection.resolved, proxy_reply=connection.proxy_reply)
        attempt.carrier = connection
        connection.start(attempt, asked)

    def _undialled(self, failure: TwistedFailure, attempt: Attempt) -> None:
        if isinstance(failure.value, NoConnection):
            attempt.failure = attempt.failure or failure.value.cause
            attempt.told(**failure.value.facts)
        elif not attempt.stopped:
            failure.raiseException()
        attempt.deliver()

    def _fails(self, failure: TwistedFailure, attempt: Attempt) -> None:
        attempt.fails(failure.value or RuntimeError("no connection, and no reason"))

    def _expired(self, attempt: Attempt) -> None:
        attempt.expired()
        self._give_up(attempt)

    def _give_up(self, attempt: Attempt) -> None:
        if attempt.carrier is not None:
            attempt.carrier.hand_over()
        elif attempt.opening is not None:
            attempt.opening.cancel()

    def _ended(self, result: Any, attempt: Attempt) -> Any:
        self._running.discard(attempt)
        return result

    def _look(self) -> None:
        """End the attempts whose time is over; look again as long as any is under way."""
        self._watch, now = None, self._reactor.seconds()
        for attempt in [attempt for attempt in self._running if attempt.deadline <= now]:
            self._expired(attempt)
        if self._running:
            self._watch = self._reactor.callLater(TICK, self._look)
