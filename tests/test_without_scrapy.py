"""The auditor's half runs with Scrapy uninstalled: verbs on an archive, with the crawler's libraries out of reach."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from conftest import ROOT
from running import environment, tangthu

from crawler.sample.server import SamplePortal

BLOCKED = "import sys\nfor name in ('scrapy', 'twisted', 'OpenSSL', 'parsel', 'crawler'): sys.modules[name] = None\nfrom archive.cli import main\nmain('python -m archive')"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("auditor") / "a.db"
    host = "cong-drupal.tinh-mau.example"
    with SamplePortal() as portal:
        ended = tangthu("crawl", f"http://{host}/", "--own-host", "--archive", path, "--resolve", f"{host}=127.0.0.1:{portal.port}", "--max-pages", "12")
    assert ended.code == 0, ended.err
    return path


def audit(*words):
    return subprocess.run([sys.executable, "-c", BLOCKED, *map(str, words)], capture_output=True, text=True, cwd=ROOT, env=environment(), check=False)


@pytest.mark.parametrize("words", [("verify",), ("runs",), ("search", "tinh"), ("why", "http://cong-drupal.tinh-mau.example/")])
def test_verbs_run(archive, words):
    ended = audit(*words, "--archive", archive, "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)


def test_export_and_adopt_run(archive, tmp_path):
    assert audit("export", "--warc", tmp_path / "a.warc.gz", "--archive", archive).returncode == 0
    assert audit("adopt", tmp_path / "a.warc.gz", "--archive", tmp_path / "b.db").returncode == 0


def test_cleaning_runs():
    code = BLOCKED.split("from archive")[0] + "from archive import clean, clean_text; print(clean(b'<p>x</p>', 'http://tinh-mau.example/').cuts, clean_text('x').title)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, env=environment(), check=False).returncode == 0
