"""What stands around a body: title, section, tags, dates, language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice, takewhile

from archive.cleaning.chrome import name_of
from archive.cleaning.decode import plain
from archive.cleaning.parse import Element, Page, absolute, inside, text_of, texts
from archive.cleaning.proper_names import BODIES
from archive.cleaning.prose import Weights
from archive.cleaning.selectors import Selectors
from archive.cleaning.stamps import foreign
from archive.cleaning.words import ACTS, HOME, MENU, PORTAL, VISITED

_SEPARATOR = re.compile(r"\s+[–—»«›>·•]\s+|\s+-+\s+|\s*::\s*|\s*\|+\s*")
# More parts of a title are not put together.
_PARTS = 6
_LEVELS = ("h1", "h2", "h3")
# Where titles stand that are no headings by their markup.
_SHOWING = frozenset({"div", "p", "span", "strong", "b", "h4", "h5", "td", "font"})
# So much of the head's title must be what an element shows.
_MOST = 0.5
# The name of a body without "cổng", "trang", "báo" before it is short.
_BODY_WORDS = 8
# Letters that of the portals' languages only Vietnamese has: đ, ă, ơ, ư, hooks, dots below, two marks on one letter.
_VIETNAMESE = re.compile("[ăĂđĐơƠưƯĩĨũŨ\u1ea0-\u1ef9]")
_ENGLISH = re.compile(r"\b(?:the|of|and|to|in|is|are|was|for|that|with|on|as|by|from|this|it|at|be|has|have|will|an|its)\b", re.IGNORECASE)
_LATIN = re.compile(r"[^\W\d_]+")
_ENOUGH = 12
_TAGS = 30
# A box beside the article is so near above its links; further up whole pages are named after their columns.
_BOX = 4
_BESIDE = frozenset({"side-list", "menu"})
_SAMPLE = 4000
_STRETCH = 1000
_TELLING = 100
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CRUMBS = " »›>/→|\\-–:•·"
_TITLE = 300
# The longest name of a department's portal seen has twelve words; a title that begins like one and goes on is a title.
_SITE_WORDS = 12
# Names of home pages and menus are shorter still.
_NAV_WORDS = 6
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_NO_LETTER = re.compile(r"\W+")
_DIGIT = re.compile(r"\d")
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

    def all(self, keys: Sequence[str]) -> list[str]:
        """Those of these that are there, in their order."""
        return [] if self._values.keys().isdisjoint(keys) else [self._values[k] for k in keys if k in self._values]


def first(page: Page, selectors: Selectors, container: Element | None = None) -> Element | None:
    """The first element with text that the best fitting selector finds.

    It neither holds `container` nor belongs to another article: stands in a list, a box, or is wholly a link elsewhere.
    """
    for css in selectors.on(page):
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


def titled(page: Page, meta: Meta, container: Element | None, weights: Weights | None = None) -> Titled:
    """The article's title from headings and the head, and the element that shows it, if one does.

    Of what the head says, part by part, the best is what a heading shows, then what another element shows; the longer the better. Never
    the portal's name, never another box's heading. `weights` are the page's, if it has been weighed and stands as it did.
    """
    site = (meta.get("og:site_name") or "").casefold()
    named, _ = names(meta)
    runs = {bare(run): run for name in named for run in _runs(name) if not is_site(run, site)}
    headings = [(t, h) for h in _headings(page) if 5 < len(t := text_of(h)) <= _TITLE]
    shown = [(t, h) for t, h in headings if bare(t) in runs and not is_site(t, site)]
    if shown:
        return max(shown, key=lambda s: (not _leads_elsewhere(s[1], page), len(bare(s[0])), -_LEVELS.index(s[1].tag)))
    ones = [(t, h) for t, h in headings if h.tag == "h1" and not is_site(t, site)]
    only = ones[0] if container is not None and len(ones) == 1 else None
    if named:
        own = _without_site(named[0], site)
        if found := showing(page, runs, own, weights):
            return found
        if own and len(named[0]) <= _TITLE:
            # A head that names what the page does not show names the section, or the portal in words of its own.
            return only if only is not None and len(only[0].split()) >= _HEADLINE else (own, None)
    return only if only is not None else (None, None)


def _headings(page: Page) -> list[Element]:
    found = [h for level in _LEVELS for h in page.index.get(level, ()) if inside(h, page.body)]
    return sorted(found, key=page.numbers.__getitem__)


def _runs(name: str) -> Iterator[str]:
    """A title of the head, its parts, and the parts that stand beside each other, as they are written."""
    marks = [m.span() for m in _SEPARATOR.finditer(name)][:_PARTS]
    starts = [0, *(end for _, end in marks)]
    ends = [*(start for start, _ in marks), len(name)]
    for start in starts:
        yield from (run for end in ends if end > start and len(run := name[start:end].strip()) > 5)


def showing(page: Page, runs: Mapping[str, str], own: str | None, weights: Weights | None = None) -> tuple[str, Element] | None:
    """The longest of `runs` that is an element's own text, letter by letter, and no link: `<div class="title-article">`.

    One that is shorter than `own`, what the head says without the site's name, must be most of it.
    """
    least, best = len(bare(own or "")) * _MOST, None
    begins = {run[0] for run in runs if run}
    texts = weights.texts if weights is not None else ((e, e.tag, e.text) for e in page.body.iter(*_SHOWING))
    for element, tag, text in texts:
        if tag not in _SHOWING or not text or not 5 < len(text) < _TITLE + 100:
            continue
        if (start := text[0]).isspace() and not (start := text.lstrip()[:1]):
            continue
        if start.isascii() and start.isalnum() and start.casefold() not in begins:
            continue
        if (found := bare(plain(text))) in runs and len(found) > least:
            best, least = (runs[found], element), len(found)
    return best


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
    return _NO_LETTER.sub("", text).casefold()


def is_site(text: str, site: str = "") -> bool:
    """Whether a text is the name of a portal, of the body that runs it, or of its home page, and not what that body did."""
    return (_is_site if len(text) <= _TITLE else _is_site.__wrapped__)(text, site)


@lru_cache(1024)  # a portal's name stands in the head of each of its pages
def _is_site(text: str, site: str) -> bool:
    words = len(text.split())
    if text.casefold() == site or (words <= _NAV_WORDS and (HOME.fullmatch(text) or MENU.fullmatch(text) or _HOST.fullmatch(text))):
        return True
    if words > _SITE_WORDS or _DIGIT.search(text) or ACTS.search(text):
        return False
    return PORTAL.match(text) is not None or (words <= _BODY_WORDS and BODIES.match(text) is not None)


def _without_site(text: str, site: str) -> str | None:
    """A head's title without the site's name before or after it."""
    parts = [p.strip() for p in _SEPARATOR.split(text) if p.strip()]
    marks = [m.group() for m in _SEPARATOR.finditer(text)]
    if not parts:
        return None
    if len(parts) == 1:
        return None if is_site(parts[0], site) else parts[0]
    if is_site(parts[0], site) and not is_site(parts[-1], site):
        return text.split(marks[0], 1)[1].strip()
    if is_site(parts[-1], site) or len(parts[-1].split()) <= 5:
        rest = text.rsplit(marks[-1], 1)[0].strip()
        while (found := list(_SEPARATOR.finditer(rest))) and is_site(rest[found[-1].end() :], site):
            rest = rest[: found[-1].start()].strip()
        return None if is_site(rest, site) else rest
    return text


def section(page: Page, selectors: Selectors, name: str | None, meta: Meta) -> list[str]:
    """The path of sections that the breadcrumb names, linked or not, without home and the article itself."""
    for css in selectors.on(page):
        trails = dict.fromkeys(css.all(page))
        outer = [e for e in trails if not any(a in trails for a in e.iterancestors())]
        found = [t for e in outer for t in _way(plain(t).strip(_CRUMBS) for t in texts(e))]
        path = [t for t in dict.fromkeys(found) if t and not HOME.fullmatch(t) and t != name]
        if path and len(path) <= 8:
            return path
    single = meta.get("article:section")
    return [single] if single else []


def _way(trail: Iterator[str]) -> Iterator[str]:
    """What a trail names up to where it says which pages this reader has seen before."""
    return takewhile(lambda text: not VISITED.fullmatch(text), trail)


def tags(page: Page, selectors: Selectors) -> list[str]:
    """The article's tags: not those of a box beside it, and not so many that they are the portal's."""
    for css in selectors.on(page):
        own = [e for e in css.all(page) if not any(_beside(a) for a in islice(e.iterancestors(), _BOX))]
        found = list(dict.fromkeys(t for e in own if (t := text_of(e).lstrip("#").strip(" ,;"))))
        if 0 < len(found) <= _TAGS:
            return found
    return []


def _beside(box: Element) -> bool:
    """Whether an element is a box beside the article, and not the article's own column under such a name."""
    return (box.tag == "aside" or name_of(box) in _BESIDE) and box.find(".//h1") is None


def vietnamese(text: str) -> bool:
    """Whether a text is Vietnamese by its letters: one in twenty, blanks aside."""
    sample = text[:_SAMPLE]
    letters, marked = len(sample) - sample.count(" "), 0
    for start in range(0, len(sample), _STRETCH):  # one in four is usual, so that the first stretch tells
        marked += len(_VIETNAMESE.findall(sample, start, start + _STRETCH))
        if marked * 20 > letters:
            return True
    return False


def language(text: str, page: Page | None) -> str | None:
    """`vi` if the letters say so, `en` if the commonest words do.

    Else what the page declares, unless that is Vietnamese and no letter bears it out.
    """
    if vietnamese(text):
        return "vi"
    sample = text[:_SAMPLE]
    words = _LATIN.findall(sample)
    if len(words) >= _ENOUGH and len(_ENGLISH.findall(sample)) * 5 > len(words):
        return "en"
    declared = page.root.get("lang") or page.root.get(_XML_LANG) or "" if page is not None else ""
    tag = declared.strip().replace("_", "-").split("-")[0].lower()
    if re.fullmatch(r"[a-z]{2,3}", tag) and (tag != "vi" or len(sample) < _TELLING or _VIETNAMESE.search(sample)):
        return tag
    return None
