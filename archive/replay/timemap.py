"""TimeMaps (RFC 7089, section 5): every memento of an address, as links or as JSON, page by page where there are many."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter

from archive.replay.answering import Answer, streamed
from archive.replay.asking import Asked, Refused
from archive.replay.memento import LINK_FORMAT, address, http_date, owners, timegate_address, timemap_address
from archive.replay.pages import escaped
from archive.replay.reading import archived
from archive.retrieve import Reader
from archive.store.listing import Memento, mementos, times
from archive.store.reading import Reading
from archive.urls import parse_warc_date, surt

# Mementos in one TimeMap; of an address with more the TimeMap is an index of TimeMaps.
PAGE = 10_000
# Asked for at once. A client that reads slowly holds no more than this.
_BATCH = 1000
Place = tuple[str, int]


@dataclass(frozen=True)
class _Part:
    """The mementos of one page: how many, the first and the last."""

    number: int
    first: Place
    last: Place


@dataclass(frozen=True)
class _Map:
    """A TimeMap that was asked for: its own page and all pages; without a page of its own it is the index."""

    asked: Asked
    url: str
    form: str
    parts: list[_Part]
    page: int | None

    def where(self, page: int | None, form: str | None = None) -> str:
        """The address of a page; a TimeMap of one page has no number."""
        return timemap_address(self.asked, self.url, form or self.form, page if len(self.parts) > 1 else None)

    @property
    def span(self) -> tuple[str, str]:
        """From and until."""
        first, last = (self.parts[0], self.parts[-1]) if self.page is None else (self.parts[self.page - 1],) * 2
        return first.first[0], last.last[0]


def timemap(reader: Reader, asked: Asked, form: str, page: str | None, url: str) -> Answer:
    """The TimeMap of `url` in the form link or json; 404 if there is no memento, or not so many pages."""
    url = archived(asked, url)
    asked_for = _asked_for(reader, asked, form, page, url)
    write, media_type = (_as_links, LINK_FORMAT) if form == "link" else (_as_json, "application/json")
    return streamed(asked, write(reader, asked_for), media_type)


def _asked_for(reader: Reader, asked: Asked, form: str, page: str | None, url: str) -> _Map:
    parts = list(_parts(heapq.merge(*(times(archive, surt(url)) for archive in reader.archives))))
    if not parts:
        raise Refused(404, "no_memento", url=url)
    if page is not None and not 1 <= int(page) <= len(parts):
        raise Refused(404, "no_page_of", page=page, pages=len(parts))
    return _Map(asked, url, form, parts, int(page) if page else 1 if len(parts) == 1 else None)


def _parts(places: Iterator[Place]) -> Iterator[_Part]:
    number = 1
    for first in places:
        last = first
        for last in islice(places, PAGE - 1):  # noqa: B007 - the last one is what is wanted
            pass
        yield _Part(number, first, last)
        number += 1


def _shown(reader: Reader, told: _Map) -> Iterator[tuple[Memento, bool, list[str]]]:
    """The mementos of the page, each with whether its second is its own, and first and last where it is."""
    assert told.page is not None  # noqa: S101 - the index has none
    part = told.parts[told.page - 1]
    for memento, owns in _from(reader, told.url, part.first):
        place = (memento.time, memento.id)
        if place > part.last:
            return
        roles = [("first", told.parts[0].first), ("last", told.parts[-1].last)]
        yield memento, owns, [role for role, at in roles if at == place]


def _from(reader: Reader, url: str, first: Place) -> Iterator[tuple[Memento, bool]]:
    """The mementos from one on, each with whether its second is its own."""
    found = (_walk(archive, surt(url), first) for archive in reader.archives)
    return owners(heapq.merge(*found, key=itemgetter(0, 1)))


def _walk(archive: Reading, key: str, first: Place) -> Iterator[Memento]:
    after = (first[0], first[1] - 1)
    while batch := mementos(archive, key, after, _BATCH):
        yield from batch
        after = (batch[-1].time, batch[-1].id)


def _as_links(reader: Reader, told: _Map) -> Iterator[bytes]:
    yield ",\n".join([
        f'<{escaped(told.url)}>;rel="original"',
        f'<{timegate_address(told.asked, told.url)}>;rel="timegate"',
        _link(told.where(told.page), "self", *told.span),
        *(_link(told.where(p.number), "timemap", p.first[0], p.last[0]) for p in _others(told)),
    ]).encode()  # fmt: skip
    if told.page is not None:
        yield from _gathered(
            f',\n<{address(told.asked, memento, owns=owns)}>;rel="{" ".join([*roles, "memento"])}"'
            f';datetime="{_http(memento.time)}"'
            for memento, owns, roles in _shown(reader, told)
        )
    yield b"\n"


def _others(told: _Map) -> list[_Part]:
    """The pages that this one names: the index all of them, a page those beside it."""
    if told.page is None:
        return told.parts
    return [part for part in told.parts if abs(part.number - told.page) == 1]


def _link(where: str, rel: str, since: str, until: str) -> str:
    return f'<{where}>;rel="{rel}";type="{LINK_FORMAT}";from="{_http(since)}";until="{_http(until)}"'


def _as_json(reader: Reader, told: _Map) -> Iterator[bytes]:
    since, until = told.span
    head = {
        "original_uri": told.url, "self": told.where(told.page), "from": _second(since), "until": _second(until),
        "timegate_uri": timegate_address(told.asked, told.url),
        "timemap_uri": {f"{form}_format": told.where(told.page, form) for form in ("link", "json")},
    }  # fmt: skip
    if told.page is None:
        index = [
            {"from": _second(part.first[0]), "until": _second(part.last[0]), "uri": told.where(part.number)}
            for part in told.parts
        ]
        yield json.dumps({**head, "timemap_index": index}, indent=1, ensure_ascii=False).encode() + b"\n"
        return
    beside = {"prev" if p.number < told.page else "next": {"uri": told.where(p.number)} for p in _others(told)}
    ends = (("first", told.parts[0].first), ("last", told.parts[-1].last))
    mementos = {role: _item(told, *next(_from(reader, told.url, place))) for role, place in ends}
    opening = json.dumps({**head, "pages": beside, "mementos": {**mementos, "list": []}}, ensure_ascii=False)
    yield opening.removesuffix("]}}").encode() + b"\n"
    yield from _gathered(_items(reader, told))
    yield b"\n]}}\n"


def _items(reader: Reader, told: _Map) -> Iterator[str]:
    before = ""
    for memento, owns, _ in _shown(reader, told):
        yield before + json.dumps(_item(told, memento, owns), ensure_ascii=False)
        before = ",\n"


def _item(told: _Map, memento: Memento, owns: bool) -> dict[str, str | None]:
    digest = f"sha256:{memento.payload_sha256.hex()}" if memento.payload_sha256 else None
    return {"datetime": _second(memento.time), "uri": address(told.asked, memento, owns=owns), "digest": digest}


def _gathered(lines: Iterator[str]) -> Iterator[bytes]:
    while batch := list(islice(lines, _BATCH)):
        yield "".join(batch).encode()


def _http(time: str) -> str:
    return http_date(parse_warc_date(time))


def _second(time: str) -> str:
    return f"{time[:19]}Z"

