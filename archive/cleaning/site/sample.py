"""Which captures of a host a site model is learned from: few, and the same few whoever asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from archive.cleaning.site.shape import shape

# Of each shape of address so many pages; of so many shapes, those with most pages first.
EACH = 16
SHAPES = 10


def chosen(pages: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of (address, payload digest) of the pages of a host those to learn from: per shape of address the lowest digests.

    A function of the set: the order in which the pages come does not matter, nor does how often one comes.
    """
    by_shape: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for url, digest in pages:
        by_shape[shape(url)].add((digest, url))
    ranked = sorted(by_shape.items(), key=lambda s: (-len(s[1]), s[0]))[:SHAPES]
    return sorted({(url, digest) for _, every in ranked for digest, url in sorted(every)[:EACH]})
