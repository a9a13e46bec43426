"""Cleaning rules: data that says where a platform or a portal puts the parts of an article, and since when."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from functools import cache, cached_property
from importlib import resources
from typing import Any

from archive.cleaning.parse import Page, parse
from archive.cleaning.selectors import NONE, Selector, Selectors, selector
from archive.errors import Misuse
from archive.words import say

# What can be looked for, each with a list of CSS selectors in order of preference.
PARTS = (
    "container", "title", "lead", "published", "modified", "byline", "source", "image", "caption", "attachment",
    "section", "tags", "list",
)  # fmt: skip
_KEYS = ("platform", "extends", "recognise", "find", "drop", "period", "needs", "shapes", "learned")
_RECOGNISE = ("needs", "elements", "marks", "addresses")
PLAIN = "plain"
_FORMAT = 1


@dataclass(frozen=True)
class Recognition:
    """How a platform gives itself away: by `needs` of these together, each weak alone.

    `elements` are CSS selectors, `marks` words in the source, `addresses` patterns of the page's own address.
    """

    needs: int = 1
    elements: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    def evidence(self, page: Page, shown: Container[str] | None = None) -> list[str]:
        """What of it this page shows; `shown` are those of the elements that are known to be there, if that has been looked at.

        The source is searched only if an element tells: a page of a platform bears its marks on its elements too, and
        these are found in the page's index, where a search of 48 kB for 29 words takes 0.4 ms.
        """
        if shown is None:
            told = self._told_by.keys() & page.index.keys()
            shown = {css for name in told for css in self._told_by[name] if selector(css).all(page)}
        seen = [css for css in self.elements if css in shown]
        if seen:
            seen += [m for m in self.marks if m.encode() in page.source]
        return seen + [a.pattern for a in self._places if a.search(page.url)]

    def placed(self, url: str) -> bool:
        """Whether a page's address alone tells anything."""
        return any(a.search(url) for a in self._places)

    @cached_property
    def _places(self) -> list[re.Pattern[str]]:
        return [re.compile(a) for a in self.addresses]

    @cached_property
    def _told_by(self) -> dict[str, list[str]]:
        """The elements by the name that a page's index must hold for them: few pages hold many, so most are never looked for."""
        told: dict[str, list[str]] = {}
        for css in self.elements:
            told.setdefault(selector(css).name, []).append(css)
        return told


@dataclass(frozen=True)
class Rules:
    """Rules of one platform or portal. `find` names selectors by part, `drop` by the name of the cut they make.

    `periods` are former rules, each with the last day it held, oldest first; `on` picks. What `extends` named is
    already merged in, so that the serialised form alone repeats a cleaning. `learned` are the rules of a site model, each
    for one make of pages (archive/cleaning/site): the first that fits is used where the others find no article. Rules hold
    only for pages that show all of `needs` and whose address has one of `shapes`, if there are any.
    """

    platform: str | None = None
    recognition: Recognition = field(default_factory=Recognition)
    find: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    periods: tuple[tuple[date, Rules], ...] = ()
    needs: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    learned: tuple[Rules, ...] = ()

    @classmethod
    def parse(cls, toml_text: str, where: str) -> Rules:
        """Rules written in TOML. Raises Misuse naming `where`, the key and the mend."""
        try:
            table = tomllib.loads(toml_text)
        except tomllib.TOMLDecodeError as e:
            raise Misuse(say("{where} is not valid TOML: {error}.", where=where, error=e)) from e
        return cls.of(table, where)

    @classmethod
    def of(cls, table: Mapping[str, Any], where: str) -> Rules:
        """Rules from a table as TOML or JSON give it. Raises Misuse naming `where`, the key and the mend."""
        _known(table, _KEYS, where, "")
        base = _extended(table.get("extends"), where)
        own = cls(
            platform=_text(table, "platform", where) or base.platform,
            recognition=_recognition(table["recognise"], where) if "recognise" in table else base.recognition,
            find=_merged(_selectors(table.get("find", {}), where, "find", PARTS), base.find),
            # In the order of the canonical form: what is cleaned by rules as they were written is cleaned again by rules as they were kept.
            drop=dict(sorted(_merged(_selectors(table.get("drop", {}), where, "drop", None), base.drop).items())),
        )
        needs = _selectors({"needs": table.get("needs", [])}, where, "", None)["needs"]
        own = replace(own, needs=needs, shapes=_texts(table.get("shapes", []), where, "shapes"))
        learned = tuple(cls.of(t, say("{where}, learned", where=where)) for t in _tables(table, "learned", where))
        return replace(own, periods=_periods(table.get("period", []), where, own.platform), learned=learned)

    @classmethod
    def of_portal(cls, platform: str | None, blocks: Sequence[Any], where: str) -> Rules:
        """A portal's rules on top of its platform's.

        `blocks` are tables with `find`, `drop`, `extends` (another platform) and `until` (the last day they held); the
        one without `until` is today's. Raises Misuse as `of` does.
        """
        today: list[dict[str, Any]] = []
        former: list[dict[str, Any]] = []
        for block in blocks:
            if not isinstance(block, Mapping):
                raise Misuse(_no_tables(where, "cleaning"))
            named = {"extends": platform, **block} if platform else dict(block)
            (former if "until" in block else today).append(named)
        if len(today) > 1:
            raise Misuse(say("{where}: two [[cleaning]] tables have no until; give the older one the last day it held.", where=where))
        current = today[0] if today else {"extends": platform} if platform else {}
        return cls.of({**current, "period": former}, where)

    @classmethod
    def load(cls, serialised: bytes) -> Rules:
        """The inverse of `serialised`. Raises Misuse if the bytes are not rules of this format."""
        where = say("the stored rules")
        try:
            table = json.loads(serialised)
        except ValueError as e:
            raise Misuse(say("{where} are not JSON: {error}.", where=where, error=e)) from e
        if not isinstance(table, dict) or table.pop("format", None) != _FORMAT:
            raise Misuse(
                say("{where} are of another format than {format}: read them with the version that wrote them.", where=where, format=_FORMAT)
            )
        return cls.of(table, where)

    @classmethod
    def bundled(cls, digest: str) -> Rules | None:
        """The bundled rules with this digest, if any: those with which `clean` recognised a page by itself."""
        return known(digest)

    @staticmethod
    def platform_of(html: bytes, url: str, charset: str | None = None) -> str | None:
        """The platform that a page shows, as `clean` recognises it; None if it shows none."""
        page = parse(html, url, charset)
        return None if page is None else recognise(page)[0].platform

    def serialised(self) -> bytes:
        """The rules as canonical JSON: equal rules give equal bytes."""
        return json.dumps(
            {"format": _FORMAT, **self.table()}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()

    @cached_property
    def digest(self) -> str:
        """`sha256:` and the hex digest of `serialised`."""
        return "sha256:" + hashlib.sha256(self.serialised()).hexdigest()

    def on(self, day: date) -> Rules:
        """The rules that held on `day`: of the periods that reach it the one that ended first, else today's."""
        for until, rules in self.periods:
            if day <= until:
                return rules
        return replace(self, periods=()) if self.periods else self

    def among(self, digest: str) -> Rules | None:
        """The rules with this digest: these, these without what was learned, or what was learned."""
        return next((r for r in (self, self.given, *self.learned) if r.digest == digest), None)

    @cached_property
    def given(self) -> Rules:
        """The rules without what was learned."""
        return replace(self, learned=()) if self.learned else self

    @property
    def only_learned(self) -> bool:
        """Whether nobody wrote these rules: without what was learned, a page's platform is to be recognised."""
        return bool(self.learned) and not self.find and not self.drop

    @cached_property
    def required(self) -> list[Selector]:
        """The compiled `needs`."""
        return [selector(css) for css in self.needs]

    def selectors(self, part: str) -> Selectors:
        """The compiled selectors for a part, best first."""
        return self._compiled.get(part, NONE)

    @cached_property
    def _compiled(self) -> dict[str, Selectors]:
        return {part: Selectors(map(selector, every)) for part, every in self.find.items()}

    @cached_property
    def drops(self) -> list[tuple[str, Selectors]]:
        """Cut names with their compiled selectors."""
        return [(name, Selectors(map(selector, every))) for name, every in self.drop.items()]

    def table(self) -> dict[str, Any]:
        """The rules as `of` reads them."""
        seen = self.recognition
        table: dict[str, Any] = {
            "recognise": {
                "needs": seen.needs,
                "elements": list(seen.elements),
                "marks": list(seen.marks),
                "addresses": list(seen.addresses),
            },
            "find": {k: list(v) for k, v in self.find.items()},
            "drop": {k: list(v) for k, v in self.drop.items()},
            "period": [{"until": day.isoformat(), **rules.table()} for day, rules in self.periods],
        }
        if self.platform:
            table["platform"] = self.platform
        if self.needs:
            table["needs"] = list(self.needs)
        if self.shapes:
            table["shapes"] = list(self.shapes)
        if self.learned:
            table["learned"] = [rules.table() for rules in self.learned]
        return table


@cache
def platforms() -> dict[str, Rules]:
    """The bundled rules by platform, `plain` (for pages of no known platform) among them."""
    folder = resources.files("archive.cleaning") / "platforms"
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml"))
    return {n[:-5]: Rules.parse((folder / n).read_text("utf-8"), f"platforms/{n}") for n in names}


def known(digest: str) -> Rules | None:
    """The bundled rules with this digest, if any."""
    return next((r for r in platforms().values() if r.digest == digest), None)


def recognise(page: Page) -> tuple[Rules, list[str]]:
    """The bundled rules that fit a page best, with the evidence; the plain ones if none fits."""
    best, why = platforms()[PLAIN], list[str]()
    telling, telling_of, placed = _tellers()
    shown = {one.css for key in telling.keys() & page.index.keys() for one in telling[key] if one.all(page)}
    told = {name for css in shown for name in telling_of[css]}
    for name, rules in platforms().items():
        if name not in told and not (name in placed and rules.recognition.placed(page.url)):
            continue
        evidence = rules.recognition.evidence(page, shown)
        if len(evidence) >= rules.recognition.needs and len(evidence) > len(why):
            best, why = rules, evidence
    return best, why


@cache
def _tellers() -> tuple[dict[str, list[Selector]], dict[str, list[str]], frozenset[str]]:
    """The elements that tell of platforms by what a page's index must hold for them, their platforms, and those that addresses alone tell of."""
    telling: dict[str, list[Selector]] = {}
    of: dict[str, list[str]] = {}
    for name, rules in platforms().items():
        for css in rules.recognition.elements:
            if css not in of:
                telling.setdefault(selector(css).name, []).append(selector(css))
            of.setdefault(css, []).append(name)
    alone = (n for n, r in platforms().items() if n != PLAIN and len(r.recognition.addresses) >= r.recognition.needs)
    return telling, of, frozenset(alone)


def _extended(name: object, where: str) -> Rules:
    if name is None:
        return Rules()
    if name not in platforms():
        mend = _closest(str(name), platforms())
        raise Misuse(say("{where}: extends names the platform {name}, which is not known{mend}.", where=where, name=repr(name), mend=mend))
    return platforms()[str(name)]


def _known(table: Mapping[str, Any], keys: tuple[str, ...], where: str, at: str) -> None:
    for key in table:
        if key not in keys:
            raise Misuse(say("{where}: unknown key {key}{mend}.", where=where, key=f"{at}{key}", mend=_closest(key, keys)))


def _closest(word: str, words: Any) -> str:
    near = get_close_matches(word, list(words), 1, 0.5)
    return say("; did you mean {word}", word=near[0]) if near else say("; known are {words}", words=", ".join(words))


def _text(table: Mapping[str, Any], key: str, where: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise Misuse(say("{where}: {key} must be a text, not {value}.", where=where, key=key, value=repr(value)))
    return value


def _texts(value: object, where: str, key: str) -> tuple[str, ...]:
    every = [value] if isinstance(value, str) else value
    if not isinstance(every, list) or not all(isinstance(v, str) and v for v in every):
        raise Misuse(say("{where}: {key} must be a list of texts, not {value}.", where=where, key=key, value=repr(value)))
    return tuple(every)


def _selectors(
    table: object, where: str, section: str, keys: tuple[str, ...] | None
) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, Mapping):
        raise Misuse(say("{where}: {key} must be a table.", where=where, key=section))
    if keys is not None:
        _known(table, keys, where, f"{section}.")
    made = {}
    for key, value in table.items():
        made[key] = _texts(value, where, f"{section}.{key}")
        for css in made[key]:
            try:
                selector(css)
            except ValueError as e:
                raise Misuse(
                    say(
                        "{where}: {key} holds {value}, which is not a CSS selector: {error}.",
                        where=where, key=f"{section}.{key}", value=repr(css), error=e,
                    )
                ) from e  # fmt: skip
    return made


def _merged(
    own: Mapping[str, tuple[str, ...]], inherited: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Own selectors before inherited ones, each once. An empty own list switches the inherited ones off."""
    made = dict(inherited)
    for key, every in own.items():
        made[key] = tuple(dict.fromkeys((*every, *inherited.get(key, ())))) if every else ()
    return made


def _recognition(table: object, where: str) -> Recognition:
    if not isinstance(table, Mapping):
        raise Misuse(say("{where}: {key} must be a table.", where=where, key="recognise"))
    _known(table, _RECOGNISE, where, "recognise.")
    needs = table.get("needs", 1)
    if not isinstance(needs, int) or isinstance(needs, bool) or needs < 1:
        raise Misuse(say("{where}: recognise.needs must be a number from 1, not {value}.", where=where, value=repr(needs)))
    addresses = _texts(table.get("addresses", []), where, "recognise.addresses")
    for pattern in addresses:
        try:
            re.compile(pattern)
        except re.error as e:
            raise Misuse(
                say("{where}: recognise.addresses holds {value}, which is not a pattern: {error}.", where=where, value=repr(pattern), error=e)
            ) from e
    elements = _selectors({"elements": table.get("elements", [])}, where, "recognise", None)["elements"]
    return Recognition(needs, elements, _texts(table.get("marks", []), where, "recognise.marks"), addresses)


def _tables(table: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise Misuse(_no_tables(where, key))
    return value


def _no_tables(where: str, key: str) -> str:
    return say("{where}: {key} must be an array of tables: write [[{key}]].", where=where, key=key)


def _periods(tables: object, where: str, platform: str | None) -> tuple[tuple[date, Rules], ...]:
    if not isinstance(tables, list):
        raise Misuse(_no_tables(where, "period"))
    made = []
    for table in tables:
        rest = dict(table)
        until = rest.pop("until", None)
        try:
            until = date.fromisoformat(until) if isinstance(until, str) else until
        except ValueError:
            until = None
        if not isinstance(until, date):
            raise Misuse(say("{where}: each period needs until, the last day it held, such as until = 2025-06-30.", where=where))
        rest.setdefault("platform", platform) if "extends" not in rest and platform else None
        made.append((until, Rules.of(rest, say("{where}, period until {day}", where=where, day=until))))
    return tuple(sorted(made, key=lambda p: p[0]))
