"""A crawl that says which exchanges it has acknowledged and, if told so, kills itself at a named point. Started by test_kill.py.

TELL is a file descriptor: each record id goes there as a line when its answer has gone on to whoever asked for it; a crawl that comes to its end
adds `=point:count` for each named point. KILL is `point:n`: at the n-th time that the point is reached the process gets SIGKILL. Members'
parts and the log are made so small that little pages have many.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from contextlib import contextmanager

from archive.store import connect, records, writer
from crawler import articles, asking, crawl, learning
from crawler.cli import main

tell = int(os.environ["TELL"])
point, _, count = os.environ.get("KILL", "").partition(":")
passed: Counter[str] = Counter()


def reached(name: str) -> None:
    passed[name] += 1
    if name == point and passed[name] == int(count):
        os.kill(os.getpid(), signal.SIGKILL)


def instrument() -> None:
    ask = asking.Asking._ask

    async def acknowledged(self, *about):
        came = await ask(self, *about)
        os.write(tell, came.capture.record_id.encode() + b"\n")
        reached("acknowledged")
        return came

    asking.Asking._ask = acknowledged
    writing = writer.writing

    @contextmanager
    def watched(db):
        with writing(db) as conn:
            yield conn
            reached("before-commit")
        reached("after-commit")

    writer.writing = watched
    expand = articles.Expanding.expand

    async def between(self, *page):
        reached("between")
        return await expand(self, *page)

    articles.Expanding.expand = between
    clean_again, clean = learning._clean_again, learning._clean

    async def learned(job, reading, study):
        reached("learned")
        await clean_again(job, reading, study)
        reached("cleaned-all")

    async def cleaned(*about):
        await clean(*about)
        reached("cleaned-again")

    learning._clean_again, learning._clean = learned, cleaned
    end = crawl._end

    def ending(job, reason, settings):
        reached("settled")
        return end(job, reason, settings)

    crawl._end = ending
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
    try:
        main()
    finally:
        os.write(tell, "".join(f"={name}:{number}\n" for name, number in passed.items()).encode())
