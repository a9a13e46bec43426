"""The peer that keeps nothing: a bare Scrapy spider which follows every link once. `python bench/bare.py URL`."""

from __future__ import annotations

import sys
from typing import ClassVar

import scrapy
from scrapy.crawler import CrawlerProcess


class Bare(scrapy.Spider):
    name = "bare"
    start_urls = sys.argv[1:]
    seen: ClassVar[set[str]] = set()

    def parse(self, response):
        if b"html" not in response.headers.get("Content-Type", b""):
            return
        for href in response.css("a::attr(href), img::attr(src), link::attr(href)").getall():
            url = response.urljoin(href)
            if url not in self.seen:
                self.seen.add(url)
                yield scrapy.Request(url, self.parse, dont_filter=True)


settings = {
    "LOG_LEVEL": "ERROR",
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "CONCURRENT_ITEMS": 2,
    "TELNETCONSOLE_ENABLED": False,
}
process = CrawlerProcess(settings)
process.crawl(Bare)
process.start()
