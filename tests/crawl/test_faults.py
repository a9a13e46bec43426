"""A fault of ours while a visit is settled ends the crawl with a sentence: it neither hangs nor passes over the page."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT
from made_sites import Site
from running import environment, tangthu
from site_served import Served

from archive import Reader

FAULTS = {
    "while the step is built": "articles.Expanding.expand = lambda self: None",
    "before the step": "portal.is_read = lambda: None",
    "in a page that no answer came for": "manners.Manners.ruling = broken",
}
SCRIPT = """
import sys
from crawler import articles, manners
from crawler.cli import main
from crawler.spiders import portal

async def broken(self, url):
    raise TypeError("a fault of ours")

{fault}
main()
"""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_ours_ends_the_crawl(fault, tmp_path):
    with Served(Site(3, 20)) as site:
        crawl = ["crawl", site.url(), "--own-host", "--archive", str(tmp_path / "a.db")]
        ended = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(fault=FAULTS[fault]), *crawl],
            capture_output=True, text=True, cwd=ROOT, env=environment(), timeout=60, check=False,
        )  # fmt: skip
        assert ended.returncode == 3, ended.stderr
        assert ended.stderr.splitlines()[-1].startswith(f"{site.url()}: TypeError: "), ended.stderr
        assert tangthu(*crawl).code == 0, "the next start takes the visit up where it was left"
    with Reader.open(tmp_path / "a.db") as reader:
        assert [run["outcome"] for run in reader.runs()].count("finished") == 1
        assert len(list(reader.articles())) > 10
