"""From a paragraph to the bytes it came from: what stands there, what stands around it, and how anybody can check it by hand."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from html import unescape

import pytest
from archives import HOST, LONG, answer, chunked, cleaned, exchange
from lxml import html
from rooms import REPLAY, asking

from archive.deposit import Depositor
from archive.model import Settlement
from archive.replay import excerpt
from archive.retrieve import Reader

URL = f"{HOST}/tin"
FORMS = {
    "plain": answer(LONG), "chunked": chunked(LONG), "gzip": answer(gzip.compress(LONG, mtime=0), "text/html; charset=utf-8", "Content-Encoding: gzip"),
    "1258": answer(LONG.decode().replace("<head>", "<head><meta charset=windows-1258>").encode("cp1258", "xmlcharrefreplace"), "text/html"),
    "wide": answer(b"\xff\xfe" + LONG.decode().encode("utf-16-le"), "text/html"),
}  # fmt: skip


@pytest.fixture(params=FORMS)
def archive(request, tmp_path):
    """An archive with an article whose answer came in one of these forms, and its body."""
    wire = FORMS[request.param]
    with Depositor.open(tmp_path / "a.db") as depositor:
        run = depositor.begin("hue")
        capture = depositor.deposit(run, exchange(URL, wire)).result()
        with Reader.open(tmp_path / "a.db") as reader, reader.open(reader.capture(capture.record_id)) as opened:
            body = opened.body()
        article, rules = cleaned(body, URL)
        depositor.settle(run, Settlement(-1, capture.id, "done", article, rules)).result()
        depositor.end(run, "finished").result()
    return tmp_path / "a.db", body


def test_every_paragraph_of_an_article_leads_to_its_bytes(archive):
    path, body = archive
    with Reader.open(path) as reader:
        ask = asking(reader)
        article = reader.article(URL)
        page = html.document_fromstring(ask(f"/articles?url={URL}", accept_language="en")[2].decode())
        led = page.xpath("//details//td[1]/a|//details//td[2]/a")
        paragraphs = article.text.split("\n\n")
        assert len(led) == len(paragraphs) + len(article.cuts) > 4
        for link, paragraph in zip(led, paragraphs, strict=False):
            start, end = map(int, re.findall(r"\d+", link.text))
            shown = html.document_fromstring(ask(link.get("href"), accept_language="en")[2].decode())
            assert paragraph in " ".join(unescape(shown.xpath("string(//pre/mark)")).split())
            # by hand, as the page says
            told = shown.xpath("string(//dd/code[starts-with(., 'curl')])")
            first, last, address = re.fullmatch(r"curl -s -r (\d+)-(\d+) http://localhost:8080(\S+) \| sha256sum", told).groups()
            assert (int(first), int(last)) == (start, end - 1)
            status, _, came = ask(address, host=REPLAY, range=f"bytes={first}-{last}")
            assert (status, came) == (206, body[start:end])
            assert hashlib.sha256(came).hexdigest() in shown.xpath("string(//dl)")
            assert "hold" in shown.xpath("string(//dl)")


def test_an_excerpt_is_text_whatever_it_is(tmp_path):
    wire = answer(b"\x00\x1b[2J<script>alert(1)</script>\xff\xfe\xe2\x80\xae" + bytes(range(256)) + b"</mark></pre>", "application/octet-stream")
    with Depositor.open(tmp_path / "a.db") as depositor:
        run = depositor.begin("hue")
        record = depositor.deposit(run, exchange(URL, wire)).result().record_id
        depositor.end(run, "finished").result()
    with Reader.open(tmp_path / "a.db") as reader:
        ask = asking(reader)
        status, _, shown = ask(f"/bytes/{record}/3-40")
        assert status == 200
        assert b"<script>alert" not in shown
        assert shown.count(b"</pre>") == shown.count(b"</mark>") == 1
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", shown.decode())


def test_bytes_that_are_not_there_are_said_to_be_missing(archive, monkeypatch):
    path, body = archive
    with Reader.open(path) as reader:
        ask, record = asking(reader), reader.find(URL)[0].record_id
        for wrong in (f"{record}/5-5", f"{record}/9-3", f"{record}/0-{len(body) + 1}", f"{record}/{len(body)}-{10**11}", "urn:uuid:khac/0-5"):
            status, _, told = ask(f"/bytes/{wrong}.json")
            assert status == 404, wrong
            assert json.loads(told)["error"]
        assert ask(f"/bytes/{record}/{10**12}-{10**13}")[0] == 404
        whole = json.loads(ask(f"/bytes/{record}/0-{len(body)}.json")[2])
        assert (whole["sha256"], whole["length"], whole["whole"]) == (hashlib.sha256(body).hexdigest(), len(body), True)
        monkeypatch.setattr(excerpt, "MOST", 100)
        part = json.loads(ask(f"/bytes/{record}/0-{len(body)}.json")[2])
        assert (part["sha256"], part["whole"], whole["says"].startswith(part["says"][:20])) == (whole["sha256"], False, True)
        monkeypatch.setattr(excerpt, "LONGEST", 100)
        assert ask(f"/bytes/{record}/0-5.json")[0] == 413
