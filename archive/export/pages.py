"""Makes articles of the HTML pages that a run took in, from their kept bytes."""

from __future__ import annotations

from collections.abc import Callable

from archive.deposit import Depositor
from archive.model import Article, Run, Settlement
from archive.retrieve import Filters, Reader
from archive.warc.payload import Body

# (body, address) → the article and the rules it was cleaned by, serialised; None if the page is none.
Read = Callable[[Body, str], tuple[Article, bytes | None] | None]

_HTML = frozenset({"text/html", "application/xhtml+xml"})
# No page of a portal is larger; what is, is no article.
_LARGEST = 16 << 20
_NO_VISIT = -1


def read_page(body: Body, url: str) -> tuple[Article, bytes | None] | None:
    """The article on a page, by the rules of the platform that it shows."""
    # Only here: files without pages are adopted without the parsers.
    from archive.cleaning.clean import clean  # noqa: PLC0415
    from archive.cleaning.rules import Rules  # noqa: PLC0415

    article = clean(body.data, url, charset=body.charset)
    if not article.text:
        return None
    used = Rules.bundled(article.cleaner.get("rules_digest") or "")
    return article, used.serialised() if used else None


def make_articles(depositor: Depositor, run: Run, read: Read) -> int:
    """Clean every complete HTML page of the run and keep its article; how many there were."""
    made = 0
    with Reader.open(depositor.path) as reader:
        for capture in reader.captures(Filters(run=run.id)):
            if capture.status != 200 or capture.media_type not in _HTML or capture.length > _LARGEST:
                continue
            with reader.open(capture) as opened:
                found = read(opened.content(), capture.url) if opened.available else None
            if found is not None:
                article, rules = found
                depositor.settle(run, Settlement(_NO_VISIT, capture.id, "done", article, rules)).result()
                made += 1
    return made
