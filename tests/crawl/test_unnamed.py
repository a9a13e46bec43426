"""What earlier runs met and no page names any more is asked for too: who withdraws an article takes it from the lists first."""

from __future__ import annotations

import json

import pytest
from running import tangthu
from server import Portal, html

NEWS = (
    "<h1>Xã Mẫu họp bàn việc {about}</h1><p>Sáng nay, Ủy ban nhân dân xã Mẫu họp bàn việc {about}, nghe báo cáo tiến độ và bàn kế hoạch năm tới.</p>"
    "<p>Chủ tịch xã yêu cầu các thôn hoàn thành {about} trước mùa mưa, báo cáo kết quả về văn phòng trong tháng.</p>"
    "<p>Kết thúc cuộc họp, đại diện các thôn ký giao ước thi đua và nhận nhiệm vụ.</p>"
)
ABOUT = {"/tin/duong-1": "làm đường", "/tin/nuoc-2": "cấp nước", "/tin/cho-3": "họp chợ", "/tin/rung-4": "giữ rừng"}
GONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
TAKEN = "/tin/nuoc-2"


@pytest.fixture
def portal():
    with Portal() as portal:
        portal.on("/robots.txt", GONE)
        for path, about in ABOUT.items():
            portal.on(path, html(NEWS.format(about=about).encode()))
        lists(portal, ABOUT)
        yield portal


def lists(portal, paths):
    portal.on("/", html("".join(f'<p><a href="{path}">{ABOUT[path]}</a></p>' for path in paths).encode()))


def crawl(portal, path, *more):
    """The paths that a crawl of the portal by its links asks for; or of another, if `more` begins with one."""
    before = len(portal.hits())
    ended = tangthu("crawl", *(more if more[:1] == ("mau",) else (portal.url("/"), *more)), "--own-host", "--archive", path)
    assert ended.code == 0, ended.err
    return [hit.path for hit in portal.hits()[before:] if hit.path not in ("/robots.txt", "/sitemap.xml")]


def notices(path):
    return [(n["kind"], n["detail"].get("how")) for run in json.loads(tangthu("runs", "--json", "--archive", path).out) for n in run["notices"] or []]


def test_an_article_that_is_taken_from_the_list_and_withdrawn_is_told(portal, tmp_path):
    path = tmp_path / "a.db"
    assert sorted(crawl(portal, path)) == sorted(["/", *ABOUT])
    lists(portal, [p for p in ABOUT if p != TAKEN])
    assert crawl(portal, path)[-1] == TAKEN, "asked for when nothing else is left"
    assert notices(path) == []
    portal.on(TAKEN, GONE)
    assert TAKEN in crawl(portal, path)
    assert notices(path) == [("withdrawn", "status")]
    # Once more, as it is missed for the first time; a run that asks what is due waits for that.
    assert crawl(portal, path, "--due") == ["/"]


def test_not_what_the_portal_does_not_want_any_more_nor_for_single_addresses(portal, tmp_path):
    path, profile, list_ = tmp_path / "a.db", tmp_path / "p.toml", tmp_path / "mot.txt"
    told = f'code = "mau"\nname = "Mẫu"\nstarts = ["{portal.url("/")}"]\n'
    profile.write_text(told, encoding="utf-8")
    words = ("mau", "--profile", profile)
    assert sorted(crawl(portal, path, *words)) == sorted(["/", *ABOUT])
    lists(portal, ["/tin/duong-1"])
    profile.write_text(told + "[scope]\ndeny = ['/tin/rung']\n", encoding="utf-8")
    assert sorted(crawl(portal, path, *words)) == ["/", "/tin/cho-3", "/tin/duong-1", TAKEN]
    list_.write_text(portal.url("/tin/duong-1"), encoding="utf-8")
    assert crawl(portal, path, *words, "--urls", list_) == ["/tin/duong-1"]


def test_a_budget_that_ends_the_run_is_not_overdrawn_by_it(portal, tmp_path):
    path = tmp_path / "a.db"
    crawl(portal, path)
    lists(portal, ["/tin/duong-1"])
    assert len(crawl(portal, path, "--max-pages", "3")) == 3
