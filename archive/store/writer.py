"""The one thread that writes: takes jobs from any thread, keeps them in groups, and answers once they are on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import sleep
from typing import Any, TypeVar

from sqlite_utils import Database

from archive.errors import CannotGoOn, Misuse
from archive.store.connect import close, open_for_writing, writing
from archive.store.trouble import renamed

T = TypeVar("T")
P = TypeVar("P")
# A commit costs one sync (0.4 ms or more); a hundred jobs share it without anybody waiting noticeably longer.
GROUP_JOBS = 128
GROUP_BYTES = 32 << 20
# A lone job waits this long, in seconds, for company: 16 exchanges at once made 5,600 commits for 4,400 jobs without it.
GATHER = 0.002
# Where there is company, more is coming: the group is held open for it, in seconds. Of what a commit writes most are pages of indices, the same
# for three jobs as for twelve: bench/crawl.py wrote 900 MB in 1,340 commits without it, and 420 MB in 370 with it.
HOLD = 0.01


@dataclass(slots=True)
class _Job:
    prepare: Callable[[sqlite3.Connection], Any] | None
    apply: Callable[[sqlite3.Connection, Any], Any]
    weight: int
    future: Future[Any]


class Writer:
    """Owns the writing connection to one archive.

    What fails, fails for good: after the first error that is not the caller's misuse nothing more is written, and every
    job, waiting or to come, gets that error.
    """

    def __init__(self, path: Path, *, lock_timeout: float = 60.0) -> None:
        self.path = path
        self._db: Database = open_for_writing(path, lock_timeout=lock_timeout)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closing = Lock()
        self._closed = False
        self.failure: Exception | None = None
        self._thread = Thread(target=self._run, name=f"writer of {path.name}", daemon=True)
        self._thread.start()

    def submit(
        self,
        apply: Callable[[sqlite3.Connection, P], T],
        prepare: Callable[[sqlite3.Connection], P] | None = None,
        weight: int = 0,
    ) -> Future[T]:
        """Have `apply` called inside a transaction, with what `prepare` returned before it began.

        Both run in the writer's thread; jobs are prepared and applied in the order in which they were submitted. The
        future is resolved when the transaction is on disk, and cannot be cancelled: what was handed over is kept.
        `weight` is roughly the bytes that the job writes. A `Misuse` from either fails this job alone and must come
        before it has written.
        """
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        with self._closing:
            if self._closed:
                future.set_exception(self.failure or CannotGoOn(f"{self.path}: the archive has been closed"))
            else:
                self._jobs.put(_Job(prepare, apply, weight, future))
        return future

    def close(self) -> None:
        """Keep what waits, then close the archive. May be called again."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            group, going = self._next_group()
            if self.failure is None and group:
                self._keep(group)
            elif self.failure is not None:
                _fail(group, self.failure)
        close(self._db)

    def _next_group(self) -> tuple[list[_Job], bool]:
        """The jobs that wait, at least one, up to a group's size; and whether more may come."""
        group: list[_Job] = []
        weight = 0
        try:
            job = self._jobs.get()
            while job is not None:
                group.append(job)
                weight += job.weight
                if len(group) >= GROUP_JOBS or weight >= GROUP_BYTES:
                    return group, True
                if len(group) == 2:
                    sleep(HOLD)
                job = self._jobs.get(timeout=0 if len(group) > 1 else GATHER)
        except Empty:
            return group, True
        return group, False

    def _keep(self, group: list[_Job]) -> None:
        results: list[tuple[_Job, Any]] = []
        try:
            ready = [(job, made) for job in group for made in _prepared(job, self._db.conn)]
            with writing(self._db) as conn:
                for job, made in ready:
                    try:
                        results.append((job, job.apply(conn, made)))
                    except Misuse as error:
                        job.future.set_exception(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing of this group was kept
            self.failure = renamed(error, self.path)
            _fail(group, self.failure)
            return
        for job, result in results:
            job.future.set_result(result)


def _prepared(job: _Job, conn: sqlite3.Connection) -> list[Any]:
    """What the job's preparation made, in a list; an empty one if the caller was at fault."""
    try:
        return [job.prepare(conn) if job.prepare else None]
    except Misuse as error:
        job.future.set_exception(error)
        return []


def _fail(group: list[_Job], error: Exception) -> None:
    for job in group:
        if not job.future.done():
            job.future.set_exception(error)
