"""Learns a site model: from a set of pages of one host the rules by which their articles are found. Pure.

After Vertex (Gulhane et al., ICDE 2011: cluster pages, learn lasting selectors from few of them, watch them for drift) and the site-level
measurements of 2026-11: containers are voted on by all pages, copies are put together first, and no paragraph is dropped because another
page has it too.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace

from archive.cleaning.clean import VERSION, clean
from archive.cleaning.dates import read_date
from archive.cleaning.parse import parse
from archive.cleaning.rules import Rules, recognise
from archive.cleaning.site.book import Book, Sheet
from archive.cleaning.site.containers import Template, templates
from archive.cleaning.site.fitting import holder
from archive.cleaning.site.outline import Outline, outline
from archive.cleaning.site.parts import Parts
from archive.cleaning.site.places import found, selector_for
from archive.cleaning.site.shape import shape
from archive.model import Lesson, Vote

# A larger page teaches nothing that smaller ones do not.
LARGEST = 1 << 20
# So many pages of each template are cleaned with what was learned of it before it is believed.
TRIED = 4
# A template is believed if its selectors bring this share of the prose that the pages' votes found.
_BROUGHT = 0.9
# An element of whose text less is the page's own prose holds a list.
_PROSE = 0.15


@dataclass(frozen=True)
class Learned:
    """What was learned of one make of pages. `rules` is the digest of its rules; `shapes` are those of its addresses.

    Of `pages`, distinct ones, so many had `title` and `date`.
    """

    rules: str
    shapes: tuple[str, ...]
    pages: int
    title: int
    date: int


@dataclass(frozen=True)
class SiteModel:
    """What was learned of a host: `rules` with what was `learned`, and of each part how it was voted.

    `pages` were looked at, with addresses of these `shapes`; `distinct` were no copies of others, `votes` had prose of their own and were
    not found by the rules given. `fit` is how the model fits the pages it was learned from.
    """

    rules: Rules
    learned: tuple[Learned, ...]
    pages: int
    distinct: int
    votes: int
    fit: Vote
    shapes: tuple[str, ...]
    cleaner: str = field(default=VERSION)

    def serialised(self) -> bytes:
        """The votes as canonical JSON; the rules by their digest."""
        told = {
            "rules": self.rules.digest, "cleaner": self.cleaner, "pages": self.pages, "distinct": self.distinct,
            "votes": self.votes, "fit": asdict(self.fit), "shapes": list(self.shapes), "learned": [asdict(one) for one in self.learned],
        }  # fmt: skip
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def learn(lessons: Iterable[Lesson], given: Rules | None = None) -> SiteModel | None:
    """The model that a set of pages of one host gives, in whatever order they come; None if they teach nothing.

    `given` are rules that somebody wrote for them; where these, or those of a platform, find the article, nothing is learned.
    """
    pages = {(one.digest, one.url): one for one in lessons if len(one.html) <= LARGEST}
    outlines: list[Outline] = []
    served: set[str] = set()
    for one in (pages[k] for k in sorted(pages)):
        parsed = parse(one.html, one.url, one.charset)
        if parsed is None or (made := outline(parsed, one.digest)) is None or not made.pieces:
            continue
        outlines.append(made)
        rules = given or recognise(parsed)[0]
        if (given or rules.platform) and holder(parsed, rules) is not None:
            served.add(one.digest)
    if len(outlines) < 2:
        return None
    book = Book(outlines)
    of = {one.digest: one for one in reversed([pages[k] for k in sorted(pages)])}
    candidates = templates(book, served)
    made_rules = [told for template in candidates if (told := _told(book, template, of)) is not None]
    votes = len(
        [
            s
            for s in book.sheets
            if s.outline.digest not in served and any(s is t for c in candidates for t, _ in c.places)
        ]
    )
    if not made_rules:
        return None
    rules = replace(given or Rules(), learned=tuple(r for _, r in made_rules))
    shapes = tuple(sorted({shape(o.url) for o in outlines}))
    learned = tuple(one for one, _ in made_rules)
    return SiteModel(rules, learned, len(pages), len(book.sheets), votes, _fit(rules, outlines), shapes)


def fit(rules: Rules, lessons: Iterable[Lesson]) -> Vote:
    """How rules that were learned fit pages, of those that they are for."""
    kinds = {kind for one in rules.learned for kind in one.shapes}
    outlines = []
    for one in lessons:
        if len(one.html) > LARGEST or shape(one.url) not in kinds:
            continue
        parsed = parse(one.html, one.url, one.charset)
        if parsed is not None and (made := outline(parsed, one.digest)) is not None:
            outlines.append(made)
    return _fit(rules, outlines)


def _fit(rules: Rules, outlines: Iterable[Outline]) -> Vote:
    looked = fits = titles = dates = 0
    for page in outlines:
        kind = shape(page.url)
        mine = [one for one in rules.learned if kind in one.shapes]
        looked += bool(mine)
        holding = next((one for one in mine if _holds(page, one)), None)
        if holding is not None:
            fits += 1
            titles += _said(page, holding, "title", bool)
            dates += _said(page, holding, "published", read_date)
    return Vote(looked, fits, titles, dates)


def _holds(page: Outline, rules: Rules) -> bool:
    """As `fitting.holder`, for an outline."""
    if not all(found(page, css.split(" > ")) for css in rules.needs):
        return False
    places = [found(page, css.split(" > ")) for css in rules.find.get("container", ())]
    return any(len(nodes) == 1 and page.text(nodes[0]) for nodes in places)


def _said(page: Outline, rules: Rules, part: str, reads: Callable[[str], object]) -> bool:
    """Whether a part is there, where the rules say; true if they say nothing of it."""
    chains = [css.split(" > ") for css in rules.find.get(part, ())]
    nodes = [n for chain in chains for n in found(page, chain)]
    return not chains or any(reads(page.nodes[n].stamp or page.text(n)) for n in nodes)


def _told(book: Book, template: Template, of: dict[str, Lesson]) -> tuple[Learned, Rules] | None:
    """The rules for one template, if they bring what the votes found."""
    container = selector_for(template.places)
    if container is None:
        return None
    parts = Parts(book, template, container)
    mine = {id(s) for s, _ in template.places}
    shapes = sorted({shape(s.outline.url) for s, _ in template.places})
    strangers = [
        s for s in book.sheets
        if id(s) not in mine and shape(s.outline.url) in shapes and _is_list(s, container) and not _shows(s, parts)
    ]  # fmt: skip
    needs = _needs(template, parts, strangers)
    if needs is None:
        return None
    rules = Rules(find={"container": (container,), **parts.find}, drop=parts.drop, needs=needs, shapes=tuple(shapes))
    if not _believed(template, rules, of):
        return None
    counts = {part: len({id(s) for s, _ in parts.taken.get(part, ())}) for part in ("title", "published")}
    return Learned(rules.digest, tuple(shapes), len(template.places), counts["title"], counts["published"]), rules


def _is_list(sheet: Sheet, container: str) -> bool:
    """Whether a page has the container and no article in it."""
    at = found(sheet.outline, container.split(" > "))
    prose = sheet.weight(sheet.mass, at[0]) if at else 0
    return len(at) == 1 and (not prose or prose < _PROSE * sheet.weight(sheet.size, at[0]))


def _shows(sheet: Sheet, parts: Parts) -> bool:
    """Whether a page shows a title or date of its own where the template has them."""
    marks = [css for part in ("title", "published") for css in parts.find.get(part, ())]
    return bool(marks) and all(found(sheet.outline, css.split(" > ")) for css in marks)


def _needs(template: Template, parts: Parts, strangers: list[Sheet]) -> tuple[str, ...] | None:
    """What all pages of the template show and none of the `strangers` does that have its container and are no articles."""
    if not strangers:
        return ()
    pages = len(template.places)
    left = strangers
    needs: list[str] = []
    seen: Counter[str] = Counter()
    for sheet, _ in template.places:
        seen.update({n.step for n in sheet.outline.nodes if "." in n.step or "#" in n.step})
    wanted = [css for part in ("title", "published") for css in parts.find.get(part, ())]
    for css in [*wanted, *sorted(step for step, count in seen.items() if count == pages)]:
        chain = css.split(" > ")
        if any(not found(s.outline, chain) for s, _ in template.places):
            continue
        rest = [s for s in left if found(s.outline, chain)]
        if len(rest) < len(left):
            needs.append(css)
            left = rest
        if not left:
            return tuple(needs)
    return None


def _believed(template: Template, rules: Rules, of: dict[str, Lesson]) -> bool:
    """Whether the rules bring what they were learned from: a few of the pages are cleaned with them."""
    tried = template.places[:TRIED]
    missed = 0
    for sheet, node in tried:
        one = of[sheet.outline.digest]
        made = clean(one.html, one.url, rules, charset=one.charset)
        brought = len(made.text) + sum(len(i.caption or "") for i in made.images)
        missed += made.cleaner["layer"] != "site" or brought < _BROUGHT * sheet.weight(sheet.mass, node)
    return missed * 5 <= len(tried)
