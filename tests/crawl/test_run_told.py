"""Runs that went wrong, and hosts that show the same articles: told by `tangthu runs`, by the run's page and by the overview of portals."""

from __future__ import annotations

import json

import pytest
from lxml import html as markup
from rooms import asking
from running import tangthu
from server import Portal, html

from archive import Reader

OLD, NEW = "so-cu.example", "so-moi.example"
GONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
NEWS = (
    "<h1>{title}</h1><p>Sáng nay, sở họp bàn về {about}, nghe báo cáo tiến độ và bàn kế hoạch năm tới.</p>"
    "<p>Giám đốc sở yêu cầu các phòng hoàn thành {about} trước mùa mưa, báo cáo kết quả trong tháng.</p>"
    "<p>Kết thúc cuộc họp, các phòng ký giao ước thi đua và nhận nhiệm vụ của quý.</p>"
)
ABOUT = ["đường liên xã", "nước sạch", "chợ phiên", "rừng đặc dụng", "trường bán trú", "chuyển đổi số", "thủy lợi", "lễ hội", "nhà văn hóa", "cây mận"]


@pytest.fixture
def portal():
    with Portal() as portal:
        portal.on("/robots.txt", GONE)
        yield portal


def put(portal, paths):
    """Articles at these paths, by number, and a list of them at /."""
    for path, number in paths.items():
        portal.on(path, html(NEWS.format(title=f"Triển khai kế hoạch về {ABOUT[number]} trong năm tới", about=ABOUT[number]).encode()))
    portal.on("/", html("".join(f'<p><a href="{path}">{ABOUT[n]}</a></p>' for path, n in paths.items()).encode()))


def crawl(portal, path, host=OLD, code=0):
    ended = tangthu(
        "crawl", f"http://{host}/", "--own-host", "--resolve", f"{host}=127.0.0.1:{portal.port}", "--archive", path,
        "--set", "RETRY_TIMES=0", "--set", "RETRY_WAIT=0.01",
    )  # fmt: skip
    assert ended.code == code, ended.err


def told(path, run, kind, said, heading):
    """One notice of the kind, in `tangthu runs`, with the run alone and in the list, and on its page under its heading, in both languages."""
    [notice] = [n for n in json.loads(tangthu("runs", str(run), "--json", "--archive", path).out)["notices"] if n["kind"] == kind]
    for words in (("runs", str(run)), ("runs",)):
        assert said in tangthu("--lang", "en", *words, "--archive", path).out
    with Reader.open(path) as reader:
        ask = asking(reader)
        for language, title in zip(("en", "vi"), heading, strict=True):
            page = markup.document_fromstring(ask(f"/runs/{run}", accept_language=language)[2].decode())
            assert title in [found.strip() for found in page.xpath("//h3/text()")]
            overview = markup.document_fromstring(ask("/runs", accept_language=language)[2].decode())
            assert title in overview.xpath(f"string(//a[contains(@href, '/runs/{run}#notices')])")
        states = json.loads(tangthu("portals", "--json", "--archive", path).out)
    return notice["detail"], {row["code"]: row["health"] for row in states}


def test_the_same_articles_under_two_hosts_are_a_merger(portal, tmp_path):
    path = tmp_path / "a.db"
    with Portal() as other:
        other.on("/robots.txt", GONE)
        put(portal, {f"/tin/{n}": n for n in range(5)})
        put(other, {f"/bai/{n}": n for n in range(5, 9)})
        crawl(portal, path, OLD)
        crawl(other, path, NEW)
        put(other, {f"/bai/{n}": n for n in range(9)})
        crawl(other, path, NEW)
        detail, _ = told(path, 3, "merged", "hosts merged: 5 of 5 articles of so-moi.example stand at so-cu.example too", ("Hosts merged", "Máy chủ sáp nhập"))
        assert (detail["how"], detail["host"], detail["into"]) == ("articles", NEW, OLD)
        crawl(other, path, NEW)
        assert json.loads(tangthu("runs", "4", "--json", "--archive", path).out)["notices"] == [], "told once"


def test_a_fallen_yield(portal, tmp_path):
    path = tmp_path / "a.db"
    paths = {f"/tin/{n}": n for n in range(10)}
    put(portal, paths)
    for _ in range(3):
        crawl(portal, path)
    for lost in list(paths)[2:]:
        portal.on(lost, GONE)
    put(portal, dict(list(paths.items())[:2]))
    crawl(portal, path)
    detail, states = told(path, 4, "yield", "yield fell: so-cu.example answered 3 pages, usually 11", ("The yield fell", "Sản lượng giảm"))
    assert (detail["now"], detail["usual"], states[OLD]) == (3, 11, "fallen")


def test_addresses_that_fail_and_a_run_that_nothing_answers(portal, tmp_path):
    path = tmp_path / "a.db"
    paths = {f"/tin/{n}": n for n in range(4)}
    put(portal, paths)
    portal.on("/tin/3", b"HTTP/1.1 500 Hong\r\nContent-Length: 0\r\n\r\n")
    crawl(portal, path, code=1)
    detail, _ = told(path, 1, "failures", "addresses failed: so-cu.example: 1 addresses given up", ("Addresses that failed", "Địa chỉ không lấy được"))
    assert detail["url"] == f"http://{OLD}/tin/3"
    portal.on("*", b"")
    for at in ("/", "/robots.txt", *paths):
        portal.on(at, b"")
    crawl(portal, path, code=1)
    _, states = told(path, 2, "failed", "run failed: so-cu.example did not answer", ("The run failed", "Lượt chạy thất bại"))
    assert states[OLD] == "failing"
