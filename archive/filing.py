"""Reads the text inside the files that articles offer, once for each file, and keeps it with the articles that offer it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.deposit import Depositor
from archive.errors import DamagedRecord
from archive.file_reading import FileReader, tool
from archive.model import Attachment, Capture, FileText
from archive.retrieve import Reader
from archive.store import article_reading as shelf
from archive.store import file_texts
from archive.urls import parse_warc_date

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
        for number in file_texts.offering(reader.archives[0]):
            yield from filing.take(number)
        filing.settle()


class Ahead:
    """Reads the files of all articles before an archive is complete; iterated, gives what was read, and later what came since.

    Raises what `read_files` raises.
    """

    def __init__(self, path: Path, depositor: Depositor) -> None:
        self._path = path
        self._state = _state(path)
        self._filed = list(read_files(path, depositor))

    def __iter__(self) -> Iterator[Filed]:
        return iter(self._filed)

    @property
    def is_all(self) -> bool:
        """Whether nothing came to the archive since then that could offer a file or be one."""
        return self._state == _state(self._path)


def _state(path: Path) -> tuple[int, int]:
    with Reader.open(path) as reader:
        return file_texts.newest(reader.archives[0])


class _Filing:
    def __init__(self, reader: Reader, depositor: Depositor, read: Read) -> None:
        self._reader, self._depositor, self._read = reader, depositor, read
        self._archive = reader.archives[0]
        tools = file_texts.tools(self._archive)
        self._known = {sha for sha, (kind, was) in tools.items() if was == tool(kind)}
        # A file whose payload was read before is known by it, so that its bytes are not read each time a crawl ends.
        self._payloads = {p: sha for p, sha in file_texts.payloads(self._archive) if sha in self._known}
        self._offered = file_texts.offered(self._archive)
        self._waiting: list[Future[Any]] = []

    def take(self, number: int) -> Iterator[Filed]:
        row = shelf.newest_of(self._archive, number)
        if row is None:
            return
        offered = set()
        for file in row.kept().attachments:
            if (file.media_type or "").startswith(_NO_TEXT):
                continue
            for capture in self._captures(file, parse_warc_date(row.captured)):
                digest = self._payloads.get(capture.payload_digest or "")
                if digest is None:
                    filed, digest = self._filed(row.url, file, capture)
                    if filed is not None:
                        yield filed
                if digest is not None:
                    offered.add(digest)
        if offered != self._offered.get(number, set()):
            self._keep(self._depositor.offer(number, offered))

    def _captures(self, file: Attachment, at: datetime) -> list[Capture]:
        """The file as it was when the article was captured, and every other that stood under its address since: they are swapped silently."""
        nearest = self._reader.closest(file.url, at, 200)
        if nearest is None:
            return []
        later = [c for c in self._reader.find(file.url) if c.status == 200 and c.time > nearest.time and not (c.truncated or c.failure)]
        return list({c.payload_digest or c.record_id: c for c in (*later, nearest)}.values())

    def _filed(self, article: str, file: Attachment, capture: Capture) -> tuple[Filed | None, bytes | None]:
        """What reading a capture's file gave, if it was not known yet, and its digest."""
        try:
            with self._reader.open(capture) as opened:
                data = opened.body()
        except DamagedRecord as problem:
            return Filed(article, file, None, str(problem)), None
        digest = hashlib.sha256(data).digest()
        if capture.payload_digest:
            self._payloads[capture.payload_digest] = digest
        if digest in self._known:
            return None, digest
        text = self._read(data)
        self._known.add(digest)
        self._keep(self._depositor.keep_text(digest, capture, text))
        return Filed(article, file, text), digest

    def _keep(self, future: Future[Any]) -> None:
        self._waiting.append(future)
        if len(self._waiting) > _WAITING:
            self.settle()

    def settle(self) -> None:
        """Wait until everything is on disk."""
        for future in self._waiting:
            future.result()
        self._waiting.clear()
