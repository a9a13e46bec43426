"""`clean`: bytes of a page in, its article out. Pure; the same bytes, rules and versions give the same article."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version

from lxml import etree

from archive.cleaning import chrome, container, heading, writing
from archive.cleaning.blocks import Block, blocks_of
from archive.cleaning.boxes import within
from archive.cleaning.chrome import Cuts
from archive.cleaning.document import record
from archive.cleaning.fonts import unfont
from archive.cleaning.heading import Meta
from archive.cleaning.naming import guessed
from archive.cleaning.offering import as_text, offering
from archive.cleaning.parse import LINE, Element, Page, inside, line_of, parse, remove, spaced_text, text_of
from archive.cleaning.prose import SENTENCE, Weights, weigh
from archive.cleaning.roles import Body, assign, mark_lead
from archive.cleaning.rules import PLAIN, Rules, platforms, recognise
from archive.cleaning.search import Found, Search
from archive.cleaning.signatures import after, credits_like
from archive.cleaning.site.fitting import fitting, holder, place
from archive.cleaning.surroundings import Reader, Surroundings
from archive.cleaning.words import NO_ARTICLE
from archive.model import Article, Cut

# Raised whenever the same page and rules may give another article than before.
CLEANER = 19
VERSION = f"{CLEANER} lxml {etree.__version__} libxml2 {'.'.join(map(str, etree.LIBXML_VERSION))} bs4 {version('beautifulsoup4')}"
# Byline and source line behind the container: so many short blocks are looked at.
_AFTER = 4


def clean(
    html: bytes,
    url: str,
    rules: Rules | None = None,
    *,
    charset: str | None = None,
    seen: Callable[[Element], object] | None = None,
) -> Article:
    """The article on a page, with what was cut and by which rule. A page that is none has no `text`; nothing raises.

    Where nothing was read at all, the one cut is `empty`, with the number of bytes. Cuts named `depth`, `size` and `attributes`
    count the tags and attributes that were left out of a tree (archive/cleaning/simplify.py); their words stay.

    `rules` are the portal's or the platform's; without them the platform is recognised from the page. What they have
    `learned` (a site model) is asked where they find no article. `charset` is what the HTTP header declared; it is asked
    only after strict UTF-8. `cleaner` names the rules that were used, the layer that found the body (rules, site, page)
    and where that stands. `seen` is shown the page's tree (lxml) before anything is taken out of it, so that who wants
    more of the page than its article need not parse it once more.
    """
    article = Article(url)
    cuts = Cuts()
    page = parse(html, url, charset, seen=seen)
    used, layer, at = platforms()[PLAIN] if rules is None or rules.only_learned else rules.given, None, None
    if page is not None:
        if rules is None or rules.only_learned:
            used, _ = recognise(page)
        work = _Cleaning(page, used, rules.learned if rules else (), cuts, told=rules is not None and not rules.only_learned)
        work.fill(article)
        if work.layer in ("rules", "site") and not article.text and not article.attachments:
            found = clean(html, url, platforms()[PLAIN], charset=charset)
            if found.text:  # what the rules took for the body held a title and nothing else
                return found
        for kind, left_out in page.left_out.items():
            cuts.add(kind, str(left_out))
        used, layer, at = work.rules, work.layer, work.place
        numbers = page.numbers
        del work, page
        while numbers:  # the last first: lxml frees what was taken out of a tree in n² steps otherwise, 5 s for 60,000 elements
            numbers.popitem()
    article.cleaner = {"version": VERSION, "rules_digest": used.digest, "platform": used.platform}
    article.cleaner |= {"layer": layer, "container": at}
    article.cuts = cuts.list() or ([] if article.text else [Cut("empty", str(len(html)))])
    return article


class _Cleaning:
    """One page on its way to an article. Three layers look for the body: the rules, what was learned of the site, density."""

    def __init__(self, page: Page, rules: Rules, learned: tuple[Rules, ...], cuts: Cuts, *, told: bool) -> None:
        """`told`: the rules were given, not recognised from the page."""
        self.plain = platforms()[PLAIN]
        # Rules that were stored and loaded again are others than the bundled ones, though equal.
        self.rules = self.plain if rules == self.plain else rules
        self.page, self.learned, self.cuts, self.told = page, learned, cuts, told
        self.layer: str | None = None
        self.offers = False
        self.place: str | None = None
        cuts.numbers = page.numbers  # before anything is taken out
        unfont(page, cuts)
        self.meta = Meta(page)
        self.record = record(page)

    def fill(self, article: Article) -> None:
        body = None
        if (found := self._by(self.rules)) is not None:
            self.layer = "site" if self.rules.shapes else "rules"
        elif (found := fitting(self.page, self.learned)) is not None:
            self.layer = "site"
        elif (found := self._moved()) is not None:
            self.layer = "rules"
        if found is not None:
            self.rules, body = found
        chrome.drop(self.page, self.rules.drops, body, self.cuts)
        chrome.skip_links(self.page, self.cuts)
        if body is not None:
            within(body, self.cuts)
            self._write(article, body, self._around(self.rules, body))
        elif container.is_list(self.page, self.rules.selectors("list"), self.cuts):
            self._nothing(article, heading.title(self.page, self.meta, None), "list")
        else:
            self._search(article)

    def _search(self, article: Article) -> None:
        """An article on a page whose body the rules do not know. What they name beside it holds, if they name no body at all."""
        rules = self.rules
        weights = weigh(self.page)
        title, shown = self._title(rules, weights)
        path = heading.section(self.page, rules.selectors("section") or self.plain.selectors("section"), title, self.meta)
        tags = heading.tags(self.page, rules.selectors("tags") or self.plain.selectors("tags"))
        search = Search(self.page, self.cuts, weights)
        if shown is not None and not inside(shown, self.page.body):  # a copy's title
            shown = self._title(rules)[1]
        # What a head says and the page does not show may name the section, or the portal in words of its own.
        if shown is None and (guess := guessed(self.page, against=title)) is not None:
            title, shown = guess
        found = search.run(shown)
        named = container.by_rules(self.page, self.plain.selectors("container"))
        if named is not None and found is None and search.prose(named) >= SENTENCE:
            found = Found(named, doubt="undated")
        elif named is not None and found is not None and search.better(named, found.body):
            found.body = named
        if self.record is not None and (found is None or found.doubt != "none") and inside(self.record.element, self.page.body):
            found = Found(self.record.whole(shown))  # a document's rows are its article
        if found is None and (holder := offering(self.page, shown)) is not None:
            found, self.offers = Found(holder, doubt="undated"), True
        around = self._around(rules, found.body, (title, shown)) if found is not None else Surroundings()
        if found is None or not self._is_article(found, title, around):
            self._nothing(article, title, "no-article")
            return
        self.layer = "page"
        around.section, around.tags = around.section or path, around.tags or tags
        within(found.body, self.cuts, boxes=False)
        self._write(article, found.body, around, found.leads)

    def _title(self, rules: Rules, weights: Weights | None = None) -> heading.Titled:
        shown = heading.first(self.page, rules.selectors("title"))
        return heading.titled(self.page, self.meta, self.page.body, weights) if shown is None else (text_of(shown), shown)

    def _is_article(self, found: Found, title: str | None, around: Surroundings) -> bool:
        """Whether a page with little text is an article all the same: not named as something else, and dated if need be."""
        if found.doubt == "none":
            return True
        if title and NO_ARTICLE.match(title):
            return False
        dated = around.published or self.meta.get("og:type") == "article" or around.declared.joined(None, None)[0]
        return bool(dated) or found.doubt == "short"

    def _by(self, rules: Rules) -> tuple[Rules, Element] | None:
        """The body by these rules, unless they do not fit the page; what was learned of a site says itself what it fits."""
        body = holder(self.page, rules) if rules is not self.plain else None
        if body is None or not (rules.shapes or not container.falls_short(self.page, body, rules.selectors("lead"))):
            return None
        return rules, body

    def _moved(self) -> tuple[Rules, Element] | None:
        """The body by the rules of another platform that the page shows: portals move under the same host."""
        if self.rules is self.plain or not self.told:
            return None
        other, _ = recognise(self.page)
        return self._by(other) if other.platform != self.rules.platform else None

    def _around(self, rules: Rules, body: Element, titled: heading.Titled | None = None) -> Surroundings:
        titled = titled or heading.titled(self.page, self.meta, body)
        return Reader(self.page, rules, self.plain, body, self.cuts).read(self.meta, titled)

    def _nothing(self, article: Article, title: str | None, rule: str) -> None:
        """A page without an article: what stood there are its cuts."""
        article.title = title
        article.language = heading.language(text_of(self.page.body), self.page)
        chrome.everything(self.page, self.cuts, rule)

    def _write(self, article: Article, body: Element, around: Surroundings, leads: Sequence[Element] = ()) -> None:
        self.place = place(body)
        lead = [b for e in ([around.lead] if around.lead is not None else leads) for b in self._lead(e, body)]
        repeated = {b.text for b in lead if b.text}
        figures = self._figures(around.images)
        blocks = [b for b in self._blocks(body) if b.text not in repeated]
        made = assign(blocks, around.title, self.cuts, self._captions(body))
        if not lead:
            self._mark_lead(made.blocks, around.lead)
        self._after(body, made)
        chrome.around(self.page, body, around.title, self.cuts)
        article.document = self.record.by(body, [*lead, *made.blocks]) if self.record else None
        blocks = [*lead, *figures, *made.blocks]
        _fill(article, as_text(blocks) if self.offers else blocks, made, around)
        article.language = heading.language(article.text, self.page)

    def _blocks(self, element: Element) -> list[Block]:
        return blocks_of([element], self.page.base, self.page.numbers)

    def _lead(self, element: Element, body: Element) -> list[Block]:
        """The lead's blocks, if it stands outside the body."""
        if inside(element, body) or inside(body, element):
            return []
        blocks = self._blocks(element)
        for block in blocks:
            if block.kind in ("text", "heading", "quote"):
                block.role = "lead"
        remove(element)
        return blocks

    def _figures(self, elements: list[Element]) -> list[Block]:
        """The images that stand outside the body, with their captions."""
        blocks = blocks_of(elements, self.page.base, self.page.numbers)
        for element in elements:
            remove(element)
        if all(b.kind != "image" for b in blocks):
            return []
        for block in blocks:
            if block.kind in ("text", "heading", "quote"):
                block.role = "caption"
        return blocks

    def _mark_lead(self, blocks: list[Block], element: Element | None) -> None:
        """Mark the lead inside the body: where the rules say, else where it is set apart."""
        text = text_of(element) if element is not None else ""
        for block in blocks:
            if text and block.text == text:
                block.role, block.kind = "lead", "text"
                return
        mark_lead(blocks)

    def _captions(self, body: Element) -> frozenset[str]:
        known = dict.fromkeys((*self.rules.selectors("caption").on(self.page), *self.plain.selectors("caption").on(self.page)))
        return frozenset(spaced_text(e) for css in known for e in css.all(self.page, body))

    def _after(self, body: Element, made: Body) -> None:
        """Byline and source line may stand behind the container: short blocks, one after the other."""
        for element in list(body.itersiblings())[:_AFTER]:
            text = line_of(element)
            if text == "":
                continue
            if text is None or len(text) > LINE or not credits_like(text):
                return
            if not after(self._blocks(element), made, self.cuts):
                return
            remove(element)


def _fill(article: Article, blocks: list[Block], body: Body, around: Surroundings) -> None:
    article.title = around.title
    article.lead = "\n\n".join(b.text for b in blocks if b.role == "lead") or None
    article.text = writing.text(blocks)
    article.html = writing.html(blocks) if article.text else ""
    article.authors = around.authors or body.authors or around.declared.authors
    article.source = around.source or body.source
    article.published, article.modified = around.declared.joined(around.published or body.published, around.modified)
    article.section = around.section
    article.tags = around.tags
    article.images, images, captions = writing.images(blocks)
    article.attachments = writing.attachments(blocks, around.attachments)
    read = {name: places for name, places in body.places.items() if not getattr(around, name)}
    article.places = {**around.places, **read, "text": writing.places(blocks)}
    article.places |= {"images": images, "captions": captions} if images else {}
