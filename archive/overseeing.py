"""What the door out knows of runs: how each went, what it shows, how the portals fare, what they take of the disk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from archive.handshakes import handshakes
from archive.health import Health, portal_health
from archive.model import Schedule
from archive.store import run_reading, site_models
from archive.store.reading import Reading
from archive.store.run_reading import Space, space
from archive.usual import Growth, growth
from archive.warc.payload import Body

if TYPE_CHECKING:
    from archive.notices import Notice


class Overseeing:
    """The half of the Reader that operators ask."""

    archives: list[Reading]
    page_body: Callable[[Reading, int], Body]

    def runs(self) -> list[dict[str, Any]]:
        """Every run with its counts, oldest first; `alive` says whether its process may still be at work."""
        return sorted((run for a in self.archives for run in a.runs()), key=lambda run: run["started"])

    def run(self, number: int) -> dict[str, Any] | None:
        """One run with its counts, how often each status came, what failed, and what TLS was spoken."""
        for archive in self.archives:
            for run in archive.runs(number):
                failed = [{"url": u, "time": t, "failure": f} for u, t, f in archive.run_failures(number)]
                sites, queue = site_models.of_run(archive, number), run_reading.queue(archive, run["root"])
                tls = handshakes(archive, number)
                return {**run, "queue": queue, "sites": sites, "tls": tls, "statuses": archive.run_statuses(number), "failed": failed}
        return None

    def missing(self, run: int) -> list[str]:
        """The addresses that a run did not get and that nothing brought since: those of a crawl of single addresses that mends it."""
        return next((run_reading.missing(archive, run) for archive in self.archives if list(archive.runs(run))), [])

    def notices(self, run: int) -> list[Notice]:
        """What a run shows that people should know: edited, withdrawn, swapped, moved, merged, fallen (archive/notices.py)."""
        # Only here, so that reading needs no parsers.
        from archive.notices import notices  # noqa: PLC0415

        for archive in self.archives:
            for found in archive.runs(run):
                return notices(archive, partial(self.page_body, archive), run, found["portal"])
        return []

    def health(self, portal: str | None = None, now: datetime | None = None) -> list[Health]:
        """How each portal fares now, by portal; or one of them."""
        return sorted((one for a in self.archives for one in portal_health(a, portal, now)), key=lambda one: one.portal)

    def schedules(self) -> list[Schedule]:
        """When which portals are crawled, by portal."""
        return sorted((s for a in self.archives for s in a.schedules()), key=lambda s: s.portal)

    def space(self) -> list[Space]:
        """Where the space goes, by portal, month and kind."""
        return [row for archive in self.archives for row in space(archive)]

    def growth(self, now: datetime) -> list[Growth]:
        """How fast each portal grows."""
        return [one for archive in self.archives for one in growth(archive.runs(), now)]
