"""Which crawls are due, and the daemon that starts them: with a clock that goes on by waiting, and once for real."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import START, environment, one_sentence, tangthu
from server import Portal, html

from archive import Depositor, Reader
from archive.calendar import PATIENCE, Last, next_due
from archive.errors import Misuse
from archive.model import Schedule
from crawler.daemon import Daemon, calendar
from crawler.schedule import checked_cron, due, seconds_of

BEGIN = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # 10:00 in Vietnam
HOUR = timedelta(hours=1)


def cron(text, portal="cao-bang", **more):
    return Schedule(portal, portal, BEGIN, cron=text, **more)


def every(seconds, portal="cao-bang", **more):
    return Schedule(portal, portal, BEGIN, every=seconds, **more)


@pytest.mark.parametrize(
    ("schedule", "last", "now", "expected"),
    [
        pytest.param(cron("0 */6 * * *"), None, BEGIN, BEGIN + 2 * HOUR, id="noon in Vietnam"),
        pytest.param(cron("30 5 * * *"), None, BEGIN, BEGIN + timedelta(hours=19, minutes=30), id="half past five tomorrow"),
        pytest.param(cron("0 */6 * * *", zone="UTC"), None, BEGIN, BEGIN + 3 * HOUR, id="another zone"),
        pytest.param(cron("0 */6 * * *"), Last(BEGIN + 2 * HOUR), BEGIN + 3 * HOUR, BEGIN + 8 * HOUR, id="the next after the last start"),
        pytest.param(cron("0 */6 * * *"), Last(BEGIN - 300 * HOUR), BEGIN, BEGIN + 2 * HOUR, id="what was before it was scheduled is not owed"),
        pytest.param(cron("0 */6 * * *"), Last(BEGIN + 2 * HOUR), BEGIN + 50 * HOUR, BEGIN + 8 * HOUR, id="missed: still the first one missed"),
        pytest.param(cron("0 */6 * * *"), Last(BEGIN + 999 * HOUR), BEGIN, BEGIN + 2 * HOUR, id="the clock was set back"),
        pytest.param(every(3600), None, BEGIN + HOUR, BEGIN, id="never crawled: at once"),
        pytest.param(every(3600), Last(BEGIN + HOUR), BEGIN + HOUR, BEGIN + 2 * HOUR, id="an hour after the last start"),
        pytest.param(every(3600), Last(BEGIN + 999 * HOUR), BEGIN, BEGIN + HOUR, id="an interval, and the clock was set back"),
        pytest.param(every(86400), Last(BEGIN, broken_off=True), BEGIN + HOUR, BEGIN + timedelta(seconds=PATIENCE), id="broken off: resumed"),
    ],
)  # fmt: skip
def test_when_a_portal_is_due(schedule, last, now, expected):
    assert next_due(schedule, last, now) == expected


def test_who_is_due_and_in_which_order():
    now = BEGIN + 10 * HOUR
    schedules = [
        every(3600, "a"), every(3600, "b", paused=True), every(3600, "c"), every(3600, "d"), cron("0 0 1 1 *", "e"), every(7200, "f"),
    ]  # fmt: skip
    last = {
        "a": Last(BEGIN + 5 * HOUR),
        "c": Last(BEGIN + 2 * HOUR),
        "d": Last(BEGIN, alive=True),
        "f": Last(BEGIN + 9 * HOUR),
    }
    assert [s.portal for s in due(schedules, last, now)] == ["c", "a"]


@given(st.integers(300, 10**7), st.integers(0, 10**6), st.integers(0, 10**6))
def test_however_often_it_was_missed_it_is_one_run(seconds, started, later):
    begun, now = BEGIN + timedelta(seconds=started), BEGIN + timedelta(seconds=started + later)
    schedule = every(seconds)
    is_due = due([schedule], {"cao-bang": Last(begun)}, now) == [schedule]
    assert is_due == (later >= seconds)
    assert due([schedule], {"cao-bang": Last(now)}, now) == []


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("6h", 21600), (" 1D ", 86400), ("2w", 1209600), ("5 m", 300)])
def test_intervals(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "6", "h", "1s", "-1h", "0h", "4m", "6 hours", "1.5h", "99999h"])
def test_intervals_that_are_none(text):
    with pytest.raises(Misuse, match="--every"):
        seconds_of(text)


@pytest.mark.parametrize(
    ("text", "zone", "says"),
    [
        ("0 */6 * *", "UTC", "five fields"), ("0 25 * * *", "UTC", "names no time"), ("0 0 31 2 *", "UTC", "names no time"),
        ("* * * * *", "UTC", "not asked more often"), ("0 0 * * *", "Asia/Hanoi", "no such time zone"), ("0 0 * * *", "../etc", "no such time zone"),
    ],
)  # fmt: skip
def test_cron_that_is_none(text, zone, says):
    with pytest.raises(Misuse, match=says):
        checked_cron(text, zone)


class Still:
    """A clock that goes on only by waiting."""

    def __init__(self):
        self.at = BEGIN

    def now(self):
        return self.at

    def wait(self, seconds):
        self.at += timedelta(seconds=max(seconds, 1))

    def wake(self):
        pass


class World:
    """Crawls as the archive shows them, each lasting so many simulated seconds; `outcome` says how the next ends."""

    def __init__(self, path, clock, lasting=1800):
        self.path, self.clock, self.lasting, self.outcome = path, clock, lasting, "finished"
        self.depositor = Depositor.open(path, now=clock.now)
        self.started = []
        self.most = self.now = 0

    def start(self, schedule):
        run = self.depositor.begin(schedule.portal)
        self.started.append((schedule.portal, self.clock.now()))
        self.now += 1
        self.most = max(self.most, self.now)
        return self.Crawl(self, run, self.clock.now() + timedelta(seconds=self.lasting))

    class Crawl:
        def __init__(self, world, run, until):
            self.world, self.run, self.until = world, run, until

        def poll(self):
            if self.world.clock.now() < self.until:
                return None
            self.world.depositor.end(self.run, self.world.outcome).result()
            self.world.now -= 1
            return 0

        def stop(self):
            self.until = self.world.clock.now()


@pytest.fixture
def clock():
    return Still()


@pytest.fixture
def world(tmp_path, clock):
    world = World(tmp_path / "a.db", clock)
    yield world
    world.depositor.close()


def live(daemon, clock, hours):
    until = clock.now() + hours * HOUR
    while clock.now() < until:
        daemon.step()
        clock.wait(60)


def test_days_go_by_and_each_portal_is_crawled_when_it_is_due(world, clock):
    world.depositor.schedule(cron("0 */6 * * *", "cao-bang")).result()
    world.depositor.schedule(every(7200, "hue")).result()
    live(Daemon(world.path, world.start, clock), clock, 48)
    by_portal = {portal: [at for p, at in world.started if p == portal] for portal in ("cao-bang", "hue")}
    assert [(at - BEGIN) / HOUR for at in by_portal["cao-bang"]] == pytest.approx([2, 8, 14, 20, 26, 32, 38, 44], abs=0.05)
    assert len(by_portal["hue"]) == 24


def test_what_was_missed_while_nobody_was_up_is_one_run(world, clock):
    world.depositor.schedule(cron("0 * * * *")).result()
    clock.at += 30 * HOUR
    live(Daemon(world.path, world.start, clock), clock, 0.9)
    assert len(world.started) == 1


def test_no_more_at_once_than_allowed_and_never_one_portal_twice(world, clock):
    world.lasting = 3 * 3600
    for number in range(7):
        world.depositor.schedule(every(3600, f"cong-{number}")).result()
    waited = []
    live(Daemon(world.path, world.start, clock, parallel=3, looked=lambda _, waits: waited.append(waits)), clock, 24)
    assert world.most == 3
    assert waited[0] == {f"cong-{n}" for n in range(3, 7)}, "and who waits for a place is said"
    assert {p for p, _ in world.started} == {f"cong-{n}" for n in range(7)}, "nobody is left out"


def test_a_crawl_that_another_process_does_counts(world, clock):
    world.depositor.schedule(every(3600)).result()
    run = world.depositor.begin("cao-bang")
    live(Daemon(world.path, world.start, clock), clock, 5)
    assert world.started == []
    world.depositor.end(run, "finished").result()
    live(Daemon(world.path, world.start, clock), clock, 0.5)
    assert len(world.started) == 1


def test_a_paused_schedule_waits(world, clock):
    world.depositor.schedule(every(3600)).result()
    assert world.depositor.hold("cao-bang", paused=True).result()
    live(Daemon(world.path, world.start, clock), clock, 5)
    assert world.started == []
    world.depositor.hold("cao-bang", paused=False).result()
    live(Daemon(world.path, world.start, clock), clock, 0.5)
    assert len(world.started) == 1


def test_a_crawl_that_cannot_begin_is_not_tried_round_and_round(world, clock):
    world.depositor.schedule(every(3600)).result()

    class Refused:
        def poll(self):
            return 2

        def stop(self):
            pass

    tried = []
    live(Daemon(world.path, lambda s: tried.append(s) or Refused(), clock), clock, 1)
    assert 0 < len(tried) <= 3600 / PATIENCE + 1


# The verbs, with real processes.


@pytest.fixture
def portal():
    with Portal() as portal:
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        portal.on("/", html(b'<a href="/a">a</a>'))
        portal.on("*", html(b"tin"))
        yield portal


def test_added_listed_held_and_forgotten(portal, tmp_path):
    path = tmp_path / "a.db"
    added = tangthu("schedule", "add", "Cao Bằng", "--cron", "0 */6 * * *", "--archive", path)
    assert added.code == 0, added.err
    assert "cao-bang" in added.err
    assert tangthu("schedule", "add", portal.url(), "--every", "6h", "--archive", path, "--", "--own-host", "--max-pages", "5").code == 0
    rows = json.loads(tangthu("schedule", "list", "--archive", path, "--json").out)
    assert [(r["cron"], r["every"], r["options"]) for r in rows] == [
        (None, 21600, ["--own-host", "--max-pages", "5"]), ("0 */6 * * *", None, []),
    ]  # fmt: skip
    assert tangthu("schedule", "pause", "cao-bang", "--archive", path).code == 0
    assert "paused" in tangthu("schedule", "list", "--archive", path).out
    assert tangthu("schedule", "pause", "cao-bang", "--resume", "--archive", path).code == 0
    assert tangthu("schedule", "remove", "Cao Bằng", "--archive", path).code == 0
    assert tangthu("schedule", "remove", "cao-bang", "--archive", path).code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("add", "cao-bnag", "--every", "6h"), ("add", "cao-bang"), ("add", "cao-bang", "--every", "6h", "--cron", "0 0 * * *"),
        ("add", "cao-bang", "--every", "1s"), ("add", "cao-bang", "--cron", "x"), ("add", "cao-bang", "--every", "6h", "--", "--max-pagse", "3"),
        ("list", "--archive", "khong-co.db"), ("run", "--archive", "khong-co.db"), ("due", "--archive", "khong-co.db"),
    ],
    ids=lambda w: " ".join(w),
)  # fmt: skip
def test_bad_input_is_one_sentence(words, tmp_path):
    archive = () if "--archive" in words else ("--archive", str(tmp_path / "a.db"))
    split = words.index("--") if "--" in words else len(words)
    ended = tangthu("schedule", *words[:split], *archive, *words[split:], cwd=tmp_path)
    assert ended.code == 2, ended
    assert one_sentence(ended.err), ended.err


def test_what_is_due_is_crawled_once(portal, tmp_path):
    path = tmp_path / "a.db"
    assert tangthu("schedule", "add", portal.url(), "--every", "6h", "--archive", path, "--", "--own-host").code == 0
    first = tangthu("schedule", "due", "--archive", path)
    assert first.code == 0, first.err
    assert tangthu("schedule", "due", "--archive", path).code == 0
    with Reader.open(path) as reader:
        assert [run["outcome"] for run in reader.runs()] == ["finished"]
        assert len(reader.find(portal.url("/a"))) == 1
    row = calendar(path, datetime.now(UTC))[0]
    assert datetime.fromisoformat(row["next_due"]) - datetime.fromisoformat(row["last_run"]) == 6 * HOUR


def until(true, what):
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(what)


def runs_of(path):
    with Reader.open(path) as reader:
        return reader.runs()


def test_killed_daemon_and_crawl_go_on_at_the_next_start(portal, tmp_path):
    """The daemon and its crawl are killed in the middle; the next daemon resumes the run, and nothing is kept twice."""
    path = tmp_path / "a.db"
    portal.on("/a", lambda wire: wire.stall())
    assert tangthu("schedule", "add", portal.url(), "--every", "6h", "--archive", path, "--", "--own-host", "--set", "DOWNLOAD_TIMEOUT=60").code == 0
    command = [*START, "schedule", "run", "--archive", str(path)]
    daemon = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
    until(lambda: any(hit.path == "/a" for hit in portal.hits()), "the crawl never came")
    with Reader.open(path) as reader:
        crawl = json.loads(reader.archives[0].row("SELECT lease FROM runs")[0])["pid"]
    os.kill(daemon.pid, signal.SIGKILL)
    os.kill(crawl, signal.SIGKILL)
    daemon.wait()
    portal.on("/a", html(b"tin"))
    with Depositor.open(path) as depositor:  # as if the patience had passed
        depositor._writer.submit(lambda conn, _: conn.execute("UPDATE runs SET started = '2026-01-01T00:00:00.000000Z'")).result()
    daemon = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
    until(lambda: [r["outcome"] for r in runs_of(path)] == ["interrupted", "finished"], "the run was not resumed")
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=60) == 0
    with Reader.open(path) as reader:
        assert len([c for c in reader.find(portal.url("/")) if c.status == 200]) == 1
        assert [c.status for c in reader.find(portal.url("/a"))] == [200]


def test_a_run_is_paused_resumed_and_stopped_from_outside(portal, tmp_path):
    path = tmp_path / "a.db"
    for number in range(400):
        # Each with words of its own: pages that bring nothing new would end the crawl by themselves.
        portal.on(f"/n{number}", html(b'<p>Tin so %d cua thon %d</p><a href="/n%d">tiep</a>' % (number, number * 7, number + 1)))
    portal.on("/", html(b'<a href="/n0">a</a>'))
    crawl = subprocess.Popen(
        [*START, "crawl", portal.url(), "--own-host", "--set", "DOWNLOAD_DELAY=0.2", "--archive", str(path)],
        env=environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: any(hit.path == "/n2" for hit in portal.hits()), "the crawl never came")
    assert tangthu("runs", "pause", "1", "--archive", path).code == 0

    def stands_still():
        before = len(portal.hits())
        time.sleep(1.5)
        return len(portal.hits()) == before

    until(stands_still, "it was not paused")
    still = len(portal.hits())
    assert tangthu("runs", "resume", "1", "--archive", path).code == 0
    until(lambda: len(portal.hits()) > still, "it did not go on")
    assert tangthu("runs", "stop", "1", "--archive", path).code == 0
    _, said = crawl.communicate(timeout=60)
    assert crawl.returncode == 0, said
    assert [(r["outcome"], r["detail"]) for r in runs_of(path)] == [("stopped", "stopped by tangthu runs stop")]
    late = tangthu("runs", "stop", "1", "--archive", path)
    assert (late.code, one_sentence(late.err)) == (2, True)


@pytest.mark.parametrize("timer", [False, True])
def test_systemd_understands_what_is_printed(timer, tmp_path):
    printed = tangthu("schedule", "systemd", "--archive", tmp_path / "kho lưu.db", *(["--timer"] if timer else [])).out
    assert ("OnCalendar" in printed) is timer
    assert f'"{tmp_path}/kho lưu.db"' in printed
    assert ("schedule due" if timer else "schedule run") in printed


def test_the_unit_tells_whom_it_is_told_to(tmp_path):
    told, where = tmp_path / "báo tin.toml", tmp_path / "prom"
    told.write_text(f'[prometheus]\nfile = "{where}/tangthu.prom"\n[[webhook]]\nurl = "https://chat.example/x"\ntoken_env = "NOT_SET_HERE"\n', "utf-8")
    printed = tangthu("schedule", "systemd", "--archive", tmp_path / "kho.db", "--notify", told, "--parallel", "8").out.splitlines()
    [starts] = [line for line in printed if line.startswith("ExecStart=")]
    assert starts.endswith(f'schedule run --archive {tmp_path}/kho.db --parallel 8 --notify "{told}"')
    assert f"ReadWritePaths={tmp_path} {where}" in printed, "the file for Prometheus is written elsewhere"
    assert "EnvironmentFile=-/etc/tangthu/env" in printed
    assert "EnvironmentFile" not in tangthu("schedule", "systemd", "--archive", tmp_path / "kho.db").out
    told.write_text("[mail]\n", "utf-8")
    ended = tangthu("schedule", "systemd", "--archive", tmp_path / "kho.db", "--notify", told)
    assert (ended.code, one_sentence(ended.err)) == (2, True)


def test_a_schedule_replaces_the_portals_former_one(world):
    world.depositor.schedule(every(3600)).result()
    world.depositor.schedule(replace(every(7200), options=("--max-pages", "3"))).result()
    with Reader.open(world.path) as reader:
        assert [(s.every, s.options) for s in reader.schedules()] == [(7200, ("--max-pages", "3"))]
