"""The OpenAPI document describes every JSON route, and the answers are as it says."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from archives import HOST, answer, exchange, sound
from jsonschema import Draft202012Validator
from rooms import asking

from archive.deposit import Depositor
from archive.model import Article, Settlement
from archive.replay import timemap
from archive.replay.app import ROUTES
from archive.replay.openapi import spec
from archive.retrieve import Reader

# One request of each route, and of each form that its answer takes.
ASKED = {
    "/index.json": ["/index.json"],
    "/search.json": ["/search.json?q=hue", "/search.json?portal=hue", "/search.json", "/search.json?q=khong&page=2"],
    "/articles/{key}.json": ["/articles/1.json"],
    "/articles.json": [f"/articles.json?url={HOST}/tin", f"/articles.json?url={HOST}/khac"],
    "/captures.json": [f"/captures.json?url={HOST}/tin", f"/captures.json?url={HOST}/", f"/captures.json?url={HOST}/dead"],
    "/bytes/{record}/{start}-{end}.json": ["/bytes/urn:uuid:00000000-0000-4000-8000-000000000009/0-15.json"],
    "/portals.json": ["/portals.json"],
    "/portals/{code}.json": ["/portals/hue.json"],
    "/runs.json": ["/runs.json"],
    "/runs/{number}.json": ["/runs/1.json"],
    "/compare.json": [f"/compare.json?url={HOST}/tin", f"/compare.json?url={HOST}/tin&from=2026&to=2026"],
    "/changes.json": ["/changes.json?portal=hue"],
    "/cdx": [f"/cdx?url={HOST}/*&output=json", "/cdx?url=khong-co.example&output=json", f"/cdx?url={HOST}/*&output=json&limit=1&showResumeKey=true"],
    "/warc": ["/warc"],
    "/timemap/json/{url}": [f"/timemap/json/{HOST}/tin", f"/timemap/json/{HOST}/khuc"],
    "/wayback/available": [f"/wayback/available?url={HOST}/tin&timestamp=2026", "/wayback/available?url=khong-co.example"],
    "/healthz": ["/healthz"],
    "/openapi.json": ["/openapi.json"],
}  # fmt: skip
# Programs' routes that do not answer with JSON.
OTHER = ("/timegate/", "/warc/")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = sound(tmp_path_factory.mktemp("openapi") / "hue.db")
    with Depositor.open(path) as depositor:
        run = depositor.begin("hue")
        capture = depositor.deposit(run, exchange(f"{HOST}/khac", answer(b"x"), 9000)).result()
        bare = Article(f"{HOST}/khac", "Tin", None, "Nội dung", published="2026-01-11", document=None)
        depositor.settle(run, Settlement(-1, capture.id, "done", bare)).result()
        depositor.end(run, "finished").result()
    return path


@pytest.fixture
def ask(path):
    with Reader.open(path) as reader:
        yield asking(reader)


def holds(plain, document, path, status="200"):
    schema = document["paths"][path]["get"]["responses"][status]["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**schema, "components": document["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(plain)]


def test_every_json_route_is_described():
    described = [re.sub(r"\\?\{\w+\\?\}", "x", path) for path in spec("http://x")["paths"]]
    for route in ROUTES:
        speaks = ".json" in route.pattern.replace("\\", "") or (route.machine and not route.pattern.startswith(OTHER))
        assert not speaks or any(re.fullmatch(route.pattern, path.replace("/x.json", "/1.json").replace("/x-x.json", "/1-2.json")) for path in described), route.pattern
    assert set(ASKED) == set(spec("http://x")["paths"])


@pytest.mark.parametrize(("described", "target"), [(path, target) for path, targets in ASKED.items() for target in targets])
def test_answers_are_as_described(ask, described, target):
    document = json.loads(ask("/openapi.json")[2])
    status, headers, body = ask(target)
    assert (status, headers["content-type"]) == (200, "application/json")
    assert holds(json.loads(body), document, described) == []


def test_a_timemap_index_is_as_described(ask, monkeypatch):
    monkeypatch.setattr(timemap, "PAGE", 1)
    document = json.loads(ask("/openapi.json")[2])
    for target in (f"/timemap/json/{HOST}/tin", f"/timemap/json/2/{HOST}/tin"):
        assert holds(json.loads(ask(target)[2]), document, "/timemap/json/{url}") == []


@pytest.mark.parametrize("target", ["/search.json?page=0", "/articles/4711.json", "/cdx?url=", "/changes.json?portal=khac", "/wayback/available", f"/timemap/json/{quote('http://khong-co.example/')}"])
def test_refusals_are_as_described(ask, target):
    document = json.loads(ask("/openapi.json")[2])
    status, _, body = ask(target)
    assert status in (400, 404)
    assert holds(json.loads(body), document, "/cdx", "400") == []


def test_what_is_not_as_described_is_noticed():
    document = spec("http://x")
    assert holds({"status": "ok"}, document, "/healthz") != []
    assert holds([["a", 1]], document, "/cdx") != []
    assert holds({"url": 1}, document, "/articles.json") != []


def test_the_document_is_sound():
    document = spec("http://127.0.0.1:8080")
    text = json.dumps(document)
    for name in re.findall(r'"#/components/schemas/(\w+)"', text):
        assert document["components"]["schemas"][name]["type"] == "object"
    operations = [item["get"]["operationId"] for item in document["paths"].values()]
    assert len(set(operations)) == len(operations)
    for path, item in document["paths"].items():
        assert {p["name"] for p in item["get"]["parameters"] if p["in"] == "path"} == set(re.findall(r"\{(\w+)\}", path))
        assert all(p["required"] for p in item["get"]["parameters"] if p["in"] == "path")
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
