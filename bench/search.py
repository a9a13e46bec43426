"""Searches in 200,000 articles of 120 to 480 syllables, beside FTS5's own ranking of the same words without our rules.

python bench/search.py [--articles N] [--keep FILE.db]

The texts are drawn by lot with the statistics of Vietnamese (articles_of_bench.py); phrases are taken out of them. CPU seconds and wall
clock of whole searches, snippets included.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from articles_of_bench import make, syllables

from archive.retrieve import Narrow, Reader
from archive.store.fold import fold
from archive.store.packing import opened

PLAIN = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY bm25(search, 5.0, 1.0) LIMIT 20"


def told(name: str, taken: list[tuple[float, float]]) -> float:
    cpu, wall = sorted(c for c, _ in taken), sorted(w for _, w in taken)
    late = min(int(len(taken) * 0.95), len(taken) - 1)
    print(f"{name:34} {len(taken):4} searches  CPU median {cpu[len(cpu) // 2] * 1e3:7.1f} ms  p95 {cpu[late] * 1e3:7.1f} ms   wall p95 {wall[late] * 1e3:7.1f} ms")
    return cpu[len(cpu) // 2]


def timed(call, given: list) -> list[tuple[float, float]]:
    taken = []
    for one in given:
        began = time.process_time(), time.perf_counter()
        call(one)
        taken.append((time.process_time() - began[0], time.perf_counter() - began[1]))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--keep", type=Path, help="an archive made before; made there if it is not")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.keep or Path(folder, "bench.db")
        if not path.exists():
            make(path, given.articles)
        draw = random.Random(3)
        words = syllables(random.Random(5))
        with Reader.open(path) as reader:
            (archive,) = reader.archives

            def phrase(length: int) -> str:
                (kept,) = archive.row("SELECT packed FROM revisions WHERE id = ?", (draw.randint(1, given.articles),))
                text = json.loads(opened(kept))["text"].split("\n\n")[0].split(" ")
                at = draw.randrange(len(text) - length)
                return " ".join(text[at : at + length])

            def search(query: str, narrow: Narrow | None = None) -> None:
                reader.found(query, 20, narrow)

            def plain(query: str) -> None:
                list(archive.rows(PLAIN, (f'"{fold(query.strip(chr(34)))}"',)))

            rare, common = words[3000:3100], words[:8]
            sets = {
                "a rare word": rare, "a phrase of two": [f'"{phrase(2)}"' for _ in range(100)], "a phrase of three": [f'"{phrase(3)}"' for _ in range(100)],
                "a phrase of five": [f'"{phrase(5)}"' for _ in range(50)], "four words in any order": [phrase(4) for _ in range(50)], "the commonest syllables": common,
            }  # fmt: skip
            for name, queries in sets.items():
                ours, theirs = told(name, timed(search, queries)), told("  FTS5 alone", timed(plain, queries))
                print(f"  FTS5 alone : ours = {theirs / ours:.2f} : 1 (CPU, median)")
            told("commonest, one section", timed(lambda word: search(word, Narrow(section="Y tế")), common))
            told("commonest, one month", timed(lambda word: search(word, Narrow(since="2020-03", until="2020-03")), common))
            told("a number", timed(search, ["12/2026/QĐ-UBND"] * 5))


if __name__ == "__main__":
    main()
