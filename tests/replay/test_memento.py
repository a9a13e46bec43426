"""Memento (RFC 7089): TimeGate, TimeMaps, and the headers of every memento."""

from __future__ import annotations

import json
import re
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from archives import answer, exchange, ids
from rooms import HOSTS, REPLAY, asking, environ

from archive.deposit import Depositor
from archive.replay import timemap
from archive.replay.asking import Refused, asked
from archive.replay.memento import accept_datetime
from archive.replay.playback import EMBEDS, INERT, PAGES
from archive.retrieve import Reader

URL = "https://cao-bang.example/tin"
BASE = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ROOM, WEB = "http://127.0.0.1:8080", "http://localhost:8080/web"
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nmat"
MOVED = b"HTTP/1.1 301 Moved\r\nLocation: /moi\r\nContent-Length: 0\r\n\r\n"
# Seconds after BASE, and what was answered.
STATES = [(0, answer(b"mot")), (10, MOVED), (20, MISSING), (40, answer(b"bon")), (40.5, answer(b"nam")), (60, answer(b"sau"))]


def kept(path, url, states):
    with Depositor.open(path, new_id=ids()) as depositor:
        run = depositor.begin("cao-bang")
        for after, response in states:
            depositor.deposit(run, exchange(url, response, started=BASE + timedelta(seconds=after))).result()
        depositor.deposit(run, exchange("https://cao-bang.example/mot-lan?a=1&b=2", answer(b"x"), started=BASE)).result()
        depositor.end(run, "finished").result()
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return kept(tmp_path_factory.mktemp("memento") / "cb.db", URL, STATES)


@pytest.fixture
def ask(path):
    with Reader.open(path) as reader:
        yield asking(reader)


def http(after):
    return format_datetime(BASE + timedelta(seconds=after), usegmt=True)


def at(after):
    return f"{BASE + timedelta(seconds=after):%Y%m%d%H%M%S}"


def links(header):
    """{rel: (address, datetime)} of a Link header or a TimeMap, each link once."""
    found = re.findall(r'<([^>]+)>;\s*rel="([^"]+)"((?:;\s*\w+="[^"]*")*)', header)
    assert len(found) == header.count("rel=")
    return {rel: (where, dict(re.findall(r'(\w+)="([^"]*)"', more))) for where, rel, more in found}


KNOWN = {
    "original": (URL, {}), "timegate": (f"{ROOM}/timegate/{URL}", {}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("asked_for", "found"),
    [
        (-9999, 0), (0, 0), (4, 0), (5, 0), (6, 10), (10, 10), (15, 10), (16, 20), (29, 20), (30, 20), (31, 40), (40, 40), (50, 40),
        (51, 60), (60, 60), (10**8, 60),
    ],
)  # fmt: skip
def test_timegate_leads_to_the_nearest_and_of_two_equally_near_to_the_earlier(ask, asked_for, found):
    status, headers, body = ask(f"/timegate/{URL}", accept_datetime=http(asked_for))
    assert (status, body) == (302, b"")
    assert headers["location"] == f"{WEB}/{at(found)}/{URL}"
    assert headers["vary"] == "accept-datetime"
    assert "memento-datetime" not in headers
    told = links(headers["link"])
    rel = {0: "first memento", 60: "last memento"}.get(found, "memento")
    assert told.pop(rel) == (headers["location"], {"datetime": http(found)})
    assert told.pop("timemap") == (f"{ROOM}/timemap/json/{URL}", {"type": "application/json"})
    assert f'<{ROOM}/timemap/link/{URL}>; rel="timemap"; type="application/link-format"' in headers["link"]
    ends = {"first memento": (f"{WEB}/{at(0)}/{URL}", {"datetime": http(0)}), "last memento": (f"{WEB}/{at(60)}/{URL}", {"datetime": http(60)})}
    ends.pop(rel, None)
    assert told == {**KNOWN, **ends}


@pytest.mark.parametrize("fields", [{}, {"accept_datetime": ""}, {"accept_datetime": "  "}])
def test_without_a_moment_timegate_leads_to_the_newest(ask, fields):
    assert ask(f"/timegate/{URL}", **fields)[1]["location"] == f"{WEB}/{at(60)}/{URL}"


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-03-01T12:00:00Z", "Sun, 31 Feb 2026 12:00:00 GMT", "Sun, 01 Mar 2026 25:00:00 GMT", "Sun, 01 Mar 2026 12:00:00 +0700", "Sun, 01 Mar 2026 12:00:00 GMT; x"]
)
def test_timegate_refuses_what_is_no_moment(ask, text):
    status, headers, body = ask(f"/timegate/{URL}", accept_datetime=text)
    assert status == 400
    assert headers["vary"] == "accept-datetime"
    assert headers["link"].startswith(f'<{URL}>; rel="original"')
    assert text in json.loads(body)["error"]


def test_timegate_of_what_was_never_captured(ask):
    status, headers, body = ask("/timegate/https://khac.example/", accept_datetime=http(0))
    assert status == 404
    assert headers["vary"] == "accept-datetime"
    assert "https://khac.example/" in json.loads(body)["error"]


@pytest.mark.parametrize(
    "written", ["https://cao-bang.example/mot-lan?a=1&b=2", "https://cao-bang.example/mot-lan?b=2&a=1", "https%3A%2F%2Fcao-bang.example%2Fmot-lan%3Fa%3D1%26b%3D2", "https:/cao-bang.example/mot-lan?a=1&b=2", "cao-bang.example/mot-lan?a=1&b=2"]
)  # fmt: skip
def test_an_address_is_understood_however_it_is_written(ask, written):
    status, headers, _ = ask(f"/timegate/{written}")
    assert (status, headers["location"]) == (302, f"{WEB}/{at(0)}/https://cao-bang.example/mot-lan?a=1&b=2")
    told = links(headers["link"])
    assert told["first last memento"] == (headers["location"], {"datetime": http(0)})
    assert json.loads(ask(f"/timemap/json/{written}")[2])["mementos"]["list"][0]["uri"] == headers["location"]


def test_head_gives_the_same_headers(ask):
    assert ask(f"/timegate/{URL}", method="HEAD")[:2] == ask(f"/timegate/{URL}")[:2]
    assert ask(f"/timemap/link/{URL}", method="HEAD")[:2] == ask(f"/timemap/link/{URL}")[:2]


@pytest.mark.parametrize("mode", [*PAGES, *EMBEDS, *INERT])
@pytest.mark.parametrize(
    ("after", "status", "beside"),
    [
        (0, 200, {"first memento": 0, "next memento": 10, "last memento": 60}),
        (10, 301, {"first prev memento": 0, "memento": 10, "next memento": 20, "last memento": 60}),
        (20, 404, {"first memento": 0, "prev memento": 10, "memento": 20, "next memento": 40, "last memento": 60}),
        (40, 200, {"first memento": 0, "prev memento": 40, "memento": 40, "last next memento": 60}),
        (60, 200, {"first memento": 0, "prev memento": 40, "last memento": 60}),
    ],
)
def test_every_memento_says_when_it_is_from_and_what_is_beside_it(ask, mode, after, status, beside):
    came, headers, _ = ask(f"/web/{at(after)}{mode}/{URL}", host=REPLAY)
    assert came == (status if mode != "raw_" else 200)
    assert headers["memento-datetime"] == http(after)
    told = links(headers["link"])
    assert (told.pop("original"), told.pop("timegate")) == (KNOWN["original"], KNOWN["timegate"])
    told.pop("timemap")
    assert {rel: more["datetime"] for rel, (_, more) in told.items()} == {rel: http(n) for rel, n in beside.items()}
    record = f"http://localhost:8080/records/{mode or 'id_'}/urn:uuid:"
    assert all(where.startswith((f"{WEB}/2026", record)) and where.endswith((f"{mode}/{URL}", where[len(record):])) for where, _ in told.values())
    for where, more in told.values():  # and each of them is there, from when it says
        there = ask(where.removeprefix("http://localhost:8080"), host=REPLAY)
        assert there[1]["memento-datetime"] == more["datetime"], where


def test_two_captures_within_one_second_are_both_reachable(ask):
    mementos = json.loads(ask(f"/timemap/json/{URL}")[2])["mementos"]["list"]
    first, second = (m for m in mementos if m["datetime"] == "2026-03-01T12:00:40Z")
    assert second["uri"] == f"{WEB}/{at(40)}/{URL}"
    assert first["uri"].startswith("http://localhost:8080/records/id_/urn:uuid:")
    assert ask(first["uri"].removeprefix("http://localhost:8080"), host=REPLAY)[2] == b"bon"
    assert ask(f"/web/{at(40)}id_/{URL}", host=REPLAY)[2] == b"nam"
    _, headers, _ = ask(first["uri"].removeprefix("http://localhost:8080"), host=REPLAY)
    told = links(headers["link"])
    assert told["memento"] == (first["uri"], {"datetime": http(40)})
    assert told["next memento"][0] == f"{WEB}/{at(40)}id_/{URL}"


def test_timemap_as_links(ask):
    status, headers, body = ask(f"/timemap/link/{URL}")
    assert (status, headers["content-type"]) == (200, "application/link-format")
    record = re.search(r"urn:uuid:[0-9a-f-]+", body.decode())[0]
    assert body.decode().splitlines() == [
        f'<{URL}>;rel="original",',
        f'<{ROOM}/timegate/{URL}>;rel="timegate",',
        f'<{ROOM}/timemap/link/{URL}>;rel="self";type="application/link-format";from="{http(0)}";until="{http(60)}",',
        f'<{WEB}/{at(0)}/{URL}>;rel="first memento";datetime="{http(0)}",',
        f'<{WEB}/{at(10)}/{URL}>;rel="memento";datetime="{http(10)}",',
        f'<{WEB}/{at(20)}/{URL}>;rel="memento";datetime="{http(20)}",',
        f'<http://localhost:8080/records/id_/{record}>;rel="memento";datetime="{http(40)}",',
        f'<{WEB}/{at(40)}/{URL}>;rel="memento";datetime="{http(40)}",',
        f'<{WEB}/{at(60)}/{URL}>;rel="last memento";datetime="{http(60)}"',
    ]
    assert ask("/timemap/link/https://khac.example/")[0] == 404
    assert ask(f"/timemap/link/2/{URL}")[0] == 404
    assert ask(f"/timemap/xml/{URL}")[0] == 404


def test_timemap_as_json_says_the_same(ask):
    status, headers, body = ask(f"/timemap/json/{URL}")
    assert (status, headers["content-type"]) == (200, "application/json")
    told = json.loads(body)
    assert (told["original_uri"], told["self"], told["timegate_uri"]) == (URL, f"{ROOM}/timemap/json/{URL}", f"{ROOM}/timegate/{URL}")
    assert told["timemap_uri"] == {"link_format": f"{ROOM}/timemap/link/{URL}", "json_format": f"{ROOM}/timemap/json/{URL}"}
    mementos = told["mementos"]["list"]
    assert [m["datetime"][-3:-1] for m in mementos] == ["00", "10", "20", "40", "40", "00"]
    assert (told["mementos"]["first"], told["mementos"]["last"]) == (mementos[0], mementos[-1])
    assert [m["uri"] for m in mementos] == [where for where, _ in re.findall(r'<([^>]+)>;rel="([^"]*memento)"', ask(f"/timemap/link/{URL}")[2].decode())]


def test_long_timemaps_have_pages_and_an_index(ask, monkeypatch):
    monkeypatch.setattr(timemap, "PAGE", 4)
    index = ask(f"/timemap/link/{URL}")[2].decode()
    typed = 'type="application/link-format"'
    assert index.splitlines()[2:] == [
        f'<{ROOM}/timemap/link/{URL}>;rel="self";{typed};from="{http(0)}";until="{http(60)}",',
        f'<{ROOM}/timemap/link/1/{URL}>;rel="timemap";{typed};from="{http(0)}";until="{http(40)}",',
        f'<{ROOM}/timemap/link/2/{URL}>;rel="timemap";{typed};from="{http(40)}";until="{http(60)}"',
    ]
    first, second = (ask(f"/timemap/link/{n}/{URL}")[2].decode() for n in (1, 2))
    assert f'<{ROOM}/timemap/link/1/{URL}>;rel="self";{typed};from="{http(0)}";until="{http(40)}"' in first
    assert f'<{ROOM}/timemap/link/2/{URL}>;rel="timemap"' in first
    assert (first.count("memento"), second.count("memento")) == (4, 2)
    assert 'rel="first memento"' in first
    assert 'rel="last memento"' not in first
    assert 'rel="last memento"' in second
    told = json.loads(ask(f"/timemap/json/{URL}")[2])
    assert [part["uri"] for part in told["timemap_index"]] == [f"{ROOM}/timemap/json/{n}/{URL}" for n in (1, 2)]
    pages = [json.loads(ask(f"/timemap/json/{n}/{URL}")[2]) for n in (1, 2)]
    assert pages[0]["pages"] == {"next": {"uri": f"{ROOM}/timemap/json/2/{URL}"}}
    assert [len(page["mementos"]["list"]) for page in pages] == [4, 2]
    # The two captures of one second stand on two pages, and still only the later one is named by its time.
    assert "/records/id_/" in pages[0]["mementos"]["list"][-1]["uri"]
    assert pages[0]["mementos"]["first"] == pages[1]["mementos"]["first"] == pages[0]["mementos"]["list"][0]


def test_timemaps_over_several_archives_are_one(path, tmp_path):
    other = kept(tmp_path / "khac.db", URL, [(5, answer(b"hai")), (70, answer(b"bay"))])
    with Reader.open([path, other]) as reader:
        ask = asking(reader)
        told = json.loads(ask(f"/timemap/json/{URL}")[2])["mementos"]["list"]
        assert [m["datetime"][14:-1] for m in told] == ["00:00", "00:05", "00:10", "00:20", "00:40", "00:40", "01:00", "01:10"]
        assert ask(f"/timegate/{URL}", accept_datetime=http(7))[1]["location"] == f"{WEB}/{at(5)}/{URL}"


def test_a_long_timemap_needs_little_memory(tmp_path, monkeypatch):
    """No more than a batch is held at a time."""
    monkeypatch.setattr(timemap, "_BATCH", 100)
    path = tmp_path / "nhieu.db"
    with Depositor.open(path) as depositor:
        run = depositor.begin("cao-bang")
        response = answer(b"x")
        kept = [depositor.deposit(run, exchange(URL, response, started=BASE + timedelta(minutes=n))) for n in range(5000)]
        for future in kept:
            future.result()
        depositor.end(run, "finished").result()
    with Reader.open(path) as reader:
        ask = asking(reader)
        whole = ask(f"/timemap/link/{URL}")[2]
        assert whole.count(b"memento") == 5000
        tracemalloc.start()
        pieces = timemap.timemap(reader, asked(environ(f"/timemap/link/{URL}"), HOSTS), "link", None, URL).body
        length = sum(map(len, pieces))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert length == len(whole)
        assert peak < length / 2


def test_what_an_accept_datetime_may_be():
    assert accept_datetime("") is None
    assert accept_datetime("thu, 31 may 2007 20:35:00 gmt") == datetime(2007, 5, 31, 20, 35, tzinfo=UTC)
    with pytest.raises(Refused):
        accept_datetime("Thu, 31 May 2007 20:35:00")
