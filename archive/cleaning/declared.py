"""What a page declares of its article to machines: schema.org in JSON-LD and microdata, Dublin Core, Open Graph.

Evidence for where readers see nothing: head templates are copied from page to page, so what stands by the title wins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archive.cleaning.dates import read_attribute
from archive.cleaning.decode import plain
from archive.cleaning.heading import Meta
from archive.cleaning.parse import Page
from archive.cleaning.people import like_name, names

_SCRIPT = re.compile(rb"<script\b[^>]{0,300}application/ld\+json[^>]{0,300}>(.{2,100000}?)</script", re.IGNORECASE | re.DOTALL)
# A single letter to look for first takes a tenth of the time.
_LINKED = re.compile(rb"\+(?<=ld\+)(?=json)")
# Types of schema.org that are an article, the telling ones first.
_ARTICLES = (
    "newsarticle", "article", "reportagenewsarticle", "report", "blogposting", "governmentservice", "socialmediaposting",
    "techarticle", "scholarlyarticle", "analysisnewsarticle", "webpage",
)  # fmt: skip
_PUBLISHED = (
    "article:published_time", "datepublished", "og:published_time", "dc.date.issued", "dcterms.issued", "dc.date.created",
    "dcterms.created", "dcterms.date", "dc.date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date",
    "date", "parsely-pub-date", "sailthru.date", "article.published", "article:published", "datecreated",
)  # fmt: skip
_MODIFIED = ("article:modified_time", "datemodified", "og:updated_time", "dcterms.modified", "dc.date.modified", "article:modified")


@dataclass(frozen=True, slots=True)
class Declared:
    """What was declared. Dates are ISO 8601."""

    published: str | None = None
    modified: str | None = None
    authors: list[str] = field(default_factory=list)

    def joined(self, published: str | None, modified: str | None) -> tuple[str | None, str | None]:
        """The dates that were seen, each filled up by the declared one; nothing is modified before it was published, or with it."""
        published = published or self.published
        modified = modified or self.modified
        # To the minute: a line by the title has no seconds.
        later = published and modified and published[: len(modified)][:16] < modified[: len(published)][:16]
        return published, modified if later else None


def declared(page: Page, meta: Meta, title: str | None) -> Declared:
    """What the page declares of its article. `title` tells which one is meant where there are several."""
    about = _linked_data(page, title)
    published = _date(about.get("datePublished")) or _date(about.get("dateCreated"))
    modified = _date(about.get("dateModified"))
    for element in page.index.get("[itemprop", []):
        name = element.get("itemprop")
        if name in ("datePublished", "dateModified") and element.tag != "meta":
            moment = _date(element.get("datetime") or element.get("content") or "".join(map(str, element.itertext())))
            published = published or (moment if name == "datePublished" else None)
            modified = modified or (moment if name == "dateModified" else None)
    published = published or next(filter(None, map(_date, meta.all(_PUBLISHED))), None)
    modified = modified or next(filter(None, map(_date, meta.all(_MODIFIED))), None)
    return Declared(published, modified, _authors(about, meta))


def _date(value: object) -> str | None:
    return read_attribute(value[:80]) if isinstance(value, str) else None


def _linked_data(page: Page, title: str | None) -> dict[str, Any]:
    """The article among the objects of the page's JSON-LD; of several the one with this title, else none."""
    if not _LINKED.search(page.source):
        return {}
    found: list[tuple[int, dict[str, Any]]] = []
    for script in _SCRIPT.finditer(page.source):
        try:
            data = json.loads(script[1].decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            continue
        found += [(rank, thing) for thing in _things(data) if (rank := _rank(thing.get("@type"))) is not None]
    if not found:
        return {}
    best = min(rank for rank, _ in found)
    things = [thing for rank, thing in found if rank == best]
    if len(things) > 1 and title:
        things = [t for t in things if _same(t.get("headline") or t.get("name"), title)]
    return things[0] if len(things) == 1 else {}


def _things(data: Any) -> Iterator[dict[str, Any]]:
    """The objects at the top of JSON-LD: not those nested in lists of other pages."""
    for thing in data if isinstance(data, list) else [data]:
        if isinstance(thing, dict):
            graph = thing.get("@graph")
            yield from (t for t in graph if isinstance(t, dict)) if isinstance(graph, list) else (thing,)


def _rank(kind: object) -> int | None:
    kinds = [k.lower() for k in (kind if isinstance(kind, list) else [kind]) if isinstance(k, str)]
    ranks = [min(_ARTICLES.index(k), 1 + (k == "webpage")) for k in kinds if k in _ARTICLES]
    return min(ranks, default=None)


def _same(named: object, title: str) -> bool:
    return isinstance(named, str) and re.sub(r"\W+", "", plain(named)).casefold() == re.sub(r"\W+", "", title).casefold()


def _authors(about: dict[str, Any], meta: Meta) -> list[str]:
    """The people whom JSON-LD calls the authors: no organisation, no account, not the site's or the publisher's name."""
    value, publisher = about.get("author"), about.get("publisher")
    people = [p for p in (value if isinstance(value, list) else [value]) if isinstance(p, dict) and p.get("@type") != "Organization"]
    theirs = {(meta.get("og:site_name") or "").casefold()}
    if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
        theirs.add(plain(publisher["name"]).casefold())
    named = [name for p in people if isinstance(name := p.get("name"), str)]
    return [n for name in named for n in names(name) if like_name(n) and n.casefold() not in theirs]
