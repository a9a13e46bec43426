"""Memento (RFC 7089): the TimeGate, and the headers that make an answer a memento."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from archive.model import Capture
from archive.replay.answering import Answer, moved
from archive.replay.asking import Asked, Refused
from archive.replay.pages import escaped, problem, replay_path
from archive.replay.reading import archived
from archive.retrieve import Reader
from archive.store.listing import Memento, around
from archive.urls import digits14, parse_warc_date, surt, warc_date

LINK_FORMAT = "application/link-format"
# Later than every capture, early enough to be reckoned with.
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = ("", *(month.title() for month in _MONTHS))
# rfc1123-date (RFC 7089, section 2.1.1); its weekday is redundant and not checked.
_RFC1123 = re.compile(
    rf"(?i)(?:mon|tue|wed|thu|fri|sat|sun), (\d\d) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d:\d\d:\d\d) gmt"
)


def timegate(reader: Reader, asked: Asked, url: str) -> Answer:
    """The way to the memento of `url` nearest to Accept-Datetime, or to the newest (RFC 7089, pattern 2.1)."""
    url = archived(asked, url)
    try:
        capture = _chosen(reader, url, accept_datetime(asked.sent("Accept-Datetime")))
    except Refused as refused:
        answer = problem(asked, refused)
        links = _known(asked, url)
    else:
        near, here = _near(reader, url, capture)
        owns = list(owners(near))[here][1]
        answer = moved(asked, address(asked, near[here], owns=owns))
        links = [*_known(asked, url), *_links(asked, near, here, "", beside=False)]
    answer.headers = [(name, value) for name, value in answer.headers if name != "Vary"]
    answer.headers += [("Vary", "accept-datetime"), ("Link", ", ".join(links))]
    return answer


def _chosen(reader: Reader, url: str, at: datetime | None) -> Capture:
    near = reader.closest(url, at or LATEST)
    # HTTP knows whole seconds only: of several captures within one its last is meant, as in addresses.
    capture = near and reader.closest(url, near.time.replace(microsecond=0))
    if capture is None:
        raise Refused(404, "no_memento", url=url)
    return capture


def memento_headers(
    reader: Reader, asked: Asked, capture: Capture, mode: str = "", beside: list[Memento] | None = None,
) -> list[tuple[str, str]]:  # fmt: skip
    """Memento-Datetime and Link of an answer that is a memento, whatever its status; its siblings in the same mode.

    `beside` are all captures of its address, where they are known already.
    """
    near, here = _near(reader, capture.url, capture, beside)
    links = [*_known(asked, capture.url), *_links(asked, near, here, mode)]
    return [("Memento-Datetime", http_date(capture.time)), ("Link", ", ".join(links))]


def accept_datetime(text: str) -> datetime | None:
    """The moment an Accept-Datetime header names, None for an empty one. Raises Refused (400) for any other text."""
    if not text:
        return None
    found = _RFC1123.fullmatch(text)
    day, month, year, clock = found.groups() if found else ("", _MONTHS[0], "", "")
    try:
        return datetime.fromisoformat(f"{year}-{_MONTHS.index(month.lower()) + 1:02}-{day}T{clock}+00:00")
    except ValueError:
        raise Refused(400, "bad_datetime", text=text[:80]) from None


def address(asked: Asked, memento: Memento, mode: str = "", *, owns: bool) -> str:
    """The URI-M: by time if it is the last capture of its second, else by its record."""
    if owns:
        return asked.replay + replay_path(digits14(parse_warc_date(memento.time)), mode, memento.url)
    return f"{asked.replay}/records/{mode or 'id_'}/{escaped(memento.record_id)}"


def owners(mementos: Iterable[Memento]) -> Iterator[tuple[Memento, bool]]:
    """Captures of one address, oldest first, each with whether its 14-digit time leads to it."""
    held: Memento | None = None
    for memento in mementos:
        if held is not None:
            yield held, held.time[:19] != memento.time[:19]
        held = memento
    if held is not None:
        yield held, True


def timegate_address(asked: Asked, url: str) -> str:
    """The URI-G of an address."""
    return f"{asked.room}/timegate/{escaped(url)}"


def timemap_address(asked: Asked, url: str, form: str, page: int | None = None) -> str:
    """The URI-T of an address; `form` is link or json."""
    return f"{asked.room}/timemap/{form}/{'' if page is None else f'{page}/'}{escaped(url)}"


def http_date(at: datetime) -> str:
    """A moment as HTTP writes it (RFC 9110, section 5.6.7)."""
    t = at if at.tzinfo is UTC else at.astimezone(UTC)
    clock = f"{t.hour:02}:{t.minute:02}:{t.second:02}"
    return f"{_DAYS[t.weekday()]}, {t.day:02} {_MONTH_NAMES[t.month]} {t.year:04} {clock} GMT"


def _known(asked: Asked, url: str) -> list[str]:
    return [
        f'<{escaped(url)}>; rel="original"',
        f'<{timegate_address(asked, url)}>; rel="timegate"',
        f'<{timemap_address(asked, url, "link")}>; rel="timemap"; type="{LINK_FORMAT}"',
        f'<{timemap_address(asked, url, "json")}>; rel="timemap"; type="application/json"',
    ]


def _near(reader: Reader, url: str, capture: Capture, beside: list[Memento] | None = None) -> tuple[list[Memento], int]:
    """The capture among its neighbours, the first two and the last, by time, in all archives together; and its index."""
    if beside is not None:
        return beside, next(at for at, memento in enumerate(beside) if memento.record_id == capture.record_id)
    time, key = warc_date(capture.time), surt(url)
    here = Memento(time, capture.id, capture.url, capture.record_id, None)
    found = {m.record_id: m for archive in reader.archives for m in around(archive, key, time, capture.id)}
    near = sorted({**found, capture.record_id: here}.values(), key=lambda m: (m.time, m.id))
    return near, near.index(here)


def _links(asked: Asked, near: list[Memento], here: int, mode: str, *, beside: bool = True) -> Iterator[str]:
    """The links to first, previous, this, next and last memento; one that is several of them stands there once."""
    last = len(near) - 1
    said = dict.fromkeys([0, last, *([max(0, here - 1), min(last, here + 1)] if beside else []), here], "")
    said[0] += "first "
    said[last] += "last "
    if beside and here:
        said[here - 1] += "prev "
    if beside and here < last:
        said[here + 1] += "next "
    for at in sorted(said):
        memento = near[at]
        owns = at == last or memento.time[:19] != near[at + 1].time[:19]
        moment = http_date(parse_warc_date(memento.time))
        yield f'<{address(asked, memento, mode, owns=owns)}>; rel="{said[at]}memento"; datetime="{moment}"'
