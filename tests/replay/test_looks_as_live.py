"""Captures of the sample portal and the pages of a Hà Nội department in Chromium: they look as they did live, and ask for nothing else."""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections import defaultdict
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from archives import answer
from browser import PATIENCE, Chromium
from conftest import SOAK, shared
from rooms import REPLAY, asking
from running import tangthu
from served import archive_of, served

from archive import Reader
from archive.urls import digits14
from crawler.sample import profiles
from crawler.sample.server import SamplePortal

# How many pixels of two pictures differ, counted by the browser itself.
DIFFER = """
(async () => {
  const [a, b] = await Promise.all([%s, %s].map(async (text) => {
    const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + text)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext('2d');
    pen.drawImage(picture, 0, 0);
    return new Uint32Array(pen.getImageData(0, 0, picture.width, picture.height).data.buffer);
  }));
  let differ = 0;
  for (let i = 0; i < a.length; i++) differ += a[i] !== b[i];
  return a.length === b.length ? differ / a.length : 1;
})()
"""
ALLOWED = 0.01


@pytest.fixture(scope="module")
def portal():
    with SamplePortal() as made:
        yield made


@pytest.fixture(scope="module")
def crawled(portal, tmp_path_factory):
    path = tmp_path_factory.mktemp("mau") / "mau.db"
    words = [w for host in portal.sites for w in ("--resolve", f"{host}=127.0.0.1:{portal.port}")]
    words += [w for file in profiles() for w in ("--profile", str(file))]
    ended = tangthu("crawl", "--own-host", "--archive", path, *words, *(file.stem for file in profiles()))
    assert ended.code == 0, ended.err
    return path


def pages(path):
    """The captured pages, those in the short form spread over every site and kind of address."""
    with Reader.open(path) as reader:
        found = [c for c in reader.captures() if c.status == 200 and c.media_type == "text/html" and c.method == "GET"]
    if SOAK:
        return found
    kinds = defaultdict(list)
    for capture in found:
        parts = urlsplit(capture.url)
        kinds[parts.netloc, parts.path.rpartition("/")[0], bool(parts.query)].append(capture)
    return [capture for group in kinds.values() for capture in group[:3]]


def test_captures_look_as_the_live_pages_and_ask_for_nothing_outside(portal, crawled, tmp_path):
    names = dict.fromkeys(portal.sites, f"127.0.0.1:{portal.port}")
    differ = {}
    listed = pages(crawled)
    assert {urlsplit(c.url).netloc for c in listed} == set(portal.sites)
    with served(crawled) as server, Chromium(tmp_path / "live", names) as live, Chromium(tmp_path / "replay") as replay:
        there, here, judge = live.page(), replay.page(), live.page()
        for capture in listed:
            there.open(capture.url)
            here.open(f"http://localhost:{server.port}/web/{digits14(capture.time)}if_/{capture.url}")
            end = time.monotonic() + PATIENCE / 4
            while differ.get(capture.url, 1) > ALLOWED and time.monotonic() < end:  # until both are painted
                pictures = [json.dumps(base64.b64encode(page.screenshot()).decode()) for page in (there, here)]
                differ[capture.url] = judge.run(DIFFER % tuple(pictures))
        there.open(listed[0].url)
        pictures[0] = json.dumps(base64.b64encode(there.screenshot()).decode())
        assert judge.run(DIFFER % tuple(pictures)) > ALLOWED, "two different pages have to count as different"
        origin = f"http://localhost:{server.port}"
    assert {url: share for url, share in differ.items() if share > ALLOWED} == {}
    assert replay.outside(origin) == []


class Addresses(HTMLParser):
    """Every address that an element of a page names: an oracle that shares no code with the product."""

    NAMES = ("href", "src", "action", "formaction", "poster", "data", "cite", "background", "longdesc", "srcset", "xlink:href")

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value.strip() for name, value in attrs if name in self.NAMES and value and (name != "data" or tag == "object")]


def astray(page, origin):
    """The addresses of a page that lead neither into the archive nor nowhere."""
    reader = Addresses()
    reader.feed(page.decode("utf-8", "replace"))
    ways = ("/web/", f"{origin}/web/", f"{origin}/replay/client.js", f"{origin}/records/", "http://127.0.0.1:8080/captures/", "#", "javascript:", "mailto:", "tel:", "data:", "skype:", "ymsgr:")
    return [address for address in reader.found if address and not address.lower().startswith(ways)]


def test_every_capture_of_the_sample_replays_with_its_status_and_no_way_out(crawled):
    kinds = set()
    with Reader.open(crawled) as reader:
        ask = asking(reader)
        for capture in reader.captures():
            if capture.status is None:
                continue
            for mode in ("", "if_", "id_"):
                # An answer to a form is not what its address shows: that is had by its record, or by sending the form.
                by_time = capture.method == "GET"
                target = f"/web/{digits14(capture.time)}{mode}/{capture.url}" if by_time else f"/records/{mode and mode + '/'}{capture.record_id}"
                status, headers, body = ask(target, host=REPLAY)
                assert status == capture.status, (mode, capture.url)
                if capture.location:
                    assert headers["location"].startswith(f"/web/{digits14(capture.time)}{mode}/")
                if capture.media_type == "text/html" and mode != "id_":
                    assert astray(body, f"http://{REPLAY}") == [], capture.url
            kinds.add((capture.status, capture.media_type))
    assert {(200, "text/html"), (200, "text/css"), (200, "image/png"), (200, "application/pdf"), (301, "text/html"), (404, "text/html")} <= kinds


def test_no_address_of_the_hanoi_pages_leads_out(hanoi):
    path, files = hanoi
    with Reader.open(path) as reader:
        ask = asking(reader)
        for capture in reader.captures():
            status, _, body = ask(f"/web/{digits14(capture.time)}if_/{capture.url}", host=REPLAY)
            assert status == 200
            assert astray(body, f"http://{REPLAY}") == [], capture.url
            archived = files[capture.url.rpartition("/")[2]]
            assert astray(archived, f"http://{REPLAY}") != [], "as archived it has to be full of them"


@pytest.fixture(scope="module")
def hanoi(tmp_path_factory):
    files = {f.name.removesuffix(".gz"): gzip.decompress(f.read_bytes()) for f in sorted(shared("eval", "hanoi").glob("*.html.gz"))}
    assert len(files) == 46
    answers = {f"http://so.hanoi.example/{name}": answer(body, "text/html; charset=UTF-8") for name, body in files.items()}
    return archive_of(tmp_path_factory.mktemp("hanoi") / "hanoi.db", answers), files


def test_the_pages_of_a_hanoi_department_open(hanoi, tmp_path):
    path, files = hanoi
    with served(path) as server, Chromium(tmp_path / "replay") as browser:
        page = browser.page()
        for name in files:
            page.open(f"http://localhost:{server.port}/web/2026/http://so.hanoi.example/{name}")
            assert name in page.run("document.getElementById('banner').innerText")
            text = page.until("document.body && document.readyState === 'complete' && document.body.innerText", page.frame)
            assert len(text) > 100, name
        origin = f"http://localhost:{server.port}"
    assert browser.outside(origin) == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_links_lead_from_capture_to_capture(crawled, tmp_path, scripts):
    host = "http://cong-drupal.tinh-mau.example"
    way = ("/tin-tuc?page=1", "/tin-tuc?page=0", "/node/640260")
    with served(crawled) as server, Chromium(tmp_path / "replay", scripts=scripts) as browser:
        page = browser.page()
        origin = f"http://localhost:{server.port}"
        page.open(f"{origin}/web/2126/{host}/tin-tuc")
        seen = []
        for wanted in way:
            since = len(browser.events)
            page.click(f'a[href$="{wanted}"]')
            url = browser.until(lambda m, p: m == "Page.frameNavigated" and p["frame"].get("parentId") and p["frame"]["url"], since)
            browser.until(lambda m, p: m == "Page.domContentEventFired", since)
            seen.append(url)
            if scripts:
                page.until(f"document.getElementById('banner').innerText.includes({host + wanted!r})")
                assert page.run("location.href").endswith(host + wanted)
        assert [url.partition("mp_/")[2] for url in seen] == [host + wanted for wanted in way]
    assert browser.outside(origin) == []
