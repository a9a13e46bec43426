"""CDX lookups, TimeGate and TimeMap over a million captures, beside pywb's lookup in a CDXJ file with the same lines.

python bench/cdx.py [--captures N] [--keep FILE.db]

Times are those of whole answers of the WSGI application, without a socket; pywb's are of its index alone (its FileIndexSource), which
favours it. CPU seconds; the percentile of the wall clock means something only on a machine that does nothing else. What the TimeMap of
many mementos needs is measured at a server's process: its resident memory's peak (VmHWM) before and after.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from rooms import asking
from serve import Served, free_port

from archive.retrieve import Reader
from archive.store.connect import close, open_for_writing

ROOT = Path(__file__).resolve().parents[1]
# Of so many captures one address has its own; the others have three each.
FREQUENT = 10_000
START = datetime(2026, 1, 1, tzinfo=UTC)
PYWB = """
import json, sys, time
from pywb.warcserver.index.indexsource import FileIndexSource
source, taken = FileIndexSource(sys.argv[1]), []
for key in json.load(sys.stdin):
    began = time.process_time(), time.perf_counter()
    lines = list(source.load_index({"key": key.encode() + b" ", "end_key": key.encode() + b"!"}))
    taken.append((time.process_time() - began[0], time.perf_counter() - began[1]))
    assert lines, key
print(json.dumps(taken))
"""


def address(number: int) -> tuple[str, str]:
    """URL and SURT key of the capture with this number."""
    if number <= FREQUENT:
        return "https://bench.example/", "example,bench)/"
    name = hashlib.sha256(str(number // 3).encode()).hexdigest()[:32]
    return f"https://bench.example/tin/{name[:2]}/{name}.html", f"example,bench)/tin/{name[:2]}/{name}.html"


def make(path: Path, captures: int, index: Path) -> None:
    """The archive and pywb's index of it."""
    db, lines = open_for_writing(path), []
    conn = db.conn
    for pragma in ("synchronous = OFF", "foreign_keys = OFF"):
        conn.execute(f"PRAGMA {pragma}")
    conn.execute("BEGIN")
    conn.execute("INSERT INTO runs (id, root, portal, started) VALUES (1, 1, 'bench', '2026-01-01T00:00:00.000000Z')")
    for number in range(1, captures + 1):
        url, key = address(number)
        at = START + timedelta(seconds=number * 7, microseconds=number % 1000000)
        digest = hashlib.sha256(str(number).encode()).digest()
        written = f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
        conn.execute(
            "INSERT INTO records (id, record_id, type, run, capture, target_uri, time, length, block_sha256, payload_sha256, member_length)"
            " VALUES (?, ?, 'response', 1, ?, ?, ?, 9000, ?, ?, 3000)",
            (number, f"urn:uuid:{digest.hex()[:32]}", number, url, written, digest, digest),
        )
        conn.execute(
            "INSERT INTO captures (id, run, url, key, time, method, status, media_type, record, length)"
            " VALUES (?, 1, ?, ?, ?, 'GET', 200, 'text/html', ?, 9000)",
            (number, url, key, written, number),
        )
        told = {"url": url, "mime": "text/html", "status": "200", "digest": digest.hex(), "length": "3000", "offset": "0", "filename": "a"}
        lines.append(f"{key} {at:%Y%m%d%H%M%S} {json.dumps(told)}\n".encode())
    conn.execute("COMMIT")
    close(db)
    index.write_bytes(b"".join(sorted(lines)))


def told(name: str, taken: list[tuple[float, float]]) -> float:
    """Prints and gives the median CPU time."""
    cpu, wall = sorted(c for c, _ in taken), sorted(w for _, w in taken)
    middle, late = len(taken) // 2, int(len(taken) * 0.99)
    print(f"{name:44} CPU median {cpu[middle] * 1e3:6.2f} ms  p99 {cpu[late] * 1e3:6.2f} ms   wall p99 {wall[late] * 1e3:6.2f} ms")
    return cpu[middle]


def measured(ask, targets: list[str]) -> list[tuple[float, float]]:
    taken = []
    for target in targets:
        began = time.process_time(), time.perf_counter()
        status, _, _ = ask(target)
        taken.append((time.process_time() - began[0], time.perf_counter() - began[1]))
        assert status in (200, 302), target
    return taken


def served(path: Path) -> None:
    """The TimeMaps of the frequent address and one lookup after the other, from a server of its own."""
    port = free_port()
    order = [sys.executable, "-m", "archive", "serve", "--archive", str(path), "--port", str(port)]
    server = Served(order, port, "127.0.0.1", ROOT, path.with_suffix(".log"))
    try:
        connection = server.connection()
        for n in range(200):
            server.get(connection, f"/timemap/link/{address(FREQUENT + 1 + n * 3)[0]}")
        before = server.peak()
        for form in ("link", "json"):
            body = server.get(connection, f"/timemap/{form}/https://bench.example/")
            held = server.peak() - before
            mementos = body.count(b'memento"') if form == "link" else len(json.loads(body)["mementos"]["list"])
            print(f"/timemap/{form} of {mementos} mementos, {len(body) / 1e6:.2f} MB: the server's peak memory grew by {held / 1e6:.2f} MB")
    finally:
        server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="an archive made before; made there if it is not")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.keep or Path(folder, "bench.db")
        index = path.with_suffix(".cdxj")
        if not path.exists():
            make(path, given.captures, index)
        draw = random.Random(1)
        numbers = [draw.randint(FREQUENT + 1, given.captures) for _ in range(2000)]
        with Reader.open(path) as reader:
            ask = asking(reader)
            urls = [quote(address(n)[0], safe="") for n in numbers]
            ours = told("/cdx of one address, text", measured(ask, [f"/cdx?url={url}" for url in urls]))
            told("/cdx of one address, CDXJ with offsets", measured(ask, [f"/cdx?url={url}&output=cdxj" for url in urls]))
            closest = [f"/cdx?url=bench.example/&limit=1&closest=202601{draw.randint(1, 28):02}" for _ in range(500)]
            told(f"/cdx closest of {FREQUENT}", measured(ask, closest))
            told("/cdx of a prefix, 20 lines", measured(ask, [f"/cdx?url={url[:-30]}*&limit=20" for url in urls]))
            told("/timegate", measured(ask, [f"/timegate/{address(n)[0]}" for n in numbers]))
        served(path)
        python = ROOT / ".venv" / "pywb" / "bin" / "python"
        if not python.exists():
            print("pywb is not there to compare with: make .venv/pywb/installed")
            return
        keys = json.dumps([address(n)[1] for n in numbers])
        came = subprocess.run([python, "-c", PYWB, index], input=keys, capture_output=True, text=True, check=True)
        theirs = told("pywb's index of one address", [tuple(pair) for pair in json.loads(came.stdout)])
        print(f"pywb's lookup : our whole answer = {theirs / ours:.2f} : 1 (CPU, median)")


if __name__ == "__main__":
    main()
