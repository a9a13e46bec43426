"""Kill -9 at any instant loses nothing acknowledged, keeps nothing twice, and the next start ends with the same captures.

Half of the kills are at named points; the others when some share of the exchanges has been acknowledged. The suite makes 20, `make soak` 200.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import SOAK, need
from running import environment, tangthu

from archive import Reader
from archive.audit.verify import verify
from crawler.sample import profiles
from crawler.sample.server import SamplePortal

# Where a crawl kills itself (killed_crawl.py), and `making` and `checkpoint`: a write to the archive's own file, which happens only while it is
# made and while a checkpoint brings the log home. `settled`: all is done, but the run is not yet marked finished.
POINTS = ["before-commit", "after-commit", "between", "part", "checkpoint", "settled", "checkpoint", "making"]
KILLS = 200 if SOAK else 20
HOST = "cong-drupal.tinh-mau.example"
# `make soak` chooses by the mark; the short form belongs to the suite.
pytestmark = [pytest.mark.soak] if SOAK else []


class Plan(NamedTuple):
    """`point` is to be reached for the n-th time, n being this `share` of how often a whole crawl reaches it; no point: any instant."""

    point: str
    share: float


def plans():
    dice = random.Random(20261122)
    for number in range(KILLS):
        # A crawl takes fewer commits when the machine is busy: the last quarter might not be reached.
        yield Plan(POINTS[number // 2 % len(POINTS)] if number % 2 else "", round(dice.uniform(0, 0.75), 3))


def words(portal, path):
    return [
        "crawl",
        "--own-host",
        "--archive",
        str(path),
        "--resolve",
        f"{HOST}=127.0.0.1:{portal.port}",
        "mau-drupal",
        *[w for f in profiles() for w in ("--profile", str(f))],
    ]


def kept(path):
    """What was captured, robots.txt aside: (address, status, payload digest) with how often."""
    with Reader.open(path) as reader:
        return Counter(
            (c.url, c.status, c.payload_digest) for c in reader.captures() if not c.url.endswith("/robots.txt")
        )


def broken(reader):
    return [f for f in verify(reader) if f.verdict.value != "sound"]


def start(portal, path, kill="", strace=()):
    """A crawl under way, and the lines that it tells."""
    read, write = os.pipe()
    script = Path(__file__).with_name("killed_crawl.py")
    process = subprocess.Popen(
        [*strace, sys.executable, str(script), *words(portal, path)],
        pass_fds=[write],
        env=environment(TELL=str(write), KILL=kill),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    return process, os.fdopen(read)


def watching(path, *more):
    """strace, looking at the writes to the archive's own file."""
    return [need("strace"), "-f", "--seccomp-bpf", "-qqq", "-P", str(path), *more]


class Whole(NamedTuple):
    """A crawl that nobody killed: what it keeps, and how often it reaches each point."""

    kept: Counter
    points: dict[str, int]


@pytest.fixture(scope="module")
def portal():
    with SamplePortal() as running:
        yield running


@pytest.fixture(scope="module")
def whole(portal, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    ended = tangthu(*words(portal, folder / "a.db"))
    assert ended.code == 0, ended.err
    trace = folder / "trace"
    process, told = start(
        portal, folder / "b.db", "", watching(folder / "b.db", "-e", "trace=pwrite64", "-o", str(trace))
    )
    with told:
        lines = [line.strip() for line in told]
    assert process.wait() == 0
    points = {name: int(count) for name, count in (line[1:].split(":") for line in lines if line[0] == "=")}
    # strace counts each thread by itself: the main one makes the file, the writer's brings the log home (of several, the busiest).
    making, *others = Counter(re.findall(r"(?m)^(\d+) +pwrite64", trace.read_text())).values()
    checkpoints = max(others)
    assert kept(folder / "a.db") == kept(folder / "b.db")
    return Whole(kept(folder / "a.db"), {**points, "making": making, "checkpoint": checkpoints})


def killed(portal, path, plan, points):
    """Crawl until killed by `plan`; the record ids acknowledged until then."""
    acknowledged, kill, strace = 0, "", ()
    if plan.point in ("making", "checkpoint"):
        least = points["making"] if plan.point == "checkpoint" else 0
        # Groups are larger when the machine is busy, and so are the steps in which the log comes home: twice as few were seen.
        share = plan.share / 2 if plan.point == "checkpoint" else plan.share
        number = least + 1 + int(share * (points[plan.point] - least))
        strace = watching(path, "-o", "/dev/null", "-e", f"inject=pwrite64:signal=KILL:when={number}")
    elif plan.point:
        kill = f"{plan.point}:{1 + int(plan.share * points[plan.point])}"
    else:
        acknowledged = 1 + int(plan.share * points["acknowledged"])
    process, told = start(portal, path, kill, strace)
    lines = []
    with told:
        for line in told:
            lines.append(line.strip())
            if len(lines) == acknowledged:
                process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the crawl was not killed"
    return lines


def carry_out(portal, whole, path, plan):
    acknowledged = killed(portal, path, plan, whole.points)
    ended_before = []
    if acknowledged:  # before that the archive may still be in the making
        assert kept(path) <= whole.kept
        with Reader.open(path) as reader:
            assert [i for i in acknowledged if reader.capture(i) is None] == []
            assert broken(reader) == []
            ended_before = [run["outcome"] for run in reader.runs() if run["outcome"]]
    ended = tangthu(*words(portal, path))
    assert ended.code == 0, ended.err
    with Reader.open(path) as reader:
        outcomes = [run["outcome"] for run in reader.runs()]
        assert [i for i in acknowledged if reader.capture(i) is None] == []
        assert broken(reader) == []
    if ended_before:  # the kill came when the run had been marked finished: the next start is a crawl of its own
        assert (outcomes, kept(path)) == (["finished", "finished"], whole.kept + whole.kept)
    else:
        assert kept(path) == whole.kept
        assert outcomes == ["interrupted", "finished"] or (outcomes == ["finished"] and not acknowledged)
    assert [file.name for file in path.parent.iterdir()] == [path.name], "one file, no log, no spool"


@pytest.fixture(scope="module")
def under_way(request, portal, whole, tmp_path_factory):
    """The plans that were chosen, two at a time."""
    chosen = [i.callspec.params["plan"] for i in request.session.items if i.fspath == request.fspath]
    with ThreadPoolExecutor(2) as pool:
        yield {p: pool.submit(carry_out, portal, whole, tmp_path_factory.mktemp("kill") / "a.db", p) for p in chosen}


@pytest.mark.parametrize("plan", list(plans()), ids=lambda plan: f"{plan.point or 'any'}-{plan.share}")
def test_a_kill_loses_nothing_acknowledged(under_way, plan):
    under_way[plan].result()
