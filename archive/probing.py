"""What cleaning would make of one page, and why: the platform with its evidence, the layer, the article."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from archive.cleaning.clean import clean
from archive.cleaning.parse import parse
from archive.cleaning.rules import recognise
from archive.model import Article
from archive.warc.payload import Body


@dataclass(frozen=True, slots=True)
class Probed:
    """A page looked at. `platform` is None and `evidence` empty where no platform shows; `cuts` counts them by rule."""

    platform: str | None
    evidence: list[str]
    article: Article
    cuts: dict[str, int]

    @property
    def is_article(self) -> bool:
        """Whether the page has an article."""
        return bool(self.article.text)


def probe(body: Body, url: str) -> Probed:
    """Look at a page with the rules of the platforms and the search of a single page. Pure."""
    page = parse(body.data, url, body.charset)
    rules, evidence = recognise(page) if page is not None else (None, [])
    article = clean(body.data, url, charset=body.charset)
    cuts = Counter(cut.rule for cut in article.cuts)
    return Probed(rules.platform if rules and evidence else None, evidence, article, dict(cuts.most_common()))
