"""A crawl that says which exchanges it has acknowledged and, if told so, kills itself at a named point. Started by test_kill.py.

TELL is a file descriptor: each record id goes there as a line when its response has gone on to the spider. KILL is `point:n`: at the n-th
time that the point is reached the process gets SIGKILL. PARTS makes members' parts and the log so small that little pages have many.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager

from scrapy import signals

from archive.store import connect, records, writer
from crawler import articles, crawl
from crawler.cli import main

point, _, count = os.environ.get("KILL", "").partition(":")
left = int(count or 0)


def reached(name: str) -> None:
    global left
    if name == point:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def instrument() -> None:
    tell = int(os.environ["TELL"])
    make = crawl._crawler

    def crawler(process, job, order):
        made = make(process, job, order)

        def acknowledged(response, request, spider):
            os.write(tell, request.meta["capture"].record_id.encode() + b"\n")
            reached("acknowledged")

        made.signals.connect(acknowledged, signals.response_received, weak=False)
        return made

    crawl._crawler = crawler
    writing = writer.writing

    @contextmanager
    def watched(db):
        with writing(db) as conn:
            yield conn
            reached("before-commit")
        reached("after-commit")

    writer.writing = watched
    expand = articles.Expanding.expand

    async def between(self, visit, capture, answer):
        reached("between")
        await expand(self, visit, capture, answer)

    articles.Expanding.expand = between
    add_more = records._add_more

    def more(conn, record, length, part, parts):
        def watched_parts():
            for piece in parts:
                reached("part")
                yield piece

        add_more(conn, record, length, part, watched_parts())

    records._add_more = more
    records.PART = 512
    start_log = connect._start_log

    def small_log(conn):
        start_log(conn)
        conn.execute("PRAGMA wal_autocheckpoint = 8")

    connect._start_log = small_log


if __name__ == "__main__":
    instrument()
    main()
