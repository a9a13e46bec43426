"""The reading room, asked as a WSGI callable: its own pages, the archived bytes, and the wall between the two."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import timedelta
from email.utils import format_datetime
from html import unescape
from urllib.parse import quote

import pytest
from archives import HOST, LATER, LONG, START, answer, chunked, exchange, sound
from lxml import html
from rooms import asking

from archive.deposit import Depositor
from archive.errors import Misuse
from archive.export.adopt import adopt
from archive.model import Alias, Article, Failure, Refusal, Settlement
from archive.replay import reading
from archive.replay.app import ROUTES
from archive.replay.hosts import Hosts
from archive.retrieve import Reader
from archive.robots import Source

BAD = "https://xau.example/"
HOSTILE = answer(
    b"<script>alert(1)</script>", "text/html; charset=utf-8", "Set-Cookie: a=1", "Strict-Transport-Security: max-age=9",
    "Content-Security-Policy: default-src *", "Clear-Site-Data: *", "Service-Worker-Allowed: /", "Refresh: 0; url=/x",
    "Access-Control-Allow-Origin: *", "Connection: close", "Content-Language: vi",
)  # fmt: skip
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
SHARED = [
    exchange(BAD, HOSTILE, 100),
    exchange(BAD + "hai", answer(b"lan dau"), 200.1),
    exchange(BAD + "hai", answer(b"lan sau"), 200.6),
    exchange(BAD + "phan", answer(b"--x", "multipart/x-mixed-replace; boundary=x"), 300),
    exchange(BAD + "la?a=1&lang=en&q=%C4%91", answer(b"co tham so"), 400),
    exchange(BAD + "999", answer(b"so la", status="999 Request denied"), 500),
    exchange(BAD + "lai", answer(b"p {}", "text/css", 'ETag: "1"'), 700),
    exchange(BAD + "lai", NOT_MODIFIED, 701),
    exchange(BAD + "cu", b"HTTP/1.1 301 Moved\r\nLocation: /hai\r\nContent-Length: 0\r\n\r\n", 600),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = sound(tmp_path_factory.mktemp("room") / "hue.db")
    with Depositor.open(path) as depositor:
        run = depositor.begin("xau")
        for made in SHARED:
            depositor.deposit(run, made).result()
        depositor.end(run, "finished").result()
    return path


@pytest.fixture
def ask(path):
    """ask(path and query) → status, headers (lower-case names), body."""
    with Reader.open(path) as reader:
        yield asking(reader)


def replay(ask, target, **fields):
    return ask(target, host="localhost:8080", **fields)


def at(seconds):
    return f"{START + timedelta(seconds=seconds):%Y%m%d%H%M%S}"


def test_home_shows_what_the_archive_holds(ask):
    status, headers, body = ask("/", accept_language="vi")
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "Bài viết mới nhất" in body.decode()
    assert "Cố đô Huế đón khách" in body.decode()
    held = json.loads(ask("/", accept="application/json")[2])
    assert (held["articles"], held["captures"], held["portals"]) == (1, 12 + len(SHARED), 2)
    assert held["newest"][0]["title"] == "Cố đô Huế đón khách"


def test_article_is_shown_with_the_archives_own_images_and_links_into_the_archive(ask):
    number = json.loads(ask("/index.json")[2])["newest"][0]["article"]
    status, _, body = ask(f"/articles/{number}")
    page = body.decode()
    assert status == 200
    assert f'src="http://localhost:8080/web/{at(3)}id_/{HOST}/cau.jpg"' in page
    assert "<figcaption>Cầu Trường Tiền</figcaption>" in page
    assert f'href="/captures/{HOST}/van-ban.pdf"' in page
    assert re.findall(r'(?:src|href|action)="(?!/|#|http://localhost:8080/)', page) == []
    plain = json.loads(ask(f"/articles/{number}.json")[2])
    assert plain["images"][0]["caption"] == "Cầu Trường Tiền"
    assert json.loads(ask(f"/articles.json?url={HOST}/tin")[2]) == plain
    assert ask("/articles/4711")[0] == 404


def test_search_finds_with_and_without_diacritics_and_marks_the_words(ask):
    for words in ("co%20do%20hue", "c%E1%BB%91%20%C4%91%C3%B4"):
        assert len(json.loads(ask(f"/search.json?q={words}")[2])["hits"]) == 1
    assert "<mark>Huế</mark>" in ask("/search?q=hue")[2].decode()
    assert ask("/search?q=khongco")[0] == 200
    assert ask("/search?q=" + "a" * 201)[0] == 400
    assert ask("/search?q=a&limit=0")[0] == 400
    assert ask(f"/search?q={BAD}hai")[1]["location"] == f"/captures/{BAD}hai"


def test_what_is_typed_is_text_and_nothing_else(ask):
    for target in ("/search?q=%3Cscript%3Ex", "/captures/http://x.example/%3Cscript%3E", "/captures?url=%22%3E%3Cscript%3E", "/%3Cscript%3E"):
        assert b"<script" not in ask(target)[2]


def test_captures_are_listed_oldest_first(ask):
    status, _, body = ask(f"/captures/{HOST}/tin")
    page = body.decode()
    assert status == 200
    assert re.findall(r"<th scope=\"row\"><time[^>]*>([^<]+)", page) == ["2026-01-10 08:15:02", "2026-01-10 09:15:00", "2026-01-10 10:15:00"]
    rows = json.loads(ask(f"/captures.json/{HOST}/tin")[2])["captures"]
    assert [r["time"] for r in rows] == ["2026-01-10T08:15:02.123456Z", "2026-01-10T09:15:00.123456Z", "2026-01-10T10:15:00.123456Z"]
    assert json.loads(ask(f"/captures/{HOST}/tin", accept="application/json")[2])["captures"] == rows


def test_address_with_a_query_is_found_by_path_and_by_parameter(ask):
    url = BAD + "la?a=1&lang=en&q=%C4%91"
    assert ask(f"/captures/{url}")[0] == 200
    assert ask("/captures?url=" + url.replace("%", "%25").replace("&", "%26"))[0] == 200
    status, _, body = replay(ask, f"/web/{at(400)}id_/{url}")
    assert (status, body) == (200, b"co tham so")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://la.example/", "never asks the live web"),
        (f"{HOST}/cam", "robots: Disallow: /cam"),
    ],
)
def test_unknown_address_says_what_is_known(ask, url, sentence):
    status, _, body = ask(f"/captures/{url}", accept_language="en")
    assert status == 404
    assert sentence in unescape(body.decode())
    for mode in ("", "mp_", "id_", "raw_"):
        status, _, body = replay(ask, f"/web/2026{mode}/{url}", accept_language="en")
        assert status == 404
        assert sentence in unescape(body.decode())
    status, headers, body = replay(ask, f"/web/2026im_/{url}")
    assert (status, headers["content-type"], body) == (404, "text/plain; charset=utf-8", b"")


def test_failure_is_listed_with_its_cause(ask):
    status, _, body = ask(f"/captures/{HOST}/dead", accept_language="en")
    assert status == 200
    assert "connection refused" in body.decode()


@pytest.mark.parametrize(
    ("seconds", "url", "body"), [(2, "/tin", LONG), (3600, "/tin", LONG), (7200, "/tin", LATER), (4, "/khuc", LONG), (5, "/gz", LONG)]
)
def test_body_is_played_back_as_captured(ask, seconds, url, body):
    status, headers, came = replay(ask, f"/web/{at(seconds)}id_/{HOST}{url}")
    assert (status, came) == (200, body)
    assert headers["content-type"].startswith("text/html")
    assert "content-encoding" not in headers
    assert headers["memento-datetime"] == format_datetime(START + timedelta(seconds=seconds), usegmt=True)
    assert headers["link"].startswith(f'<{HOST}{url}>; rel="original", ')


def test_not_modified_is_played_back_as_what_it_confirmed(tmp_path):
    first = warc(answer(b"p {}", "text/css"), "response", 1, "WARC-Date: 2026-01-10T08:00:00Z")
    again = warc(
        NOT_MODIFIED, "revisit", 2, "WARC-Date: 2026-01-11T08:00:00Z", "WARC-Refers-To: <urn:uuid:1>",
        "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified",
    )  # fmt: skip
    (tmp_path / "a.warc").write_bytes(first + again)
    with Depositor.open(tmp_path / "a.db") as depositor:
        list(adopt(depositor, [tmp_path / "a.warc"]))
    with Reader.open(tmp_path / "a.db") as reader:
        status, headers, came = replay(asking(reader), f"/web/20260111080000id_/{BAD}lai")
        assert (status, headers["content-type"], came) == (200, "text/css", b"p {}")
        assert replay(asking(reader), f"/web/20260111080000raw_/{BAD}lai")[2] == NOT_MODIFIED


def warc(block, kind, number, *fields):
    lines = [
        "WARC/1.1", f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:uuid:{number}>", f"WARC-Target-URI: {BAD}lai", *fields,
        "Content-Type: application/http;msgtype=response", f"Content-Length: {len(block)}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + block + b"\r\n\r\n"


def test_bare_not_modified_has_nothing_to_show_but_its_message(ask):
    assert replay(ask, f"/web/{at(701)}id_/{BAD}lai")[0] == 404
    assert replay(ask, f"/web/{at(701)}raw_/{BAD}lai")[2] == NOT_MODIFIED


def test_message_is_handed_over_as_it_crossed_the_wire(ask):
    for seconds, url, wire in ((4, "/khuc", chunked(LONG)), (3600, "/tin", answer(LONG)), (8, "/cut", answer(LONG)[:700])):
        status, headers, came = replay(ask, f"/web/{at(seconds)}raw_/{HOST}{url}")
        assert (status, came) == (200, wire)
        assert headers["content-disposition"].startswith("attachment")
        assert headers["x-content-type-options"] == "nosniff"


def test_nothing_of_a_hostile_answer_reaches_the_browser_but_its_body(ask):
    status, headers, body = replay(ask, f"/web/{at(100)}id_/{BAD}")
    assert (status, body) == (200, b"<script>alert(1)</script>")
    assert headers["content-security-policy"].startswith("sandbox; default-src 'self'")
    assert headers["content-language"] == "vi"
    assert set(headers) == {
        "content-type", "content-length", "content-language", "content-security-policy", "x-content-type-options",
        "referrer-policy", "permissions-policy", "cache-control", "memento-datetime", "link", "x-archive-record",
        "accept-ranges", "vary", "x-dns-prefetch-control",
    }  # fmt: skip
    assert replay(ask, f"/web/{at(300)}id_/{BAD}phan")[1]["content-type"] == "application/octet-stream"
    assert replay(ask, f"/web/{at(500)}id_/{BAD}999")[0] == 200


def test_archived_redirect_leads_on_within_the_archive(ask):
    status, headers, _ = replay(ask, f"/web/{at(600)}id_/{BAD}cu")
    assert (status, headers["location"]) == (301, f"/web/{at(600)}id_/{BAD}hai")


def test_two_captures_in_one_second_are_both_reachable(ask):
    assert replay(ask, f"/web/{at(200)}id_/{BAD}hai")[2] == b"lan sau"
    rows = json.loads(ask(f"/captures.json/{BAD}hai")[2])["captures"]
    bodies = [replay(ask, row["body"].removeprefix("http://localhost:8080"))[2] for row in rows]
    assert bodies == [b"lan dau", b"lan sau"]
    assert replay(ask, "/records/id_/urn:uuid:nirgends")[0] == 404
    for row, words in zip(rows, (b"lan dau", b"lan sau"), strict=True):
        assert words in replay(ask, f"/records/if_/{row['record_id']}")[2]
        framed = replay(ask, f"/records/{row['record_id']}", sec_fetch_dest="document")[2]
        assert f'src="/records/mp_/{row["record_id"]}"'.encode() in framed


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        (f"/web/2026id_/{BAD}", f"/web/{at(100)}id_/{BAD}"),
        (f"/web/{at(99)}id_/{BAD}", f"/web/{at(100)}id_/{BAD}"),
        (f"/web/2026/{BAD}", f"/web/{at(100)}/{BAD}"),
        (f"/web/2026if_/{BAD}", f"/web/{at(100)}if_/{BAD}"),
        (f"/web/2026id_/{BAD.replace('//', '/')}", f"/web/{at(100)}id_/{BAD}"),
        (f"/web/*/{BAD}", f"http://127.0.0.1:8080/captures/{BAD}"),
        ("/search?q=a", "http://127.0.0.1:8080/search?q=a"),
    ],
)
def test_replay_host_leads_to_the_right_address(ask, target, leads_to):
    status, headers, _ = replay(ask, target)
    assert (status, headers["location"]) == (302, leads_to)


@pytest.mark.parametrize(("target", "status"), [(f"/web/99999999999999id_/{BAD}", 400), (f"/web/2026xx_/{BAD}", 404), ("/favicon.ico", 404)])
def test_what_cannot_be_played_back_is_said(ask, target, status):
    assert replay(ask, target)[0] == status


def test_archived_bytes_never_come_from_the_rooms_own_host(ask):
    for target in (f"/web/{at(100)}id_/{BAD}", "/records/raw_/urn:uuid:x"):
        status, headers, body = ask(target)
        assert (status, headers["location"], body) == (302, f"http://localhost:8080{target}", b"")


@pytest.mark.parametrize(
    ("host", "method", "status"),
    [
        ("evil.example", "GET", 421), ("127.0.0.1.evil.example:8080", "GET", 421), ("", "GET", 400), ("a b", "GET", 400),
        ("127.0.0.1:8080", "POST", 405), ("localhost", "DELETE", 405),
    ],
)  # fmt: skip
def test_strangers_and_writers_are_turned_away(ask, host, method, status):
    came = ask("/", host=host, method=method)
    assert came[0] == status
    assert (came[1].get("allow") == "GET, HEAD") == (status == 405)


def test_own_pages_can_run_and_load_nothing(ask):
    for target in ("/", "/search?q=hue", f"/captures/{HOST}/tin", "/nichts", "/style.css"):
        policy = ask(target)[1]["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src http://localhost:8080; ")
        assert "frame-ancestors 'none'" in policy
        assert b"<script" not in ask(target)[2]


def test_head_has_the_headers_of_get(ask):
    for target in ("/", f"/captures/{HOST}/tin"):
        status, headers, body = ask(target, method="HEAD")
        assert (status, headers) == ask(target)[:2]
        assert body == b""


def test_language_is_the_readers(ask):
    assert 'lang="vi"' in ask("/")[2].decode()[:60]
    for header in ("en", "en-GB,en;q=0.9,vi;q=0.5", "fr, en;q=0.1"):
        assert "Newest articles" in ask("/", accept_language=header)[2].decode()
    assert "Bài viết" in ask("/?lang=vi", accept_language="en")[2].decode()
    page = ask("/?lang=en", accept_language="vi")[2].decode()
    assert "Newest articles" in page
    assert '<input type="hidden" name="lang" value="en">' in page


def test_long_addresses_are_refused_before_anything_is_read(ask):
    assert ask("/captures/http://a.example/" + "a" * 17000)[0] == 414


def test_damaged_record_is_not_shown(tmp_path):
    path = sound(tmp_path / "hong.db")
    with sqlite3.connect(path) as conn:
        (record,) = conn.execute("SELECT record FROM captures WHERE url = ?", (f"{HOST}/van-ban.pdf",)).fetchone()
        (member,) = conn.execute("SELECT bytes FROM parts WHERE record = ?", (record,)).fetchone()
        conn.execute("UPDATE parts SET bytes = ? WHERE record = ?", (member[:-12] + bytes([member[-12] ^ 1]) + member[-11:], record))
    conn.close()
    with Reader.open(path) as reader:
        for mode in ("id_", "raw_"):
            status, headers, body = replay(asking(reader), f"/web/{at(6)}{mode}/{HOST}/van-ban.pdf", accept_language="en")
            assert status == 502
            assert headers["content-type"].startswith("text/html")
            assert b"Damaged record" in body
            assert b"%PDF" not in body


def test_health_is_told_under_any_name(ask):
    assert json.loads(ask("/healthz", host="10.0.0.7")[2]) == {"status": "ok", "archives": 1}


def test_room_and_replay_need_two_names():
    with pytest.raises(Misuse, match="another host name"):
        Hosts.listening("localhost", "localhost")
    wild = Hosts.listening("0.0.0.0", "phat-lai.example")
    assert [wild.side(n) for n in ("192.0.2.1", "[::1]", "phat-lai.example", "evil.example")] == ["room", "room", "replay", None]


def test_every_route_is_answered_on_its_own_side_only():
    assert {route.side for route in ROUTES} == {"room", "replay", "both"}
    assert all(not route.pattern.startswith(r"/web") or route.side == "replay" for route in ROUTES)


def test_captures_have_a_calendar_that_leads_to_the_first_of_a_day(ask):
    page = ask(f"/captures/{HOST}/tin", accept_language="en")[2].decode()
    assert re.findall(r'<a href="([^"]+)" title="(\d+)" aria-label="([^"]+)">10</a>', page) == [
        (f"http://localhost:8080/web/{at(2)}/{HOST}/tin", "3", "10/01/2026: 3"),
    ]
    assert f'href="/compare?url={quote(HOST + "/tin", safe="")}"' in page


def test_an_article_names_its_states(ask):
    page = ask("/articles/1", accept_language="en")[2].decode()
    assert re.findall(r'href="/compare\?url=[^"&]+&amp;from=(\d+)&amp;to=(\d+)"', page) == [(at(2), at(7200))]


def test_behind_a_proxy_that_speaks_tls_links_and_policies_do_too(ask):
    _, headers, body = ask(f"/captures/{HOST}/tin", x_forwarded_proto="https")
    assert b"https://localhost:8080/web/2026" in body
    assert b'"http://localhost' not in body
    assert "img-src https://localhost:8080" in headers["content-security-policy"]
    for other in ("", "gopher", "https, http", "javascript"):
        assert b'"http://localhost:8080/web/2026' in ask(f"/captures/{HOST}/tin", x_forwarded_proto=other)[2]
    _, headers, body = ask(f"/web/{at(2)}mp_/{HOST}/tin", host="localhost:8080", x_forwarded_proto="https", sec_fetch_dest="iframe")
    assert b'<script src="https://localhost:8080/replay/client.js' in body
    assert "script-src https://localhost:8080/web/ data: blob: https://localhost:8080/replay/" in headers["content-security-policy"]


def test_of_an_address_with_many_captures_the_newest_are_listed_and_the_calendar_has_all_days(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_CAPTURES", 3)
    monkeypatch.setattr(reading, "MOST_TOLD", 4)
    paths = [tmp_path / name for name in ("a.db", "b.db")]
    for path, days in zip(paths, ((0, 1, 1.5, 4, 5), (2, 6)), strict=True):
        with Depositor.open(path) as depositor:
            run = depositor.begin("hue")
            for day in days:
                depositor.deposit(run, exchange(f"{HOST}/tin", answer(b"x"), day * 86400)).result()
            depositor.deposit(run, exchange(f"{HOST}/tin", b"", 9 * 86400, failure=Failure("timeout", "no answer"))).result()
            depositor.end(run, "finished").result()
    with Reader.open(paths) as reader:
        ask = asking(reader)
        page = html.document_fromstring(ask(f"/captures/{HOST}/tin", accept_language="en")[2].decode())
        assert [when.get("datetime")[:10] for when in page.xpath("//tbody/tr/th/time")] == ["2026-01-16", "2026-01-19", "2026-01-19"]
        assert "Captures: 9; below are the newest 3" in page.text_content()
        assert [link.get("aria-label") for link in page.xpath("//table[@class='calendar']//a")] == [
            "10/01/2026: 1", "11/01/2026: 2", "12/01/2026: 1", "14/01/2026: 1", "15/01/2026: 1", "16/01/2026: 1",
        ]  # fmt: skip
        told = json.loads(ask(f"/captures.json?url={HOST}/tin")[2])
        assert (told["count"], [one["time"][8:10] for one in told["captures"]]) == (9, ["15", "16", "19", "19"])


def test_not_in_the_archive_says_what_stands_for_it_whether_it_is_gone_and_what_robots_txt_said(tmp_path):
    twin, gone, kept_out = f"{HOST}/tin?utm_source=x", f"{HOST}/mat", f"{HOST}/rieng/a"
    with Depositor.open(tmp_path / "a.db") as depositor:
        run = depositor.begin("hue")
        rules = depositor.deposit(run, exchange(f"{HOST}/robots.txt", answer(b"User-agent: *\nDisallow: /rieng/", "text/plain"), 1)).result()
        source = depositor.read_robots(run, Source(HOST, rules.id, "rules", "", "*")).result()
        page = depositor.deposit(run, exchange(f"{HOST}/tin", answer(LONG), 2), ruling=(source, 0)).result()
        depositor.settle(run, Settlement(-1, page.id, "done", aliases=[Alias(twin, f"{HOST}/tin", "query", HOST)])).result()
        depositor.refuse(run, [Refusal(kept_out, "robots", "Disallow: /rieng/", HOST, (source, 2))]).result()
        depositor.end(run, "finished").result()
    with sqlite3.connect(tmp_path / "a.db") as conn:
        conn.execute(
            "INSERT INTO addresses (portal, url, kind, priority, hops, due, misses, missing, failures) VALUES ('hue', ?, 'page', 1, '', ?, 2, ?, 3)",
            (gone, "2026-03-01T00:00:00.000000Z", "2026-02-01T00:00:00.000000Z"),
        )
    with Reader.open(tmp_path / "a.db") as reader:
        ask = asking(reader)

        def says(url, status):
            for came in (ask(f"/captures/{url}", accept_language="en"), replay(ask, f"/web/2026/{url}", accept_language="en")):
                assert came[0] == status or came[0] == 302, url
                if came[0] == status:
                    yield " ".join(" ".join(html.document_fromstring(came[2].decode()).xpath("//dl//text()")).split())

        for told in says(twin, 404):
            assert f"Another address stands for it {HOST}/tin query" in told
        for told in says(gone, 404):
            assert "Gone since 2026-02-01 00:00:00 UTC hue" in told
            assert "Runs of late that could not reach it 3 hue Asked again from 2026-03-01 00:00:00 UTC hue" in told
        for told in says(kept_out, 404):
            assert f"Kept out by robots.txt line 2, group * · {HOST}/robots.txt" in told
        for told in says(f"{HOST}/tin", 200):
            assert f"Stands for {twin} query" in told
            assert f"Let in by robots.txt no line forbids it · {HOST}/robots.txt" in told


@pytest.mark.parametrize("url", ["http://[x/a", "http://a]b/", "http://a:99999999/x", "http://a b/c d", "http://é.example/ü?q=ă"])
def test_what_is_hardly_an_address_is_shown_like_any_other(tmp_path, url):
    """Archives of other tools have captures of all kinds of addresses, and pages name them."""
    page = b"<html><body><base href='//[/'><a href='http://[y'>b</a><img src='//]z'><p>Hu</p></body></html>"
    with Depositor.open(tmp_path / "a.db") as depositor:
        run = depositor.begin("hue")
        capture = depositor.deposit(run, exchange(url, answer(page), 1)).result()
        depositor.settle(run, Settlement(-1, capture.id, "done", Article(url, "Tin", None, "Nội dung"))).result()
        depositor.end(run, "finished").result()
    whole = quote(url, safe="")
    with Reader.open(tmp_path / "a.db") as reader:
        ask = asking(reader)
        for target in (f"/records/{capture.record_id}", f"/records/id_/{capture.record_id}", f"/records/mp_/{capture.record_id}"):
            assert replay(ask, target)[0] == 200, target
        for target in ("/articles/1", f"/articles?url={whole}", f"/captures?url={whole}", f"/captures.json?url={whole}", f"/cdx?url={whole}", "/", "/runs/1", "/search?portal=hue", "/search.atom", "/changes?portal=hue", "/search.csv"):
            assert ask(target)[0] == 200, target
        for target in (f"/compare?url={whole}", f"/timegate/{whole}", f"/timemap/json/{whole}", f"/captures/{whole}", f"/captures/{url}"):
            assert ask(target)[0] in (200, 302, 404), target
