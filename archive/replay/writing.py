"""Writes Atom feeds (RFC 4287) out of texts that are strangers'."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from xml.sax.saxutils import escape, quoteattr

from archive.replay.asking import Asked
from archive.replay.wording import word
from archive.urls import warc_date

_VIETNAM = timezone(timedelta(hours=7))
# What XML 1.0 has no place for (section 2.2).
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Entry:
    """An entry: its permanent id, title, when it last changed (a WARC date), our page of it, the original."""

    id: str
    title: str
    updated: str
    alternate: str
    via: str
    summary: str
    published: str | None = None
    authors: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    language: str = ""


def atom(asked: Asked, title: str, where: str, beside: str, entries: list[Entry]) -> bytes:
    """The feed at the path `where`; `beside` is the path of the page that shows the same."""
    updated = max((entry.updated for entry in entries), default="1970-01-01T00:00:00Z")
    here, product = asked.room + where, _xml(word(asked.language, "product"))
    head = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{asked.language}">\n'
        f"<id>{_xml(here)}</id>\n<title>{_xml(title)}</title>\n<updated>{_xml(updated)}</updated>\n"
        f'<author><name>{product}</name></author>\n<link rel="self" href={_quoted(here)}/>\n'
        f'<link rel="alternate" type="text/html" href={_quoted(asked.room + beside)}/>\n'
    )
    return (head + "".join(map(_written, entries)) + "</feed>\n").encode()


def _written(entry: Entry) -> str:
    names = "".join(f"<author><name>{_xml(name)}</name></author>" for name in entry.authors)
    terms = "".join(f"<category term={_quoted(term)}/>" for term in entry.terms)
    instant = _instant(entry.published)
    published = f"<published>{instant}</published>" if instant else ""
    language = f' xml:lang="{entry.language}"' if entry.language else ""
    return (
        f"<entry{language}><id>{_xml(entry.id)}</id><title>{_xml(entry.title)}</title>"
        f"<updated>{_xml(entry.updated)}</updated>{published}{names}{terms}"
        f'<link rel="alternate" type="text/html" href={_quoted(entry.alternate)}/><link rel="via" href={_quoted(entry.via)}/>'
        f"<summary>{_xml(entry.summary)}</summary></entry>\n"
    )


def _instant(text: str | None) -> str:
    """A portal's date as RFC 3339 wants it, empty if it is none; a day without a time begins at midnight in Vietnam."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return ""
    return warc_date(at if at.tzinfo else at.replace(tzinfo=_VIETNAM))


def _xml(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", text))


def _quoted(text: str) -> str:
    return quoteattr(_NO_XML.sub("\ufffd", text))
