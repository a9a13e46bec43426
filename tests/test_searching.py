"""What people type finds what they say: phrases, operators, numbers, filters; whatever they type, nothing breaks."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from archives import HOST, answer, exchange
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.deposit import Depositor
from archive.model import Article, Attachment, Document, Settlement
from archive.retrieve import Narrow, Reader
from archive.store import searching
from archive.store.facets import by_date, per_month, values_of
from archive.store.sought import understood


@dataclass
class Told:
    title: str
    text: str
    section: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published: str | None = None
    files: int = 0
    portal: str = "hue"


TOLD = [
    Told("Hội nghị đối ngoại", "Tỉnh tổ chức hội nghị về du lịch Huế.", ("Đối ngoại",), ("Bích Diệp",), "2026-01-10T08:00:00+07:00"),
    Told("Cuộc họp báo", "Nghị quyết của hội đồng, không bàn đến du lịch.", ("Thời sự",), ("Lê An",), "2026-02-03"),
    Told("Quyết định mới", "Căn cứ Quyết định số 12/2026/QĐ-UBND ngày 10 tháng 01.", ("Văn bản",), (), "2026-02-20T00:00:00+07:00", 1),
    Told("Quyết định cũ", "Căn cứ Quyết định số 12/2025/QĐ-UBND; ngày 26 tháng 12 có Quyết định 2026.", ("Văn bản",), (), "2025-12-26", 2),
    Told("Ca dao", "Ai về Hòa Bình; má gọi, mà mạ non xanh.", ("Văn hoá",), ("bích diệp",), None, 0, "hoa-binh"),
    Told("Tin COVID-19", "Huế đón khách trở lại sau COVID-19.", ("Thời sự", "Y tế"), ("Lê An", "Trần Bình"), "2026-03-01T09:30:00+07:00"),
]


def keep(path, told):
    with Depositor.open(path) as depositor:
        runs = {}
        for number, one in enumerate(told):
            run = runs.setdefault(one.portal, None) or depositor.begin(one.portal)
            runs[one.portal] = run
            url = f"{HOST}/{number}"
            article = Article(
                url, one.title, None, one.text, f"<p>{one.text}</p>", list(one.authors), None, one.published, None, list(one.section),
                attachments=[Attachment(f"{HOST}/{number}-{n}.pdf", "Tệp") for n in range(one.files)],
            )
            capture = depositor.deposit(run, exchange(url, answer(one.text.encode()), number)).result()
            depositor.settle(run, Settlement(-1, capture.id, "done", article)).result()
        for run in runs.values():
            depositor.end(run, "finished").result()
    return path


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    with Reader.open(keep(tmp_path_factory.mktemp("tim") / "tim.db", TOLD)) as reader:
        yield reader


def numbers(hits):
    return sorted(int(hit.url.rpartition("/")[2]) for hit in hits)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("hội nghị", [0, 1]), ('"hội nghị"', [0]), ("“hội nghị”", [0]), ("hoi nghi", [0, 1]), ('"hoi nghi', [0, 1]),
        ("12/2026/QĐ-UBND", [2]), ("12/2026/qd-ubnd", [2]), ("số 12/2025/QĐ-UBND", [3]), ("QĐ-UBND", [2, 3]), ("12 2026 QĐ UBND", [2, 3]),
        ("du lịch OR COVID-19", [0, 1, 5]), ("hòa | covid", [4, 5]), ('"hội nghị" OR "hội đồng"', [0, 1]), ("khách hoặc mạ", []), ("khách HOẶC mạ", [4, 5]),
        ("Huế NOT khách", [0]), ("Huế -khách", [0]), ('du lịch -"hội nghị"', [1]), ("du lịch KHÔNG hội đồng", [0]), ("du lịch NOT hội đồng OR mạ non", [0, 4]), ('huế NOT "trở lại" du', [0]), ("huế NOT -khách", [0]), ("-huế", []),
        ("Huế AND khách", [5]), ("Huế VÀ khách", [5]), ("title:quyết", [2, 3]), ("tiêu đề:hội", [0]), ("quyết", [1, 2, 3]), ("cov*", [5]), ("cov", []),
        ("không bàn", [1]), ("KHÔNG BÀN", [1]), ("tệp", [2, 3]), ("OR", []), ("NOT", []), ('""', []), ("*", []), ("( )", []), ("NEAR(hội nghị)", []), ("title:", []),
        ("huế OR", [0, 5]), ("OR huế", [0, 5]), ("-", []), ("a:b", []), ("{title}:huế", []), ("^huế", [0, 5]), ("hue;--", [0, 5]),
    ],
)  # fmt: skip
def test_what_is_typed_finds_what_it_says(reader, words, expected):
    assert numbers(reader.search(words)) == expected
    assert reader.found(words).count == len(expected)


@given(st.text(st.sampled_from('huế "“”*-|&:^(){}+,.OR ANDNOT\'\\\x00đ'), max_size=40))
@settings(max_examples=300, deadline=None)
def test_nothing_that_is_typed_breaks_it(reader, words):
    reader.search(words)


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_it(reader, words):
    reader.search(words)


def test_titles_and_exact_spelling_come_first(reader):
    assert [hit.url[-1] for hit in reader.search("hội nghị")] == ["0", "1"]
    assert [(hit.url[-1], hit.exact) for hit in reader.search("hoà")] == [("4", True)]
    assert [(hit.url[-1], hit.exact) for hit in reader.search("hoá")] == [("4", False)]
    assert [hit.url[-1] for hit in reader.search("bình", narrow=Narrow(portal="hoa-binh"))] == ["4"]


@pytest.mark.parametrize(
    ("narrow", "expected"),
    [
        (Narrow(portal="hoa-binh"), [4]), (Narrow(portal="khac"), []), (Narrow(section="Văn bản"), [2, 3]), (Narrow(section="van ban"), [2, 3]),
        (Narrow(section="văn hóa"), [4]), (Narrow(author="Bích Diệp"), [0]), (Narrow(author="bich diep"), [0, 4]), (Narrow(author="Lê An", section="Y tế"), [5]),
        (Narrow(attachments=True), [2, 3]), (Narrow(since="2026"), [0, 1, 2, 4, 5]), (Narrow(since="2026-02", until="2026-02"), [1, 2]), (Narrow(until="2025"), [3]),
        (Narrow(since="2026-03-01", until="2026-03-01"), [5]), (Narrow(section="x' OR '1'='1"), []), (Narrow(), [0, 1, 2, 3, 4, 5]),
    ],
)  # fmt: skip
def test_narrowed(reader, narrow, expected):
    (archive,) = reader.archives
    assert numbers(by_date(archive, narrow, 100)) == expected
    words = "quyết OR hội OR hòa OR huế"
    assert numbers(reader.search(words, narrow=narrow)) == expected
    assert reader.found(words, narrow=narrow).count == len(expected)


def test_lists_by_date(reader):
    (archive,) = reader.archives
    listed = [row.url[-1] for row in by_date(archive, Narrow(), 100)]
    assert listed.index("5") < listed.index("2") < listed.index("1") < listed.index("0") < listed.index("3")
    assert [row.url[-1] for row in by_date(archive, Narrow(), 2, 1)] == listed[1:3]
    assert values_of(archive, "section")[0] == ("Thời sự", 2)
    assert per_month(archive, Narrow(section="Văn bản")) == [("2025-12", 1), ("2026-02", 1)]


def test_pages_are_pieces_of_one_list(reader):
    whole = [hit.url for hit in reader.search("quyết OR hội OR hòa OR huế")]
    assert len(whole) == 6
    pieces = [reader.search("quyết OR hội OR hòa OR huế", 2, skip=n) for n in (0, 2, 4, 6)]
    assert [hit.url for piece in pieces for hit in piece] == whole


def test_of_very_many_those_with_the_word_in_the_title_come_first(reader, monkeypatch):
    monkeypatch.setattr(searching, "RANKED", 2)
    assert [hit.url[-1] for hit in reader.search("quyet")] == ["3", "2", "1"]
    assert [hit.url[-1] for hit in reader.search("quyet", 1, skip=1)] == ["2"]
    assert reader.found("quyet").count == 3


WEIGHED = [
    Told("Một", "Khách đến Huế. " + "Ở đây không có gì. " * 40 + "Du lịch."),
    Told("Hai", "Du lịch, du lịch và du lịch."),
    Told("Ba", "Lịch du xuân; không phải du lịch."),
    Told("Du lịch biển", "Không nói thêm."),
    Told("Năm", "Nơi để du khách xem lịch."),
    Told("Du lịch", "Khu du lích."),
]


@pytest.mark.parametrize(("looked_at", "phrase", "expected"), [(100, '"du lịch"', "53120"), (100, '"du lich"', "53120"), (4, '"du lich"', "53210")])
def test_a_phrase_is_best_in_a_title_then_where_it_stands_most(tmp_path, monkeypatch, looked_at, phrase, expected):
    """Of more than are looked at, those with it in the title come first, then the newest."""
    monkeypatch.setattr(searching, "_LOOKED_AT", looked_at)
    with Reader.open(keep(tmp_path / "a.db", WEIGHED)) as reader:
        found = reader.found(phrase)
        assert ("".join(hit.url[-1] for hit in found.hits), found.count) == (expected, 5)


def test_words_typed_side_by_side_are_best_where_they_stand_so(tmp_path):
    scattered = [Told("Lịch", "Du khách xem lịch. " * 3), Told("Du khách", "Lịch của du khách, lịch và lịch.")]
    together = [Told("Bốn", "Nơi khác thì " * 60 + "có du lịch, nhưng không nhiều."), Told("Biển", "Có du lịch.")]
    with Reader.open(keep(tmp_path / "a.db", [*scattered, *together])) as reader:
        assert {hit.url[-1] for hit in reader.search("du lịch")[:2]} == {"2", "3"}
        assert {hit.url[-1] for hit in reader.search("du lich")[:2]} == {"2", "3"}
        assert [hit.url[-1] for hit in reader.search("xem du")][:1] == ["0"]
        assert reader.found("du lịch").count == 4


def test_a_document_is_found_by_its_number_which_stands_beside_its_text(tmp_path):
    path = keep(tmp_path / "a.db", [TOLD[3]])
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue")
        capture = depositor.deposit(run, exchange(f"{HOST}/vb", answer(b"vb"), 50)).result()
        article = Article(f"{HOST}/vb", "Quyết định", None, "Ban hành quy chế.", "", document=Document("12/2025/QĐ-UBND", signer="Lê An"))
        depositor.settle(run, Settlement(-1, capture.id, "done", article)).result()
        depositor.end(run, "finished").result()
    with Reader.open(path) as reader:
        hits = {hit.url: hit for hit in reader.search("12/2025/QĐ-UBND")}
        assert set(hits) == {f"{HOST}/vb", f"{HOST}/0"}
        assert all(hit.exact for hit in hits.values())
        found = hits[f"{HOST}/vb"]
        assert [found.snippet[a:b] for a, b in found.found] == ["12", "2025", "QĐ", "UBND"]


def test_marks_stand_where_the_words_do_also_where_folding_changes_lengths():
    for text in ("Ngày hội ở Huế: hội đua ghe", "İstanbul: ngày hội ở Huế", "한글 hội"):
        snippet, places = searching._snippet(text, frozenset({"hoi", "hue"}))
        assert {snippet[a:b] for a, b in places} == {"hội", "Huế"} & set(re.findall(r"\w+", text))


def test_a_new_revision_takes_the_place_of_the_former(tmp_path):
    first = Told("Tin", "Bản đầu.", ("Thời sự",), ("An",), "2026-01-01", 1)
    path = keep(tmp_path / "a.db", [first])
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue")
        capture = depositor.deposit(run, exchange(f"{HOST}/0", answer(b"sau"), 50)).result()
        article = Article(f"{HOST}/0", "Tin", None, "Bản sau.", "", ["Bình"], None, "2026-05-01", None, ["Y tế"])
        depositor.settle(run, Settlement(-1, capture.id, "done", article)).result()
        depositor.end(run, "finished").result()
    with Reader.open(path) as reader:
        for narrow in (Narrow(author="An"), Narrow(section="Thời sự"), Narrow(attachments=True), Narrow(until="2026-01")):
            assert by_date(reader.archives[0], narrow, 9) == []
        assert len(by_date(reader.archives[0], Narrow(author="Bình", section="Y tế", since="2026-05", portal="hue"), 9)) == 1


def test_an_operator_in_capitals_is_a_word_where_all_is_in_capitals():
    assert understood("KHÔNG TĂNG GIÁ").match == '("khong" AND "tang" AND "gia")'
    assert understood("giá KHÔNG tăng").match == '(("gia") NOT ("tang"))'


def test_of_several_archives_the_best_stand_first_whichever_has_them(tmp_path):
    """Side by side in a text outweighs how often a word stands there, and both outweigh a file: across archives too."""
    far, near = Told("Xa", "hội chợ, nghị sự, hội làng, nghị trường, hội viên", (), (), "2026-01-01", 0), Told("Gần", "họp hội nghị hôm nay", (), (), "2026-01-01", 1)
    paths = [keep(tmp_path / "a.db", [far]), keep(tmp_path / "b.db", [near])]
    for order in (paths, paths[::-1]):
        with Reader.open(order) as reader:
            found = reader.found("hội nghị")
            assert ([hit.title for hit in found.hits], found.count) == (["Gần", "Xa"], 2)
            assert [hit.title for hit in reader.search("hội nghị", 1, skip=1)] == ["Xa"]
            assert reader.search("") == []
