"""Boxes of a page that the rules do not know: what its markup says is no article, and announcements of other pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from archive.cleaning.chrome import Cuts, cut, name_of
from archive.cleaning.parse import Element, Page, inside, spaced_text
from archive.cleaning.prose import ENOUGH, Weights
from archive.cleaning.words import ARTICLE, HEADINGS, TAGS

# The longest summary seen in a list of the real portals has 420 characters.
_SUMMARY = 600
# So many hidden blocks of one class are answers to be unfolded; a single large one is a body that a script shows.
_FOLDS = 3
# A shorter linked heading names a section, not another article.
_ANNOUNCEMENT = 12
# So many announcements without a heading's markup make a list; fewer may be paragraphs that begin with a link.
_LISTED = 3
# So far above a linked line the summary is looked for that makes it an announcement.
_NEAR = 4
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# Boxes that editors and extensions put inside a body.
_INNER = frozenset({"related", "share", "comments", "pager", "login", "counter", "poll", "tags"})
_FIFTH = 5
# Bootstrap's classes for what nobody sees, and for what is shown on wide screens after all.
_UNSEEN = frozenset({"hidden", "hide", "d-none"})
_SHOWN_WIDE = re.compile(r"(?:d-(?:sm|md|lg|xl|xxl)-|visible-)")
# On a page without an article these hold all the prose there is.
_NEVER = frozenset({"comments", "footer", "menu", "login", "search"})


def without_boxes(page: Page, weights: Weights, cuts: Cuts) -> int:
    """Take out chrome and announcements; returns the characters of prose that these and folded blocks held."""
    named = [(e, rule) for e, rule in _called(page.telling) if rule == "hidden" or e.tag == "a" or e in weights.prose]
    folds = Counter(e.get("class") for e, rule in named if rule == "hidden" and weights.of(e))
    elsewhere, spared = _chrome(page, weights, named, folds, cuts)
    elsewhere += _teasers(page, weights, cuts)
    if spared:
        _copies(page, weights, [e for e, rule in spared if rule == "hidden"], cuts)
        elsewhere += _chrome(page, weights, spared, folds, cuts)[0]
    return elsewhere


def _called(telling: list[tuple[Element, str | None]]) -> Iterator[tuple[Element, str]]:
    """The elements that call themselves chrome, with the rule. Most elements have a class only, and many the same one."""
    known = dict[tuple[str, str], str | None]()
    for element, classes in telling:
        if classes is None:
            rule = _chrome_rule(element)
        elif (make := (element.tag, classes)) in known:
            rule = known[make]
        else:
            rule = known[make] = _chrome_rule(element)
        if rule:
            yield element, rule


def _chrome(
    page: Page, weights: Weights, named: list[tuple[Element, str]], folds: Counter[str | None], cuts: Cuts
) -> tuple[int, list[tuple[Element, str]]]:
    """Take out what tags, roles, names and styles say is not the article, unless it holds most of the page's prose.

    Returns the characters of prose in folded-up blocks (a page of questions and answers holds most of its prose there)
    and what was spared.
    """
    folded = 0
    spared = []
    total = weights.of(page.body)
    for element, rule in named:
        if element.tag == "a" and rule not in ("skip-link", "hidden"):
            continue
        prose = weights.of(element)
        named_article = ARTICLE.search(f"{element.get('class') or ''} {element.get('id') or ''}") is not None
        limit = 0.2 if named_article or rule in ("header", "tags", "hidden") else 0.5
        if rule == "hidden" and folds[element.get("class")] >= _FOLDS:
            limit = 1.0
        if rule in _NEVER and not _holds_article(element):
            limit = 1.0
        if not inside(element, page.body) or element is page.body:
            continue
        if (total and prose > limit * total) or (rule == "share" and _quotes(element)):
            spared.append((element, rule))
            continue
        folded += prose if rule == "hidden" else 0
        weights.cut(element, rule, cuts)
    return folded, spared


def _holds_article(element: Element) -> bool:
    return any(element.find(f".//{tag}") is not None for tag in ("h1", "article", "main"))


def _quotes(element: Element) -> bool:
    """Whether a box is named for a social network because it quotes a message from there."""
    return element.tag == "blockquote" or element.find(".//blockquote") is not None


def _chrome_rule(element: Element) -> str | None:
    if rule := name_of(element):
        return rule
    if element.tag == "form":
        return "form"
    return "hidden" if _is_hidden(element) else None


def _is_hidden(element: Element) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def within(body: Element, cuts: Cuts, *, boxes: bool = True) -> None:
    """Take out of a body what its own style hides and (`boxes`) what is named as a box; the bulk of the body stays.

    So do answers to be unfolded, and what bears the article's own names or more than a fifth of its text.
    """
    named = [(e, rule) for e in body.iterdescendants("*") if (rule := _inner_rule(e)) and (boxes or rule == "hidden")]
    folds = Counter(e.get("class") for e, rule in named if rule == "hidden")
    for element, rule in named:
        limit = 2 if rule == "hidden" else _FIFTH
        folded = rule == "hidden" and folds[element.get("class")] >= _FOLDS and element.get("itemprop") is None
        if not folded and inside(element, body) and limit * len(spaced_text(element)) < len(spaced_text(body)):
            cut(element, rule, cuts)


def _inner_rule(element: Element) -> str | None:
    if not element.attrib and element.tag not in TAGS:
        return None
    names = (element.get("class") or "").split()
    if _is_hidden(element) or (not _UNSEEN.isdisjoint(names) and not any(_SHOWN_WIDE.match(n) for n in names)):
        return "hidden"
    rule = name_of(element) if element.tag != "a" else None
    return rule if rule in _INNER else None


def _copies(page: Page, weights: Weights, hidden: list[Element], cuts: Cuts) -> None:
    """Take out large hidden blocks that are copies of what is seen (for printing, for machines), or that an article stands beside."""
    for element in hidden:
        if not inside(element, page.body) or not (prose := weights.of(element)):
            continue
        seen = weights.of(page.body) - prose
        if (seen >= ENOUGH and _FOLDS * seen >= prose) or _copied(weights, element, prose):
            weights.cut(element, "hidden", cuts)


def _copied(weights: Weights, element: Element, prose: int) -> bool:
    own, others = list[tuple[str, int]](), set[str]()
    for paragraph, size in weights.own.items():
        if inside(paragraph, element):
            own.append((spaced_text(paragraph), size))
        else:
            others.add(spaced_text(paragraph))
    return 2 * sum(size for text, size in own if text in others) >= prose


def _teasers(page: Page, weights: Weights, cuts: Cuts) -> int:
    """Take out announcements of other pages; the characters of prose they held.

    First linked headings with their summaries, then linked lines with a summary, if several of the same make stand on the page.
    """
    heads = [e for e, classes in page.telling if (e.tag in HEADINGS or _titles(classes or e.get("class"))) and _announces(e, page)]
    held = 0
    for item in _items(page, weights, heads):
        held += weights.of(item)
        weights.cut(item, "teaser", cuts)
    near = dict[Element | None, bool]()  # by what holds a line: most stand in a list with others
    lines = []
    for element in weights.linked:
        holder = element.getparent()
        if holder not in near:
            near[holder] = _near_prose(element, weights, page.body)
        if near[holder] and leads_away(element, page):
            lines.append(element)
    items = [i for i in _items(page, weights, lines) if weights.of(i)]
    makes = Counter(map(_make, items))
    for item in items:
        if makes[_make(item)] >= _LISTED:
            held += weights.of(item)
            weights.cut(item, "teaser", cuts)
    return held


def _titles(classes: str | None) -> bool:
    return classes is not None and "title" in classes.lower()


def _items(page: Page, weights: Weights, heads: list[Element]) -> list[Element]:
    """The blocks around linked lines that announce that one page only."""
    announced = Counter(a for head in heads for a in head.iterancestors())
    return list(dict.fromkeys(_item(h, announced, weights, page.body) for h in heads if not announced[h] and inside(h, page.body)))


def _make(item: Element) -> tuple[str, str | None, str | None]:
    parent = item.getparent()
    return item.tag, item.get("class"), parent.get("class") if parent is not None else None


def _near_prose(element: Element, weights: Weights, body: Element) -> bool:
    """Whether a block close around a linked line holds a summary, and not a whole article."""
    at = element
    for _ in range(_NEAR):
        parent = at.getparent()
        if parent is None or parent is body:
            return False
        if weights.of(parent):
            return weights.of(parent) <= _SUMMARY or len(parent) >= _LISTED
        at = parent
    return False


def _announces(element: Element, page: Page) -> bool:
    """Whether a heading is wholly a link to another page."""
    links = list(element.iter("a"))
    if len(links) != 1 or not leads_away(links[0], page):
        return False
    text = spaced_text(element)
    return len(text) >= _ANNOUNCEMENT and len(spaced_text(links[0])) >= 0.9 * len(text)


def leads_away(line: Element, page: Page, length: int = _ANNOUNCEMENT) -> bool:
    """Whether the first link in a line with a text of this length is the title of another page."""
    link = next((a for a in line.iter("a") if len(spaced_text(a)) >= length), None)
    target = (link.get("href") or "").partition("#")[0].strip() if link is not None else ""
    return bool(target) and not target.startswith("javascript:") and not page.url.partition("#")[0].endswith(target.lstrip("./"))


def _item(head: Element, announced: Counter[Element], weights: Weights, body: Element) -> Element:
    """The block around a linked heading that announces that one page only."""
    item = head
    while (parent := item.getparent()) is not None and parent is not body and parent.tag != "td":
        if announced[parent] > 1 or weights.of(parent) > _SUMMARY or parent.find(".//h1") is not None:
            break
        if any(weights.of(b) for b in item.itersiblings(preceding=True)):
            break
        item = parent
    return item
