"""The reading room beside pywb 2.10 on the same captures: requests per CPU second, and latency while a crawl writes.

`python bench/serve.py` makes an archive of pages of 48 kB with 120 links, exports it as WARC for pywb, serves both on loopback and asks
both for the same pages with one client, in turns, so that what else the machine does weighs on both. pywb is installed into a virtual
environment of its own (`--pywb FOLDER`; made if it is not there). `--ratios` and `--open-loop` measure one half only; latencies mean
something on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.deposit import Depositor
from archive.export.warc import export_warc
from archive.model import Exchange
from archive.retrieve import Filters, Reader
from archive.urls import digits14

SITE = "http://cong.example"
START = datetime(2026, 1, 10, 8, 15, tzinfo=UTC)
PAGES = 200
PYWB = "pywb==2.10.0"
ROUNDS = 8
RATE, CONNECTIONS = 100, 16
TICKS = os.sysconf("SC_CLK_TCK")


def page(number: int) -> bytes:
    """48 kB, 120 links, 12 images, two stylesheets and a script, as the pages of portals are."""
    links = "".join(f'<li class="muc"><a href="/tin-tuc/bai-{(number * 7 + n) % 1000}.html" title="Bài {n}">Tin số {n}</a></li>\n' for n in range(120))
    images = "".join(f'<p class="anh"><img src="/anh/{number}-{n}.jpg" alt="" width="320" height="200"></p>' for n in range(12))
    text = f"<p>Ủy ban nhân dân tỉnh họp phiên thường kỳ thứ {number}, bàn về kế hoạch phát triển kinh tế và xã hội của địa phương.</p>\n"
    head = (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Cổng thông tin</title><link rel="stylesheet" href="/css/a.css">'
        '<link rel="stylesheet" href="/css/b.css"><script src="/js/a.js"></script><style>.nen{background:url(/anh/nen.png)}</style></head><body>'
    )
    made = f"{head}<ul>{links}</ul>{images}"
    return (made + text * ((48_000 - len(made.encode())) // len(text.encode())) + "</body></html>").encode()


def exchange(number: int, body: bytes) -> Exchange:
    wire = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    sent = f"GET /tin-tuc/bai-{number}.html HTTP/1.1\r\nHost: cong.example\r\n\r\n".encode()
    at = START + timedelta(seconds=number)
    return Exchange(
        f"{SITE}/tin-tuc/bai-{number}.html", "GET", at, BytesIO(sent), BytesIO(wire), len(sent), len(wire), at + timedelta(milliseconds=300),
        end=len(wire), ip="192.0.2.7",
    )  # fmt: skip


def archive(path: Path) -> None:
    with Depositor.open(path) as depositor:
        run = depositor.begin("bench")
        for kept in [depositor.deposit(run, exchange(n, page(n))) for n in range(PAGES)]:
            kept.result()
        depositor.end(run, "finished").result()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Served:
    """A server in a process of its own: CPU seconds used, and one connection to it."""

    def __init__(self, order: list[str], port: int, host: str, folder: Path, log: Path) -> None:
        self._log = log.open("wb")
        self._process = subprocess.Popen(order, cwd=folder, stdout=self._log, stderr=self._log)
        self.port, self.host = port, host
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            if time.monotonic() > end or self._process.poll() is not None:
                sys.exit(f"{order[0]} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)

    def cpu(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak(self) -> int:
        """Bytes that were resident at most so far."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) << 10

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, connection: http.client.HTTPConnection, target: str) -> bytes:
        connection.request("GET", target, headers={"Host": f"{self.host}:{self.port}"})
        came = connection.getresponse()
        body = came.read()
        assert came.status == 200, (target, came.status, body[:200])
        return body

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()


def per_cpu_second(asked: list[tuple[Served, list[str], int]]) -> list[float]:
    """Requests per CPU second of each server, one after the other over one connection that is kept, in ROUNDS turns.

    `asked`: each server, what it is asked for, and how often in all.
    """
    connections = [served.connection() for served, _, _ in asked]
    for (served, targets, _), connection in zip(asked, connections, strict=True):
        for target in targets[:20]:
            served.get(connection, target)
    used = [0.0] * len(asked)
    for turn in range(ROUNDS):
        for which, (served, targets, times) in enumerate(asked):
            before, each = served.cpu(), times // ROUNDS
            for n in range(turn * each, (turn + 1) * each):
                served.get(connections[which], targets[n % len(targets)])
            used[which] += served.cpu() - before
    for connection in connections:
        connection.close()
    return [times // ROUNDS * ROUNDS / cpu for (_, _, times), cpu in zip(asked, used, strict=True)]


def open_loop(served: Served, targets: list[str], rate: int, seconds: int, connections: int) -> list[float]:
    """Seconds from when each request was due until its answer was there, sorted: a slow answer does not slow the asking."""
    took: list[float] = []
    begun = time.perf_counter() + 0.5

    def ask(which: int) -> None:
        connection = served.connection()
        served.get(connection, targets[which])
        for number in range(which, rate * seconds, connections):
            due = begun + number / rate
            time.sleep(max(0, due - time.perf_counter()))
            served.get(connection, targets[number % len(targets)])
            took.append(time.perf_counter() - due)
        connection.close()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(took)


WRITER = """
import itertools, sys, time
sys.path[:0] = sys.argv[2:4]
from pathlib import Path
from serve import exchange, page
from archive.deposit import Depositor
with Depositor.open(Path(sys.argv[1])) as depositor:
    run = depositor.begin("cung-luc")
    for number in itertools.count(100_000):
        depositor.deposit(run, exchange(number, page(number))).result()
        time.sleep(0.02)
"""


def installed(folder: Path) -> Path:
    if not (folder / "bin" / "wayback").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", PYWB], check=True)
    return folder / "bin"


def peer(bin_folder: Path, folder: Path, warc: Path) -> Served:
    subprocess.run([bin_folder / "wb-manager", "init", "mau"], cwd=folder, check=True, capture_output=True)
    subprocess.run([bin_folder / "wb-manager", "add", "mau", warc], cwd=folder, check=True, capture_output=True)
    port = free_port()
    return Served([str(bin_folder / "wayback"), "--port", str(port), "--bind", "127.0.0.1"], port, "localhost", folder, folder / "pywb.log")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pywb", type=Path, default=Path(tempfile.gettempdir()) / "tangthu-bench-pywb")
    parser.add_argument("--times", type=int, default=4000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--ratios", action="store_true", help="only the requests per CPU second, beside pywb")
    parser.add_argument("--open-loop", action="store_true", help="only the latencies while a crawl writes, without pywb")
    told = parser.parse_args()
    root = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        db, warc = folder / "a.db", folder / "a.warc.gz"
        archive(db)
        with Reader.open(db) as reader:
            export_warc(reader, warc, Filters())
        port = free_port()
        order = [sys.executable, "-m", "archive", "serve", "--archive", str(db), "--port", str(port)]
        ours = Served(order, port, "localhost", root, folder / "ours.log")
        at = [(digits14(START + timedelta(seconds=n)), f"{SITE}/tin-tuc/bai-{n}.html") for n in range(PAGES)]
        try:
            if not told.open_loop:
                ratios(ours, folder, told.pywb.absolute(), at, told.times)
            if not told.ratios:
                latencies(ours, [sys.executable, "-c", WRITER, str(db), str(root), str(root / "bench")], at, told.seconds)
        finally:
            ours.close()


def ratios(ours: Served, folder: Path, pywb: Path, at: list[tuple[str, str]], times: int) -> None:
    theirs = peer(installed(pywb), folder, folder / "a.warc.gz")
    try:
        connections = ours.connection(), theirs.connection()
        body = ours.get(connections[0], f"/web/{at[3][0]}id_/{at[3][1]}")
        assert body == theirs.get(connections[1], f"/mau/{at[3][0]}id_/{at[3][1]}") == page(3)
        print(f"{PAGES} pages of 48 kB with 120 links; requests per CPU second of the server, one connection, {ROUNDS} turns each")
        for what, mode, wanted in (("id_", "id_", 10), ("rewritten", "mp_", 3)):
            mine, its = ([f"/{name}/{t}{mode}/{u}" for t, u in at] for name in ("web", "mau"))
            a, b = per_cpu_second([(ours, mine, times), (theirs, its, max(200, times // 8))])
            print(f"  {what:10} tangthu {a:7.0f}   pywb {b:7.0f}   {a / b:5.1f} x (wanted: {wanted} x)", flush=True)
    finally:
        theirs.close()


def latencies(ours: Served, writer: list[str], at: list[tuple[str, str]], seconds: int) -> None:
    print(f"{RATE} requests/s over {CONNECTIONS} connections for {seconds} s while a crawl writes about 40 pages/s; ms from when each was due")
    process = subprocess.Popen(writer)
    try:
        for what, mode, wanted in (("id_", "id_", 20), ("rewritten", "mp_", 60)):
            took = open_loop(ours, [f"/web/{t}{mode}/{u}" for t, u in at], RATE, seconds, CONNECTIONS)
            assert len(took) == RATE * seconds
            p50, p99 = statistics.median(took), took[int(len(took) * 0.99)]
            print(f"  {what:10} p50 {p50 * 1000:6.1f}   p99 {p99 * 1000:6.1f} (wanted: {wanted})   worst {took[-1] * 1000:6.1f}", flush=True)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
