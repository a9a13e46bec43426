"""The verbs `tangthu schedule ...`: crawls on a calendar that is kept in the archive."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from archive.console import (
    DONE,
    FINDINGS,
    MISUSE,
    Verbs,
    archive_option,
    json_option,
    notify_option,
    option,
    print_json,
    tell,
)
from archive.words import say


@click.group(cls=Verbs)
def schedule() -> None:
    """Crawl on a calendar that is kept in the archive."""


@schedule.command(context_settings={"ignore_unknown_options": True})
@click.argument("portal", metavar="PORTAL_OR_URL")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[-- OPTIONS OF CRAWL]")
@archive_option
@option("--cron", default=None, metavar="'M H D M W'", help="When, as in crontab: five fields.")
@option("--every", default=None, metavar="6h", help="Or an interval: a number and m, h, d or w.")
@option("--zone", default="Asia/Ho_Chi_Minh", show_default=True, help="The time zone of --cron.")
def add(portal: str, options: tuple[str, ...], path: Path, cron: str | None, every: str | None, zone: str) -> int:
    """Crawl a portal at these times from now on; its former schedule is replaced. What stands behind -- is passed to `tangthu crawl`."""
    from archive import Depositor
    from archive.errors import Misuse
    from archive.model import Schedule
    from crawler.cli import crawl
    from crawler.daemon import calendar
    from crawler.orders import profiles_of
    from crawler.schedule import checked_cron, seconds_of

    if (cron is None) == (every is None):
        raise Misuse(say("Say when: either --cron 'M H D M W' or --every 6h"))
    told = crawl.make_context("crawl", [portal, *options]).params
    code = profiles_of((portal,), told["profiles"])[0].code
    rest = [str(Path(o).resolve()) if before == "--profile" else o for before, o in zip(("", *options), options, strict=False)]
    made = Schedule(
        code, portal, datetime.now(UTC), cron and checked_cron(cron, zone), seconds_of(every) if every else None, zone, tuple(rest)
    )
    with Depositor.open(path) as depositor:
        depositor.schedule(made).result()
    row = next(r for r in calendar(path, datetime.now(UTC)) if r["portal"] == made.portal)
    tell(say("{portal}: next crawl at {time}; `tangthu schedule run` carries it out", portal=made.portal, time=_when(row)))
    return DONE


@schedule.command(name="list")
@archive_option
@json_option
def list_(path: Path, as_json: bool) -> int:
    """List the schedules: when each portal was crawled last and is due next."""
    from crawler.daemon import calendar

    rows = calendar(path, datetime.now(UTC))
    if as_json:
        print_json(rows)
        return DONE
    if not rows:
        tell(say("Nothing is scheduled; `tangthu schedule add PORTAL --every 6h` does."))
    for row in rows:
        state = say("running") if row["running"] else say("paused") if row["paused"] else _when(row)
        click.echo(f"{row['portal']:<24} {_rhythm(row):<28} {state}")
    return DONE


@schedule.command()
@click.argument("portal")
@archive_option
def remove(portal: str, path: Path) -> int:
    """Forget a portal's schedule."""
    return _change(path, portal, "remove")


@schedule.command()
@click.argument("portal")
@archive_option
@option("--resume", is_flag=True, help="Let a paused schedule go on.")
def pause(portal: str, path: Path, resume: bool) -> int:
    """Hold a portal's schedule until it is resumed."""
    return _change(path, portal, "resume" if resume else "pause")


@schedule.command()
@archive_option
@option("--parallel", type=click.IntRange(1, 64), default=4, show_default=True, help="How many portals are crawled at once.")
@notify_option
def run(path: Path, parallel: int, notify: Path | None) -> int:
    """Stay up and crawl what is due. Ctrl-C or SIGTERM ends the crawls under way cleanly; they are resumed at the next start."""
    import signal

    daemon = _daemon(path, parallel, notify)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, daemon.stop)
    tell(say("Waiting for schedules of {archive}; Ctrl-C ends.", archive=path))
    daemon.run()
    return DONE


@schedule.command()
@archive_option
@option("--parallel", type=click.IntRange(1, 64), default=4, show_default=True, help="How many portals are crawled at once.")
@notify_option
def due(path: Path, parallel: int, notify: Path | None) -> int:
    """Crawl what is due now and end: for cron and systemd timers."""
    daemon = _daemon(path, parallel, notify)
    ended = daemon.once()
    daemon.looked(datetime.now(UTC), frozenset())
    return max((one.exit_code for one in ended), default=DONE)


@schedule.command()
@archive_option
@option("--timer", is_flag=True, help="A timer that asks every ten minutes what is due, instead of a service that stays up.")
@option("--parallel", type=click.IntRange(1, 64), default=None, help="How many portals are crawled at once.")
@notify_option
def systemd(path: Path, timer: bool, parallel: int | None, notify: Path | None) -> int:
    """Print a systemd unit (with --timer, a service and its timer) for this archive."""
    from crawler.notify import read
    from crawler.units_of_systemd import printed

    told = read(notify, environ=None) if notify else None
    written = [file.resolve().parent for file in (told.prometheus, told.log) if file] if told else []
    made = printed(
        path.resolve(), Path(sys.argv[0]).resolve(), timer=timer, parallel=parallel, notify=notify.resolve() if notify else None, written=written,
    )  # fmt: skip
    click.echo(made)
    return DONE


def _daemon(path: Path, parallel: int, notify: Path | None) -> Any:
    from archive import Reader
    from crawler.clock import Clock
    from crawler.daemon import Daemon, Process
    from crawler.notify import Watcher, read

    Reader.open(path).close()
    if notify is None:
        return Daemon(path, lambda s: Process(s, path), Clock(), parallel)
    watcher = Watcher(read(notify), path)
    further = ("--notify", str(notify.resolve()))
    return Daemon(path, lambda s: Process(s, path, further), Clock(), parallel, ended=watcher.ended, looked=watcher)


def _change(path: Path, portal: str, what: str) -> int:
    from archive import Depositor, Reader
    from archive.urls import slug

    with Reader.open(path) as reader:
        known = {s.portal: s.portal for s in reader.schedules()}
    code = known.get(portal) or known.get(slug(portal))
    if code is None:
        tell(say("{portal} has no schedule: `tangthu schedule list` lists them", portal=portal))
        return MISUSE
    with Depositor.open(path) as depositor:
        done = depositor.unschedule(code) if what == "remove" else depositor.hold(code, paused=what == "pause")
        return DONE if done.result() else FINDINGS


def _rhythm(row: dict[str, Any]) -> str:
    if row["cron"]:
        return f"{row['cron']} {row['zone']}"
    seconds = row["every"]
    unit, length = next((u, n) for u, n in (("d", 86400), ("h", 3600), ("m", 60)) if seconds % n == 0)
    return say("every {time}", time=f"{seconds // length}{unit}")


def _when(row: dict[str, Any]) -> str:
    from zoneinfo import ZoneInfo

    at = datetime.fromisoformat(row["next_due"]).astimezone(ZoneInfo(row["zone"]))
    return at.strftime("%Y-%m-%d %H:%M %z")
