"""`tangthu probe`: one page, its platform with the evidence, and a profile that can be crawled."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from archives import HOST, LONG, sound
from conftest import ROOT
from running import one_sentence, tangthu

from archive.cleaning.rules import PLAIN, platforms
from archive.retrieve import Reader
from crawler.portals.profile import load
from crawler.probing import article_pattern, profile_toml

DRUPAL = (ROOT / "tests/golden/mau-drupal/2020-02-07/page.html").read_bytes()
LIST = (ROOT / "tests/golden/mau-drupal/2026-01-10-list/page.html").read_bytes()


class _Portal(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self):
        self.server.asked.append(self.path)
        pages = {"/node/640260": DRUPAL, "/tin-tuc": LIST, "/robots.txt": b"User-agent: *\nDisallow: /cam\n", "/tin/": LONG}
        if self.path == "/cu":
            self.send_response(301)
            self.send_header("Location", "/node/640260")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = pages.get(self.path, b"")
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def portal():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Portal) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def at(portal, path):
    return f"http://127.0.0.1:{portal.server_port}{path}"


def test_an_article_names_its_platform_and_what_would_be_extracted(portal, tmp_path):
    portal.asked.clear()
    ended = tangthu("probe", at(portal, "/cu"), "--own-host", "--json")
    told = json.loads(ended.out)
    assert ended.code == 0
    assert portal.asked == ["/robots.txt", "/cu", "/node/640260"]
    assert told["steps"] == [f"301 {at(portal, '/cu')}", f"200 {at(portal, '/node/640260')}"]
    assert (told["platform"], told["is_article"]) == ("drupal", True)
    assert "Drupal.settings" in told["evidence"]
    assert told["article"]["title"] == "Hội nghị tổng kết công tác thông tin đối ngoại năm 2019"
    assert told["article"]["cuts"]
    (tmp_path / "p.toml").write_text(told["profile"], encoding="utf-8")
    profile = load(tmp_path / "p.toml")
    assert profile.starts == (at(portal, "/"),)
    assert profile.articles.search("/node/1") and not profile.articles.search("/tin-tuc")
    assert profile.rules.platform == "drupal"


def test_what_is_printed_is_a_profile_that_can_be_crawled(portal, tmp_path):
    ended = tangthu("probe", at(portal, "/tin/"), "--own-host", "--save", tmp_path / "mau.toml")
    assert ended.code == 0
    assert "title: Cố đô Huế đón khách" in ended.out
    assert "cut: " in ended.out and "menu 1" in ended.out
    code = f"127-0-0-1-{portal.server_port}"
    assert f"tangthu crawl {code} --profile" in ended.err
    crawled = tangthu("crawl", code, "--profile", tmp_path / "mau.toml", "--own-host", "--archive", tmp_path / "a.db", "--max-pages", "3")
    assert "no address" not in crawled.err and "Traceback" not in crawled.err
    assert (tmp_path / "a.db").exists()
    again = tangthu("probe", at(portal, "/tin/"), "--own-host", "--save", tmp_path / "mau.toml")
    assert (again.code, one_sentence(again.err), "mau.toml" in again.err) == (2, True, True)
    printed = tangthu("--lang", "vi", "probe", at(portal, "/tin/"), "--own-host")
    (tmp_path / "in.toml").write_text(printed.out, encoding="utf-8")
    assert "# tiêu đề: Cố đô Huế đón khách" in printed.out
    assert load(tmp_path / "in.toml").starts == (at(portal, "/"),)


def test_a_list_is_where_a_crawl_starts(portal):
    told = json.loads(tangthu("probe", at(portal, "/tin-tuc"), "--own-host", "--json").out)
    assert (told["platform"], told["is_article"]) == ("drupal", False)
    assert f'starts = ["{at(portal, "/tin-tuc")}"]' in told["profile"]
    assert "no article on this page" in told["profile"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("http://127.0.0.1:1/",), 1, "did not answer"),
        (("http://khong-co.invalid/",), 1, "khong-co.invalid"),
        (("{}/cam",), 1, "robots.txt"),
        (("{}/khong-co",), 1, "404"),
        (("khong-phai-dia-chi",), 2, "no address"),
        (("ftp://a.example/",), 2, "no address"),
        (("{}/tin/", "--save", "/khong/co/a.toml"), 2, "/khong/co"),
        (("{}/tin/", "--resolve", "x"), 2, "--resolve"),
        (("{}/tin/", "--archive", "khong-co.db"), 2, "khong-co.db"),
    ],
)
def test_what_cannot_be_looked_at_is_one_sentence(portal, tmp_path, words, code, said):
    ended = tangthu("probe", *(w.format(at(portal, "")) for w in words), "--own-host", cwd=tmp_path)
    assert (ended.code, ended.out, said in ended.err) == (code, "", True), ended
    assert one_sentence(ended.err)


def test_private_addresses_are_not_asked_without_own_host(portal):
    portal.asked.clear()
    assert tangthu("probe", at(portal, "/tin/")).code == 1
    assert portal.asked == []


def test_a_kept_page_is_looked_at_without_asking_anybody(tmp_path):
    path = sound(tmp_path / "a.db")
    told = json.loads(tangthu("probe", f"{HOST}/tin", "--archive", path, "--json").out)
    assert (told["is_article"], told["article"]["title"]) == (True, "Cố đô Huế đón khách")
    with Reader.open(path) as reader:
        assert told["steps"][0].endswith(reader.find(f"{HOST}/tin")[-1].record_id)
    assert tangthu("probe", f"{HOST}/khong", "--archive", path).code == 2


@pytest.mark.parametrize("platform", sorted({r.platform for n, r in platforms().items() if n != PLAIN}))
def test_each_platform_that_can_be_named_makes_a_profile(platform, tmp_path):
    (tmp_path / "a.toml").write_text(
        profile_toml("https://www.tinh-mau.example/tin/12", platform, article=True, comments=["a\nb = 3"]), encoding="utf-8"
    )
    profile = load(tmp_path / "a.toml")
    assert (profile.code, profile.platform, profile.rules.platform) == ("tinh-mau-example", platform, platform)


@pytest.mark.parametrize(
    ("url", "pattern", "same", "other"),
    [
        ("https://a.example/node/640260", r"^/node/\d+$", "/node/1", "/node/1/edit"),
        ("https://a.example/tin/hoi-nghi-tong-ket-123.html", r"^/tin/[^/]+\d+\.html$", "/tin/ban-hanh-quy-che-9.html", "/tin/"),
        ("https://a.example/x?id=12&cat=3", r"^/x\?id=\d+&cat=\d+$", "/x?id=1&cat=2", "/x?id=1"),
        ("https://a.example/gioi-thieu", None, "", ""),
        ("https://a.example/2026/01/hop-ve-nuoc-sach/", True, "/2025/12/chu-khac/", "/2026/01/"),
    ],
)
def test_the_pattern_of_articles(url, pattern, same, other):
    import re

    made = article_pattern(url)
    assert made is None if pattern is None else re.search(made, same)
    assert made is None or not re.search(made, other)
    assert made is None or re.search(made, url.removeprefix("https://a.example"))
