"""One attempt at one address, from its first byte sent to the exchange it becomes: the limits are held here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from twisted.internet.defer import Deferred

from archive import Framer
from archive.model import Exchange, Failure, Truncation
from crawler.wire.outgoing import Asked, Outgoing, Target
from crawler.wire.tap import Tap

# Chunk lines, extensions and trailers may outweigh the entity by so much before they count as one more endless body.
_OVERHEAD_TIMES = 8
_OVERHEAD = 1 << 20


class Carrier(Protocol):
    """A connection that carries an attempt."""

    def hand_over(self) -> None:
        """Let the exchange go as it is, if it has not gone yet."""
        ...


class Attempt:
    """Collects what is sent and received for `outgoing`; `done` fires with the exchange, whatever became of it.

    It fails only with what makes keeping impossible (archive.errors.CannotGoOn), or with a programming error.
    """

    __slots__ = (
        "_ended",
        "_facts",
        "_now",
        "_on_body",
        "_on_head",
        "_wants_head",
        "carrier",
        "deadline",
        "done",
        "failure",
        "framer",
        "identity",
        "maxsize",
        "opening",
        "outgoing",
        "request",
        "response",
        "started",
        "stopped",
        "target",
        "truncated",
    )  # fmt: skip

    def __init__(
        self,
        outgoing: Outgoing,
        target: Target,
        identity: str,
        *,
        now: Callable[[], datetime],
        spool: Path,
        threshold: int,
    ) -> None:
        self.outgoing = outgoing
        self.target = target
        self.identity = identity
        self._now = now
        self.started = now()
        self._ended: datetime | None = None
        self.request = Tap(spool, threshold)
        self.response = Tap(spool, threshold)
        self.maxsize = outgoing.maxsize
        self._on_head = outgoing.on_head
        self._on_body = outgoing.on_body
        self._wants_head = outgoing.on_head is not None
        self.framer = Framer(outgoing.method, self._entity if outgoing.on_body else None)
        # True once we ourselves have ended the answer.
        self.stopped = False
        self.truncated: Truncation | None = None
        self.failure: Failure | None = None
        self.deadline = 0.0
        # Who brings the answer, once somebody does, and until then who looks for a connection.
        self.carrier: Carrier | None = None
        self.opening: Deferred[Any] | None = None
        self._facts: dict[str, Any] = {}
        self.done: Deferred[Exchange] = Deferred()

    def told(self, **facts: Any) -> None:
        """Note fields of the exchange: ip, tls, proxy, proxy_reply, resolved, stale."""
        self._facts.update(facts)

    def sent(self, asked: Asked) -> None:
        """The request went out."""
        self.request.feed(asked.kept)
        self._facts["blanked"] = asked.blanked

    def received(self, data: bytes) -> None:
        """Take bytes of the answer, or surplus. Afterwards `stopped` or `framer.complete` may be true."""
        framer = self.framer
        if self.maxsize and not framer.complete and framer.entity_length + len(data) > self.maxsize:
            self._received_near_limit(data)
        else:
            self.response.feed(data)
            framer.feed(data)
        if self._wants_head:
            self._head()
        if not framer.complete and not self.stopped:
            self._measure()

    def _received_near_limit(self, data: bytes) -> None:
        """Feed in steps that end where the limit does: what is kept must not depend on how the bytes were grouped."""
        framer, at = self.framer, 0
        while at < len(data) and not self.stopped:
            limit = self.maxsize if framer.length is not None else self.maxsize + 1
            step = len(data) if framer.complete else max(limit - framer.entity_length, 1)
            piece = data[at : at + step]
            at += step
            self.response.feed(piece)
            framer.feed(piece)
            if not framer.complete:
                self._measure()

    def _measure(self) -> None:
        framer, limit = self.framer, self.maxsize
        if framer.overlong:
            self.stop("length", Failure("length", framer.fault or "too long"))
        if not limit or framer.head_end is None:
            return
        size = framer.entity_length
        over = size > limit or (framer.length is not None and framer.length > limit and size >= limit)
        if over or framer.fed - framer.head_end > _OVERHEAD_TIMES * limit + _OVERHEAD:
            self.stop("length", Failure("length", f"the body is longer than the limit of {limit} bytes"))

    def stop(self, truncated: Truncation, failure: Failure | None) -> None:
        """We want no more of this answer."""
        self.stopped = True
        self.truncated = truncated
        self.failure = failure
        self.framer.close(clean=False)

    def _head(self) -> None:
        if self._wants_head and self._on_head and self.framer.head_end is not None:
            self._wants_head = False
            if self.framer.status is not None and self._on_head(self.framer) and not self.framer.complete:
                self.stop("unspecified", None)

    def _entity(self, piece: bytes) -> None:
        self._head()
        if not self.stopped and self._on_body and self._on_body(piece) and not self.framer.complete:
            self.stop("unspecified", None)

    def expired(self) -> None:
        """The time is over."""
        cause = Failure("timeout", f"not finished within {self.outgoing.timeout:g} seconds")
        if not self.framer.complete:
            self.stop("time", cause)

    def lost(self, clean: bool, cause: Failure) -> None:
        """The connection has ended; `clean` as in `Framer.close`."""
        framer = self.framer
        framer.close(clean)
        if framer.complete:
            return
        self.failure = cause
        if framer.fed > framer.start:
            self.truncated = "disconnect"

    def ends(self) -> None:
        """Take the time: nothing after this belongs to the answer."""
        if self._ended is None:
            self._ended = self._now()

    def deliver(self) -> None:
        """Hand over the exchange."""
        framer = self.framer
        self.ends()
        if framer.fed == framer.start:
            self.truncated = None
        if self.failure is None and self.truncated is None and framer.status is None:
            self.failure = Failure("http", framer.fault or "there is no final answer")
        self.done.callback(self._exchange())

    def _exchange(self) -> Exchange:
        framer = self.framer
        return Exchange(
            url=self.target.url, method=self.outgoing.method, started=self.started, ended=self._ended or self._now(),
            request=self.request.file(), response=self.response.file(),
            request_length=self.request.length, response_length=self.response.length,
            interim=tuple(framer.interim), end=framer.end, truncated=self.truncated, failure=self.failure,
            id=self.identity, framer=framer, **self._facts,
        )  # fmt: skip

    def fails(self, error: BaseException) -> None:
        """What came cannot be kept."""
        self.request.close()
        self.response.close()
        if not self.done.called:
            self.done.errback(error)
