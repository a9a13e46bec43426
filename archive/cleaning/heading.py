"""What stands around a body: title, section, tags, dates, language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from archive.cleaning.decode import plain
from archive.cleaning.parse import Element, Page, absolute, inside, text_of, texts
from archive.cleaning.selectors import Selector
from archive.cleaning.stamps import foreign
from archive.cleaning.words import HOME, PORTAL

_SEPARATOR = re.compile(r"\s+[|–—»›·•]\s+|\s+-+\s+|\s*::\s*|\s+\|\|?\s*|\s*\|\s+")
# Letters that of the portals' languages only Vietnamese has: đ, ă, ơ, ư, hooks, dots below, two marks on one letter.
_VIETNAMESE = re.compile("[ăĂđĐơƠưƯĩĨũŨ\u1ea0-\u1ef9]")
_SAMPLE = 4000
_TELLING = 100
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CRUMBS = " »›>/→|\\-–:•·"
_TITLE = 300
# The longest name of a department's portal seen has twelve words; a title that begins like one and goes on is a title.
_SITE_WORDS = 12
# A single h1 of so many words is the title, whatever a head says that the page does not show.
_HEADLINE = 4


# A title and the element that shows it.
Titled = tuple[str | None, Element | None]


class Meta:
    """The head's `meta` elements by name or property, lower case; the first of each."""

    def __init__(self, page: Page) -> None:
        self._values: dict[str, str] = {}
        self.title = plain(page.root.findtext(".//title") or "")
        for element in page.root.iter("meta"):
            key = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
            if key and (value := plain(element.get("content") or "")):
                self._values.setdefault(key, value)

    def get(self, *keys: str) -> str | None:
        """The first of these that is there."""
        return next((self._values[k] for k in keys if k in self._values), None)


def first(page: Page, selectors: Sequence[Selector], container: Element | None = None) -> Element | None:
    """The first element with text that the best fitting selector finds.

    It neither holds `container` nor belongs to another article: stands in a list, a box, or is wholly a link elsewhere.
    """
    for css in selectors:
        for element in css.all(page):
            if container is not None and (inside(container, element) or foreign(element, container, None)):
                continue
            if text_of(element) and not _leads_elsewhere(element, page):
                return element
    return None


def _leads_elsewhere(element: Element, page: Page) -> bool:
    """Whether an element is wholly one link to another page."""
    links = [element] if element.tag == "a" else list(element.iter("a"))
    if len(links) != 1 or len(text_of(links[0])) < 0.9 * len(text_of(element)):
        return False
    target = absolute(page.base, links[0].get("href"))
    return target is not None and target.partition("#")[0] != page.url.partition("#")[0]


def title(page: Page, meta: Meta, container: Element | None) -> str | None:
    """As `titled`, without the element."""
    return titled(page, meta, container)[0]


def titled(page: Page, meta: Meta, container: Element | None) -> Titled:
    """The article's title from headings and the head, and the element that shows it, if one does.

    Never the portal's name, never another box's heading.
    """
    site = (meta.get("og:site_name") or "").casefold()
    named, parts = names(meta)
    for level in ("h1", "h2", "h3"):
        for heading in page.body.iter(level):
            text = text_of(heading)
            if 5 < len(text) <= _TITLE and _is_title(text, site) and bare(text) in parts:
                return text, heading
    ones = [(t, h) for h in page.body.iter("h1") if (t := text_of(h)) and _is_title(t, site)]
    only = ones[0] if container is not None and len(ones) == 1 and len(ones[0][0]) <= _TITLE else None
    if named:
        own = _without_site(named[0], site)
        if own and len(named[0]) <= _TITLE:
            shown = showing(page, own)
            # A head that names what the page does not show names the section, or the portal in words of its own.
            return only if only is not None and shown is None and len(only[0].split()) >= _HEADLINE else (own, shown)
    return only if only is not None else (None, None)


def showing(page: Page, text: str) -> Element | None:
    """The first element whose own text is `text`, letter by letter, and that is no link: `<div class="title-article">`."""
    wanted = bare(text)
    for element in page.body.iter("div", "p", "span", "strong", "b", "h4", "h5", "td", "font"):
        own = element.text
        if not own or len(own) > _TITLE + 100 or not (start := own.lstrip()[:1]):
            continue
        if (start.casefold() == wanted[:1] or not start.isalnum() or not start.isascii()) and bare(plain(own)) == wanted:
            return element
    return None


def standing(page: Page, title: str) -> Element | None:
    """The heading or element of the head that says a title."""
    headings = [e for level in ("h1", "h2", "h3") for e in page.index.get(level, ())]
    head = [*page.index.get("title", ()), *page.index.get("meta", ())]
    found = (e for e in headings if text_of(e) == title)
    named = (e for e in head if title in plain(e.get("content") or "".join(texts(e))))
    return next(chain(found, named), None)


def names(meta: Meta) -> tuple[list[str], set[str]]:
    """What the head calls the page, and the letters and digits of that and of its parts."""
    named = [t for t in (meta.get("og:title", "twitter:title"), meta.title) if t]
    return named, {bare(p) for t in named for p in (t, *_SEPARATOR.split(t))}


def bare(text: str) -> str:
    """The letters and digits of `text`, by which one title is the same as another."""
    return re.sub(r"\W+", "", text).casefold()


def _is_title(text: str, site: str) -> bool:
    if text.casefold() == site or HOME.fullmatch(text):
        return False
    return not PORTAL.match(text) or len(text.split()) > _SITE_WORDS or re.search(r"\d", text) is not None


def _without_site(text: str, site: str) -> str | None:
    """A head's title without the site's name before or after it."""
    parts = [p.strip() for p in _SEPARATOR.split(text) if p.strip()]
    marks = [m.group() for m in _SEPARATOR.finditer(text)]
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0] if _is_title(parts[0], site) else None
    if _names_site(parts[0], site) and not _names_site(parts[-1], site):
        return text.split(marks[0], 1)[1].strip()
    if _names_site(parts[-1], site) or len(parts[-1].split()) <= 5:
        rest = text.rsplit(marks[-1], 1)[0].strip()
        while (found := list(_SEPARATOR.finditer(rest))) and _names_site(rest[found[-1].end() :], site):
            rest = rest[: found[-1].start()].strip()
        return rest if _is_title(rest, site) else None
    return text


def _names_site(part: str, site: str) -> bool:
    if part.casefold() == site or re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", part):
        return True
    return PORTAL.match(part) is not None and len(part.split()) <= _SITE_WORDS


def section(page: Page, selectors: Sequence[Selector], name: str | None, meta: Meta) -> list[str]:
    """The path of sections that the breadcrumb names, linked or not, without home and the article itself."""
    for css in selectors:
        found = [plain(t).strip(_CRUMBS) for e in css.all(page) for t in texts(e)]
        path = [t for t in dict.fromkeys(found) if t and not HOME.fullmatch(t) and t != name]
        if path and len(path) <= 8:
            return path
    single = meta.get("article:section")
    return [single] if single else []


def tags(page: Page, selectors: Sequence[Selector]) -> list[str]:
    """The article's tags."""
    for css in selectors:
        found = [text_of(e).lstrip("#").strip(" ,;") for e in css.all(page)]
        if any(found):
            return list(dict.fromkeys(t for t in found if t))[:50]
    return []


def vietnamese(text: str) -> bool:
    """Whether a text is Vietnamese by its letters."""
    sample = text[:_SAMPLE]
    return len(_VIETNAMESE.findall(sample)) * 20 > len(sample) - sample.count(" ")


def language(text: str, page: Page | None) -> str | None:
    """`vi` if the letters say so; else what the page declares, unless that is Vietnamese and no letter bears it out."""
    sample = text[:_SAMPLE]
    marked = len(_VIETNAMESE.findall(sample))
    if vietnamese(text):
        return "vi"
    declared = page.root.get("lang") or page.root.get(_XML_LANG) or "" if page is not None else ""
    tag = declared.strip().replace("_", "-").split("-")[0].lower()
    if re.fullmatch(r"[a-z]{2,3}", tag) and (tag != "vi" or marked or len(sample) < _TELLING):
        return tag
    return None
