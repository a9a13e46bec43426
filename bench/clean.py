"""Quality and speed of `clean()` beside other extractors, in one run, on pages with gold. `pip install '.[bench]'` brings the others.

python bench/clean.py [--sets aeb-odd,aeb-even,golden] [--only NAME,NAME] [--worst N] [--no-speed] [--hostile]

The sets: the pages of ../shared/eval/aeb by their position in gold.jsonl (from 1), odd and even apart, and the golden pages of the tests.
Speed is pages per CPU second of one process, all fields, the median of three rounds; the ratio is against trafilatura's default with
metadata in the same run. Columns of the golden pages: title, date and author right; a date invented where there is none; pages with chrome.
`--hostile` measures instead what each page of tests/hostile_markup.py costs `clean()` at 5 MB: CPU seconds, memory, what it named.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(Path(__file__).parent)]
from peers import GIVES, PEERS, Extract, installed  # noqa: E402
from score import Found, Scored, f1_of, mean_of, score  # noqa: E402

AEB = ROOT.parent / "shared" / "eval" / "aeb"
ROUNDS = 3
FIELDS = ("title", "date", "invented", "author", "leaked")
Page = tuple[str, bytes, str, Found]


def aeb(odd: bool) -> list[Page]:
    """The pages at odd or even positions of gold.jsonl, counted from 1; gold has the text only."""
    pages = []
    for position, line in enumerate((AEB / "gold.jsonl").read_text("utf-8").splitlines(), 1):
        if position % 2 == odd:
            gold = json.loads(line)
            html = gzip.decompress((AEB / "html" / f"{gold['id']}.html.gz").read_bytes())
            pages.append((f"{position} {gold['id'][:8]}", html, gold.get("url") or "", Found(gold["text"])))
    return pages


def golden() -> list[Page]:
    pages = []
    for path in sorted((ROOT / "tests" / "golden").glob("*/*/article.json")):
        gold, source = json.loads(path.read_text("utf-8")), json.loads((path.parent / "source.json").read_text("utf-8"))
        chrome = [*source.get("chrome", []), *(c["text"].rstrip("…") for c in gold.get("cuts", []))]
        found = Found(gold["text"], gold["title"], (gold["published"] or "")[:10] or None, gold["authors"], chrome)
        pages.append((f"{path.parent.parent.name}/{path.parent.name}", (path.parent / "page.html").read_bytes(), source["url"], found))
    return pages


SETS = {"aeb-odd": lambda: aeb(odd=True), "aeb-even": lambda: aeb(odd=False), "golden": golden}


def measure(extract: Extract, pages: list[Page], *, fields: bool) -> tuple[list[Scored], int]:
    """The scores, and how many pages an extractor failed on; these count as empty."""
    scored, failed = [], 0
    for name, html, url, gold in pages:
        try:
            found = extract(html, url)
        except Exception as e:  # noqa: BLE001 - whatever a peer raises is its answer
            found, failed = Found(), failed + 1
            print(f"  {name}: {type(e).__name__}: {str(e)[:80]}", file=sys.stderr)
        scored.append(score(name, gold, found, fields))
    return scored, failed


def pages_per_second(extract: Extract, pages: list[Page]) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _, html, url, _ in pages:
            try:
                extract(html, url)
            except Exception:  # noqa: BLE001 - counted by `measure`
                continue
        taken.append(time.process_time() - began)
    return len(pages) / median(taken)


def report(name: str, pages: list[Page], peers: dict[str, Extract], worst: int, *, speed: bool) -> None:
    fields = name == "golden"
    print(f"\n{name}: {len(pages)} pages, {sum(len(p[1]) for p in pages) // len(pages) // 1000} kB in the mean")
    columns = ["F1", "prec.", "recall", "exact", *(["title", "date", "inv.date", "author", "chrome"] if fields else [])]
    columns += ["pages/s", "x traf."] if speed else []
    print(f"{'':22}" + "".join(f"{c:>9}" for c in columns))
    rates: dict[str, float] = {}
    if speed:
        rates = {n: pages_per_second(e, pages) for n, e in peers.items()}
    for peer, extract in peers.items():
        scored, failed = measure(extract, pages, fields=fields)
        precision, recall, f1 = f1_of(scored)
        row = [f1, precision, recall, mean_of(p.exact for p in scored)]
        if fields:
            row += [mean_of(getattr(p, k) for p in scored) if k in GIVES.get(peer, FIELDS) else None for k in FIELDS]
        line = "".join(f"{'-' if v is None else format(v, '.4f'):>9}" for v in row)
        if speed:
            ratio = rates[peer] / rates["trafilatura"] if "trafilatura" in rates else None
            line += f"{rates[peer]:>9.1f}{'-' if ratio is None else format(ratio, '.2f'):>9}"
        print(f"{peer:22}{line}" + (f"  failed on {failed}" if failed else ""))
        for page in sorted(scored, key=lambda p: p.f1)[:worst]:
            print(f"    {page.f1:.3f}  p {page.precision or 0:.3f}  r {page.recall or 0:.3f}  {page.page}")


def hostile(size: int = 5_000_000) -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "cleaning" / "hostile_child.py"), str(size), "60"], stdout=subprocess.PIPE, text=True, check=True
    )
    for line in ran.stdout.splitlines():
        page = json.loads(line)
        if "died" in page:
            print(f"{page['name']:36} more than 60 s")
            continue
        print(f"{page['name']:36}{page['seconds']:7.2f} s {page['memory'] / 1e6:6.0f} MB of {40 + 20 * page['bytes'] / 1e6:.0f}  {', '.join(page['cuts'])}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--sets", default=",".join(SETS))
    asked.add_argument("--only", default=",".join(PEERS))
    asked.add_argument("--worst", type=int, default=0, metavar="N", help="name the N worst pages of each extractor")
    asked.add_argument("--no-speed", action="store_true")
    asked.add_argument("--hostile", action="store_true")
    options = asked.parse_args()
    if options.hostile:
        hostile()
        return
    logging.disable(logging.CRITICAL)
    peers = installed([n for n in PEERS if n in options.only.split(",")])
    for name in options.sets.split(","):
        if name.startswith("aeb") and not AEB.exists():
            print(f"\n{name} is not here: it is read from ../shared/eval/aeb.")
            continue
        report(name, SETS[name](), peers, options.worst, speed=not options.no_speed)


if __name__ == "__main__":
    main()
