"""Who is told what: the operator's TOML, the alarms that runs give, and their way to mail, webhooks and Prometheus.

A notification that fails is said and written down beside the archive; it never ends a crawl.
"""

from __future__ import annotations

import json
import logging
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from archive import Reader, say
from archive.console import MISUSE
from archive.console import tell as say_it
from archive.errors import ArchiveError, Misuse
from archive.printing_notices import notice_said
from archive.urls import warc_date
from crawler.channels import TROUBLE, Hook, Mail, post, send, textfile
from crawler.daemon import Ended

logger = logging.getLogger(__name__)

# What can be told of a run, as `tangthu runs` names it; `overdue` is a run that did not begin when it should.
KINDS = ("failed", "overdue", "yield", "failures", "drift", "moved", "merged", "withdrawn", "swapped", "edited")
# Lines of one kind in a message; the rest is counted.
MOST = 20
# Between two looks at what has not begun.
EVERY = timedelta(minutes=1)
# So long a portal may wait for a free place among the crawls at work before that is told.
STARVED = timedelta(days=1)
_MAIL = {"to", "from", "host", "port", "tls", "user", "password_env", "password_file", "ca_file"}
_HOOK = {"url", "token_env", "token_file", "ca_file"}


@dataclass(frozen=True)
class Told:
    """The operator's file: which kinds are told, where the reading room is, and the channels."""

    on: frozenset[str] = frozenset(KINDS)
    room: str = ""
    mail: Mail | None = None
    hooks: tuple[Hook, ...] = ()
    prometheus: Path | None = None
    log: Path | None = None


@dataclass(frozen=True)
class Alarm:
    """What is worth telling of one portal: sentences for people, by kind, and the run they come from."""

    portal: str
    run: int | None
    lines: list[tuple[str, str]] = field(default_factory=list)


def read(path: Path, environ: Mapping[str, str] | None = os.environ) -> Told:
    """The operator's file. Passwords come from the environment or files of their own. Raises Misuse naming file, key and mend.

    With `environ` None it is only looked over: who will tell has an environment of its own.
    """
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise Misuse(say("{file} cannot be read: {why}", file=path, why=problem.strerror)) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Misuse(say("{file} is not valid TOML: {why}", file=path, why=problem)) from problem
    _known(path, "", plain, {"on", "room", "log", "mail", "webhook", "prometheus"})
    on = plain.get("on", list(KINDS))
    if not isinstance(on, list) or not set(map(str, on)) <= set(KINDS):
        raise Misuse(say("{file}: on must be a list of {kinds}", file=path, kinds=", ".join(KINDS)))
    mail = plain.get("mail")
    hooks = plain.get("webhook", [])
    prometheus = plain.get("prometheus", {})
    _known(path, "prometheus", prometheus, {"file"})
    return Told(
        frozenset(on), str(plain.get("room", "")).rstrip("/"), _mail(path, mail, environ) if mail is not None else None,
        tuple(_hook(path, one, environ) for one in (hooks if isinstance(hooks, list) else [hooks])),
        Path(prometheus["file"]) if prometheus.get("file") else None, Path(plain["log"]) if plain.get("log") else None,
    )  # fmt: skip


def _mail(path: Path, given: Any, environ: Mapping[str, str] | None) -> Mail:
    _known(path, "mail", given, _MAIL)
    for key in ("to", "from", "host"):
        if not given.get(key):
            raise Misuse(say("{file}: {key} is missing", file=path, key=f"mail.{key}"))
    tls = given.get("tls", "starttls")
    if tls not in ("starttls", "tls", "none"):
        raise Misuse(say("{file}: mail.tls is one of starttls, tls, none", file=path))
    to = given["to"] if isinstance(given["to"], list) else [given["to"]]
    password = _secret(path, "mail", given, "password", environ)
    if password and tls == "none" and given["host"] not in ("127.0.0.1", "::1", "localhost"):
        raise Misuse(say("{file}: mail.tls = none would send the password readable to {host}", file=path, host=given["host"]))
    port = given.get("port", {"starttls": 587, "tls": 465, "none": 25}[tls])
    if not isinstance(port, int) or not 0 < port < 65536:
        raise Misuse(say("{file}: mail.port must be a number from 1 to 65535", file=path))
    return Mail(tuple(map(str, to)), str(given["from"]), str(given["host"]), port, tls, given.get("user"), password, given.get("ca_file"))


def _hook(path: Path, given: Any, environ: Mapping[str, str] | None) -> Hook:
    _known(path, "webhook", given, _HOOK)
    url = str(given.get("url", ""))
    if not url.startswith(("http://", "https://")):
        raise Misuse(say("{file}: webhook.url must begin with http:// or https://", file=path))
    return Hook(url, _secret(path, "webhook", given, "token", environ), given.get("ca_file"))


def _secret(path: Path, table: str, given: dict[str, Any], name: str, environ: Mapping[str, str] | None) -> str | None:
    if environ is None:
        return None
    if variable := given.get(f"{name}_env"):
        if variable not in environ:
            raise Misuse(say("{file}: {key} names {variable}, which is not set", file=path, key=f"{table}.{name}_env", variable=variable))
        return environ[variable]
    if file := given.get(f"{name}_file"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise Misuse(say("{file} cannot be read: {why}", file=file, why=problem.strerror)) from problem
    return None


def _known(path: Path, table: str, given: Any, keys: set[str]) -> None:
    if not isinstance(given, dict):
        raise Misuse(say("{file}: {key} must be a table", file=path, key=table))
    if unknown := sorted(set(given) - keys):
        key = f"{table}.{unknown[0]}" if table else unknown[0]
        raise Misuse(say("{file}: {key} is not known; there are {keys}", file=path, key=key, keys=", ".join(sorted(keys))))


def of_runs(reader: Reader, runs: Iterable[tuple[str, int]], on: frozenset[str]) -> list[Alarm]:
    """What ended runs have to tell; those that have nothing give no alarm."""
    alarms = [
        Alarm(portal, run, [(n.kind, notice_said(n)) for n in reader.notices(run) if n.kind in on]) for portal, run in runs
    ]  # fmt: skip
    return [alarm for alarm in alarms if alarm.lines]


def overdue(reader: Reader, now: datetime, on: frozenset[str]) -> list[tuple[datetime, Alarm]]:
    """The runs that did not begin when they should, each with the time at which it was due."""
    found = []
    for one in reader.health(now=now) if "overdue" in on else []:
        if one.state == "overdue" and one.due is not None:
            line = say("{portal}: the run of {time} UTC has not begun", portal=one.portal, time=f"{one.due:%Y-%m-%d %H:%M}")
            found.append((one.due, Alarm(one.portal, None, [("overdue", line)])))
    return found


def after(told: Told, archive: Path, runs: Iterable[tuple[str, int]]) -> list[str]:
    """Tell what the runs (portal, number) that have just ended found; what failed of that."""
    try:
        with Reader.open(archive) as reader:
            alarms = of_runs(reader, runs, told.on)
    except ArchiveError as problem:
        return [str(problem)]
    return tell(told, archive, alarms)


def broken(told: Told, archive: Path, portals: Iterable[str], why: str) -> list[str]:
    """Tell that the crawls of these portals could not go on."""
    alarms = [Alarm(portal, None, [("failed", f"{portal}: {why}")]) for portal in portals] if "failed" in told.on else []
    return tell(told, archive, alarms)


@contextmanager
def telling(file: Path, archive: Path, portals: list[str]) -> Iterator[list[tuple[str, int]]]:
    """Around crawls of these portals: what is put into the list, (portal, run) of each that ended, is told when the block ends.

    The operator's file is read at once, so that a mistake in it is known before anything begins. Raises Misuse.
    """
    told = read(file)
    ended: list[tuple[str, int]] = []
    try:
        yield ended
    except ArchiveError as problem:
        _say(broken(told, archive, portals, str(problem)))
        raise
    _say(after(told, archive, ended))


def _say(failures: list[str]) -> None:
    for failure in failures:
        say_it(failure)


class Watcher:
    """Called often with the time; once a minute it tells which runs have not begun, each once, and writes Prometheus' file anew.

    Of portals that `wait` for a free place it tells only after a day: others have their turn before them.
    """

    def __init__(self, told: Told, archive: Path) -> None:
        self._told, self._archive = told, archive
        self._next: datetime | None = None
        self._known: set[tuple[str, datetime]] = set()

    def __call__(self, now: datetime, wait: frozenset[str] = frozenset()) -> None:
        """Look, if a minute has gone by."""
        if self._next is not None and self._next - EVERY <= now < self._next:
            return
        self._next = now + EVERY
        try:
            with Reader.open(self._archive) as reader:
                late = [(due, one) for due, one in overdue(reader, now, self._told.on) if one.portal not in wait or due + STARVED < now]
        except ArchiveError as problem:
            logger.warning("%s", problem)
            return
        fresh = [alarm for due, alarm in late if (alarm.portal, due) not in self._known]
        self._known = {(alarm.portal, due) for due, alarm in late}
        for failure in tell(self._told, self._archive, fresh, now):
            logger.warning("%s", failure)


    def ended(self, one: Ended) -> None:
        """Tell of a crawl that could not tell by itself: it was killed, or could not begin."""
        if one.exit_code == MISUSE or one.exit_code < 0:
            why = say("its process ended with {code}", code=one.exit_code)
            for failure in broken(self._told, self._archive, [one.schedule.portal], why):
                logger.warning("%s", failure)


def tell(told: Told, archive: Path, alarms: list[Alarm], now: datetime | None = None) -> list[str]:
    """Send the alarms, write the file for Prometheus; what failed, one sentence each, is said and written down."""
    at = now or datetime.now(UTC)
    failures: list[str] = []
    channels: list[tuple[str, Callable[[], None]]] = []
    if alarms and told.mail:
        channels.append((f"mail {told.mail.host}", partial(send, told.mail, *message(told, archive, alarms))))
    if alarms:
        channels += [(f"webhook {hook.where}", partial(post, hook, plain(archive, alarms))) for hook in told.hooks]
    sent: list[tuple[str, str | None]] = []
    for name, deliver in channels:
        try:
            deliver()
            sent.append((name, None))
        except TROUBLE as problem:
            sent.append((name, f"{type(problem).__name__}: {problem}"[:300]))
            failures.append(say("{channel}: the notification was not delivered ({why})", channel=name, why=sent[-1][1]))
    if sent:
        failures += _written(told, archive, alarms, sent, at)
    if told.prometheus:
        try:
            with Reader.open(archive) as reader:
                textfile(told.prometheus, reader.health(now=at), at)
        except (OSError, ArchiveError) as problem:
            failures.append(say("{channel}: the notification was not delivered ({why})", channel=told.prometheus, why=problem))
    return failures


def _written(told: Told, archive: Path, alarms: list[Alarm], sent: list[tuple[str, str | None]], now: datetime) -> list[str]:
    """Write down which channel was told of what, and what came of it: never what opens a channel."""
    log = told.log or archive.with_name(f"{archive.name}.notifications.jsonl")
    matters = [{"portal": a.portal, "run": a.run, "kinds": list(dict.fromkeys(kind for kind, _ in a.lines))} for a in alarms]
    lines = [
        json.dumps({"time": warc_date(now), "channel": channel, "failure": failure, "alarms": matters}, ensure_ascii=False)
        for channel, failure in sent
    ]
    try:
        with log.open("a", encoding="utf-8") as out:
            out.write("".join(f"{line}\n" for line in lines))
    except OSError as problem:
        return [say("{file} cannot be written: {why}", file=log, why=problem.strerror)]
    return []


def message(told: Told, archive: Path, alarms: list[Alarm]) -> tuple[str, str]:
    """Subject and text of a mail."""
    portals = ", ".join(dict.fromkeys(alarm.portal for alarm in alarms))
    subject = say("Tàng Thư: {count} matters at {portals}", count=sum(len(a.lines) for a in alarms), portals=portals)
    parts = []
    for alarm in alarms:
        lines = _few(alarm)
        if told.room and alarm.run is not None:
            lines.append(f"{told.room}/runs/{alarm.run}")
        parts.append("\n".join([alarm.portal, *(f"  - {one}" for one in lines)]))
    return subject[:200], "\n\n".join([*parts, say("Archive: {path}", path=archive.resolve())]) + "\n"


def plain(archive: Path, alarms: list[Alarm]) -> dict[str, Any]:
    """The alarms as JSON for a webhook; `text` is what chat services show."""
    told = [
        {"portal": a.portal, "run": a.run, "notices": [{"kind": kind, "said": line} for kind, line in a.lines]} for a in alarms
    ]  # fmt: skip
    return {"archive": archive.name, "alarms": told, "text": "\n".join(line for a in alarms for line in _few(a))}


def _few(alarm: Alarm) -> list[str]:
    lines, seen = [], dict[str, int]()
    for kind, line in alarm.lines:
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= MOST:
            lines.append(line)
    more = sum(max(n - MOST, 0) for n in seen.values())
    return [*lines, *([say("and {count} more", count=more)] if more else [])]
