"""The auditor's half: keeps, shows and proves. Runs with Scrapy uninstalled.

These are the names that code outside may rely on; each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.cleaning.clean import clean
    from archive.cleaning.flat import clean_text
    from archive.cleaning.rules import Rules
    from archive.deposit import Depositor
    from archive.errors import ArchiveError
    from archive.intake import read_back
    from archive.model import Article, Capture, Exchange
    from archive.retrieve import Reader
    from archive.store.drafts import draft
    from archive.warc.framing import Framer
    from archive.warc.payload import Answer, body_of
    from archive.words import say

_HOME = {
    "Answer": "archive.warc.payload",
    "Article": "archive.model",
    "ArchiveError": "archive.errors",
    "Capture": "archive.model",
    "Depositor": "archive.deposit",
    "Exchange": "archive.model",
    "Framer": "archive.warc.framing",
    "Reader": "archive.retrieve",
    "Rules": "archive.cleaning.rules",
    "body_of": "archive.warc.payload",
    "clean": "archive.cleaning.clean",
    "clean_text": "archive.cleaning.flat",
    "draft": "archive.store.drafts",
    "read_back": "archive.intake",
    "say": "archive.words",
}

__all__ = [
    "Answer",
    "ArchiveError",
    "Article",
    "Capture",
    "Depositor",
    "Exchange",
    "Framer",
    "Reader",
    "Rules",
    "body_of",
    "clean",
    "clean_text",
    "draft",
    "read_back",
    "say",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'archive' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
