"""Where ReplayWeb.page shows a capture, if it is installed."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

from archive.model import Capture
from archive.replay import viewer_package
from archive.replay.asking import Asked
from archive.retrieve import Reader
from archive.store.volumes import newest
from archive.urls import digits14, surt

# Of archives with more records ReplayWeb.page is given the captures of one host and its subdomains: it reads its whole index beforehand.
EVERYTHING = 100_000


def viewer_links(reader: Reader, asked: Asked) -> Callable[[Capture], str | None]:
    """What gives the address for a capture; None where ReplayWeb.page is not installed."""
    if not viewer_package.installed():
        return lambda _: None
    last = [newest(archive) or 0 for archive in reader.archives]
    # The address of an index changes with the archive: the browser keeps what it has read of one.
    state = "-".join(map(str, last))

    def link(capture: Capture) -> str:
        which = "all" if sum(last) <= EVERYTHING else quote(surt(capture.url).partition(")")[0], safe=",")
        source = f"{asked.replay}/viewer/{which}/{state}.cdxj"
        place = urlencode({"view": "pages", "url": capture.url, "ts": digits14(capture.time)})
        return f"{asked.replay}/viewer/?{urlencode({'source': source})}#{place}"

    return link
