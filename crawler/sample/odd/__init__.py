"""The cases of PORTALS.md, section 7, that cut across the families, each on a host of its own, each with its own list of what exists."""

from __future__ import annotations

from crawler.sample.odd import changes, lists, moods, names, sources, traps, writing

SITES = (*names.SITES, *traps.SITES, *moods.SITES, *changes.SITES, *writing.SITES, *sources.SITES, *lists.SITES)
