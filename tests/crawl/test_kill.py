"""Kill -9 at any instant loses nothing acknowledged, keeps nothing twice, and the next start ends with the same captures.

Half of the kills are at named points; the others when a random number of exchanges has been acknowledged. The suite makes 20, `make soak` 200.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from conftest import SOAK, need
from running import environment, tangthu

from archive import Reader
from archive.audit.verify import verify
from crawler.sample import profiles
from crawler.sample.server import SamplePortal

POINTS = ["before-commit", "after-commit", "between", "part", "checkpoint"]
KILLS = 200 if SOAK else 20
HOST = "cong-drupal.tinh-mau.example"


@pytest.fixture(scope="module")
def portal():
    with SamplePortal() as running:
        yield running


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


@pytest.fixture(scope="module")
def undisturbed(portal, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "a.db"
    ended = tangthu(*words(portal, path))
    assert ended.code == 0, ended.err
    return kept(path)


def killed(portal, path, kill, after):
    """Crawl until killed: at the point `kill`, or when `after` exchanges have been acknowledged. The ids acknowledged by then."""
    read, write = os.pipe()
    command = [sys.executable, str(Path(__file__).with_name("killed_crawl.py")), *words(portal, path)]
    if kill.startswith("checkpoint"):
        # Only a checkpoint writes to the archive's own file while it is open.
        number = kill.partition(":")[2]
        command = [
            need("strace"),
            "-f",
            "-qqq",
            "-o",
            "/dev/null",
            "-P",
            str(path),
            "-e",
            f"inject=pwrite64:signal=KILL:when={number}",
            *command,
        ]
    process = subprocess.Popen(
        command,
        pass_fds=[write],
        env=environment(TELL=str(write), KILL=kill),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    told = []
    with os.fdopen(read) as acknowledged:
        for line in acknowledged:
            told.append(line.strip())
            if after and len(told) == after:
                process.send_signal(signal.SIGKILL)
    process.wait()
    return told


def plans():
    dice = random.Random(20261122)
    for number in range(KILLS):
        if number % 2:
            yield f"{POINTS[number // 2 % len(POINTS)]}:{dice.randint(1, 25)}", 0
        else:
            yield "", dice.randint(1, 38)


@pytest.mark.parametrize(("kill", "after"), list(plans()))
def test_a_kill_loses_nothing_acknowledged(portal, undisturbed, tmp_path, kill, after):
    path = tmp_path / "a.db"
    acknowledged = killed(portal, path, kill, after)
    if acknowledged:  # before that the archive may still be in the making
        assert kept(path).keys() <= undisturbed.keys()
        with Reader.open(path) as reader:
            for record_id in acknowledged:
                assert reader.capture(record_id) is not None, record_id
            assert [f for f in verify(reader) if f.verdict.value != "sound"] == []
    ended = tangthu(*words(portal, path))
    assert ended.code == 0, ended.err
    assert kept(path) == undisturbed
    with Reader.open(path) as reader:
        # A kill after the last visit was settled leaves nothing to resume: the next start is then a crawl of its own.
        outcomes = [run["outcome"] for run in reader.runs()]
        assert outcomes in (["interrupted", "finished"], ["finished"]), outcomes
        assert all(reader.capture(record_id) is not None for record_id in acknowledged)
        assert [f for f in verify(reader) if f.verdict.value != "sound"] == []
    assert not list(tmp_path.glob("a.db-*")), "one file, no log, no spool"
    shutil.rmtree(tmp_path)
