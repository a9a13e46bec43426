"""The door out: what is found, what comes out of it, and that damage does not come out at all."""

from __future__ import annotations

import gzip
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from archives import HOST, LONG, PDF, START, answer, chunked, cleaned, exchange, ids, page, sound
from damaged.damages import rewrite, sql

from archive.deposit import Depositor
from archive.errors import DamagedRecord, Misuse, NotAnArchive
from archive.model import Settlement
from archive.retrieve import Filters, Narrow, Reader
from archive.store import listing
from archive.urls import surt


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return sound(tmp_path_factory.mktemp("retrieve") / "a.db")


@pytest.fixture
def reader(whole):
    with Reader.open(whole) as opened:
        yield opened


def only(reader, path):
    (capture,) = reader.find(f"{HOST}/{path}")
    return capture


def kept(path, *times):
    """An archive with captures of one page at these seconds."""
    with Deposits(path) as deposit:
        for seconds in times:
            deposit(exchange(f"{HOST}/", answer(f"lúc {seconds}".encode()), seconds))
    return path


class Deposits:
    def __init__(self, path):
        self.depositor = Depositor.open(path)

    def __enter__(self):
        self.run = self.depositor.begin("hue")
        return lambda e: self.depositor.deposit(self.run, e).result()

    def __exit__(self, *_):
        self.depositor.end(self.run, "finished").result()
        self.depositor.close()


@pytest.mark.parametrize(
    ("times", "at", "expected"),
    [
        ([0, 100], 10, 0),
        ([0, 100], 90, 100),
        ([0, 100], 100, 100),
        ([0, 100], 50, 0),
        ([100, 0], 50, 0),
        ([40], 9999, 40),
        ([40], -9999, 40),
        ([0, 10, 20], 11, 10),
    ],
    ids=["earlier", "later", "exact", "tie", "tie the other way", "only one", "only one, later", "middle"],
)
def test_closest(tmp_path, times, at, expected):
    with Reader.open(kept(tmp_path / "a.db", *times)) as reader:
        found = reader.closest(f"{HOST}/", START + timedelta(seconds=at))
        assert found.time == START + timedelta(seconds=expected)


def test_a_time_of_whole_seconds_means_that_second(tmp_path):
    with Reader.open(kept(tmp_path / "a.db", 0, -0.2, 0.5)) as reader:
        whole = START.replace(microsecond=0)
        # 08:15:00.123456, 08:14:59.923456 (nearer to 08:15:00) and 08:15:00.623456, the last of that second.
        assert reader.closest(f"{HOST}/", whole).time == START + timedelta(seconds=0.5)
        assert reader.closest(f"{HOST}/", whole - timedelta(seconds=1)).time == START - timedelta(seconds=0.2)


def test_closest_passes_over_what_gave_no_answer(reader):
    assert reader.closest(f"{HOST}/dead", START) is None
    assert reader.closest(f"{HOST}/never", START) is None
    assert reader.closest(f"{HOST}/robots.txt", START, status=200) is None
    assert reader.closest(f"{HOST}/robots.txt", START, status=404) is not None


def test_find_is_by_key_and_oldest_first(reader):
    found = reader.find("http://WWW.hue.example/tin/")
    assert [c.time for c in found] == sorted(c.time for c in found)
    assert [bool(c.revisit_of) for c in found] == [False, True, False]
    assert found[1].revisit_of == found[0].record_id


def test_captures_by_number_and_record(reader):
    capture = only(reader, "robots.txt")
    assert reader.capture(capture.id) == reader.capture(capture.record_id) == capture
    assert reader.capture(9999) is reader.capture("urn:x") is None


@pytest.mark.parametrize(
    ("path", "message", "body"),
    [
        ("khuc", chunked(LONG), LONG),
        ("gz", answer(gzip.compress(LONG, mtime=0), "text/html", "Content-Encoding: gzip"), LONG),
        ("van-ban.pdf", answer(PDF, "application/pdf"), PDF),
        ("cut", answer(LONG)[:700], None),
    ],
)
def test_what_crossed_the_wire_comes_out(reader, path, message, body):
    with reader.open(only(reader, path)) as opened:
        assert opened.raw() == message
        assert b"".join(opened.chunks()) == message
        assert opened.status == 200
        if body is not None:
            assert opened.body() == body


def test_a_revisit_is_its_head_and_the_originals_body(reader):
    first, second, _ = reader.find(f"{HOST}/tin")
    with reader.open(second) as opened:
        assert (opened.repeats, opened.status) == ("payload", 200)
        assert opened.raw() == answer(LONG)
        assert opened.body() == LONG
        assert opened.original.capture == first
        assert ("Content-Type", "text/html; charset=utf-8") in opened.headers


def test_a_head_answer_has_no_body(reader):
    with reader.open(only(reader, "dau")) as opened:
        assert opened.body() == b""
        assert dict(opened.headers)["X"] == "1"


def test_no_answer_cannot_be_opened(reader):
    capture = only(reader, "dead")
    assert (capture.failure, capture.status) == ("refused: connection refused", None)
    with pytest.raises(DamagedRecord, match="no answer"):
        reader.open(capture)


def test_damage_does_not_come_out(whole, tmp_path):
    path = shutil.copy(whole, tmp_path / "a.db")
    rewrite(path, "(SELECT record FROM captures WHERE url LIKE '%/khuc')", b"0\r\n\r\n\r\n\r\n", b"1\r\n\r\n\r\n\r\n")
    with Reader.open(path) as reader, reader.open(only(reader, "khuc")) as opened, pytest.raises(DamagedRecord, match="sha256"):
        next(opened.chunks())
    sql(path, "UPDATE parts SET bytes = substr(bytes, 1, 50)")
    with Reader.open(path) as reader, reader.open(only(reader, "gz")) as opened, pytest.raises(DamagedRecord, match="cut off"):
        opened.body()


def test_a_revisit_without_its_original_says_so(whole, tmp_path):
    path = shutil.copy(whole, tmp_path / "a.db")
    sql(path, "UPDATE records SET record_id = 'urn:x:gone', type = 'metadata' WHERE record_id = (SELECT refers_to FROM records WHERE type = 'revisit')")
    with Reader.open(path) as reader:
        revisit = next(c for c in reader.find(f"{HOST}/tin") if c.revisit_of)
        with reader.open(revisit) as opened, pytest.raises(DamagedRecord, match="not in the archive"):
            opened.body()


def test_articles_know_their_captures(reader):
    article = reader.article(f"{HOST}/tin")
    newest = reader.find(f"{HOST}/tin")[-1]
    assert article.title == "Cố đô Huế đón khách"
    assert article.capture == {
        "url": newest.url, "time": "2026-01-10T10:15:00.123456Z", "record_id": newest.record_id, "payload_digest": newest.payload_digest,
    }  # fmt: skip
    assert [i.capture for i in article.images] == [only(reader, "cau.jpg").record_id]
    pdf = only(reader, "van-ban.pdf")
    assert [(a.capture, f"sha256:{a.sha256}") for a in article.attachments] == [(pdf.record_id, pdf.payload_digest)]
    assert [a.url for a in reader.articles()] == [f"{HOST}/tin"]
    assert list(reader.articles(Filters(prefix=f"{HOST}/khac"))) == []


def test_former_states_of_an_article_stay(reader):
    before = reader.article(f"{HOST}/tin", at=START)
    assert "đón một triệu" in before.text
    assert "đón hai triệu" in reader.article(f"{HOST}/tin").text
    assert reader.article(before.capture["record_id"]) == before
    assert reader.article(1) == reader.article(f"{HOST}/tin")
    assert reader.article(f"{HOST}/robots.txt") is reader.article(7) is None


@pytest.mark.parametrize("words", ["Huế", "hue", "HUẾ", "le hoi", "lễ hội", '"mùa lễ hội"', "so lieu cong bo", "trường tiền", "van ban"])
def test_search_with_and_without_diacritics(reader, words):
    (hit,) = reader.search(words)
    assert (hit.url, hit.title, hit.exact) == (f"{HOST}/tin", "Cố đô Huế đón khách", True)


@pytest.mark.parametrize("words", ["hội lễ mùa khác", '"hội lễ"', "", "!!!", '"', "một triệu"])
def test_search_finds_nothing_where_there_is_nothing(reader, words):
    assert [hit for hit in reader.search(words) if words != "một triệu" or "một triệu" in hit.snippet] == []


@pytest.mark.parametrize("words", ["AND", "title:huế", "hu*", "NEAR(a b)", "huế OR", "a-b", "'", "(", "\\", "đ" * 500])
def test_nothing_that_is_typed_is_an_operator(reader, words):
    reader.search(words)


def test_a_snippet_shows_the_words_found(reader):
    (hit,) = reader.search("le hoi")
    assert {hit.snippet[a:b].lower() for a, b in hit.found} == {"lễ", "hội"}
    assert len(hit.snippet) < 300


def test_the_exactly_spelt_come_first(tmp_path):
    with Depositor.open(tmp_path / "a.db", new_id=ids()) as depositor:
        run = depositor.begin("hue")
        for number, word in enumerate(("ma", "má", "mà", "hoà", "hoa")):
            html, url = page(word), f"{HOST}/{number}"
            made, rules = cleaned(html, url)
            capture = depositor.deposit(run, exchange(url, answer(html), number)).result()
            depositor.settle(run, Settlement(-1, capture.id, "done", made, rules)).result()
        depositor.end(run, "finished").result()
    with Reader.open(tmp_path / "a.db") as reader:
        found = reader.search("mà")
        assert (found[0].url, [hit.exact for hit in found]) == (f"{HOST}/2", [True, False, False])
        assert len(reader.search("ma")) == 3
        # The tone may stand on either vowel.
        assert [(hit.url, hit.exact) for hit in reader.search("hòa")] == [(f"{HOST}/3", True), (f"{HOST}/4", False)]
        assert reader.search("ma", narrow=Narrow(portal="khac")) == []
        assert len(reader.search("thanh pho")) == 5
        assert len(reader.search("huế", limit=2)) == 2


def test_why(reader):
    known = reader.why(f"{HOST}/cam")
    assert [(r["reason"], r["detail"]) for r in known.refusals] == [("robots", "Disallow: /cam")]
    assert known.linked_from == [f"{HOST}/tin"]
    assert [c.url for c in reader.why(f"{HOST}/tin").redirected_from] == [f"{HOST}/"]
    assert reader.why(f"{HOST}/dead").captures[0].failure == "refused: connection refused"
    assert not any(getattr(reader.why(f"{HOST}/never"), name) for name in ("captures", "refusals", "frontier", "linked_from"))


@pytest.mark.parametrize("url", ["http://[x/", "http://a]b/", "//[", "[", ""])
def test_of_what_is_no_address_nothing_is_known(reader, url):
    known = reader.why(url)
    assert not any(getattr(known, name) for name in ("captures", "refusals", "frontier", "linked_from", "refused_more", "aliases"))


def test_runs_and_space(reader):
    (run,) = reader.runs()
    assert (run["portal"], run["outcome"], run["captures"], run["failures"], run["refusals"], run["articles"]) == ("hue", "finished", 12, 1, 1, 2)
    assert reader.run(1)["statuses"] == {"200": 9, "302": 1, "404": 1, "failed": 1}
    assert [f["url"] for f in reader.run(1)["failed"]] == [f"{HOST}/dead"]
    assert reader.run(2) is None
    assert {row.kind for row in reader.space()} >= {"pages", "request", "revisit", "warcinfo", "metadata"}


def test_several_archives_are_read_as_one(whole, tmp_path):
    other = kept(tmp_path / "b.db", -50)
    with Reader.open([whole, str(other)]) as reader:
        assert [c.status for c in reader.find(f"{HOST}/")] == [200, 302]
        assert reader.closest(f"{HOST}/", datetime(2020, 1, 1, tzinfo=UTC)).status == 200
        keys = [c.url for c in reader.listed("example,hue)/", "example,hue)0")]
        assert len(keys) == 13
        with reader.open(reader.find(f"{HOST}/")[0]) as opened:
            assert opened.body() == b"l\xc3\xbac -50"


def test_what_is_no_archive_is_refused(tmp_path):
    with pytest.raises(NotAnArchive):
        Reader.open(tmp_path / "none.db")
    with pytest.raises(Misuse):
        Reader.open([])


def test_a_reader_leaves_nothing_behind(whole, tmp_path):
    path = shutil.copy(whole, tmp_path / "a.db")
    with Reader.open(path) as reader:
        assert list(reader.captures())
    assert [p.name for p in tmp_path.iterdir()] == ["a.db"]


def test_what_is_known_of_an_address_is_looked_up_and_never_searched_for(reader):
    """Each question of `why`, and those of the list of captures, goes through an index: none costs more in a larger archive."""
    archive = reader.archives[0]
    asked: list[str] = []
    archive._conn.set_trace_callback(asked.append)
    reader.why(f"{HOST}/tin", 10)
    listing.days(archive, surt(f"{HOST}/tin"))
    listing.how_many(archive, surt(f"{HOST}/tin"))
    archive._conn.set_trace_callback(None)
    assert len(asked) > 8
    plans = {step for sql in asked for *_, step in archive._conn.execute(f"EXPLAIN QUERY PLAN {sql}") if step.startswith("SCAN")}
    assert {plan.split()[1] for plan in plans} <= {"runs", "t", "(subquery-1)"}, plans
