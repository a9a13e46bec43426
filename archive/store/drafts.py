"""An article made ready to be kept as a revision: its JSON, its digest, and what it is found by. Pure, and without SQLite."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from archive.model import Article, Draft
from archive.store.fold import fold
from archive.store.packing import packed
from archive.urls import surt

# What makes two cleanings the same article. Which capture they came from, what did the cleaning, and what it cut does
# not.
_CONTENT = ("title", "lead", "text", "authors", "source", "published", "modified", "section", "tags", "document")
# Made once: json.dumps makes an encoder for each call.
# What makes two pages the same article: not where it is listed, nor when the page was made anew.
_SAID = ("title", "lead", "text", "authors", "source", "published", "document", "images", "attachments")
_PLAIN = json.JSONEncoder(ensure_ascii=False)
_LONG = 500
_CONTROLS = bytes(set(range(0x20)) - {0x0A})
_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def draft(article: Article, rules: bytes | None) -> Draft:
    """Digest and fold `article`; `rules` is the canonical JSON of the rules it was cleaned by."""
    body = article.to_dict()
    del body["capture"]
    try:
        written = {name: _json(value) for name, value in body.items()}
    except UnicodeEncodeError:  # lone surrogates, which JSON in a page can name, become question marks
        plain = json.loads(_PLAIN.encode({"capture": None, **body}).encode("utf-8", "replace"))
        return draft(Article.from_dict(plain), rules)
    kept, content = _object(written), _content(body, written)
    named = (f"sha256:{hashlib.sha256(rules).hexdigest()}", rules.decode()) if rules is not None else None
    version = str(article.cleaner.get("version") or "")
    return Draft(
        body["url"], surt(body["url"]), body["title"], body["published"], packed(kept), len(kept), _digest(content), search_text(body),
        named, version, facets(body), article.cleaner.get("layer"), article.cleaner.get("container"), _says(content),
    )  # fmt: skip


def content_digest(body: dict[str, Any]) -> bytes:
    """One number for what an article says: equal numbers make no new revision."""
    return _digest(_content(body, {}))


def says(body: dict[str, Any]) -> int:
    """A number (64 bits, signed) for what the article says wherever it stands: one article at several addresses has the same."""
    return _says(_content(body, {}))


def _says(content: Mapping[str, bytes]) -> int:
    said = hashlib.sha256(_object({name: content[name] for name in _SAID})).digest()
    return int.from_bytes(said[:8], "big", signed=True)


def _digest(content: Mapping[str, bytes]) -> bytes:
    return hashlib.sha256(_object(dict(sorted(content.items())))).digest()


def _content(body: dict[str, Any], written: Mapping[str, bytes]) -> dict[str, bytes]:
    """What tells whether an article says something new; `written` has the JSON of fields: writing a text twice took 0.1 of 0.5 ms a page."""
    content = {name: written.get(name) or _json(body.get(name)) for name in _CONTENT if name != "document"}
    content["document"] = _SORTED.encode(body.get("document")).encode()
    content["images"] = _json([[image["url"], image["caption"]] for image in body["images"]])
    files = [[file["url"], file["name"], file["media_type"]] for file in body["attachments"]]
    content["attachments"] = _json(files)
    return content


def _object(fields: Mapping[str, bytes]) -> bytes:
    """A JSON object, as `json.dumps` writes it, of fields that are JSON already."""
    return b"{%b}" % b", ".join([b'"%b": %b' % (name.encode(), value) for name, value in fields.items()])


def _json(value: object) -> bytes:
    """`value` as `json.dumps` writes it, in UTF-8. Long texts hold little that has to be escaped: as bytes they take a third of the time."""
    if isinstance(value, str) and len(value) > _LONG:
        text = value.encode()
        if len(text.translate(None, _CONTROLS)) == len(text):
            return b'"%b"' % text.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return _PLAIN.encode(value).encode()


def search_text(body: dict[str, Any]) -> tuple[str, str]:
    """Title and text as the index holds them; captions, names of attachments and a document's number are found with the text."""
    more = [image["caption"] for image in body["images"]] + [file["name"] for file in body["attachments"]]
    more += [body["document"]["number"]] if body["document"] else []
    return fold(body["title"] or ""), fold("\n\n".join([body["text"], *filter(None, more)]))


def facets(body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """(kind, value) of what the article can be narrowed by, its portal aside."""
    told = [("section", name) for name in body["section"]] + [("author", name) for name in body["authors"]]
    return tuple(dict.fromkeys([*told, *([("attachments", "yes")] if body["attachments"] else [])]))
