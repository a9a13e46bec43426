"""Addresses of the same page: which one stands for the others, and why. Pure.

What may be left out is data (crawler/spiders/forms.toml, and a profile's [canonical]); what a page itself says (rel=canonical) is never
followed: portals were met whose every trap names itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import translate
from functools import cache
from importlib.resources import files
from typing import Any

from archive.model import Alias
from crawler.fingerprints import Fingerprints
from crawler.portals.profile import Profile
from crawler.portals.ways import denied_on
from crawler.spiders.reading import Named

Same = tuple[tuple[re.Pattern[str], str], ...]
_SESSION = re.compile(r"(?i)sess(?:ion)?_?id|cfid|cftoken|p_auth")


class _Means:
    """What means nothing in the addresses of one platform and profile: names in the query, and parts of the path, or of path and query."""

    def __init__(self, platform: str | None, profile: Profile) -> None:
        sections = [_platforms().get(name, {}) for name in ("any", platform or "")]
        dropped = [mark for section in sections for mark in section.get("drop", ())] + list(profile.drop)
        self.drop = re.compile("|".join(_mark(mark) for mark in dropped), re.IGNORECASE)
        same: Same = (*(pair for section in sections for pair in _pairs(section.get("same", ()))), *profile.same)
        self.in_path = tuple(pair for pair in same if "\\?" not in pair[0].pattern)
        self.in_whole = tuple(pair for pair in same if "\\?" in pair[0].pattern)
        self.deny = profile.deny if profile.platform else (*profile.deny, *denied_on(platform))


class Forms:
    """The canonical form of a portal's addresses. It keeps in mind which arguments it has met, in whatever order.

    Where the profile names no platform, that of the page which names an address counts.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile, self._means = profile, dict[str | None, _Means]()
        self._starts = frozenset((*profile.starts, *profile.only))
        # The twin of a host with or without www, and of https what is still linked as http.
        self._hosts: dict[str, tuple[str, str]] = {}
        for start in profile.starts:
            self._stands(start.partition("://")[0], start.partition("://")[2].partition("/")[0])
        self._met = Fingerprints()

    def _stands(self, scheme: str, host: str) -> None:
        origin, twin = f"{scheme}://{host}", host[4:] if host.startswith("www.") else f"www.{host}"
        for other, reason in ((host, "scheme"), (twin, "www")):
            for before in ("http", "https") if scheme == "https" else ("http",):
                if (name := f"{before}://{other}") != origin:
                    self._hosts.setdefault(name, (origin, reason))
        self._hosts.pop(origin, None)

    def moved(self, origin: str, target: str) -> bool:
        """A redirect leads from one twin of a host to another: that one stands from now on. Whether it was such a redirect."""
        source, (scheme, _, rest) = _bare(origin), target.partition("://")
        host = rest.partition("/")[0]
        now = f"{scheme}://{host}"
        if _bare(now) != source or now == origin:
            return False
        for name, (stands, reason) in list(self._hosts.items()):
            if stands == origin:
                self._hosts[name] = (now, reason)
        self._hosts[origin] = (now, "www" if host != origin.partition("://")[2] else "scheme")
        self._hosts.pop(now, None)
        return True

    def met(self, url: str) -> None:
        """An address that is in the queue already, after a crawl was broken off."""
        if "&" in url:
            self._met.add(hash(url))
            self._met.add(_order(url))

    def _left_out(self, platform: str | None) -> _Means:
        name = self._profile.platform or platform
        if name not in self._means:
            self._means[name] = _Means(name, self._profile)
        return self._means[name]

    def of(self, url: str, platform: str | None = None) -> tuple[str, str]:
        """The address that stands for `url`, and why: www, scheme, session, query, print; itself and empty if it is that one."""
        means = self._left_out(platform)
        end = url.find("/", 8)
        origin = url[:end] if end > 0 else url
        stands, reason = self._hosts.get(origin, (origin, ""))
        rest = url[len(origin) :]
        path, mark, query = rest.partition("?")
        for pattern, by in means.in_path:
            changed = pattern.sub(by, path)
            if changed != path:
                path, reason = changed, "session" if "session" in pattern.pattern or "(S" in pattern.pattern else "print"
        if mark and means.drop.search(query):
            kept = [a for a in query.split("&") if not means.drop.fullmatch(a)]
            if len(kept) != query.count("&") + 1:
                reason = reason or ("session" if _SESSION.search(query) else "query")
                query = "&".join(kept)
                mark = "?" if query else ""
        for pattern, by in means.in_whole if mark else ():
            whole = f"{path}{mark}{query}"
            if (changed := pattern.sub(by, whole)) != whole:
                (path, mark, query), reason = changed.partition("?"), reason or "query"
        return (f"{stands}{path}{mark}{query}", reason) if reason else (url, "")

    def settle(self, named: Iterable[Named], via: str, platform: str | None = None) -> tuple[list[Named], list[Alias]]:
        """What the page `via` names, every page under the address that stands for it, and the aliases that this leaves out.

        What a page needs to be shown is asked for as it is named, so that it can be replayed.
        """
        found: dict[Named, None] = {}
        aliases: list[Alias] = []
        deny = self._left_out(platform).deny
        for url, kind in named:
            if kind in ("redirect", "requisite") or url in self._starts or any(p.search(url) for p in deny):
                found[url, kind] = None
                continue
            canonical, reason = self.of(url, platform)
            if kind in ("page", "list") and "&" in canonical:
                if hash(canonical) not in self._met and _order(canonical) in self._met:
                    aliases.append(Alias(url, _ordered(canonical), reason or "order", via))
                    continue
                self.met(canonical)
            if reason:
                aliases.append(Alias(url, canonical, reason, via))
            found[canonical, kind] = None
        return list(found), aliases


def _bare(origin: str) -> str:
    return origin.partition("://")[2].removeprefix("www.")


def _ordered(url: str) -> str:
    path, mark, query = url.partition("?")
    return f"{path}{mark}{'&'.join(sorted(query.split('&')))}"


def _order(url: str) -> int:
    return hash(("order", _ordered(url)))


def _mark(mark: str) -> str:
    name, equals, value = mark.partition("=")
    # The end that fnmatch puts is that of a whole argument.
    made = translate(name).removeprefix("(?s:").removesuffix(r")\Z")
    return f"(?:{made}={re.escape(value)})(?=&|$)" if equals else f"(?:{made.replace('.*', '[^=&]*')})(?:=[^&]*)?(?=&|$)"


def _pairs(plain: Iterable[Iterable[str]]) -> Same:
    return tuple((re.compile(pattern), by) for pattern, by in plain)


@cache
def _platforms() -> Mapping[str, dict[str, Any]]:
    return tomllib.loads(files("crawler.spiders").joinpath("forms.toml").read_text(encoding="utf-8"))
