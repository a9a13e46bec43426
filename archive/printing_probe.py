"""What `tangthu probe` prints of a page."""

from __future__ import annotations

from archive.probing import Probed
from archive.words import say

_WORDS = 60


def probe_lines(found: Probed) -> list[str]:
    """The platform with its evidence, and what would be extracted, a line each."""
    article = found.article
    if found.platform:
        lines = [say("platform: {platform}, shown by {evidence}", platform=found.platform, evidence=", ".join(found.evidence))]
    else:
        lines = [say("platform: none that is known")]
    if not found.is_article:
        rules = ", ".join(f"{rule} {count}" for rule, count in found.cuts.items())
        return [*lines, say("no article on this page: a list, a form or too little text"), say("what stands there: {rules}", rules=rules or "-")]
    words = article.text.split()
    told = [
        (say("title"), article.title), (say("date"), article.published), (say("authors"), ", ".join(article.authors)),
        (say("source"), article.source), (say("section"), " › ".join(article.section)), (say("lead"), article.lead),
        (say("text"), f"{' '.join(words[:_WORDS])}{' …' if len(words) > _WORDS else ''} ({say('{count} words', count=len(words))})"),
        (say("images"), str(len(article.images))), (say("attachments"), ", ".join(file.name for file in article.attachments)),
        (say("cut"), ", ".join(f"{rule} {count}" for rule, count in found.cuts.items())),
    ]  # fmt: skip
    lines.append(say("found by: {layer}", layer=_layer(article.cleaner.get("layer"))))
    return [*lines, *(f"{name}: {' '.join((value or '-').split())}" for name, value in told)]


def _layer(layer: object) -> str:
    if layer == "rules":
        return say("the platform's rules")
    return say("what was learned of the site") if layer == "site" else say("the search of a single page")
