"""A crawl whose queue holds a million addresses: what its main process takes of memory. The suite has 100,000, `make soak` the million."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from conftest import SOAK
from running import environment
from server import Portal

from archive import Depositor, Reader
from archive.model import Link
from archive.store import frontier

QUEUED = 1_000_000 if SOAK else 100_000
# Bytes of the main process at most, whatever is queued.
MOST = 300 << 20
PAGES = 300
# The process tells its own peak: what wait4 tells begins with the size of whoever started it, and a whole suite is large.
TELLING = """
import atexit, pathlib, sys
atexit.register(lambda: print(pathlib.Path("/proc/self/status").read_text(), file=sys.stderr))
from crawler.cli import main
main()
"""
pytestmark = [pytest.mark.soak] if SOAK else []


def address(portal, number):
    """As long as portals' addresses are, 110 characters on average (portals.tsv's seeds); with arguments, whose every order is known again."""
    return portal.url(f"/index.php?language=vi&amp;nv=tin-tuc&amp;op=hoi-nghi-trien-khai-nhiem-vu-{number:07d}".replace("&amp;", "&"))


@pytest.fixture
def portal():
    with Portal() as portal:
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

        def page(wire):
            first = len(portal.hits()) * 50 % QUEUED
            body = "".join(f'<a href="{address(portal, (first + n) % QUEUED)}">tin</a>' for n in range(50))
            # Pages that bring nothing new would spend their address pattern's budget.
            body = f"<h1>Tin số {first}</h1><p>{' '.join(f'thôn{first + n} xã{first * n}' for n in range(80))}</p>{body}".encode()
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

        portal.on("*", page)
        yield portal


def test_a_long_queue_fits(portal, tmp_path):
    path = tmp_path / "a.db"
    code = portal.url("/").removeprefix("http://").rstrip("/")
    with Depositor.open(path) as depositor:
        run = depositor.begin(code)
        for begin in range(0, QUEUED, 10_000):
            links = [Link(address(portal, n), portal.url("/"), priority=10, hops="L") for n in range(begin, begin + 10_000)]
            depositor._writer.submit(lambda conn, _, links=links: frontier.add(conn, run.root, links)).result()
        depositor.end(run, "stopped").result()
    crawl = subprocess.run(
        [sys.executable, "-c", TELLING, "crawl", portal.url("/"), "--own-host", "--max-pages", str(PAGES), "--archive", str(path)],
        env=environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert crawl.returncode == 0, crawl.stderr
    peak = int(re.search(r"^VmHWM:\s+(\d+) kB$", crawl.stderr, re.MULTILINE)[1])
    with Reader.open(path) as reader:
        assert sum(c.status == 200 for c in reader.captures()) >= PAGES
    print(f"{QUEUED} addresses queued: {peak / 1024:.0f} MiB for {PAGES} pages")
    assert peak * 1024 <= MOST
