"""What is known of lists that go on where no link leads to the next page: ways to go on, and where in a list a page stands. Pure.

A step depends on the answer that was read and on what is kept with the visit (`Link.paging`), on nothing else: killed between two pages, a
crawl goes on as if it had not been.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

# A list that has more pages than this is taken for endless; at 10 articles a page that is 50,000 articles.
MOST_PAGES = 5000
# So many pages back a page is known again.
REMEMBERED = 4
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Paging:
    """One way in which lists go on. `style` is request or postback.

    `lists` is searched in path and query of a list's address, `mark` in its page: where both are found, it goes on so. A request is made
    from the templates `url` and `body` (none: GET), in which {page} and the names of `values` are replaced: what their patterns find on
    the list's page. `first` is the number of the first page that is asked for, `last` (a pattern) or `count` (a key in the JSON) say the
    last one's. In an answer that is JSON `html` is the key of markup, or `items` that of the entries and `address` that of an entry's address, or a
    template of it. `pager` is searched in target and argument of a postback.
    """

    style: str
    lists: re.Pattern[str] | None = None
    mark: str = ""
    url: str = ""
    body: str | None = None
    type: str = FORM
    values: tuple[tuple[str, re.Pattern[str]], ...] = ()
    first: int = 2
    last: re.Pattern[str] | None = None
    count: str = ""
    html: str = ""
    items: str = ""
    address: str = ""
    pager: re.Pattern[str] = re.compile("(?i)pag|trang")

    @property
    def name(self) -> str:
        """By what a visit names it, the same in the next process."""
        told = repr((self.style, self.url, self.body, self.values, self.first))
        return hashlib.sha256(told.encode()).hexdigest()[:12]


class Ask(NamedTuple):
    """The request that brings a list's next page: what a Link has of it."""

    url: str
    method: str
    body: bytes
    fields: tuple[tuple[str, str], ...]
    paging: str


@dataclass(frozen=True)
class Where:
    """Where in a list a page stands: `list` is the address of its first page, `number` the page's, `last` the last one's if that is known.

    `group` is the pager of a page that has several, `seen` are digests of what the pages before named.
    """

    by: str
    list: str
    number: int
    last: int | None = None
    values: tuple[tuple[str, str], ...] = ()
    group: str = ""
    seen: tuple[str, ...] = ()

    @classmethod
    def load(cls, told: str) -> Where:
        """The inverse of `told`."""
        plain = json.loads(told)
        return cls(**{**plain, "values": tuple((n, v) for n, v in plain["values"]), "seen": tuple(plain["seen"])})

    @property
    def told(self) -> str:
        """As it is kept."""
        return json.dumps({name: getattr(self, name) for name in self.__dataclass_fields__}, ensure_ascii=False)

    def after(self, items: Iterable[str]) -> Where | None:
        """The same for the next page, if this one, which named `items`, is not the list's end: empty, shown before, the last one or one too many."""
        told = set(items)
        digest = digest_of(told)
        if not told or digest in self.seen or self.number == self.last or self.number >= MOST_PAGES:
            return None
        return replace(self, number=self.number + 1, seen=(*self.seen[:1], *self.seen[1:][-REMEMBERED:], digest))


def digest_of(items: Iterable[str]) -> str:
    """By what a page that named `items` is known again."""
    return hashlib.sha256("\n".join(sorted(set(items))).encode("utf-8", "replace")).hexdigest()[:16]
