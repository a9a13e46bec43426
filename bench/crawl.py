"""Crawls one generated site three ways in one run and prints ratios: tangthu with everything on, wget with its WARC, a bare Scrapy spider.

python bench/crawl.py [--rounds N] [--only tangthu]

Our modules are compiled first, as they are where the product is installed: where Python may not write bytecode (PYTHONDONTWRITEBYTECODE) a crawl's
three processes would compile them anew each time, 0.3 of its CPU seconds.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from site_of_bench import Nginx, make


@dataclass
class Measured:
    seconds: float
    cpu: float
    memory: int
    kept: int


def measure(command: list[str], folder: Path) -> Measured:
    """Run `command` in `folder`; CPU seconds are those of its whole process tree, memory that of its largest process."""
    began = time.perf_counter()
    pid = os.posix_spawn(
        command[0],
        command,
        {**os.environ, "PYTHONWARNINGS": "ignore"},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(folder / "out"), os.O_WRONLY | os.O_CREAT, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) not in (0, 8):  # wget says 8 for the robots.txt that is not there
        sys.exit(f"{command[0]} failed: {(folder / 'out').read_text(errors='replace')[-2000:]}")
    kept = sum(
        f.stat().st_size for f in folder.rglob("*") if f.is_file() and f.name != "out" and "127.0.0.1" not in str(f)
    )
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, kept)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--only", default=None)
    options = asked.parse_args()
    for folder in ("archive", "crawler"):
        compileall.compile_dir(Path(__file__).parents[1] / folder, quiet=1)
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        base.chmod(0o755)
        addresses = make(base / "site")
        with Nginx(base / "site", base / "nginx") as nginx:
            start = f"http://127.0.0.1:{nginx.port}/"
            ways = {
                "tangthu": lambda d: [
                    sys.executable,
                    "-c",
                    "from crawler.cli import main; main()",
                    "crawl",
                    start,
                    "--own-host",
                    "--archive",
                    str(d / "a.db"),
                ],
                "wget": lambda d: [
                    shutil.which("wget") or "",
                    "-r",
                    "-l",
                    "inf",
                    "-p",
                    "-q",
                    "-P",
                    str(d),
                    f"--warc-file={d}/w",
                    start,
                ],
                "bare scrapy": lambda _: [sys.executable, str(Path(__file__).with_name("bare.py")), start],
            }
            rounds: dict[str, list[Measured]] = {way: [] for way in ways if options.only in (None, way)}
            for number in range(options.rounds):
                for way in rounds:
                    folder = base / f"{way.replace(' ', '')}{number}"
                    folder.mkdir()
                    rounds[way].append(measure(ways[way](folder), folder))
                    shutil.rmtree(folder)
    report(addresses, rounds)


def report(addresses: int, rounds: dict[str, list[Measured]]) -> None:
    def middle(way: str, what: str) -> float:
        return statistics.median(getattr(m, what) for m in rounds[way])

    print(f"{addresses} addresses, median of {len(next(iter(rounds.values())))} rounds")
    print(f"{'':12} {'pages/s':>8} {'CPU s':>7} {'peak MB':>8} {'kept MB':>8}")
    for way in rounds:
        print(
            f"{way:12} {addresses / middle(way, 'seconds'):8.0f} {middle(way, 'cpu'):7.1f} {middle(way, 'memory') / 1e6:8.0f} {middle(way, 'kept') / 1e6:8.1f}"
        )
    if "tangthu" in rounds:
        for peer in rounds.keys() - {"tangthu"}:
            pairs = [p.seconds / t.seconds for p, t in zip(rounds[peer], rounds["tangthu"], strict=True)]
            print(
                f"tangthu / {peer}: pages/s {statistics.median(pairs):.2f} (rounds: {', '.join(f'{r:.2f}' for r in pairs)}), "
                f"CPU {middle('tangthu', 'cpu') / middle(peer, 'cpu'):.2f}, memory {middle('tangthu', 'memory') / middle(peer, 'memory'):.2f}"
                + (
                    f", bytes kept {middle('tangthu', 'kept') / middle(peer, 'kept'):.2f}"
                    if middle(peer, "kept")
                    else ""
                )
            )


if __name__ == "__main__":
    main()
