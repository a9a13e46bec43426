"""The auditor's verbs: `python -m archive`, and part of `tangthu`. Each parses, calls one function, prints."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from archive.console import (
    DONE,
    Verbs,
    archive_option,
    archives_option,
    json_option,
    language_option,
    lock_option,
    number,
    option,
    run,
    tell,
)
from archive.words import say

if TYPE_CHECKING:
    from archive.deposit import Depositor
    from archive.filing import Ahead
    from archive.probing import Probed


@click.group(cls=Verbs)
@language_option
def cli() -> None:
    """Read, search, replay and verify archives of Vietnam's provincial portals."""


@cli.command()
@click.argument("runs", nargs=-1, metavar="[RUN]")
@archives_option
@option("--missing", is_flag=True, help="Only the addresses that the run did not get, one a line.")
@json_option
def runs(runs: tuple[str, ...], paths: tuple[Path, ...], missing: bool, as_json: bool) -> int:
    """List the crawl runs, or say what one of them fetched, what failed and why."""
    return list_runs(runs, paths, missing=missing, as_json=as_json)


def list_runs(runs: tuple[str, ...], paths: tuple[Path, ...], *, missing: bool, as_json: bool) -> int:
    """What the verb `runs` does, for the archivist's verb of that name too."""
    from archive.printing import print_run, print_runs
    from archive.retrieve import Reader

    with Reader.open(paths) as reader:
        return print_run(reader, runs[0], missing=missing, as_json=as_json) if runs else print_runs(reader, as_json=as_json)


@cli.command()
@archives_option
@json_option
def stats(paths: tuple[Path, ...], as_json: bool) -> int:
    """Say where the space goes, by portal, kind and month, how the archive grows, and what to expect."""
    from archive.printing_space import print_stats
    from archive.retrieve import Reader

    with Reader.open(paths) as reader:
        return print_stats(reader, as_json=as_json)


@cli.command()
@click.argument("url")
@archives_option
@json_option
def why(url: str, paths: tuple[Path, ...], as_json: bool) -> int:
    """Say everything that is known of an address: captures, redirects, refusals, failures."""
    from archive.printing_why import print_why
    from archive.retrieve import Reader

    with Reader.open(paths) as reader:
        return print_why(reader, url, as_json=as_json)


@cli.command()
@click.argument("words", nargs=-1, required=True)
@archives_option
@option("--portal", default=None, help="Only articles of this portal.")
@option("--section", default=None, help="Only articles of this section.")
@option("--author", default=None, help="Only articles by this author.")
@option("--from", "since", default=None, metavar="DATE", help="Only articles of this day or later: 2026, 2026-03, 2026-03-01.")
@option("--to", "until", default=None, metavar="DATE", help="Only articles of this day or earlier.")
@option("--attachments", is_flag=True, help="Only articles with attachments.")
@option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many articles.")
@json_option
def search(words: tuple[str, ...], paths: tuple[Path, ...], limit: int, as_json: bool, **narrow: Any) -> int:
    """Find articles by their words, with or without diacritics."""
    from archive.printing import print_hits
    from archive.retrieve import Narrow, Reader

    with Reader.open(paths) as reader:
        return print_hits(reader.search(" ".join(words), limit, Narrow(**narrow)), as_json=as_json)


@cli.command()
@click.argument("article", metavar="ARTICLE_OR_URL")
@archives_option
@option("--at", default=None, metavar="TIME", help="As it was at this time: 2026-01-10, 20260110081500 or ISO 8601.")
@option("--html", "form", flag_value="html", help="The cleaned HTML.")
@option("--cuts", "form", flag_value="cuts", help="What cleaning removed, and the rule that removed it.")
@json_option
def show(article: str, paths: tuple[Path, ...], at: str | None, form: str | None, as_json: bool) -> int:
    """Show one article, as text for people by default."""
    from archive.printing import moment, print_article
    from archive.retrieve import Reader

    with Reader.open(paths) as reader:
        known = number(article)
        found = reader.article(article if known is None else known, at=moment(at) if at else None)
        return print_article(reader, article, found, form="json" if as_json else form or "text")


@cli.command()
@archive_option
@option("--portal", default=None, help="Only what runs of this portal kept.")
@option("--url", "prefix", default=None, metavar="PREFIX", help="Only addresses that begin so.")
@option("--profile", default=None, type=click.Path(path_type=Path), help="Clean by the rules in this profile (TOML).")
@option("--same-rules", is_flag=True, help="Clean each article by the rules that are kept with it.")
@option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@option("--processes", type=click.IntRange(1, 64), default=None, help="Clean in so many processes; one for each core if not given.")
@lock_option
@json_option
def clean(
    path: Path,
    portal: str | None,
    prefix: str | None,
    profile: Path | None,
    same_rules: bool,
    dry_run: bool,
    processes: int | None,
    lock_timeout: float,
    as_json: bool,
) -> int:
    """Clean the articles again from their archived bytes, and list what changed, field by field.

    Without --same-rules the newest rules are used: the last profile of each portal on top of the platforms of this version.
    The former state of an article stays beside the new one.
    """
    from archive.printing_changes import print_recleaning
    from archive.profiles import read_profile
    from archive.recleaning import Order, opened, reclean
    from archive.retrieve import Reader

    if profile is not None and same_rules:
        raise click.UsageError(say("choose one of --profile and --same-rules"))
    if dry_run or not path.exists():  # a depositor would make an archive where there is none
        Reader.open(path).close()
    order = Order(portal, prefix, same_rules, read_profile(profile) if profile else None, processes or 0)
    with opened(path, dry=dry_run, lock_timeout=lock_timeout) as depositor:
        code = print_recleaning(lambda watch: reclean(path, order, depositor, watch), dry=dry_run, as_json=as_json)
    return code if dry_run else max(code, read_attachments(path, lock_timeout))


@cli.command()
@click.argument("url")
@click.argument("start", metavar="[FROM", required=False)
@click.argument("end", metavar="TO]", required=False)
@archives_option
@json_option
def diff(url: str, start: str | None, end: str | None, paths: tuple[Path, ...], as_json: bool) -> int:
    """Say what changed on a page between two times, or between its last two states: words, captions, files, fields."""
    from archive.differences import difference
    from archive.printing import moment
    from archive.printing_changes import print_difference
    from archive.retrieve import Reader

    with Reader.open(paths) as reader:
        at = [moment(text) if text else None for text in (start, end)]
        return print_difference(difference(reader, url, *at), as_json=as_json)


@cli.command()
@archives_option
@json_option
def verify(paths: tuple[Path, ...], as_json: bool) -> int:
    """Check every kept byte and every link between rows; exit 1 if anything is broken or unchecked."""
    from archive.printing import print_verdict

    return max(print_verdict(path, as_json=as_json) for path in paths)


@cli.command()
@click.argument("out", type=click.Path(path_type=Path))
@archive_option
@option("--warc", "form", flag_value="warc", help="The WARC records, as .warc.gz (or .warc, by the name of OUT).")
@option("--jsonl", "form", flag_value="jsonl", help="The articles, one JSON object a line.")
@option("--portal", default=None, help="Only what runs of this portal kept.")
@option("--run", "only", type=click.IntRange(0, 2**63 - 1), default=None, help="Only what this run kept.")
@option("--url", "prefix", default=None, metavar="PREFIX", help="Only addresses that begin so.")
@option("--from", "since", default=None, metavar="TIME", help="Only what was captured at this time or later.")
@option("--to", "until", default=None, metavar="TIME", help="Only what was captured before this time.")
def export(
    out: Path,
    path: Path,
    form: str | None,
    portal: str | None,
    only: int | None,
    prefix: str | None,
    since: str | None,
    until: str | None,
) -> int:
    """Write the archive, or part of it, into a file that other tools read."""
    from archive.printing import moment
    from archive.retrieve import Filters, Reader

    if form is None:
        raise click.UsageError(say("say which form to export: --warc or --jsonl"))
    chosen = Filters(portal, only, prefix, moment(since) if since else None, moment(until) if until else None)
    with Reader.open(path) as reader:
        if form == "warc":
            from archive.export.warc import export_warc

            made = export_warc(reader, out, chosen)
            tell(
                say(
                    "{count} records written to {out} (sha256 {digest})",
                    count=made.records,
                    out=out,
                    digest=made.sha256,
                )
            )
        else:
            from archive.export.jsonl import export_jsonl

            tell(say("{count} articles written to {out}", count=export_jsonl(reader, out, chosen), out=out))
    return DONE


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@archive_option
@lock_option
@json_option
def adopt(files: tuple[Path, ...], path: Path, lock_timeout: float, as_json: bool) -> int:
    """Take WARC files (.warc, .warc.gz) of any maker into the archive, bit for bit."""
    from archive.deposit import Depositor
    from archive.export.adopt import adopt as take_in
    from archive.printing import print_adoptions

    with Depositor.open(path, lock_timeout=lock_timeout) as depositor:
        code = print_adoptions(take_in(depositor, files), as_json=as_json)
    return max(code, read_attachments(path, lock_timeout))


@cli.command()
@archives_option
@option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@option(
    "--replay-host",
    default=None,
    metavar="NAME",
    help="Host name under which captures are replayed; localhost if not given.",
)
@option("--token", envvar="TANGTHU_TOKEN", default=None, help="Password that readers have to give; TANGTHU_TOKEN in the environment.")
@option("--user-header", default=None, metavar="NAME", help="Header in which a reverse proxy names the reader; without it nobody reads.")
@option("--public", is_flag=True, help="Let every machine that can reach this one read, without a password.")
@option("--viewer", metavar="install|FILE.tgz", default=None, help="Install ReplayWeb.page, with npm or from its npm package, and end.")
@option("--access-log", "log", type=click.File("a"), default=None, help="File that gets a line for every request; - for standard output.")
def serve(
    paths: tuple[Path, ...],
    host: str,
    port: int,
    replay_host: str | None,
    token: str | None,
    user_header: str | None,
    public: bool,
    viewer: str | None,
    log: TextIO | None,
) -> int:
    """Open the reading room: search, articles, captures, replay."""
    if viewer:
        return install_viewer(None if viewer == "install" else Path(viewer))
    from archive.replay.access import Access
    from archive.replay.server import serve as serve_now

    serve_now(
        list(paths), host=host, port=port, replay_host=replay_host or "localhost", access=Access(token, user_header),
        public=public, log=log, ready=tell,
    )  # fmt: skip
    return DONE


def install_viewer(package: Path | None) -> int:
    """Say whose ReplayWeb.page is, then put it where the reading room looks for it."""
    from archive.replay.viewer_package import VERSION, install, notice

    tell(notice())
    there = install(package)
    tell(say("ReplayWeb.page {version} is in {folder}; the reading room now offers it beside each capture.", version=VERSION, folder=there))
    return DONE


def attachments_ahead(path: Path, depositor: Depositor) -> Ahead:
    """Read what `read_attachments` reads, while a crawl that writes through `depositor` comes to its end."""
    from archive.filing import Ahead

    return Ahead(path, depositor)


def read_attachments(path: Path, lock_timeout: float, ahead: Ahead | None = None) -> int:
    """Read the text inside the files that articles offer and that no run has read yet; 1 if the bytes of one are damaged."""
    from archive.deposit import Depositor
    from archive.filing import read_files
    from archive.printing_files import print_filed

    if ahead is not None and ahead.is_all:
        return print_filed(ahead)
    with Depositor.open(path, lock_timeout=lock_timeout) as depositor:
        return print_filed(chain(ahead or (), read_files(path, depositor)))


def looked_at(block: bytes, url: str) -> tuple[Probed, list[str]]:
    """What cleaning would make of the page in an HTTP message, and the same as lines for people."""
    from archive.printing_probe import probe_lines
    from archive.probing import probe
    from archive.warc.payload import body_of

    found = probe(body_of(block), url)
    return found, probe_lines(found)


VERBS = tuple(cli.commands.values())


def main(name: str = "archive") -> None:
    """Run the auditor's verbs and end the process with the contract's exit code."""
    run(cli, name)
