"""What the auditor's verbs print: text for people, JSON for machines. Returns exit codes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from archive.audit.verify import verify
from archive.console import DONE, FINDINGS, MISUSE, number, print_json, tell
from archive.errors import ArchiveError, Misuse
from archive.export.adopt import Adopted
from archive.model import Article, Attachment
from archive.printing_notices import notice_lines, noticed, tls_lines
from archive.printing_why import ruling_line
from archive.retrieve import Hit, Passage, Reader
from archive.urls import again_command, digits14, parse_time
from archive.words import say

# Findings of one check that are printed one by one; the rest is counted. `--json` has them all.
SHOWN = 20


def moment(text: str) -> datetime:
    """The time that was typed. Raises Misuse naming the forms that are understood."""
    try:
        return parse_time(text)
    except ValueError as problem:
        raise Misuse(
            say("{time} is no time: write 2026-01-10, 20260110081500 or 2026-01-10T08:15:00+07:00", time=text)
        ) from problem


def print_runs(reader: Reader, *, as_json: bool) -> int:
    """All runs, a line each."""
    runs = reader.runs()
    if as_json:
        looked = noticed(reader, runs)
        print_json([_plain({**run, "notices": found if (found := looked.get(run["id"])) is None else list(map(asdict, found))}) for run in runs])
        return DONE
    looked = noticed(reader, runs)
    for run in runs:
        click.echo(_run_line(run))
        for line in notice_lines(looked.get(run["id"], []), few=True):
            click.echo(f"  {line}")
    return DONE


def print_run(reader: Reader, named: str, *, as_json: bool, missing: bool = False) -> int:
    """One run: what came, what failed and why; or only what it is `missing`, an address a line."""
    known = number(named)
    run = None if known is None else reader.run(known)
    if run is None:
        raise Misuse(say("There is no run {run}: `tangthu runs` lists them", run=named))
    lost = reader.missing(run["id"])
    if missing:
        print_json(lost) if as_json else click.echo("".join(f"{url}\n" for url in lost), nl=False)
        return DONE
    notices = reader.notices(run["id"])
    if as_json:
        print_json(_plain({**run, "missing": lost, "notices": list(map(asdict, notices))}))
        return DONE
    click.echo(_run_line(run))
    for line in notice_lines(notices):
        click.echo(f"  {line}")
    click.echo(
        say(
            "answers: {statuses}",
            statuses=", ".join(f"{status} × {count}" for status, count in run["statuses"].items()) or "-",
        )
    )
    for failed in run["failed"]:
        click.echo(f"  {failed['url']}  {failed['failure']}")
    if lost:
        told = say("{count} addresses are missing; asked for once more by: {command}", count=len(lost), command=again_command(run["id"]))
        click.echo(told)
    for site in run["sites"]:
        click.echo(_site_line(site))
    for line in tls_lines(run):
        click.echo(line)
    return DONE


def _site_line(site: dict[str, Any]) -> str:
    """What was learned of a host, or how what was known of it fits."""
    if "learned" in site:
        pages = sum(one["pages"] for one in site["learned"]["learned"])
        return say("learned of {host}: where articles stand, from {pages} of its articles", host=site["host"], pages=pages)
    fits = say("{host}: what was learned of it fits {fits} of {looked} pages", **site)
    return fits if site["drift"] is None else fits + "\n" + say("drift at {host}: {drift}", **site)


def print_hits(hits: list[Hit], *, as_json: bool) -> int:
    """The articles that a search found, best first."""
    if as_json:
        print_json([asdict(hit) for hit in hits])
        return DONE
    if not hits:
        tell(say("No article has these words."))
    for hit in hits:
        where = f"  {say('in the attachment {name}', name=hit.attachment)}\n" if hit.attachment else ""
        click.echo(
            f"{hit.title or hit.url}\n{where}  {(hit.published or '')[:16].replace('T', ' ') or '-'}  {hit.url}\n  {_marked(hit)}\n"
        )
    return DONE


def print_article(reader: Reader, asked: str, article: Article | None, *, form: str) -> int:
    """One article in the form that was asked for; the way to look further if there is none."""
    if article is None:
        captures = [] if number(asked) is not None else reader.find(asked)
        if captures:
            tell(say("{url} was captured but is no article; `tangthu why {url}` says what came", url=asked))
        else:
            tell(
                say(
                    "{url} is not in the archive; `tangthu why {url}` says what is known, `tangthu search` finds words",
                    url=asked,
                )
            )
            for kept_out in [one for one in reader.rulings(asked) if not one["allowed"]][-1:]:
                tell(ruling_line(kept_out))
        return MISUSE
    if form == "json":
        found = [{n: getattr(p, n) for n in ("part", "number", "start", "end")} for p in _passages(reader, article)]
        print_json({**article.to_dict(), "passages": found})
    elif form == "html":
        click.echo(article.html)
    elif form == "cuts":
        places = {p.number: p for p in _passages(reader, article) if p.part == "cuts"}
        for at, cut in enumerate(article.cuts):
            click.echo(f"{cut.rule:<14} {_bytes(places.get(at)):>15}  {' '.join(cut.text.split())}")
    else:
        click.echo(_article_text(reader, article))
    return DONE


def _passages(reader: Reader, article: Article) -> list[Passage]:
    """Where the article stands in its bytes; nothing, with a word, where these cannot be had."""
    try:
        return reader.passages(article)
    except ArchiveError as problem:
        tell(str(problem))
        return []


def _bytes(passage: Passage | None) -> str:
    """The bytes of a passage; a question mark where its words do not stand."""
    if passage is None or passage.start is None:
        return "?"
    return f"{passage.start}-{passage.end}{'' if passage.holds else '?'}"


def print_verdict(path: Path, *, as_json: bool) -> int:
    """Check the archive at `path`; 1 if anything is broken or unchecked."""
    counted: Counter[tuple[str, str]] = Counter()
    bad: list[dict[str, Any]] = []
    with Reader.open(path) as reader:
        for finding in verify(reader):
            verdict = finding.verdict.value
            counted[finding.check, verdict] += finding.count
            if verdict != "sound":
                bad.append(
                    {
                        "check": finding.check,
                        "verdict": verdict,
                        "subject": finding.subject,
                        "evidence": finding.evidence,
                    }
                )
                if not as_json and counted[finding.check, verdict] <= SHOWN:
                    click.echo(f"{say(verdict)}: {finding.check}: {finding.subject}: {finding.evidence}")
    checks = sorted({check for check, _ in counted})
    sound = not bad
    if as_json:
        print_json(
            {
                "archive": str(path),
                "sound": sound,
                "findings": bad,
                "checks": {
                    c: {v: counted[c, v] for v in ("sound", "broken", "unchecked") if counted[c, v]} for c in checks
                },
            }
        )
        return DONE if sound else FINDINGS
    total = sum(counted.values())
    if sound:
        click.echo(
            say(
                "{path}: sound. {total} findings of {checks} checks, none broken, none left unchecked.",
                path=path,
                total=total,
                checks=len(checks),
            )
        )
    else:
        broken, unchecked = (sum(n for (_, v), n in counted.items() if v == kind) for kind in ("broken", "unchecked"))
        click.echo(
            say(
                "{path}: NOT sound. {broken} broken, {unchecked} unchecked of {total} findings.",
                path=path,
                broken=broken,
                unchecked=unchecked,
                total=total,
            )
        )
    return DONE if sound else FINDINGS


def print_adoptions(adoptions: Iterable[Adopted], *, as_json: bool) -> int:
    """What became of each file, as it is taken in; 1 if anything in one is not as it should be."""
    told: list[dict[str, Any]] = []
    grave = False
    for adopted in adoptions:
        grave = grave or adopted.grave
        told.append(
            {
                "file": str(adopted.path),
                "run": adopted.run.id,
                "records": adopted.records,
                "captures": adopted.captures,
                "articles": adopted.articles,
                "already": adopted.already,
                "refused": adopted.refused,
                "notes": [asdict(note) for note in adopted.notes],
                "more_notes": adopted.more,
            }
        )
        if as_json:
            continue
        tell(
            say(
                "{file}: {records} records taken in, {captures} captures, {articles} articles; {already} were here already, {refused} refused",
                file=adopted.path,
                records=adopted.records,
                articles=adopted.articles,
                captures=adopted.captures,
                already=adopted.already,
                refused=adopted.refused,
            )
        )
        for note in [note for note in adopted.notes if note.grave][:SHOWN]:
            tell(f"  {note.offset}: {note.what}")
    if as_json:
        print_json(told)
    return FINDINGS if grave else DONE


def _run_line(run: dict[str, Any]) -> str:
    outcome = run["outcome"] or "running"
    ended = say(outcome)
    detail = f" ({run['detail']})" if run["detail"] else ""
    return say(
        "run {id}  {portal}  {started}  {ended}{detail}  {captures} captures, {articles} articles, {failures} failures, {refusals} refusals",
        **{**run, "started": str(run["started"])[:16].replace("T", " "), "ended": ended, "detail": detail},
    )


def _file_said(reader: Reader, file: Attachment) -> str:
    """What is known of the text inside a file that an article offers."""
    text = reader.file_text(file.sha256) if file.sha256 else None
    if text is None:
        return say("(not kept)") if file.capture is None else ""
    pages = say(", {count} pages", count=text.pages) if text.pages else ""
    if text.status == "scan":
        return say("(a scan without a text layer{pages})", pages=pages)
    if text.status == "text":
        return say("({kind}, its text can be searched{pages})", kind=text.kind, pages=pages)
    return f"({text.kind}: {text.status}{'; ' + text.note if text.note else ''})"


def _article_text(reader: Reader, article: Article) -> str:
    when = (article.published or "")[:16].replace("T", " ")
    by = ", ".join(article.authors)
    head = [article.title or article.url, "=" * min(72, len(article.title or article.url))]
    head += [" · ".join(part for part in (when, by, article.source or "", " › ".join(article.section)) if part)]
    tail = [say("[image] {caption}", caption=image.caption or image.url) for image in article.images]
    tail += [
        " ".join(filter(None, (say("[attachment] {name} {url}", name=file.name, url=file.url), _file_said(reader, file))))
        for file in article.attachments
    ]
    if article.capture:
        at = parse_time(article.capture["time"].replace("Z", "+00:00"))
        tail.append(
            say(
                "[source] {url} captured {time} UTC, {record}",
                url=article.capture["url"],
                time=f"{at:%Y-%m-%d %H:%M:%S}",
                record=article.capture["record_id"],
            )
        )
        known = reader.rulings(article.capture["url"])
        tail += [ruling_line(one) for one in known if (one["allowed"], one["decided"]) == (1, article.capture["time"])]
        tail.append(say("[evidence] /web/{time}raw_/{url}", time=digits14(at), url=article.capture["url"]))
    return "\n".join([*[line for line in head if line], "", article.text, "", *tail])


def _marked(hit: Hit) -> str:
    """The snippet with the found words in bold, where the terminal can show it (click takes the marks out in a pipe)."""
    parts, at = [], 0
    for start, end in hit.found:
        parts += [hit.snippet[at:start], click.style(hit.snippet[start:end], bold=True)]
        at = end
    return " ".join("".join([*parts, hit.snippet[at:]]).split())


def _plain(run: dict[str, Any]) -> dict[str, Any]:
    return {
        **run,
        "settings": json.loads(run["settings"]) if isinstance(run.get("settings"), str) else run.get("settings"),
    }
