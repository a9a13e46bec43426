"""What a crawl walks by: addresses, visits and what became of them, runs and their schedules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from archive.changing import Sighting
from archive.model.articles import Article, Draft


@dataclass(frozen=True, slots=True)
class Link:
    """An address that a crawl wants to visit, and how it was found.

    `kind` is what it is thought to be: page, list, requisite (what a page needs to be shown), document, robots. `hops` is the path from the start
    in Heritrix' letters (L link, E embed, R redirect, P prerequisite). Of two links the one with the lower `priority` is visited first; among
    equals the one found first. `method`, `fields` (of the header) and `body` are what is sent, `paging` (JSON) says where in a list it stands that
    pages by such requests.
    """

    url: str
    via: str | None = None
    kind: str = "page"
    hops: str = ""
    priority: int = 0
    method: str = "GET"
    body: bytes = b""
    fields: tuple[tuple[str, str], ...] = ()
    paging: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """An address that `canonical` stands for. `reason` is www, scheme, query, order, session, print, moved or same text."""

    url: str
    canonical: str
    reason: str
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A link in the frontier: handed out to be fetched. `attempts` counts the tries that were kept before this one.

    `etag` and `last_modified` are by what the server knows the newest state that the archive has, if it can be asked so.
    """

    id: int
    link: Link
    attempts: int = 0
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An address that was not asked for, and why; `ruling` are the number of the robots.txt and the line in it that decided.

    `reason` is robots, scope, budget, scheme, private, redirects, retries, trap, alias, cleaning; or it was asked for and is no page: soft-404.
    """

    url: str
    reason: str
    detail: str = ""
    via: str | None = None
    ruling: tuple[int, int] | None = None


@dataclass(slots=True)
class Settlement:
    """What became of a captured visit, written as one transaction (T2).

    `state` is done, queued (tried again, not before `not_before`, UTC) or failed. The article, if there is one, belongs to `capture` (None where
    robots kept the crawl away) and comes with its rules, or as the draft of both; `links` are the new addresses that the page named and scope let
    in, `refusals` those that it kept out, `aliases` those that others stand for. `text` is the fingerprint of the page's words (64 bits, signed),
    `pieces` are those of what it was the first to say, `canonical` what the page says is its address, `probed` the address if nobody made it,
    `budgets` what its address patterns have spent, `sighting` tells when it is asked again.
    """

    visit: int
    capture: int | None
    state: Literal["done", "queued", "failed"] = "done"
    article: Article | None = None
    rules: bytes | None = None
    draft: Draft | None = None
    links: list[Link] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    text: int | None = None
    pieces: tuple[int, ...] = ()
    canonical: str = ""
    probed: str = ""
    budgets: dict[str, int] = field(default_factory=dict)
    not_before: datetime | None = None
    sighting: Sighting | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl run; `root` is the first of the chain that it resumes. `outcome` is None, finished, interrupted, stopped or failed."""

    id: int
    root: int
    portal: str
    started: datetime
    ended: datetime | None = None
    outcome: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a portal is crawled: at the times of `cron` (five fields, in the time zone `zone`) or `every` so many seconds.

    `target` is what `tangthu crawl` is given, `options` its further arguments, `portal` the code its runs have.
    """

    portal: str
    target: str
    created: datetime
    cron: str | None = None
    every: int | None = None
    zone: str = "Asia/Ho_Chi_Minh"
    options: tuple[str, ...] = ()
    paused: bool = False
