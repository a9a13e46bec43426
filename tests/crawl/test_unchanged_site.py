"""A site that has not changed is crawled again: what that costs, that it replays on its own, and how little of it a scheduled run asks for.

The suite has 200 pages, `make soak` 2,000.
"""

from __future__ import annotations

import time
from collections import Counter

import pytest
from confirming import PAGE, PROSE, Site
from conftest import SOAK
from running import tangthu
from server import Portal
from simulated import Keeper, Simulated
from timed_crawl import Nursery

from archive import Reader
from archive.audit.findings import Verdict
from archive.audit.verify import verify

PAGES = 2000 if SOAK else 200
A_LIST = 25
# Bytes of archive for an address that has not changed: records, rows and all.
MOST = 2500
DAY = 86400
pytestmark = [pytest.mark.soak] if SOAK else []


def site_of(portal):
    """Lists of 25 articles each, which say by ETag, by date, or not at all that they have not changed."""
    site = Site(portal)
    lists = (PAGES + A_LIST - 1) // A_LIST
    for number in range(lists):
        names = range(number * A_LIST, min((number + 1) * A_LIST, PAGES))
        links = "".join(f'<a href="/tin/{n}">Tin {n}</a>' for n in names)
        following = f'<a href="/tin?page={number + 1}">sau</a>' if number + 1 < lists else ""
        site.put(f"/tin?page={number}" if number else "/", PAGE % ("", links + following))
    for n in range(PAGES):
        said = ({"etag": f'"{n}"'}, {"modified": "Tue, 24 Nov 2026 01:00:00 GMT"}, {})[n % 3]
        site.put(f"/tin/{n}", PAGE % (PROSE * 2 + f"<p>Bản tin số {n} của tỉnh, đăng lại toàn văn phát biểu tại hội nghị.</p>", ""), **said)
    return site


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The archive after a crawl, a second one of everything a day later, and a scheduled one after another day."""
    folder = tmp_path_factory.mktemp("unchanged")
    path, sizes, asked = folder / "a.db", [], []
    with Portal() as portal, Keeper(folder / "clock") as keeper, Nursery(folder / "log") as nursery:
        site = site_of(portal)
        for more in ((), (), ("--due",)):
            before = len(portal.hits())
            words = ["crawl", portal.url(), "--own-host", "--archive", path, "--set", "READING_PROCESSES=0", *more]
            crawl = nursery.start(keeper, words)
            while crawl.poll() is None:
                time.sleep(0.01)
            assert crawl.poll() == 0, (folder / "log").read_text()
            sizes.append(path.stat().st_size)
            asked.append(Counter(hit.path for hit in portal.hits()[before:] if hit.path not in ("/robots.txt", "/sitemap.xml")))
            clock = Simulated(folder / "clock", keeper.place())
            clock.wait(DAY)
            clock.leave()
    return path, site, sizes, asked


def test_every_address_is_asked_again_once_and_no_article_has_a_second_revision(again):
    path, site, _, (first, second, _) = again
    assert set(first) == set(second) == set(site.pages)
    assert set(second.values()) == {1}
    with Reader.open(path) as reader:
        assert reader.archives[0].row("SELECT count(*) FROM revisions") == (PAGES,)
        # A busy machine may find an idle connection closed: such an attempt is kept too, beside the one that was answered.
        again_kept = [c for c in reader.captures() if c.run == 2 and c.status and c.url.startswith(site.portal.url("/tin/"))]
        assert len(again_kept) == PAGES
        assert all(c.revisit_of for c in again_kept)
        assert Counter(c.status for c in again_kept)[304] == sum(n % 3 < 2 for n in range(PAGES))


def test_what_that_costs(again):
    *_, (first, second, _), (_, asked, _) = again
    cost = (second - first) / sum(asked.values())
    print(f"{cost:.0f} bytes of archive for each of {sum(asked.values())} addresses asked again; {first / sum(asked.values()):.0f} at first")
    assert cost <= MOST


def test_a_scheduled_run_asks_for_a_tenth_at_most(again):
    *_, (first, _, scheduled) = again
    print(f"{sum(scheduled.values())} of {len(first)} addresses asked")
    assert 0 < sum(scheduled.values()) <= len(first) / 10


def test_each_revisit_replays_from_an_export_of_its_run_alone(again, tmp_path):
    path, site, *_ = again
    out = tmp_path / "lan-2.warc.gz"
    assert tangthu("export", out, "--warc", "--run", "2", "--archive", path).code == 0
    assert tangthu("adopt", out, "--archive", tmp_path / "b.db").code == 0
    with Reader.open(tmp_path / "b.db") as reader:
        seen = Counter()
        for name, (body, *_) in site.pages.items():
            last = reader.find(site.portal.url(name))[-1]
            seen[last.revisit_of is not None] += 1
            with reader.open(last) as opened:
                assert opened.body() == body, name
        assert seen[True] >= PAGES
    assert [f for f in verify(tmp_path / "b.db") if f.verdict is Verdict.BROKEN] == []
