"""A crawl asks; nobody can ask it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from made_sites import Site
from running import environment
from site_served import Served

# Listening sockets of this process, by /proc (proc(5)): a socket's number is in the link of its descriptor, its state in net/tcp.
SCRIPT = """
import json, os, sys
from pathlib import Path
from crawler import crawl
from crawler.articles import Expanding
from crawler.orders import profiles_of

expand, seen = Expanding.expand, []

def look():
    own = {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{fd}")}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
                seen.append(fields[1])
    seen.append("looked")

def expanding(*about):
    look()
    return expand(*about)

Expanding.expand = expanding
outcome, = crawl.crawl(profiles_of((sys.argv[1],), (), None), Path(sys.argv[2]), crawl.Order(own_host=True))
print(json.dumps([outcome.outcome, sorted(set(seen))]))
"""


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="needs /proc")
def test_a_crawl_listens_on_no_port(tmp_path):
    with Served(Site(3, 20)) as site:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, site.url(), str(tmp_path / "a.db")],
            capture_output=True, text=True, cwd=ROOT, env=environment(), timeout=60, check=True,
        )  # fmt: skip
    outcome, seen = json.loads(done.stdout.splitlines()[-1])
    assert outcome == "finished", done.stderr
    assert seen == ["looked"], "Scrapy 2.19 runs, unless told otherwise, what is sent to a port of its own"
