"""The text inside attachments: read once, found with the articles that offer it, told of, compared, and verified."""

from __future__ import annotations

import json
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import offices
import pytest
from archives import HOST, LONG, answer, cleaned, exchange
from rooms import asking
from running import tangthu

from archive.audit.findings import Verdict
from archive.audit.verify import verify
from archive.compare import replaced_files
from archive.deposit import Depositor
from archive.file_reading import tool
from archive.filing import Ahead, read_files
from archive.model import FileText, Settlement
from archive.retrieve import Reader
from archive.store.facets import Narrow

DECREE = "QUYẾT ĐỊNH\nVề việc ban hành Quy chế làm việc của Ủy ban nhân dân tỉnh Sơn La"
LATER = DECREE.replace("Sơn La", "Lai Châu")


def offering(*files: str) -> bytes:
    links = "".join(f"<p><a href='/{file}'>Toàn văn {file}</a></p>" for file in files)
    return LONG.replace("<p><a href='/van-ban.pdf'>Văn bản số 12</a></p>".encode(), links.encode())


def crawled(path, pages: dict[str, list[str]], files: dict[str, bytes]):
    """An archive with articles at these paths, the files that they offer, and those files' bytes."""
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue", warcinfo={"software": "tangthu"})
        for name, data in files.items():
            depositor.deposit(run, exchange(f"{HOST}/{name}", answer(data, "application/octet-stream"), 10)).result()
        for number, (page, offered) in enumerate(pages.items()):
            url, html = f"{HOST}/{page}", offering(*offered)
            capture = depositor.deposit(run, exchange(url, answer(html), 20 + number)).result()
            made, rules = cleaned(html, url)
            depositor.settle(run, Settlement(-1, capture.id, "done", made, rules)).result()
        depositor.end(run, "finished").result()
    return path


def filed(path, read=None):
    with Depositor.open(path) as depositor:
        return [(f.file.name, f.text.status) for f in read_files(path, depositor, read)]


@pytest.fixture
def archive(tmp_path):
    path = crawled(
        tmp_path / "a.db",
        {"tin": ["qd.pdf", "scan.pdf"], "tin2": ["qd.pdf", "phu-luc.xlsx"], "tin3": ["mat.pdf"]},
        {"qd.pdf": offices.pdf(DECREE), "scan.pdf": offices.pdf("", picture=True), "phu-luc.xlsx": offices.xlsx(), "khac.pdf": offices.pdf("khác")},
    )  # fmt: skip
    filed(path)
    return path


def rows(path):
    with sqlite3.connect(path) as conn:
        return conn.execute("SELECT kind, status, text FROM file_texts ORDER BY id").fetchall()


def test_each_file_is_read_once(archive):
    assert [(kind, status) for kind, status, _ in rows(archive)] == [("pdf", "text"), ("pdf", "scan"), ("xlsx", "text")]

    def never(_):
        raise AssertionError

    assert filed(archive, never) == []


def test_what_was_read_ahead_is_all_until_something_comes(archive):
    with Depositor.open(archive) as depositor:
        nothing = Ahead(archive, depositor)
        assert (list(nothing), nothing.is_all) == ([], True)
    crawled(archive, {"tin4": ["khac.pdf"]}, {})
    assert not nothing.is_all, "an article came that offers a file"
    with Depositor.open(archive) as depositor:
        ahead = Ahead(archive, depositor)
        assert ([one.file.name for one in ahead], ahead.is_all) == (["Toàn văn khac.pdf"], True)
        run = depositor.begin("hue", warcinfo={"software": "tangthu"})
        depositor.deposit(run, exchange(f"{HOST}/mat.pdf", answer(offices.pdf("muộn"), "application/pdf"), 60)).result()
        depositor.end(run, "finished").result()
    assert not ahead.is_all, "a file came that an article offers"
    assert filed(archive) == [("Toàn văn mat.pdf", "text")]


def test_words_in_an_attachment_find_the_articles_that_offer_it(archive):
    with Reader.open(archive) as reader:
        hits = reader.search("quy che lam viec")
        assert {(hit.url, hit.attachment) for hit in hits} == {(f"{HOST}/tin", "Toàn văn qd.pdf"), (f"{HOST}/tin2", "Toàn văn qd.pdf")}
        assert all("Quy chế làm việc" in hit.snippet for hit in hits)
        assert [hit.attachment for hit in reader.search("chi thường xuyên")] == ["Toàn văn phu-luc.xlsx"]
        assert {hit.attachment for hit in reader.search("Huế")} == {None}
        assert reader.search("quy chế", narrow=Narrow(portal="son-la")) == []
        assert reader.search("khác") == []
        assert {hit.url for hit in reader.search('"quy chế làm việc"')} == {hit.url for hit in hits}
        assert len(reader.search("quy chế", narrow=Narrow(portal="hue", attachments=True))) == len(hits)
        assert reader.found("chi thường xuyên OR Huế").count == 3, "an article that has a word itself is not found a second time by its file"
        _, _, room = asking(reader)("/search?q=quy+che+lam+viec&lang=vi")
        assert "trong tệp đính kèm Toàn văn qd.pdf" in room.decode()
    ended = tangthu("search", "quy che lam viec", "--archive", archive)
    assert ended.out.count("in the attachment Toàn văn qd.pdf") == 2
    assert json.loads(tangthu("search", "quy che", "--archive", archive, "--json").out)[0]["attachment"] == "Toàn văn qd.pdf"


def test_show_says_what_each_attachment_is(archive):
    told = tangthu("show", f"{HOST}/tin", "--archive", archive).out
    assert f"[attachment] Toàn văn qd.pdf {HOST}/qd.pdf (pdf, its text can be searched, 1 pages)" in told
    assert f"[attachment] Toàn văn scan.pdf {HOST}/scan.pdf (a scan without a text layer, 1 pages)" in told
    assert "(not kept)" in tangthu("show", f"{HOST}/tin3", "--archive", archive).out


def test_a_file_that_changed_is_read_and_compared(archive):
    with Reader.open(archive) as reader:
        before = reader.article(f"{HOST}/tin")
    with Depositor.open(archive) as depositor:
        run = depositor.begin("hue", warcinfo={"software": "tangthu"})
        depositor.deposit(run, exchange(f"{HOST}/qd.pdf", answer(offices.pdf(LATER)), 5000)).result()
        html = offering("qd.pdf").replace("một triệu".encode(), "hai triệu".encode())
        capture = depositor.deposit(run, exchange(f"{HOST}/tin", answer(html), 5001)).result()
        made, rules = cleaned(html, f"{HOST}/tin")
        depositor.settle(run, Settlement(-1, capture.id, "done", made, rules)).result()
        depositor.end(run, "finished").result()
    assert filed(archive) == [("Toàn văn qd.pdf", "text")]
    with Reader.open(archive) as reader:
        after = reader.article(f"{HOST}/tin")
        ((url, old, new),) = replaced_files(before, after)
        assert (url, reader.file_text(old).text, reader.file_text(new).text) == (f"{HOST}/qd.pdf", DECREE, LATER)
        assert {hit.url for hit in reader.search("Lai Châu")} == {f"{HOST}/tin", f"{HOST}/tin2"}, "both pages lead to the new file now"
        assert [hit.url for hit in reader.search("ban hành Quy chế Sơn La")] == [f"{HOST}/tin2"]


def test_a_file_that_is_offered_no_more_finds_its_article_no_more(archive):
    """At once, not only when files are read again: what the newest state still offers stays found."""
    later = {f"{HOST}/tin": offering(), f"{HOST}/tin2": offering("phu-luc.xlsx", "qd.pdf"), f"{HOST}/moi": offering("qd.pdf")}
    with Depositor.open(archive) as depositor:
        run = depositor.begin("hue", warcinfo={"software": "tangthu"})
        for number, (url, html) in enumerate(later.items()):
            html = html.replace("một triệu".encode(), "hai triệu".encode())
            capture = depositor.deposit(run, exchange(url, answer(html), 6000 + number)).result()
            made, rules = cleaned(html, url)
            depositor.settle(run, Settlement(-1, capture.id, "done", made, rules)).result()
        depositor.end(run, "finished").result()
    with Reader.open(archive) as reader:
        assert reader.article(f"{HOST}/tin").attachments == []
        assert {hit.url for hit in reader.search("quy che lam viec")} == {f"{HOST}/tin2"}
    assert bad(archive) == []
    assert filed(archive) == []
    with Reader.open(archive) as reader:
        assert {hit.url for hit in reader.search("quy che lam viec")} == {f"{HOST}/tin2", f"{HOST}/moi"}


def bad(path):
    return [(f.check, f.verdict) for f in verify(path) if f.verdict is not Verdict.SOUND]


def sql(path, statement):
    with sqlite3.connect(path) as conn:
        assert conn.execute(statement).rowcount > 0


def test_verify_reads_the_files_again(archive):
    assert bad(archive) == []


@pytest.mark.parametrize(
    ("damage", "verdict"),
    [
        ("UPDATE file_texts SET text = replace(text, 'Sơn La', 'Hà Nội')", Verdict.BROKEN),
        ("UPDATE file_texts SET status = 'text' WHERE status = 'scan'", Verdict.BROKEN),
        ("UPDATE file_texts SET sha256 = zeroblob(32) WHERE id = 1", Verdict.BROKEN),
        ("INSERT INTO file_search (rowid, title, text) VALUES (99, '', 'them')", Verdict.BROKEN),
        ("UPDATE file_texts SET tool = '1 pypdfium2 4.0.0' WHERE id = 1", Verdict.UNCHECKED),
        ("UPDATE file_texts SET status = 'too-hard' WHERE id = 2", Verdict.UNCHECKED),
    ],
)
def test_damage_is_seen(archive, damage, verdict):
    sql(archive, damage)
    assert set(bad(archive)) == {("file-texts", verdict)}


def test_what_another_tool_read_is_read_again(archive):
    sql(archive, "UPDATE file_texts SET tool = '1 pypdfium2 4.0.0', text = 'rác' WHERE id = 1")
    sql(archive, "INSERT INTO file_search (file_search, rowid, title, text) SELECT 'delete', 1, '', 'quyet dinh'")
    assert filed(archive) == [("Toàn văn qd.pdf", "text")]
    assert rows(archive)[0][2] == DECREE


def test_hostile_files_are_named_and_the_others_are_read(tmp_path):
    path = crawled(tmp_path / "a.db", {"tin": ["a.pdf", "b.docx"]}, {"a.pdf": b"%PDF-1.7 rac", "b.docx": offices.docx(offices.p("Nghị quyết"))})

    def read(data):
        return FileText("unknown", "too-hard", note="x") if data.startswith(b"%PDF") else FileText("docx", "text", "Nghị quyết", 1, "", tool("docx"))

    assert filed(path, read) == [("Toàn văn a.pdf", "too-hard"), ("Toàn văn b.docx", "text")]


def test_damaged_bytes_are_a_finding(tmp_path):
    path = crawled(tmp_path / "a.db", {"tin": ["qd.pdf"]}, {"qd.pdf": offices.pdf(DECREE)})
    with sqlite3.connect(path) as conn:
        record = conn.execute("SELECT record FROM captures WHERE url LIKE '%/qd.pdf'").fetchone()[0]
        blob = bytearray(conn.execute("SELECT bytes FROM parts WHERE record = ?", (record,)).fetchone()[0])
        blob[len(blob) // 2] ^= 1
        conn.execute("UPDATE parts SET bytes = ? WHERE record = ?", (bytes(blob), record))
    ended = tangthu("clean", "--archive", path)
    assert (ended.code, "1 attachments read: damaged 1" in ended.err) == (1, True)
    assert rows(path) == []


class _Portal(BaseHTTPRequestHandler):
    def do_GET(self):
        pages = {"/tin/": (offering("qd.pdf"), "text/html; charset=utf-8"), "/qd.pdf": (offices.pdf(DECREE), "application/pdf")}
        body, kind = pages.get(self.path, (b"", "text/plain"))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def test_a_crawl_reads_attachments_in_the_end(tmp_path):
    with HTTPServer(("127.0.0.1", 0), _Portal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ended = tangthu("crawl", f"http://127.0.0.1:{server.server_port}/tin/", "--own-host", "--archive", tmp_path / "a.db")
        server.shutdown()
    assert (ended.code, "1 attachments read: text 1" in ended.err) == (0, True)
    with Reader.open(tmp_path / "a.db") as reader:
        assert [hit.attachment for hit in reader.search("quy chế làm việc")] == ["Toàn văn qd.pdf"]


def test_text_that_only_a_font_makes_vietnamese_comes_out_in_unicode(tmp_path):
    old = "QuyÕt ®Þnh vÒ viÖc ban hµnh Quy chÕ lµm viÖc cña Uû ban nh©n d©n tØnh Cao B»ng, nhiÖm kú hai ngh×n kh«ng tr¨m"
    path = crawled(tmp_path / "a.db", {"tin": ["qd.doc"]}, {"qd.doc": offices.doc(old)})
    assert filed(path) == [("Toàn văn qd.doc", "text")]
    assert rows(path)[0][2].startswith("Quyết định về việc ban hành Quy chế làm việc của")
    with Reader.open(path) as reader:
        assert [hit.attachment for hit in reader.search("Quy chế làm việc Cao Bằng")] == ["Toàn văn qd.doc"]
    assert bad(path) == []


def test_files_that_are_known_are_not_opened_again(archive):
    with sqlite3.connect(archive) as conn:  # unreadable from now on: a payload that is known is not looked at
        records = [r for (r,) in conn.execute("SELECT record FROM captures WHERE url LIKE '%.pdf' OR url LIKE '%.xlsx'")]
        conn.executemany("UPDATE parts SET bytes = zeroblob(9) WHERE record = ?", [(r,) for r in records])
    assert filed(archive) == []
