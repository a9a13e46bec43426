"""What a page and its parts are answered with in replay: status, headers and bytes, for every kind of capture."""

from __future__ import annotations

import gzip
import zlib
from datetime import timedelta
from io import BytesIO

import brotli
import pytest
from archives import HOST, LONG, PDF, START, answer, chunked, exchange, sound
from rooms import environ

from archive.deposit import Depositor
from archive.replay.app import Room
from archive.replay.hosts import Hosts
from archive.retrieve import Reader

try:
    from compression import zstd
except ImportError:
    from backports import zstd

SITE = "https://thu.example"
PAGE = b"<html><head></head><body><a href=/x>Hu\xe1\xba\xbf</a></body></html>"
CSS, JS = b"a{b:url(/c)}", b"location.href='/moi'"
MOVED = b"HTTP/1.1 301 Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
WIDE = b"\xff\xfe" + "<a href='/x'>Huế".encode("utf-16-le")
COOKIES = answer(
    PAGE, "text/html; charset=utf-8", "Set-Cookie: a=1", "Set-Cookie: b=2; Domain=.thu.example", "Strict-Transport-Security: max-age=9", "Public-Key-Pins: x",
    "Content-Security-Policy: default-src *", "Content-Security-Policy-Report-Only: default-src *", "Clear-Site-Data: *", "Service-Worker-Allowed: /",
    "Refresh: 5; url=/moi", "Access-Control-Allow-Origin: *", "Report-To: {}", "Reporting-Endpoints: x", "NEL: {}", "Cross-Origin-Opener-Policy: unsafe-none",
    "Cross-Origin-Embedder-Policy: unsafe-none", "Link: </a.js>; rel=preload; as=script", 'Alt-Svc: h3=":443"', "X-Frame-Options: DENY", "Content-Language: vi",
    "Set-Cookie2: c=3", "Timing-Allow-Origin: *", "Origin-Agent-Cluster: ?1", "Accept-CH: DPR", "Server-Timing: x", "SourceMap: /a.map", 'Speculation-Rules: "/s"',
)  # fmt: skip


def coded(coding, body):
    return answer(body, "text/html; charset=utf-8", f"Content-Encoding: {coding}")


def post(body, media_type, response, after):
    made = exchange(f"{SITE}/tim", answer(response), after, "POST")
    sent = b"POST /tim HTTP/1.1\r\nHost: thu.example\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (media_type, len(body), body)
    made.request, made.request_length = BytesIO(sent), len(sent)
    return made


def kept():
    plain = {
        "/": answer(PAGE), "/gzip": coded("gzip", gzip.compress(PAGE)), "/br": coded("br", brotli.compress(PAGE)), "/zstd": coded("zstd", zstd.compress(PAGE)),
        "/deflate": coded("deflate", zlib.compress(PAGE)), "/twice": coded("gzip, br", brotli.compress(gzip.compress(PAGE))), "/chunks": chunked(PAGE, 7),
        "/style": answer(CSS, "text/css"), "/script": answer(JS, "application/x-javascript"), "/wrong.js": answer(JS, "text/plain"), "/json": answer(b'{"a": "/x"}', "application/json"),
        "/wide": answer(WIDE, "text/html"), "/meta": answer(b"<meta charset=windows-1258><a href=/x>\xd2", "text/html"), "/lie": answer(PAGE, "text/html; charset=windows-1258"),
        "/bare": b"HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n<!doctype html><html><a href=/x>", "/404": answer(b"<p>khong co", status="404 Not Found"),
        "/503": answer(b"<p>ban", status="503 Service Unavailable"), "/cookies": COOKIES, "/anh": answer(b"\x89PNG\r\n\x1a\n" + b"x" * 50, "application/octet-stream"),
        "/tep?id=5": answer(PDF, "application/pdf", 'Content-Disposition: attachment; filename="Báo cáo.pdf"'), "/phim.mp4": answer(bytes(range(200)), "video/mp4"),
        "/loa.mp3": answer(bytes(range(200)), "audio/mpeg"), "/van-ban.pdf": answer(bytes(range(200)), "application/pdf"), "/khuc.mp4": chunked(bytes(range(200)), 7).replace(b"text/html", b"video/mp4"),
        "/nen.mp4": answer(gzip.compress(bytes(range(200))), "video/mp4", "Content-Encoding: gzip"), "/bom": answer(b"\xef\xbb\xbf<meta charset=windows-1258><a href=/x>Hu\xe1\xba\xbf", "text/html"),
        "/bom-thang": answer(b"\xef\xbb\xbf<a href=/x>Hu\xe1\xba\xbf", "text/html; charset=windows-1258"),
        "/doan.mp4": answer(bytes(range(200)), "video/mp4", "Content-Range: bytes 50-249/1000", status="206 Partial Content"),
        "/ca.mp4": answer(bytes(range(200)), "video/mp4", "Content-Range: bytes 0-199/200", status="206 Partial Content"),
        "/la.mp4": answer(bytes(range(200)), "video/mp4", "Content-Range: x; y", status="206 Partial Content"),
        "/xml": answer(b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><a href="/x"/></svg>', "image/svg+xml"),
    }  # fmt: skip
    made = [exchange(SITE + path, wire, 1) for path, wire in plain.items()]
    made += [
        exchange(f"{SITE}/cu", MOVED % b"/", 2), exchange("http://vong.example/", MOVED % b"https://vong.example/", 1), exchange("https://vong.example/", answer(PAGE), 2),
        exchange(f"{SITE}/dut", answer(LONG)[:700], 3, truncated="length"), exchange(f"{SITE}/dau", answer(b""), 4, "HEAD"),
        exchange(f"{SITE}/tim", answer(b"<p>mau tim"), 5), post(b"q=hu%E1%BA%BF&p=1", b"application/x-www-form-urlencoded", b"<p>ket qua", 6),
        post(b'--x1\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x1--\r\n', b"multipart/form-data; boundary=x1", b"<p>da nhan", 7),
    ]  # fmt: skip
    return made


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    path = tmp_path_factory.mktemp("phat-lai") / "a.db"
    with Depositor.open(path) as depositor:
        run = depositor.begin("thu")
        for made in kept():
            depositor.deposit(run, made).result()
        depositor.end(run, "finished").result()
    with Reader.open(path) as reader:
        yield Room(lambda: reader, Hosts(replay="localhost"))


@pytest.fixture
def ask(room):
    def ask(path, mode="if_", seconds=1, method="GET", body=b"", media_type="", site=SITE, **fields):
        told = {}
        target = f"/web/{at(seconds)}{mode}/{site}{path}"
        asked = environ(target, "localhost:8080", method, **fields) | {
            "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": media_type, "wsgi.input": BytesIO(body),
        }  # fmt: skip
        pieces = room(asked, lambda status, headers: told.update(status=status, headers=headers))
        came = b"".join(pieces)
        if hasattr(pieces, "close"):
            pieces.close()
        return int(told["status"][:3]), {name.lower(): value for name, value in told["headers"]}, came

    return ask


def at(seconds):
    return f"{START + timedelta(seconds=seconds):%Y%m%d%H%M%S}"


def led(path, mode, seconds=1, origin=""):
    return f"{origin}/web/{at(seconds)}{mode}/{SITE}{path}"


def without_ours(body):
    """A page without the one script element that replay puts into it."""
    start = body.index(b"<script src=")
    return body[:start] + body[body.index(b"</script>", start) + 9 :]


@pytest.mark.parametrize("path", ["/", "/gzip", "/br", "/zstd", "/deflate", "/twice", "/chunks"])
def test_pages_are_decoded_and_rewritten(ask, path):
    status, headers, body = ask(path)
    assert status == 200
    assert without_ours(body) == b"<html><head></head><body><a href=%s>Hu\xe1\xba\xbf</a></body></html>" % led("/x", "if_").encode()
    assert headers["content-length"] == str(len(body))
    assert "content-encoding" not in headers


@pytest.mark.parametrize(
    ("path", "mode", "kind", "came"),
    [
        ("/style", "cs_", "text/css", f"a{{b:url({led('/c', 'oe_')})}}".encode()),
        ("/script", "js_", "text/javascript", f"location.href='{led('/moi', 'mp_', origin='http://localhost:8080')}'".encode()),
        ("/wrong.js", "js_", "text/javascript", f"location.href='{led('/moi', 'mp_', origin='http://localhost:8080')}'".encode()),
        ("/json", "oe_", "application/json", b'{"a": "/x"}'),
        ("/anh", "im_", "application/octet-stream", b"\x89PNG\r\n\x1a\n" + b"x" * 50),
        ("/xml", "im_", "image/svg+xml", f'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><a href="{led("/x", "mp_")}"/></svg>'.encode()),
    ],
)
def test_what_a_page_loads_is_rewritten_by_what_it_is(ask, path, mode, kind, came):
    status, headers, body = ask(path, mode)
    assert (status, headers["content-type"], body) == (200, kind if mode != "im_" or path == "/xml" else "image/png", came)
    assert headers["content-location"] == led(path, mode)


def test_parts_are_answered_in_place_and_stay_nearest_to_the_time_of_the_page(ask):
    status, headers, body = ask("/style", "cs_", seconds=500)
    assert (status, headers["content-location"]) == (200, led("/style", "cs_"))
    assert led("/c", "oe_", 500).encode() in body
    assert ask("/", "", seconds=500)[1]["location"] == led("/", "")


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/wide", "text/html", b"\xff\xfe" + f"<a href='{led('/x', 'if_')}'>Huế".encode("utf-16-le")),
        ("/meta", "text/html; charset=windows-1258", b"<meta charset=windows-1258><a href=%s>\xd2" % led("/x", "if_").encode()),
        ("/lie", "text/html; charset=windows-1258", b"<html><head></head><body><a href=%s>Hu\xe1\xba\xbf</a></body></html>" % led("/x", "if_").encode()),
        ("/bom", "text/html", b"\xef\xbb\xbf<meta charset=windows-1258><a href=%s>Hu\xe1\xba\xbf" % led("/x", "if_").encode()),
        ("/bom-thang", "text/html; charset=windows-1258", b"\xef\xbb\xbf<a href=%s>Hu\xe1\xba\xbf" % led("/x", "if_").encode()),
        ("/bare", "text/html", b"<!doctype html><html><a href=%s" % led("/x", "if_").encode()),
    ],
)
def test_charsets_and_types_are_what_a_browser_makes_of_them(ask, path, kind, body):
    status, headers, came = ask(path)
    assert (status, headers["content-type"]) == (200, kind)
    if path == "/wide":
        start, end = (came.index(mark.encode("utf-16-le")) for mark in ("<script", "</script>"))
        assert came[:start] + came[end + 18 :] == body
    else:
        assert without_ours(came).startswith(body)


@pytest.mark.parametrize(("path", "status", "said"), [("/404", 404, "404 Not Found"), ("/503", 503, "503 Service Unavailable"), ("/dut", 200, "cut off (length)")])
def test_errors_and_truncated_answers_are_shown_as_such(ask, path, status, said):
    came, _, body = ask(path, "", 3 if path == "/dut" else 1, accept_language="en")
    assert came == status
    assert said in body.decode()
    assert ask(path, "", 3 if path == "/dut" else 1, sec_fetch_dest="document")[0] == status


def test_nothing_of_the_servers_policies_cookies_and_orders_is_passed_on(ask):
    status, headers, _ = ask("/cookies")
    assert status == 200
    assert set(headers) == {
        "content-type", "content-length", "content-language", "refresh", "content-security-policy", "x-content-type-options", "referrer-policy",
        "permissions-policy", "cache-control", "vary", "x-dns-prefetch-control", "memento-datetime", "link", "x-archive-record",
    }  # fmt: skip
    assert headers["refresh"] == f"5; url={led('/moi', 'if_')}"
    assert headers["content-security-policy"].startswith("sandbox allow-scripts allow-forms allow-downloads; default-src 'none'; ")
    assert "preload" not in headers["link"]
    for directive in headers["content-security-policy"].split("; ")[1:]:
        assert all(s.startswith(("http://localhost:8080/web/", "http://localhost:8080/replay/", "'", "data:", "blob:")) for s in directive.split()[1:]), directive


def test_a_part_asked_for_by_its_record_is_what_it_is_by_its_time(ask, room):
    _, headers, body = ask("/style", "cs_")
    told, record = {}, headers["x-archive-record"]
    came = b"".join(room(environ(f"/records/cs_/{record}", "localhost:8080"), lambda status, fields: told.update(fields)))
    assert came == body
    assert {name.lower(): value for name, value in told.items()} == headers | {"content-location": f"/records/cs_/{record}"}


def test_redirects_lead_to_the_capture_of_their_target(ask):
    for mode in ("", "if_", "mp_", "im_"):
        status, headers, _ = ask("/cu", mode, 2)
        assert (status, headers["location"]) == (301, led("/", mode, 2))


def test_redirect_from_http_to_https_does_not_lead_to_itself(ask):
    status, headers, _ = ask("/", "", 1, site="http://vong.example")
    assert (status, headers["location"]) == (302, f"/web/{at(2)}/https://vong.example/")
    assert ask("/", "id_", 1, site="http://vong.example")[0] == 301


@pytest.mark.parametrize(
    ("asked", "status", "part", "said"),
    [
        ("bytes=0-9", 206, range(10), "bytes 0-9/200"), ("bytes=190-", 206, range(190, 200), "bytes 190-199/200"), ("bytes=-5", 206, range(195, 200), "bytes 195-199/200"),
        ("bytes=100-900", 206, range(100, 200), "bytes 100-199/200"), ("bytes=9-1", 416, None, "bytes */200"), ("bytes=200-", 416, None, "bytes */200"), ("lines=1-2", 200, range(200), None),
        ("bytes=0-1,3-4", 200, range(200), None), ("bytes=-0", 416, None, "bytes */200"), ("bytes=-900", 206, range(200), "bytes 0-199/200"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["id_", "oe_", "if_"])
@pytest.mark.parametrize("path", ["/phim.mp4", "/loa.mp3", "/van-ban.pdf", "/khuc.mp4", "/nen.mp4"])
def test_ranges(ask, path, mode, asked, status, part, said):
    came, headers, body = ask(path, mode, range=asked)
    assert (came, headers.get("content-range")) == (status, said)
    if part is not None:
        assert (headers["accept-ranges"], body) == ("bytes", bytes(part))
        assert headers["content-length"] == str(len(body))


@pytest.mark.parametrize(
    ("path", "status", "said", "asked"),
    [("/doan.mp4", 206, "bytes 50-249/1000", ""), ("/doan.mp4", 206, "bytes 50-249/1000", "bytes=0-"), ("/ca.mp4", 200, None, ""), ("/ca.mp4", 206, "bytes 0-9/200", "bytes=0-9"), ("/la.mp4", 206, None, "")],
)  # fmt: skip
def test_what_was_captured_as_a_part_is_shown_as_that_part(ask, path, status, said, asked):
    """Other crawlers ask for ranges: of all of it (then it is whole), or of a piece."""
    came, headers, body = ask(path, "oe_", **({"range": asked} if asked else {}))
    assert (came, headers.get("content-range"), body) == (status, said, bytes(range(10 if asked and path == "/ca.mp4" else 200)))


def test_files_are_handed_over_under_their_own_name(ask):
    _, headers, body = ask("/tep?id=5")
    assert body == PDF
    assert headers["content-disposition"].startswith("attachment; filename*=UTF-8''B")
    assert ask("/tep?id=5", range="bytes=0-7")[2] == b"%PDF-1.4"


def test_forms_are_answered_from_what_was_sent_then(ask):
    form = {"method": "POST", "media_type": "application/x-www-form-urlencoded", "seconds": 6}
    assert b"<p>ket qua" in ask("/tim", body=b"q=hu%e1%ba%bf&p=1", **form)[2]
    multipart = b'--khac\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--khac--\r\n'
    assert b"<p>da nhan" in ask("/tim", body=multipart, method="POST", media_type="multipart/form-data; boundary=khac")[2]
    status, _, body = ask("/tim", body=b"q=khac", accept_language="en", **form)
    assert (status, b"it has 2 with others" in body) == (404, True)
    assert b"<p>mau tim" in ask("/tim", seconds=5)[2]
    assert ask("/tim", seconds=6)[1]["location"] == led("/tim", "if_", 5)
    assert ask("/tim", body=b"x" * (1 << 20) + b"x", **form)[0] == 413
    assert ask("/tim", "id_", 6)[2] == b"<p>ket qua"


def test_page_of_a_revisit_is_that_of_the_original(tmp_path):
    with Reader.open(sound(tmp_path / "hue.db")) as reader:
        room = Room(lambda: reader, Hosts(replay="localhost"))
        pages = []
        for seconds in (2, 3600):
            target = f"/web/{START + timedelta(seconds=seconds):%Y%m%d%H%M%S}if_/{HOST}/tin"
            pages.append(without_ours(b"".join(room(environ(target, "localhost:8080"), lambda *_: None))))
        assert pages[1] == pages[0].replace(at(2).encode(), at(3600).encode())


def test_browsers_get_a_frame_and_programs_the_page(ask):
    for mode, inner in (("", "mp_"), ("if_", "fw_")):
        status, headers, body = ask("/", mode, sec_fetch_dest="document")
        assert (status, headers["content-security-policy"].split("; ")[1]) == (200, "frame-src http://localhost:8080/web/ http://localhost:8080/records/")
        assert f'src="{led("/", inner)}" sandbox="allow-scripts allow-forms allow-downloads"'.encode() in body
        assert ask("/", inner, sec_fetch_dest="document")[1]["location"] == led("/", mode)
        assert b"<iframe" not in ask("/", mode)[2]
        assert (b"tangthu-banner" in ask("/", mode)[2]) == (mode == "")
        assert memento(headers) == memento(ask("/", mode)[1])
    assert b"<noscript><tangthu-banner" in ask("/", "mp_", sec_fetch_dest="iframe")[2]
    assert b"tangthu-banner" not in ask("/", "fw_", sec_fetch_dest="iframe")[2]


def memento(headers):
    return {name: headers[name] for name in ("memento-datetime", "link")}


def test_only_a_frame_learns_the_word_that_proves_which_capture_it_shows(ask):
    assert b'data-proof="' in ask("/", "mp_", sec_fetch_dest="iframe")[2]
    for wanted in ("empty", "script", "image", "style"):
        assert b"data-proof" not in ask("/", "mp_", sec_fetch_dest=wanted)[2]
        assert b"data-proof" not in ask("/", "oe_", sec_fetch_dest=wanted)[2]


def test_service_workers_are_refused(ask):
    assert ask("/script", "js_", service_worker="script")[0] == 403


def test_replayed_documents_are_let_into_their_own_requests_only(ask):
    assert ask("/json", "oe_", origin="null")[1]["access-control-allow-origin"] == "null"
    for origin in ("https://la.example", "http://127.0.0.1:8080", ""):
        assert "access-control-allow-origin" not in ask("/json", "oe_", origin=origin)[1]
