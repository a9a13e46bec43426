"""WebForms pagers: the link of a page's pager that leads to the next one, and the form as `__doPostBack` would send it. Pure.

The form is always that of the page that was answered last: ASP.NET takes a view state only from the page whose events it names.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin

from lxml import etree

from archive.urls import tidy
from crawler.spiders.paging import FORM, Ask, Where

_CALL = re.compile(r"""__doPostBack\(\s*(?:'|&#39;|")(.*?)(?:'|&#39;|")\s*,\s*(?:'|&#39;|")(.*?)(?:'|&#39;|")\s*\)""")
_OPTIONS = re.compile(r"""WebForm_PostBackOptions\(\s*["'](.*?)["']\s*,\s*["'](.*?)["']""")
_NEXT = frozenset(["›", ">", "next", "next ›", "sau", "trang sau", "tiếp", "tiếp theo", "trang tiếp", "sau ›", "next >", "tiếp >"])
_MORE, _FAR = frozenset(["...", "…"]), frozenset(["»", ">>"])


class _Led(NamedTuple):
    text: str
    target: str
    argument: str
    form: Any


def groups(tree: Any, pager: re.Pattern[str]) -> list[str]:
    """The pagers on a page, each by what the targets of its links have in common."""
    return [] if tree is None else list(dict.fromkeys(_group(led) for led in _links(tree, pager)))


def posted(tree: Any, url: str, pager: re.Pattern[str], there: Where) -> Ask | None:
    """The POST that leads from the page at `url` to the page that stands `there`; None if its pager has no link that does."""
    if tree is None:
        return None
    links = [led for led in _links(tree, pager) if _group(led) == there.group]
    led = _leading(links, there.number)
    if led is None:
        return None
    fields = {"__EVENTTARGET": led.target, "__EVENTARGUMENT": led.argument}
    sent = [(name, value) for name, value in _sent(led.form) if name not in fields]
    body = urlencode([*fields.items(), *sent]).encode()
    try:
        action = tidy(urljoin(url, (led.form.get("action") or "").strip() or url))
    except ValueError:
        return None
    return Ask(action, "POST", body, (("Content-Type", FORM),), there.told)


def _links(tree: Any, pager: re.Pattern[str]) -> list[_Led]:
    """The links of pagers: their text is a number or a word for the next page, their call names the pager."""
    found = []
    for element in tree.iter("a"):
        call = element.get("href") or ""
        match = _CALL.search(call) or _OPTIONS.search(call)
        if match is None or not pager.search(f"{match[1]},{match[2]}"):
            continue
        text = " ".join("".join(element.itertext()).split()).lower()
        form = next(element.iterancestors("form"), None)
        if form is not None and (text.isdigit() or text in _NEXT | _MORE | _FAR):
            found.append(_Led(text, match[1], match[2], form))
    return found


def _group(led: _Led) -> str:
    return re.sub(r"\d+", "#", led.target)


def _leading(links: list[_Led], number: int) -> _Led | None:
    """The link to page `number` from the one before: its number, else a word for "next", else the dots behind the last number."""
    for led in links:
        if led.text.isdigit() and int(led.text) == number:
            return led
    for led in links:
        if led.text in _NEXT or led.argument == "Page$Next":
            return led
    if links and links[-1].text in _MORE | _FAR:
        return links[-1]
    return None


def _sent(form: Any) -> list[tuple[str, str]]:
    """The form's data as a browser sends them when a script submits it (HTML, section 4.10.21.4): no buttons, nothing that is switched off."""
    data: list[tuple[str, str]] = []
    for element in form.iter("input", "select", "textarea"):
        name, kind = element.get("name"), (element.get("type") or "text").lower()
        if not name or element.get("disabled") is not None:
            continue
        if element.tag == "textarea":
            data.append((name, element.text or ""))
        elif element.tag == "select":
            data += [(name, value) for value in _chosen(element)]
        elif kind in ("checkbox", "radio"):
            if element.get("checked") is not None:
                data.append((name, element.get("value", "on")))
        elif kind not in ("submit", "button", "image", "reset", "file"):
            data.append((name, element.get("value") or ""))
    return data


def _chosen(select: etree._Element) -> list[str]:
    options = [o for o in select.iter("option") if o.get("disabled") is None]
    chosen = [o for o in options if o.get("selected") is not None] or (options[:1] if select.get("multiple") is None else [])
    return [o.get("value", "".join(map(str, o.itertext())).strip()) for o in chosen]
