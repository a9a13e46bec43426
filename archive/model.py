"""The words of the house: what passes between its rooms, and nothing that does anything.

Times are UTC `datetime`s with microseconds, lengths are bytes, digests are `sha256:` and lower-case hex.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Literal, NamedTuple

from archive.changing import Sighting

# Why an answer ended before its end: the values of WARC-Truncated (WARC 1.1, section 5.13).
Truncation = Literal["length", "time", "disconnect", "unspecified"]
# Between which points of a page's tree a piece lies: 4n is before the n-th element's start tag, 4n+1 behind it, 4n+2 before its end, 4n+3 behind it.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt brought no usable answer, or not the whole of it: `message` is the cause as it was reported, one line.

    `kind` is one of dns, refused, unreachable, timeout, tls, reset, closed, http, proxy, forbidden, length.
    """

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What the handshake agreed on, and whether the certificate held.

    `version` as in WARC-Protocol ("tls/1.3"), `cipher` by its IANA name, `chain` the peer's certificates as DER, leaf first. `verified` is
    true only if chain, validity and host name all held; `error` says which did not.
    """

    version: str
    cipher: str
    verified: bool
    error: str | None
    chain: tuple[bytes, ...]


@dataclass(slots=True)
class Exchange:
    """One attempt to get one address: what was sent, what came back, and how it ended.

    `request` and `response` are seekable and hold the bytes as they crossed the connection. In `response` come, in order, the interim answers
    (`interim`: the offset where each ends), the answer itself up to `end`, and whatever the server sent after it. `request` differs from the wire
    only in the values of the header fields named in `blanked`. Whoever made the exchange closes it once it has been deposited. `id` is its maker's
    name for it, under which surplus that came later is reported; `stale` says that the server had closed an idle connection before it could
    answer. `framer` is the archive.Framer that followed the answer, if one did, with its head.
    """

    url: str
    method: str
    started: datetime
    request: BinaryIO
    response: BinaryIO
    request_length: int
    response_length: int
    ended: datetime
    interim: tuple[int, ...] = ()
    end: int = 0
    truncated: Truncation | None = None
    failure: Failure | None = None
    ip: str | None = None
    tls: TlsFacts | None = None
    proxy: str | None = None
    proxy_reply: bytes = b""
    resolved: str | None = None
    blanked: tuple[str, ...] = ()
    id: str = ""
    stale: bool = False
    framer: object = None

    @property
    def start(self) -> int:
        """Offset in `response` where the final answer begins."""
        return self.interim[-1] if self.interim else 0

    @property
    def answered(self) -> bool:
        """Whether at least one byte of a final answer came."""
        return self.end > self.start

    def close(self) -> None:
        """Let go of the bytes."""
        self.request.close()
        self.response.close()


@dataclass(frozen=True, slots=True)
class Capture:
    """One exchange as the archive keeps it. `id` is the archive's own number, `record_id` the WARC record's URI."""

    id: int
    run: int
    url: str
    time: datetime
    method: str
    status: int | None
    media_type: str | None
    record_id: str
    payload_digest: str | None
    length: int
    truncated: str | None = None
    failure: str | None = None
    revisit_of: str | None = None
    location: str | None = None


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


class Draft(NamedTuple):
    """An article made ready to be kept (`archive.draft`), so that this can be done beside the crawl.

    `body` is its JSON without its capture, as UTF-8, `content_sha256` what tells whether it says something new, `folded` title and text as the
    search index holds them, `facets` what lists are narrowed by, `rules` digest and canonical JSON of the rules it was cleaned by.
    """

    url: str
    key: str
    title: str | None
    published: str | None
    body: bytes
    content_sha256: bytes
    folded: tuple[str, str]
    rules: tuple[str, str] | None
    cleaner: str
    facets: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Settlement:
    """What became of a captured visit, written as one transaction (T2).

    `state` is done, queued (tried again, not before `not_before`, UTC) or failed. The article, if there is one, belongs to `capture` (None where
    robots kept the crawl away) and comes with its rules, or as the draft of both; `links` are the new addresses that the page named and scope let
    in, `refusals` those that it kept out, `aliases` those that others stand for. `text` is the fingerprint of the page's words (64 bits, signed),
    `canonical` what the page says is its address, `budgets` what its address patterns have spent, `sighting` tells when it is asked again.
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
    canonical: str = ""
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


@dataclass(frozen=True, slots=True)
class Vote:
    """How rules that were learned fit pages: of `looked` ones `fits` have their container, of these so many `titles` and `dates`."""

    looked: int
    fits: int
    titles: int
    dates: int


@dataclass(frozen=True, slots=True)
class Study:
    """What the captures of a host teach (`Reader.study`), to be kept with `Depositor.learn`.

    `rules` is canonical JSON, `given` (rules that were written for the host) with what was learned; None where nothing new was. It was learned
    from `lessons`, captures with their payload digests, by version `cleaner`, with `votes` (JSON); where containers stand at the `settled` places
    the search without it had found the same articles. `model` is the number of the model that was known before, `vote` how that fits, `drift` what
    has changed since, one sentence. `again` are the captures of the run whose articles may gain by being cleaned with `by`, the rules that hold
    now, each with the last revision that was cleaned from it.
    """

    host: str
    given: bytes | None = None
    rules: bytes | None = None
    cleaner: str = ""
    votes: str = ""
    lessons: tuple[tuple[int, bytes], ...] = ()
    settled: tuple[str, ...] = ()
    model: int | None = None
    vote: Vote | None = None
    drift: str | None = None
    by: bytes | None = None
    again: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """A kept page from which a site model is learned: the body's bytes, codings undone, and the payload digest it is known by."""

    url: str
    html: bytes
    digest: str
    charset: str | None = None


@dataclass(slots=True)
class Image:
    """An image that belongs to an article. `capture` is the record id of its capture, once known."""

    url: str
    caption: str | None = None
    capture: str | None = None


@dataclass(slots=True)
class Attachment:
    """A document that an article offers. `sha256` and `capture` are known only to the archive."""

    url: str
    name: str
    media_type: str | None = None
    sha256: str | None = None
    capture: str | None = None


@dataclass(frozen=True, slots=True)
class FileText:
    """The text inside a file. `status` is text, scan, empty, encrypted, broken, too-large, too-hard or unknown; `note` says why.

    `tool` is what read it: with the same version the same bytes give the same text.
    """

    kind: str
    status: str
    text: str = ""
    pages: int | None = None
    note: str = ""
    tool: str = ""


@dataclass(slots=True)
class Document:
    """What a legal document says of itself. Dates are ISO 8601."""

    number: str | None = None
    issued: str | None = None
    issuer: str | None = None
    signer: str | None = None
    kind: str | None = None
    abstract: str | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A block that cleaning removed, the rule that removed it, and where in the page it stood."""

    rule: str
    text: str
    place: Place | None = field(default=None, compare=False)


@dataclass(slots=True)
class Article:
    """A cleaned page, field by field as the contract has it (docs/contract.md). What was not found is None or empty.

    Dates are ISO 8601 with an offset; a date without a time stays a date. Without `text` the page was a list, a form or empty, and `cuts` says
    what stood there. `places` says by field where in the page it was read, for `text` each paragraph, for `images` and `captions` each image.
    """

    url: str
    title: str | None = None
    lead: str | None = None
    text: str = ""
    html: str = ""
    authors: list[str] = field(default_factory=list)
    source: str | None = None
    published: str | None = None
    modified: str | None = None
    section: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    language: str | None = None
    images: list[Image] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    document: Document | None = None
    capture: dict[str, str] | None = None
    cleaner: dict[str, str | None] = field(default_factory=dict)
    cuts: list[Cut] = field(default_factory=list)
    places: dict[str, list[Place | None]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The article as the contract's JSON object, ready for `json.dumps`."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        for name in ("images", "attachments", "cuts"):
            plain[name] = [{part: getattr(item, part) for part in item.__slots__} for item in plain[name]]
        plain["document"] = asdict(self.document) if self.document else None
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Article:
        """The inverse of `to_dict`."""
        made = dict(plain)
        made["images"] = [Image(**i) for i in plain["images"]]
        made["attachments"] = [Attachment(**a) for a in plain["attachments"]]
        made["document"] = Document(**plain["document"]) if plain.get("document") else None
        made["cuts"] = [Cut(c["rule"], c["text"], _place(c.get("place"))) for c in plain["cuts"]]
        made["places"] = {name: [_place(p) for p in every] for name, every in plain.get("places", {}).items()}
        return cls(**made)


def _place(plain: list[int] | None) -> Place | None:
    """A place as JSON has it."""
    return None if plain is None else (int(plain[0]), int(plain[1]))
