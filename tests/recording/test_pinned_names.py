"""The names of Scrapy that are not its public face and that the crawler leans on: a Scrapy that changes them fails here, by name."""

from __future__ import annotations

import inspect
import subprocess
import sys

from running import environment
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.handlers import DownloadHandlers, s3
from scrapy.core.engine import ExecutionEngine, _Slot
from scrapy.downloadermiddlewares import cookies
from scrapy.utils.reactor import CallLaterOnce


def test_the_cookie_middleware_asks_split_domain():
    assert "_split_domain(" in inspect.getsource(cookies._is_public_domain)
    assert callable(cookies._split_domain)


def test_the_public_suffix_list_is_the_packaged_one():
    program = """
import sys
def outside(event, args):
    if event in ("socket.getaddrinfo", "socket.connect"):
        raise SystemExit(f"{event} {args}")
sys.addaudithook(outside)
from crawler.recording import keep_tld_lists_offline
keep_tld_lists_offline()
from scrapy.downloadermiddlewares import cookies
print(cookies._split_domain("mau.gov.vn").suffix, cookies._split_domain.suffix_list_urls)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=False
    )
    assert (done.stdout, done.returncode) == ("gov.vn ()\n", 0), done.stderr


def test_handlers_are_looked_up_by_get_handler():
    assert list(inspect.signature(DownloadHandlers._get_handler).parameters) == ["self", "scheme"]
    assert "self._get_handler(scheme)" in inspect.getsource(DownloadHandlers.download_request_async)
    assert "self.handlers.download_request_async(" in inspect.getsource(Downloader)


def test_s3_goes_through_the_handler_of_https():
    assert 'getwithbase("DOWNLOAD_HANDLERS")["https"]' in inspect.getsource(s3.S3DownloadHandler)


def test_the_engine_is_woken_by_its_slots_nextcall():
    assert "nextcall" in inspect.signature(_Slot).parameters
    assert callable(CallLaterOnce.schedule)
    assert "self._slot = _Slot(" in inspect.getsource(ExecutionEngine)


def test_the_engine_fetches_by_its_downloaders_fetch():
    assert "self.downloader.fetch(request)" in inspect.getsource(ExecutionEngine)
