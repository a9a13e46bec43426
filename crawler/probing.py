"""Looks at one address without an archive: robots.txt and the page over our own wire, and a profile to begin with."""

from __future__ import annotations

import json
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from archive import Answer, Reader, body_of, say
from archive.errors import ArchiveError, Misuse
from archive.model import Exchange
from archive.robots import AGENT, Robots, is_robots, parse
from archive.urls import tidy
from crawler.pages import HTML
from crawler.portals.profile import of_url
from crawler.portals.ways import scattered
from crawler.settings import USER_AGENT
from crawler.wire.engine import Engine, Outgoing

_REDIRECTS = 5
_TIMEOUT = 60.0
_LARGEST = 64 << 20
# Letters of a fixed part of an address, such as `tin-12` or `n12`; more are the words of a title.
_NAME = 3


class Unreached(ArchiveError):
    """The page did not come; the message says why, and the exit code that this is a finding."""

    exit_code = 1


@dataclass
class Fetched:
    """A page that came: its address after redirects, and the HTTP message."""

    url: str
    block: bytes
    steps: list[str] = field(default_factory=list)


def fetch(url: str, *, own_host: bool, resolve: dict[str, tuple[str, int | None]]) -> Fetched:
    """The page at `url`, if its robots.txt lets us. Starts Twisted's reactor: once per process. Raises Misuse, Unreached."""
    start = of_url(url).starts[0]
    from scrapy.utils.reactor import install_reactor  # noqa: PLC0415

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import defer, task  # noqa: PLC0415

    outcome: list[Fetched | Unreached] = []

    async def go() -> None:
        with tempfile.TemporaryDirectory() as folder:
            engine = Engine(spool_dir=Path(folder), allow_private=own_host, resolve=resolve)
            try:
                outcome.append(await _followed(engine, start))
            except Unreached as problem:
                outcome.append(problem)
            finally:
                await engine.close()

    with suppress(SystemExit):  # how react ends
        task.react(lambda _: defer.ensureDeferred(go()))
    if not outcome:
        raise Unreached(say("{url} could not be asked for", url=start))
    if isinstance(outcome[0], Unreached):
        raise outcome[0]
    return outcome[0]


def kept(url: str, path: Path) -> Fetched:
    """The newest page that an archive has of `url`. Raises Misuse if it has none."""
    with Reader.open(path) as reader:
        pages = [c for c in reader.find(url) if c.status == 200 and c.media_type in HTML]
        if not pages:
            raise Misuse(say("{url} is not in {path} as a page; without --archive it is asked for", url=url, path=path))
        with reader.open(pages[-1]) as opened:
            return Fetched(pages[-1].url, opened.raw(), [f"{pages[-1].time:%Y-%m-%dT%H:%M:%SZ} {pages[-1].record_id}"])


def writable(save: Path) -> None:
    """Raise Misuse if a profile cannot be written into a new file at `save`."""
    if save.exists():
        raise Misuse(say("{file} exists already: name another file", file=save))
    if not save.parent.is_dir():
        raise Misuse(say("{file}: there is no folder {folder}", file=save, folder=save.parent))


async def _followed(engine: Engine, url: str) -> Fetched:
    rules: dict[str, Robots] = {}
    steps: list[str] = []
    for _ in range(_REDIRECTS + 1):
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if origin not in rules:
            rules[origin] = await _robots(engine, origin)
        if not rules[origin].allows(url, AGENT):
            raise Unreached(say("{url}: robots.txt of the portal keeps us out; it was not asked for", url=url))
        status, location, block = await _asked(engine, url)
        steps.append(f"{status} {url}")
        if location and status in (301, 302, 303, 307, 308):
            url = tidy(urljoin(url, location))
            continue
        if status >= 400:
            raise Unreached(say("{url} answered {status}", url=url, status=status))
        return Fetched(url, block, steps)
    raise Unreached(say("{url}: more than {count} redirects", url=url, count=_REDIRECTS))


async def _robots(engine: Engine, origin: str) -> Robots:
    status, _, block = await _asked(engine, f"{origin}/robots.txt")
    if status >= 500 or status == 429:
        raise Unreached(say("{url} answered {status}", url=f"{origin}/robots.txt", status=status))
    body = body_of(block, limit=_LARGEST).data if status == 200 else b""
    return parse(body if is_robots(body) else b"")


async def _asked(engine: Engine, url: str) -> tuple[int, str, bytes]:
    """Status, Location and the answer's bytes. Raises Unreached if none came."""
    outgoing = Outgoing(
        url, headers=[(b"User-Agent", USER_AGENT.encode()), (b"Accept-Encoding", b"gzip, deflate")], timeout=_TIMEOUT, maxsize=_LARGEST
    )
    exchange: Exchange = await engine.fetch(outgoing)
    try:
        if not exchange.answered:
            why = exchange.failure.message if exchange.failure else "no answer"
            raise Unreached(say("{url} did not answer: {why}", url=url, why=why))
        exchange.response.seek(exchange.start)
        block = exchange.response.read(exchange.end - exchange.start)
    finally:
        exchange.close()
    framer = Answer(block).framer
    location = next(iter(framer.values(b"location")), b"").decode("latin-1")
    return framer.status or 0, location, block


def profile_toml(url: str, platform: str | None, *, article: bool, comments: list[str]) -> str:
    """A profile that `tangthu crawl --profile` accepts: it starts at the page, or at the portal's home if the page is an article."""
    parts = urlsplit(url)
    host = parts.netloc.removeprefix("www.")
    start = f"{parts.scheme}://{parts.netloc}/" if article else url
    lines = [f"# {line}" for comment in comments for line in comment.splitlines()]
    lines += [
        f"code = {_text(code_of(url))}",
        f"name = {_text(host)}",
        f"starts = [{_text(start)}]",
        *([f"platform = {_text(platform)}"] if platform else []),
    ]
    if article and not scattered(platform) and (pattern := article_pattern(url)):
        lines += ["", "[listing]", f"articles = {_text(pattern)}"]
    lines += ["", "[pace]", "delay = 2.0"]
    return "\n".join(lines) + "\n"


def code_of(url: str) -> str:
    """The code of the profile for a page: its host in letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", urlsplit(url).netloc.lower().removeprefix("www.")).strip("-")


def article_pattern(url: str) -> str | None:
    """A pattern for the addresses of articles, from one of them: its numbers may be others, and the words of its last part; None without numbers."""
    parts = urlsplit(url)
    end = "/" if parts.path.endswith("/") and parts.path != "/" else ""
    folder, slash, last = parts.path.removesuffix(end).rpartition("/") if end else parts.path.rpartition("/")
    if not re.search(r"\d", parts.path + parts.query):
        return None
    ending = re.search(r"\.[A-Za-z]{2,5}$", last)
    name = last[: ending.start()] if ending else last
    made = _numbered(folder) + slash + _worded(name) + (re.escape(ending[0]) if ending else "") + end
    return f"^{made}{chr(92) + '?' + _numbered(parts.query) if parts.query else ''}$"


def _numbered(text: str) -> str:
    return "".join(r"\d+" if piece.isdigit() else re.escape(piece) for piece in re.split(r"(\d+)", text))


def _worded(name: str) -> str:
    """As `_numbered`, and for words anything."""
    pieces = [p for p in re.split(r"(\d+)", name) if p]
    return "".join(
        r"\d+" if p.isdigit() else "[^/]+" if sum(c.isalpha() for c in p) > _NAME else re.escape(p) for p in pieces
    )


def _text(value: str) -> str:
    """A TOML string (a JSON string is one)."""
    return json.dumps(value, ensure_ascii=False)
