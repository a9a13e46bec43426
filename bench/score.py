"""How near an extracted article comes to its gold, as scrapinghub/article-extraction-benchmark defines it in its README and evaluate.py.

Texts are compared by 4-word shingles (words are runs of `\\w`), counted as often as they occur. A page's true positives, false positives
and false negatives are divided by their sum, so that a long page weighs no more than a short one; precision and recall are the mean over
the pages that have some, and F1 is made of these two means.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import mean

_WORD = re.compile(r"\w+")
_SHINGLE = 4
# A cut of fewer characters stands in many an article by chance.
_TELLING = 12


@dataclass
class Found:
    """What an extractor gives, or gold: `date` as YYYY-MM-DD. `chrome` is gold's alone: texts that must not be in the article."""

    text: str = ""
    title: str | None = None
    date: str | None = None
    authors: list[str] = field(default_factory=list)
    chrome: list[str] = field(default_factory=list)


@dataclass
class Scored:
    """One page's answer against its gold; the fields are None where gold has none of them."""

    page: str
    precision: float | None
    recall: float | None
    exact: bool
    title: bool | None = None
    date: bool | None = None
    invented: bool | None = None
    author: bool | None = None
    leaked: bool | None = None

    @property
    def f1(self) -> float:
        if self.precision is None and self.recall is None:
            return 1.0
        both = (self.precision or 0) + (self.recall or 0)
        return 2 * (self.precision or 0) * (self.recall or 0) / both if both else 0.0


def words(text: str) -> list[str]:
    return _WORD.findall(text or "")


def shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = words(text)
    return Counter(tuple(tokens[i : i + _SHINGLE]) for i in range(max(1, len(tokens) - _SHINGLE + 1)) if tokens)


def score(page: str, gold: Found, found: Found, fields: bool) -> Scored:
    """`fields`: whether gold has title, date, author and chrome, or the text only."""
    true, given = shingles(gold.text), shingles(found.text)
    right = (true & given).total()
    made = Scored(
        page,
        right / given.total() if given else None,
        right / true.total() if true else None,
        words(gold.text) == words(found.text),
    )
    if fields:
        if gold.title:
            made.title = words(gold.title) == words(found.title or "")
        if gold.date:
            made.date = gold.date == found.date
        else:
            made.invented = found.date is not None
        if gold.authors:
            made.author = sorted(map(str.casefold, gold.authors)) == sorted(map(str.casefold, found.authors))
        elif gold.text:
            made.author = not found.authors
        text = " ".join(words(found.text))
        made.leaked = any(
            c in text for c in (" ".join(words(c)) for c in gold.chrome) if len(c) >= _TELLING and c not in " ".join(words(gold.text))
        )
    return made


def mean_of(values: Iterable[float | bool | None]) -> float | None:
    """The mean of those that are not None."""
    every = [float(v) for v in values if v is not None]
    return mean(every) if every else None


def f1_of(pages: list[Scored]) -> tuple[float, float, float]:
    """Precision, recall and F1 of a set, as evaluate.py sums them."""
    precision = mean_of(p.precision for p in pages) or 0.0
    recall = mean_of(p.recall for p in pages) or 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0
