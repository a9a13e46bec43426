"""The processes that read beside the crawl: answers in order, a page that kills its reader, and addresses that are named once."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys

import pytest
from conftest import ROOT
from lxml import etree
from running import environment

import crawler.pages
from crawler.beside import Died, Reading
from crawler.pages import Page, read
from crawler.readers import PageReaders

SCRIPT = """
import asyncio, json, os
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
    reading.close()
    print(json.dumps([[r.named, r.trouble] for r in [*found, more]]))

asyncio.run(main())
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


def test_processes_that_were_started_early_are_taken_first_and_none_is_left():
    async def main():
        with PageReaders(2) as readers:
            early = [*readers._ready]
            reading = Reading(1, readers)
            found = await asyncio.gather(*(reading.read(html(f"/{n}")) for n in range(3)))
            assert [reader.process.poll() for reader in early] == [None, None]
            taken = reading._children[0]
            reading.close()
        return found, taken._reader in early, [reader.process.poll() for reader in early]

    found, taken, ended = asyncio.run(main())
    assert [paths(one) for one in found] == [["/0"], ["/1"], ["/2"]]
    assert taken
    assert ended == [-signal.SIGKILL] * 2


def test_who_waits_when_the_processes_are_ended_is_not_left_waiting():
    async def main():
        reading = Reading(1)
        waiting = asyncio.ensure_future(reading._idlest().ask(html("/a")))
        reading.close()
        with pytest.raises(Died):
            await waiting

    asyncio.run(main())


def test_a_process_has_two_pages_and_the_others_wait_for_whichever_is_free_first():
    async def main():
        reading = Reading(1)
        waiting = [asyncio.ensure_future(reading.read(html(f"/{n}"))) for n in range(7)]
        await asyncio.sleep(0)
        given = reading._children[0].waiting
        found = await asyncio.gather(*waiting)
        reading.close()
        return given, found

    given, found = asyncio.run(main())
    assert given == 2
    assert [paths(one) for one in found] == [[f"/{n}"] for n in range(7)]


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
