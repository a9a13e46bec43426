"""Which of the addresses that a page names are visited, in which order, and why the others are not. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from archive.model import Link, Refusal
from archive.urls import tidy, unmade
from crawler.portals.profile import Profile
from crawler.portals.ways import denied_on
from crawler.spiders.paging import Ask, Paging
from crawler.spiders.reading import Named
from crawler.wire.addresses import may_be_public

# Lower goes first: what is new stands in lists, so lists before articles; what a page needs comes with the page.
PRIORITY = {"redirect": -10, "requisite": -5, "list": 0, "sitemap": 0, "feed": 0, "page": 10, "document": 20}
# RFC 9110, section 15.4: a client should detect redirect loops; ten is what browsers of 2026 halve and Scrapy doubles.
MAX_REDIRECTS = 10
# Depth of the longest path of requisites (page, stylesheet, import, import, picture).
MAX_EMBEDS = 5
HOPS = {"redirect": "R", "requisite": "E"}
# A sitemap index names sitemaps, which may not be indexes (sitemaps.org); so deep is followed nevertheless.
MAX_SITEMAPS = 3
# Feeds that pages name are read on lists and near the start: elsewhere they are of one article's comments.
FEEDS_WITHIN = 1
# Schemes whose addresses are worth a word when they are not followed; mailto:, tel: and the like are no pages.
NAMED_SCHEMES = ("ftp", "file", "data", "gopher", "ws", "wss")
# So much of an address that is all content is written down.
_SHOWN = 200


class Walk:
    """How one crawl walks: by the profile's listing if it has one, else by every link within host and path prefix."""

    def __init__(self, profile: Profile, *, own_host: bool = False) -> None:
        self._profile, self._own_host = profile, own_host
        self._hosts = {f"{scheme}://{host}" for host in profile.hosts for scheme in ("http", "https")}
        self._hosts |= {origin_of(start) for start in profile.starts}
        # The twin with or without www is the same portal.
        self._hosts |= {_twin(origin) for origin in self._hosts}
        self._begin = tuple(origin + profile.prefix for origin in self._hosts)

    def starts(self) -> list[Link]:
        """The links that a run begins with."""
        if self._profile.only:
            return [Link(url=url, kind="page") for url in self._profile.only]
        kind = "list" if self._profile.articles else "page"
        return [
            *(Link(url=start, kind=kind) for start in self._profile.starts),
            *(Link(url=url, kind="sitemap", priority=PRIORITY["sitemap"]) for url in self._profile.sitemaps or ()),
            *(Link(url=url, kind="feed", priority=PRIORITY["feed"]) for url in self._profile.feeds),
        ]

    def sources(self, origin: str, named: list[str], via: str) -> tuple[list[Link], list[Refusal]]:
        """As `sort`, for the sitemaps that the robots.txt `via` of a host names; of a portal that names none, the place where most have theirs.

        None if the profile says which sitemaps there are, or only a part of the host is crawled.
        """
        if self._profile.only or self._profile.sitemaps is not None or self._profile.prefix != "/" or origin not in self._hosts:
            return [], []
        guess = [f"{origin}/sitemap.xml"] if self._profile.portal else []
        return self.sort(Link(via), [(address, "sitemap") for address in named or guess])

    def ways(self, page: Link) -> tuple[Paging, ...]:
        """The ways in which lists on `page` may go on."""
        listed = page.kind == "list" or (page.kind == "page" and self._profile.articles is None)
        return self._profile.paging if listed and not self._profile.only else ()

    def further(self, page: Link, asks: Iterable[Ask]) -> tuple[list[Link], list[Refusal]]:
        """As `sort`, for the requests by which the lists on `page` go on. What a profile says how to ask for it does not deny."""
        links: list[Link] = []
        refusals: list[Refusal] = []
        hops = page.hops if page.paging else page.hops + "L"
        for ask in asks:
            if reason := self._refused(ask.url, "paging", hops):
                refusals.append(Refusal(ask.url, reason[0], reason[1], page.url))
            else:
                links.append(Link(ask.url, page.url, "list", hops, PRIORITY["list"], ask.method, ask.body, ask.fields, ask.paging))
        return links, refusals

    def sort(self, page: Link, named: Iterable[Named], platform: str | None = None) -> tuple[list[Link], list[Refusal]]:
        """The links to visit out of those that `page` names, and the refusals of the others.

        `platform` is the page's own: where the profile names none, it says what is no page of the portal.
        """
        deny = denied_on(platform) if platform and not self._profile.platform else ()
        links: list[Link] = []
        refusals: list[Refusal] = []
        for url, kind in named:
            scheme = url.partition(":")[0].lower()
            if scheme not in ("http", "https"):
                if scheme in NAMED_SCHEMES or kind == "redirect":
                    refusals.append(Refusal(url[:_SHOWN], "scheme", scheme, page.url))
                continue
            hops = page.hops + HOPS.get(kind, "L")
            if (self._profile.only and kind in ("page", "feed")) or (kind == "feed" and not self._near(page)):
                continue
            if reason := self._refused(url, kind, hops):
                refusals.append(Refusal(url, reason[0], reason[1], page.url))
            elif deny and _any(deny, url) and origin_of(url) in self._hosts:
                refusals.append(Refusal(url, "scope", f"no page of a portal on {platform}", page.url))
            elif (wanted := self._wanted(url, kind)) is not None:
                links.append(
                    Link(url, page.url, wanted, hops, PRIORITY.get(kind if kind == "redirect" else wanted, 10))
                )
        return links, refusals

    def again(self, links: Iterable[Link]) -> list[Link]:
        """Those of the links that another run took which this one would take too."""
        return [link for link in links if not self._refused(link.url, link.kind, link.hops) and self._wanted(link.url, link.kind) == link.kind]

    def redirect(self, page: Link, target: str, *, keeps: bool = False) -> tuple[list[Link], list[Refusal]]:
        """As `sort`, for the one address that a redirect leads to. It keeps the kind of the page that it stands for.

        With `keeps` (307, 308) it is asked for as that was, else by GET.
        """
        links, refusals = self.sort(page, [(tidy(target) if target[:4].lower() == "http" else target, "redirect")])
        # Which methods a redirect keeps: RFC 9110, section 15.4. The next pages of a list are asked for in any case.
        sent = (page.method, page.body, page.fields) if keeps else ("GET", b"", ())
        return [Link(f.url, f.via, page.kind, f.hops, f.priority, *sent, page.paging) for f in links], refusals

    def is_end(self, page: Link) -> bool:
        """Whether the way to `page` was so long that some of what it names is refused only for that: another page may name it anew."""
        redirects, embeds = (len(page.hops) - len(page.hops.rstrip(letter)) for letter in "RE")
        return redirects >= MAX_REDIRECTS or embeds >= MAX_EMBEDS

    def is_article(self, url: str) -> bool:
        """Whether the page at `url` may be an article: with a listing only what its pattern marks."""
        if self._profile.articles is None or url in self._profile.only:
            return True
        return self._profile.articles.search(_local(url)) is not None

    def _refused(self, url: str, kind: str, hops: str) -> tuple[str, str] | None:
        if len(hops) - len(hops.rstrip("R")) > MAX_REDIRECTS:
            return "redirects", f"more than {MAX_REDIRECTS} in a row"
        if len(hops) - len(hops.rstrip("E")) > MAX_EMBEDS:
            return "scope", f"embedded more than {MAX_EMBEDS} deep"
        if origin_of(url) not in self._hosts:
            if not self._own_host and not may_be_public(urlsplit(url).hostname or ""):
                return "private", "not an address of the public Internet"
            if not _any(self._profile.allow, url):
                return "scope", "another host"
        if kind == "sitemap" and len(hops) > MAX_SITEMAPS:
            return "scope", f"a sitemap more than {MAX_SITEMAPS} deep"
        if kind != "paging" and _any(self._profile.deny, url):
            return "scope", "the profile denies it"
        if kind == "page" and not url.startswith(self._begin) and not _any(self._profile.allow, url):
            return "scope", "outside the path prefix"
        return None

    def _near(self, page: Link) -> bool:
        return page.kind == "list" or len(page.hops.replace("R", "")) <= FEEDS_WITHIN

    def _wanted(self, url: str, kind: str) -> str | None:
        """The kind under which `url` is visited; None if the listing says it is neither list nor article."""
        if kind != "page" or self._profile.articles is None:
            return "page" if kind == "redirect" else kind
        local = _local(url)
        if self._profile.articles.search(local):
            return "page"
        if self._profile.pages is not None and self._profile.pages.search(local):
            return "list"
        return None


def probe_of(page: Link, url: str) -> Link:
    """An address beside `url` that nobody made: what it answers is what the portal says where there is no page. The same for one folder."""
    return Link(unmade(url), page.url, "probe", page.hops + "P", PRIORITY["redirect"])


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    end = url.find("/", url.find("//") + 2)
    return url if end < 0 else url[:end]


def _twin(origin: str) -> str:
    scheme, _, host = origin.partition("://")
    return f"{scheme}://{host[4:] if host.startswith('www.') else 'www.' + host}"


def _local(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _any(patterns: tuple[re.Pattern[str], ...], url: str) -> bool:
    return any(pattern.search(url) for pattern in patterns)
