"""What a crawl will bring, before it begins: pages, bytes and time, from earlier runs, the queue and the profile's pace."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import Reader, say
from archive.console import size
from crawler.live import lasting
from crawler.orders import Order
from crawler.portals.profile import Profile


@dataclass(frozen=True)
class Forecast:
    """About so many `pages` (requests), `bytes` as kept, and `seconds`; None where nothing is known. `basis` says what it is from."""

    portal: str
    pages: int | None
    bytes: int | None
    seconds: float | None
    basis: str

    def plain(self) -> dict[str, Any]:
        """For `--json`; hours as the contract has them."""
        return {**asdict(self), "hours": None if self.seconds is None else round(self.seconds / 3600, 2)}


def forecasts(profiles: list[Profile], archive: Path, order: Order) -> list[Forecast]:
    """One for each portal, in their order; nobody is asked and nothing is written."""
    if not archive.exists():
        return [_of(profile, order, []) for profile in profiles]
    with Reader.open(archive) as reader:
        runs = reader.runs()
        return [_of(profile, order, [run for run in runs if run["portal"] == profile.code], reader) for profile in profiles]


def line(one: Forecast) -> str:
    """A forecast as one line."""
    if one.pages is None:
        return say("{portal}: nothing is known yet ({basis})", portal=one.portal, basis=one.basis)
    return say(
        "{portal}: about {pages} requests, {bytes}, {time} ({basis})",
        portal=one.portal, pages=one.pages, bytes="-" if one.bytes is None else size(one.bytes), time=lasting(one.seconds), basis=one.basis,
    )  # fmt: skip


def _of(profile: Profile, order: Order, runs: list[dict[str, Any]], reader: Reader | None = None) -> Forecast:
    crawls = [run for run in runs if run["kind"] == "crawl"]
    whole = [run for run in crawls if run["outcome"] == "finished" and not run["detail"] and run["captures"]]
    measured = [run for run in crawls if run["captures"]]
    queue = 0
    if crawls and reader is not None and crawls[-1]["outcome"] != "finished":
        queue = (reader.run(crawls[-1]["id"]) or {}).get("queue", {}).get("queued", 0)
    if profile.only:
        pages, basis = len(profile.only), say("the addresses that were named, without what they need")
    elif queue:
        pages, basis = queue, say("the queue of run {run}, which goes on", run=crawls[-1]["id"])
    elif whole:
        pages, basis = _of_chain(crawls, whole[-1]), say("run {run}, the last whole one", run=whole[-1]["id"])
    else:
        start = say("no whole run of it; it begins with {count} addresses, {delay:g} s apart", count=len(profile.starts), delay=profile.delay)
        return _limited(Forecast(profile.code, None, None, None, start), order)
    kept = sum(run["bytes"] for run in measured) / sum(run["captures"] for run in measured) if measured else None
    pace = 0.0 if order.own_host else profile.delay / max(profile.parallel, 1)
    if measured and (last := measured[-1])["ended"]:
        took = (datetime.fromisoformat(last["ended"]) - datetime.fromisoformat(last["started"])).total_seconds()
        pace = max(pace, took / last["captures"])
    made = Forecast(profile.code, pages, None if kept is None else round(pages * kept), pages * pace, basis)
    return _limited(made, order)


def _of_chain(crawls: list[dict[str, Any]], last: dict[str, Any]) -> int:
    """What a run and those that it resumed asked for together."""
    return int(sum(run["captures"] for run in crawls if run["root"] == last["root"]))


def _limited(made: Forecast, order: Order) -> Forecast:
    """Cut down to the limits that were given."""
    limits = order.limits
    if made.pages is None:
        return made
    shares = [1.0]
    if limits.pages:
        shares.append(limits.pages / made.pages)
    if limits.bytes and made.bytes:
        shares.append(limits.bytes / made.bytes)
    if limits.seconds and made.seconds:
        shares.append(limits.seconds / made.seconds)
    share = min(shares)
    if share >= 1:
        return made
    return Forecast(
        made.portal, round(made.pages * share), None if made.bytes is None else round(made.bytes * share),
        None if made.seconds is None else made.seconds * share, say("{basis}; cut off by a limit", basis=made.basis),
    )  # fmt: skip
