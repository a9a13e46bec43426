"""A Scrapy project that is not ours, run in a process of its own as its owner would: `scrapy crawl bao`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from running import environment
from warcio.archiveiterator import ArchiveIterator

from archive.audit.verify import verify
from archive.export.warc import export_warc
from archive.retrieve import Reader

SETTINGS = """
BOT_NAME = "bao"
SPIDER_MODULES = ["bao.spiders"]
TELNETCONSOLE_ENABLED = False
LOG_LEVEL = "INFO"
ADDONS = {"crawler.recording.Recording": 100}
"""

# What every spider begins with. Whatever would leave loopback is refused, and told.
PRELUDE = """
import json, os, sys
from ipaddress import ip_address
import scrapy
from scrapy import signals

def tell(**facts):
    with open(os.environ["TOLD"], "a") as file:
        file.write(json.dumps(facts) + "\\n")

def answered(response, **facts):
    headers = [[k.decode(), v.decode("latin-1")] for k, vs in response.headers.items() for v in vs]
    tell(url=response.url, status=response.status, headers=headers, text=getattr(response, "text", None), flags=response.flags,
         ip=str(response.ip_address), protocol=response.protocol, kind=type(response).__name__,
         certificate=response.certificate and response.certificate.digest("sha256").decode(), body=len(response.body), **facts)

def outside(event, args):
    if event == "socket.getaddrinfo":
        host = args[0].decode() if isinstance(args[0], bytes) else args[0]
        if host not in (None, "", "localhost", "127.0.0.1"):
            tell(outside=host)
            raise OSError("this test stays at home")
    elif event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        if not ip_address(args[1][0]).is_loopback:
            tell(outside=args[1][0])
            raise OSError("this test stays at home")

sys.addaudithook(outside)
BASE = os.environ["BASE"]
"""


@dataclass(frozen=True)
class Ran:
    """How the crawl went: its log, what the spider told, and where its archive lies."""

    code: int
    log: str
    told: list[dict[str, Any]]
    archive: Path

    def sentences(self) -> list[str]:
        """What the recorder had to say."""
        return [line for line in self.log.splitlines() if "[crawler." in line]

    def records(self) -> list[tuple[dict[str, str], bytes]]:
        """Header and block of each record, as another's reader finds them in an export. The archive is sound."""
        with Reader.open(self.archive) as reader:
            assert [f for f in verify(reader) if f.verdict.value != "sound"] == []
            out = self.archive.with_suffix(".warc.gz")
            export_warc(reader, out)
        with out.open("rb") as file:
            return [
                (dict(record.rec_headers.headers), record.raw_stream.read())
                for record in ArchiveIterator(file, no_record_parse=True)
            ]

    def blocks(self, kind: str, path: str) -> list[bytes]:
        """The blocks of the records of this type whose address ends so, in the order in which they were kept."""
        return [
            block
            for head, block in self.records()
            if head["WARC-Type"] == kind and head.get("WARC-Target-URI", "").endswith(path)
        ]


def scrapy(
    folder: Path, spider: str, base: str, settings: str = "", archive: str | None = "a.db", *, command: str = "crawl"
) -> Ran:
    """Make a project in `folder` whose spider `bao` has the body `spider`, and run it."""
    package = folder / "bao" / "spiders"
    package.mkdir(parents=True, exist_ok=True)
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = bao.settings\n")
    (folder / "bao" / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    where = "" if archive is None else f"TANGTHU_ARCHIVE = {str(folder / archive)!r}\n"
    (folder / "bao" / "settings.py").write_text(SETTINGS + where + dedent(settings))
    (package / "bao.py").write_text(PRELUDE + dedent(spider))
    told = folder / "told"
    told.write_text("")
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:crawler", "-m", "scrapy", command, "bao"],
        cwd=folder, env=environment(TOLD=str(told), BASE=base), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    return Ran(done.returncode, done.stdout + done.stderr, lines, folder / (archive or "none"))
