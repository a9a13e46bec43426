"""WCAG 2.2 AA in a real browser: axe-core finds nothing on any page of the room, and a keyboard and a phone reach all of it."""

from __future__ import annotations

import json
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from axe import AXE, LOOKS, RULES, shown, violations
from browser import Chromium
from plenty import BUSY, plenty
from served import served

PAGES = {
    "home": "/", "found": "/search?q=hội+nghị", "nothing found": "/search?q=khongco", "search": "/search", "by date": "/search?portal=hue&from=2026",
    "portals": "/portals", "portal": "/portals/hue", "article": f"/articles?url={quote(BUSY, safe='')}", "captures": f"/captures?url={quote(BUSY, safe='')}",
    "refused": "/captures?url=https://hue.example/cam", "compare": f"/compare?url={quote(BUSY, safe='')}", "changes": "/changes?portal=hue&from=2026-01-01&to=2027-12-31",
    "runs": "/runs", "run": "/runs/1", "problem": "/khong-co",
}  # fmt: skip
OUTLINE = "(e => ({tag: e.tagName, href: e.getAttribute('href'), text: (e.innerText || e.textContent).trim().slice(0, 40), label: e.getAttribute('aria-label') || e.id, outline: getComputedStyle(e).outlineStyle, seen: e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().width > 0}))(document.activeElement)"


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with served(plenty(tmp_path_factory.mktemp("plenty") / "a.db", days=45)) as server:
        yield server


@pytest.fixture(scope="module")
def page(room, tmp_path_factory):
    if not AXE.exists():
        pytest.skip("needs axe-core: make .venv/axe/installed")
    with Chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser.page()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(page, room, name):
    for language, scheme, width in LOOKS:
        shown(page, room, PAGES[name], language, scheme, width)
        assert page.run("document.documentElement.lang") == language
        assert violations(page, RULES) == [], (language, scheme, width)
        assert page.run("document.documentElement.scrollWidth <= innerWidth"), f"wider than {width} pixels (1.4.10)"


def test_axe_finds_nothing_on_the_bytes_of_a_paragraph(page, room):
    with urlopen(f"{room.address}articles.json?url={quote(BUSY, safe='')}") as answer:
        excerpt = f"/bytes/{json.load(answer)['capture']['record_id']}/3-12"
    for language, scheme, width in LOOKS:
        shown(page, room, excerpt, language, scheme, width)
        assert page.run("document.querySelector('pre mark').textContent.length") > 5
        assert violations(page, RULES) == []


def test_axe_finds_nothing_around_a_replayed_page(page, room):
    for _, scheme, width in LOOKS:
        shown(page, room, f"{room.replay_address}web/2026/{BUSY}", "vi", scheme, width)
        assert violations(page, [rule for rule in RULES if rule != "best-practice"]) == [], (scheme, width)


def test_axe_would_find_something(page, room):
    shown(page, room, "/")
    page.run("document.querySelector('button').textContent = ''; document.documentElement.lang = ''")
    page.run("document.querySelector('.hint').attributeStyleMap.set('color', '#bbb')")
    assert {line.partition(":")[0] for line in violations(page, RULES)} == {"button-name", "html-has-lang", "color-contrast"}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition of that name) of rgb(r, g, b)."""
    parts = [int(part) / 255 for part in colour.partition("(")[2].rstrip(")").split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# (foreground, background, at least): text, and what has to be seen of fields, bars and tiles (1.4.3, 1.4.11). axe leaves SVG out.
PAIRS = [
    ("ink", "paper", 4.5), ("ink", "sheet", 4.5), ("soft", "paper", 4.5), ("soft", "sheet", 4.5), ("link", "paper", 4.5), ("link", "sheet", 4.5),
    ("on-strong", "strong", 4.5), ("ink", "mark", 4.5), ("soft", "paper", 3), ("strong", "paper", 3), ("link", "sheet", 3),
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_differ_enough(page, room, scheme):
    shown(page, room, "/portals", scheme=scheme)
    names = sorted({name for pair in PAIRS for name in pair[:2]})
    script = "(names => { const d = document.createElement('div'); document.body.append(d); return names.map(n => { d.attributeStyleMap.set('color', `var(--${n})`); return getComputedStyle(d).color }) })"
    colours = dict(zip(names, page.run(f"{script}({json.dumps(names)})"), strict=True))
    poor = [(fore, back, round(contrast(colours[fore], colours[back]), 2)) for fore, back, least in PAIRS if contrast(colours[fore], colours[back]) < least]
    assert poor == []


def press(page, key: str, *, shift: bool = False) -> None:
    codes = {"Tab": 9, "Enter": 13, " ": 32}
    for kind in ("rawKeyDown", *(["char"] if key != "Tab" else []), "keyUp"):
        text = {"text": "\r" if key == "Enter" else key} if kind == "char" else {}
        page.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key], modifiers=8 if shift else 0, **text)


def walked(page, most: int) -> list[dict]:
    """What the tabulator key comes to, from the start of the page."""
    found = []
    for _ in range(most):
        press(page, "Tab")
        at = page.run(OUTLINE)
        if at["tag"] == "BODY":
            break
        found.append(at)
    return found


@pytest.mark.parametrize("name", ["home", "found", "captures", "portals", "compare", "article"])
def test_every_stop_of_the_keyboard_is_seen_and_in_the_order_of_the_page(page, room, name):
    shown(page, room, PAGES[name])
    page.run("document.querySelectorAll('details').forEach(details => details.open = true)")
    stops = walked(page, 60)
    assert len(stops) > 5
    assert [stop for stop in stops if stop["outline"] == "none" or not stop["seen"]] == []
    order = page.run(
        "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary, [tabindex=\"0\"]')].map(e => (e.innerText || e.textContent).trim().slice(0, 40))"
    )
    assert [stop["text"] for stop in stops] == order[: len(stops)], "nothing moves the focus about"


def test_the_first_stop_leads_past_everything_to_the_content(page, room):
    shown(page, room, PAGES["found"])
    (first,) = walked(page, 1)
    assert first["href"] == "#content"
    press(page, "Enter")
    page.until("location.hash === '#content'")
    assert page.run("document.activeElement.id") == "content"
    press(page, "Tab")
    assert page.run("document.getElementById('content').contains(document.activeElement)")


def test_a_year_opens_and_a_day_is_reached_by_keys_alone(page, room):
    shown(page, room, PAGES["captures"])
    page.run("document.querySelector('details > summary').focus()")
    assert page.run("document.querySelector('details').open") is True
    press(page, "Enter")
    assert page.run("document.querySelector('details').open") is False
    press(page, "Enter")
    assert page.run("document.querySelector('details').open") is True
    walked(page, 2)
    assert page.run("document.activeElement.closest('.calendar') !== null")
    assert page.run("document.activeElement.getAttribute('aria-label')") == "10/01/2026: 1"
    press(page, "Enter")
    page.until("location.pathname.startsWith('/web/20260110')")


def test_targets_are_large_enough_for_fingers(page, room):
    """24 by 24 pixels, links in sentences aside (2.5.8)."""
    for name in ("captures", "portals", "found"):
        shown(page, room, PAGES[name], width=360)
        small = page.run("""[...document.querySelectorAll('.calendar a, .map a, button, input:not([type=hidden]), select')]
          .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()]).filter(([, r]) => r.width > 0 && (r.width < 24 || r.height < 24) && r.width * r.height > 1)
          .map(([html, r]) => `${html} ${r.width} ${r.height}`)""")
        assert [told for told in small if "checkbox" not in told] == []


def test_paper_has_the_text_and_no_controls(page, room):
    shown(page, room, PAGES["article"], scheme="dark")
    page.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    seen = "e => getComputedStyle(e).display !== 'none'"
    assert page.run(f"[...document.querySelectorAll('form, nav, .skip')].filter({seen}).length") == 0
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert page.run("getComputedStyle(document.querySelector('.facts')).color") == "rgb(68, 68, 68)", "the dark scheme's grey is no ink"
    page.call("Emulation.setEmulatedMedia", media="", features=[])
