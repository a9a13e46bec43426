"""The one question that answers a memento's own address gives what the many questions give, for every kind of capture."""

from __future__ import annotations

from datetime import timedelta

import pytest
from archives import HOST, START, answer, exchange, sound
from rooms import REPLAY, asking

from archive.deposit import Depositor
from archive.replay.playback import EMBEDS, INERT, PAGES
from archive.retrieve import Exact, Reader
from archive.store.listing import FEW
from archive.urls import digits14, surt

SITE = "https://nhieu.example/"
OFTEN = [exchange(f"{SITE}nhieu", answer(b"<p>lan %d" % n), 10 * n) for n in range(FEW + 1)]
SOMETIMES = [exchange(f"{SITE}vua", answer(b"<a href=/x>lan %d" % n), 10 * n) for n in range(FEW)]
TOGETHER = [exchange(f"{SITE}cung", answer(b"<a href=/y>lan %d" % n), 100 + n / 10) for n in range(3)]
ODD = [
    exchange(f"{SITE}cu", b"HTTP/1.1 301 Moved\r\nLocation: /moi\r\nContent-Length: 0\r\n\r\n", 1), exchange(f"{SITE}dau", answer(b""), 2, "HEAD"),
    exchange(f"{SITE}gui", answer(b"<p>ket qua"), 3, "POST"), exchange(f"{SITE}khong", b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n', 4),
    exchange("http://vong.example/", b"HTTP/1.1 301 Moved\r\nLocation: https://vong.example/\r\nContent-Length: 0\r\n\r\n", 5),
    exchange("https://vong.example/", answer(b"<p>toi"), 6), exchange(f"{SITE}trong", b"", 7), exchange(f"{SITE}lon", answer(bytes(range(256)) * 40000, "video/mp4"), 8),
]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = sound(tmp_path_factory.mktemp("mot-cau-hoi") / "a.db")
    with Depositor.open(path) as depositor:
        run = depositor.begin("nhieu")
        for made in (*OFTEN, *SOMETIMES, *TOGETHER, *ODD):
            for block in (made.request, made.response):
                block.seek(0)
            depositor.deposit(run, made).result()
        depositor.end(run, "finished").result()
    return path


@pytest.mark.parametrize("wanted", [{}, {"sec_fetch_dest": "document"}, {"sec_fetch_dest": "iframe", "range": "bytes=1-3"}], ids=["program", "browser", "frame"])
@pytest.mark.parametrize("mode", [*PAGES, *EMBEDS, *INERT])
def test_one_question_gives_what_the_many_give(path, monkeypatch, mode, wanted):
    with Reader.open(path) as reader:
        ask = asking(reader)
        targets = [f"/web/{digits14(c.time)}{mode}/{c.url}" for c in reader.captures()]
        quickly = [ask(target, host=REPLAY, **wanted) for target in targets]
        found = []
        monkeypatch.setattr(Reader, "exact", lambda *_: found.append(1))
        for target, (status, headers, body) in zip(targets, quickly, strict=True):
            assert ask(target, host=REPLAY, **wanted) == (status, headers, body), target
        assert len(found) == len(targets)


def test_of_an_address_with_many_captures_or_of_none_in_that_second_there_is_more_to_ask(path, tmp_path):
    other = sound(tmp_path / "b.db")
    with Reader.open(path) as reader, Reader.open([path, other]) as both:
        at = START.replace(microsecond=0)
        assert reader.exact(f"{SITE}nhieu", at) is None
        assert reader.exact(f"{SITE}vua", at + timedelta(seconds=5)) is None
        assert reader.exact(f"{SITE}khong-co", at) is None
        assert both.exact(f"{SITE}vua", at) is None
        for url, after, count in ((f"{SITE}vua", 20, FEW), (f"{SITE}cung", 100, 3), (f"{HOST}/tin", 2, 3)):
            found = reader.exact(url, at + timedelta(seconds=after))
            assert isinstance(found, Exact)
            assert found.capture == reader.closest(url, at + timedelta(seconds=after))
            assert len(found.mementos) == count
            assert found.opened.raw() == reader.open(found.capture).raw()


def test_a_capture_that_came_just_now_is_a_neighbour_at_once(tmp_path):
    path = tmp_path / "a.db"
    with Depositor.open(path) as depositor:
        run = depositor.begin("thu")
        depositor.deposit(run, exchange(f"{SITE}a", answer(b"mot"), 1)).result()
        with Reader.open(path) as reader:
            ask = asking(reader)
            target = f"/web/{digits14(START + timedelta(seconds=1))}id_/{SITE}a"
            alone = ask(target, host=REPLAY)[1]["link"]
            depositor.deposit(run, exchange(f"{SITE}a", answer(b"hai"), 2)).result()
            beside = ask(target, host=REPLAY)[1]["link"]
            assert 'rel="first last memento"' in alone
            assert f'/web/{digits14(START + timedelta(seconds=2))}id_/{SITE}a>; rel="last next memento"' in beside
        depositor.end(run, "finished").result()


def test_what_the_question_costs_does_not_grow_with_the_archive(path):
    """Both tables are reached by an index, whatever SQLite is told to sort and limit."""
    from archive.store.exact import _SQL

    with Reader.open(path) as reader:
        values = {"key": surt(f"{SITE}vua"), "since": "2026", "until": "2027"}
        plan = " / ".join(row[3] for row in reader.archives[0].rows(f"EXPLAIN QUERY PLAN {_SQL}", values))
        assert "captures_by_key" in plan
        assert "SCAN" not in plan
        assert "TEMP B-TREE" not in plan
