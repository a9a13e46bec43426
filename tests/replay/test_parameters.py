"""Header and SQL injection in every parameter of every route: from the OpenAPI document, the routes' patterns, and what the code asks for."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import quote, quote_plus

import pytest
from archives import HOST, sound
from hypothesis import given, settings
from hypothesis import strategies as st
from rooms import REPLAY, ROOM, asking

from archive.replay import app as app_module
from archive.replay import asking as asking_module
from archive.replay import cdx_query
from archive.replay.app import ROUTES
from archive.replay.openapi import spec
from archive.retrieve import Reader

WORDS = [
    "' OR '1'='1", '" UNION SELECT bytes FROM parts --', "'; DROP TABLE captures; --", "1) OR (1=1", "x\r\nX-Evil: 1\r\n\r\n<script>alert(1)</script>", "x\nSet-Cookie: a=1",
    "\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK", "\u2028X-Evil: 1\u560d\u560a", "\x00", "\x7f\x1b[2J", '"><script>alert(1)</script>', "';alert(1);//", "javascript:alert(1)", "{{7*7}}${7*7}", "%0d%0aX-Evil:%201",
    "%", "../../../../etc/passwd", "-1", "99999999999999999999", "1e9", "NaN", "𝕏" * 20, "a" * 3000, "[", "(a+)+$", "NEAR(a b)", "a*", "^", '"',
    "http://[x/", "http://a]b/x", "https://[::1/y", "//[",
]  # fmt: skip
# What each parameter is when another one is tried; and the routes' groups that no OpenAPI path has.
PLAIN = {
    "url": f"{HOST}/tin", "q": "hue", "portal": "hue", "code": "hue", "key": "1", "from": "2026", "to": "2027", "output": "json", "time": "20260110081502", "mode": "id_",
    "record": "urn:uuid:00000000-0000-4000-8000-000000000001", "name": "client.js", "proof_given": "0" * 32, "form": "link", "page": "1", "feed": "atom", "which": "all", "start": "0", "end": "9",
}  # fmt: skip
# Read on every page, or in every listing of captures, and described in docs/protocols.md.
EVERYWHERE = {"lang"}
TEMPLATES = {
    "web": "/web/{time}{mode}/{url}", "records": "/records/{mode}/{record}", "asset": "/replay/{name}", "banner": "/replay/banner/{proof_given}/{record}",
    "timegate": "/timegate/{url}", "timemap": "/timemap/{form}/{page}/{url}", "warc": "/warc/{name}.warc.gz", "captures": "/captures/{url}", "compare": "/compare/{url}",
    "star": "/web/*/{url}", "query": "/web/2026id_/{url}?{name}={url}", "viewer": "/viewer/{name}", "viewer-index": "/viewer/{which}/{page}.cdxj", "viewer-warc": "/viewer/{which}/{name}.warc.gz",
    "cdx": "/cdx/search/cdx?url={url}", "nothing": "/{name}", "json": "/captures.json/{url}", "style": "/style.css?{name}",
}  # fmt: skip
FIELDS = (
    "accept", "accept_language", "accept_datetime", "accept_encoding", "range", "if_range", "if_none_match", "if_modified_since", "sec_fetch_dest", "origin", "host",
    "upgrade_insecure_requests", "service_worker", "authorization", "referer", "cookie", "x_forwarded_host", "x_forwarded_proto", "user_agent",
)  # fmt: skip


def described():
    """{path as a template: names of its query} of every JSON route, and of the pages and feeds that take the same."""
    found = {}
    for path, item in spec("http://x")["paths"].items():
        names = [p["name"] for p in item["get"]["parameters"] if p["in"] == "query"] + sorted(EVERYWHERE)
        found[path] = names
        if path.endswith(".json"):
            found[path.removesuffix(".json").replace("/index", "/")] = names
    for form in ("atom", "jsonl", "csv"):
        found[f"/search.{form}"] = found["/search.json"]
    found["/changes.atom"] = found["/changes.json"]
    return found


def plainly(template):
    return re.sub(r"\{(\w+)\}", lambda group: PLAIN.get(group[1], "1"), template)


def targets(word):
    """Every parameter of every route with `word` in it, once escaped for a query and once as a path takes it."""
    typed = quote(word, safe="")
    for path, names in described().items():
        groups = re.findall(r"\{(\w+)\}", path)
        rest = [name for name in names if name in PLAIN]
        for tried in (*groups, *names):
            filled = path
            for name in groups:
                filled = filled.replace(f"{{{name}}}", typed if name == tried else PLAIN.get(name, "1"))
            pairs = [(name, PLAIN[name]) for name in rest if name != tried] + ([(tried, word)] if tried in names else [])
            yield f"{filled}?{'&'.join(f'{name}={quote_plus(value)}' for name, value in pairs)}"
        yield f"{plainly(path)}?{typed}={typed}"
    for template in TEMPLATES.values():
        if "{url}" in template:  # escaped as a whole, an address is unescaped
            yield plainly(template.replace("{url}", quote(f"{HOST}/{word}", safe="")))
        for tried in re.findall(r"\{(\w+)\}", template):
            yield re.sub(r"\{(\w+)\}", lambda group, tried=tried: typed if group[1] == tried else PLAIN.get(group[1], "1"), template)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return sound(tmp_path_factory.mktemp("tham-so") / "a.db")


def held(answer, target):
    status, headers, body = answer
    assert status in (200, 206, 302, 304, 400, 401, 403, 404, 405, 413, 414, 416, 421), (status, target, body[:300])
    for name, value in headers.items():
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", name + value), (target, name, value)
        value.encode("latin-1")
    assert not {"x-evil", "set-cookie"} & set(headers), target
    if headers["content-type"].startswith(("text/html", "application/atom", "image/svg")):
        assert b"<script>alert" not in body, target
        assert not re.search(rb"""<[^>]*\s(?:href|src|action)=["']?javascript:""", body), target
        assert b'="">' not in re.sub(rb'(?:alt|value|content|title|cite)="">', b"", body) or b"alert(1)" not in body
        assert b"49${" not in body


@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
def test_no_parameter_of_any_route_reaches_a_header_the_database_or_a_page_unescaped(path, word):
    before = path.read_bytes()
    with Reader.open(path) as reader:
        ask = asking(reader)
        for target in targets(word):
            for host in (ROOM, REPLAY):
                held(ask(target, host=host), target)
        for target in (f"/web/20260110081502/{HOST}/tin", f"/timegate/{HOST}/tin", "/search?q=hue", f"/cdx?url={HOST}/*", "/warc"):
            for field in FIELDS:
                host = {"host": word} if field == "host" else {"host": ROOM if target[:4] != "/web" else REPLAY, field: word}
                held(ask(target, **host), (target, field))
        for method in ("HEAD", "POST", word):
            held(ask("/search?q=a", method=method), method)
    assert path.read_bytes() == before


ALL = sorted(set(targets("a")))
PIECES = st.sampled_from([*[quote(word, safe="/:?&=[]") for word in WORDS if len(word) < 60], "//", "http://[", "]", "?", "&", "=", "%", "%ff", "json", ".json", "id_", "20", "mp_"]) | st.text(max_size=3)


@given(st.sampled_from(ALL), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 3), PIECES), max_size=4), st.sampled_from([ROOM, REPLAY]))
@settings(max_examples=300)
def test_whatever_is_asked_is_answered_or_refused(path, target, changes, host):
    """Any target, some places of it written over or added to, has an answer, and none of the program's own errors."""
    for at, length, piece in changes:
        at = 1 + at % len(target)
        target = target[:at] + piece + target[at + length :]
    with Reader.open(path) as reader:
        held(asking(reader)(target.encode("utf-8", "surrogateescape").decode("latin-1"), host=host), target)


def test_every_route_is_tried():
    tried = [target.partition("?")[0] for target in targets("a")]
    plain = [plainly(template).partition("?")[0] for template in (*described(), *TEMPLATES.values())]
    plain += ["/warc/0123456789ab.warc.gz", "/viewer/ui.js", "/viewer/all/0-1.cdxj", "/viewer/all/0123456789ab.warc.gz", "/viewer/", "/metrics", "/live.js"]
    missing = [route.pattern for route in ROUTES if not any(re.fullmatch(route.pattern, path) for path in tried + plain)]
    assert missing == []
    groups = {name for route in ROUTES for name in re.compile(route.pattern).groupindex}
    assert groups <= set(re.findall(r"\{(\w+)\}", "".join((*described(), *TEMPLATES.values()))))  | {"feed"}


class Spied(dict):
    """What is asked of a request's parameters."""

    seen: ClassVar[set[str]] = set()

    def get(self, name, default=None):
        self.seen.add(name)
        return super().get(name, default)

    def __getitem__(self, name):
        self.seen.add(name)
        return super().__getitem__(name)


def test_no_parameter_is_read_that_is_not_tried(path, monkeypatch):
    """The code is watched at what it looks up: a parameter that nobody described would be missed above."""
    monkeypatch.setattr(Spied, "seen", set())
    plain = asking_module.asked
    monkeypatch.setattr(app_module, "asked", lambda *given: (request := plain(*given)).__class__(**{**vars(request), "values": Spied(request.values)}))
    with Reader.open(path) as reader:
        ask = asking(reader)
        for target in targets("a"):
            ask(target)
    known = {name for names in described().values() for name in names}
    assert Spied.seen - known == set()
    assert {"url", "portal", "from", "to", "timestamp"} <= Spied.seen


def test_the_parameters_of_the_cdx_server_are_described(monkeypatch):
    monkeypatch.setattr(Spied, "seen", set())
    plain = cdx_query._checked
    monkeypatch.setattr(cdx_query, "_checked", lambda given, *rest: plain(Spied(given), *rest))
    for text in ("", "&output=cdxj&fl=urlkey", "&matchType=exact&closest=2026"):
        cdx_query.query(f"url={HOST}/{text}")
    known = set(described()["/cdx"])
    assert Spied.seen <= known, Spied.seen - known
    assert known - EVERYWHERE - {"filter", "collapse"} <= Spied.seen
