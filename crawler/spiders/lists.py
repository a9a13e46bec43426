"""How a list goes on: the request for its next page, out of the answer that was read and of what is kept with its visit. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from archive.urls import tidy
from crawler.spiders.paging import Ask, Paging, Where, digest_of
from crawler.spiders.postback import groups, posted

# Only whole ones: in addresses that scripts hold "&copy=1" is no entity.
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]+);")
# Servers that answer scripts with fragments look for it.
_FOR_SCRIPTS = (("X-Requested-With", "XMLHttpRequest"),)


def ways_of(ways: Sequence[Paging], url: str, body: bytes) -> list[Paging]:
    """The ways that the page at `url` may go on by."""
    parts = urlsplit(url)
    local = parts.path + (f"?{parts.query}" if parts.query else "")
    return [way for way in ways if way.mark.encode() in body and (way.lists is None or way.lists.search(local))]


def begin(ways: Sequence[Paging], url: str, text: str, items: Iterable[str], tree: Any) -> list[Ask]:
    """The requests for the second pages of the lists on the page at `url`: by each of the ways that finds what it needs."""
    asks, told = [], list(items)
    for way in ways:
        if way.style == "postback":
            for group in groups(tree, way.pager):
                here = Where(way.name, url, 1, group=group)
                if (there := here.after(told)) and (ask := posted(tree, url, way.pager, there)):
                    asks.append(ask)
            continue
        found = [(name, pattern.search(text)) for name, pattern in way.values]
        if any(match is None for _, match in found):
            continue
        values = tuple((name, _ENTITY.sub(lambda e: unescape(e[0]), match[match.re.groups and 1])) for name, match in found if match)
        last = way.last.search(text) if way.last else None
        number = int(last[1]) if last and last[1].isascii() and last[1].isdigit() else None
        if number is None or number >= way.first:
            asks.append(request(way, Where(way.name, url, way.first, number, values, seen=(digest_of(told),))))
    return asks


def go_on(ways: Sequence[Paging], where: Where, url: str, items: Iterable[str], tree: Any, plain: Any = None) -> list[Ask]:
    """The request for the page behind the one at `url`, which stands `where`; none at the list's end."""
    way = next((way for way in ways if way.name == where.by), None)
    if way is None:
        return []
    if way.count and (count := reach(plain, way.count)) is not None and str(count).isascii() and str(count).isdigit():
        where = replace(where, last=int(count))
    there = where.after(items)
    if there is None or (where.last is not None and where.number > where.last):
        return []
    if way.style == "postback":
        ask = posted(tree, url, way.pager, there)
        return [ask] if ask else []
    return [request(way, there)]


def request(way: Paging, where: Where) -> Ask:
    """The request for the page that stands `where`."""
    values = {**dict(where.values), "page": str(where.number)}
    # What begins the template is an address or a part of one; values further on are data.
    whole = re.match(r"\{([^{}]+)\}", way.url)
    begun = values.get(whole[1], whole[0]) if whole else ""
    rest = way.url[whole.end() if whole else 0 :]
    url = tidy(urljoin(where.list, begun + _filled(rest, values, lambda v: quote(v, safe=""))))
    if way.body is None:
        return Ask(url, "GET", b"", _FOR_SCRIPTS, where.told)
    quoted = (lambda v: json.dumps(v, ensure_ascii=False)[1:-1]) if "json" in way.type else (lambda v: quote(v, safe=""))
    return Ask(url, "POST", _filled(way.body, values, quoted).encode(), (("Content-Type", way.type), *_FOR_SCRIPTS), where.told)


def in_json(ways: Sequence[Paging], where: Where, body: bytes) -> tuple[Any, bytes, list[str]]:
    """What a JSON answer holds for a list: itself, markup as UTF-8, and its entries' addresses, absolute. Raises ValueError if it is no JSON."""
    plain = json.loads(body)
    way = next((way for way in ways if way.name == where.by), None)
    if way is None:
        return plain, b"", []
    markup = reach(plain, way.html) if way.html else None
    found = []
    for address in _addresses(way, plain) if way.address else ():
        try:
            whole = urljoin(where.list, address)
            found.append(tidy(whole) if whole[:4].lower() == "http" else whole)
        except ValueError:  # no address at all
            continue
    return plain, markup.encode() if isinstance(markup, str) else b"", list(dict.fromkeys(found))


def _addresses(way: Paging, plain: Any) -> list[str]:
    entries = reach(plain, way.items)
    found = []
    for entry in entries if isinstance(entries, list) else []:
        if "{" in way.address:
            names = re.findall(r"\{([^}]+)\}", way.address)
            told = {name: reach(entry, name) for name in names}
            address = _filled(way.address, {n: str(v) for n, v in told.items()}, lambda v: quote(v, safe="")) if None not in told.values() else None
        else:
            address = reach(entry, way.address)
        if isinstance(address, str) and address.strip():
            found.append(address.strip())
    return found


def reach(plain: Any, key: str) -> Any:
    """What stands under a key (`data.items`; the whole for an empty one) in JSON; None if nothing does."""
    for part in key.split(".") if key else ():
        plain = plain.get(part) if isinstance(plain, dict) else None
    return plain


def _filled(template: str, values: dict[str, str], quoted: Any) -> str:
    """`template` with {name} replaced by the value of that name; other braces stay."""
    return re.sub(r"\{([^{}]+)\}", lambda m: quoted(values[m[1]]) if m[1] in values else m[0], template)
