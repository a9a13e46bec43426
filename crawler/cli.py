"""The archivist's verbs. The command `tangthu` starts here and mounts the auditor's."""

from __future__ import annotations

import gc
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click

from archive.cli import VERBS, attachments_ahead, read_attachments
from archive.console import (
    DONE,
    Verbs,
    archive_option,
    archives_option,
    json_option,
    language_option,
    lock_option,
    notify_option,
    option,
    print_json,
    run,
    tell,
)
from archive.words import say
from crawler.schedule_cli import schedule


@click.group(cls=Verbs)
@language_option
@click.version_option(package_name="tangthu", prog_name="tangthu")
def cli() -> None:
    """Crawl the portals of Vietnam's provinces, keep every byte as evidence, and show what they said."""


@cli.command()
@archive_option
@json_option
def portals(path: Path, as_json: bool) -> None:
    """List the portals that can be crawled by name: today's provinces, the former ones, and where each was last crawled."""
    from crawler.portals.listing import line_of, rows_of

    rows = rows_of(path)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(line_of(row))


@cli.command()
@click.argument("portals", nargs=-1, metavar="PORTAL_OR_URL...")
@archive_option
@option(
    "--profile",
    "profiles",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A profile of your own (TOML) to crawl.",
)
@option(
    "--urls", default=None, metavar="FILE", help="Capture just the addresses in this file (- for stdin) and what they need."
)
@option("--max-pages", type=click.IntRange(1), default=None, help="Stop after so many pages.")
@option("--max-bytes", type=click.IntRange(1), default=None, help="Stop after so many bytes.")
@option("--max-time", type=float, default=None, metavar="SECONDS", help="Stop after so many seconds.")
@option(
    "--own-host",
    is_flag=True,
    help="The server is mine: loopback and private addresses allowed, no delay, 16 requests at once.",
)
@option("--resolve", multiple=True, metavar="HOST=ADDR[:PORT]", help="Ask for HOST at this address, as in curl.")
@option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A Scrapy setting for this crawl.")
@option("--dry-run", "dry", is_flag=True, help="Say how many pages, bytes and hours it will take, and ask nobody.")
@notify_option
@option("--due/--all", "only_due", default=False, help="Ask again only lists and what is likely to have changed, or everything (default).")
@lock_option
@json_option
def crawl(
    portals: tuple[str, ...],
    path: Path,
    lock_timeout: float,
    profiles: tuple[Path, ...],
    urls: str | None,
    max_pages: int | None,
    max_bytes: int | None,
    max_time: float | None,
    own_host: bool,
    resolve: tuple[str, ...],
    pairs: tuple[str, ...],
    dry: bool,
    notify: Path | None,
    only_due: bool,
    as_json: bool,
) -> int:
    """Crawl portals by name, or an address by its links, into the archive.

    A run that was interrupted goes on where it stopped: start the same command again. A plain address is crawled within its host and folder.
    @FILE or - (stdin) names portals and addresses, one a line.
    """
    from crawler.orders import order_of, profiles_of

    chosen = profiles_of(portals, profiles, urls)
    order = order_of(
        max_pages, max_bytes, max_time, own_host=own_host, resolve=resolve, pairs=pairs, lock_timeout=lock_timeout,
        only_due=only_due,
    )
    if dry:
        from crawler.forecast import forecasts, line

        found = forecasts(chosen, path, order)
        click.echo("\n".join(map(line, found))) if not as_json else print_json([one.plain() for one in found])
        return DONE
    from crawler.readers import PageReaders, how_many

    # What is imported now stays: looking it through for what does not is a fifteenth of a crawl's start. `crawl_now` goes on with it.
    gc.disable()
    ahead: list[Any] = []
    with _telling(notify, path, [p.code for p in chosen]) as ended, PageReaders(how_many(order.processes)) as readers:
        from crawler.crawl import crawl as crawl_now
        from crawler.live import shown
        from crawler.progress import report

        with shown() as watch:
            outcomes = crawl_now(
                chosen, path, order, watch, readers, meanwhile=lambda depositor: ahead.append(attachments_ahead(path, depositor)),
            )  # fmt: skip
        ended += [(outcome.run.portal, outcome.run.id) for outcome in outcomes]
    if as_json:
        print_json([report(outcome) for outcome in outcomes])
    else:
        for outcome in outcomes:
            tell(report(outcome)["said"])
    return max(read_attachments(path, lock_timeout, *ahead), *(outcome.exit_code for outcome in outcomes))


def _telling(file: Path | None, archive: Path, portals: list[str]) -> AbstractContextManager[list[tuple[str, int]]]:
    """As `notify.telling`, which is imported only where somebody is to be told."""
    if file is None:
        return nullcontext([])
    from crawler.notify import telling

    return telling(file, archive, portals)


@cli.command()
@click.argument("url")
@option("--save", default=None, type=click.Path(path_type=Path), metavar="FILE.toml", help="Write the profile into this file.")
@option(
    "--archive",
    "path",
    default=None,
    type=click.Path(path_type=Path),
    help="Look at the newest capture in this archive, and ask nobody.",
)
@option("--own-host", is_flag=True, help="The server is mine: loopback and private addresses allowed.")
@option("--resolve", multiple=True, metavar="HOST=ADDR[:PORT]", help="Ask for HOST at this address, as in curl.")
@json_option
def probe(
    url: str, save: Path | None, path: Path | None, own_host: bool, resolve: tuple[str, ...], as_json: bool
) -> int:
    """Look at one page: name its platform with the evidence, say what would be extracted, and print a profile to crawl it with.

    What is printed can be saved and crawled as it is: the findings are comments in the profile.
    """
    from archive.cli import looked_at
    from crawler.orders import resolved
    from crawler.probing import code_of, fetch, kept, profile_toml, writable

    if save is not None:
        writable(save)
    page = kept(url, path) if path is not None else fetch(url, own_host=own_host, resolve=resolved(resolve))
    found, lines = looked_at(page.block, page.url)
    profile = profile_toml(page.url, found.platform, article=found.is_article, comments=[*page.steps, *lines])
    if save is not None:
        save.write_text(profile, encoding="utf-8")
        tell(say("{file} written: `tangthu crawl {code} --profile {file}`", file=save, code=code_of(page.url)))
    if as_json:
        evidence = {"platform": found.platform, "evidence": found.evidence, "is_article": found.is_article}
        print_json({"url": url, "steps": page.steps, **evidence, "article": found.article.to_dict(), "profile": profile})
    else:
        click.echo(profile.rstrip() if save is None else "\n".join([*page.steps, *lines]))
    return DONE


@cli.command()
@archive_option
@json_option
def doctor(path: Path, as_json: bool) -> int:
    """Check that this machine can record and keep: wire self-test, SQLite, disk, clock, TLS."""
    from crawler.doctor import examine

    findings = examine(path)
    if as_json:
        print_json([{"check": f.check, "good": f.good, "said": f.said} for f in findings])
    else:
        for finding in findings:
            click.echo(f"{'✓' if finding.good else '✗'} {finding.said}")
    return 0 if all(f.good for f in findings) else 3 if any(f.fatal for f in findings) else 1


@cli.command()
@click.argument("runs", nargs=-1, metavar="[RUN] | stop|pause|resume|release RUN")
@archives_option
@option("--missing", is_flag=True, help="Only the addresses that the run did not get, one a line.")
@json_option
def runs(runs: tuple[str, ...], paths: tuple[Path, ...], missing: bool, as_json: bool) -> int:
    """List the crawl runs, or say what one of them fetched, what failed and why; stop, pause or resume one that is at work.

    `release RUN` gives up a run whose machine is gone: the next crawl of its portal goes on with it.
    """
    if runs and runs[0] in ("stop", "pause", "resume", "release"):
        from crawler.wishes import tell_run

        return tell_run(paths, runs[0], runs[1:])
    from archive import cli as auditor

    return auditor.list_runs(runs, paths, missing=missing, as_json=as_json)


for _verb in VERBS:
    if _verb.name not in cli.commands:
        cli.add_command(_verb)
cli.add_command(schedule)


def main() -> None:
    """The command `tangthu`."""
    run(cli, "tangthu")
