"""The reading room as a WSGI callable made from a Reader: every address it answers stands in ROUTES."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from typing import Any, Literal

from archive.errors import ArchiveError, DamagedRecord
from archive.replay import (
    availability,
    banner,
    cdx,
    comparing,
    excerpt,
    finding,
    memento,
    metrics,
    openapi,
    playback,
    portals,
    reading,
    running,
    timemap,
    viewer,
    warcs,
)
from archive.replay.access import EVERYBODY, Access
from archive.replay.answering import Answer, Close, as_json, moved, own
from archive.replay.asking import Asked, Refused, asked
from archive.replay.hosts import Hosts
from archive.replay.pages import live, problem, style
from archive.replay.wording import word
from archive.retrieve import Reader


@dataclass(frozen=True)
class Route:
    """Paths that match `pattern` are answered by `page`, on the host name that `side` says.

    What only programs ask for (`machine`) is refused in JSON.
    """

    side: Literal["room", "replay", "both"]
    pattern: str
    page: Callable[..., Answer]
    machine: bool = False

    @cached_property
    def matched(self) -> re.Pattern[str]:
        """The pattern, ready."""
        return re.compile(self.pattern)


def health(reader: Reader, asked: Asked) -> Answer:
    """Whether the archives can be read."""
    reader.capture(1)
    return as_json(asked, {"status": "ok", "archives": len(reader.archives)})


def _style(_: Reader, asked: Asked) -> Answer:
    return style(asked)


def _live(_: Reader, asked: Asked) -> Answer:
    return live(asked)


def _asset(_: Reader, asked: Asked, name: str) -> Answer:
    return banner.asset(asked, name)


# They are tried in this order: what is asked for most comes first.
ROUTES: tuple[Route, ...] = (
    Route("replay", r"/web/(?P<time>\*|\d{1,14})(?P<mode>[a-z]{0,10}_?)/(?P<url>.+)", playback.by_time),
    Route("replay", r"/records/(?:(?P<mode>id_|raw_|if_|fw_|mp_|im_|cs_|js_|oe_)/)?(?P<record>[\w:.%-]+)", playback.by_record),
    Route("replay", r"/replay/(?P<name>(?:client|frame)\.js|(?:frame|banner)\.css)", _asset),
    Route("replay", r"/replay/banner/(?P<proof_given>[0-9a-f]{32})/(?P<record>[\w:.%-]+)", banner.of_framed),
    Route("room", r"/(index\.json)?", reading.home),
    Route("room", r"/search(\.json)?", finding.search),
    Route("room", r"/search\.atom", finding.feed),
    Route("room", r"/search\.(?P<form>jsonl|csv)", finding.export),
    Route("room", r"/compare(\.json)?(/.*)?", comparing.compare),
    Route("room", r"/changes(\.json)?", comparing.changes),
    Route("room", r"/changes\.(?P<feed>atom)", comparing.changes),
    Route("room", r"/portals(\.json)?", portals.portals),
    Route("room", r"/portals/(?P<code>.+?)(\.json)?", portals.portal),
    Route("room", r"/runs(\.json)?", running.overview),
    Route("room", r"/runs/(?P<number>\d{1,18})(\.json)?", running.run),
    Route("room", r"/articles/(?P<key>\d{1,18})(\.json)?", reading.article),
    Route("room", r"/articles(\.json)?", reading.article_at),
    Route("room", r"/captures(\.json)?(/.*)?", reading.captures),
    Route("room", r"/bytes/(?P<record>[\w:.%-]+)/(?P<start>\d{1,12})-(?P<end>\d{1,12})(\.json)?", excerpt.excerpt),
    Route("room", r"/cdx(/search/cdx)?", cdx.cdx, machine=True),
    Route("room", r"/warc(\.json)?/?", warcs.listing, machine=True),
    Route("room", r"/warc/(?P<name>[0-9a-f]{12}(?:\.\d{1,3})?(?:-\d{6,9})?)\.warc\.gz", warcs.warc, machine=True),
    Route("replay", r"/viewer/", viewer.page),
    Route("replay", r"/viewer/(?P<name>ui\.js|sw\.js|wabac\.js)", viewer.script),
    Route("replay", r"/viewer/(?P<which>all|[\w,.:%-]{1,400})/[\d-]+\.cdxj", viewer.index),
    Route("replay", r"/viewer/(?:all|[\w,.:%-]{1,400})/(?P<name>[0-9a-f]{12}(?:\.\d{1,3})?(?:-\d{6,9})?)\.warc\.gz", warcs.warc),
    Route("room", r"/wayback/available", availability.available, machine=True),
    Route("room", r"/metrics", metrics.metrics),
    Route("room", r"/openapi\.json", openapi.document),
    Route("both", r"/timegate/(?P<url>.+)", memento.timegate, machine=True),
    Route("both", r"/timemap/(?P<form>link|json)/(?:(?P<page>\d{1,6})/)?(?P<url>.+)", timemap.timemap, machine=True),
    Route("both", r"/style\.css", _style),
    Route("room", r"/live\.js", _live),
    Route("both", r"/healthz", health),
)


class Room:
    """The WSGI application. `reader` is called once per request and gives the Reader of the thread that asks."""

    def __init__(self, reader: Callable[[], Reader], hosts: Hosts, access: Access = EVERYBODY) -> None:
        self._reader, self._hosts, self._access = reader, hosts, access

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        began = perf_counter()
        answer = self.answer(environ)
        metrics.TALLY.count(answer.route, answer.status, perf_counter() - began)
        start_response(answer.line, answer.headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            answer.close()
            return []
        return _Body(iter(answer.body), answer.close)

    def answer(self, environ: dict[str, Any]) -> Answer:
        """The answer to one request; the caller closes it."""
        try:
            request = asked(environ, self._hosts)
        except Refused as refused:
            return _turned_away(refused)
        try:
            if request.path != "/healthz":
                self._access.check(environ)
            route, found = _route(request)
        except Refused as refused:
            return _with_challenge(problem(request, refused))
        if not request.json and (route.machine or _named_json(found)):
            request = replace(request, json=True)
        answer = self._answered(request, route, found)
        answer.route = route.page.__name__
        return answer

    def _answered(self, request: Asked, route: Route, found: re.Match[str]) -> Answer:
        try:
            if route.side not in ("both", request.side):
                return moved(request, (request.replay if route.side == "replay" else request.room) + request.target)
            return route.page(self._reader(), request, **found.groupdict())
        except Refused as refused:
            return problem(request, refused)
        except DamagedRecord as damage:
            return problem(request, Refused(502, "damaged_note"), "damaged", str(damage))
        except ArchiveError as trouble:
            return problem(request, Refused(503, "trouble"), "trouble", str(trouble))


def _route(request: Asked) -> tuple[Route, re.Match[str]]:
    for route in ROUTES:
        if found := route.matched.fullmatch(request.path):
            return route, found
    raise Refused(404, "no_page")


def _named_json(found: re.Match[str]) -> bool:
    return ".json" in found.groups() or "index.json" in found.groups()


def _with_challenge(answer: Answer) -> Answer:
    """A 401 says how to answer it (RFC 9110, section 11.6.1)."""
    if answer.status == 401:
        answer.headers.append(("WWW-Authenticate", 'Basic realm="tangthu", charset="UTF-8"'))
    return answer


class _Body:
    """An answer's pieces, and what the server has to call when it has sent them or given up."""

    def __init__(self, pieces: Iterator[bytes], close: Close) -> None:
        self._pieces, self.close = pieces, close

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces


def _turned_away(refused: Refused) -> Answer:
    """For requests of which not even the side is known: one sentence, no page."""
    text = "\n".join(word(language, refused.word, **refused.values) for language in ("vi", "en")) + "\n"
    answer = own(None, refused.status, text.encode(), "text/plain; charset=utf-8")
    if refused.status == 405:
        answer.headers.append(("Allow", "GET, HEAD"))
    return answer
