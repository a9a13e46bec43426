"""Several simulated days of scheduled crawls over the sample portal: what exists is kept once, and the server's own log shows the manners.

Crawls are processes of their own, started by the daemon as ever; daemon, crawls and portal share one clock that goes on only by waiting.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from conftest import SOAK
from simulated import BEGIN, Keeper, Simulated
from timed_crawl import Nursery

from archive import Depositor, Reader
from archive.audit.findings import Verdict
from archive.audit.verify import verify
from archive.changing import LATEST
from archive.model import Schedule
from crawler.daemon import Daemon
from crawler.sample import SamplePortal, profiles
from crawler.sample.odd import changes, moods, names

DAYS, EVERY = (12, 6 * 3600) if SOAK else (2, 12 * 3600)
# The families by their profiles; of the odd hosts those that need nothing but patience, crawled by their links.
FAMILIES = {file.stem: file for file in profiles()}
PATIENT = (moods.BUSY, moods.SLOW, moods.ROBOTS_DOWN, moods.ROBOTS_PAGE, moods.ROBOTS_MOVED, changes.EDITED, changes.MOVING, names.CATEGORIES)
pytestmark = [pytest.mark.soak] if SOAK else []


def scheduled(code, target, *options):
    return Schedule(code, target, BEGIN, every=EVERY, options=options)


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """The archive, the portal with its log, and the crawls that ended, after the days."""
    folder = tmp_path_factory.mktemp("days")
    path = folder / "a.db"
    with Keeper(folder / "clock") as keeper, SamplePortal(now=keeper.now) as portal, Nursery(folder / "log") as nursery:
        clock = Simulated(folder / "clock", keeper.place())
        to = f"127.0.0.1:{portal.port}"
        with Depositor.open(path, now=clock.now) as depositor:
            for code, file in FAMILIES.items():
                host = next(h for h in portal.sites if f"//{h}/" in file.read_text(encoding="utf-8"))
                depositor.schedule(scheduled(code, code, "--profile", str(file), "--resolve", f"{host}={to}")).result()
            for host in PATIENT:
                depositor.schedule(scheduled(host, f"http://{host}/", "--resolve", f"{host}={to}")).result()
        ended = []
        def start(schedule):
            words = ["crawl", schedule.target, "--due", "--set", "READING_PROCESSES=0", *schedule.options, "--archive", path]
            return nursery.start(keeper, words)

        daemon = Daemon(path, start, clock, parallel=4, ended=ended.append)
        while clock.now() < BEGIN + timedelta(days=DAYS):
            daemon.step()
            clock.wait(600)
        daemon.stop()
        daemon.run()
        clock.leave()
        yield path, portal, ended, folder / "log"


def by_host(portal):
    asked = defaultdict(list)
    for one in portal.log:
        asked[one.host].append(one)
    return asked


def test_every_crawl_came_to_its_end(lived):
    path, _, ended, log = lived
    assert {e.schedule.portal for e in ended} == {*FAMILIES, *PATIENT}
    poor = {e.schedule.portal for e in ended if e.exit_code}
    assert poor == {moods.ROBOTS_DOWN}, log.read_text()
    runs = Counter(e.schedule.portal for e in ended)
    assert all(count >= DAYS * 86400 / EVERY - 1 for count in runs.values()), runs
    assert [f for f in verify(path) if f.verdict is Verdict.BROKEN] == []


def test_every_article_is_kept_once(lived):
    """By the portal's own list. What is asked again is confirmed, or kept because it is another thing."""
    path, portal, *_ = lived
    with Reader.open(path) as reader:
        for host in (*portal.sites, *PATIENT):
            missing = [url for url in portal.articles(host) if not any(c.status == 200 for c in reader.find(url))]
            assert missing == [], host
            for url in portal.articles(host):
                whole = [c.payload_digest for c in reader.find(url) if c.status == 200 and c.revisit_of is None]
                assert len(whole) == len(set(whole)), f"{url}: the same bytes were kept twice"


def test_articles_are_not_asked_again_each_time(lived):
    _, portal, *_ = lived
    for host, asked in by_host(portal).items():
        articles = {urlsplit(url).path for url in portal.articles(host)}
        times = Counter(one.target for one in asked if one.target in articles)
        assert max(times.values(), default=0) <= 4, (host, times)


def test_delays_are_kept_by_the_servers_log(lived):
    _, portal, *_ = lived
    for host, asked in by_host(portal).items():
        least = moods.DELAY if host == moods.SLOW else 2.0
        starts = [one.time for one in asked]
        # A crawl's first page may follow robots.txt, and the run before, by the general delay: it cannot know more yet.
        gaps = [(b - a).total_seconds() for (a, one), (b, two) in pairwise(zip(starts, asked, strict=True)) if two.target != "/robots.txt"]
        assert gaps or host == moods.ROBOTS_DOWN
        assert min(gaps, default=least) >= least - 0.01, (host, min(gaps))


def test_robots_come_first_and_are_kept_by_the_servers_log(lived):
    _, portal, *_ = lived
    asked = by_host(portal)
    for host, requests in asked.items():
        assert requests[0].target == "/robots.txt", host
        learned = requests[0].time
        for one in requests:
            if one.target == "/robots.txt":
                learned = one.time
            assert one.time - learned <= timedelta(days=1), f"{host}: rules are a day old at most"
    assert {one.target for one in asked[moods.ROBOTS_DOWN]} == {"/robots.txt"}, "who cannot say his rules is left alone"
    assert not [one for one in asked[moods.ROBOTS_MOVED] if one.target.startswith("/cam/")]


def test_a_named_time_is_kept_by_the_servers_log(lived):
    _, portal, *_ = lived
    asked = by_host(portal)[moods.BUSY]
    refused = [n for n, one in enumerate(asked) if one.target in ("/tin/bai-0.html", "/tin/bai-3.html") and one.number == 1]
    assert len(refused) == 2
    for number in refused:
        assert asked[number + 1].time - asked[number].time >= timedelta(seconds=moods.REST)


def test_times_in_the_archive_are_the_clocks(lived):
    path, *_ = lived
    with Reader.open(path) as reader:
        times = [c.time for c in reader.captures()]
        assert times
        assert min(times) >= BEGIN
        assert max(times) <= BEGIN + timedelta(days=DAYS + 1)
        for one in reader.runs():
            assert datetime.fromisoformat(one["started"]) >= BEGIN
        assert max(times) - min(times) > timedelta(days=DAYS - 1)
        assert LATEST > DAYS
        first = min(reader.captures(), key=lambda c: c.time)
        with reader.open(first) as opened:
            assert (opened.record.get("WARC-Date") or "").startswith("2026-11-25T03:")
