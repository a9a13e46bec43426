"""What people type into a search box, understood and written as an FTS5 expression over folded text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import normalize

from archive.store.fold import evened, fold

WORD = re.compile(r"\w+")
_MOST_BESIDE = 12
_NO_TEXT = re.compile(r'[\x00-\x1f"]')
# A quoted phrase or a word, what stands before it (- or title:) and behind it (*); straight and typographic quotes.
_PART = re.compile(r'(-(?=["“\w]))?(?:(title|tiêu đề):)?(?:"([^"]*)"|“([^”]*)”|([^\s"“”]+))', re.IGNORECASE)
_OPERATORS = {"OR": "or", "|": "or", "AND": "and", "&": "and", "NOT": "not"}
# Only beside small letters: in a headline in capitals they are words.
_VIETNAMESE = {"HOẶC": "or", "VÀ": "and", "KHÔNG": "not"}


@dataclass(frozen=True, slots=True)
class Sought:
    """A query understood. `match` is FTS5's expression, `titles` the same for titles only, both empty if there is no word.

    `folded` are the words that are marked in what was found, `exact` those with diacritics, as `evened` writes them. `phrases`: some
    of what is asked for are several words in a row; `told` finds whatever of it stands in a folded text. `beside` are the words that
    were typed side by side, two at a time, with blanks around them.
    """

    match: str = ""
    titles: str = ""
    folded: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    phrases: bool = False
    told: re.Pattern[str] | None = None
    beside: tuple[str, ...] = ()


@dataclass(slots=True)
class _Side:
    """What stands on one side of an OR."""

    terms: list[str]
    without: list[str]

    def match(self) -> str:
        """Its expression, empty if nothing is asked for."""
        if not self.terms:
            return ""
        both = " AND ".join(self.terms)
        return f"(({both}) NOT ({' OR '.join(self.without)}))" if self.without else f"({both})"


def understood(text: str) -> Sought:
    """Words must all be there; "…" is a phrase; OR between two sides means either; a minus before a word means without.

    title: before a word looks in titles only, * behind one finds what begins so, NOT means without the words that follow. OR, AND, NOT
    (hoặc, và, không) are operators in capitals only; any other sign is nothing, so that 12/2026/QĐ-UBND finds that number.
    """
    operators = _OPERATORS | ({} if text == text.upper() else _VIETNAMESE)
    sides, kept, unwanted = [_Side([], [])], list[str](), list[str]()
    negated = False
    for part in _PART.finditer(normalize("NFC", text)):
        minus, field, *texts = part.groups()
        word = next((t for t in texts if t is not None), "")
        bare = texts[2] is not None and not field and not minus
        if negated and not (bare and word not in operators):
            sides[-1].without += _term(" ".join(unwanted))
            unwanted, negated = [], not unwanted and word not in operators
        if bare and word in operators:
            negated = operators[word] == "not"
            sides += [_Side([], [])] if operators[word] == "or" else []
        elif negated and bare:
            unwanted.append(word)
        else:
            term = _term(word, starts=texts[2] is not None and word.endswith("*"), title=bool(field))
            if minus or negated:
                sides[-1].without += term
            else:
                sides[-1].terms += term
                kept.append(word)
            negated = False
    sides[-1].without += _term(" ".join(unwanted))
    return _written([match for side in sides if (match := side.match())], kept)


def _term(word: str, *, starts: bool = False, title: bool = False) -> list[str]:
    folded = _NO_TEXT.sub(" ", fold(word))
    if not WORD.search(folded):
        return []
    return [f"{'title : ' if title else ''}\"{folded}\"{' *' if starts else ''}"]


def _written(sides: list[str], kept: list[str]) -> Sought:
    if not sides:
        return Sought()
    match = " OR ".join(sides)
    words = [word for phrase in kept for word in WORD.findall(phrase)]
    exact = frozenset(evened(word) for word in words if not word.isascii())
    rows = [found for phrase in kept if (found := WORD.findall(fold(phrase)))]
    told = re.compile("|".join(r"\b" + r"\W+".join(row) + r"\b" for row in rows)) if rows else None
    phrases = any(len(WORD.findall(phrase)) > 1 for phrase in match.split('"')[1::2])
    beside = tuple(f" {fold(one)} {fold(next_one)} " for one, next_one in pairwise(words[:_MOST_BESIDE]))
    return Sought(match, f"{{title}} : ({match})", frozenset(map(fold, words)), exact, phrases, told, beside)
