"""The door in: what is acknowledged is kept whole, once, with everything that belongs to it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from exchanges import PAGE, STARTED, answer, chunked, clock, exchange, ids, members, stored
from fastwarc.warc import ArchiveIterator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.deposit import Depositor
from archive.errors import CannotGoOn, Misuse
from archive.model import Article, Cut, Failure, Image, Link, Refusal, Settlement
from archive.retrieve import Reader
from archive.store.captures import NewCapture
from archive.store.records import NewRecord
from archive.urls import keyed
from archive.warc.reader import open_record
from archive.warc.records import HTTP_REQUEST, HTTP_RESPONSE, OCTETS

HOME = Link("http://hue.example/")
NEWS = Link("http://hue.example/tin-tuc", via=HOME.url, hops="L", priority=-1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hue.db"


@pytest.fixture
def depositor(path):
    with Depositor.open(path, now=clock(), new_id=ids()) as depositor:
        yield depositor


@pytest.fixture
def run(depositor):
    return depositor.begin("hue", starts=[HOME, NEWS], warcinfo={"software": "Tàng Thư"}, profile=b'name = "hue"\n')


def rows(path, sql, *values):
    conn = sqlite3.connect(path)
    conn.row_factory = sqlite3.Row
    found = [dict(row) for row in conn.execute(sql, values)]
    conn.close()
    return found


# Exchanges.


ANY_WIRE = st.one_of(st.binary(max_size=400), st.binary(max_size=4000).map(lambda body: answer(body, status=b"201 Created")))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(wire=ANY_WIRE, request_bytes=st.binary(max_size=99))
def test_any_bytes_deposited_come_back_equal(depositor, run, path, wire, request_bytes):
    capture = depositor.deposit(run, exchange(wire, request=request_bytes)).result()
    kept = rows(path, "SELECT bytes FROM parts JOIN records r ON r.id = record WHERE r.capture = ? ORDER BY r.id", capture.id)
    read = [open_record([row["bytes"]], "gzip") for row in kept]
    blocks = [(r.head.get("Content-Type"), r.read()) for r in read]
    assert b"".join(block for kind, block in blocks if kind in (HTTP_RESPONSE, OCTETS)) == wire
    assert b"".join(block for kind, block in blocks if kind == HTTP_REQUEST) == request_bytes


def test_a_capture_says_what_came(depositor, run, path):
    wire = answer(b"", b"Location: ../b%E1%BA%A3n-tin?a=1", status=b"302 Found")
    capture = depositor.deposit(run, exchange(wire), via="http://hue.example/", hops="L").result()
    assert (capture.status, capture.media_type, capture.length) == (302, "text/html", len(wire))
    assert capture.location == "http://hue.example/b%E1%BA%A3n-tin?a=1"
    assert capture.time == STARTED
    (row,) = rows(path, "SELECT * FROM captures")
    assert (row["key"], row["via"], row["hops"]) == ("example,hue)/tin-tuc", "http://hue.example/", "L")
    (record,) = rows(path, "SELECT * FROM records WHERE id = ?", row["record"])
    assert (record["record_id"], record["capture"], record["run"]) == (capture.record_id, capture.id, run.id)
    assert record["block_sha256"] == hashlib.sha256(wire).digest()


def test_an_attempt_without_an_answer_is_a_capture_with_its_cause(depositor, run, path):
    capture = depositor.deposit(run, exchange(failure=Failure("refused", "connection refused"))).result()
    assert (capture.status, capture.failure, capture.payload_digest) == (None, "refused: connection refused", None)
    (row,) = rows(path, "SELECT record FROM captures")
    assert row["record"] is None
    assert capture.record_id == rows(path, "SELECT record_id FROM records WHERE capture = 1")[0]["record_id"]
    assert rows(path, "SELECT why, detail FROM missing") == [{"why": "failed", "detail": "refused: connection refused"}]


def test_the_same_answer_again_is_a_revisit_that_stands_alone(depositor, run, path):
    # Both in flight at once: the second is prepared before the first is in the tables.
    first, second = [depositor.deposit(run, exchange(answer(PAGE, b"Date: %d" % n))) for n in (1, 2)]
    first, second = first.result(), second.result()
    assert first.revisit_of is None
    assert second.revisit_of == first.record_id
    assert second.payload_digest == first.payload_digest == f"sha256:{hashlib.sha256(PAGE).hexdigest()}"
    depositor.end(run, "finished").result()
    (head, block), = [(r.head, b) for r, b in stored(path) if r.head.type == "revisit"]
    assert block == answer(PAGE, b"Date: 2")[: -len(PAGE)]
    assert head.uri("WARC-Refers-To") == first.record_id
    later = depositor.begin("hue", warcinfo={})
    assert depositor.deposit(later, exchange(answer(PAGE))).result().revisit_of == first.record_id


@pytest.mark.parametrize(
    "other",
    [
        exchange(chunked(PAGE, 100)),
        exchange(answer(PAGE), truncated="time"),
        exchange(answer(PAGE), failure=Failure("reset", "reset")),
        exchange(answer(PAGE), method="POST"),
        exchange(answer(PAGE, status=b"404 Not Found")),
        exchange(answer(PAGE)[:-1]),
    ],
    ids=["framed otherwise", "truncated", "failed", "POST", "404", "short"],
)
def test_what_is_not_the_same_whole_200_is_kept_whole(depositor, run, other):
    depositor.deposit(run, exchange(answer(PAGE))).result()
    capture = depositor.deposit(run, other).result()
    assert (capture.revisit_of, capture.length) == (None, other.response_length)


def test_a_small_answer_is_kept_again(depositor, run):
    for _ in range(2):
        assert depositor.deposit(run, exchange(answer(b"x" * 999))).result().revisit_of is None


def test_the_file_is_a_warc_that_others_read(depositor, run, path):
    for body in (PAGE, PAGE, b"", b"x"):
        depositor.deposit(run, exchange(answer(body))).result()
    depositor.end(run, "finished").result()
    file = b"".join(members(path))
    found = list(ArchiveIterator(BytesIO(file), parse_http=False))
    assert all(r.verify_block_digest() for r in ArchiveIterator(BytesIO(file), parse_http=False))
    assert [r.headers["WARC-Type"] for r in found[:4]] == ["warcinfo", "resource", "response", "request"]
    (run_row,) = rows(path, "SELECT warcinfo FROM runs")
    assert {r.headers.get("WARC-Warcinfo-ID") for r in found[1:]} == {f"<{run_row['warcinfo']}>"}


def test_bytes_that_came_late_are_kept_apart(depositor, run, path):
    capture = depositor.deposit(run, exchange(answer(b"x"))).result()
    depositor.surplus(run, capture, b"HTTP/1.1 200 smuggled").result()
    record, block = stored(path)[-1]
    assert block == b"HTTP/1.1 200 smuggled"
    assert record.head.uri("WARC-Concurrent-To") == capture.record_id
    assert record.head.get("WARC-Date") == "2026-01-10T08:15:00.123456Z"


# Runs.


def test_a_run_begins_with_how_it_was_made_and_ends_with_what_it_left_out(depositor, run, path):
    depositor.refuse(run, [Refusal("http://hue.example/quan-tri", "robots", "Disallow: /quan-tri", HOME.url)]).result()
    ended = depositor.end(run, "stopped", "page budget").result()
    assert (ended.outcome, ended.detail) == ("stopped", "page budget")
    info, profile, facts = stored(path)
    assert info[1].startswith("software: Tàng Thư\r\nformat: WARC File Format 1.1\r\n".encode())
    assert info[0].head.get("WARC-Target-URI") is None
    assert profile[1] == b'name = "hue"\n'
    lines = [json.loads(line) for line in facts[1].splitlines()]
    assert lines[0] == {"run": "stopped", "detail": "page budget", "portal": "hue", "captures": 0, "failures": 0}
    assert (lines[1]["refused"], lines[1]["reason"], lines[1]["via"]) == ("http://hue.example/quan-tri", "robots", HOME.url)


def test_one_run_at_a_time_for_each_portal(depositor, run):
    with pytest.raises(Misuse, match="hue: run 1 of this portal is still at work"):
        depositor.begin("hue")
    assert depositor.begin("cao-bang").id == 2
    depositor.end(run, "finished").result()
    assert depositor.begin("hue").root == 3


def test_ended_runs_take_nothing_more(depositor, run):
    depositor.end(run, "finished")
    with pytest.raises(Misuse):
        depositor.deposit(run, exchange(answer(b"x")))


def test_a_run_whose_process_died_is_marked_and_resumed(path):
    program = f"""
import os, sys
sys.path[:0] = {[str(Path(__file__).parents[1]), str(Path(__file__).parent)]!r}
from pathlib import Path
from archive.deposit import Depositor
from archive.model import Link
from exchanges import answer, exchange
depositor = Depositor.open(Path({str(path)!r}))
run = depositor.begin("hue", starts=[Link("http://hue.example/"), Link("http://hue.example/2")], warcinfo={{}})
depositor.deposit(run, exchange(answer(b"x")), depositor.due(run, 1).result()[0]).result()
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue", starts=[HOME], warcinfo={})
        assert (run.id, run.root) == (2, 1)
        assert rows(path, "SELECT outcome FROM runs WHERE id = 1") == [{"outcome": "interrupted"}]
        ((visit, capture),) = depositor.unsettled(run)
        assert (visit.link, visit.attempts, capture.status) == (HOME, 0, 200)
        assert [v.link.url for v in depositor.due(run, 9).result()] == ["http://hue.example/2"]
        depositor.end(run, "finished").result()
        assert depositor.begin("hue").root == 3


def test_a_run_on_a_machine_that_is_gone_can_be_taken_over(path, depositor):
    first = depositor.begin("hue", starts=[HOME])
    conn = sqlite3.connect(path)
    with conn:
        conn.execute("UPDATE runs SET lease = json_set(lease, '$.host', 'may-chu-cu')")
    conn.close()
    depositor._open.clear()
    with pytest.raises(Misuse, match=r"on may-chu-cu.*tangthu runs release 1"):
        depositor.begin("hue")
    depositor.release(first.id).result()
    assert depositor.wished(first).result() == "stop", "should it be at work nevertheless"
    second = depositor.begin("hue")
    assert second.root == first.root
    assert depositor.wished(second).result() is None


def test_only_what_may_be_gone_is_released(depositor, run):
    with pytest.raises(Misuse, match="Run 1 is at work on this machine"):
        depositor.release(run.id).result()
    depositor.end(run, "finished").result()
    for number in (run.id, 99):
        with pytest.raises(Misuse, match="nothing to release"):
            depositor.release(number).result()


def test_closing_marks_what_was_not_ended(path):
    with Depositor.open(path) as depositor:
        depositor.begin("hue", starts=[HOME])
    assert rows(path, "SELECT outcome, lease FROM runs") == [{"outcome": "interrupted", "lease": None}]
    with Depositor.open(path) as depositor:
        assert depositor.begin("hue").root == 1


def test_a_run_broken_off_when_all_was_settled_is_only_ended(path):
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue", starts=[HOME])
        depositor.settle(run, Settlement(depositor.due(run, 1).result()[0].id, None)).result()
    with Depositor.open(path) as depositor:
        again = depositor.begin("hue", starts=[HOME])
        assert (again.root, depositor.due(again, 1).result()) == (run.root, [])
        depositor.end(again, "finished").result()
        anew = depositor.begin("hue", starts=[HOME])
        assert [v.link for v in depositor.due(anew, 1).result()] == [HOME]


def test_a_run_that_left_nothing_to_do_is_not_resumed(path):
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue", starts=[HOME])
        (visit,) = depositor.due(run, 1).result()
        depositor.settle(run, Settlement(visit.id, None, "failed")).result()
        depositor.end(run, "failed", "robots.txt answers 503").result()
        again = depositor.begin("hue", starts=[HOME])
        assert [v.link for v in depositor.due(again, 1).result()] == [HOME]
        depositor.end(again, "stopped").result()
        assert depositor.known(depositor.begin("hue", resume=False)) == []


# The frontier and articles.


def test_visits_come_by_priority_then_as_found(depositor, run):
    assert [v.link for v in depositor.due(run, 5).result()] == [NEWS, HOME]
    (news, home) = depositor.due(run, 5).result()
    assert depositor.due(run, 5, {news.id}).result() == [home]
    assert depositor.due(run, 1).result() == [news]


def test_a_visit_is_captured_then_settled(depositor, run):
    visit = depositor.due(run, 1).result()[0]
    capture = depositor.deposit(run, exchange(answer(PAGE)), visit).result()
    assert depositor.counts(run) == {"queued": 1, "captured": 1}
    new = [Link("http://hue.example/tin-1.html"), Link(HOME.url)]
    depositor.settle(run, Settlement(visit.id, capture.id, links=new, refusals=[Refusal("ftp://hue.example/", "scheme")])).result()
    assert depositor.counts(run) == {"queued": 2, "done": 1}
    assert sorted(depositor.known(run)) == [HOME.url, "http://hue.example/tin-1.html", NEWS.url]
    assert depositor.unsettled(run) == []


ASK = Link(
    "http://hue.example/list", via=NEWS.url, kind="list", method="POST", body=b"page=2&q=\xe1", paging='{"page": 2}',
    fields=(("Content-Type", "application/x-www-form-urlencoded"),),
)  # fmt: skip


def test_a_visit_with_a_body_comes_back_as_it_was_queued_and_is_one_by_method_and_body(path):
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue", starts=[ASK, ASK, replace(ASK, body=b"page=3"), Link(ASK.url)])
        kept = [v.link for v in depositor.due(run, 9).result()]
        assert kept == [ASK, replace(ASK, body=b"page=3"), Link(ASK.url)]
        visit = depositor.due(run, 1).result()[0]
        asked = b"POST /list HTTP/1.1\r\nHost: hue.example\r\nContent-Length: 7\r\n\r\npage=2&"
        depositor.deposit(run, exchange(answer(PAGE), request=asked, url=ASK.url, method="POST"), visit).result()
    with Depositor.open(path) as depositor:  # after a crash it is still there, body and all
        again = depositor.begin("hue")
        ((unread, capture),) = depositor.unsettled(again)
        assert (unread.link, unread.attempts, capture.method) == (ASK, 0, "POST")
        assert {keyed(link.url, link.method, link.body) for link in (ASK, replace(ASK, body=b"page=3"), Link(ASK.url))} == set(depositor.known(again))
        with Reader.open(path) as reader:
            assert [entry["method"] for entry in reader.why(ASK.url).frontier] == ["POST", "POST", "GET"]
            assert reader.why(ASK.url).linked_from == [NEWS.url]
        depositor.end(again, "finished").result()
    assert rows(path, "SELECT * FROM frontier_requests") == []


@given(method=st.sampled_from(["POST", "PUT"]), bodies=st.lists(st.binary(max_size=40), unique=True, min_size=2, max_size=5))
def test_requests_with_other_bodies_have_other_keys(method, bodies):
    keys = {keyed("http://hue.example/a?b=1", method, body) for body in [*bodies, b"x" * 5000, b"y" * 5000]}
    assert len(keys) == len(bodies) + 2
    assert all(key.startswith(f"http://hue.example/a?b=1&__wb_method={method}&") for key in keys)
    assert keyed("http://hue.example/a", "GET", b"") == "http://hue.example/a"


def test_a_visit_to_be_tried_again_waits_its_time(path):
    now = STARTED
    with Depositor.open(path, now=lambda: now) as depositor:
        run = depositor.begin("hue", starts=[HOME])
        (visit,) = depositor.due(run, 1).result()
        capture = depositor.deposit(run, exchange(answer(b"", status=b"503 Busy")), visit).result()
        later = STARTED + timedelta(minutes=5)
        depositor.settle(run, Settlement(visit.id, capture.id, "queued", not_before=later)).result()
        assert depositor.due(run, 1).result() == []
        assert depositor.next_time(run).result() == later
        now = later
        assert depositor.due(run, 1).result()[0].attempts == 1
        assert depositor.next_time(run).result() is None


def article(**changes):
    told = {"title": "Hội nghị ở Huế", "text": "Đại biểu họp bàn về hòa giải.", "images": [Image("http://hue.example/a.jpg", "Quang cảnh")]}
    return Article(NEWS.url, cleaner={"version": "1"}, **(told | changes))


def settle(depositor, run, made, **exchange_facts):
    capture = depositor.deposit(run, exchange(answer(b"x"), **exchange_facts)).result()
    depositor.settle(run, Settlement(0, capture.id, article=made, rules=b'{"body":"#content"}')).result()
    return capture


def found(path, words):
    return [row["rowid"] for row in rows(path, "SELECT rowid FROM search WHERE search MATCH ?", words)]


def test_an_article_is_kept_with_its_capture_its_rules_and_its_words(depositor, run, path):
    capture = settle(depositor, run, article())
    (row,) = rows(path, "SELECT v.*, r.body AS rules_body FROM revisions v JOIN rules r ON r.digest = v.rules")
    with Reader.open(path) as reader:
        kept = reader.article(NEWS.url)
    assert kept.capture == {
        "url": NEWS.url, "time": "2026-01-10T08:15:00.123456Z", "record_id": capture.record_id,
        "payload_digest": capture.payload_digest,
    }  # fmt: skip
    assert (row["rules_body"], row["rules"]) == (
        '{"body":"#content"}', f"sha256:{hashlib.sha256(row['rules_body'].encode()).hexdigest()}",
    )  # fmt: skip
    assert kept.images == article().images
    assert [found(path, w) for w in ('"dai bieu"', '"hue"', '"quang canh"', '"sai gon"')] == [[1], [1], [1], []]


def test_only_what_the_article_says_makes_a_new_revision(depositor, run, path):
    settle(depositor, run, article())
    settle(depositor, run, article(cuts=[Cut("menu", "Trang chủ")], html="<p></p>"))
    assert len(rows(path, "SELECT id FROM revisions")) == 1
    settle(depositor, run, article(text="Đại biểu ra về."))
    assert rows(path, "SELECT revision FROM article_list") == [{"revision": 2}]
    assert (found(path, '"hop ban"'), found(path, '"ra ve"')) == ([], [1])


def test_an_older_capture_does_not_become_the_newest_revision(depositor, run, path):
    settle(depositor, run, article())
    settle(depositor, run, article(text="Bản cũ"), started=STARTED - timedelta(days=9))
    assert rows(path, "SELECT revision FROM articles") == [{"revision": 1}]
    assert len(rows(path, "SELECT id FROM revisions")) == 2


def test_a_page_without_text_is_no_article(depositor, run, path):
    settle(depositor, run, article(text=""))
    assert rows(path, "SELECT * FROM articles") == []


def test_an_endless_trap_is_counted_not_listed(depositor, run, path):
    trap = [Refusal(f"http://hue.example/lich?thang={n}", "scope") for n in range(150)]
    depositor.refuse(run, [*trap, trap[0], Refusal("http://khac.example/", "scope")]).result()
    assert len(rows(path, "SELECT id FROM refusals")) == 101
    depositor.end(run, "finished").result()
    counted = json.loads(stored(path)[-1][1].splitlines()[-1])
    assert (counted["host"], counted["refused"], counted["listed"]) == ("hue.example", 151, 100)


def test_no_page_can_stop_the_keeping_with_odd_text(depositor, run, path):
    lone = "\ud83d"
    depositor.refuse(run, [Refusal(url, "scheme", lone) for url in ("http://[", f"http://a.example/{lone}", f"http://{lone}/")]).result()
    settle(depositor, run, article(title=f"Tin {lone}", text=f"Có {lone}\0 ở giữa"))
    depositor.deposit(run, exchange(failure=Failure("http", lone))).result()
    assert rows(path, "SELECT title FROM revisions") == [{"title": "Tin ?"}]
    depositor.end(run, "finished").result()
    assert depositor.failure is None


# Records of others, and failing.


def foreign(name, kind, block=b"x"):
    return NewRecord(name, kind, "http://hue.example/", "2020-01-01T00:00:00Z", len(block), hashlib.sha256(block).digest())


def test_records_of_others_are_kept_as_they_are(depositor, path):
    run = depositor.begin("tệp wget.warc.gz", kind="adopt")
    capture = NewCapture("http://hue.example/", "2020-01-01T00:00:00Z", status=200)
    kept = [
        depositor.keep_member(run, foreign("urn:a", "warcinfo"), [b"any", b"thing"]),
        depositor.keep_member(run, foreign("urn:b", "request"), [b"b"], concurrent_to=["urn:c"]),
        depositor.keep_member(run, foreign("urn:c", "response"), [b"c"], capture, ["urn:b"]),
        depositor.keep_member(run, foreign("urn:d", "metadata"), [b"d"], concurrent_to=["urn:c"]),
        depositor.keep_member(run, foreign("urn:c", "response"), [b"c"], capture),
        depositor.keep_member(run, foreign("urn:c", "response", b"y"), [b"c"], capture),
    ]
    assert [f.result() for f in kept[:5]] == [1, 2, 3, 4, None]
    with pytest.raises(Misuse, match="urn:c"):
        kept[5].result()
    depositor.end(run, "finished").result()
    assert members(path) == [b"anything", b"b", b"c", b"d"]
    assert [r["capture"] for r in rows(path, "SELECT capture FROM records ORDER BY id")] == [None, 1, 1, 1]
    assert rows(path, "SELECT record FROM captures") == [{"record": 3}]


class Broken(BytesIO):
    def read(self, *_):
        raise OSError(28, "No space left on device")


def test_the_first_failure_to_keep_is_the_last(depositor, run, path):
    good = depositor.deposit(run, exchange(answer(b"x"))).result()
    bad = exchange(answer(b"y"))
    bad.response = Broken()
    futures = [depositor.deposit(run, e) for e in (exchange(answer(b"z")), bad, exchange(answer(b"z")))]
    errors = [f.exception() for f in futures]
    assert isinstance(errors[1], CannotGoOn)
    assert str(path) in str(errors[1])
    assert errors[2] is errors[1] is depositor.failure
    assert isinstance(depositor.deposit(run, exchange(answer(b"x"))).exception(), CannotGoOn)
    depositor.close()
    kept = {row["id"] for row in rows(path, "SELECT id FROM captures")}
    assert kept in ({good.id}, {good.id, 2})
    assert rows(path, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_a_closed_depositor_keeps_nothing_and_says_so(path):
    depositor = Depositor.open(path)
    run = depositor.begin("hue")
    depositor.close()
    depositor.close()
    with pytest.raises(CannotGoOn, match="closed"):
        depositor.refuse(run, []).result()


def test_futures_cannot_be_called_back(depositor, run):
    future = depositor.deposit(run, exchange(answer(b"x")))
    assert not future.cancel()
    assert future.result().status == 200


def test_a_location_that_is_no_address_does_not_stop_the_keeping(tmp_path):
    """Latin-1 and a bracket that is never closed: the bytes are kept, the redirect leads nowhere."""
    with Depositor.open(tmp_path / "a.db") as depositor:
        run = depositor.begin("hue", warcinfo={})
        wire = answer(b"", b"Location: http://[\xe9", status=b"302 Found")
        assert depositor.deposit(run, exchange(wire)).result().location is None
