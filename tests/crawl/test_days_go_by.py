"""Several simulated days of scheduled crawls over the whole sample portal: what exists is kept once, and the server's own log shows the manners.

Crawls are processes of their own, started by the daemon as ever; daemon, crawls and portal share one clock that goes on only by waiting. Every
host of the sample has a schedule: the six families and what must be asked for by requests with profiles, all others by their address alone. In the
middle of the days the sample changes: articles are edited and withdrawn, a portal moves to another platform, two become one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from urllib.robotparser import RobotFileParser

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
from crawler.sample import SamplePortal, drupal, liferay, nukeviet, profiles, sharepoint, ui_article, webforms
from crawler.sample.news import categories
from crawler.sample.odd import changes, lists, moods, names, sources, traps, writing
from crawler.spiders.budgets import FRUITLESS, PIECES, TOGETHER, patterns

EVERY = 24 * 3600
# In the short form what neither changes nor tempts is crawled once; those that are crawled on the second day too are these, and the families.
DAILY = {site.host for room in (changes, moods, traps) for site in room.SITES} | {names.COUNTER, names.CATEGORIES}
# The sample changes between the first day and the second, or in the middle of the long form.
DAYS, START = (12, BEGIN) if SOAK else (2, changes.CHANGE - timedelta(hours=21))
FAMILIES = {file.stem: file for file in profiles()}
# Pages of these portals that are no articles by their own lists, and that a crawl without a profile takes for such: they have text of their own.
STATIC = {changes.MOVING: {"/gioi-thieu", "/lien-he", "/vi/about/"}}
# As many pages of a trap may be asked for in a run: its budget, and what its first pages pay back.
BUDGET, TOGETHER_BUDGET = FRUITLESS + PIECES, FRUITLESS * TOGETHER + 2 * PIECES
TRAPS = {
    traps.CALENDAR: lambda target: target.startswith("/lich?"),
    traps.FACETS: lambda target: target.startswith("/dataset?"),
    traps.SUFFIX: lambda target: target.rpartition("/")[2] in ("en", "vi"),
}
pytestmark = [pytest.mark.soak] if SOAK else []


def known_by_profile(portal, folder):
    """Host, name and profile of the portals that have one."""
    for code, file in FAMILIES.items():
        yield next(h for h in portal.sites if f"//{h}/" in file.read_text(encoding="utf-8")), code, file
    for host in lists.PAGING:
        file = folder / f"{host}.toml"
        file.write_text(lists.profile(host), encoding="utf-8")
        yield host, host.partition(".")[0], file
    file = folder / "tls-cu.toml"
    file.write_text(moods.weak_profile(), encoding="utf-8")
    yield moods.WEAK_TLS, "tls-cu", file


class Lived:
    """What there is after the days: the archive, the portal with its log, the crawls that ended, what they said."""

    def __init__(self, path: Path, portal: SamplePortal, said: Path) -> None:
        self.path, self.portal, self.said = path, portal, said
        self.ended = []
        self.portals = {}
        self.existed = {}

    def schedule(self, folder):
        given = {host: (code, code, "--profile", str(file)) for host, code, file in known_by_profile(self.portal, folder)}
        with Depositor.open(self.path, now=lambda: START) as depositor:
            for host in (*self.portal.sites, *self.portal.odd):
                if host.startswith("www."):
                    continue
                code, target, *options = given.get(host, (host, f"http://{host}/"))
                self.portals[code] = host
                at = f"127.0.0.1:{self.portal.weak_port if host == moods.WEAK_TLS else self.portal.port}"
                where = [w for name in (host, f"www.{host}") for w in ("--resolve", f"{name}={at}")]
                every = EVERY if SOAK or host in DAILY or host in self.portal.sites else DAYS * EVERY
                depositor.schedule(Schedule(code, target, START, every=every, options=(*options, *where))).result()

    def note(self):
        for host in self.portals.values():
            self.existed.setdefault(host, set()).update(urlsplit(url).path for url in self.portal.articles(host))

    def asked(self):
        """What was asked for, by host (with its aliases)."""
        found = defaultdict(list)
        for one in self.portal.log:
            found[one.host.removeprefix("www.")].append(one)
        return found


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    folder = tmp_path_factory.mktemp("days")
    with Keeper(folder / "clock") as keeper, SamplePortal(now=keeper.now) as portal, Nursery(folder / "log") as nursery:
        keeper.shared.now = (START - BEGIN).total_seconds()
        clock = Simulated(folder / "clock", keeper.place())
        made = Lived(folder / "a.db", portal, folder / "log")
        made.schedule(folder)

        def start(schedule):
            words = ["crawl", schedule.target, "--due", "--set", "READING_PROCESSES=0", *schedule.options, "--archive", made.path]
            return nursery.start(keeper, words)

        daemon = Daemon(made.path, start, clock, parallel=6, ended=made.ended.append)
        while clock.now() < START + timedelta(days=DAYS):
            made.note()
            daemon.step()
            clock.wait(600)
        daemon.stop()
        daemon.run()
        clock.leave()
        yield made


def test_every_crawl_came_to_its_end(lived):
    assert {e.schedule.portal for e in lived.ended} == set(lived.portals)
    assert len(lived.portals) == len({*lived.portal.sites, *lived.portal.odd}) - 1
    poor = {e.schedule.portal for e in lived.ended if e.exit_code}
    assert poor == {moods.ROBOTS_DOWN}, lived.said.read_text()
    runs = Counter(e.schedule.portal for e in lived.ended)
    assert {code: runs[code] for code, host in lived.portals.items()} == {
        code: DAYS if SOAK or host in DAILY or host in lived.portal.sites else 1 for code, host in lived.portals.items()
    }
    assert [f for f in verify(lived.path) if f.verdict is Verdict.BROKEN] == []


def test_every_article_is_there_once_by_the_servers_own_list(lived):
    """Those that exist, and those that existed on one of the days: under their addresses, or known there as one that is listed under another."""
    with Reader.open(lived.path) as reader:
        listed, said = defaultdict(Counter), defaultdict(Counter)
        for one in reader.articles():
            parts = urlsplit(one.url)
            host = parts.hostname.removeprefix("www.")
            listed[host][parts.path] += 1
            said[host][one.title, one.text, one.published] += 1
        for host, existed in lived.existed.items():
            found = listed.pop(host, Counter())
            assert {path: n for path, n in found.items() if n > 1} == {}, host
            # A portal that moves has some articles again, with other pictures and files.
            assert host == changes.MOVING or {words: n for words, n in said[host].items() if n > 1} == {}, host
            assert set(found) - STATIC.get(host, set()) <= existed, host
            copies = existed - set(found)
            assert not copies or host == changes.MOVING, host
            for path in copies:
                stands = {a["canonical"] for a in reader.why(f"http://{host}{path}").aliases if a["reason"] == "same text"}
                assert {urlsplit(url).path for url in stands} & set(found), path
        assert dict(listed) == {}


def test_its_bytes_are_kept_once(lived):
    with Reader.open(lived.path) as reader:
        for host, existed in lived.existed.items():
            for path in existed:
                came = [c for c in reader.find(f"http://{host}{path}") if c.status == 200]
                whole = [c.payload_digest for c in came if c.revisit_of is None]
                assert len(whole) == len(set(whole)), f"{host}{path}: the same bytes were kept twice"
                assert came, f"{host}{path}"


def test_what_changes_on_each_load_makes_no_new_state_and_what_is_edited_does(lived):
    with Reader.open(lived.path) as reader:
        states = {host: {path: len(reader.states(f"http://{host}{path}")) for path in lived.existed[host]} for host in lived.existed}
        assert set(states[names.COUNTER].values()) == {1}
        several = {(host, path) for host, every in states.items() for path, count in every.items() if count > 1}
        assert several <= {(changes.EDITED, f"/tin/bai-{changes.EDITED_NUMBER}.html")}


def test_every_way_of_paging_was_gone_to_the_end(lived):
    asked = lived.asked()
    gone = {host: {one.target for one in asked[host] if one.method == "GET"} for host in asked}

    def every(host, belongs):
        return {target for target in lived.portal.targets(host) if belongs(target)}

    for host, belongs in (
        (drupal.HOST, lambda target: "?page=" in target and not target.endswith("=0")),
        (nukeviet.HOST, lambda target: "/page-" in target),
        (sharepoint.HOST, lambda target: "?PageIndex=" in target),
        (liferay.HOST, lambda target: "_cur=" in target),
        (liferay.HOST, lambda target: "pageNum=" in target),
    ):
        assert every(host, belongs)
        assert every(host, belongs) <= gone[host], host
    posts = {host: [one.body.decode() for one in asked[host] if one.method == "POST"] for host in (ui_article.HOST, webforms.HOST, lists.FORM, lists.JSON)}
    pages = [-(-len(news) // ui_article.PER_PAGE) for news in categories().values()]
    assert len(set(posts[ui_article.HOST])) == sum(pages) - len(pages)
    sent = {dict(parse_qsl(body))["__VIEWSTATE"] for body in posts[webforms.HOST]}
    assert len(sent) == sum(len(news) - 1 for news in categories().values()), "each page's view state but the last one's was sent back"
    assert len(set(posts[lists.FORM])) == len(set(posts[lists.JSON])) == lists.PAGES
    for host in (lists.NUMBERED, lists.CLAMPED, lists.EMPTY):
        assert {f"/tin?trang={n}" for n in range(2, lists.PAGES + 1)} <= gone[host]
    assert {target for target in gone[lists.ENDLESS] if "trang=" in target} == {"/tin?trang=2"}


def by_day(requests):
    days = defaultdict(list)
    for one in requests:
        days[(one.time - START) // timedelta(seconds=EVERY)].append(one)
    return days.values()


def test_no_trap_costs_more_than_its_small_budget_a_day(lived):
    asked = lived.asked()
    for host, is_trap in TRAPS.items():
        spent = [
            Counter(pattern for one in day if is_trap(one.target) for pattern, _ in patterns(f"http://{host}{one.target}")) for day in by_day(asked[host])
        ]
        assert spent[0], host
        for day in spent:
            over = {pattern: count for pattern, count in day.items() if count > (TOGETHER_BUDGET if pattern.endswith("?*") else BUDGET)}
            assert over == {}, host
            assert sum(count for pattern, count in day.items() if not pattern.endswith("?*")) <= 7 * BUDGET
    assert not [one for one in asked[names.SESSIONS] if "jsessionid" in one.target or "PHPSESSID" in one.target]
    soft = Counter(one.target for one in asked[traps.SOFT])
    assert len(soft) <= 30 + len(lived.existed[traps.SOFT]) + 4, "what it names, each once, and an address that nobody made"
    ways = Counter(one.target.split("/")[1] for day in by_day(asked[traps.LOOPS]) for one in day)
    assert ways["chuoi"] <= 11 * DAYS
    assert ways["vong"] <= 3 * DAYS


def test_nothing_is_asked_for_twice_in_a_run_but_what_had_failed(lived):
    for host, requests in lived.asked().items():
        for day in by_day(requests):
            times = Counter((one.host, one.method, one.target, one.body) for one in day if one.target != "/robots.txt")
            again = {asked[2] for asked, count in times.items() if count > 1}
            assert again <= ({"/tin/bai-0.html", "/tin/bai-3.html"} if host == moods.BUSY else set()), host


def test_articles_are_not_asked_again_each_time(lived):
    for host, requests in lived.asked().items():
        times = Counter(one.target for one in requests if one.target in lived.existed.get(host, ()))
        assert max(times.values(), default=0) <= (4 if SOAK else 2), (host, times)


def test_delays_are_kept_by_the_servers_log(lived):
    for host, asked in lived.asked().items():
        least = moods.DELAY if host == moods.SLOW else 2.0
        starts = [one.time for one in asked]
        # A crawl's first page may follow robots.txt, and the run before, by the general delay: it cannot know more yet.
        gaps = [(b - a).total_seconds() for (a, one), (b, two) in pairwise(zip(starts, asked, strict=True)) if two.target != "/robots.txt"]
        assert gaps or host == moods.ROBOTS_DOWN
        assert min(gaps, default=least) >= least - 0.01, (host, min(gaps))


def test_robots_come_first_and_are_kept_by_the_servers_log(lived):
    asked = lived.asked()
    for host, requests in asked.items():
        assert requests[0].target == "/robots.txt", host
        learned = requests[0].time
        for one in requests:
            if one.target == "/robots.txt":
                learned = one.time
            assert one.time - learned <= timedelta(days=1), f"{host}: rules are a day old at most"
    assert {one.target for one in asked[moods.ROBOTS_DOWN]} == {"/robots.txt"}, "who cannot say his rules is left alone"


def test_nothing_that_robots_forbid_was_asked_for(lived):
    """By the reader of Python's library; where robots.txt leads elsewhere or is a page, by what stands there."""
    forbidding = 0
    for host, requests in lived.asked().items():
        at = "/quy-tac.txt" if host == moods.ROBOTS_MOVED else "/robots.txt"
        said = lived.portal.answer(host, at)
        if not said.head.startswith(b"HTTP/1.1 200") or b"text/plain" not in said.head:
            continue
        rules = RobotFileParser()
        rules.parse(said.body.decode().splitlines())
        forbidding += b"Disallow: /" in said.body
        assert [one.target for one in requests if one.target not in ("/robots.txt", at) and not rules.can_fetch("tangthu", one.target)] == [], host
    assert forbidding >= 7


def test_a_named_time_is_kept_by_the_servers_log(lived):
    asked = lived.asked()[moods.BUSY]
    refused = [n for n, one in enumerate(asked) if one.target in ("/tin/bai-0.html", "/tin/bai-3.html") and one.number == 1]
    assert len(refused) == 2
    for number in refused:
        assert asked[number + 1].time - asked[number].time >= timedelta(seconds=moods.REST)


def test_what_should_not_be_followed_was_not(lived):
    asked = lived.asked()
    assert not {"/x", "/latest/meta-data/", "/etc/passwd"} & {one.target for requests in asked.values() for one in requests}
    assert set(asked) == set(lived.portals.values())
    with Reader.open(lived.path) as reader:
        for away in sources.AWAY:
            assert reader.why(away).refusals, away
        assert [r["reason"] for r in reader.why(f"http://{sources.SITEMAPS}/so-do/bom.xml").refusals]


def test_files_come_under_every_name_whatever_they_say_they_are(lived):
    with Reader.open(lived.path) as reader:
        digests = {c.payload_digest for name in writing.NAMES for c in reader.find(f"http://{writing.FILES}{name}") if c.status == 200}
        assert len(digests) == 1
        assert all(reader.find(f"http://{writing.FILES}{name}") for name in (*writing.NAMES, writing.PICTURE))


def test_times_in_the_archive_are_the_clocks(lived):
    with Reader.open(lived.path) as reader:
        times = [c.time for c in reader.captures()]
        assert times
        assert min(times) >= START
        assert max(times) <= START + timedelta(days=DAYS + 1)
        for one in reader.runs():
            assert datetime.fromisoformat(one["started"]) >= START
        assert max(times) - min(times) > timedelta(days=DAYS - 1)
        assert LATEST > DAYS
        first = min(reader.captures(), key=lambda c: c.time)
        with reader.open(first) as opened:
            assert (opened.record.get("WARC-Date") or "").startswith(f"{START:%Y-%m-%dT%H}:")
