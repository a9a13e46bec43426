"""A crawl of a platform that nobody knows learns where its articles stand, and has them right when it ends."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from made_sites import Site
from running import tangthu
from shingles import f1
from site_served import Served

from archive import Reader
from archive.audit.verify import verify


def crawl(served, path, *more):
    ended = tangthu("crawl", served.url(), "--own-host", "--archive", path, *more)
    assert ended.code in (0, 1), ended.err  # pictures and documents are not served
    return ended


def scores(served, path):
    with Reader.open(path) as reader:
        kept = {a.url: a for a in reader.articles()}
    return {
        p.path: f1(kept[served.url(p.path)].text if served.url(p.path) in kept else "", "\n\n".join(p.text))
        for p in served.pages.values()
        if p.text
    }


@pytest.fixture(scope="module", params=[(3, "short"), (22, "mixed")], ids=str)
def crawled(request, tmp_path_factory):
    seed, shape = request.param
    with Served(Site(seed, 200, shape)) as served:
        path = tmp_path_factory.mktemp("site") / "a.db"
        crawl(served, path)
        yield served, path


def test_all_articles_are_right_when_the_run_ends(crawled):
    served, path = crawled
    found = scores(served, path)
    assert sum(found.values()) / len(found) >= 0.99


def test_the_archive_verifies(crawled):
    _, path = crawled
    assert [f for f in verify(path) if f.verdict.value != "sound"] == []


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM lessons WHERE capture = (SELECT max(capture) FROM lessons)",
        "UPDATE lessons SET payload_sha256 = zeroblob(32) WHERE capture = (SELECT max(capture) FROM lessons)",
        "UPDATE site_models SET votes = replace(votes, '16', '17')",
        "UPDATE site_models SET rules = (SELECT digest FROM rules WHERE digest <> rules LIMIT 1)",
    ],
)
def test_a_model_that_was_not_learned_so_is_noticed(crawled, tmp_path, change):
    _, path = crawled
    copy = tmp_path / "a.db"
    copy.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(copy)) as db, db:
        assert db.execute(change).rowcount
    found = {f.check for f in verify(copy) if f.verdict.value == "broken"}
    assert found == {"site-models"}


def test_what_another_version_learned_is_not_checked(crawled, tmp_path):
    _, path = crawled
    copy = tmp_path / "a.db"
    copy.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(copy)) as db, db:
        db.execute("UPDATE site_models SET cleaner = '0'")
    assert {(f.check, f.verdict.value) for f in verify(copy) if f.verdict.value != "sound"} == {
        ("site-models", "unchecked")
    }


def test_the_next_run_knows_from_the_start(crawled):
    served, path = crawled
    with Reader.open(path) as reader:
        before = len(list(reader.articles()))
        (first,) = reader.runs()
        assert reader.run(first["id"])["sites"][0]["host"] in served.url()
    assert "learned of 127.0.0.1" in tangthu("runs", "1", "--archive", path).out
    crawl(served, path)
    with Reader.open(path) as reader:
        _, second = reader.runs()
        (vote,) = reader.run(second["id"])["sites"]
        assert (vote["drift"], vote["fits"] > 0) == (None, True)
        assert second["articles"] == 0
        assert len(list(reader.articles())) == before
    assert "fits 16 of 16 pages" in tangthu("runs", "2", "--archive", path).out
