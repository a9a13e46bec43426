"""An article and its parts, as cleaning makes them and the archive keeps them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

# Between which points of a page's tree a piece lies: 4n is before the n-th element's start tag, 4n+1 behind it, 4n+2 before its end, 4n+3 behind it.
Place = tuple[int, int]


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


class Draft(NamedTuple):
    """An article made ready to be kept (`archive.draft`), so that this can be done beside the crawl.

    `packed` is its JSON without its capture, `length` how many bytes of UTF-8 that is, `content_sha256` what tells whether it says something
    new, `folded` title and text as the search index holds them, `facets` what lists are narrowed by, `rules` digest and canonical JSON of the
    rules it was cleaned by; `layer` and `container` say who found the body and where, `says` (64 bits, signed) by what copies are known.
    """

    url: str
    key: str
    title: str | None
    published: str | None
    packed: bytes
    length: int
    content_sha256: bytes
    folded: tuple[str, str]
    rules: tuple[str, str] | None
    cleaner: str
    facets: tuple[tuple[str, str], ...] = ()
    layer: str | None = None
    container: str | None = None
    says: int = 0


def _place(plain: list[int] | None) -> Place | None:
    """A place as JSON has it."""
    return None if plain is None else (int(plain[0]), int(plain[1]))
