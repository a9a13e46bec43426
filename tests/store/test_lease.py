"""Leases: a dead process is told from a living one, and what cannot be seen counts as living."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from archive.store import lease


def changed(text, **facts):
    return json.dumps(json.loads(text) | facts)


def test_ones_own_lease_lives_until_it_is_given_back():
    taken = lease.take()
    assert lease.alive(taken)
    lease.give_back(taken)
    assert not lease.alive(taken)


def test_a_process_that_has_ended_is_dead():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    taken = changed(lease.take(), pid=child.pid, start=lease._started(child.pid))
    assert lease.alive(taken)
    child.communicate(b"\n")
    assert not lease.alive(taken)


@pytest.mark.parametrize(
    ("facts", "lives"),
    [({"host": "another-machine"}, True), ({"boot": "before"}, False), ({"pid": 1, "start": "another"}, False)],
    ids=["another machine", "machine was restarted", "number was given anew"],
)
def test_what_tells_the_dead_from_the_living(facts, lives):
    assert lease.alive(changed(lease.take(), **facts)) is lives
