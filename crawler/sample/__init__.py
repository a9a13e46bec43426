"""The bundled sample portal: six invented sites of the province Mẫu on loopback, for `make crawl` and the tests."""

from __future__ import annotations

from pathlib import Path

from crawler.sample.server import SamplePortal

__all__ = ["SamplePortal", "profiles"]


def profiles() -> list[Path]:
    """The files of the sites' profiles. No bundled portals: their sites exist on loopback only."""
    return sorted(Path(__file__).parent.glob("mau-*.toml"))
