"""The operator's pages while a run is at work: brought up to date, held still, read without scripts, and free of what axe-core finds."""

from __future__ import annotations

import pytest
from archives import answer, exchange
from axe import AXE, LOOKS, RULES, shown, violations
from browser import Chromium
from rooms import asking
from served import served

from archive import Depositor, Reader
from archive.model import Link, Settlement

HOST = "https://da-nang.example/tin/"


class Working:
    """An archive whose run is at work in this process; `go_on` brings it one page further."""

    def __init__(self, path):
        self.path, self.depositor = path, Depositor.open(path)
        self.run = self.depositor.begin("da-nang", starts=[Link(f"{HOST}{n}") for n in range(9)])

    def go_on(self):
        [visit] = self.depositor.due(self.run, 1).result()
        capture = self.depositor.deposit(self.run, exchange(visit.link.url, answer(b"tin")), visit).result()
        self.depositor.settle(self.run, Settlement(visit.id, capture.id)).result()

    def end(self):
        self.depositor.end(self.run, "finished").result()


@pytest.fixture
def working(tmp_path):
    made = Working(tmp_path / "a.db")
    made.go_on()
    yield made
    made.depositor.close()


CAPTURES = "document.querySelector('dl.counts dd').textContent"
STATUS = "document.querySelector('.live [role=status]').textContent"
BUTTON = "document.querySelector('.live button').textContent"
# Its own clock would be ten seconds: each look is asked for here.
TICK = "window.__look = null; const old = setInterval; window.setInterval = (f) => { window.__look = f; return 0; };"


def test_it_is_brought_up_to_date_until_it_is_paused_and_when_the_run_has_ended(working, tmp_path):
    with served(working.path) as room, Chromium(tmp_path / "chromium") as browser:
        page = browser.page()
        page.call("Page.addScriptToEvaluateOnNewDocument", source=TICK)
        page.open(f"{room.address}runs/{working.run.id}?lang=en")
        assert (page.run(CAPTURES), page.run(STATUS)) == ("1", "At work; brought up to date every 10 seconds.")
        working.go_on()
        page.run("__look()")
        assert page.run(CAPTURES) == "2"
        page.run("document.querySelector('.live button').focus()")
        page.run("__look()")
        assert page.run("document.activeElement.tagName") == "BUTTON", "the focus stays where it was"
        page.run("document.querySelector('.live button').click()")
        assert (page.run(BUTTON), page.run(STATUS)) == ("Go on", "At work; updates are paused.")
        working.go_on()
        page.run("__look()")
        assert page.run(CAPTURES) == "2"
        page.run("document.querySelector('.live button').click(); document.activeElement.blur()")
        page.until(f"{CAPTURES} === '3'")
        working.go_on()
        page.run("document.querySelector('.trail a').focus(); __look()")
        assert page.run(CAPTURES) == "3", "what somebody uses is left alone"
        page.run("document.activeElement.blur(); __look()")
        assert page.run(CAPTURES) == "4"
        working.end()
        page.run("__look()")
        assert page.run("document.querySelector('.live')") is None
        assert "finished" in page.run("document.getElementById('content').textContent")


def test_without_scripts_a_link_does(working):
    with Reader.open(working.path) as reader:
        ask = asking(reader)
        for at in ("/runs", f"/runs/{working.run.id}"):
            status, headers, body = ask(at, accept_language="en")
            assert status == 200
            assert f'<a href="{at}">Look again</a>'.encode() in body
            assert b"http-equiv" not in body
            policy = headers["content-security-policy"]
            assert "script-src http://127.0.0.1:8080/live.js;" in f"{policy};", "one script and no other"
        working.end()
        status, headers, body = ask(at, accept_language="en")
        assert b"<script" not in body
        assert "script-src" not in headers["content-security-policy"]


def test_axe_finds_nothing_on_a_run_at_work(working, tmp_path):
    if not AXE.exists():
        pytest.skip("needs axe-core: make .venv/axe/installed")
    with served(working.path) as room, Chromium(tmp_path / "chromium") as browser:
        page = browser.page()
        # axe is put into the page by the test, which the page's own policy forbids.
        page.call("Page.setBypassCSP", enabled=True)
        for at in ("/runs", f"/runs/{working.run.id}"):
            for look in LOOKS:
                shown(page, room, at, *look)
                assert violations(page, RULES) == []
