"""How near a text is to what it should be: F1 over shingles of four words, as in scrapinghub's article-extraction-benchmark."""

from __future__ import annotations

from collections import Counter


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The runs of four words in `text`, with how often each comes."""
    words = text.split()
    return Counter(tuple(words[n : n + 4]) for n in range(max(1, len(words) - 3))) if words else Counter()


def f1(said: str, meant: str) -> float:
    """2 × shared / both; 1 if both are empty."""
    a, b = shingles(said), shingles(meant)
    return 2 * sum((a & b).values()) / (sum(a.values()) + sum(b.values())) if a or b else 1.0
