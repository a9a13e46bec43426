"""Where recording would be got around or cannot work, nothing is fetched, and the log says why in one sentence."""

from __future__ import annotations

import pytest
from foreign import scrapy
from server import Portal

SPIDER = """
class Bao(scrapy.Spider):
    name = "bao"
    custom_settings = {custom}

    async def start(self):
        yield scrapy.Request(BASE + "/tin", self.parse)

    def parse(self, response):
        answered(response)
"""
OTHERS = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
# (what is done, the project's settings, the spider's, TANGTHU_ARCHIVE, what the sentence says).
TRICKS = {
    "the cache is on": ("HTTPCACHE_ENABLED = True", "{}", "a.db", "HTTPCACHE_ENABLED"),
    "the cache is on in the spider": ("", '{"HTTPCACHE_ENABLED": True}', "a.db", "HTTPCACHE_ENABLED"),
    "no archive is named": ("", "{}", None, "TANGTHU_ARCHIVE is not set"),
    "the archive has no folder": ("", "{}", "nowhere/a.db", "no such folder"),
    "the archive is a folder": ("", "{}", "bao", "cannot be opened"),
    "the archive is no archive": ("", "{}", "scrapy.cfg", "not an archive"),
    "a later add-on takes the handler": (
        'ADDONS["bao.tricks.Addon"] = 900', "{}", "a.db", "The http handler in force is scrapy.core.downloader.handlers.http11",
    ),
    "a later add-on takes https only": ('ADDONS["bao.tricks.Https"] = 900', "{}", "a.db", "The https handler in force"),
    "a later add-on puts a handler of its own over ours": ('ADDONS["bao.tricks.Own"] = 900', "{}", "a.db", "bao.tricks.Handler"),
    "an extension is early": (
        'ADDONS["bao.tricks.Addon"] = 900\nEXTENSIONS = {"bao.tricks.Early": 0}', "{}", "a.db", "The http handler in force",
    ),
    "an extension is early, and the downloader another one": (
        'DOWNLOADER = "bao.tricks.Downloader"\nEXTENSIONS = {"bao.tricks.Early": 0}', "{}", "a.db", "DOWNLOADER",
    ),
    "an extension is early, and the archive is missing": ('EXTENSIONS = {"bao.tricks.Early": 0}', "{}", None, "TANGTHU_ARCHIVE"),
    "there is no handler at all": ('ADDONS["bao.tricks.Without"] = 900', "{}", "a.db", "The http handler in force is none"),
    "the downloader is another one": ('DOWNLOADER = "bao.tricks.Downloader"', "{}", "a.db", "DOWNLOADER"),
    "another scheme has a handler": (f'DOWNLOAD_HANDLERS = {{"gopher": "{OTHERS}"}}', "{}", "a.db", "What comes by gopher cannot be recorded"),
    "there is no reactor": ("TWISTED_REACTOR_ENABLED = False", "{}", "a.db", "TWISTED_REACTOR_ENABLED"),
}  # fmt: skip
MODULE = f"""
import os
from scrapy import Request, signals
from scrapy.core.downloader import Downloader as Theirs
from crawler.recording import Handler as Ours

class Addon:
    scheme, path = "http", "{OTHERS}"

    def update_settings(self, settings):
        settings.set("DOWNLOAD_HANDLERS", {{**settings.getdict("DOWNLOAD_HANDLERS"), self.scheme: self.path}}, priority=5000)

class Early:
    def __init__(self, crawler):
        self.crawler = crawler
        crawler.signals.connect(self.opened, signals.spider_opened)

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler)

    async def opened(self, spider):
        await self.crawler.engine.download_async(Request(os.environ["BASE"] + "/som"))

class Https(Addon):
    scheme = "https"

class Own(Addon):
    path = "bao.tricks.Handler"

class Without(Addon):
    path = None

class Handler(Ours):
    async def download_request(self, request):
        return await self._recording.fetch(request)

class Downloader(Theirs):
    def __init__(self, crawler):
        super().__init__(crawler)
        from scrapy.utils.misc import build_from_crawler, load_object
        self.theirs = build_from_crawler(load_object("{OTHERS}"), crawler)

    async def _download(self, slot, request):
        return await self.theirs.download_request(request)
"""


@pytest.fixture(scope="module")
def portal():
    with Portal() as portal:
        portal.on("*", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntin")
        yield portal


@pytest.mark.parametrize("trick", TRICKS)
def test_nothing_is_fetched_unrecorded(portal, tmp_path, trick):
    settings, custom, archive, said = TRICKS[trick]
    (tmp_path / "bao").mkdir()
    (tmp_path / "bao" / "tricks.py").write_text(MODULE)
    before = len(portal.hits())
    ran = scrapy(tmp_path, SPIDER.format(custom=custom), portal.url(""), settings, archive)
    assert portal.hits()[before:] == [], ran.log
    assert ran.told == []
    sentences = [line for line in ran.log.splitlines() if said in line and "CRITICAL" in line]
    assert len(sentences) == 1, ran.log


def test_our_handler_without_our_add_on_fetches_nothing(portal, tmp_path):
    before = len(portal.hits())
    settings = 'ADDONS = {}\nDOWNLOAD_HANDLERS = {"http": "crawler.recording.Handler"}'
    ran = scrapy(tmp_path, SPIDER.format(custom="{}"), portal.url(""), settings)
    assert (portal.hits()[before:], ran.told) == ([], [])
    assert "works only with its add-on" in ran.log


@pytest.mark.parametrize(
    ("settings", "custom"),
    [
        (f'DOWNLOAD_HANDLERS = {{"http": "{OTHERS}", "https": "{OTHERS}"}}', "{}"),
        ("", f'{{"DOWNLOAD_HANDLERS": {{"http": "{OTHERS}"}}}}'),
        (f'DOWNLOAD_HANDLERS_BASE = {{"http": "{OTHERS}"}}', "{}"),
        ('DOWNLOAD_HANDLERS = {"http": None}', "{}"),
    ],
    ids=["in the settings", "in the spider", "in the base", "switched off"],
)
def test_what_the_project_says_of_handlers_does_not_switch_recording_off(portal, tmp_path, settings, custom):
    ran = scrapy(tmp_path, SPIDER.format(custom=custom), portal.url(""), settings)
    assert [fact["text"] for fact in ran.told] == ["tin"], ran.log
    assert ran.blocks("response", "/tin") == [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntin"]


def test_what_cannot_be_recorded_is_not_fetched(portal, tmp_path):
    spider = """
    class Bao(scrapy.Spider):
        name = "bao"

        async def start(self):
            for url in ("ftp://127.0.0.1:%s/tin" % BASE.rpartition(":")[2], "s3://kho/tin", "gopher://127.0.0.1/"):
                yield scrapy.Request(url, self.parse, errback=self.failed)

        def failed(self, failure):
            tell(why=type(failure.value).__name__)
    """
    ran = scrapy(tmp_path, spider, portal.url(""))
    assert ran.told == [{"why": "NotSupported"}] * 3, ran.log
