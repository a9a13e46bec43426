"""A process that reads pages as `beside.py` asks for them. It imports neither Scrapy nor Twisted, which halves its start."""

from __future__ import annotations

import gc
import logging
import pickle
import struct
import sys
from typing import BinaryIO

from crawler.pages import Hosts, Page, Read, read
from crawler.spiders.reading import Told

logger = logging.getLogger(__name__)

FIRST = Page(b"HTTP/1.1 200 OK\r\n\r\n<p>", "http://tangthu.example/", "text/html", None, article=True)

LENGTH = struct.Struct("!I")


def attempt(page: Page | Hosts, told: Told | None = None) -> Read:
    """As `pages.read`; what it raises is told as trouble with the page, which is a finding and no reason to stop."""
    try:
        return read(page, told)
    except Exception as problem:  # a hostile page may bring out any fault of ours
        logger.warning("%s could not be read", page.url, exc_info=True)
        return Read(None, [], f"{type(problem).__name__}: {problem}")


def serve(source: BinaryIO | None = None, sink: BinaryIO | None = None) -> None:
    """The child: read pages until the parent closes the pipe or is gone. Each address is named once in its life."""
    source, sink = source or sys.stdin.buffer, sink or sys.stdout.buffer
    attempt(FIRST)  # imports and compiles all that reading takes, while the crawl itself gets ready
    # Only pages with tables leave cycles behind (BeautifulSoup's trees): they are collected every few pages.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    sys.stdout = sys.stderr  # a stray print must not stand between two answers
    # What the parent was told before it need not hear again.
    told: Told = set()
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        page: Page | Hosts = pickle.loads(source.read(LENGTH.unpack(head)[0]))  # noqa: S301  # from our own parent
        answer = pickle.dumps(attempt(page, told), pickle.HIGHEST_PROTOCOL)
        sink.write(LENGTH.pack(len(answer)) + answer)
        sink.flush()
