"""The CDX server, as clients of the Wayback Machine and of pywb speak it."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import chain
from urllib.parse import quote, urlencode

import pytest
from archives import LATER, LONG, answer, exchange, ids
from hypothesis import given, settings
from hypothesis import strategies as st
from rooms import HOSTS, asking, environ

from archive.deposit import Depositor
from archive.replay import cdx as server
from archive.replay import cdx_query
from archive.replay.asking import Refused, asked
from archive.replay.cdx_query import query
from archive.retrieve import Reader

BASE = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
HOST = "https://son-la.example"
# What was captured: seconds after BASE, address, answer.
STATES = [
    (0, f"{HOST}/", answer(LONG)),
    (10, f"{HOST}/tin", answer(LONG)),
    (20, f"{HOST}/tin/hai", answer(b"hai")),
    (30, f"{HOST}/tinh", answer(b"tinh", "text/plain")),
    (40, "https://www.son-la.example/tin", answer(LATER)),
    (50, f"{HOST}/tin", answer(b"mat", status="404 Not Found")),
    (50.5, f"{HOST}/tin", answer(LATER)),
    (90000, f"{HOST}/tin", answer(LATER)),
    (60, "https://anh.son-la.example/a.jpg?id=2&co=1", answer(b"anh", "image/jpeg")),
    (70, "https://son-lai.example/tin", answer(b"khac")),
    (80, "https://son-la.example:8443/tin", answer(b"cong")),
    (90, f"{HOST}/chuyen", b"HTTP/1.1 302 Found\r\nLocation: /tin\r\nContent-Length: 0\r\n\r\n"),
    (91, f"{HOST}/khong-loai", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("cdx") / "son-la.db"
    with Depositor.open(path, new_id=ids()) as depositor:
        run = depositor.begin("son-la")
        for after, url, response in STATES:
            depositor.deposit(run, exchange(url, response, started=BASE + timedelta(seconds=after))).result()
        depositor.deposit(run, exchange(f"{HOST}/tin", b"", started=BASE)).result()
        depositor.end(run, "finished").result()
    return path


@pytest.fixture
def ask(path):
    with Reader.open(path) as reader:
        yield asking(reader)


def found(ask, url, fl="original,timestamp", **more):
    """The lines of an answer, each as a list."""
    status, _, body = ask("/cdx?" + urlencode({"url": url, "fl": fl, **more}, doseq=True))
    assert status == 200, body
    return [line.split(" ") for line in body.decode().splitlines()]


def paths(ask, url, **more):
    return [line[0].removeprefix(HOST) for line in found(ask, url, **more)]


def seconds(ask, url, **more):
    return [int((datetime.strptime(line[1] + "+0000", "%Y%m%d%H%M%S%z") - BASE).total_seconds()) for line in found(ask, url, **more)]


def test_seven_columns_by_default(ask):
    status, headers, body = ask(f"/cdx?url={HOST}/tinh")
    assert (status, headers["content-type"]) == (200, "text/plain; charset=utf-8")
    digest = "sha256:" + __import__("hashlib").sha256(b"tinh").hexdigest()
    line = body.decode().removesuffix("\n").split(" ")
    assert line[:6] == ["example,son-la)/tinh", "20260301120030", f"{HOST}/tinh", "text/plain", "200", digest]
    assert 300 < int(line[6]) < 1000


def test_what_has_no_value_is_a_dash_and_a_revisit_says_so(ask):
    fl = "original,mimetype,statuscode,redirect"
    assert found(ask, f"{HOST}/chuyen", fl)[0][1:] == ["unk", "302", f"{HOST}/tin"]
    assert found(ask, f"{HOST}/khong-loai", fl)[0][1:] == ["unk", "200", "-"]
    assert [line[1:3] for line in found(ask, f"{HOST}/tin", fl)] == [
        ["warc/revisit", "200"], ["text/html", "200"], ["text/html", "404"], ["warc/revisit", "200"], ["warc/revisit", "200"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "kind", "expected"),
    [
        (f"{HOST}/tin", "", ["/tin"] * 5),
        (f"{HOST}/tin/", "exact", ["/tin"] * 5),
        ("son-la.example/tin", "exact", ["/tin"] * 5),
        ("http://WWW.son-la.example/tin#x", "exact", ["/tin"] * 5),
        ("https://anh.son-la.example/a.jpg?co=1&id=2", "exact", ["https://anh.son-la.example/a.jpg?id=2&co=1"]),
        (f"{HOST}/tin", "prefix", ["/tin"] * 5 + ["/tin/hai", "/tinh"]),
        (f"{HOST}/tin*", "", ["/tin"] * 5 + ["/tin/hai", "/tinh"]),
        (f"{HOST}/tin/*", "", ["/tin/hai"]),
        ("https://anh.son-la.example/a.jpg?co=*", "", ["https://anh.son-la.example/a.jpg?id=2&co=1"]),
        ("https://anh.son-la.example/a.jpg?*", "", ["https://anh.son-la.example/a.jpg?id=2&co=1"]),
        ("son-la.example/*", "", ["/", "/chuyen", "/khong-loai"] + ["/tin"] * 5 + ["/tin/hai", "/tinh"]),
        (f"{HOST}/tin", "host", ["/", "/chuyen", "/khong-loai"] + ["/tin"] * 5 + ["/tin/hai", "/tinh"]),
        ("son-la.example", "domain", ["/", "/chuyen", "/khong-loai"] + ["/tin"] * 5 + ["/tin/hai", "/tinh", "https://anh.son-la.example/a.jpg?id=2&co=1"]),
        ("*.son-la.example", "", ["/", "/chuyen", "/khong-loai"] + ["/tin"] * 5 + ["/tin/hai", "/tinh", "https://anh.son-la.example/a.jpg?id=2&co=1"]),
        (f"{HOST}/tin*", "exact", []),
        ("https://khong-co.example/", "", []),
        (f"{HOST}:8443/tin", "", [":8443/tin"]),
    ],
)  # fmt: skip
def test_match_types_and_wildcards(ask, url, kind, expected):
    got = [path.replace("https://www.son-la.example", "") for path in paths(ask, url, **({"matchType": kind} if kind else {}))]
    assert got == expected


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026", "2026", [10, 40, 50, 50, 90000]), ("20260301120040", "", [40, 50, 50, 90000]), ("", "20260301120050", [10, 40, 50, 50]),
        ("20260302", "20260302", [90000]), ("2026030112004", "2026030112004", [40]), ("202602", "2026030", [10, 40, 50, 50, 90000]), ("2027", "", []),
    ],
)  # fmt: skip
def test_from_and_to_take_any_beginning_of_a_time(ask, since, until, expected):
    for kind in ("exact", "prefix"):
        got = seconds(ask, f"{HOST}/tin", **{"from": since, "to": until, "matchType": kind, "filter": "urlkey:.*/tin"})
        assert got == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["statuscode:404"], ["/tin"]), (["!statuscode:200"], ["/chuyen", "/tin"]), (["statuscode:40"], []), (["statuscode:[34].."], ["/chuyen", "/tin"]),
        (["=status:404"], ["/tin"]), (["status:40"], ["/tin"]), (["!=mime:text/html", "!mime:revisit", "!mime:unk"], ["/tinh"]), (["~status:40"], ["/tin"]),
        (["~status:0"], []), (["!~mimetype:text|warc"], ["/chuyen", "/khong-loai"]), (["mimetype:text/plain|x", "statuscode:200"], ["/tinh"]),
        (["original:.*/ti.h"], ["/tinh"]), (["url:/hai"], ["/tin/hai"]), (["=original:" + HOST + "/tinh"], ["/tinh"]),
    ],
)  # fmt: skip
def test_filters_of_both_kinds(ask, filters, expected):
    assert paths(ask, f"{HOST}/*", filter=filters) == expected


def test_fields_collapse_limit_offset(ask):
    url = f"{HOST}/tin"
    assert seconds(ask, url, collapse="digest") == [10, 40, 50, 50]
    assert seconds(ask, url, collapse="timestamp:8") == [10, 90000]
    assert seconds(ask, url, collapse="timestamp") == [10, 40, 50, 90000]
    assert paths(ask, f"{HOST}/*", collapse="urlkey") == ["/", "/chuyen", "/khong-loai", "/tin", "/tin/hai", "/tinh"]
    assert paths(ask, f"{HOST}/*", collapse=["urlkey", "statuscode:1"]) == ["/", "/chuyen", "/khong-loai"]
    assert seconds(ask, url, limit=2) == [10, 40]
    assert seconds(ask, url, limit=2, offset=1) == [40, 50]
    assert seconds(ask, url, limit=0) == []
    assert seconds(ask, url, limit=-2) == [50, 90000]
    assert seconds(ask, url, limit=-99) == [10, 40, 50, 50, 90000]
    assert seconds(ask, url, limit=-2, collapse="timestamp:8") == [10, 90000]
    assert seconds(ask, url, fastLatest="true") == [90000]
    assert seconds(ask, url, fastLatest="true", limit=2) == [50, 90000]
    assert found(ask, url, "statuscode,urlkey", limit=1) == [["200", "example,son-la)/tin"]]


@pytest.mark.parametrize(
    ("closest", "expected"),
    [
        ("20260301120045", [40, 50, 50, 10, 90000]), ("20260301120050", [50, 50, 40, 10, 90000]), ("2025", [10, 40, 50, 50, 90000]),
        ("20300101", [90000, 50, 50, 40, 10]), ("20260301120025", [10, 40, 50, 50, 90000]), ("20260301120051", [50, 50, 40, 10, 90000]),
    ],
)  # fmt: skip
def test_sorted_by_closeness_the_earlier_of_two_first(ask, closest, expected):
    assert seconds(ask, f"{HOST}/tin", sort="closest", closest=closest) == expected
    assert seconds(ask, f"{HOST}/tin", closest=closest, limit=2) == expected[:2]
    assert seconds(ask, f"{HOST}/tin", closest=closest, **{"from": "20260302"}) == [90000]


def test_the_first_by_closeness_is_what_replay_shows(ask):
    fields = "original,timestamp,recordid"
    first = found(ask, f"{HOST}/tin", fields, closest="20260301120050")[0]
    played = ask(f"/web/20260301120050id_/{HOST}/tin", host="localhost:8080")[1]
    assert first[2] == played["x-archive-record"]


def test_sorted_backwards(ask):
    forward = found(ask, f"{HOST}/*")
    assert found(ask, f"{HOST}/*", sort="reverse") == forward[::-1]
    assert found(ask, f"{HOST}/*", sort="reverse", limit=3, offset=1) == forward[::-1][1:4]
    assert found(ask, f"{HOST}/*", sort="reverse", limit=-3) == forward[::-1][-3:]


@pytest.mark.parametrize("sort", ["default", "reverse"])
@pytest.mark.parametrize("more", [{}, {"collapse": "urlkey"}, {"filter": "statuscode:200"}, {"offset": 2}])
def test_resume_keys_lead_through_all_of_it_once(ask, sort, more):
    whole = found(ask, f"{HOST}/*", sort=sort, **more)
    came, resume = [], {}
    for _ in range(len(whole) + 1):
        lines = found(ask, f"{HOST}/*", sort=sort, limit=2, showResumeKey="true", **more, **resume)
        came += [line for line in lines if len(line) > 1]
        if [""] not in lines:
            break
        assert lines[-2] == [""]
        resume = {"resumeKey": lines[-1][0]}
    assert came == whole


def test_resume_key_as_json_and_cdxj(ask):
    rows = json.loads(ask(f"/cdx?url={HOST}/tin&output=json&limit=2&showResumeKey=true")[2])
    assert rows[-2] == []
    rest = json.loads(ask(f"/cdx?url={HOST}/tin&output=json&resumeKey={rows[-1][0]}")[2])
    assert rows[:-2] + rest[1:] == json.loads(ask(f"/cdx?url={HOST}/tin&output=json")[2])
    assert "showResumeKey" not in ask(f"/cdx?url={HOST}/tin&output=json&limit=5&showResumeKey=true")[2].decode()
    assert json.loads(ask(f"/cdx?url={HOST}/tin&output=json&limit=5&showResumeKey=true")[2])[-1] != []
    lines = ask(f"/cdx?url={HOST}/tin&output=cdxj&limit=2&showResumeKey=true")[2].decode().splitlines()
    assert lines[-2] == ""
    assert lines[-1] == rows[-1][0]


def test_pages(ask, monkeypatch):
    monkeypatch.setattr(cdx_query, "BLOCK", 2)
    whole = found(ask, f"{HOST}/*")
    pages = int(ask(f"/cdx?url={HOST}/*&pageSize=2&showNumPages=true")[2])
    assert pages == 3
    for sort in ("default", "reverse"):
        came = [found(ask, f"{HOST}/*", pageSize=2, page=n, sort=sort) for n in range(pages)]
        # A page is 4 captures, and one of them was never answered.
        assert sorted(len(lines) for lines in came) == [3, 3, 4]
        assert list(chain(*came)) == (whole if sort == "default" else whole[::-1])
        assert ask(f"/cdx?url={HOST}/*&pageSize=2&page=3&sort={sort}")[0] == 400
    assert ask(f"/cdx?url={HOST}/*&pageSize=2&page=3")[0] == 400
    assert found(ask, "https://khong-co.example/", page=0) == []
    assert ask("/cdx?url=https://khong-co.example/&page=1")[0] == 400
    assert ask("/cdx?url=https://khong-co.example/&showNumPages=true")[2] == b"0\n"


def test_json_has_a_header_row(ask):
    status, headers, body = ask(f"/cdx?url={HOST}/tin&output=json&fl=timestamp,statuscode&limit=2")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body) == [["timestamp", "statuscode"], ["20260301120010", "200"], ["20260301120040", "200"]]
    assert json.loads(ask("/cdx?url=https://khong-co.example/&output=json")[2]) == []
    assert ask("/cdx?url=https://khong-co.example/")[2] == b""


def test_cdxj_points_into_the_warc_files(ask):
    _, headers, body = ask(f"/cdx?url={HOST}/*&output=cdxj")
    assert headers["content-type"] == "text/x-cdxj; charset=utf-8"
    lines = body.decode().splitlines()
    assert lines == sorted(lines, key=str.encode)
    for line in lines:
        _, time, block = line.split(" ", 2)
        told = json.loads(block)
        assert list(told) == ["url", "mime", "status", "digest", "length", "offset", "filename"]
        first, length = int(told["offset"]), int(told["length"])
        came = ask(f"/warc/{told['filename']}", range=f"bytes={first}-{first + length - 1}")
        assert came[0] == 206
        record = gzip.decompress(came[2]).decode(errors="replace")
        assert f"WARC-Target-URI: {told['url']}\r\n" in record
        assert f"WARC-Date: 2026-03-0{time[7]}T{time[8:10]}:{time[10:12]}:{time[12:14]}" in record
        assert f"WARC-Type: {'revisit' if told['mime'] == 'warc/revisit' else 'response'}\r\n" in record
    assert list(json.loads(ask(f"/cdx?url={HOST}/tin&output=cdxj&fl=url,status")[2].decode().splitlines()[0].split(" ", 2)[2])) == ["url", "status"]


def test_revisits_are_resolved_on_request(ask):
    lines = found(ask, f"{HOST}/tin", "mimetype,digest,orig.filename,orig.offset,orig.length", resolveRevisits="true")
    plain = found(ask, f"{HOST}/", "filename,offset,length")[0]
    assert lines[0][0] == "text/html"
    assert lines[0][2:] == plain
    assert lines[1][2:] == ["-", "-", "-"]
    columns = json.loads(ask(f"/cdx?url={HOST}/tin&output=json&resolveRevisits=true&limit=1")[2])[0]
    assert columns[7:] == ["orig.length", "orig.offset", "orig.filename"]


def test_gzip_where_the_client_takes_it(ask):
    plain = ask(f"/cdx?url={HOST}/*")[2]
    _, headers, body = ask(f"/cdx?url={HOST}/*", accept_encoding="gzip, deflate")
    assert (headers["content-encoding"], headers["vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(body) == plain
    assert "content-encoding" not in ask(f"/cdx?url={HOST}/*&gzip=false", accept_encoding="gzip")[1]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "url"), ("url=", "url"), ("url=x&matchType=near", "matchType"), ("url=x&output=xml", "output"), ("url=x&sort=size", "sort"),
        ("url=x&sort=closest", "closest"), ("url=x*&sort=closest&closest=2026", "closest"), ("url=x&closest=yesterday", "closest"), ("url=x&closest=20269999", "closest"),
        ("url=x&from=2026-01-01", "from"), ("url=x&to=202601010000000", "to"), ("url=x&limit=many", "limit"), ("url=x&limit=-100001", "limit"),
        ("url=x&offset=-1", "offset"), ("url=x&pageSize=51", "pageSize"), ("url=x&page=-1", "page"), ("url=x&resumeKey=abc", "resumeKey"),
        ("url=x&resumeKey=WyJhIiwgMSwgInoiLCAwXQ", "resumeKey"), ("url=x&page=1&resumeKey=WyJhIiwiYiIsMSwwXQ", "resumeKey"),
        ("url=x&fl=urlkey,body", "body"), ("url=x&filter=statuscode", "filter"), ("url=x&filter=body:x", "body"), ("url=x&filter=statuscode:(", "("),
        ("url=x&filter=statuscode:(%3F!4)", "(?!4)"), ("url=x&filter=statuscode:(a)%5C1", "(a)"), ("url=x&filter=~urlkey:" + "a" * 501, "500"),
        ("url=x&collapse=body", "collapse"), ("url=x&collapse=digest:x", "collapse"), ("url=x&gzip=maybe", "gzip"), ("url=x&showNumPages=ja", "showNumPages"),
        ("url=x" + "&filter=urlkey:a" * 11, "10"), ("url=x" + "&a=b" * 50, "50"), ("url=dns:son-la.example&matchType=host", "url"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_before_anything_is_read(text, named):
    with Reader([]) as nothing:
        status, headers, body = asking(nothing)("/cdx?" + text, accept_language="en")
    assert (status, headers["content-type"]) == (400, "application/json")
    assert named in json.loads(body)["error"]


def test_regular_expressions_cannot_hold_the_room_up(ask):
    """What makes a backtracking engine try 2^40 ways is done in one pass."""
    assert found(ask, f"{HOST}/*", filter="original:(.*.*.*.*.*.*.*)*x{900}") == []
    assert found(ask, f"{HOST}/*", filter="~original:((h+)+)+$") == []


@given(st.text(max_size=60), st.sampled_from(["url", "from", "to", "filter", "fl", "collapse", "limit", "offset", "sort", "closest", "page", "resumeKey", "output"]))
@settings(max_examples=300, deadline=None)
def test_any_text_in_any_parameter_is_read_or_refused(text, name):
    try:
        query(f"url=https://son-la.example/&{name}={quote(text)}" if name != "url" else f"url={quote(text)}")
    except Refused as refused:
        assert refused.status == 400


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=12), st.integers(1, 4), st.sampled_from(["default", "reverse"])
)
@settings(max_examples=30, deadline=None)
def test_however_the_captures_lie_resuming_gives_each_once(tmp_path_factory, states, limit, sort):
    """Two archives that share addresses and seconds; pieces of any size, put together, are the whole."""
    folder = tmp_path_factory.mktemp("hai")
    for half in (0, 1):
        with Depositor.open(folder / f"{half}.db") as depositor:
            run = depositor.begin("hai")
            for at, (address, after) in enumerate(states):
                if at % 2 == half:
                    made = exchange(f"{HOST}/{address}", answer(str(at).encode()), started=BASE + timedelta(seconds=after))
                    depositor.deposit(run, made).result()
            depositor.end(run, "finished").result()
    with Reader.open([folder / "0.db", folder / "1.db"]) as reader:
        ask = asking(reader)
        whole = found(ask, f"{HOST}/*", "recordid,urlkey,timestamp", sort=sort)
        assert sorted(line[1:] for line in whole) == sorted([f"example,son-la)/{a}", f"{BASE + timedelta(seconds=s):%Y%m%d%H%M%S}"] for a, s in states)
        came, more = [], {}
        while True:
            lines = found(ask, f"{HOST}/*", "recordid,urlkey,timestamp", sort=sort, limit=limit, showResumeKey="true", **more)
            came += [line for line in lines if len(line) > 1]
            if [""] not in lines:
                break
            more = {"resumeKey": lines[-1][0]}
        assert came == whole


def test_a_long_list_needs_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "_MANY", 100)
    path = tmp_path / "nhieu.db"
    with Depositor.open(path) as depositor:
        run = depositor.begin("son-la")
        made = [depositor.deposit(run, exchange(f"{HOST}/{n}", answer(b"x"), started=BASE)) for n in range(3000)]
        for future in made:
            future.result()
        depositor.end(run, "finished").result()
    with Reader.open(path) as reader:
        request = asked(environ(f"/cdx?url={HOST}/*&output=cdxj"), HOSTS)
        tracemalloc.start()
        length = sum(map(len, server.cdx(reader, request).body))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert length > 600_000
    assert peak < length / 2
