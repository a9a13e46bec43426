"""`python -m crawler.sample [PORT]` serves the sample portal until Ctrl-C and says how to crawl it."""

from __future__ import annotations

import sys
import threading

from crawler.sample.odd.moods import WEAK_TLS
from crawler.sample.server import SamplePortal


def main(port: int = 0) -> None:
    """Serve until the user interrupts."""
    with SamplePortal(port=port) as portal:
        for host in (*portal.sites, *portal.odd):
            at = f"127.0.0.1:{portal.weak_port if host == WEAK_TLS else portal.port}"
            sys.stdout.write(f"{'https' if host == WEAK_TLS else 'http'}://{host}/  →  {at}   (tangthu crawl --own-host --resolve {host}={at} ...)\n")
        sys.stdout.write("Ctrl-C ends it.\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.stdout.write("\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
