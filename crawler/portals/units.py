"""The provincial units of Vietnam as dated data: what each is called, where its portal is, what became of it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from archive.urls import slug

# What may stand before a unit's name, and what its people call it besides.
_KINDS = re.compile(r"^(?:tinh|thanh-pho|tp)-(?=.)")
_CALLED = {
    "hcm": "ho-chi-minh", "hcmc": "ho-chi-minh", "sai-gon": "ho-chi-minh", "tphcm": "ho-chi-minh",
    "brvt": "ba-ria-vung-tau", "vung-tau": "ba-ria-vung-tau", "dac-lac": "dak-lak", "dac-nong": "dak-nong",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A province or centrally run city. `until` is the last day it existed; `successor` the code of what it became part of.

    `kind` is Tỉnh or Thành phố as of 2026, `gso` the statistical office's code (both only of today's units), `iso` the ISO 3166-2
    code it had before the mergers. `seen` says how well its host is attested (A pages, S sub-sites, L lists, U a guess).
    """

    code: str
    name: str
    kind: str
    gso: str
    iso: str
    hosts: tuple[str, ...]
    until: date | None
    successor: str | None
    former_name: str | None
    former_hosts: tuple[str, ...]
    seen: str

    @property
    def names(self) -> Iterator[str]:
        """Everything it may be called by, folded."""
        yield self.code
        if self.former_name:
            yield slug(self.former_name)
        yield from (other for other, code in _CALLED.items() if code == self.code)


@cache
def units() -> dict[str, Unit]:
    """All units by code: today's 34 first, then the former ones."""
    text = (files("crawler.portals") / "units.tsv").read_text("utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return {row["code"]: _unit(row) for row in rows}


def unit(called: str) -> Unit | None:
    """The unit that goes by this name: its code or its name, with or without diacritics and what kind of unit it is."""
    name = slug(called)
    by_name = {n: u for u in units().values() for n in u.names}
    return by_name.get(name) or by_name.get(_KINDS.sub("", name))


def formed_from(code: str) -> list[Unit]:
    """The former units that became part of the unit `code`."""
    return [u for u in units().values() if u.successor == code]


def _unit(row: dict[str, str]) -> Unit:
    return Unit(
        code=row["code"], name=row["name"], kind=row["kind"], gso=row["gso"], iso=row["iso"],
        hosts=tuple(row["hosts"].split()), until=date.fromisoformat(row["until"]) if row["until"] else None,
        successor=row["successor"] or None, former_name=row["former_name"] or None,
        former_hosts=tuple(row["former_hosts"].split()), seen=row["seen"],
    )  # fmt: skip
