"""Everything that the product says to people is said in Vietnamese too, with the same values."""

from __future__ import annotations

import ast
import inspect
import re
import unicodedata

import click
import pytest
from conftest import ROOT

from archive.cli import cli as auditor
from archive.words import catalogue, choose, say
from crawler.cli import cli


def said() -> set[str]:
    """Every literal given to say(), in any branch of its first argument."""
    found = set()
    for top in ("archive", "crawler"):
        for path in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                    found |= {
                        n.value
                        for n in ast.walk(node.args[0])
                        if isinstance(n, ast.Constant) and isinstance(n.value, str)
                    }
    return found | {"sound", "broken", "unchecked", "running", "finished", "interrupted", "stopped", "failed"}


def helps() -> set[str]:
    found = set()
    nested = [one for group in cli.commands.values() if isinstance(group, click.Group) for one in group.commands.values()]
    for command in (cli, auditor, *cli.commands.values(), *auditor.commands.values(), *nested):
        found |= {" ".join(p.split()) for p in inspect.cleandoc(command.help or "").split("\n\n") if p}
        found |= {
            " ".join(inspect.cleandoc(o.help).split()) for o in command.params if isinstance(o, click.Option) and o.help
        }
    return found


def test_everything_said_has_a_translation():
    assert sorted((said() | helps()) - catalogue().keys()) == []


def test_nothing_is_translated_that_is_not_said():
    assert sorted(catalogue().keys() - said() - helps()) == []


@pytest.mark.parametrize("english", sorted(catalogue()))
def test_translations_keep_their_values_and_are_nfc(english):
    vietnamese = catalogue()[english]
    assert sorted(re.findall(r"\{\w+\}", vietnamese)) == sorted(re.findall(r"\{\w+\}", english))
    assert unicodedata.is_normalized("NFC", vietnamese)


def test_language_follows_choice_then_locale(monkeypatch):
    choose(None)  # tests that ran before in this process may have chosen
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    assert say("Stopped.") == "Đã dừng."
    choose("en")
    assert say("Stopped.") == "Stopped."
    choose(None)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert say("Stopped.") == "Stopped."


def test_a_sentence_of_the_room_has_a_name_of_its_own():
    """Its sentences stand in two files, and one would take the other's place."""
    folder = ROOT / "archive/replay"
    names = [name for file in ("wording.py", "wording_runs.py") for name in re.findall(r'^    "(\w+)": \(', (folder / file).read_text("utf-8"), re.MULTILINE)]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
