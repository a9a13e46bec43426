"""ReplayWeb.page on the replay host, fed by our own CDX and WARC routes: the browser itself rewrites and replays, nothing is exported.

It runs archived scripts in the origin of the replay host, where nothing else of value is; what they may do is bounded by the policies
of its page and of its service worker (`templates/viewer.js`), which is ours and only imports the package's.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from urllib.parse import unquote

from archive.replay import viewer_package
from archive.replay.answering import Answer
from archive.replay.asking import Asked, Refused
from archive.replay.banner import closed
from archive.replay.cdx import listing
from archive.replay.cdx_query import query
from archive.replay.pages import rendered
from archive.replay.viewer_links import EVERYTHING
from archive.retrieve import Reader
from archive.store.listing import LAST, Place, Span

SCRIPTS = {"ui.js": "ui.js", "wabac.js": "sw.js"}


def page(_: Reader, asked: Asked) -> Answer:
    """The page that ReplayWeb.page runs in."""
    _there()
    own = f"{asked.replay}/viewer/"
    policy = (
        f"default-src 'none'; script-src {own}; style-src 'unsafe-inline'; img-src 'self' data: blob:; font-src data:; "
        f"connect-src {own} data: blob:; worker-src {own}; frame-src {own}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy), *closed(asked)]
    return Answer(200, headers, [rendered(asked, "viewer.html").encode()])


def script(_: Reader, asked: Asked, name: str) -> Answer:
    """A script of the package, as it is there; `sw.js` is ours and imports the package's."""
    _there()
    body = _worker() if name == "sw.js" else viewer_package.file(SCRIPTS[name])
    own = f"{asked.replay}/viewer/"
    headers = [
        ("Content-Type", "text/javascript; charset=utf-8"), ("Content-Length", str(len(body))),
        ("Content-Security-Policy", f"default-src 'none'; script-src {own} 'unsafe-eval'; connect-src {own} data: blob:"), *closed(asked),
    ]  # fmt: skip
    return Answer(200, headers, [body])


def index(reader: Reader, asked: Asked, which: str) -> Answer:
    """The first 100,000 captures of everything, or of a host (its SURT) and its subdomains, as CDXJ."""
    _there()
    host = unquote(which)
    span = Span(Place("", "", -1), Place(LAST, "", -1)) if which == "all" else Span(Place(f"{host})", "", -1), Place(f"{host}-", "", -1))
    answer = listing(reader, asked, replace(query(f"url=*&output=cdxj&gzip=false&limit={EVERYTHING}"), span=span, one_key=False))
    # ReplayWeb.page takes no file whose length it is not told.
    answer.body = [b"".join(answer.body)]
    answer.headers.append(("Content-Length", str(len(answer.body[0]))))
    return answer


def _there() -> None:
    if not viewer_package.installed():
        raise Refused(404, "viewer_missing")


@cache
def _worker() -> bytes:
    return files("archive.replay").joinpath("templates", "viewer.js").read_bytes()
