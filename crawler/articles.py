"""What a kept answer leads to: its article, the addresses it names, or another try.

The same for a fresh answer and for one that a killed run left behind: a captured page is read from its kept bytes and never asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive import Capture, Reader
from archive.changing import Sighting, last_modified
from archive.model import Alias, Link, Refusal, Settlement, Visit
from archive.urls import folder_of
from crawler.beside import Reading
from crawler.fingerprints import Fingerprints
from crawler.hours import VIETNAM
from crawler.job import Job, kept
from crawler.pages import HTML, READ_LIMIT, Page, Read, is_read
from crawler.spiders.budgets import refused, shape_of
from crawler.spiders.walk import origin_of, probe_of

# Answers and failures that another try may mend. 501 and 505 say what the server is, not how it fares.
RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
RETRY_FAILURE = frozenset({"timeout", "reset", "closed", "refused", "unreachable", "dns", "disconnect"})

# So many names are known again at a glance; beyond, what was named is decided once more, and found in the queue.
NAMED = 200_000


@dataclass(frozen=True)
class Patience:
    """How often a failing address is tried, and how long is waited before the next try, in seconds."""

    tries: int = 3
    wait: float = 10.0

    def next_try(self, attempts: int, now: datetime) -> datetime:
        """When to try again after `attempts` tries: the wait doubles each time."""
        return now + timedelta(seconds=self.wait * 2 ** (attempts - 1))


class Expanding:
    """Turns captures into settlements and writes them."""

    def __init__(
        self,
        job: Job,
        reading: Reading,
        unseen: Callable[[list[Link]], list[Link]],
        patience: Patience,
        now: Callable[[], datetime],
    ) -> None:
        self._job, self._reading, self._unseen, self._patience, self._now = job, reading, unseen, patience, now
        self._refused = Fingerprints()
        self._named: set[int] = set()
        self._platforms: dict[str, str | None] = {}

    async def expand(self, visit: Visit, capture: Capture, answer: bytes, retry: datetime | None = None) -> bool:
        """Settle `visit`, for which `capture` was kept; `answer` is the kept HTTP message (empty if none came).

        `retry` is when the server wants to be asked again, if it said so.

        Returns whether the queue has grown by it.
        """
        if (cause := self._unfinished(capture)) is not None:
            return await self._again(visit, capture, cause, retry)
        settlement = Settlement(visit=visit.id, capture=capture.id)
        if capture.location and capture.status in (301, 302, 303, 307, 308):
            links, refusals = self._job.walk.redirect(visit.link, capture.location, keeps=capture.status in (307, 308))
            if self._job.forms.moved(origin_of(capture.url), capture.location):
                settlement.aliases.append(Alias(capture.url, capture.location, "moved", visit.link.via))
            self._add(settlement, links, refusals)
            if not settlement.links and not refusals and visit.link.kind in ("page", "list"):
                settlement.budgets = self._job.budgets.pay(capture.url, fruitful=False)
        elif answer and is_read(visit.link.kind, capture.media_type) and capture.status is not None and capture.status < 400:
            await self._read(settlement, visit, capture, answer)
        elif capture.failure is not None and capture.failure.startswith("forbidden:"):
            settlement.refusals.append(Refusal(capture.url, "private", capture.failure.partition(": ")[2], visit.link.via))
        settlement.sighting = self._seen(settlement, capture, answer)
        return await self._write(settlement)

    async def refuse(self, visit: Visit, refusal: Refusal) -> bool:
        """Settle `visit`, which was not asked for."""
        self._job.refused += 1
        seen = Sighting(self._now())
        return await self._write(Settlement(visit=visit.id, capture=None, refusals=[refusal], sighting=seen))

    def _seen(self, settlement: Settlement, capture: Capture, answer: bytes) -> Sighting:
        """What the answer says of how its page changes: an article is another one if its content is, whatever stands around it."""
        draft = settlement.draft
        if any(refusal.reason == "soft-404" for refusal in settlement.refusals):
            return Sighting(capture.time, 404)
        if capture.status is None or capture.status >= 400:
            return Sighting(capture.time, capture.status)
        mark = draft.content_sha256.hex() if draft else capture.payload_digest or f"{capture.status} {capture.location or ''}"
        dated = last_modified(answer)
        if dated is None and draft is not None and draft.published:
            dated = _instant(draft.published)
        return Sighting(capture.time, capture.status, mark, dated)

    async def _read(self, settlement: Settlement, visit: Visit, capture: Capture, answer: bytes) -> None:
        article = capture.status == 200 and (
            visit.link.kind == "probe" or (visit.link.kind == "page" and self._job.walk.is_article(capture.url))
        )
        rules = self._job.rules(capture.url, capture.time)
        remember = not self._job.walk.is_end(visit.link)
        ways, link = self._job.walk.ways(visit.link), visit.link
        page = Page(
            answer, capture.url, capture.media_type or "", rules, article, True, remember, link.kind, ways, link.paging,
            recognise=self._job.profile.platform is None,
        )  # fmt: skip
        found = await self._reading.read(page)
        if capture.status == 304:  # read without its article, if it has one: its whole text is what tells it from others
            found = found._replace(pieces=())
        if found.trouble:
            reason = visit.link.kind if visit.link.kind in ("sitemap", "feed", "list") else "cleaning"
            settlement.refusals.append(Refusal(capture.url, reason, found.trouble, visit.link.via))
        # Most of what a page names was named before: dropped here it costs a look into a set, later a decision each.
        fresh = [named for named in found.named if hash(named) not in self._named]
        if remember:
            if len(self._named) > NAMED:
                self._named.clear()
            # Not feeds: whether one is read depends on the page that names it.
            self._named.update(hash(named) for named in fresh if named[1] != "feed")
        platform = await self._platform(found, capture.url)
        named, settlement.aliases = self._job.forms.settle(fresh, capture.url, platform)
        self._add(settlement, *self._job.walk.sort(visit.link, named, platform))
        self._add(settlement, *self._job.walk.further(visit.link, found.asks))
        if visit.link.kind in ("page", "list", "probe") and capture.media_type != "text/css":
            self._weigh(settlement, visit, capture.url, found)

    async def _platform(self, found: Read, url: str) -> str | None:
        """The platform by which the addresses that an answer names are judged, if the profile names none.

        Feeds and sitemaps show none: theirs is that of their host's pages, after a restart that of the portal's first pages as they are kept.
        """
        if self._job.profile.platform is not None:
            return None
        origin = origin_of(url)
        if found.platform is not None:
            self._platforms[origin] = found.platform
        elif origin not in self._platforms:
            self._platforms[origin] = None
            for start in self._job.profile.starts:
                if origin_of(start) == origin and (answer := self._newest(start)):
                    first = Page(answer, start, HTML[0], None, article=False, remember=False, recognise=True)
                    self._platforms[origin] = self._platforms[origin] or (await self._reading.read(first)).platform
        return self._platforms[origin]

    def _newest(self, url: str) -> bytes:
        """The kept HTTP message of the newest page at an address; empty if there is none."""
        with Reader.open(self._job.archive) as reader:
            pages = [c for c in reader.find(url) if c.status == 200 and c.media_type in HTML and c.length <= READ_LIMIT]
            return reader.open(pages[-1]).raw() if pages else b""

    def _weigh(self, settlement: Settlement, visit: Visit, url: str, found: Read) -> None:
        """Whether the page brought anything: text that is new, or the way to addresses of another shape. What says nothing is no article."""
        budgets, settlement.text = self._job.budgets, found.text
        new = found.text is not None and budgets.is_new(found.text)
        if found.pieces:
            settlement.pieces = budgets.fresh(found.pieces)
            new = bool(settlement.pieces)
        if visit.link.kind == "probe":
            if found.text is not None:
                budgets.empty.add((folder_of(url), found.text))
                settlement.probed = url
            return
        if nothing := found.missing or (folder_of(url), found.text) in budgets.empty:
            settlement.refusals.append(Refusal(url, "soft-404", "it answers 200 and says that there is no such page" if found.missing else "it says "
                                               "what an address says that nobody made", visit.link.via))  # fmt: skip
        else:
            settlement.draft, settlement.canonical = found.draft, found.canonical
            if found.draft is not None and not new and found.canonical in ("", url):
                # The same article at two addresses: what does an address say that nobody made?
                settlement.links += self._unseen([probe_of(visit.link, url)])
        shape = shape_of(url)
        leads = any(link.kind in ("page", "list", "document") and shape_of(link.url) != shape for link in settlement.links)
        # Dead links are no trap, however many there are; an address that nobody made and that leads on to others may be one.
        if visit.link.method == "GET" and (not nothing or any(link.kind in ("page", "list") for link in settlement.links)):
            settlement.budgets = budgets.pay(url, fruitful=(new or leads) and not nothing)

    def _add(self, settlement: Settlement, links: list[Link], refusals: list[Refusal]) -> None:
        spent = {link.url: why for link in links if (why := refused(self._job.budgets, link))}
        if spent:
            refusals = [*refusals, *(Refusal(link.url, "trap", spent[link.url], link.via) for link in links if link.url in spent)]
            links = [link for link in links if link.url not in spent]
        settlement.links += self._unseen(links)
        for refusal in refusals:
            if self._refused.add(hash((refusal.url, refusal.reason))):
                settlement.refusals.append(refusal)
                self._job.refused += 1

    def _unfinished(self, capture: Capture) -> str | None:
        """Why this attempt may be worth another; None if it is final."""
        if capture.status in RETRY_STATUS:
            return f"status {capture.status}"
        if capture.failure is not None and capture.failure.partition(":")[0] in RETRY_FAILURE:
            return capture.failure
        return "cut off" if capture.truncated == "disconnect" else None

    async def _again(self, visit: Visit, capture: Capture, cause: str, asked: datetime | None) -> bool:
        attempts = visit.attempts + 1
        settlement = Settlement(visit=visit.id, capture=capture.id)
        if attempts < self._patience.tries:
            at = self._patience.next_try(attempts, self._now())
            settlement.state, settlement.not_before = "queued", max(at, asked) if asked else at
        else:
            settlement.state = "failed"
            settlement.sighting = Sighting(capture.time)
            settlement.refusals = [
                Refusal(capture.url, "retries", f"{attempts} tries, the last: {cause}", visit.link.via)
            ]
        return await self._write(settlement)

    async def _write(self, settlement: Settlement) -> bool:
        await kept(self._job.depositor.settle(self._job.run, settlement))
        return bool(settlement.links or settlement.probed) or settlement.state == "queued"


def _instant(published: str) -> datetime | None:
    """When a date of an article is: one without a time is the day's beginning in Vietnam."""
    try:
        at = datetime.fromisoformat(published)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=VIETNAM)).astimezone(UTC)
