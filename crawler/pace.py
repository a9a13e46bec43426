"""How fast a host is asked: one turn after the other, never faster than its least delay, and slower where it is slow or fails."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network

from scrapy.exceptions import IgnoreRequest
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from archive import Exchange
from crawler.clock import Clock, Timer
from crawler.ranges import Ranges
from crawler.wire.addresses import is_public
from crawler.wire.outgoing import Reading
from crawler.wire.waiting import settled

# A host rests at least this many times as long as it needed for its last answers (Heritrix' delayFactor is 5 with one toe per host;
# AutoThrottle aims at 1): a server is then at work for us at most a third of the time.
FACTOR = 2.0
# RFC 6585 (section 4) and RFC 9110 (section 15.6.4): answers that may name a time to be asked again.
BUSY = (429, 503)
# A longer Retry-After is taken as this, in seconds: a server may err, and a run must end.
LONGEST_RETRY = 24 * 3600.0
# No host is asked more slowly than this of our own accord, in seconds.
SLOWEST = 60.0
# What a failing host is given to begin with, in seconds, if its delay is shorter; doubled by each further failure.
RECOVERY = 1.0
# How much the newest answer counts in how long a host takes.
NEWEST = 0.5


class LeftAlone(IgnoreRequest):
    """The crawl ends while a host is not yet to be asked: the visit stays in the queue."""


@dataclass(slots=True, eq=False)
class Slot:
    """What shares its turns: a host, or all hosts of an address range. Times in seconds of the clock.

    `least` is the delay that is never gone below, `delay` the one in force; `out` requests are under way, `waiting` wait.
    The last one began at `begun`, the one before at `former`. `area` is the range that is shared with other crawls.
    """

    least: float
    parallel: int
    delay: float = 0.0
    latency: float = 0.0
    begun: float = float("-inf")
    former: float = float("-inf")
    rests_until: float = float("-inf")
    out: int = 0
    area: str | None = None
    waiting: deque[Deferred[Place]] = field(default_factory=deque)
    timer: Timer | None = None

    def opens(self) -> float:
        """When the next request may go out, as far as time alone says."""
        return max(self.begun + max(self.least, self.delay), self.rests_until)


# A slot, and the range that was taken for the turn.
Place = tuple[Slot, str | None]


@dataclass(slots=True)
class Turn:
    """What came of a turn: from which address, with which status, whether it failed, and when the host wants to be asked again (UTC).

    In an `unused` one nothing was asked. `area` is the range that nobody else on this machine asks meanwhile.
    """

    ip: str | None = None
    status: int | None = None
    failed: bool = False
    again: datetime | None = None
    unused: bool = False
    area: str | None = None

    def came(self, exchange: Exchange, answer: Reading | None) -> None:
        """Take down what is to be known of the exchange."""
        self.ip = exchange.ip if exchange.proxy is None else None
        self.status = answer.status if answer else None
        self.failed = exchange.failure is not None or self.status in BUSY or (self.status or 0) >= 500
        if answer is not None and self.status in BUSY:
            said = next((value for name, value in answer.headers if name.lower() == b"retry-after"), None)
            self.again = retry_after(said, exchange.ended)


class Pace:
    """The turns of one crawl. `least` is in seconds between two requests, `parallel` how many may be under way to one host.

    Hosts whose addresses are in one range (IPv4 /24, IPv6 /64) share their turns as soon as their first answer tells. With
    `adaptive` the delay follows how long answers take, and doubles with each failure. What other crawls of this machine ask of `ranges`
    (those of the public Internet) counts too.
    """

    def __init__(
        self, clock: Clock, least: float, parallel: int, *, adaptive: bool = True, may: Callable[[], bool] = lambda: True,
        ranges: Ranges | None = None,
    ) -> None:  # fmt: skip
        self._clock, self._least, self._parallel, self._adaptive, self._may = clock, least, parallel, adaptive, may
        self._others = ranges
        self._hosts: dict[str, Slot] = {}
        self._ranges: dict[str, Slot] = {}
        self._over = False

    @property
    def out(self) -> int:
        """Requests under way."""
        return sum(slot.out for slot in self._slots())

    @property
    def waiting(self) -> int:
        """Requests that wait for their turn."""
        return sum(len(slot.waiting) for slot in self._slots())

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[Turn]:
        """Wait until `host` may be asked; the block is its turn, and says what came. Raises LeftAlone if the crawl ends before."""
        slot, area = await self._wait(host)
        turn = Turn(area=area)
        began = self._clock.seconds()
        try:
            yield turn
        finally:
            slot.out -= 1
            if turn.unused and slot.begun == began:
                slot.begun = slot.former
            if turn.status is not None or turn.failed:
                self._learn(slot, host, turn, self._clock.seconds() - began)
            if turn.area is not None and self._others is not None:
                self._others.give_back(turn.area)
            for one in {id(slot): slot, id(self.slot(host)): self.slot(host)}.values():
                self._go_on(one)

    async def _wait(self, host: str) -> Place:
        if self._over or not self._may():
            raise LeftAlone
        slot = self.slot(host)
        if slot.waiting or slot.out >= slot.parallel or slot.opens() > self._clock.seconds() or slot.area is not None:
            mine: Deferred[Place] = Deferred()
            slot.waiting.append(mine)
            self._go_on(slot)
            place: Place = await settled(mine)
            return place
        self._count(slot)
        return slot, None

    def _learn(self, slot: Slot, host: str, turn: Turn, took: float) -> None:
        if turn.again is not None:
            slot.rests_until = max(slot.rests_until, self._clock.seconds() + (turn.again - self._clock.now()).total_seconds())
            if turn.area is not None and self._others is not None:
                self._others.rest(turn.area, min(turn.again.timestamp(), self._clock.now().timestamp() + LONGEST_RETRY))
        if self._adaptive:
            _adapt(slot, took, failed=turn.failed)
        if turn.ip is not None:
            self._share(host, turn.ip)

    def slow(self, host: str, seconds: float) -> None:
        """Ask `host` one at a time, so many seconds apart at least: it said so."""
        slot = self.slot(host)
        slot.least, slot.parallel = max(slot.least, seconds), 1

    def end(self) -> None:
        """Nobody's turn comes any more: who waits gets LeftAlone."""
        self._over = True
        for slot in self._slots():
            if slot.timer is not None:
                slot.timer.cancel()
                slot.timer = None
            while slot.waiting:
                slot.waiting.popleft().errback(Failure(LeftAlone()))  # type: ignore[no-untyped-call]

    def slot(self, host: str) -> Slot:
        """What `host` shares its turns with."""
        found = self._hosts.get(host)
        if found is None:
            found = self._hosts[host] = Slot(self._least, self._parallel)
        return found

    def _slots(self) -> list[Slot]:
        return list({id(slot): slot for slot in (*self._hosts.values(), *self._ranges.values())}.values())

    def _count(self, slot: Slot) -> None:
        slot.out += 1
        slot.former, slot.begun = slot.begun, self._clock.seconds()

    def _go_on(self, slot: Slot) -> None:
        """Let out who may go now, and come back for the next one."""
        while slot.waiting and slot.out < slot.parallel:
            if not self._may():
                self.end()
                return
            wait, area = slot.opens() - self._clock.seconds(), slot.area
            if wait <= 0 and area is not None and self._others is not None:
                wait = self._others.take(area, max(slot.least, slot.delay), self._clock.now().timestamp())
            if wait > 0:
                if slot.timer is None:
                    slot.timer = self._clock.later(wait, lambda: self._woken(slot))
                return
            self._count(slot)
            slot.waiting.popleft().callback((slot, area))

    def _woken(self, slot: Slot) -> None:
        slot.timer = None
        self._go_on(slot)

    def _share(self, host: str, ip: str) -> None:
        mine = self._hosts[host]
        shared = self._ranges.setdefault(range_of(ip), mine)
        if self._others is not None and is_public(ip) and self._others.usable():
            shared.area = range_of(ip)
        if shared is mine:
            return
        self._hosts[host] = shared
        shared.least, shared.delay = max(shared.least, mine.least), max(shared.delay, mine.delay)
        shared.parallel = min(shared.parallel, mine.parallel)
        shared.begun, shared.rests_until = max(shared.begun, mine.begun), max(shared.rests_until, mine.rests_until)
        if mine not in self._hosts.values():
            shared.waiting.extend(mine.waiting)
            mine.waiting.clear()


def _adapt(slot: Slot, took: float, *, failed: bool) -> None:
    slot.latency = took if not slot.latency else NEWEST * took + (1 - NEWEST) * slot.latency
    if failed:
        slot.delay = min(max(2 * slot.delay, 2 * slot.least, RECOVERY), SLOWEST)
    else:
        # Half way back with each answer, so that a host that fails now and then is not asked as fast as a sound one.
        slot.delay = max(min(FACTOR * slot.latency, SLOWEST), slot.delay / 2)


@lru_cache(4096)
def range_of(ip: str) -> str:
    """The addresses that are taken for one server: IPv4 /24, IPv6 /64 (what one customer is given: RFC 6177, section 2)."""
    address = ip_address(ip.partition("%")[0])
    return str(ip_network((address, 24 if address.version == 4 else 64), strict=False))


def retry_after(said: bytes | None, now: datetime) -> datetime | None:
    """When a server wants to be asked again: the value of Retry-After (RFC 9110, section 10.2.3) as a time; None if it is none."""
    text = (said or b"").decode("latin-1").strip()
    try:
        at = now + timedelta(seconds=int(text)) if text.isascii() and text.isdigit() else parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(at, now), now + timedelta(seconds=LONGEST_RETRY))
