"""What a crawl says while it runs: a table on a terminal that can move its cursor, elsewhere a plain line once a minute."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, TextIO
from urllib.parse import unquote, urlsplit

from archive import say
from archive.console import size
from crawler.job import Job

if TYPE_CHECKING:
    from rich.console import RenderableType

# Seconds: between two plain lines, between two counts of the queue, and over which the speed is measured.
PLAIN, COUNT, WINDOW = 60.0, 5.0, 30.0
# Narrower than this there is no room for the address beside the numbers.
NARROW = 120

Watch = Callable[[list[Job]], None]


@dataclass
class Standing:
    """Where one crawl stands. `speed` is pages a second, `left` seconds to the end as far as the queue or a limit says."""

    portal: str
    pages: int
    bytes: int
    speed: float
    queue: int | None
    refused: int
    url: str
    left: float | None


@dataclass
class Follower:
    """Measures the crawls between two looks. `now` gives seconds of a clock that never goes back."""

    now: Callable[[], float] = monotonic
    _seen: dict[int, deque[tuple[float, int]]] = field(default_factory=dict)
    _queues: dict[int, tuple[float, int]] = field(default_factory=dict)

    def look(self, jobs: list[Job]) -> list[Standing]:
        """Where they stand now."""
        return [self._one(job) for job in jobs]

    def _one(self, job: Job) -> Standing:
        now = self.now()
        seen = self._seen.setdefault(job.run.id, deque())
        seen.append((now, job.pages))
        while now - seen[0][0] > WINDOW and len(seen) > 2:
            seen.popleft()
        since, pages = seen[0]
        speed = (job.pages - pages) / (now - since) if now > since else 0.0
        counted = self._queues.get(job.run.id)
        if counted is None or now >= counted[0]:
            queue = job.depositor.counts(job.run).get("queued", 0)
            # Counting a million takes its time; it gets a fiftieth of it.
            counted = self._queues[job.run.id] = now + max(COUNT, 50 * (self.now() - now)), queue
        return Standing(job.run.portal, job.pages, job.bytes, speed, counted[1], job.refused, job.url, _left(job, counted[1], speed))


def _left(job: Job, queue: int, speed: float) -> float | None:
    limits = job.limits
    pages = min(queue, max(limits.pages - job.pages, 0)) if limits.pages else queue
    by_pages = pages / speed if speed > 0 else None
    by_time = max(limits.seconds - (job.clock.seconds() - job.began), 0) if limits.seconds else None
    return min((one for one in (by_pages, by_time) if one is not None), default=None)


def table(standings: Sequence[Standing], width: int) -> RenderableType:
    """The crawls as a table of this width: with the address in a column of its own, or in a line below where it is narrow."""
    # Only a terminal needs it: a twentieth of the time that a crawl takes to start.
    from rich.console import Group  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    narrow = width < NARROW
    made = Table(box=None, padding=(0, 2, 0, 0), width=width, pad_edge=False)
    made.add_column(say("portal"), overflow="ellipsis", no_wrap=True, ratio=None if not narrow else 1, max_width=None if narrow else 32)
    for name in (say("pages"), say("kept"), say("pages/min"), say("queue"), say("refused"), say("left")):
        made.add_column(name, justify="right", no_wrap=True)
    if not narrow:
        made.add_column(say("now at"), overflow="ellipsis", no_wrap=True, ratio=1)
    for one in standings:
        cells = [
            one.portal, f"{one.pages}", size(one.bytes), f"{one.speed * 60:.0f}", "-" if one.queue is None else f"{one.queue}",
            f"{one.refused}", lasting(one.left),
        ]  # fmt: skip
        made.add_row(*map(Text, cells if narrow else [*cells, _short(one.url)]))
    if not narrow:
        return made
    at = [Text(f"{say('now at')} {_short(one.url)}", style="dim", overflow="ellipsis", no_wrap=True) for one in standings if one.url]
    return Group(made, *at)


def line(standings: Sequence[Standing]) -> str:
    """The same as one line."""
    return "; ".join(
        say(
            "{portal}: {pages} pages asked for, {bytes} kept, {queue} queued, {refused} refused",
            portal=one.portal, pages=one.pages, bytes=size(one.bytes), queue="-" if one.queue is None else one.queue, refused=one.refused,
        )
        for one in standings
    )  # fmt: skip


def lasting(seconds: float | None) -> str:
    """A length of time in its two largest units; a dash if it is not known."""
    if seconds is None:
        return "-"
    minutes = round(seconds / 60)
    if seconds < 60:
        return say("{n} s", n=round(seconds))
    if minutes < 60:
        return say("{n} min", n=minutes)
    hours, rest = divmod(minutes, 60)
    return say("{h} h {m} min", h=hours, m=rest) if hours < 48 else say("{d} d {h} h", d=hours // 24, h=hours % 24)


@contextmanager
def shown(to: TextIO | None = None) -> Iterator[Watch]:
    """What `crawl` calls with its jobs every half second. While the block lasts, what else is written to stderr stands above the table."""
    to = to or sys.stderr
    follower = Follower()
    if not to.isatty():
        yield _plainly(follower, to)
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.live import Live  # noqa: PLC0415

    console = Console(file=to)
    with Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False) as live:
        yield lambda jobs: live.update(table(follower.look(jobs), console.width), refresh=True)


def _plainly(follower: Follower, to: TextIO) -> Watch:
    last = [follower.now()]

    def watch(jobs: list[Job]) -> None:
        if follower.now() - last[0] >= PLAIN:
            last[0] = follower.now()
            to.write(line(follower.look(jobs)) + "\n")
            to.flush()

    return watch


def _short(url: str) -> str:
    """An address as people read it: host and path, escapes undone; control characters in it are none for the terminal."""
    parts = urlsplit(url)
    text = unquote(parts.netloc + parts.path + (f"?{parts.query}" if parts.query else ""))
    return "".join(c if c.isprintable() else "�" for c in text)
