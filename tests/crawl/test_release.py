"""A crawl whose machine is gone: who goes on is told how, and goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from made_sites import Site
from running import one_sentence, tangthu
from site_served import Served

from archive import Depositor, Reader
from archive.model import Link
from crawler.portals.profile import of_url


def test_a_crawl_of_another_machine_is_released_and_resumed(tmp_path):
    path = tmp_path / "a.db"
    with Served(Site(3, 20)) as site:
        portal = of_url(site.url()).code
        with Depositor.open(path) as depositor:
            depositor.begin(portal, starts=[Link(site.url())], warcinfo={})
            depositor._open.clear()  # as if its process had been killed
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE runs SET lease = json_set(lease, '$.host', 'may-chu-cu')")
        crawl = ["crawl", site.url(), "--own-host", "--archive", path]
        refused = tangthu(*crawl)
        assert (refused.code, one_sentence(refused.err)) == (2, True)
        assert "on may-chu-cu" in refused.err
        assert "tangthu runs release 1" in refused.err
        released = tangthu("runs", "release", "1", "--archive", path)
        assert (released.code, released.out + released.err) == (0, f"{portal}: counts as interrupted, the next crawl goes on with it\n")
        assert tangthu("runs", "release", "1", "--archive", path).code == 2, "there is nothing left to release"
        assert tangthu(*crawl).code == 0
    with Reader.open(path) as reader:
        assert [(run["outcome"], run["root"]) for run in reader.runs()] == [("interrupted", 1), ("finished", 1)]
