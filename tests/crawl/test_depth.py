"""What was refused or passed over only because the way to it was long is visited when another page names it."""

from __future__ import annotations

import threading

import pytest
from running import tangthu
from server import Portal

from archive import Reader
from crawler.spiders.walk import MAX_EMBEDS


def answer(kind, body):
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/%s\r\nContent-Length: %d\r\n\r\n" % (kind, len(body)) + body


@pytest.fixture
def portal():
    with Portal() as portal:
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", then="keep")
        portal.on("/", answer(b"html", b"<link rel=stylesheet href=/1.css><a href=/sau>x</a>"), then="keep")
        for n in range(1, MAX_EMBEDS + 2):
            portal.on(f"/{n}.css", answer(b"css", b"@import '/%d.css';" % (n + 1)), then="keep")
        ended = threading.Event()
        last = answer(b"css", b"@import '/%d.css';" % (MAX_EMBEDS + 1))
        portal.on(f"/{MAX_EMBEDS}.css", lambda wire: (wire.send(last), ended.set()), then="keep")
        # Answered, so kept and read too, after the chain has come to its end.
        late = answer(b"html", b"<link rel=stylesheet href=/%d.css>" % (MAX_EMBEDS + 1))
        portal.on("/sau", lambda wire: (ended.wait(30), wire.send(late)), then="keep")
        portal.on(f"/{MAX_EMBEDS + 2}.css", answer(b"css", b""), then="keep")
        yield portal


@pytest.mark.parametrize("processes", [0, 1])
def test_an_address_too_deep_is_visited_when_it_is_named_again(portal, tmp_path, processes):
    ended = tangthu(
        "crawl", portal.url("/"), "--own-host", "--archive", tmp_path / "a.db", "--set", f"READING_PROCESSES={processes}"
    )  # fmt: skip
    assert ended.code == 0, ended.err
    deep = portal.url(f"/{MAX_EMBEDS + 1}.css")
    with Reader.open(tmp_path / "a.db") as reader:
        known = reader.why(deep)
        assert [refusal["detail"] for refusal in known.refusals] == [f"embedded more than {MAX_EMBEDS} deep"]
        assert [(capture.status, capture.url) for capture in known.captures] == [(200, deep)]
        assert reader.find(portal.url(f"/{MAX_EMBEDS + 2}.css")), "and so is what it names"


@pytest.mark.parametrize("processes", [0, 1])
def test_a_feed_that_a_far_page_names_first_is_read_when_a_near_one_names_it(tmp_path, processes):
    """Far from the start a feed is one article's comments; the same address named near it is the portal's feed."""
    far, feed = threading.Event(), b"<link rel=alternate type=application/rss+xml href=/tin.rss>"
    item = b"<rss version='2.0'><channel><item><link>/tin/chi-trong-rss</link></item></channel></rss>"
    with Portal() as portal:
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", then="keep")
        portal.on("/", answer(b"html", b"<iframe src=/khung></iframe><a href=/sau>x</a>"), then="keep")
        portal.on("/khung", answer(b"html", b"<iframe src=/khung-trong></iframe>"), then="keep")
        portal.on("/khung-trong", lambda wire: (wire.send(answer(b"html", feed)), far.set()), then="keep")
        portal.on("/sau", lambda wire: (far.wait(30), wire.send(answer(b"html", feed))), then="keep")
        portal.on("/tin.rss", answer(b"xml", item), then="keep")
        portal.on("/tin/chi-trong-rss", answer(b"html", b"<p>Tin.</p>"), then="keep")
        ended = tangthu(
            "crawl", portal.url("/"), "--own-host", "--archive", tmp_path / "a.db", "--set", f"READING_PROCESSES={processes}"
        )  # fmt: skip
        assert ended.code == 0, ended.err
        with Reader.open(tmp_path / "a.db") as reader:
            assert [c.status for c in reader.find(portal.url("/khung-trong"))] == [200]
            assert [c.status for c in reader.find(portal.url("/tin/chi-trong-rss"))] == [200]
