"""Space and growth: what is printed adds up to what is kept, and the forecast leaves the first run out."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from archives import HOST, START, answer, exchange, sound
from click.testing import CliRunner

from archive.cli import cli
from archive.deposit import Depositor
from archive.printing_space import stats
from archive.retrieve import Reader
from archive.usual import growth

DAY = timedelta(days=1)


def run(portal, day, size, outcome="finished", kind="crawl"):
    at = START + day * DAY
    return {"portal": portal, "kind": kind, "outcome": outcome, "started": at.isoformat(), "ended": at.isoformat(), "bytes": size}


def test_growth_leaves_the_first_whole_run_out():
    runs = [run("hue", 0, 5_000, "failed"), run("hue", 1, 10_000_000), run("hue", 2, 1000), run("hue", 6, 3000), run("sau", 3, 99), run("hue", 7, 9, kind="adopt")]
    [one] = growth(runs, START + 11 * DAY)
    assert (one.portal, one.days, one.per_day) == ("hue", 10.0, 400.0)


def test_growth_is_that_of_the_last_90_days():
    runs = [run("hue", 0, 10**9), run("hue", 10, 10**9), run("hue", 950, 900)]
    [one] = growth(runs, START + 1000 * DAY)
    assert (one.days, one.per_day) == (90.0, 10.0)


@pytest.fixture
def path(tmp_path):
    path = sound(tmp_path / "hue.db")
    with Depositor.open(path, now=lambda: START + 5 * DAY) as depositor:
        again = depositor.begin("hue")
        depositor.deposit(again, exchange(f"{HOST}/moi.pdf", answer(bytes(range(256)) * 40, "application/pdf"), 5 * 86400)).result()
        depositor.end(again, "finished").result()
    return path


def test_the_sums_are_those_of_the_records(path):
    with Reader.open(path) as reader:
        told = stats(reader, START + 10 * DAY)
        assert told["kept"] == sum(row.member_length for row, _ in reader.members())
        assert told["kept"] + told["overhead"] == told["files"] == path.stat().st_size
        later = sum(row.member_length for row, _ in reader.members() if row.run == 2)
    assert {row["kind"] for row in told["rows"]} >= {"pages", "images", "documents", "revisit", "request", "warcinfo"}
    assert {row["month"] for row in told["rows"]} == {"2026-01"}
    [one] = told["growth"]
    assert one["per_day"] == pytest.approx(later / one["days"])
    assert told["forecast"]["365 days"] == round(told["files"] + one["per_day"] * 365 * told["files"] / told["kept"])


def test_the_verb_in_both_languages(path, tmp_path):
    said = CliRunner().invoke(cli, ["--lang", "en", "stats", "--archive", str(path)]).output
    assert "documents" in said
    assert "If it goes on like this" in said
    said = CliRunner().invoke(cli, ["--lang", "vi", "stats", "--archive", str(path)]).output
    assert "tài liệu" in said
    plain = json.loads(CliRunner().invoke(cli, ["stats", "--json", "--archive", str(path)]).stdout)
    assert plain["files"] == path.stat().st_size
    once = CliRunner().invoke(cli, ["--lang", "en", "stats", "--archive", str(sound(tmp_path / "mot.db"))]).output
    assert "nothing is known of growth" in once
