"""A portal's profile: one TOML file without control flow, checked whole when it is loaded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive import say
from archive.errors import Misuse
from archive.urls import slug, tidy
from crawler.hours import Hours
from crawler.portals.units import Unit, unit, units
from crawler.portals.ways import denied_on, of_platform, ways
from crawler.spiders.paging import Paging

if TYPE_CHECKING:
    from archive import Rules

_Keys = Mapping[str, tuple[type, bool]]
# key → (type, whether it must be there); the whole language of profiles.
_TOP: _Keys = {
    "code": (str, True),
    "name": (str, True),
    "starts": (list, True),
    "platform": (str, False),
    "former_names": (list, False),
    "listing": (dict, False),
    "sources": (dict, False),
    "scope": (dict, False),
    "pace": (dict, False),
    "budget": (dict, False),
    "tls": (dict, False),
    "canonical": (dict, False),
    "proxy": (str, False),
    "cleaning": (list, False),
}
_SECTIONS: Mapping[str, _Keys] = {
    "listing": {"articles": (str, True), "pages": (str, False), "paging": (list, False)},
    "sources": {"sitemaps": (list, False), "feeds": (list, False)},
    "scope": {"allow": (list, False), "deny": (list, False)},
    "pace": {"delay": (float, False), "parallel": (int, False), "hours": (str, False)},
    "budget": {"pages": (int, False), "bytes": (int, False), "minutes": (float, False)},
    "tls": {"strict": (bool, False), "ciphers": (str, False), "minimum": (str, False)},
    "canonical": {"drop": (list, False), "same": (dict, False)},
}


@dataclass(frozen=True)
class Limits:
    """When a crawl has had enough; 0 means never. Seconds and bytes."""

    pages: int = 0
    bytes: int = 0
    seconds: float = 0

    def over(self, other: Limits) -> Limits:
        """These limits, and the other's where these say nothing."""
        return Limits(self.pages or other.pages, self.bytes or other.bytes, self.seconds or other.seconds)


@dataclass(frozen=True)
class Profile:
    """Where a crawl starts, how far it goes and at what pace.

    `articles` and `pages` are searched in path and query of a link: the first marks articles, the second further pages of a list.
    Without `articles` every link within `hosts` and `prefix` is followed. `paging` are the ways in which lists go on where no link leads, the
    profile's own before those of its platform. `sitemaps` are those to be read, None: those that robots.txt names, `feeds` are read besides
    those that pages name. What `deny` finds is never asked for, the platform's own among it.
    `delay` is in seconds between two requests to one host; outside of `hours` nothing
    is asked; each run ends at its `budget`, unless it is told another.
    `drop` (names in the query that mean nothing) and `same` (pattern in the path, what stands for it) add to the platform's canonical forms.
    `tls_hosts` are hosts with a TLS policy of their own: what of strict, ciphers and minimum is another than the portal's.
    `proxy` is the address of an HTTP proxy that everything goes through. `source` is the TOML as it was read; each run deposits it.
    With `only` nothing is visited but these addresses and what they need.
    `portal` is False for a plain address, which is crawled by links.
    """

    code: str
    name: str
    starts: tuple[str, ...]
    platform: str | None = None
    former_names: tuple[str, ...] = ()
    prefix: str = "/"
    articles: re.Pattern[str] | None = None
    pages: re.Pattern[str] | None = None
    paging: tuple[Paging, ...] = field(default_factory=lambda: of_platform(None))
    sitemaps: tuple[str, ...] | None = None
    feeds: tuple[str, ...] = ()
    allow: tuple[re.Pattern[str], ...] = ()
    deny: tuple[re.Pattern[str], ...] = ()
    delay: float = 2.0
    parallel: int = 1
    hours: Hours | None = None
    budget: Limits = field(default_factory=Limits)
    strict_tls: bool = False
    ciphers: str | None = None
    minimum_tls: str = "1.2"
    tls_hosts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    same: tuple[tuple[re.Pattern[str], str], ...] = ()
    proxy: str | None = None
    rules: Rules | None = None
    source: bytes = b""
    only: tuple[str, ...] = ()
    portal: bool = True

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts (with their port, if it is not the scheme's) that a crawl of this portal may ask."""
        return frozenset(urlsplit(start).netloc for start in self.starts)

    def patch(self, urls: Iterable[str]) -> Profile:
        """The same portal for a crawl of single addresses. Raises Misuse for one that is not the portal's."""
        wanted = tuple(dict.fromkeys(of_url(url).starts[0] for url in urls))
        for url in wanted:
            if urlsplit(url).netloc not in self.hosts and not any(p.search(url) for p in self.allow):
                raise Misuse(say("{url} is not an address of {portal}: leave the portal out, or name the right one", url=url, portal=self.code))
        return replace(self, only=wanted)


def of_url(url: str) -> Profile:
    """The profile of a plain URL: its host and everything below its folder, by links.

    Raises Misuse if `url` is no http or https address.
    """
    try:
        start = tidy(url)
        parts = urlsplit(start)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misuse(
            say("{url} is no address that can be crawled: write it as http://host/path or https://host/path", url=url)
        )
    prefix = parts.path[: parts.path.rfind("/") + 1]
    return Profile(
        code=parts.netloc + (prefix if prefix != "/" else ""), name=parts.netloc, starts=(start,), prefix=prefix, portal=False
    )


def load(path: Path | Traversable) -> Profile:
    """The profile in the file at `path`. Raises Misuse naming file, key and mend if it could not work."""
    where = str(path)
    try:
        source = path.read_bytes()
        plain = tomllib.loads(source.decode("utf-8"))
    except OSError as problem:
        raise Misuse(say("{file} cannot be read: {why}", file=where, why=problem.strerror)) from problem
    except UnicodeDecodeError as problem:
        raise Misuse(say("{file} is not UTF-8: save it as UTF-8", file=where)) from problem
    except tomllib.TOMLDecodeError as problem:
        raise Misuse(say("{file} is not TOML: {why}", file=where, why=problem)) from problem
    return _checked(plain, where, source)


def bundled() -> list[Profile]:
    """The profiles that come with the product, by code."""
    found = [load(f) for f in files("crawler.portals").iterdir() if f.name.endswith(".toml")]
    return sorted(found, key=lambda p: p.code)


def named(called: str, own: Mapping[str, Profile] | None = None) -> Profile:
    """The profile of the portal called so: by its code or name, with or without diacritics; one's own before the bundled.

    A province without a profile is crawled from its portal's home page, by links: what platform it is on shows on the pages.
    Raises Misuse naming the nearest known portal.
    """
    own = own or {}
    bundles = {p.code: p for p in bundled()}
    found = unit(called)
    for code in (called, slug(called), found.code if found else ""):
        if profile := own.get(code) or bundles.get(code):
            return profile
    if found is not None:
        return of_unit(found)
    known = [*own, *bundles, *units()]
    near = get_close_matches(slug(called), known, n=1)
    mend = say("did you mean {near}?", near=near[0]) if near else say("`tangthu portals` lists the known ones")
    raise Misuse(say("No portal is called {code}: {mend}", code=called, mend=mend))


def of_unit(found: Unit) -> Profile:
    """The profile of a province for which none is written yet: its portal's home pages, by links within their hosts."""
    return Profile(found.code, found.name, tuple(f"https://{host}/" for host in found.hosts))


def patches(urls: Iterable[str], own: Mapping[str, Profile] | None = None) -> list[Profile]:
    """Profiles for a crawl of single addresses of any hosts: each under the portal that its host belongs to, else under its host."""
    known = [*(own or {}).values(), *bundled(), *map(of_unit, units().values())]
    by_code: dict[str, tuple[Profile, list[str]]] = {}
    for url in urls:
        plain = of_url(url)
        host = urlsplit(plain.starts[0]).netloc
        whole = Profile(host, host, (f"{urlsplit(plain.starts[0]).scheme}://{host}/",))
        profile = next((p for p in known if host in p.hosts), whole)
        by_code.setdefault(profile.code, (profile, []))[1].append(url)
    return [profile.patch(wanted) for profile, wanted in by_code.values()]


def _checked(plain: dict[str, Any], where: str, source: bytes) -> Profile:
    _keys(plain, _TOP, where, "")
    # A table in [tls] is that of a host.
    tls_hosts = {key: value for key, value in plain.get("tls", {}).items() if isinstance(value, dict)}
    for section, keys in _SECTIONS.items():
        given = plain.get(section, {})
        _keys({k: v for k, v in given.items() if k not in tls_hosts} if section == "tls" else given, keys, where, section + ".")
    for host, own in tls_hosts.items():
        _keys(own, _SECTIONS["tls"], where, f"tls.{host}.")
        _version(own.get("minimum", "1.2"), where)
    listing, scope, sources = plain.get("listing", {}), plain.get("scope", {}), plain.get("sources", {})
    pace, tls, canonical = plain.get("pace", {}), plain.get("tls", {}), plain.get("canonical", {})
    starts = plain["starts"]
    if not starts:
        raise Misuse(say("{file}: starts is empty: give at least one address", file=where))
    return Profile(
        code=plain["code"],
        name=plain["name"],
        starts=_addresses(starts, where, "starts"),
        platform=plain.get("platform"),
        former_names=tuple(plain.get("former_names", ())),
        articles=_pattern(listing.get("articles"), where, "listing.articles"),
        pages=_pattern(listing.get("pages"), where, "listing.pages"),
        paging=(*ways(listing.get("paging", []), where), *of_platform(plain.get("platform"))) if listing.get("paging") != [] else (),
        sitemaps=_addresses(sources["sitemaps"], where, "sources.sitemaps") if "sitemaps" in sources else None,
        feeds=_addresses(sources.get("feeds", []), where, "sources.feeds"),
        allow=tuple(p for a in scope.get("allow", ()) if (p := _pattern(a, where, "scope.allow"))),
        deny=(*(p for d in scope.get("deny", ()) if (p := _pattern(d, where, "scope.deny"))), *denied_on(plain.get("platform"))),
        delay=float(pace.get("delay", 2.0)),
        parallel=int(pace.get("parallel", 1)),
        hours=_hours(pace.get("hours"), where),
        budget=_budget(plain.get("budget", {}), where),
        strict_tls=tls.get("strict", False),
        ciphers=tls.get("ciphers"),
        minimum_tls=_version(tls.get("minimum", "1.2"), where),
        tls_hosts=tls_hosts,
        drop=tuple(canonical.get("drop", ())),
        same=tuple((p, by) for old, by in canonical.get("same", {}).items() if (p := _pattern(old, where, "canonical.same"))),
        proxy=_proxy(plain.get("proxy"), where),
        rules=_rules(plain, where),
        source=source,
    )


def _addresses(urls: list[str], where: str, key: str) -> tuple[str, ...]:
    """Whole addresses, tidied."""
    for url in urls:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise Misuse(say("{file}: {key}: {url} is no http or https address", file=where, key=key, url=url))
    return tuple(tidy(url) for url in urls)


def _hours(text: str | None, where: str) -> Hours | None:
    try:
        return Hours.of(text) if text is not None else None
    except ValueError as problem:
        raise Misuse(say("{file}: pace.hours: {text}: write it as 20:00-06:00, in Vietnam's time", file=where, text=text)) from problem


def _budget(plain: Mapping[str, Any], where: str) -> Limits:
    for key, value in plain.items():
        if value <= 0:
            raise Misuse(say("{file}: {key}: give a number above 0, or leave it out", file=where, key=f"budget.{key}"))
    return Limits(plain.get("pages", 0), plain.get("bytes", 0), 60.0 * plain.get("minutes", 0))


def _rules(plain: dict[str, Any], where: str) -> Rules | None:
    """The portal's own cleaning rules on top of its platform's, or the platform's alone."""
    if not plain.get("platform") and not plain.get("cleaning"):
        return None
    from archive import Rules  # noqa: PLC0415  # a plain address has none, and starts without them

    return Rules.of_portal(plain.get("platform"), plain.get("cleaning", []), where=where)


def _version(text: str, where: str) -> str:
    if text not in ("1.0", "1.1", "1.2", "1.3"):
        raise Misuse(say("{file}: tls.minimum: {version} is no version of TLS: write 1.0, 1.1, 1.2 or 1.3", file=where, version=text))
    return text


def _proxy(text: str | None, where: str) -> str | None:
    """The proxy's address, if it is one that a tunnel can be asked of."""
    if text is not None and (urlsplit(text).scheme != "http" or not urlsplit(text).hostname or "@" in urlsplit(text).netloc):
        raise Misuse(say("{file}: proxy: {url} is no HTTP proxy: write it as http://host:port", file=where, url=text))
    return text


def _keys(table: dict[str, Any], known: _Keys, where: str, at: str) -> None:
    for key, value in table.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            mend = (
                say("did you mean {near}?", near=near[0]) if near else say("known keys: {keys}", keys=", ".join(known))
            )
            raise Misuse(say("{file}: unknown key {key}: {mend}", file=where, key=at + key, mend=mend))
        wanted = known[key][0]
        if not isinstance(value, (int, float) if wanted is float else wanted) or (
            wanted is int and isinstance(value, bool)
        ):
            raise Misuse(say("{file}: {key} must be of type {type}", file=where, key=at + key, type=wanted.__name__))
        if isinstance(value, list) and at + key not in ("cleaning", "listing.paging") and not all(isinstance(item, str) for item in value):
            raise Misuse(say("{file}: {key} must be a list of strings", file=where, key=at + key))
    for key, (_, needed) in known.items():
        if needed and key not in table and (not at or table):
            raise Misuse(say("{file}: {key} is missing: add it", file=where, key=at + key))


def _pattern(text: str | None, where: str, key: str) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        return re.compile(text)
    except re.error as problem:
        raise Misuse(
            say("{file}: {key}: {text} is no regular expression: {why}", file=where, key=key, text=text, why=problem)
        ) from problem
