"""robots.txt as RFC 9309 has it, read as the large search engines read it: which addresses we may ask for, how often. Pure.

Where the standard leaves room we do as Google's published matcher does, since portals test their files against that: misspelt
keys and a missing colon are forgiven, escapes are compared as they are written, `Allow: /tin/index.html` opens `/tin/` too.
Libraries looked at: docs/decisions/0007-robots.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

# RFC 9309, section 2.5: at least 500 KiB must be read.
LEAST_READ = 500 << 10
# As much is read of a robots.txt, in bytes.
READ_LIMIT = 1 << 20
# The product token that the rules are read for.
AGENT = "tangthu"
# What a longer line holds beyond this is not read (eight times the longest address browsers of 2005 took, as Google has it).
LONGEST_LINE = 16_663
# A key is known by its beginning, as by Google.
_NAMES = (
    ("agent", ("user-agent", "useragent", "user agent")),
    ("allow", ("allow",)),
    ("disallow", ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")),
    ("sitemap", ("sitemap", "site-map")),
    ("delay", ("crawl-delay", "crawldelay")),
)
_BOM = b"\xef\xbb\xbf"
_PRODUCT = re.compile(r"[A-Za-z_-]*")
_ESCAPE = re.compile(rb"%[0-9a-fA-F]{2}|[\x80-\xff]")
_LOWER = re.compile(r"%(?:[0-9A-F][a-f]|[a-f][0-9A-Fa-f])")
_MARKUP = re.compile(rb"\s*<(?:!doctype|!--|html|head|body|script|meta|\?xml)", re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,6}(?:\.\d{0,6})?")


class Source(NamedTuple):
    """Where rules come from: `verdict` is rules, none (all may be asked for) or out (stay out), `detail` says why there are no rules.

    `capture` is the answer that was read (None: none came), `agent` the group that counts for us.
    """

    origin: str
    capture: int | None
    verdict: str
    detail: str = ""
    agent: str | None = None


@dataclass(slots=True)
class Group:
    """The rules for one crawler: patterns in the order of the file, true for allow; the `lines` they stand in, from 1; `delay` in seconds."""

    rules: list[tuple[str, bool]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    delay: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an address may be asked for, and the line that decided, with its number from 1; empty and 0 if none did."""

    allowed: bool
    rule: str = ""
    line: int = 0


@dataclass(slots=True)
class Robots:
    """What a robots.txt says to everyone (`*`) and to each crawler that it names, by its name in lower case."""

    everyone: Group = field(default_factory=Group)
    named: dict[str, Group] = field(default_factory=dict)
    sitemaps: list[str] = field(default_factory=list)

    def group(self, agent: str) -> Group:
        """The rules that count for the product token `agent`: its own, all its groups merged, else everyone's (section 2.2.1)."""
        return self.named.get(agent.lower(), self.everyone)

    def decide(self, url: str, agent: str) -> Decision:
        """Whether `agent` may ask for `url`: the longest matching pattern decides, of equally long ones Allow (section 2.2.2)."""
        path = path_of(url)
        if path == "/robots.txt":
            return Decision(allowed=True)
        longest, decision = 0, Decision(allowed=True)
        group = self.group(agent)
        for number, (pattern, allow) in enumerate(group.rules):
            length = _fits(pattern, path, allow=allow)
            if length > longest or (length == longest and length and allow and not decision.allowed):
                longest, decision = length, Decision(allow, f"{'Allow' if allow else 'Disallow'}: {pattern}", group.lines[number])
        return decision

    def speaks_to(self, agent: str) -> str | None:
        """Whose group counts for `agent`: its own name, `*`, or nobody's (None)."""
        if agent.lower() in self.named:
            return agent.lower()
        return "*" if self.everyone.rules or self.everyone.delay is not None else None

    def allows(self, url: str, agent: str) -> bool:
        """As `decide`, only whether."""
        return self.decide(url, agent).allowed

    def delay(self, agent: str) -> float | None:
        """Seconds that `agent` should leave between two requests (Crawl-delay, no part of the standard); None if nothing is said."""
        return self.group(agent).delay


def is_robots(body: bytes) -> bool:
    """Whether an answer can be a robots.txt at all: a page of markup, such as a CAPTCHA or a soft 404, is none."""
    return _MARKUP.match(body.removeprefix(_BOM)) is None


def parse(body: bytes) -> Robots:
    """The rules in `body`. Nothing raises: what cannot be understood is passed over, line by line (section 2.2)."""
    robots = Robots()
    groups: list[Group] = []
    listing = False  # between the first user-agent line of a group and its first rule
    for number, name, value in _lines(body):
        if name == "agent":
            groups = groups if listing else []
            listing = True
            if (group := _group_of(robots, value)) is not None:
                groups.append(group)
        elif name in ("allow", "disallow"):
            listing = False
            for group in groups:
                if value:
                    group.rules.append((_escaped(value), name == "allow"))
                    group.lines.append(number)
        elif name == "delay":
            if (seconds := _SECONDS.match(value)) is not None:
                for group in groups:
                    group.delay = max(group.delay or 0.0, float(seconds[0]))
        elif name == "sitemap" and value:
            robots.sitemaps.append(value)
    return robots


def path_of(url: str) -> str:
    """Path and query of `url` as patterns are compared with: without fragment, at least `/`. What is not ASCII must be escaped in it."""
    rest = url.partition("#")[0]
    scheme = rest.find("://")
    if 0 <= scheme < len(rest.split("/", 1)[0].split("?", 1)[0].split(";", 1)[0]) + 1:
        rest = rest[scheme + 3 :]
    elif rest.startswith("//"):
        rest = rest[2:]
    start = min((at for mark in "/?;" if (at := rest.find(mark)) >= 0), default=-1)
    if start < 0:
        return "/"
    path = rest[start:]
    return _LOWER.sub(lambda found: found[0].upper(), path if path[0] == "/" else "/" + path)


def _lines(body: bytes) -> Iterator[tuple[int, str, str]]:
    text = body[next(n for n in (3, 2, 1, 0) if body[:n] == _BOM[:n]) :]  # a cut mark is one too
    for number, raw in enumerate(re.split(rb"\r\n|\n|\r", text), 1):
        line = raw[:LONGEST_LINE].partition(b"#")[0].replace(b"\x00", b" ").strip(b" \t\v\f")
        key, colon, value = line.partition(b":")
        if not colon:
            words = line.split()
            if len(words) != 2:
                continue
            key, value = words
        told = key.decode("latin-1").strip().lower()
        if (name := next((name for name, begins in _NAMES if told.startswith(begins)), None)) is not None:
            yield number, name, value.decode("utf-8", "surrogateescape").strip(" \t\v\f")


def _group_of(robots: Robots, value: str) -> Group | None:
    if value.startswith("*") and (len(value) == 1 or value[1].isspace()):
        return robots.everyone
    product = _PRODUCT.match(value)
    name = product[0].lower() if product else ""
    return robots.named.setdefault(name, Group()) if name else None


def _escaped(text: str) -> str:
    """`text` with what is not ASCII escaped and escapes in upper case, so that either way of writing matches."""
    return _ESCAPE.sub(_escape, text.encode("utf-8", "surrogateescape")).decode("ascii")


def _escape(found: re.Match[bytes]) -> bytes:
    octet = found[0]
    return octet.upper() if len(octet) > 1 else b"%%%02X" % octet[0]


def _fits(pattern: str, path: str, *, allow: bool) -> int:
    """How long the pattern is if it matches the path from its beginning, else 0."""
    if _match(pattern, path):
        return len(pattern)
    if allow and (slash := pattern.rfind("/")) >= 0 and pattern.startswith("index.htm", slash + 1):
        folder = pattern[: slash + 1] + "$"
        return len(folder) if _match(folder, path) else 0
    return 0


def _match(pattern: str, path: str) -> bool:
    return _compiled(pattern)(path)


class _Pattern:
    """A pattern with `*` for anything and `$`, at its end only, for the end of the path (section 2.2.3).

    The pieces between stars are looked for from left to right, which is linear in the path for each piece; a regular expression
    takes exponential time on a file that asks for it.
    """

    __slots__ = ("_ends", "_pieces")

    def __init__(self, pattern: str) -> None:
        self._ends = pattern.endswith("$")
        self._pieces = (pattern[:-1] if self._ends else pattern).split("*")

    def __call__(self, path: str) -> bool:
        first, *rest = self._pieces
        if not path.startswith(first):
            return False
        at = len(first)
        if not rest:
            return not self._ends or at == len(path)
        last = rest.pop()
        for piece in rest:
            found = path.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        if self._ends:
            return len(path) - len(last) >= at and path.endswith(last)
        return path.find(last, at) >= 0


@lru_cache(8192)
def _compiled(pattern: str) -> _Pattern:
    return _Pattern(pattern)
