"""Text that only a font makes Vietnamese (TCVN3 under .VnTime, VNI under VNI-Times) is put into Unicode.

Such text is known by the font that is named for it, or by its letters: read as another encoding its words become Vietnamese syllables,
as they stand most of them are none. What was there before is kept as a cut of the rule `font-encoding`, block by block, with its place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from archive.cleaning.chrome import Cuts
from archive.cleaning.legacy import FONTS
from archive.cleaning.parse import Element, Page, settable
from archive.cleaning.prose import BLOCKS
from archive.cleaning.syllables import is_syllable

# Names of such fonts; an H at the end of a .Vn font's name draws capitals.
_FONT = re.compile(r"(?P<tcvn3>\.Vn[A-Za-z0-9]+?(?: [A-Za-z]+?)?(?P<capitals>H)?(?!\w))|(?P<vni>\bVNI[- ]?[A-Z][a-z]+)", re.IGNORECASE)
# What stands of them in a source; looked for by one letter, which is ten times as fast as by three.
_NAMED = re.compile(rb"\.(?=Vn|vnt)"), re.compile(rb"V(?=NI-)")
# The most frequent letters of either that proper Vietnamese has not (đ, ư, à, ø): fewer are a sign or a name.
_TELLING = (("®", 3), ("\xad", 3), ("µ", 3), ("ñ", 3), ("ö", 3), ("ø", 3))
_PROPER = re.compile("[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9\u0300-\u0323]")
_WORD = re.compile(r"[A-Za-z\xa1-\xff\xad]+")
# Without a font's name so many words must speak for it, so many of them different, and nearly all must be syllables.
_WORDS, _DIFFERENT, _SURE = 8, 6, 0.85
_BLOCK = 0.7
_CUTS = 30


@dataclass(slots=True)
class _Piece:
    """A text of the tree: of an element, or behind it."""

    element: Element
    tail: bool
    block: Element
    font: tuple[str, bool] | None

    @property
    def text(self) -> str:
        return (self.element.tail if self.tail else self.element.text) or ""

    def put(self, text: str) -> None:
        if self.tail:
            self.element.tail = settable(text)
        else:
            self.element.text = settable(text)


@dataclass(slots=True)
class _Tally:
    """Words with letters beyond ASCII: how many, how many are syllables as they stand, and how many as `kind` reads them."""

    words: int = 0
    proper: int = 0
    read: int = 0

    def add(self, text: str, kind: str, words: set[str] | None = None) -> None:
        for word in _WORD.findall(text):
            if len(word) > 1 and not word.isascii() and any(c.isalpha() for c in word):
                self.words += 1
                self.proper += is_syllable(word)
                self.read += is_syllable(FONTS[kind](word))
                if words is not None:
                    words.add(word)

    @property
    def speaks_for(self) -> bool:
        return self.read > self.proper and self.read >= _BLOCK * self.words


def unfont(page: Page, cuts: Cuts) -> None:
    """Put what only a font makes Vietnamese into Unicode, in the page's tree."""
    named = any(name.search(page.source) for name in _NAMED)
    if not named and not any(_has(page.said, letter, least) for letter, least in _TELLING):
        return
    pieces = [p for p in _pieces(page.root, fonts=named) if not _PROPER.search(p.text)]
    done = _by_font(pieces) if named else {}
    done |= _by_letters([p for p in pieces if id(p) not in done])
    raw: dict[Element, list[str]] = defaultdict(list)
    for piece in pieces:
        kind, capitals = done.get(id(piece), ("", False))
        if kind:
            text = _WORD.sub(lambda m, kind=kind: _converted(m[0], kind), piece.text)  # type: ignore[misc]
            text = text.upper() if capitals else text
            if text != piece.text:
                raw[piece.block].append(piece.text)
                piece.put(text)
    for block, texts in list(raw.items())[:_CUTS]:
        cuts.add("font-encoding", " ".join("".join(texts).split()), block)


def _has(text: str, letter: str, times: int) -> bool:
    """Whether a letter stands so often in a text. Proper Vietnamese has most of these nowhere, which is found faster than counted."""
    at = -1
    for _ in range(times):
        at = text.find(letter, at + 1)
        if at < 0:
            return False
    return True


def in_unicode(text: str) -> tuple[str, str | None]:
    """A whole text without markup in Unicode, and the encoding in which its words are syllables; unchanged if they are as they stand."""
    for kind in FONTS:
        tally, different = _Tally(), set[str]()
        tally.add(text, kind, different)
        enough = tally.words >= _WORDS and len(different) >= _DIFFERENT and tally.read >= _SURE * tally.words
        if enough and 2 * tally.proper <= tally.words:
            return _WORD.sub(lambda m, kind=kind: _converted(m[0], kind), text), kind  # type: ignore[misc]
    return text, None


def _converted(word: str, kind: str) -> str:
    """A word in Unicode; what has no letter is a sign, unless several of them make a syllable ("®·")."""
    read = FONTS[kind](word)
    return read if any(c.isalpha() for c in word) or (len(word) > 1 and is_syllable(read)) else word


def _pieces(root: Element, *, fonts: bool) -> Iterator[_Piece]:
    """The texts of a tree that have letters beyond ASCII, or stand in a font of capitals."""
    within: dict[Element, tuple[Element, tuple[str, bool] | None]] = {}
    for element in root.iter("*"):
        parent = element.getparent()
        around = within[parent] if parent is not None else (element, None)
        block = element if element.tag in BLOCKS or element.tag == "title" else around[0]
        font = (_font(element) or around[1]) if fonts else None
        within[element] = block, font
        if (text := element.text) and (not text.isascii() or (font and font[1])):
            yield _Piece(element, False, block, font)
        if (text := element.tail) and (not text.isascii() or (around[1] and around[1][1])):
            yield _Piece(element, True, around[0], around[1])


def _font(element: Element) -> tuple[str, bool] | None:
    """The kind of font that an element names for its text, and whether it draws capitals."""
    for key in ("style", "face"):
        if (value := element.get(key)) and (m := _FONT.search(value)):
            return ("tcvn3" if m["tcvn3"] else "vni"), bool(m["capitals"])
        if value and ("font-family" in value or key == "face"):
            return "", False  # another font
    return None


def _by_font(pieces: list[_Piece]) -> dict[int, tuple[str, bool]]:
    """Pieces under a font, if the words under it are better syllables in its encoding: the names of fonts outlive their text."""
    done: dict[int, tuple[str, bool]] = {}
    for kind in FONTS:
        under = [p for p in pieces if p.font and p.font[0] == kind]
        tally = _Tally()
        for piece in under:
            tally.add(piece.text, kind)
        if tally.speaks_for:
            done |= {id(p): p.font for p in under if p.font}
    return done


def _by_letters(pieces: list[_Piece]) -> dict[int, tuple[str, bool]]:
    """Pieces of blocks whose words are syllables in an old encoding only, if the page has enough of them."""
    blocks: dict[Element, list[_Piece]] = defaultdict(list)
    for piece in pieces:
        if not piece.text.isascii():
            blocks[piece.block].append(piece)
    best: dict[int, tuple[str, bool]] = {}
    most = 0
    for kind in FONTS:
        different: set[str] = set()
        whole, spoken, found = _Tally(), _Tally(), dict[int, tuple[str, bool]]()
        for inside in blocks.values():
            tally = _Tally()
            words: set[str] = set()
            for piece in inside:
                tally.add(piece.text, kind, words)
                whole.add(piece.text, kind)
            if tally.speaks_for:
                found |= {id(p): (kind, False) for p in inside}
                different |= words
                spoken = _Tally(spoken.words + tally.words, spoken.proper + tally.proper, spoken.read + tally.read)
        enough = spoken.words >= _WORDS and len(different) >= _DIFFERENT and spoken.read >= _SURE * spoken.words
        if enough and 2 * spoken.proper <= spoken.words and 2 * whole.read > whole.words and spoken.read > most:
            best, most = found, spoken.read
    return best
