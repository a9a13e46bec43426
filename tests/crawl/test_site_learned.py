"""A crawl of a platform that nobody knows learns where its articles stand, and has them right when it ends."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from made_sites import Site
from rooms import asking
from running import environment, tangthu
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


def said(path):
    """What an archive says at last, apart from times and numbers: articles with the rules and layers they were cleaned by, models."""
    with closing(sqlite3.connect(path)) as db:
        newest = "SELECT a.key, v.content_sha256 FROM articles a JOIN revisions v ON v.id = a.revision ORDER BY 1"
        models = "SELECT host, rules, votes, settled FROM site_models ORDER BY id"
        return db.execute(newest).fetchall(), db.execute(models).fetchall()


@pytest.mark.parametrize("kill", ["learned:1", "cleaned-again:1", "cleaned-again:40", "cleaned-all:1"])
def test_a_run_killed_while_it_learns_comes_to_the_same(tmp_path, kill):
    with Served(Site(3, 60, "short")) as served:
        crawl(served, tmp_path / "whole.db")
        path = tmp_path / "killed.db"
        with Path(os.devnull).open("w") as told:
            words = ["crawl", served.url(), "--own-host", "--archive", str(path)]
            killed = subprocess.run(
                [sys.executable, str(Path(__file__).with_name("killed_crawl.py")), *words],
                env=environment(TELL=str(told.fileno()), KILL=kill), pass_fds=[told.fileno()], capture_output=True, check=False,
            )  # fmt: skip
        assert killed.returncode == -signal.SIGKILL
        crawl(served, path)
        with Reader.open(path) as reader:
            assert [run["outcome"] for run in reader.runs()] == ["interrupted", "finished"]
        assert said(path) == said(tmp_path / "whole.db")
        assert [f for f in verify(path) if f.verdict.value != "sound"] == []


def test_a_portal_that_changes_its_make_is_flagged_and_learned_anew(tmp_path):
    path = tmp_path / "a.db"
    site = Site(3, 60, "short")
    other = Site(3, 60, "short")
    renewed = {name: f"moi-{name}" for name in other.names.values()}
    with Served(site) as served:
        crawl(served, path)
        half = len(site.pages) // 2
        for page in other.pages[half:]:  # in the midst of the change
            for old, new in renewed.items():
                page.html = page.html.replace(f'class="{old}"', f'class="{new}"').replace(f'id="{old}"', f'id="{new}"')
        served.show(other.pages)
        crawl(served, path)
        found = scores(served, path)
        assert sum(found.values()) / len(found) >= 0.99
    with Reader.open(path) as reader:
        learned, vote = reader.run(2)["sites"]
    assert "learned" in learned
    assert "container is found on" in vote["drift"]
    assert "drift at 127.0.0.1" in tangthu("runs", "2", "--archive", path).out
    with Reader.open(path) as reader:
        ask = asking(reader)
        assert "Drift of rules" in ask("/runs/2", accept_language="en")[2].decode()
        assert "Drift of rules" in ask("/runs", accept_language="en")[2].decode()
    assert [f for f in verify(path) if f.verdict.value != "sound"] == []


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


def test_an_adopted_archive_learns_when_it_is_cleaned(crawled, tmp_path):
    """No crawl ends there: `tangthu clean` studies the hosts before it cleans."""
    served, path = crawled
    warc, adopted = tmp_path / "a.warc.gz", tmp_path / "b.db"
    for words in (("export", "--warc", warc, "--archive", path), ("adopt", warc, "--archive", adopted), ("clean", "--archive", adopted)):
        ended = tangthu(*words)
        assert ended.code in (0, 1), ended.err
    found = scores(served, adopted)
    assert sum(found.values()) / len(found) >= 0.99
    assert [f for f in verify(adopted) if f.check == "site-models" and f.verdict.value != "sound"] == []
