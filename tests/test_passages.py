"""From an article in an archive to the bytes of its capture, whatever hid them on the wire."""

from __future__ import annotations

import gzip
import json
import sqlite3

import pytest
from archives import HOST, answer, chunked, cleaned, exchange, kept_articles, put_article, sound
from rooms import asking
from running import tangthu

from archive.deposit import Depositor
from archive.errors import DamagedRecord
from archive.model import Settlement
from archive.retrieve import Reader

HTML = """<html><head><meta charset=windows-1258><title>Lễ hội</title></head><body><div id=menu class=menu><a href=/>Trang chủ</a></div>
<article><h1>Lễ hội</h1><p>{0} <b>Một nghìn</b> du khách đến Huế trong ngày đầu của lễ hội, theo số liệu của Sở Du lịch sáng nay.</p>
<p>{0} Hai nghìn du khách nữa đến Huế trong ngày sau của lễ hội, theo số liệu mà Sở Du lịch công bố vào sáng hôm nay.
<table><tr><td>Ngày<td>Khách</tr><tr><td>1<td>1000</tr></table>
<ul><li>Điện Thái Hòa đã mở cửa cho khách tham quan từ sáng sớm<li>Lầu Ngũ Phụng đã mở cửa cho khách tham quan từ buổi trưa</ul></article></body></html>"""
LONG = "Thành phố Huế đón khách trong mùa lễ hội năm nay từ sớm."


def viet(text: str) -> bytes:
    """windows-1258: the tones are bytes of their own behind the vowel."""
    import unicodedata

    out = []
    for letter in unicodedata.normalize("NFC", text):
        try:
            letter.encode("cp1258")
            out.append(letter)
        except UnicodeEncodeError:
            base, tone = unicodedata.normalize("NFD", letter)[:-1], unicodedata.normalize("NFD", letter)[-1]
            if tone not in "\u0300\u0301\u0303\u0309\u0323":
                base, tone = unicodedata.normalize("NFD", letter)[0] + unicodedata.normalize("NFD", letter)[2:], unicodedata.normalize("NFD", letter)[1]
            out.append(unicodedata.normalize("NFC", base) + tone)
    return "".join(out).encode("cp1258")


def kept(path, message: bytes, html: bytes):
    url = f"{HOST}/le-hoi"
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue", warcinfo={"software": "tangthu"})
        capture = depositor.deposit(run, exchange(url, message)).result()
        made, rules = cleaned(html, url)
        depositor.settle(run, Settlement(-1, capture.id, "done", made, rules)).result()
        depositor.end(run, "finished").result()
    return url


@pytest.mark.parametrize("charset", ["utf-8", "windows-1258"])
@pytest.mark.parametrize("form", ["plain", "chunked", "gzip"])
def test_every_paragraph_leads_to_its_bytes(tmp_path, charset, form):
    text = HTML.format(LONG)
    html = text.encode() if charset == "utf-8" else viet(text)
    message = {
        "plain": answer(html, "text/html"),
        "chunked": chunked(html),
        "gzip": answer(gzip.compress(html, mtime=0), "text/html", "Content-Encoding: gzip"),
    }[form]
    url = kept(tmp_path / "a.db", message, html)
    with Reader.open(tmp_path / "a.db") as reader:
        article = reader.article(url)
        found = reader.passages(article)
        with reader.open(reader.capture(article.capture["record_id"])) as opened:
            body = opened.body()
    assert body == html
    assert [p.number for p in found if p.part == "text"] == list(range(4))
    assert [p.said for p in found if p.part == "text"] == article.text.split("\n\n")
    assert all(p.holds for p in found), found
    # Bytes that a person reads with dd: the paragraph, and nothing of the next one.
    first = next(p for p in found if p.part == "text")
    assert body[first.start : first.end].startswith(html[html.index(b"<p>") + 3 :][:20])
    assert body[first.end :].startswith(b"</p>")
    assert {p.part for p in found} >= {"text", "title", "cuts"}


def test_show_points_to_the_bytes(tmp_path):
    html = HTML.format(LONG).encode()
    url = kept(tmp_path / "a.db", chunked(html), html)
    shown = json.loads(tangthu("show", url, "--archive", tmp_path / "a.db", "--json").out)
    (cut,) = [c for c in shown["cuts"] if c["text"] == "Trang chủ"]
    place = next(p for p in shown["passages"] if p["part"] == "cuts" and p["number"] == shown["cuts"].index(cut))
    menu = html[place["start"] : place["end"]]
    assert menu.decode() == "<div id=menu class=menu><a href=/>Trang chủ</a></div>"
    line = next(x for x in tangthu("show", url, "--archive", tmp_path / "a.db", "--cuts").out.splitlines() if "Trang chủ" in x)
    assert f"{place['start']}-{place['end']} " in line


def test_words_that_do_not_stand_there_are_seen(tmp_path):
    html = HTML.format(LONG).encode()
    url = kept(tmp_path / "a.db", answer(html), html)
    with sqlite3.connect(tmp_path / "a.db") as conn:
        for number, plain in kept_articles(conn):
            put_article(conn, number, json.loads(json.dumps(plain, ensure_ascii=False).replace("Một nghìn du", "Chín nghìn du")))
    with Reader.open(tmp_path / "a.db") as reader:
        found = reader.passages(reader.article(url))
    assert [p.number for p in found if not p.holds] == [0]


def test_an_article_whose_capture_is_gone_says_so(tmp_path):
    with Reader.open(sound(tmp_path / "a.db")) as reader:
        article = reader.article(f"{HOST}/tin")
        article.capture = {**article.capture, "record_id": "urn:uuid:0"}
        with pytest.raises(DamagedRecord, match="is not there"):
            reader.passages(article)


def test_the_reading_room_names_the_bytes(tmp_path):
    html = HTML.format(LONG).encode()
    url = kept(tmp_path / "a.db", answer(html), html)
    with Reader.open(tmp_path / "a.db") as reader:
        found = reader.passages(reader.article(url))
        _, _, told = asking(reader)(f"/articles?url={url}")
    for passage in found:
        if passage.part in ("text", "cuts"):
            assert f"{passage.start}–{passage.end}".encode() in told


def test_text_that_only_a_font_makes_vietnamese_leads_to_its_bytes(tmp_path):
    old = "QuyÕt ®Þnh vÒ viÖc ban hµnh Quy chÕ lµm viÖc cña Uû ban nh©n d©n tØnh Cao B»ng, nhiÖm kú hai ngh×n kh«ng tr¨m. "
    html = f"<html><body><div style='font-family:.VnTime'><p>{old * 3}</p><p>{old * 2}</p></div></body></html>".encode()
    url = kept(tmp_path / "a.db", answer(html), html)
    with Reader.open(tmp_path / "a.db") as reader:
        found = reader.passages(reader.article(url))
    first = next(p for p in found if p.part == "text")
    assert first.said.startswith("Quyết định") and first.found.startswith("Quyết định")
    assert html[first.start : first.end].decode().startswith("QuyÕt ®Þnh")
    assert all(p.holds for p in found)
