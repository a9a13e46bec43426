"""What operators watch: the room's requests and the archives' size, in Prometheus' text format (version 0.0.4)."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from importlib.metadata import PackageNotFoundError, version

from archive.replay.answering import Answer, own
from archive.replay.asking import Asked
from archive.retrieve import Reader
from archive.store.listing import holdings

# Seconds until an answer's first byte, upper ends of the histogram's buckets.
BUCKETS = (0.005, 0.01, 0.02, 0.06, 0.1, 0.3, 1.0, 5.0)


class Tally:
    """Counts requests by route and status, and how long they took to be answered. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._within = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    def count(self, route: str, status: int, seconds: float) -> None:
        """One request more; `route` is one of a few names, never what a stranger wrote."""
        with self._lock:
            self._requests[route, status] += 1
            self._within[bisect_left(BUCKETS, seconds)] += 1
            self._seconds += seconds

    def lines(self) -> list[str]:
        """The counts as Prometheus reads them."""
        with self._lock:
            requests, within, seconds = dict(self._requests), list(self._within), self._seconds
        lines = ["# HELP tangthu_requests_total Requests answered.", "# TYPE tangthu_requests_total counter"]
        lines += [
            f'tangthu_requests_total{{route="{route}",status="{status}"}} {count}'
            for (route, status), count in sorted(requests.items())
        ]
        lines += ["# HELP tangthu_answer_seconds Until the first byte.", "# TYPE tangthu_answer_seconds histogram"]
        total = 0
        for end, count in zip((*BUCKETS, float("inf")), within, strict=True):
            total += count
            told = "+Inf" if end == float("inf") else f"{end:g}"
            lines.append(f'tangthu_answer_seconds_bucket{{le="{told}"}} {total}')
        return [*lines, f"tangthu_answer_seconds_sum {seconds:.6f}", f"tangthu_answer_seconds_count {total}"]


TALLY = Tally()


def metrics(reader: Reader, asked: Asked) -> Answer:
    """The counts since the start of the process, and what the archives hold now."""
    lines = ["# HELP tangthu_info The version.", "# TYPE tangthu_info gauge", f'tangthu_info{{version="{_version()}"}} 1']
    held = [(archive.path.name, holdings(archive)) for archive in reader.archives]
    for name in ("captures", "records", "articles", "bytes"):
        lines += [f"# HELP tangthu_{name} In the archive's file.", f"# TYPE tangthu_{name} gauge"]
        lines += [f'tangthu_{name}{{archive="{_label(file)}"}} {counts[name]}' for file, counts in held]
    body = "\n".join([*lines, *TALLY.lines(), ""])
    return own(asked, 200, body.encode(), "text/plain; version=0.0.4; charset=utf-8")


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _version() -> str:
    try:
        return version("tangthu")
    except PackageNotFoundError:
        return "unknown"
