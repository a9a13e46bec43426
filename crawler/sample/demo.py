"""`make crawl`: serve the sample portal, crawl it into an archive, show the seed article and the verdict, and say what to try next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from archive.words import say
from crawler.sample import profiles
from crawler.sample.server import SamplePortal

SEED = "http://cong-drupal.tinh-mau.example/node/640260"


def main() -> int:
    """Exit code: that of the crawl, or of the verification if it is worse."""
    path = Path(sys.argv[sys.argv.index("--archive") + 1] if "--archive" in sys.argv else "tangthu.db")
    with SamplePortal() as portal:
        print(
            say(
                "The sample portal is served at 127.0.0.1:{port}; crawling it into {path} ...",
                port=portal.port,
                path=path,
            ),
            flush=True,
        )
        order = ["crawl", "--own-host", "--archive", str(path)]
        for host in portal.sites:
            order += ["--resolve", f"{host}=127.0.0.1:{portal.port}"]
        for file in profiles():
            order += ["--profile", str(file)]
        crawled = _tangthu(*order, "mau-drupal", "mau-sharepoint")
    if crawled > 1:
        return crawled
    print()
    _tangthu("show", "--archive", str(path), SEED)
    print()
    verified = _tangthu("verify", "--archive", str(path))
    print()
    print(
        say(
            'Next: tangthu search "doi ngoai" | tangthu show --json {seed} | tangthu serve | tangthu export --warc out.warc.gz',
            seed=SEED,
        )
    )
    print(say("(the command is .venv/bin/tangthu; `tangthu --help` lists all verbs)"))
    return max(crawled, verified)


def _tangthu(*words: str) -> int:
    """One verb in a process of its own, as a user would start it."""
    sys.stdout.flush()
    return subprocess.run(
        [sys.executable, "-c", "from crawler.cli import main; main()", *words], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
