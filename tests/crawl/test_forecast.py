"""`crawl --dry-run` says what a crawl will bring, from what it says so, and asks nobody."""

from __future__ import annotations

import json

import pytest
from running import tangthu
from server import Portal

PROSE = "<p>" + "Sáng nay, Ủy ban nhân dân tỉnh tổ chức hội nghị triển khai nhiệm vụ năm mới tại trung tâm. " * 8 + "</p>"


@pytest.fixture
def portal():
    with Portal() as portal:
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        body = ("<html><body><h1>Tin</h1>" + "".join(f'<a href="/tin/{n}">{n}</a>' for n in range(9)) + "</body></html>").encode()
        portal.on("/", _page(body))
        for n in range(9):
            portal.on(f"/tin/{n}", _page(f"<html><body><h1>Hội nghị số {n}</h1>{PROSE}</body></html>".encode()))
        yield portal


def _page(body):
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def dry(portal, path, *more):
    ended = tangthu("crawl", portal.url("/"), "--dry-run", "--json", "--archive", path, *more)
    assert ended.code == 0, ended.err
    [told] = json.loads(ended.out)
    return told


def test_from_nothing_to_the_last_whole_run(portal, tmp_path):
    path = tmp_path / "a.db"
    told = dry(portal, path)
    assert (told["pages"], told["bytes"], told["hours"]) == (None, None, None)
    assert "no whole run" in told["basis"]
    assert portal.hits() == []
    assert not path.exists(), "nothing is made either"
    assert tangthu("crawl", portal.url("/"), "--own-host", "--archive", path, "--max-pages", "4").code == 0
    asked = len(portal.hits())
    told = dry(portal, path)
    assert told["basis"] != ""
    assert tangthu("crawl", portal.url("/"), "--own-host", "--archive", path).code == 0
    whole = len(portal.hits()) - asked
    before = len(portal.hits())
    told = dry(portal, path)
    assert len(portal.hits()) == before
    assert told["pages"] == whole == 11
    assert told["basis"].endswith("the last whole one")
    assert told["seconds"] == pytest.approx(11 * 2.0), "two seconds apart, as the profile has it"
    kept = sum(run["bytes"] for run in json.loads(tangthu("runs", "--json", "--archive", path).out))
    captures = sum(run["captures"] for run in json.loads(tangthu("runs", "--json", "--archive", path).out))
    assert told["bytes"] == round(11 * kept / captures)
    cut = dry(portal, path, "--max-pages", "5")
    assert (cut["pages"], cut["seconds"]) == (5, pytest.approx(10.0))
    assert "cut off by a limit" in cut["basis"]


def test_people_read_a_line(portal, tmp_path):
    said = tangthu("--lang", "vi", "crawl", portal.url("/"), "--dry-run", "--archive", tmp_path / "a.db").out
    assert "chưa biết gì" in said
