"""The room's JSON routes as an OpenAPI document (3.1): schemas come from the classes that the answers are made of."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from archive.model import Article, Capture
from archive.notices import KINDS
from archive.replay.answering import Answer, as_json
from archive.replay.asking import Asked
from archive.replay.cdx_query import COLUMNS, FIELDS
from archive.retrieve import Hit, Reader
from archive.store.facets import ArticleRow

TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
TIME = {"type": "string", "format": "date-time"}
MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}


def document(_: Reader, asked: Asked) -> Answer:
    """The document. Its server is the host that was asked."""
    return as_json(asked, spec(asked.room))


def spec(server: str) -> dict[str, Any]:
    """The document as a JSON object."""
    classes: dict[str, Any] = {}
    for kind in (Article, Capture, Hit, ArticleRow):
        _schema(kind, classes)
    classes["Problem"] = _object({"error": TEXT, "detail": TEXT}, "error")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tàng Thư", "version": "1", "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": server}],
        "paths": {path: {"get": _operation(path, *told)} for path, told in _paths().items()},
        "components": {"schemas": classes},
    }


def _operation(path: str, summary: str, parameters: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    refused = {"description": "why not", "content": {"application/json": {"schema": _ref("Problem")}}}
    return {
        "summary": summary, "operationId": path.strip("/").replace("/", "_").replace(".json", "") or "home",
        "parameters": [
            {"name": name.rstrip("!"), "in": "path" if f"{{{name}}}" in path else "query", "schema": how,
             "required": f"{{{name}}}" in path or name.endswith("!")}
            for name, how in parameters.items()
        ],
        "responses": {
            "200": {"description": "the answer", "content": {"application/json": {"schema": schema}}},
            "400": refused, "404": refused,
        },
    }  # fmt: skip


def _paths() -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """Of each route: what it answers, its parameters (! required), the schema of its answer."""
    narrow = {"portal": TEXT, "section": TEXT, "author": TEXT, "from": TEXT, "to": TEXT, "attachments": TEXT}
    page, limit = {"type": "integer", "minimum": 1, "maximum": 1000}, {"type": "integer", "minimum": 1, "maximum": 100}
    portal = {"portal": TEXT, "articles": NUMBER, "runs": NUMBER, "last": TIME}
    run = _object({"id": NUMBER, "portal": TEXT, "started": TIME, "captures": NUMBER}, "id", "portal", "started")
    health = _object({"portal": TEXT, "state": TEXT, "due": MAYBE_TEXT, "fallen": MAYBE_TEXT, "paused": FLAG}, "portal", "state")
    new = _object({"article": NUMBER, "url": TEXT, "title": MAYBE_TEXT, "published": MAYBE_TEXT, "captured": TIME})
    kept = {"allOf": [_ref("Capture"), _object({"body": MAYBE_TEXT, "message": MAYBE_TEXT, "viewer": MAYBE_TEXT}, "body", "message")]}
    memento = _object({"datetime": TIME, "uri": TEXT, "digest": MAYBE_TEXT}, "datetime", "uri")
    file = _object({"record_id": TEXT, "time": TIME, "payload_digest": MAYBE_TEXT, "length": NUMBER}, "record_id", "time")
    either = {"anyOf": [file, {"type": "null"}]}
    field = _object({"field": TEXT, "before": {}, "after": {}, "words": _list(_list(TEXT))}, "field", "before", "after")
    event = {
        "kind": {"enum": ["new", "changed", "gone"]}, "url": TEXT, "title": MAYBE_TEXT, "time": TIME, "fields": _list(TEXT),
        "compare": TEXT,
    }  # fmt: skip
    return {
        "/index.json": ("What the archive holds", {}, _object(
            {"articles": NUMBER, "captures": NUMBER, "portals": NUMBER, "bytes": NUMBER, "newest": _list(new), "runs": _list(run)}
        )),
        "/search.json": ("Articles by words, narrowed, or by date", {"q": TEXT, **narrow, "page": page, "limit": limit}, _object({
            "query": TEXT, "count": {"type": ["integer", "null"]}, "page": NUMBER, "more": FLAG,
            "hits": _list({"anyOf": [_ref("Hit"), _ref("ArticleRow")]}),
        })),
        "/articles/{key}.json": ("An article by its number", {"key": NUMBER}, _ref("Article")),
        "/articles.json": ("An article by its address", {"url!": TEXT}, _ref("Article")),
        "/captures.json": ("Everything known of an address", {"url!": TEXT}, _object({
            "url": TEXT, "captures": _list(kept), "count": NUMBER, "redirected_from": _list(_ref("Capture")), "refusals": _list(_object({})),
            "frontier": _list(_object({})), "linked_from": _list(TEXT), "refused_more": _list(_object({})),
        })),
        "/bytes/{record}/{start}-{end}.json": ("A piece of a body", {"record": TEXT, "start": NUMBER, "end": NUMBER}, _object({
            "record_id": TEXT, "url": TEXT, "time": TIME, "payload_digest": MAYBE_TEXT, "digests_hold": FLAG, "length": NUMBER,
            "charset": TEXT, "start": NUMBER, "end": NUMBER, "sha256": TEXT, "says": TEXT, "whole": FLAG,
        })),
        "/portals.json": ("The portals", {}, _object({"portals": _list(_object(portal))})),
        "/portals/{code}.json": ("A portal month by month", {"code": TEXT}, _object(
            {**portal, "months": {"type": "object", "additionalProperties": NUMBER}}
        )),
        "/runs.json": ("How the portals fare, and the newest runs", {}, _object({"portals": _list(health), "runs": _list(run)})),
        "/runs/{number}.json": ("A run: what it fetched, left out, got wrong and found", {"number": NUMBER}, _object({
            "id": NUMBER, "portal": TEXT, "started": TIME, "captures": NUMBER, "seconds": {"type": "number"},
            "statuses": {"type": "object", "additionalProperties": NUMBER}, "queue": {"type": "object", "additionalProperties": NUMBER},
            "refused": _list(_object({"reason": TEXT, "host": TEXT, "count": NUMBER}, "reason", "count")), "worst": _list(_object({"url": TEXT})),
            "notices": _list(_object({"kind": {"enum": list(KINDS)}, "subject": TEXT, "title": MAYBE_TEXT, "detail": {"type": "object"}})),
        })),
        "/compare.json": ("What changed on a page", {"url!": TEXT, "from": TEXT, "to": TEXT}, _object({
            "url": TEXT, "from": TIME, "to": TIME, "same": FLAG, "fields": _list(field),
            "files": _list(_object({"url": TEXT, "kind": TEXT, "name": TEXT, "before": either, "after": either, "inside": {
                "type": ["array", "null"], "items": _list(TEXT), "description": "what differs in the texts inside, piece by piece",
            }})),
        })),
        "/changes.json": ("What happened on a portal", {"portal!": TEXT, "from": TEXT, "to": TEXT, "page": page}, _object(
            {"portal": TEXT, "from": TEXT, "to": TEXT, "page": NUMBER, "more": FLAG, "events": _list(_object(event))}
        )),
        "/cdx": ("Captures as rows (output=json); docs/protocols.md has all parameters", {
            "url!": TEXT, "matchType": {"enum": ["exact", "prefix", "host", "domain"]}, "from": TEXT, "to": TEXT, "filter": TEXT,
            "fl": {"type": "string", "description": ", ".join(FIELDS), "default": ",".join(COLUMNS)}, "collapse": TEXT,
            "limit": NUMBER, "offset": NUMBER, "sort": {"enum": ["default", "reverse", "closest"]}, "closest": TEXT, "page": NUMBER,
            "pageSize": NUMBER, "showNumPages": FLAG, "showResumeKey": FLAG, "resumeKey": TEXT, "resolveRevisits": FLAG,
            "fastLatest": FLAG, "gzip": FLAG, "fields": {"type": "string", "description": "as fl"},
            "output!": {"enum": ["json", "text", "cdxj"]},
        }, _list(_list(TEXT))),
        "/warc": ("The records as files", {}, _object({"files": _list(_object({"name": TEXT, "volumes": _list(TEXT)}))})),
        "/timemap/json/{url}": ("The mementos of an address", {"url": TEXT}, _object({
            "original_uri": TEXT, "self": TEXT, "from": TIME, "until": TIME, "timegate_uri": TEXT,
            "timemap_uri": _object({"link_format": TEXT, "json_format": TEXT}),
            "mementos": _object({"first": memento, "last": memento, "list": _list(memento)}),
            "timemap_index": _list(_object({"from": TIME, "until": TIME, "uri": TEXT})),
        }, "original_uri", "self", "timegate_uri", "timemap_uri")),
        "/wayback/available": ("The capture nearest to a time", {"url!": TEXT, "timestamp": TEXT}, _object({
            "url": TEXT, "timestamp": TEXT, "archived_snapshots": {"type": "object", "properties": {
                "closest": _object({"status": TEXT, "available": FLAG, "url": TEXT, "timestamp": TEXT}),
            }},
        }, "url", "archived_snapshots")),
        "/healthz": ("Whether the archives can be read", {}, _object({"status": {"const": "ok"}, "archives": NUMBER})),
        "/openapi.json": ("This document", {}, _object({"openapi": TEXT, "paths": _object({})}, "openapi")),
    }  # fmt: skip


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """An object; without a list of what is required, all is."""
    return {"type": "object", "properties": properties, "required": list(required or properties)}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_PLAIN: dict[Any, dict[str, Any]] = {
    str: TEXT, int: NUMBER, float: {"type": "number"}, bool: FLAG, datetime: TIME, type(None): {"type": "null"}, Any: {},
}  # fmt: skip


def _schema(kind: Any, classes: dict[str, Any]) -> dict[str, Any]:
    """The schema of a type; classes are described once, in `classes`."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(one, classes) for one in inner]}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(inner[1], classes)}
    if origin in (list, tuple):
        return _list({"anyOf": [_schema(one, classes) for one in inner if one is not Ellipsis]})
    if kind.__name__ not in classes:
        classes[kind.__name__] = {}
        hints = get_type_hints(kind)
        names = [one.name for one in fields(kind)] if is_dataclass(kind) else list(kind._fields)
        classes[kind.__name__] = _object({name: _schema(hints[name], classes) for name in names})
    return _ref(kind.__name__)
