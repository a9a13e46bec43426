"""`clean`: bytes of a page in, its article out. Pure; the same bytes, rules and versions give the same article."""

from __future__ import annotations

from dataclasses import dataclass

import bs4
from lxml import etree

from archive.cleaning import chrome, container, heading, writing
from archive.cleaning.attachments import offered
from archive.cleaning.blocks import Block, blocks_of
from archive.cleaning.chrome import Cuts
from archive.cleaning.dates import read_date
from archive.cleaning.heading import Meta
from archive.cleaning.parse import Element, Page, inside, parse, remove, spaced_text, text_of
from archive.cleaning.people import named_source, names
from archive.cleaning.roles import Body, after, assign, credits_like, mark_lead
from archive.cleaning.rules import PLAIN, Rules, platforms, recognise
from archive.model import Article, Attachment

# Raised whenever the same page and rules may give another article than before.
CLEANER = 1
VERSION = f"{CLEANER} lxml {etree.__version__} libxml2 {'.'.join(map(str, etree.LIBXML_VERSION))} bs4 {bs4.__version__}"


_AFTER = 4
_CREDIT = 160


@dataclass(slots=True)
class _Around:
    """What was found outside the body."""

    title: str | None = None
    lead: Element | None = None
    published: str | None = None
    modified: str | None = None
    authors: list[str] | None = None
    source: str | None = None
    section: list[str] | None = None
    tags: list[str] | None = None
    attachments: list[Attachment] | None = None


def clean(html: bytes, url: str, rules: Rules | None = None, *, charset: str | None = None) -> Article:
    """The article on a page, with what was cut and by which rule. A page that is none has no `text`; nothing raises.

    `rules` are the portal's or the platform's; without them the platform is recognised from the page. `charset` is what
    the HTTP header declared; it is asked only after strict UTF-8.
    """
    article = Article(url)
    cuts = Cuts()
    page = parse(html, url, charset)
    if page is not None:
        if rules is None:
            rules, _ = recognise(page)
        _clean(page, rules, article, cuts)
    rules = rules or platforms()[PLAIN]
    article.cleaner = {"version": VERSION, "rules_digest": rules.digest, "platform": rules.platform}
    article.cuts = cuts.list()
    return article


def _clean(page: Page, rules: Rules, article: Article, cuts: Cuts) -> None:
    meta = Meta(page)
    base = platforms()[PLAIN]
    held = container.by_rules(page, rules.selectors("container")) if rules is not base else None
    chrome.drop(page, rules.drops, held, cuts)
    chrome.skip_links(page, cuts)
    if held is not None:
        around = _around(page, rules, rules, meta, held, cuts)
    elif container.is_list(page, rules.selectors("list"), cuts):
        article.title = heading.title(page, meta, None)
        article.language = heading.language(text_of(page.body), page)
        chrome.everything(page, cuts, "list")
        return
    else:
        name = heading.title(page, meta, page.body)
        held = _plain(page, base, cuts)
        if held is None:
            article.title = name
            article.language = heading.language(text_of(page.body), page)
            chrome.everything(page, cuts, "no-article")
            return
        around = _around(page, rules, base, meta, held, cuts)
        around.title = around.title or name
    _write(page, rules, base, article, around, held, meta, cuts)


def _plain(page: Page, base: Rules, cuts: Cuts) -> Element | None:
    """The container on a page that rules do not know."""
    weights = container.weigh(page.body)
    elsewhere = container.without_chrome(page, weights, cuts) + container.without_teasers(page, weights, cuts)
    held = container.by_density(page, weights, elsewhere)
    if held is None:
        return None
    named = container.by_rules(page, base.selectors("container"))
    if named is not None and len(text_of(named)) * 2 > len(text_of(held)):
        return named
    return held


def _around(page: Page, rules: Rules, base: Rules, meta: Meta, held: Element, cuts: Cuts) -> _Around:
    """Read the parts that stand outside the body, and take them out of the tree so that they are not taken for chrome."""
    made = _Around()

    def part(name: str) -> Element | None:
        found = heading.first(page, rules.selectors(name), held)
        return found if found is not None or base is rules else heading.first(page, base.selectors(name), held)

    found = part("title")
    made.title = text_of(found) if found is not None else heading.title(page, meta, held)
    made.section = heading.section(page, [*rules.selectors("section")] or base.selectors("section"), made.title, meta)
    made.tags = heading.tags(page, rules.selectors("tags") or base.selectors("tags"))
    made.lead = part("lead")
    if found is not None and not _holds(found, made.lead):
        remove(found)
    made.published, stamp = heading.published(page, rules.selectors("published") or base.selectors("published"), held)
    if stamp is not None and not _holds(stamp, held) and not _holds(stamp, made.lead):
        chrome.cut(stamp, "date", cuts)
    if made.published is None and (given := meta.get("article:published_time", "datepublished", "pubdate")):
        made.published = read_date(given)
    if given := meta.get("article:modified_time", "datemodified"):
        made.modified = read_date(given)
    if (by := part("byline")) is not None:
        made.authors = names(spaced_text(by))
        if not _holds(by, made.lead):
            chrome.cut(by, "byline", cuts)
    if (origin := part("source")) is not None:
        made.source = named_source(spaced_text(origin)) or spaced_text(origin) or None
        if not _holds(origin, made.lead):
            chrome.cut(origin, "source", cuts)
    made.attachments = []
    for css in rules.selectors("attachment"):
        for element in css.all(page):
            document = offered(page.base, element.get("href") or "", spaced_text(element), download=True)
            if document is not None and not inside(element, held) and inside(element, page.root):
                made.attachments.append(document)
                chrome.cut(element, "attachment", cuts)
    return made


def _holds(element: Element, other: Element | None) -> bool:
    return other is not None and inside(other, element)


def _write(
    page: Page, rules: Rules, base: Rules, article: Article, around: _Around, held: Element, meta: Meta, cuts: Cuts
) -> None:
    """Fill `article` from the body in `held` and what stood around it."""
    named = frozenset(
        spaced_text(e) for css in dict.fromkeys((*rules.selectors("caption"), *base.selectors("caption"))) for e in css.all(page, held)
    )
    before: list[Block] = []
    lead_text = text_of(around.lead) if around.lead is not None else ""
    if around.lead is not None and not inside(around.lead, held):
        before = blocks_of([around.lead], page.base)
        for block in before:
            block.role = "lead" if block.kind in ("text", "heading", "quote") else block.role
        remove(around.lead)
    blocks = [b for b in blocks_of([held], page.base) if not (before and b.text == before[0].text and b.text)]
    body = assign(blocks, around.title, cuts, named)
    _after(page, held, body, cuts)
    chrome.around(page, held, around.title, cuts)
    if not before:
        for block in body.blocks:
            if lead_text and block.text == lead_text:
                block.role, block.kind = "lead", "text"
                break
        else:
            mark_lead(body.blocks)
    _fill(article, [*before, *body.blocks], body, around)
    article.language = heading.language(article.text, page)


def _after(page: Page, held: Element, body: Body, cuts: Cuts) -> None:
    """Byline and source line may stand behind the container: short blocks, one after the other."""
    for element in list(held.itersiblings())[:_AFTER]:
        text = spaced_text(element)
        if not text:
            continue
        if len(text) > _CREDIT or not credits_like(text) or not after(blocks_of([element], page.base), body, cuts):
            return
        remove(element)


def _fill(article: Article, blocks: list[Block], body: Body, around: _Around) -> None:
    article.title = around.title
    article.lead = "\n\n".join(b.text for b in blocks if b.role == "lead") or None
    article.text = writing.text(blocks)
    article.html = writing.html(blocks) if article.text else ""
    article.authors = around.authors or body.authors
    article.source = around.source or body.source
    article.published = around.published or body.published
    article.modified = around.modified
    article.section = around.section or []
    article.tags = around.tags or []
    article.images = writing.images(blocks)
    article.attachments = writing.attachments(blocks, around.attachments or ())
