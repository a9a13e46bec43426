"""ReplayWeb.page, installed beside the product, shows our captures from our own routes, and holds hostile ones."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tarfile
import time
import urllib.request

import pytest
from archives import HOST
from browser import PATIENCE, Chromium
from conftest import ROOT
from rooms import REPLAY, asking
from served import archive_of, served

from archive.errors import CannotGoOn, Misuse
from archive.replay import viewer_package
from archive.retrieve import Reader

VIEWER = ROOT / ".venv" / "viewer"
PAGE = """<!doctype html><html><head><title>Tin</title><link rel="stylesheet" href="/kieu.css"></head><body><h1>Hội nghị ở Huế</h1>
<p id="told"></p><a id="on" href="/hai">trang hai</a><script src="/ke.js"></script></body></html>"""
# Text in what the viewer's frames show; its page nests shadow trees.
FRAMES = """(() => {
  const found = [];
  const walk = (tree) => tree.querySelectorAll("*").forEach((element) => {
    if (element.shadowRoot) walk(element.shadowRoot);
    if (element.tagName === "IFRAME") found.push(element);
  });
  walk(document);
  return found;
})()"""


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setenv("TANGTHU_VIEWER", str(VIEWER))
    if not viewer_package.installed():
        pytest.skip("needs ReplayWeb.page: make .venv/viewer/installed")


def asked(server, url):
    """What the room says of an address."""
    with urllib.request.urlopen(urllib.request.Request(f"{server.address}captures/{url}", headers={"Accept": "application/json"}), timeout=60) as came:
        return json.load(came)["captures"]


def test_replaywebpage_shows_our_page_and_goes_on_to_the_next(installed, tmp_path):
    path = archive_of(
        tmp_path / "a.db",
        {
            f"{HOST}/tin": PAGE.encode(), f"{HOST}/hai": "<html><body>Đây là trang hai.</body></html>".encode(),
            f"{HOST}/kieu.css": b"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nContent-Length: 26\r\n\r\nh1 { color: rgb(1, 2, 3) }",
            f"{HOST}/ke.js": b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: 57\r\n\r\ndocument.getElementById('told').textContent = 'Script ran'",
        },
    )  # fmt: skip
    browser = Chromium(tmp_path / "chromium")
    with served(path) as server, browser:
        (row,) = asked(server, f"{HOST}/tin")
        page = browser.page()
        page.open(row["viewer"])
        inside = f"{FRAMES}[0].contentDocument"
        assert page.until(f"{inside}.getElementById('told').textContent") == "Script ran"
        assert page.run(f"{inside}.querySelector('h1').textContent") == "Hội nghị ở Huế"
        assert page.run(f"{inside}.defaultView.getComputedStyle({inside}.querySelector('h1')).color") == "rgb(1, 2, 3)"
        page.run(f"{inside}.getElementById('on').click()")
        page.until(f"{inside}.body.innerText.includes('Đây là trang hai.')")
    assert browser.outside(server.replay_address.rstrip("/"), server.address.rstrip("/")) == []


TRIES = """
fetch: fetch('http:' + '//CANARY/?fetch')
image: new Image().src = 'http:' + '//CANARY/?image'
socket: new WebSocket('ws:' + '//CANARY/?socket')
beacon: navigator.sendBeacon('http:' + '//CANARY/?beacon')
link: Object.assign(document.head.appendChild(document.createElement('link')), {rel: 'dns-prefetch', href: 'http:' + '//CANARY/'})
worker: navigator.serviceWorker.register('/web/2026js_/HOST/sw.js')
"""


def context(page):
    """Where the scripts of the replayed document run."""
    made = [params["context"] for method, params in page.browser.events if method == "Runtime.executionContextCreated"]
    return [one["id"] for one in made if one["auxData"]["frameId"] != page.target and one["auxData"]["isDefault"]][-1]


def run_within(page, script):
    """Run it where the replayed document's scripts run; should that document be replaced in this moment, in the next one."""
    at = context(page)
    try:
        page.call("Runtime.evaluate", contextId=at, expression=script, userGesture=True)
    except AssertionError as problem:
        if "Cannot find context" not in str(problem):
            raise
        end = time.monotonic() + PATIENCE
        while (following := context(page)) == at:
            assert time.monotonic() < end, problem
            page.run("1")  # what the browser tells is read meanwhile
        page.call("Runtime.evaluate", contextId=following, expression=script, userGesture=True)


def test_hostile_page_reaches_nothing_outside(installed, tmp_path, canary):
    tries = "".join(f"try {{ Promise.resolve({line.partition(': ')[2]}).catch(() => 0) }} catch {{}}\n" for line in TRIES.strip().splitlines())
    hostile = f"<html><body><p>xấu</p><script>{tries}window.over = true</script></body></html>".replace("CANARY", canary.at).replace("HOST", HOST)
    path = archive_of(
        tmp_path / "a.db",
        {
            f"{HOST}/tin": hostile.encode(),
            f"{HOST}/sw.js": b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: 1\r\n\r\n;",
        },
    )
    browser = Chromium(tmp_path / "chromium")
    with served(path) as server, browser:
        page = browser.page()
        page.open(asked(server, f"{HOST}/tin")[0]["viewer"])
        page.until(f"{FRAMES}[0].contentWindow.over")
        # What got past the rewriting: as a script that the viewer has not seen.
        for way in ("top.location = 'http://CANARY/?top'", "window.open('http://CANARY/?window')", "location = 'http://CANARY/?away'"):
            run_within(page, way.replace("CANARY", canary.at))
        page.until("navigator.serviceWorker.getRegistrations().then(all => all.length === 1)")
        heard = [params["entry"]["text"] for method, params in browser.events if method == "Log.entryAdded"]
        assert page.run("location.pathname") == "/viewer/", heard
    assert canary.hits == []
    assert [url for url in browser.logged() if canary.at in url] == []


def test_not_installed_it_is_not_offered(tmp_path, monkeypatch):
    monkeypatch.setenv("TANGTHU_VIEWER", str(tmp_path / "none"))
    with Reader.open(archive_of(tmp_path / "a.db", {f"{HOST}/tin": b"<p>Tin</p>"})) as reader:
        ask = asking(reader)
        for target in ("/viewer/", "/viewer/sw.js", "/viewer/all/1.cdxj"):
            status, _, body = ask(target, host=REPLAY, accept_language="en")
            assert (status, b"tangthu serve --viewer install" in body) == (404, True)
        assert b"ReplayWeb.page" not in ask(f"/captures/{HOST}/tin")[2]


def test_its_index_is_of_everything_or_of_one_host(installed, tmp_path):
    answers = {f"{HOST}/tin": b"<p>Tin</p>", "http://anh.hue.example/1": b"1", "http://son-la.example/": b"2"}
    with Reader.open(archive_of(tmp_path / "a.db", answers)) as reader:
        ask = asking(reader)
        _, headers, body = ask("/viewer/all/4.cdxj", host=REPLAY)
        assert headers["content-length"] == str(len(body))
        assert [line.split(b" ")[0] for line in body.splitlines()] == [b"example,hue)/tin", b"example,hue,anh)/1", b"example,son-la)/"]
        assert len(ask("/viewer/example,hue/4.cdxj", host=REPLAY)[2].splitlines()) == 2
        name = json.loads(body.splitlines()[0].split(b" ", 2)[2])["filename"]
        assert ask(f"/viewer/example,hue/{name}", host=REPLAY)[2] == ask(f"/warc/{name}")[2]
        assert "Content-Security-Policy".lower() in ask("/viewer/", host=REPLAY)[1]


def package(files):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return made.getvalue()


FILES = {"package/ui.js": b"ui", "package/sw.js": b"sw", "package/LICENSE": b"AGPL", "package/../../evil": b"x", "package/package.json": b"{}"}


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Another npm, which packs what lies in `gives`, or fails."""
    data = package(FILES)
    monkeypatch.setattr(viewer_package, "INTEGRITY", "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode())
    monkeypatch.setenv("TANGTHU_VIEWER", str(tmp_path / "viewer"))
    folder = tmp_path / "bin"
    folder.mkdir()
    gives = tmp_path / "gives.tgz"
    gives.write_bytes(data)
    program = folder / "npm"
    program.write_text(f'#!/bin/sh\ntest "$1 $2" = "pack {viewer_package.NAME}@{viewer_package.VERSION}" && cp {gives} "$5/p.tgz" || {{ echo "npm error E404" >&2; exit 1; }}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return gives


def test_what_npm_fetched_is_checked_and_only_what_is_needed_is_kept(npm):
    there = viewer_package.install()
    assert sorted(path.name for path in there.iterdir()) == ["LICENSE", "sw.js", "ui.js"]
    assert sorted(path.name for path in there.parent.iterdir()) == [there.name]
    assert viewer_package.installed()
    npm.write_bytes(package({**FILES, "package/ui.js": b"another"}))
    with pytest.raises(Misuse, match="its digest is sha512-"):
        viewer_package.install()
    assert (there / "ui.js").read_bytes() == b"ui"


def test_it_comes_from_a_file_where_there_is_no_npm(npm, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Misuse, match="serve --viewer FILE"):
        viewer_package.install()
    with pytest.raises(Misuse, match="no such file"):
        viewer_package.install(tmp_path / "none.tgz")
    assert viewer_package.install(npm).is_dir()


def test_npm_that_fails_is_quoted(npm):
    npm.unlink()
    with pytest.raises(CannotGoOn, match="E404"):
        viewer_package.install()
