"""The bundled sample portal: two invented sites of the province Mẫu on loopback, for `make crawl` and the tests."""

from __future__ import annotations

from crawler.sample.server import SamplePortal

__all__ = ["SamplePortal"]
