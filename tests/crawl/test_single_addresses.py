"""A patch crawl captures just the addresses that it is given, and what they need; lists of seeds come from a file or stdin."""

from __future__ import annotations

import shlex
import subprocess
from urllib.parse import urlencode

import pytest
from conftest import ROOT
from lxml import html as markup
from rooms import REPLAY, ROOM, asking
from running import START, environment, one_sentence, tangthu
from server import Portal, html

from archive import Reader
from archive.audit.findings import Verdict
from archive.audit.verify import verify
from archive.errors import Misuse
from crawler.portals.profile import named, patches


@pytest.fixture
def portal():
    with Portal() as portal:
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        portal.on("/", html(b'<a href="/a">a</a><a href="/khac">khac</a>'))
        portal.on("/a", html(b'<img src="/a.png"><a href="/qd.pdf">qd</a><a href="/b">b</a><p>' + b"tin " * 200))
        portal.on("/cu", b"HTTP/1.1 301 Moved\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n")
        portal.on("*", b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 3\r\n\r\nPNG")
        yield portal


def asked(portal):
    return sorted(hit.path for hit in portal.hits() if hit.path != "/robots.txt")


def test_only_these_and_what_they_need(portal, tmp_path):
    (tmp_path / "thieu.txt").write_text(f"# còn thiếu\n\n{portal.url('/cu')}\n  {portal.url('/a')}\n", "utf-8")
    ended = tangthu("crawl", "--urls", tmp_path / "thieu.txt", "--own-host", "--archive", tmp_path / "a.db")
    assert ended.code == 0, ended.err
    assert asked(portal) == ["/a", "/a.png", "/cu", "/qd.pdf"]


def test_from_stdin_and_beside_a_crawl_of_the_portal(portal, tmp_path):
    path = tmp_path / "a.db"
    assert tangthu("crawl", portal.url("/khac"), "--own-host", "--archive", path).code == 0
    words = ["crawl", "--urls", "-", "--own-host", "--archive", str(path)]
    done = subprocess.run([*START, *words], input=portal.url("/a") + "\n", text=True, capture_output=True, env=environment(), check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    with Reader.open(path) as reader:
        assert [(run["kind"], run["portal"], run["outcome"]) for run in reader.runs()] == [
            ("crawl", f"127.0.0.1:{portal.port}", "finished"), ("patch", f"127.0.0.1:{portal.port}", "finished"),
        ]  # fmt: skip
        assert reader.find(portal.url("/a"))
    assert [f for f in verify(path) if f.verdict is not Verdict.SOUND] == []


def test_what_a_run_did_not_get_is_asked_for_once_more(portal, tmp_path):
    """As `tangthu runs` and the run's page say it."""
    path = tmp_path / "a.db"
    portal.on("/a", b"")
    portal.on("/khac", b"HTTP/1.1 503 Ban\r\nContent-Length: 0\r\n\r\n")
    assert tangthu("crawl", portal.url("/"), "--own-host", "--set", "RETRY_TIMES=0", "--archive", path).code == 1
    lost = [portal.url("/a"), portal.url("/khac")]
    assert tangthu("runs", "1", "--missing", "--archive", path).out.splitlines() == lost
    said = tangthu("--lang", "en", "runs", "1", "--archive", path).out
    assert "2 addresses are missing; asked for once more by: tangthu runs 1 --missing | tangthu crawl --urls -" in said
    with Reader.open(path) as reader:
        page = asking(reader)("/runs/1", accept_language="en")[2].decode()
    assert "<code>tangthu runs 1 --missing | tangthu crawl --urls -</code>" in page
    portal.on("/a", html(b"a" * 200))
    words = ["crawl", "--urls", "-", "--own-host", "--archive", str(path)]
    assert subprocess.run([*START, *words], input="\n".join(lost), text=True, capture_output=True, env=environment(), check=False, cwd=ROOT).returncode == 1
    assert tangthu("runs", "1", "--missing", "--archive", path).out.splitlines() == lost[1:], "what came meanwhile is not missing"


def test_what_is_not_there_is_offered(tmp_path, portal):
    """By `why` and by the reading room, as a command that a shell reads as it is meant."""
    path, url = tmp_path / "a.db", "http://tinh-mau.example/a'b?x=1&y=$(id)"
    assert tangthu("crawl", portal.url("/khac"), "--own-host", "--archive", path).code == 0
    said = tangthu("--lang", "en", "why", url, "--archive", path).out
    offered = said.splitlines()[-1].partition("by: ")[2]
    first, rest = offered.split(" | ")
    assert rest == "tangthu crawl --urls -"
    assert shlex.split(first) == ["echo", url]
    with Reader.open(path) as reader:
        ask = asking(reader)
        for target, host in ((f"/captures?{urlencode({'url': url})}", ROOM), (f"/web/2026/{url}", REPLAY)):
            status, _, body = ask(target, host=host, accept_language="en")
            assert status in (200, 404)
            [told] = [code for code in markup.document_fromstring(body.decode()).xpath("//code/text()") if "--urls" in code]
            assert shlex.split(told.split(" | ")[0])[0] == "echo"


def test_a_list_of_seeds(portal, tmp_path):
    (tmp_path / "nguon.txt").write_text(portal.url("/") + "\n", "utf-8")
    assert tangthu("crawl", f"@{tmp_path / 'nguon.txt'}", "--own-host", "--archive", tmp_path / "a.db").code == 0
    assert "/khac" in asked(portal)


def test_each_address_goes_to_the_portal_of_its_host():
    made = patches(["https://caobang.gov.vn/chinh-tri/x-915873", "https://tinh-mau.example/a", "https://backan.gov.vn/b", "https://tinh-mau.example/c"])
    assert {p.code: p.only for p in made} == {
        "cao-bang": ("https://caobang.gov.vn/chinh-tri/x-915873",),
        "tinh-mau.example": ("https://tinh-mau.example/a", "https://tinh-mau.example/c"),
        "bac-kan": ("https://backan.gov.vn/b",),
    }
    with pytest.raises(Misuse, match="not an address of cao-bang"):
        named("cao-bang").patch(["https://tinh-mau.example/a"])


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        ((), None), (("--urls", "khong-co.txt"), None), (("--urls", "d.txt"), ""), (("--urls", "d.txt"), "# chỉ ghi chú\n"),
        (("--urls", "d.txt"), "khong phai dia chi\n"), (("cao-bang", "--urls", "d.txt"), "https://tinh-mau.example/a\n"),
        (("cao-bang", "hue", "--urls", "d.txt"), "https://tinh-mau.example/a\n"), (("@khong-co.txt",), None),
    ],
    ids=str,
)  # fmt: skip
def test_bad_lists_are_one_sentence(words, listed, tmp_path):
    if listed is not None:
        (tmp_path / "d.txt").write_text(listed, "utf-8")
    ended = tangthu("crawl", *words, "--archive", tmp_path / "a.db", cwd=tmp_path)
    assert ended.code == 2, ended
    assert one_sentence(ended.err), ended.err
