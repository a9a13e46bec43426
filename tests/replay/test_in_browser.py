"""What pages of portals need in order to work, tried in Chromium on captures: windows, frames, fonts, modules, media, cookies."""

from __future__ import annotations

import math
import struct

import pytest
from archives import answer
from browser import Chromium
from served import archive_of, served

SITE = "http://cong.example"
RATE = 8000
SAMPLES = b"".join(struct.pack("<h", int(9000 * math.sin(n / 9))) for n in range(RATE))
WAV = b"RIFF" + struct.pack("<I4s4sIHHIIHH4sI", 36 + len(SAMPLES), b"WAVE", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16, b"data", len(SAMPLES)) + SAMPLES
PAGE = """<!doctype html><html><head><base href="/vi/" target="_blank"><style>@import url(b.css);</style></head><body>
<a id=ten href=tin target=chi_tiet>theo tên</a> <a id=goc href=tin>theo gốc</a> <a id=khung href=tin target=khung>vào khung</a>
<form id=bieu action=tin target=cua_so><input name=q value=1><button id=gui>Gửi</button></form>
<iframe name=khung src=trong></iframe><audio id=am src=/am.wav preload=auto></audio>
<script type=module src=mot.js></script>
<script>
document.cookie = "phien=1; path=/"; document.cookie = "cu=2"; document.cookie = "cu=; max-age=0";
localStorage.setItem("a", "b");
window.kept = [document.cookie, localStorage.getItem("a"), localStorage.length, document.domain];
</script></body></html>"""
ANSWERS = {
    f"{SITE}/vi/": PAGE.encode(),
    f"{SITE}/vi/tin": b"<html><body>trang tin</body></html>",
    f"{SITE}/vi/tin?q=1": b"<html><body>ket qua</body></html>",
    f"{SITE}/vi/trong": b"<html><body>trong khung</body></html>",
    f"{SITE}/vi/b.css": answer(b"body { color: rgb(1, 2, 3); }", "text/css"),
    f"{SITE}/am.wav": answer(WAV, "audio/wav"),
    f"{SITE}/vi/mot.js": answer(b"import { hai } from './hai.js'; window.hai = hai;", "text/javascript"),
    f"{SITE}/vi/hai.js": answer(b"export const hai = 2;", "text/javascript"),
}  # fmt: skip


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with served(archive_of(tmp_path_factory.mktemp("trang") / "a.db", ANSWERS)) as server:
        yield server


@pytest.fixture
def opened(room, tmp_path):
    """The page in its frame."""
    with Chromium(tmp_path / "chromium") as browser:
        page = browser.page()
        page.open(f"http://localhost:{room.port}/web/2026/{SITE}/vi/")
        page.until("window.hai && document.readyState === 'complete'", page.frame)
        yield page
    assert browser.outside(f"http://localhost:{room.port}") == []


def test_styles_modules_media_and_what_scripts_keep(opened):
    frame = opened.frame()
    assert opened.run("getComputedStyle(document.body).color", frame) == "rgb(1, 2, 3)"
    assert opened.run("window.hai", frame) == 2
    assert opened.run("window.kept", frame) == ["phien=1", "b", 1, "cong.example"]
    assert opened.until("document.getElementById('am').readyState >= 3 && document.getElementById('am').duration", opened.frame) == 1
    # in the middle of it: the browser asks for a range
    opened.run("document.getElementById('am').currentTime = 0.5", frame)
    assert opened.until("!document.getElementById('am').seeking && document.getElementById('am').currentTime", opened.frame) == 0.5
    assert opened.browser.call("Storage.getCookies")["cookies"] == []


@pytest.mark.parametrize(
    "how",
    [
        "document.getElementById('ten').click()", "document.getElementById('goc').click()", "document.getElementById('ten').target = 'khac'; document.getElementById('ten').click()",
        "window.open('tin', 'cua_so_moi')", "window.open('/vi/tin')",
    ],
)  # fmt: skip
def test_what_opened_a_window_opens_in_the_frame(opened, how):
    opened.browser.call("Runtime.evaluate", opened.frame(), expression=how, userGesture=True)
    assert opened.until("document.body.innerText === 'trang tin' && location.pathname", opened.frame).endswith(f"/{SITE}/vi/tin")


def test_a_form_that_opened_a_window_is_answered_in_the_frame(opened):
    opened.browser.call("Runtime.evaluate", opened.frame(), expression="document.getElementById('gui').click()", userGesture=True)
    assert opened.until("document.body.innerText === 'ket qua' && location.href", opened.frame).endswith(f"/{SITE}/vi/tin?q=1")


@pytest.mark.parametrize("how", ["document.getElementById('khung').click()", "window.open('tin', 'khung')"])
def test_a_frame_of_the_page_stays_the_place_of_its_links(opened, how):
    outer, since = opened.frame(), len(opened.browser.events)
    opened.browser.call("Runtime.evaluate", outer, expression=how, userGesture=True)
    where = opened.browser.until(lambda m, p: m == "Page.frameNavigated" and p["frame"].get("name") == "khung" and p["frame"]["url"], since)
    assert where.endswith((f"if_/{SITE}/vi/tin", f"mp_/{SITE}/vi/tin"))
    assert opened.run("document.getElementById('ten').innerText", outer) == "theo tên"


@pytest.mark.parametrize("link", ["ten", "goc"])
def test_links_that_opened_a_window_lead_on_without_scripts(room, tmp_path, link):
    with Chromium(tmp_path / "chromium", scripts=False) as browser:
        page = browser.page()
        page.open(f"http://localhost:{room.port}/web/2026/{SITE}/vi/")
        since = len(browser.events)
        page.click(f"#{link}")
        assert browser.until(lambda m, p: m == "Page.frameNavigated" and p["frame"].get("parentId") and p["frame"]["url"], since).endswith(f"/{SITE}/vi/tin")


