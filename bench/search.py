"""Searches in 200,000 articles of 120 to 480 syllables, beside FTS5's own ranking of the same words without our rules.

python bench/search.py [--articles N] [--keep FILE.db]

The texts are drawn by lot: 6,000 syllables, the r-th as often as 1 / (r + 8)^1.1 (Zipf and Mandelbrot), so that the commonest stands in
nearly every article, as "của" and "và" do. Phrases are taken out of the texts. CPU seconds and wall clock of whole searches, snippets included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.retrieve import Narrow, Reader
from archive.store.connect import close, open_for_writing
from archive.store.fold import fold

SYLLABLES = 6000
SECTIONS = ("Thời sự", "Kinh tế", "Văn hóa", "Y tế", "Giáo dục")
PLAIN = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY bm25(search, 5.0, 1.0) LIMIT 20"


def syllables(draw: random.Random) -> list[str]:
    """6,000 syllables as Vietnamese forms them, in an order drawn by lot."""
    heads = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x".split()  # noqa: SIM905
    hearts = "a á à ả ã ạ ă ắ ằ â ấ ầ e é ê ế ề i í o ó ô ố ồ ơ ớ u ú ư ứ".split()  # noqa: SIM905
    made = ["".join(parts) for parts in product(heads, hearts, ["", "c", "m", "n", "ng", "nh", "p", "t", "i", "o"])]
    draw.shuffle(made)
    return made[:SYLLABLES]


def make(path: Path, articles: int) -> None:
    """The archive: six portals, an article a page."""
    draw = random.Random(5)
    words = syllables(draw)
    shares = [1 / (rank + 8) ** 1.1 for rank in range(1, SYLLABLES + 1)]
    db = open_for_writing(path)
    conn = db.conn
    for pragma in ("synchronous = OFF", "foreign_keys = OFF"):
        conn.execute(f"PRAGMA {pragma}")
    conn.execute("BEGIN")
    for run in range(1, 7):
        conn.execute("INSERT INTO runs (id, root, portal, started) VALUES (?, ?, ?, '2026-01-01T00:00:00.000000Z')", (run, run, f"tinh-{run}"))
    for number in range(1, articles + 1):
        url, key = f"https://tinh-{number % 6 + 1}.example/{number}", f"example,tinh-{number % 6 + 1})/{number}"
        drawn = draw.choices(words, shares, k=draw.randint(120, 480))
        text = "\n\n".join(" ".join(drawn[at : at + 60]) for at in range(0, len(drawn), 60))
        title, day = " ".join(draw.choices(words, shares, k=12)), f"{2010 + number * 16 // articles}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        section = draw.choice(SECTIONS)
        body = {
            "capture": {"url": url}, "url": url, "title": title, "lead": None, "text": text, "html": f"<p>{text}</p>", "authors": [], "source": None,
            "published": day, "modified": None, "section": [section], "tags": [], "language": "vi", "images": [], "attachments": [],
            "document": None, "cleaner": {}, "cuts": [],
        }  # fmt: skip
        conn.execute("INSERT INTO captures (id, run, url, key, time, method) VALUES (?, ?, ?, ?, ?, 'GET')", (number, number % 6 + 1, url, key, f"{day}T08:00:00.000000Z"))
        conn.execute("INSERT INTO articles (id, url, key, revision, dated) VALUES (?, ?, ?, ?, ?)", (number, url, key, number, day))
        conn.execute(
            "INSERT INTO revisions (id, article, capture, cleaner, content_sha256, title, published, body) VALUES (?, ?, ?, 'x', ?, ?, ?, ?)",
            (number, number, number, hashlib.sha256(url.encode()).digest(), title, day, json.dumps(body, ensure_ascii=False)),
        )
        conn.execute("INSERT INTO search (rowid, title, text) VALUES (?, ?, ?)", (number, fold(title), fold(text)))
        conn.executemany("INSERT INTO facets (kind, value, article) VALUES (?, ?, ?)", [("section", section, number), ("portal", f"tinh-{number % 6 + 1}", number)])
    conn.execute("COMMIT")
    close(db)


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
                (body,) = archive.row("SELECT body FROM revisions WHERE id = ?", (draw.randint(1, given.articles),))
                text = json.loads(body)["text"].split("\n\n")[0].split(" ")
                at = draw.randrange(len(text) - length)
                return " ".join(text[at : at + length])

            def search(query: str, narrow: Narrow | None = None) -> None:
                reader.found(query, 20, narrow)

            def plain(query: str) -> None:
                list(archive.rows(PLAIN, (f'"{fold(query.strip(chr(34)))}"',)))

            rare, common = words[3000:3100], words[:8]
            sets = {
                "a rare word": rare, "a phrase of two": [f'"{phrase(2)}"' for _ in range(100)], "a phrase of three": [f'"{phrase(3)}"' for _ in range(100)],
                "a phrase of five": [f'"{phrase(5)}"' for _ in range(50)], "the commonest syllables": common,
            }  # fmt: skip
            for name, queries in sets.items():
                ours, theirs = told(name, timed(search, queries)), told("  FTS5 alone", timed(plain, queries))
                print(f"  FTS5 alone : ours = {theirs / ours:.2f} : 1 (CPU, median)")
            told("commonest, one section", timed(lambda word: search(word, Narrow(section="Y tế")), common))
            told("commonest, one month", timed(lambda word: search(word, Narrow(since="2020-03", until="2020-03")), common))
            told("a number", timed(search, ["12/2026/QĐ-UBND"] * 5))


if __name__ == "__main__":
    main()
