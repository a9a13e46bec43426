"""Articles found, narrowed, listed and taken away over HTTP; portals and their map."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree as ET

import pytest
from archives import HOST
from lxml import html
from rooms import asking
from test_searching import TOLD, Told, keep

from archive.replay.portals import provinces
from archive.retrieve import Reader

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = Told("=cmd|' /C calc'!A1", 'Hội nghị <script>alert(1)</script> "x" & \x08 y', ("<b>",), ("@an",), "2026-04-01", 1)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return keep(tmp_path_factory.mktemp("tim") / "tim.db", [*TOLD, HOSTILE])


@pytest.fixture
def ask(path):
    with Reader.open(path) as reader:
        yield asking(reader)


def told(ask, target):
    status, _, body = ask(target)
    assert status == 200, body
    return json.loads(body)


def urls(hits):
    return [hit["url"].rpartition("/")[2] for hit in hits]


def test_search_narrows_and_says_how_many(ask):
    found = told(ask, "/search.json?q=hội&section=Thời sự".replace(" ", "%20"))
    assert (found["count"], found["more"], urls(found["hits"])) == (1, False, ["1"])
    assert urls(told(ask, "/search.json?author=bich%20diep")["hits"]) == ["4", "0"]
    assert urls(told(ask, "/search.json?from=2026-02&to=2026-03")["hits"]) == ["5", "2", "1"]
    assert urls(told(ask, "/search.json?attachments=1&portal=hue&to=2026-02")["hits"]) == ["2", "3"]
    assert told(ask, "/search.json")["hits"] == []
    assert told(ask, "/search.json?q=khongco")["count"] == 0


def test_search_has_pages(ask):
    first = told(ask, "/search.json?portal=hue&limit=2")
    second = told(ask, "/search.json?portal=hue&limit=2&page=2")
    third = told(ask, "/search.json?portal=hue&limit=2&page=3")
    assert [first["more"], second["more"], third["more"]] == [True, True, False]
    assert urls(first["hits"] + second["hits"] + third["hits"]) == ["6", "5", "2", "1", "0", "3"]
    page = ask("/search?portal=hue&limit=2&page=2", accept_language="en")[2].decode()
    assert 'rel="prev"' in page
    assert 'rel="next"' in page
    assert "Page 2" in page


@pytest.mark.parametrize("query", ["from=yesterday", "to=2026-1", "page=0", "page=1001", "limit=101", "portal=" + "a" * 201, "from=2026%27", "from=2026-13", "to=2026-02-30", "from=0000"])
def test_what_is_no_wish_is_refused(ask, query):
    for form in (".json", ".atom", ".jsonl", ".csv", ""):
        assert ask(f"/search{form}?{query}")[0] == 400


def test_the_page_marks_words_and_shows_hostile_texts_as_text(ask):
    page = ask("/search?q=hội&portal=hue")[2].decode()
    assert "<mark>Hội</mark>" in page
    assert "<script" not in page
    assert "&lt;b&gt;" in page
    assert "<option selected>hue</option>" in page
    assert 'href="/search.atom?q=h%E1%BB%99i&amp;portal=hue"' in page


def test_feed_is_atom_of_the_newest(ask):
    status, headers, body = ask("/search.atom?portal=hue")
    assert (status, headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = ET.fromstring(body)
    assert feed.tag == f"{ATOM}feed"
    assert {f"{ATOM}{name}" for name in ("id", "title", "updated", "author")} <= {child.tag for child in feed}
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [f"{HOST}/{n}" for n in (6, 5, 2, 1, 0, 3)]
    hostile = entries[0]
    assert hostile.findtext(f"{ATOM}title") == HOSTILE.title
    assert hostile.findtext(f"{ATOM}summary") == HOSTILE.text.replace("\x08", "\ufffd")
    assert hostile.findtext(f"{ATOM}published") == "2026-03-31T17:00:00.000000Z"
    for entry in entries:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", entry.findtext(f"{ATOM}updated"))
        assert {link.get("rel") for link in entry.findall(f"{ATOM}link")} == {"alternate", "via"}
    assert entries[1].findall(f"{ATOM}author")[1].findtext(f"{ATOM}name") == "Trần Bình"
    some = ET.fromstring(ask("/search.atom?q=quy%E1%BA%BFt")[2]).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id")[-1] for entry in some] == ["2", "1", "3"]
    assert ET.fromstring(ask("/search.atom?q=khongco")[2]).findall(f"{ATOM}entry") == []


def test_a_search_is_taken_away_whole(ask):
    status, headers, body = ask("/search.jsonl?portal=hue")
    assert (status, headers["content-type"]) == (200, "application/jsonl; charset=utf-8")
    lines = [json.loads(line) for line in body.decode().splitlines()]
    assert urls(lines) == ["6", "5", "2", "1", "0", "3"]
    assert lines[4] == told(ask, "/articles.json?url=" + f"{HOST}/0")
    status, headers, body = ask("/search.csv?q=hội")
    assert headers["content-disposition"] == 'attachment; filename="tangthu.csv"'
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert sorted(row["url"][-1] for row in rows) == ["0", "1", "6"]
    hostile = next(row for row in rows if row["url"].endswith("6"))
    assert (hostile["title"], hostile["authors"]) == (f"'{HOSTILE.title}", "'@an")
    assert hostile["text"] == HOSTILE.text
    assert next(row for row in rows if row["url"].endswith("0"))["record_id"].startswith("urn:uuid:")


def test_portals_and_their_map(ask):
    listed = {row["portal"]: row for row in told(ask, "/portals.json")["portals"]}
    assert listed["hue"]["articles"] == 6
    assert listed["hoa-binh"]["articles"] == 1
    page = ask("/portals", accept_language="en")[2].decode()
    assert "The archive has 2 of 34 provinces" in page
    # Hòa Bình is part of Phú Thọ since July 2025.
    tree = html.document_fromstring(page)
    told_of = {link.get("href"): " ".join(link.text_content().split()) for link in tree.xpath("//a[*[local-name()='g']]")}
    assert told_of == {"/portals/hoa-binh": "Phú Thọ 1", "/portals/hue": "Huế 6"}
    assert "Huế" in tree.xpath("string(//th[a[@href='/portals/hue']])")
    assert page.count("<rect") == 34


def test_provinces_have_places_of_their_own():
    assert len(provinces()) == 34
    assert len({(p.column, p.row) for p in provinces()}) == 34
    assert len([code for p in provinces() for code in p.codes]) == 63


def test_a_portal_month_by_month(ask):
    months = told(ask, "/portals/hue.json")["months"]
    assert months == {"2025-12": 1, "2026-01": 1, "2026-02": 2, "2026-03": 1, "2026-04": 1}
    page = ask("/portals/hue", accept_language="en")[2].decode()
    assert 'aria-label="Articles a month from 2025-12 to 2026-04, at most 2 in one."' in page
    assert 'href="/search?portal=hue&amp;from=2026-02&amp;to=2026-02"' in page
    assert ask("/portals/khong-co")[0] == 404
    assert ask("/portals/%3Cscript%3E")[2].find(b"<script") == -1


def test_several_archives_are_searched_as_one(path, tmp_path):
    other = keep(tmp_path / "khac.db", [Told("Hội chợ", "Hội chợ xuân.", (), (), "2026-06-01", 0, "son-la")])
    with Reader.open([path, other]) as reader:
        ask = asking(reader)
        assert told(ask, "/search.json?q=hội")["count"] == 4
        assert urls(told(ask, "/search.json?from=2026-06")["hits"]) == ["0"]
        assert {row["portal"] for row in told(ask, "/portals.json")["portals"]} == {"hue", "hoa-binh", "son-la"}
        assert len(ask("/search.jsonl?q=hội")[2].splitlines()) == 4
