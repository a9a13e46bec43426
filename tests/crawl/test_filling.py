"""The frontier's look into the queue, with a visit that is settled while it looks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from exchanges import answer, exchange
from scrapy.settings import Settings

from archive import Depositor
from archive.model import Link, Settlement
from crawler.clock import Clock
from crawler.frontier import Frontier
from crawler.job import Job
from crawler.portals.profile import of_url
from crawler.spiders.walk import Walk

URL = "http://cong.example/"


class Noted(Clock):
    """A clock that only notes what is to be called later."""

    def __init__(self):
        super().__init__()
        self.waiting = []

    def later(self, seconds, call):
        self.waiting.append((seconds, call))
        return SimpleNamespace(cancel=lambda: None)


class Between:
    """A depositor; `then` is called once, when `what` of it has been asked and answered, before the answer is handed on."""

    def __init__(self, depositor, what, then):
        self._depositor, self._what, self._then = depositor, what, [then]

    def __getattr__(self, name):
        method = getattr(self._depositor, name)
        if name != self._what:
            return method

        def asked(*given, **named):
            future = method(*given, **named)
            future.exception()
            if self._then:
                self._then.pop()()
            return future

        return asked


@pytest.mark.parametrize("what", ["next_time", "due"])
def test_a_visit_put_off_while_the_queue_is_looked_at_is_come_back_for(what, tmp_path):
    profile = of_url(URL)
    with Depositor.open(tmp_path / "a.db") as depositor:
        run = depositor.begin("cong", starts=[Link(URL)])
        (visit,) = depositor.due(run, 1).result()
        clock = Noted()
        job = Job(depositor, tmp_path / "a.db", run, profile, Walk(profile), clock=clock)
        crawler = SimpleNamespace(settings=Settings({"CONCURRENT_REQUESTS": 1}), engine=SimpleNamespace(_slot=None))
        frontier = Frontier(crawler, job)
        frontier._flight.add(visit.id)

        def put_off():
            capture = depositor.deposit(run, exchange(answer(b"b", status=b"503 Ban"), URL), visit).result()
            depositor.settle(run, Settlement(visit.id, capture.id, "queued", not_before=clock.now() + timedelta(hours=1))).result()
            frontier.settled(visit.id, more=True)

        job.depositor = Between(depositor, what, put_off)
        asyncio.run(frontier._fill())
        assert frontier.has_pending_requests()
        while not frontier._dry:  # what a look leaves open the next one finds
            asyncio.run(frontier._fill())
        assert [round(seconds, -2) for seconds, _ in clock.waiting] == [3600]
