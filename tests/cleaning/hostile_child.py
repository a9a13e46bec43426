"""Cleans the pages of tests/hostile_markup.py, each in a process of its own with a limit of CPU seconds: `hostile_child.py BYTES SECONDS`.

Prints a JSON object for each: CPU seconds and memory beyond what the process had before (bytes), whether the last words are kept, the cuts.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from hostile_markup import LAST, PAGES

from archive.cleaning.clean import clean


def measured(html: bytes, seconds: int) -> dict[str, object]:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    article = clean(html, "https://mau.example/tin/1")
    taken = time.process_time() - began
    return {
        "seconds": taken,
        "memory": 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before),
        "kept": LAST in article.text or any(LAST[:40] in c.text for c in article.cuts),
        "article": bool(article.text),
        "cuts": sorted({c.rule for c in article.cuts}),
    }


def main(size: int, seconds: int) -> None:
    clean(PAGES["comments"](10_000).encode(), "https://mau.example/")  # what is loaded once is no page's
    for name, make in PAGES.items():
        html = make(size).encode()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, json.dumps(measured(html, seconds)).encode())
            os._exit(0)
        os.close(writing)
        answer = os.read(reading, 100_000)
        os.close(reading)
        _, status = os.waitpid(child, 0)
        made = json.loads(answer) if status == 0 and answer else {"died": status}
        print(json.dumps({"name": name, "bytes": len(html), **made}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
