"""How verbs meet the person at the terminal: help in two languages, errors as one sentence, exit codes as the contract has them."""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from archive.errors import ArchiveError, CannotGoOn
from archive.words import choose, say

DONE, FINDINGS, MISUSE, STUCK = 0, 1, 2, 3
F = TypeVar("F", bound=Callable[..., Any])


class Verb(click.Command):
    """A verb whose help is said in the language in force; `--lang` may stand behind it too."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:  # noqa: D102 - click's own
        return [*super().get_params(ctx), _LANGUAGE]

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002, D102 - click's own
        return _summary(self)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002, D102
        formatter.write_paragraph()
        with formatter.indentation():
            for paragraph in _paragraphs(self):
                formatter.write_text(say(paragraph))
                formatter.write_paragraph()


class Verbs(click.Group):
    """The command itself: its verbs by name, in the order in which they were added."""

    command_class = Verb

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002, D102
        return list(self.commands)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: D102
        Verb.format_help_text(self, ctx, formatter)  # type: ignore[arg-type]


class Choice(click.Option):
    """An option whose help is said in the language in force."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:  # noqa: D102
        record = super().get_help_record(ctx)
        if record is None or self.help is None:
            return record
        said = " ".join(inspect.cleandoc(self.help).split())
        return record[0], record[1].replace(said, say(said), 1)


def option(*names: str, **how: Any) -> Callable[[F], F]:
    """`click.option` with a translated help."""
    return click.option(*names, cls=Choice, **how)


def language_option(command: F) -> F:
    """`--lang`, read before everything else so that help and errors follow it."""
    return option("--lang", **_READ_FIRST, callback=lambda _ctx, _param, value: choose(value))(command)


_READ_FIRST: dict[str, Any] = {
    "type": click.Choice(["vi", "en"]), "is_eager": True, "expose_value": False, "help": "Language of messages; by default the locale's.",
}  # fmt: skip
_LANGUAGE = Choice(["--lang"], **_READ_FIRST, hidden=True, callback=lambda _ctx, _param, value: choose(value) if value else None)


def archive_option(command: F) -> F:
    """`--archive FILE` of a verb that writes."""
    return option(
        "--archive",
        "path",
        type=click.Path(path_type=Path),
        envvar="TANGTHU_ARCHIVE",
        default=Path("tangthu.db"),
        show_envvar=True,
        help="The archive file; tangthu.db in the current folder if not given.",
    )(command)


def archives_option(command: F) -> F:
    """`--archive FILE`, several times, of a verb that only reads."""
    return option(
        "--archive",
        "paths",
        type=click.Path(path_type=Path),
        envvar="TANGTHU_ARCHIVE",
        multiple=True,
        show_envvar=True,
        default=(Path("tangthu.db"),),
        help="The archive file, several times for several; tangthu.db if not given.",
    )(command)


def lock_option(command: F) -> F:
    """`--lock-timeout SECONDS` of a verb that writes."""
    return option(
        "--lock-timeout",
        type=click.FloatRange(0),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait while another process writes to the archive.",
    )(command)


def notify_option(command: F) -> F:
    """`--notify FILE` of a verb that crawls."""
    return option(
        "--notify",
        type=click.Path(path_type=Path),
        envvar="TANGTHU_NOTIFY",
        default=None,
        show_envvar=True,
        metavar="FILE.toml",
        help="Whom to tell of what the runs find: mail, webhooks, Prometheus; docs/operating.md says what stands in the file.",
    )(command)


def json_option(command: F) -> F:
    """`--json`."""
    return option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")(command)


def number(text: str) -> int | None:
    """The number of a row that `text` may name; None for any other text."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def print_json(plain: Any) -> None:
    """`plain` as one JSON document on stdout, Vietnamese readable."""
    click.echo(json.dumps(plain, ensure_ascii=False, indent=1, default=str))


def size(octets: float) -> str:
    """`octets` as people read it: 3.4 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if octets < 1000:
            return f"{octets:.0f} {unit}" if unit == "B" else f"{octets:.1f} {unit}"
        octets /= 1000
    return f"{octets:.1f} TB"


def tell(sentence: str) -> None:
    """A sentence for the person, on stderr."""
    click.echo(sentence, err=True)


def run(command: click.Command, name: str) -> None:
    """Run the command line and end the process with the contract's exit code; no traceback for what a user can do wrong."""
    try:
        outcome = command.main(prog_name=name, standalone_mode=False)
        code = outcome if isinstance(outcome, int) else DONE
        sys.stdout.flush()
    except click.UsageError as problem:
        where = problem.ctx.command_path if problem.ctx else name
        tell(f"{problem.format_message().rstrip('.')} ({say('see `{command} --help`', command=where)})")
        code = MISUSE
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as problem:
        tell(problem.format_message())
        code = MISUSE
    except (click.Abort, KeyboardInterrupt):
        tell(say("Stopped."))
        code = STUCK
    except ArchiveError as problem:
        tell(str(problem))
        code = problem.exit_code
    except BrokenPipeError:  # the reader of a pipe (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    except OSError as problem:
        tell(str(CannotGoOn(f"{problem.filename or name}: {problem.strerror or problem}")))
        code = STUCK
    sys.exit(code)


def _paragraphs(command: click.Command) -> list[str]:
    return [" ".join(part.split()) for part in inspect.cleandoc(command.help or "").split("\n\n") if part]


def _summary(command: click.Command) -> str:
    paragraphs = _paragraphs(command)
    return say(paragraphs[0]).split(". ")[0].rstrip(".") if paragraphs else ""
