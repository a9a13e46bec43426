"""How fast a host is asked: with a clock that goes on only by waiting, for any answers a host may give."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from still import Still
from twisted.internet.defer import Deferred

from crawler.pace import RECOVERY, SLOWEST, LeftAlone, Pace, range_of


class World:
    """Hosts that take so long to answer; `begun` is when each was asked, by host."""

    def __init__(self, least=2.0, parallel=1, **more):
        self.clock = Still()
        self.pace = Pace(self.clock, least, parallel, **more)
        self.begun = []
        self.now = self.most = 0
        self.left_alone = 0

    def ask(self, host, took=0.0, status=200, ip=None, again=None):
        async def one():
            try:
                async with self.pace.turn(host) as turn:
                    self.begun.append((host, self.clock.seconds()))
                    self.now += 1
                    self.most = max(self.most, self.now)
                    answered = Deferred()
                    self.clock.later(took, lambda: answered.callback(None))
                    await answered
                    self.now -= 1
                    turn.status, turn.failed, turn.ip = status, status >= 500 or status == 429, ip
                    if again is not None:
                        turn.again = self.clock.now() + timedelta(seconds=again)
            except LeftAlone:
                self.left_alone += 1

        Deferred.fromCoroutine(one())

    def gaps(self):
        return [later - earlier for (_, earlier), (_, later) in pairwise(self.begun)]


answers = st.lists(st.tuples(st.floats(0, 100), st.sampled_from([200, 200, 200, 404, 429, 500, 503])), min_size=2, max_size=40)


@given(st.floats(0, 30), answers, st.booleans())
def test_never_faster_than_the_least_delay_and_nobody_waits_for_ever(least, given_answers, adaptive):
    world = World(least, adaptive=adaptive)
    for took, status in given_answers:
        world.ask("cong", took, status)
    world.clock.go_on()
    assert len(world.begun) == len(given_answers)
    assert all(gap >= least - 1e-6 for gap in world.gaps())
    assert world.most == 1
    assert world.pace.out == world.pace.waiting == 0
    longest = max(least, SLOWEST) + max(took for took, _ in given_answers)
    assert all(gap <= longest + 1e-6 for gap in world.gaps()), "and never slower than slow, of our own accord"


@given(st.integers(1, 8), st.lists(st.floats(0, 5), min_size=1, max_size=40))
def test_no_more_at_once_than_allowed(parallel, tooks):
    world = World(0.0, parallel, adaptive=False)
    for took in tooks:
        world.ask("cong", took)
    world.clock.go_on()
    assert len(world.begun) == len(tooks)
    assert world.most <= parallel


def test_a_slow_host_is_asked_more_slowly_and_a_quick_one_as_before():
    world = World(2.0)
    for _ in range(5):
        world.ask("cong", took=6.0)
    for _ in range(12):
        world.ask("cong", took=0.1)
    world.clock.go_on()
    gaps = world.gaps()
    assert gaps[1:4] == pytest.approx([12, 12, 12]), "twice as long as it needs"
    assert gaps[-1] == pytest.approx(2.0)
    assert all(earlier >= later - 1e-6 for earlier, later in pairwise(gaps[5:])), "it comes back by and by"


def test_a_failing_host_is_asked_ever_more_slowly_and_comes_back():
    world = World(2.0)
    for _ in range(8):
        world.ask("cong", took=0.1, status=500)
    for _ in range(12):
        world.ask("cong", took=0.1)
    world.clock.go_on()
    assert world.gaps()[:6] == pytest.approx([4, 8, 16, 32, 60, 60])
    assert world.gaps()[-1] == pytest.approx(2.0)


def test_a_failing_host_without_a_delay_gets_one():
    world = World(0.0)
    for _ in range(3):
        world.ask("cong", status=503)
    world.clock.go_on()
    assert world.gaps() == pytest.approx([RECOVERY, 2 * RECOVERY])


def test_an_own_host_is_not_spared():
    world = World(0.0, adaptive=False)
    for _ in range(5):
        world.ask("cong", took=6.0, status=500)
    world.clock.go_on()
    assert world.gaps() == pytest.approx([6.0] * 4)


def test_hosts_of_one_address_range_share_their_turns():
    world = World(2.0)
    for host, ip in [("so-y-te", "192.0.2.7"), ("so-xay-dung", "192.0.2.200"), ("tinh-khac", "198.51.100.1")]:
        world.ask(host, 0.1, ip=ip)
    world.clock.go_on(10)
    del world.begun[:]
    for _ in range(5):
        for host in ("so-y-te", "so-xay-dung", "tinh-khac"):
            world.ask(host, 0.1)
    world.clock.go_on()
    shared = [at for host, at in world.begun if host != "tinh-khac"]
    assert len(shared) == 10
    assert min(later - earlier for earlier, later in pairwise(shared)) >= 2.0
    alone = [at for host, at in world.begun if host == "tinh-khac"]
    assert [later - earlier for earlier, later in pairwise(alone)] == pytest.approx([2.0] * 4), "another range has turns of its own"


def test_who_waited_when_a_host_came_to_share_is_not_forgotten():
    world = World(2.0)
    world.ask("a", 0.1, ip="192.0.2.1")
    for _ in range(4):
        world.ask("b", 0.1, ip="192.0.2.2")
    world.clock.go_on()
    assert [host for host, _ in world.begun].count("b") == 4
    times = sorted(at for _, at in world.begun)
    assert min(later - earlier for earlier, later in pairwise(times[1:])) >= 2.0


def test_a_host_that_names_a_time_rests_and_what_shares_its_turns_with_it():
    world = World(2.0)
    world.ask("a", ip="192.0.2.1")
    world.ask("b", ip="192.0.2.2")
    world.clock.go_on(5)
    world.ask("a", status=503, again=3600)
    world.clock.go_on(6)
    world.ask("b")
    world.ask("c")
    world.clock.go_on()
    assert dict(world.begun)["b"] >= 3600
    assert dict(world.begun)["c"] < 10


def test_a_host_that_names_a_delay_is_asked_one_at_a_time():
    world = World(0.0, 16, adaptive=False)
    world.pace.slow("cong", 10.0)
    for _ in range(5):
        world.ask("cong", took=1.0)
    world.clock.go_on()
    assert world.gaps() == pytest.approx([10.0] * 4)
    assert world.most == 1


def test_at_the_end_nobody_waits_any_more():
    world = World(3600.0)
    for _ in range(5):
        world.ask("cong")
    world.pace.end()
    world.ask("cong")
    assert (len(world.begun), world.left_alone) == (1, 5)
    assert world.pace.waiting == 0


@pytest.mark.parametrize(
    ("ip", "expected"),
    [("192.0.2.7", "192.0.2.0/24"), ("2001:db8:1:2:3::7", "2001:db8:1:2::/64"), ("fe80::1%eth0", "fe80::/64"), ("127.0.0.1", "127.0.0.0/24")],
)
def test_what_is_taken_for_one_server(ip, expected):
    assert range_of(ip) == expected
