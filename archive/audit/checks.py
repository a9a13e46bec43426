"""The list of checks. A new one is a function, a line here, and the damage it must notice (tests/damaged)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive.audit import file_checks, record_checks, robots_checks, site_checks, table_checks
from archive.audit.record_checks import Inspected, Problem
from archive.audit.table_checks import Clean
from archive.retrieve import Reader
from archive.store.reading import Reading


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """Looks at one record; what it finds is about that record. Records whose member is broken do not come to it."""

    name: str
    run: Callable[[Inspected], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class TableCheck:
    """Looks at a whole archive, at the rows of `table`."""

    name: str
    run: Callable[[Reading], Iterator[Problem]]
    table: str


@dataclass(frozen=True, slots=True)
class CleaningCheck:
    """Looks at a whole archive and needs the cleaner for it."""

    name: str
    run: Callable[[Reader, Reading, Clean], Iterator[Problem]]
    table: str


@dataclass(frozen=True, slots=True)
class FileCheck:
    """Looks at a whole archive and reads its files again."""

    name: str
    run: Callable[[Reader, Reading], Iterator[Problem]]
    table: str


# The member itself is read before any of these: it decompresses exactly and holds one record.
MEMBER = "member"

CHECKS: tuple[RecordCheck | TableCheck | CleaningCheck | FileCheck, ...] = (
    TableCheck("database", table_checks.database, "pages"),
    TableCheck("foreign-keys", table_checks.foreign_keys, "records"),
    TableCheck("parts", table_checks.parts, "parts"),
    TableCheck("adopted", table_checks.adopted, "runs"),
    RecordCheck("head", record_checks.head),
    RecordCheck("block-digest", record_checks.block_digest),
    RecordCheck("payload-digest", record_checks.payload_digest),
    RecordCheck("row", record_checks.row),
    RecordCheck("capture", record_checks.capture),
    RecordCheck("links", record_checks.links),
    RecordCheck("revisit", record_checks.revisit),
    TableCheck("request", table_checks.request, "captures"),
    TableCheck("belonging", table_checks.belonging, "captures"),
    TableCheck("rules", table_checks.rules, "rules"),
    CleaningCheck("articles", table_checks.articles, "revisions"),
    CleaningCheck("site-models", site_checks.site_models_again, "site_models"),
    TableCheck("search", table_checks.search, "articles"),
    TableCheck("facets", table_checks.facets, "articles"),
    FileCheck("file-texts", file_checks.file_texts_again, "file_texts"),
    FileCheck("file-offers", file_checks.file_offers, "file_offers"),
    FileCheck("robots", robots_checks.robots_again, "robots"),
    TableCheck("frontier", table_checks.frontier, "frontier"),
    TableCheck("runs", table_checks.runs, "runs"),
    TableCheck("facts", table_checks.facts, "refusals"),
)
NAMES: tuple[str, ...] = (MEMBER, *(check.name for check in CHECKS))
