"""Reads the text inside the files that articles offer, once for each file, and keeps it with the articles that offer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.deposit import Depositor
from archive.errors import DamagedRecord
from archive.file_reading import FileReader, tool
from archive.model import Article, Attachment, FileText
from archive.retrieve import Reader
from archive.store import article_reading as shelf
from archive.store import file_texts

# What these media hold is no text; a wrong media type hides nothing: links end as they like, answers are asked below.
_NO_TEXT = ("image/", "audio/", "video/")
_WAITING = 64

Read = Callable[[bytes], FileText]


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that was read now: the article that offers it, and its text. `damaged` says why its bytes could not be had."""

    article: str
    file: Attachment
    text: FileText | None
    damaged: str = ""


def read_files(path: Path, depositor: Depositor, read: Read | None = None) -> Iterator[Filed]:
    """Read the files of all articles that are in the archive and have not been read by this version; each once.

    `read` reads one; without it a process with limits does. Raises what opening the archive and the depositor raise.
    """
    with Reader.open(path) as reader, FileReader() as files:
        filing = _Filing(reader, depositor, read or files.read)
        for number in [row.article for row in shelf.revisions(reader.archives[0])]:
            article = reader.article(number)
            if article is not None and article.attachments:
                yield from filing.take(number, article)
        filing.settle()


class _Filing:
    def __init__(self, reader: Reader, depositor: Depositor, read: Read) -> None:
        self._reader, self._depositor, self._read = reader, depositor, read
        archive = reader.archives[0]
        self._known = {sha for sha, (kind, was) in file_texts.tools(archive).items() if was == tool(kind)}
        self._offered = file_texts.offered(archive)
        self._waiting: list[Future[Any]] = []

    def take(self, number: int, article: Article) -> Iterator[Filed]:
        offered = set()
        for file in article.attachments:
            if file.capture is None or (file.media_type or "").startswith(_NO_TEXT):
                continue
            if file.sha256 is None:
                yield Filed(article.url, file, None, "its kept bytes are damaged; run `tangthu verify`")
                continue
            digest = bytes.fromhex(file.sha256)
            if digest not in self._known:
                filed = self._filed(article, file, digest)
                yield filed
                if filed.text is None:
                    continue
            offered.add(digest)
        if offered != self._offered.get(number, set()):
            self._keep(self._depositor.offer(number, offered))

    def _filed(self, article: Article, file: Attachment, digest: bytes) -> Filed:
        capture = self._reader.capture(file.capture or "")
        if capture is None:
            return Filed(article.url, file, None, "its capture is not there")
        try:
            with self._reader.open(capture) as opened:
                data = opened.body()
        except DamagedRecord as problem:
            return Filed(article.url, file, None, str(problem))
        text = self._read(data)
        self._known.add(digest)
        self._keep(self._depositor.keep_text(digest, capture, text))
        return Filed(article.url, file, text)

    def _keep(self, future: Future[Any]) -> None:
        self._waiting.append(future)
        if len(self._waiting) > _WAITING:
            self.settle()

    def settle(self) -> None:
        """Wait until everything is on disk."""
        for future in self._waiting:
            future.result()
        self._waiting.clear()
