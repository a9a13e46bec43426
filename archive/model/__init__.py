"""The words of the house: what passes between its rooms, and nothing that does anything.

Times are UTC `datetime`s with microseconds, lengths are bytes, digests are `sha256:` and lower-case hex.
"""

from archive.model.articles import Article, Attachment, Cut, Document, Draft, FileText, Image, Place
from archive.model.crawls import Alias, Link, Refusal, Run, Schedule, Settlement, Visit
from archive.model.exchanges import Capture, Exchange, Failure, TlsFacts, Truncation
from archive.model.studies import Lesson, Study, Vote

__all__ = [
    "Alias",
    "Article",
    "Attachment",
    "Capture",
    "Cut",
    "Document",
    "Draft",
    "Exchange",
    "Failure",
    "FileText",
    "Image",
    "Lesson",
    "Link",
    "Place",
    "Refusal",
    "Run",
    "Schedule",
    "Settlement",
    "Study",
    "TlsFacts",
    "Truncation",
    "Visit",
    "Vote",
]
