"""Group commit: writes that are requested within a few milliseconds share a transaction and at most one fsync."""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import anyio
from attrs import define, field

from ..._threads import ThreadPool
from ...errors import JournalError
from .database import FileIdentity, identify_file, is_locked
from .timings import JournalTimings

T = TypeVar("T")
Write: TypeAlias = Callable[[sqlite3.Connection], T]

log: Final = logging.getLogger("twelvelabs_async")


@define(eq=False)
class _Batch:
    """Writes that are committed together."""

    writes: list[Write[Any]] = field(factory=list[Write[Any]])
    is_durable: bool = False
    requested: anyio.Event = field(factory=anyio.Event)
    committed: anyio.Event = field(factory=anyio.Event)
    results: list[Any] = field(factory=list[Any])
    failure: JournalError | None = None

    def execute(self, database: sqlite3.Connection) -> None:
        """Execute all writes in one transaction. An error of one write is the result of that write alone."""
        # FULL syncs the log at the commit, and with it all earlier commits. NORMAL does not sync: the commit survives a
        # killed process, but not a power failure.
        database.execute(f"PRAGMA synchronous = {'FULL' if self.is_durable else 'NORMAL'}")
        database.execute("BEGIN IMMEDIATE")
        for write in self.writes:
            try:
                self.results.append(write(database))
            except sqlite3.Error:  # an error of the file, such as a full disk
                raise
            except Exception as error:  # an error of one source: a lost lease
                self.results.append(error)
        database.execute("COMMIT")


@define(eq=False)
class GroupCommitWriter:
    """The only writer of a journal's connection.

    Attributes:
        path: The journal's file.
        database: The connection.
        timings: Time limits.
        thread: The only thread that uses the connection.
        file: Identity of the file when it was opened.
    """

    path: Path
    database: sqlite3.Connection
    timings: JournalTimings
    thread: ThreadPool
    file: FileIdentity
    _is_locked: bool = field(default=False, init=False)
    _batch: _Batch = field(factory=_Batch, init=False)
    _deferred: dict[str, Write[Any]] = field(factory=dict[str, Write[Any]], init=False)
    _flush_at: float = field(default=math.inf, init=False)
    _lock: anyio.Lock = field(factory=anyio.Lock, init=False)

    async def write(self, write: Write[T], *, is_durable: bool = False, replaces: str = "") -> T:
        """Return the result of *write* after its transaction is committed.

        Args:
            write: Function that executes statements, in a worker thread.
            is_durable: Whether the commit has to survive a power failure.
            replaces: Key of a deferred write that this write supersedes.

        Raises:
            JournalError: The file cannot be written.
            Exception: The error that *write* raised.
        """
        batch, position = self._batch, len(self._batch.writes)
        self._deferred.pop(replaces, None)
        batch.writes.append(write)
        batch.is_durable |= is_durable
        batch.requested.set()
        await batch.committed.wait()
        if batch.failure is not None:
            raise batch.failure
        result = batch.results[position]
        if isinstance(result, Exception):
            raise result
        return result  # type: ignore[no-any-return]

    def write_later(self, key: str, write: Write[Any]) -> None:
        """Write within the flush delay. A later write with the same key replaces this one."""
        if not self._deferred:
            self._flush_at = _now() + self.timings.flush_delay
        self._deferred[key] = write

    async def run(self) -> None:
        """Commit batches until cancelled."""
        while True:
            with anyio.move_on_after(self.timings.flush_delay):
                await self._batch.requested.wait()
                await anyio.sleep(self.timings.commit_delay)
            is_due = _now() >= self._flush_at
            if self._batch.writes or is_due:
                await self.flush(with_deferred=is_due)

    async def flush(self, *, with_deferred: bool) -> JournalError | None:
        """Commit the writes that were requested so far, and return the error that prevented it."""
        async with self._lock:
            batch, self._batch = self._batch, _Batch()
            deferred = dict(self._deferred) if with_deferred else {}
            batch.writes += deferred.values()
            try:
                # The loop is here and not in the thread, so that a run can be cancelled while the file is locked.
                # A cancelled run does not wait for a file system that hangs: the thread commits the batch alone.
                while not await asyncio.shield(self.thread.submit(self._commit, batch)):
                    if not self._is_locked:
                        log_lock(self.path)
                    self._is_locked = True
                self._is_locked = False
                if deferred and batch.failure is None:
                    self._forget(deferred)
            finally:
                batch.committed.set()
        return batch.failure

    def _forget(self, committed: Mapping[str, Write[Any]]) -> None:
        """Remove deferred writes, except those that were replaced meanwhile."""
        for key, write in committed.items():
            if self._deferred.get(key) is write:
                del self._deferred[key]
        self._flush_at = _now() + self.timings.flush_delay if self._deferred else math.inf

    def _commit(self, batch: _Batch) -> bool:
        """Commit a batch. Return False if the file is locked by another process."""
        if identify_file(self.path) != self.file:
            batch.failure = JournalError(
                f"The journal {self.path} was deleted or replaced during the run. Restore it before the next run, "
                "which would otherwise upload the sources again."
            )
            return True
        try:
            batch.execute(self.database)
        except sqlite3.Error as error:
            if self.database.in_transaction:
                self.database.execute("ROLLBACK")
            batch.results.clear()
            if is_locked(error):
                return False
            batch.failure = JournalError(
                f"The journal {self.path} cannot be written: {error}. Remove the cause and run again."
            )
        return True


def log_lock(path: Path) -> None:
    """Log that the journal is locked by another process."""
    log.warning("The journal %s is locked by another process. Waiting for it.", path)


def _now() -> float:
    return asyncio.get_running_loop().time()
