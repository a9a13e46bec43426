"""Folds Vietnamese text for searching: no diacritics, đ as d, one place for the tone mark, lower case.

The index holds folded words, so that `hoa`, `hoà` and `hòa` find each other. Where a word was typed with marks,
`evened` tells spellings of the same word (hoà, hòa) from other words (hoa).
"""

from __future__ import annotations

import re
from codecs import charmap_decode
from functools import cache
from unicodedata import normalize

_MARKS = re.compile("[\u0300-\u036f\u1dc4-\u1dff]")
_MOST = 1 << 15
# A longer text is folded letter by letter, in rows of bytes.
_TEXT = 500
# The high bytes of UTF-16 that such a text has: Latin, its Vietnamese extensions, quotation marks and dashes.
_PLANES = (0x00, 0x20, 0x1E, 0x01)
# Longer ones are addresses and paragraphs glued together; they hardly come twice.
_LONGEST = 40
_TONE = "[\u0300\u0301\u0303\u0309\u0323]"
# Where the old and the new way of placing the tone differ: oa, oe, uy at the end of a word, not after q (quý is not
# old style).
_OLD_STYLE = re.compile(rf"(?<!q)(o)({_TONE})([ae])(?!\w)|(?<!q)(u)({_TONE})(y)(?!\w)")


def fold(text: str) -> str:
    """`text` as the search index holds it, whether it came composed (NFC) or not."""
    if len(text) > _TEXT and (folded := _in_rows(text)) is not None:
        return folded
    # Line by line: the last word of one and the first of the next are no word that comes again.
    return "\n".join([" ".join(map(_FOLDED.__getitem__, line.split(" "))) for line in text.split("\n")])


class _Folded(dict[str, str]):
    """Words as they are folded. Vietnamese has about 7,000 syllables: looking them up makes folding five times as fast."""

    def __missing__(self, word: str) -> str:
        folded = _MARKS.sub("", normalize("NFD", word.replace("đ", "d").replace("Đ", "d"))).lower()
        if len(word) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[word] = folded
        return folded


_FOLDED = _Folded()


def _in_rows(text: str) -> str | None:
    """`text` folded letter by letter, all of a plane at once: half the time of word by word. None if it has a letter that becomes no single one.

    The low bytes are looked up in their plane's table, and what is of another plane is masked out, by whole numbers as long as the text.
    """
    tables, letters = _tables()
    both = text.encode("utf-16-le", "surrogatepass")
    low, high = both[::2], both[1::2]
    folded = 0
    for plane, (table, mask) in tables.items():
        if plane in high:
            folded |= int.from_bytes(low.translate(table), "little") & int.from_bytes(high.translate(mask), "little")
    row = folded.to_bytes(len(low), "little")
    return None if 0 in row else charmap_decode(row, "strict", letters)[0]


@cache
def _tables() -> tuple[dict[int, tuple[bytes, bytes]], str]:
    """By plane the number of what each low byte folds to (0: nothing has a number) and which high bytes are the plane's; what has which number."""
    numbers: dict[str, int] = {"": 0}
    tables = {}
    for plane in _PLANES:
        row = bytearray(256)
        for low in range(256):
            folded = _FOLDED[chr(plane << 8 | low)]
            if len(folded) == 1 and (len(numbers) < 256 or folded in numbers):
                row[low] = numbers.setdefault(folded, len(numbers))
        tables[plane] = bytes(row), bytes(255 * (high == plane) for high in range(256))
    return tables, "\x00" + "".join(numbers)


def evened(text: str) -> str:
    """`text` in lower case with its diacritics, the tone of oa, oe and uy on the second vowel (hòa → hoà); NFC."""
    apart = normalize("NFD", text.lower())
    return normalize("NFC", _OLD_STYLE.sub(_on_second, apart))


def _on_second(found: re.Match[str]) -> str:
    first, tone, second = found.group(1, 2, 3) if found[1] else found.group(4, 5, 6)
    return first + second + tone


def spellings(word: str) -> frozenset[str]:
    """The ways in which an evened word is written: hoà and hòa; NFC."""
    apart = normalize("NFD", word)
    return frozenset({word, normalize("NFC", _NEW_STYLE.sub(r"\1\3\2", apart))})


_NEW_STYLE = re.compile(rf"(?<!q)(o(?=[ae])|u(?=y))([aey])({_TONE})(?!\w)")
