"""The processes that read beside the crawl: answers in order, a page that kills its reader, and addresses that are named once."""

from __future__ import annotations

import json
import subprocess
import sys

from conftest import ROOT
from lxml import etree
from running import environment

import crawler.pages
from crawler.pages import Page, read

# A reactor in the main thread, as Twisted's care for child processes wants it.
SCRIPT = """
import asyncio, json, os
from twisted.internet import asyncioreactor
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
asyncioreactor.install(loop)
from scrapy.utils.defer import deferred_from_coro
from twisted.internet import reactor
from crawler.beside import Reading
from crawler.pages import Page

class Killer:
    url = "http://tinh-mau.example/doc"
    def __reduce__(self):
        return os._exit, (3,)

def page(n, size=100):
    body = b"<a href=/tin/%d>" % n + b"x" * size
    return Page(b"HTTP/1.1 200 OK\\r\\n\\r\\n" + body, "http://tinh-mau.example/", "text/html", None, False)

async def main():
    reading = Reading(1)
    pages = [page(1), page(2, 3_000_000), Killer(), page(3), page(4)]
    found = await asyncio.gather(*map(reading.read, pages))
    more = await reading.read(page(5))
    await reading.close()
    print(json.dumps([[r.named, r.trouble] for r in [*found, more]]))

def begin():
    done = deferred_from_coro(main())
    done.addErrback(lambda failure: print(failure.getTraceback()))
    done.addBoth(lambda _: reactor.stop())

reactor.callWhenRunning(begin)
reactor.run()
"""


def test_a_page_that_takes_its_reader_down_costs_only_itself():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=ROOT, env=environment(), timeout=60, check=True
    )
    one, two, killed, *others = json.loads(done.stdout)
    named = [[[f"http://tinh-mau.example/tin/{n}", "page"]] for n in (1, 2, 3, 4, 5)]
    assert killed[1] == "the page took the reading process down 2 times", done.stderr
    assert killed[0] == []
    assert [found for found, _ in (one, two, *others)] == named, "the answers of the others, each to its question"


def html(*addresses):
    body = "".join(f"<a href='{address}'>x</a>" for address in addresses).encode()
    return Page(b"HTTP/1.1 200 OK\r\n\r\n" + body, "http://tinh-mau.example/tin/", "text/html", None, True)


def paths(found):
    return [url.removeprefix("http://tinh-mau.example") for url, _ in found.named]


def test_what_was_named_is_not_named_again():
    told = set()
    assert paths(read(html("/a", "b", "http://tinh-mau.example/c"), told)) == ["/a", "/tin/b", "/c"]
    assert paths(read(html("/d", "b", "/a", "http://tinh-mau.example/c", "c"), told)) == ["/d", "/tin/c"]
    assert paths(read(html("/a"))) == ["/a"], "who keeps no list is told everything"


def test_a_page_that_cannot_be_cleaned_still_leads_on(monkeypatch):
    def breaks(*_, seen, **__):
        seen(etree.fromstring("<p><a href='/a'/></p>"))
        raise ValueError("a fault of ours")

    monkeypatch.setattr(crawler.pages.archive, "clean", breaks)
    told = set()
    found = read(html("/a"), told)
    assert (paths(found), found.draft, found.trouble) == (["/a"], None, "ValueError: a fault of ours")
    assert paths(read(html("/a"), told)) == []
