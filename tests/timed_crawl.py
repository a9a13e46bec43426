"""Crawls on a clock that is shared with whoever started them (tests/simulated.py).

As a program it is a nursery: it has everything imported, and forks a process for each line it reads, JSON with the words of the command, the
clock (file and place) and a file for what it says; it answers with the process's number. `poll N` answers its exit code, or null.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import scrapy.crawler  # noqa: F401  # imported here once, not in each crawl
from running import environment
from scrapy import signals
from simulated import GLANCE, Simulated

import crawler.learning
import crawler.manners
import crawler.spiders.portal  # noqa: F401
from crawler import crawl
from crawler.cli import main


def idle(job, crawler):
    """Whether a crawl has nothing under way but waiting: nothing on the wire, nothing being read or written."""
    engine = crawler.engine
    if engine is None or not engine.running or engine.spider is None or engine._slot is None or engine._slot.closing:
        return False
    frontier = engine.scheduler
    visits = frontier.under_way
    room = frontier._ready and visits.has_room
    return not frontier._filling and not room and job.pace.out == 0 and len(frontier._flight) - len(frontier._ready) - len(frontier._held) == visits.asking == len(visits)


def instrument(clock):
    make, running, watched = crawl._crawler, [], []

    def made(process, job, order):
        one = make(process, job, order)
        running.append((job, one))
        one.signals.connect(watch, signals.engine_started, weak=False)
        return one

    def watch():  # not before: whoever names the reactor first installs it
        if not watched:
            watched.append(crawl._repeat(lambda all_of: clock.look(idle=all(idle(*pair) for pair in all_of)), running, every=2 * GLANCE))

    crawl._crawler = made
    crawl.Clock = lambda: clock


def child(order):
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number, target in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
        os.dup2(target, number)
    path, _, place = order["clock"].rpartition(":")
    instrument(Simulated(Path(path), int(place), os.getpid()))
    sys.argv = ["tangthu", *order["words"]]
    try:
        main()
    except SystemExit as ended:
        os._exit(int(ended.code or 0))
    os._exit(0)


class Nursery:
    """The nursery as the daemon's test starts it; `start` gives what the daemon calls a child."""

    def __init__(self, log):
        env = environment()
        env["PYTHONPATH"] += f":{Path(__file__).parent}"
        self.log = log
        self._process = subprocess.Popen([sys.executable, __file__], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, keeper, words):
        clock = f"{keeper.shared.path}:{keeper.place()}"
        return Crawl(self, self.ask(json.dumps({"words": list(map(str, words)), "clock": clock, "log": str(self.log)})))

    def ask(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Crawl:
    """A crawl that the nursery has started."""

    def __init__(self, nursery, process):
        self._nursery, self.process, self._code = nursery, process, None

    def poll(self):
        if self._code is None:
            self._code = self._nursery.ask(f"poll {self.process}")
        return self._code

    def stop(self):
        if self.poll() is None:
            os.kill(self.process, 2)


def nursery():
    codes = {}
    for line in sys.stdin:
        if line.startswith("poll "):
            number = int(line.split()[1])
            if codes.get(number) is None:
                ended, status = os.waitpid(number, os.WNOHANG)
                codes[number] = os.waitstatus_to_exitcode(status) if ended else None
            print(json.dumps(codes[number]), flush=True)
        elif (number := os.fork()) == 0:
            child(json.loads(line))
        else:
            codes[number] = None
            print(number, flush=True)
    # Whoever asked is gone, perhaps killed: their clock stands still, and these would wait for ever.
    for number in [number for number, code in codes.items() if code is None]:
        os.killpg(number, signal.SIGKILL)
        os.waitpid(number, 0)


if __name__ == "__main__":
    nursery()
