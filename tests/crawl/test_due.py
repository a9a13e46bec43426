"""A scheduled run asks for what is due: lists, what is new, and what is likely to have changed; the rest waits for its day."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from archives import answer, exchange
from running import tangthu
from server import Portal, html

from archive import Depositor, Reader
from archive.changing import LATEST, MISSING, Sighting
from archive.model import Link, Settlement

BEGIN = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
HOST = "https://tinh-mau.example"
DAY = timedelta(days=1)


class Archive:
    """An archive on a clock that is set by hand, and runs in it; the portal is whatever `shown` says: mark, or status, by path."""

    def __init__(self, path):
        self.at = BEGIN
        self.path, self.depositor = path, Depositor.open(path, now=lambda: self.at)
        self.shown = {}

    def run(self, found=(), only_due=True, outcome="finished"):
        """One run: it asks for all that is in its queue, its list names `found`; the paths that it asked for."""
        self.depositor.close()
        self.depositor = Depositor.open(self.path, now=lambda: self.at)
        run = self.depositor.begin("tinh-mau", starts=[Link(HOST + "/", kind="list")], only_due=only_due)
        asked = []
        while visits := self.depositor.due(run, 100).result():
            for visit in visits:
                path = visit.link.url.removeprefix(HOST)
                asked.append(path)
                capture = self.depositor.deposit(run, exchange(visit.link.url, answer(b"x")), visit).result()
                told = self.shown.get(path, "a")
                seen = Sighting(self.at, told) if isinstance(told, int | None) else Sighting(self.at, 200, told)
                links = [Link(HOST + p, visit.link.url) for p in found] if path == "/" else []
                self.depositor.settle(run, Settlement(visit.id, capture.id, links=links, sighting=seen)).result()
        self.depositor.end(run, outcome).result()
        return asked

    def facts(self, path):
        with Reader.open(self.path) as reader:
            return reader.why(HOST + path).addresses[0]


@pytest.fixture
def archive(tmp_path):
    made = Archive(tmp_path / "a.db")
    yield made
    made.depositor.close()


def test_lists_are_always_asked_and_articles_when_they_are_due(archive):
    news = [f"/tin/{n}" for n in range(20)]
    assert sorted(archive.run(news)) == sorted(["/", *news])
    asked = {}
    for day in range(1, 40):
        archive.at = BEGIN + day * DAY
        asked[day] = archive.run(news)
        assert asked[day][0] == "/"
    articles = [p for day in asked for p in asked[day] if p != "/"]
    assert asked[1] == asked[2] == ["/"]
    assert set(articles) == set(news), "each is asked again within the season"
    assert len(articles) < 4 * len(news), "and not often"


def test_what_is_new_is_asked_at_once(archive):
    archive.run(["/tin/1"])
    archive.at += timedelta(hours=1)
    assert archive.run(["/tin/2", "/tin/1"]) == ["/", "/tin/2"]


def test_what_no_page_names_any_more_is_asked_when_it_is_due(archive):
    archive.run(["/tin/1"])
    archive.at += 30 * DAY
    assert sorted(archive.run([])) == ["/", "/tin/1"]


def test_a_crawl_by_hand_asks_for_everything(archive):
    archive.run(["/tin/1"])
    archive.at += timedelta(hours=1)
    assert archive.run(["/tin/1"], only_due=False) == ["/", "/tin/1"]


def test_a_page_that_vanished_is_gone_after_two_days_and_then_asked_rarely(archive):
    archive.run(["/tin/1"])
    archive.shown["/tin/1"] = 404
    archive.at = BEGIN + 30 * DAY
    archive.run([])
    missing = archive.at
    assert archive.facts("/tin/1")["gone_since"] is None
    archive.at += timedelta(seconds=MISSING + 1)
    assert "/tin/1" in archive.run([])
    facts = archive.facts("/tin/1")
    assert datetime.fromisoformat(facts["gone_since"]) == missing
    assert datetime.fromisoformat(facts["due"]) - archive.at == timedelta(seconds=LATEST)
    archive.at += 10 * DAY
    assert archive.run(["/tin/1"]) == ["/"], "not even where it is still linked"
    said = tangthu("why", HOST + "/tin/1", "--archive", archive.path)
    assert "gone since 2026-12-25 03:00 UTC" in said.out


def test_what_cannot_be_reached_is_tried_over_days_and_is_not_gone(archive):
    archive.shown["/tin/1"] = None
    asked = [("/tin/1" in archive.run(["/tin/1"])) for archive.at in (BEGIN + timedelta(hours=n) for n in range(72))]
    assert 6 <= sum(asked) <= 8, "after an hour, two, four ... hours"
    facts = archive.facts("/tin/1")
    assert (facts["gone_since"], facts["missing_since"], facts["seen"]) == (None, None, 0)
    assert facts["failures"] == sum(asked)
    assert "which is not gone" in tangthu("why", HOST + "/tin/1", "--archive", archive.path).out
    archive.shown["/tin/1"] = "a"
    archive.at = datetime.fromisoformat(facts["due"])
    assert "/tin/1" in archive.run([])
    assert archive.facts("/tin/1")["failures"] == 0


# The verbs, with real crawls.


@pytest.fixture
def portal():
    with Portal() as portal:
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        portal.on("/", html(b"".join(b'<a href="/tin/%d">a</a>' % n for n in range(9))))
        portal.on("*", html(b"tin"))
        yield portal


def asked_by(portal, *words):
    before = len(portal.hits())
    ended = tangthu("crawl", *words, "--own-host")
    assert ended.code == 0, ended.err
    return sorted(hit.path for hit in portal.hits()[before:] if hit.path not in ("/robots.txt", "/sitemap.xml")), ended


def test_due_asks_the_start_and_what_is_new(portal, tmp_path):
    words = (portal.url(), "--archive", tmp_path / "a.db", "--due")
    assert len(asked_by(portal, *words)[0]) == 10
    portal.on("/", html(b'<a href="/tin/1">a</a><a href="/tin/moi">b</a>'))
    assert asked_by(portal, *words)[0] == ["/", "/tin/moi"]
    everything = ["/", *(f"/tin/{n}" for n in range(9)), "/tin/moi"]
    assert asked_by(portal, *words, "--all")[0] == everything, "what no page names any more too"


def test_what_a_budget_left_is_asked_by_the_next_run_though_its_page_is_not(portal, tmp_path):
    """The page that names the last ones is asked in the first run alone."""
    portal.on("/", html(b'<a href="/tin/0">a</a>'))
    portal.on("/tin/0", html(b"".join(b'<a href="/tin/%d">a</a>' % n for n in range(9))))
    words = (portal.url(), "--archive", tmp_path / "a.db", "--due")
    first, ended = asked_by(portal, *words, "--max-pages", "4", "--set", "CONCURRENT_REQUESTS=1")
    assert "--max-pages 4 reached" in ended.err
    second, _ = asked_by(portal, *words)
    assert sorted({*first, *second} - {"/"}) == [f"/tin/{n}" for n in range(9)]
    assert set(first) & set(second) == {"/"}


PROFILE = """
code = "mau"
name = "Tỉnh Mẫu"
starts = ["{start}"]
"""


def test_the_profiles_budget_is_kept_unless_another_is_given(portal, tmp_path):
    file = tmp_path / "mau.toml"
    file.write_text(PROFILE.format(start=portal.url()) + "[budget]\npages = 3\n", encoding="utf-8")
    words = ("mau", "--profile", file, "--set", "CONCURRENT_REQUESTS=1", "--archive")
    assert len(asked_by(portal, *words, tmp_path / "a.db")[0]) == 3
    assert len(asked_by(portal, *words, tmp_path / "b.db", "--max-pages", "5")[0]) == 5


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("[budget]\npages = 0", "budget.pages"), ("[budget]\npags = 3", "did you mean pages"), ("[budget]\nminutes = -1", "budget.minutes"),
        ('[pace]\nhours = "nights"', "20:00-06:00"), ('[pace]\nhours = "25:00-06:00"', "20:00-06:00"), ('[pace]\nhours = "06:00-06:00"', "20:00-06:00"),
    ],
)  # fmt: skip
def test_a_profile_that_cannot_be_meant_is_one_sentence(section, says, tmp_path):
    file = tmp_path / "mau.toml"
    file.write_text(PROFILE.format(start=HOST) + section, encoding="utf-8")
    ended = tangthu("crawl", "mau", "--profile", file, "--archive", tmp_path / "a.db")
    assert ended.code == 2
    assert says in ended.err


def test_outside_its_hours_a_portal_is_not_asked_and_its_schedule_goes_on_when_they_begin(portal, tmp_path):
    local = datetime.now(UTC) + timedelta(hours=7)
    begin = (local + timedelta(hours=2)).strftime("%H:%M")
    end = (local + timedelta(hours=3)).strftime("%H:%M")
    file, path = tmp_path / "mau.toml", tmp_path / "a.db"
    file.write_text(PROFILE.format(start=portal.url()) + f'[pace]\nhours = "{begin}-{end}"\n', encoding="utf-8")
    assert tangthu("schedule", "add", "mau", "--every", "6h", "--archive", path, "--", "--own-host", "--profile", file).code == 0
    ended = tangthu("schedule", "due", "--archive", path)
    assert ended.code == 0, ended.err
    assert f"outside of the opening hours {begin}-{end}" in ended.err
    assert portal.hits() == []
    (row,) = json.loads(tangthu("schedule", "list", "--archive", path, "--json").out)
    due = datetime.fromisoformat(row["next_due"]) + timedelta(hours=7)
    assert due.strftime("%H:%M") == begin
    assert timedelta(hours=1.9) < due - timedelta(hours=7) - datetime.now(UTC) < timedelta(hours=2.1)
