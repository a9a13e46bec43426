"""A DokuWiki of its own, run by PHP's server on loopback over Debian's package: its configuration and data lie in a folder of the test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest

PROGRAM = Path("/usr/share/dokuwiki")
SETTINGS = """<?php
$conf['title'] = 'Cổng thông tin tỉnh Mẫu';
$conf['lang'] = 'vi';
$conf['savedir'] = '{data}';
$conf['useacl'] = 0;
$conf['license'] = '';
$conf['datadir'] = '{data}/pages';
"""
FOLDERS = ("attic", "cache", "index", "locks", "media", "media_attic", "media_meta", "meta", "pages", "tmp", "log")


class DokuWiki:
    """A wiki that is served while it is entered. `put` makes or changes a page by DokuWiki's own command."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        for name in FOLDERS:
            (self.data / name).mkdir(parents=True)
        conf = folder / "conf"
        conf.mkdir()
        (conf / "local.php").write_text(SETTINGS.format(data=self.data), encoding="utf-8")
        self._first = folder / "first.php"
        self._first.write_text(f"<?php define('DOKU_CONF', '{conf}/'); define('DOKU_FARM', 'tests');\n", encoding="utf-8")
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._log = (folder / "server.log").open("wb")
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            [*self._php(), "-S", f"127.0.0.1:{self.port}", "-t", str(PROGRAM)], stdout=self._log, stderr=self._log,
            env={**os.environ, "PHP_CLI_SERVER_WORKERS": "2"}, start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
        raise RuntimeError((self._folder / "server.log").read_text(encoding="utf-8"))

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGTERM)  # its workers outlive it otherwise
            self._server.wait()
        self._log.close()

    def _php(self) -> list[str]:
        return ["php", "-d", f"auto_prepend_file={self._first}", "-d", "error_reporting=0"]

    def url(self, page: str) -> str:
        """The address of a page."""
        return f"http://127.0.0.1:{self.port}/doku.php?id={page}"

    def put(self, page: str, text: str) -> None:
        """Write a page with `bin/dwpage.php commit`."""
        file = self._folder / "page.txt"
        file.write_text(text, encoding="utf-8")
        subprocess.run(
            [*self._php(), str(PROGRAM / "bin/dwpage.php"), "commit", "-m", "biên tập", str(file), page], check=True, capture_output=True
        )

    def pages(self) -> dict[str, str]:
        """What lies in its own files: page → its text."""
        root = self.data / "pages"
        return {
            ".".join(f.relative_to(root).with_suffix("").parts).replace(".", ":"): f.read_text(encoding="utf-8") for f in root.rglob("*.txt")
        }

    def asked(self) -> list[str]:
        """Path and query of every request so far."""
        self._log.flush()
        lines = (self._folder / "server.log").read_text(encoding="utf-8").splitlines()
        return [line.split(" GET ", 1)[1] for line in lines if " GET /" in line]


def needed() -> None:
    """Skip where PHP or DokuWiki is not installed."""
    if shutil.which("php") is None or not (PROGRAM / "doku.php").exists():
        pytest.skip("needs php and Debian's dokuwiki")
