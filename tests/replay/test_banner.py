"""What the banner over a capture says: when it was captured, what is before and after it, what its digests say, where its record is."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta
from html import unescape

import pytest
from archives import START, answer, exchange, ids
from rooms import REPLAY, asking

from archive.deposit import Depositor
from archive.retrieve import Reader

URL = "https://thu.example/tin?a=1&b=2"
STATES = [
    exchange(URL, answer(b"<p>mot"), 10), exchange(URL, answer(b"<p>hai", status="404 Not Found"), 20), exchange(URL, answer(b"<p>ba" * 300)[:900], 30, truncated="length"),
    exchange("https://thu.example/gui", answer(b"<p>gui"), 40, "POST"), exchange("https://thu.example/bon", answer(b"<p>bon"), 50),
]  # fmt: skip
HOLD = "The digests of the message and of its payload were computed just now and hold."


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.db"
    with Depositor.open(path, new_id=ids()) as depositor:
        run = depositor.begin("thu")
        for made in STATES:
            for block in (made.request, made.response):
                block.seek(0)
            depositor.deposit(run, made).result()
        depositor.end(run, "finished").result()
    return path


def at(seconds):
    return f"{START + timedelta(seconds=seconds):%Y%m%d%H%M%S}"


def banner(path, seconds, url=URL, language="en", **fields):
    """Its lines and its links, as a program without frames gets them."""
    with Reader.open(path) as reader:
        status, _, body = asking(reader)(f"/web/{at(seconds)}/{url}", host=REPLAY, accept_language=language, **fields)
    assert status in (200, 404)
    text = body.decode()
    inner = text[text.index("<details") : text.index("</details>")]
    lines = [" ".join(unescape(re.sub(r"<[^>]*>", "", part)).split()) for part in re.split(r"</?p\b[^>]*>|</summary>", inner)]
    return [line for line in lines if line], {unescape(link) for link in re.findall(r'href="([^"]*)"', inner)}


def record(path, seconds):
    with Reader.open(path) as reader:
        return next(c.record_id for c in reader.captures() if c.time == START + timedelta(seconds=seconds))


def test_a_capture_between_two(path):
    lines, links = banner(path, 20)
    assert lines == [
        "Tàng Thư captured 2026-01-10 08:15:20 UTC", URL, "‹ Before · After › · All captures · WARC record", f"{HOLD} · the server answered 404 Not Found",
    ]  # fmt: skip
    assert links == {
        f"http://localhost:8080/web/{at(10)}/{URL}", f"http://localhost:8080/web/{at(30)}/{URL}", f"http://127.0.0.1:8080/captures/{URL}",
        f"http://localhost:8080/records/raw_/{record(path, 20)}",
    }  # fmt: skip


def test_the_first_and_the_last(path):
    assert banner(path, 10)[0][2:] == ["The first · After › · All captures · WARC record", HOLD]
    assert banner(path, 30)[0][2:] == ["‹ Before · The newest · All captures · WARC record", f"{HOLD} · the answer was cut off (length)"]
    assert banner(path, 50, "https://thu.example/bon")[0][2:] == ["The first · The newest · All captures · WARC record", HOLD]


def test_in_vietnamese(path):
    assert banner(path, 10, language="vi")[0] == [
        "Tàng Thư bản lưu lúc 2026-01-10 08:15:10 UTC", URL, "Bản đầu tiên · Bản sau › · Mọi lần lưu · Bản ghi WARC",
        "Mã kiểm của thông điệp và của nội dung vừa được tính lại và khớp.",
    ]  # fmt: skip


def test_an_answer_to_a_form_says_so(path):
    with Reader.open(path) as reader:
        body = asking(reader)(f"/records/{record(path, 40)}", host=REPLAY, accept_language="en")[2].decode()
    assert "the answer to POST" in body


def test_the_link_to_the_record_leads_to_the_message(path):
    with Reader.open(path) as reader:
        status, _, body = asking(reader)(f"/records/raw_/{record(path, 20)}", host=REPLAY)
    assert (status, body) == (200, answer(b"<p>hai", status="404 Not Found"))


def test_a_payload_that_is_not_what_its_digest_says_is_told(path):
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE records SET payload_sha256 = zeroblob(32) WHERE id = (SELECT record FROM captures WHERE time LIKE '%08:15:10%')")
    conn.close()
    lines, _ = banner(path, 10)
    assert lines[3].startswith("THE PAYLOAD'S DIGEST DOES NOT HOLD: do not trust this capture")


def test_a_framed_page_has_the_same_banner_outside_of_its_frame(path):
    with Reader.open(path) as reader:
        body = asking(reader)(f"/web/{at(20)}/{URL}", host=REPLAY, accept_language="en", sec_fetch_dest="document")[2].decode()
    for said in ("2026-01-10 08:15:20 UTC", "‹ Before", "After ›", HOLD, "the server answered 404 Not Found", f"/records/raw_/{record(path, 20)}"):
        assert said in body[: body.index("<iframe")]
    assert "<details open" in body  # it folds away
    # without scripts the banner is within the frame, where the page could draw another one: outside of it stands what is certain
    plain = unescape(body[body.index("<noscript>") : body.index("</noscript>")])
    assert f"Certain is only this: {URL}, captured 2026-01-10 08:15:20 UTC." in plain
    with Reader.open(path) as reader:
        body = asking(reader)(f"/web/{at(20)}if_/{URL}", host=REPLAY, sec_fetch_dest="document")[2].decode()
    assert "banner" not in re.sub(r'data-\w+="[^"]*"', "", body[body.index("<body") :])
