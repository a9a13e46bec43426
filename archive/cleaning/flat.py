"""`clean_text`: what can be done for an article that survives only as flattened text."""

from __future__ import annotations

from html import escape

from archive.cleaning import heading
from archive.cleaning.chrome import Cuts
from archive.cleaning.clean import VERSION
from archive.cleaning.decode import plain
from archive.cleaning.people import credit
from archive.cleaning.words import PICTURED, SKIP, TOOL
from archive.model import Article, Image

_CAPTION = 250
_TITLE = 300
_SENTENCE_ENDS = (".", "!", "?", "…", ":", ";", ",", ".”", '."')


def clean_text(text: str) -> Article:
    """The article in `text`, one paragraph a line: skip links, title, lead, body, byline, source.

    Captions lose their image with the markup: a short unpunctuated line that names what people do in photographs is
    kept as the caption of an image without an address. No date is read: without markup nothing tells the page's from
    the story's.
    """
    article = Article("")
    cuts = Cuts()
    lines = [line for raw in text.splitlines() if (line := plain(raw))]
    while lines and SKIP.fullmatch(lines[0]):
        cuts.add("skip-link", lines.pop(0))
    if lines and len(lines) > 1 and len(lines[0]) <= _TITLE and not lines[0].endswith(_SENTENCE_ENDS):
        article.title = lines.pop(0)
    lines = _tail(lines, article, cuts)
    prose: list[str] = []
    html: list[str] = []
    for line in lines:
        if TOOL.fullmatch(line):
            cuts.add("tools", line)
        elif prose and _is_caption(line):
            article.images.append(Image("", line))
            html.append(f"<figure><figcaption>{escape(line, quote=False)}</figcaption></figure>")
        else:
            prose.append(line)
            html.append(f"<p>{escape(line, quote=False)}</p>")
    if len(prose) > 1 and prose[0].endswith(_SENTENCE_ENDS):
        article.lead = prose[0]
    article.text = "\n\n".join(prose)
    article.html = "\n".join(html)
    article.language = heading.language(article.text, None)
    article.cleaner = {"version": VERSION, "rules_digest": None, "platform": None}
    article.cuts = cuts.list()
    return article


def _tail(lines: list[str], article: Article, cuts: Cuts) -> list[str]:
    """Take byline and source line off the end."""
    while len(lines) > 1:
        last = lines[-1]
        read = credit(last)
        if read is None:
            break
        article.authors = [*read.authors, *article.authors]
        article.source = article.source or read.source
        cuts.add(read.rule, last)
        lines = lines[:-1]
    return lines


def _is_caption(line: str) -> bool:
    if len(line) > _CAPTION or line.endswith(_SENTENCE_ENDS) or line[0].isdigit():
        return False
    return PICTURED.search(line) is not None
