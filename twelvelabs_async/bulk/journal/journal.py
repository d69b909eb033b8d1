"""The journal as a run uses it: claim, record, release."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any, ClassVar, Final

import anyio
from attrs import define

from ..._threads import ThreadPool
from ...errors import JournalError
from ..states import State
from .database import Job, create_tables, identify_file, is_locked, open_database
from .entries import COLUMNS, FileStamp, JournalEntry, entry_of, values_of
from .leases import LeaseLostError, RunLease
from .timings import JournalTimings
from .writer import GroupCommitWriter, log_lock

SELECT: Final = f"SELECT lease, {', '.join(COLUMNS)} FROM entries WHERE"  # noqa: S608
UPDATE: Final = f"UPDATE entries SET ({', '.join(COLUMNS)}) = ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
CLOSE_SECONDS: Final = 5.0
"""Time in which a run that ends may write what is deferred."""
RETRY_SECONDS: Final = 0.01
"""Pause before a locked file is opened again: SQLite does not wait by itself while another process creates it."""


class Journal:
    """A journal that records nothing, for runs without a file.

    Attributes:
        is_kept: Whether the journal is kept in a file.
    """

    is_kept: ClassVar[bool] = False

    async def claim(
        self, source: str, stamp: FileStamp | None, *, retry_failed: bool, gone: JournalEntry | None = None
    ) -> tuple[JournalEntry, bool]:
        """Return the entry of a source, and whether this run has its lease.

        A run gets no lease if another run has it, or if nothing remains to be done.

        Args:
            source: Absolute path, URL or id.
            stamp: Stamp of the file, if the source is one.
            retry_failed: Whether something remains to be done if the source failed.
            gone: Entry whose objects the platform no longer has. Something remains to be done if they are the source's.
        """
        return JournalEntry(source=source), True

    async def claim_content(self, entry: JournalEntry, *, gone: JournalEntry | None = None) -> JournalEntry | None:
        """Record the digest of an entry, and return it with the progress of other sources with that content.

        Args:
            entry: The entry.
            gone: Entry whose objects the platform no longer has. Other sources with the same objects have no progress.

        Returns:
            ``None`` if another run is processing the content. The lease is released then.
        """
        return entry

    async def record_intent(self, entry: JournalEntry) -> None:
        """Record an entry durably, and confirm that no other run has taken it over.

        Raises:
            LeaseLostError: Another run has taken it over.
        """

    async def confirm_lease(self, entry: JournalEntry) -> None:
        """Confirm that no other run has taken an entry over. Without a suspension of the process, this costs nothing.

        Raises:
            LeaseLostError: Another run has taken it over.
        """

    async def record(self, entry: JournalEntry, *, is_durable: bool = False, release: bool = False) -> None:
        """Record an entry.

        Args:
            entry: The entry.
            is_durable: Whether the record has to survive a power failure.
            release: Whether to release the lease.

        Raises:
            LeaseLostError: Another run has taken the entry over.
        """

    def record_later(self, entry: JournalEntry, *, release: bool = False) -> None:
        """Record an entry within a second, without waiting.

        Only for facts that can be found again on the platform.
        """

    async def commit_writes(self) -> None:
        """Commit writes until cancelled."""

    async def send_heartbeats(self) -> None:
        """Send heartbeats until cancelled."""


@define(eq=False)
class SQLiteJournal(Journal):
    """A journal in a file that several processes of one machine may share."""

    writer: GroupCommitWriter
    lease: RunLease

    is_kept: ClassVar[bool] = True

    async def claim(
        self, source: str, stamp: FileStamp | None, *, retry_failed: bool, gone: JournalEntry | None = None
    ) -> tuple[JournalEntry, bool]:
        """Read the entry and take its lease, in one transaction."""
        run_id = self.lease.run_id

        def claim(database: sqlite3.Connection) -> tuple[JournalEntry, bool]:
            row = database.execute(f"{SELECT} source = ?", (source,)).fetchone()
            if row is None:
                database.execute("INSERT INTO entries (source, lease) VALUES (?, ?)", (source, run_id))
                return JournalEntry(source=source), True
            entry = entry_of(row[1:])
            is_unchanged = stamp is None or stamp == entry.stamp
            is_ready = entry.state is State.READY and not (gone and gone.object_ids == entry.object_ids)
            is_finished = is_ready or (entry.state is State.FAILED and not retry_failed)
            if row[0] not in (None, run_id) or (is_finished and is_unchanged):
                return entry, False
            database.execute("UPDATE entries SET lease = ? WHERE source = ?", (run_id, source))
            return entry, True

        await self._renew_lease()
        return await self.writer.write(claim)

    async def claim_content(self, entry: JournalEntry, *, gone: JournalEntry | None = None) -> JournalEntry | None:
        """Read the other entries with that content and write this one, in one transaction."""
        # First what is ready, then what another run is processing, then what was interrupted.
        query = (
            f"{SELECT} digest = ? AND variant IS ? AND source <> ? AND state <> 'failed'"
            " AND (state <> 'ready' OR asset_id IS NOT ? OR job_id IS NOT ?)"
            " ORDER BY state <> 'ready', lease IS NULL OR lease = ? LIMIT 1"
        )
        run_id = self.lease.run_id
        values = (entry.digest, entry.variant, entry.source, *(gone.object_ids if gone else (None, None)), run_id)

        def claim(database: sqlite3.Connection) -> JournalEntry | None:
            is_ready = entry.state is State.READY  # the file was touched, but has not changed
            row = None if is_ready else database.execute(query, values).fetchone()
            shared = entry
            if row is not None:
                lease, other = row[0], entry_of(row[1:])
                if lease not in (None, run_id) and other.state is not State.READY:
                    # Without its lease, the other run does not wait for this source in turn.
                    self._update(database, values_of(entry), release=True)
                    return None
                if other.state is State.READY or entry.state is State.QUEUED:
                    shared = entry.with_progress_of(other)
            self._update(database, values_of(shared), release=shared.state is State.READY)
            return shared

        return await self.writer.write(claim, replaces=entry.source)

    async def record_intent(self, entry: JournalEntry) -> None:
        """Sync the entry to the disk."""
        await self.record(entry, is_durable=True)
        await self.confirm_lease(entry)

    async def confirm_lease(self, entry: JournalEntry) -> None:
        """Renew the lease if it may have expired, and write the entry under it."""
        if await self._renew_lease():
            await self.record(entry)

    async def record(self, entry: JournalEntry, *, is_durable: bool = False, release: bool = False) -> None:
        """Commit the entry."""
        values = values_of(entry)
        await self.writer.write(
            lambda database: self._update(database, values, release=release),
            is_durable=is_durable,
            replaces=entry.source,
        )

    def record_later(self, entry: JournalEntry, *, release: bool = False) -> None:
        """Commit the entry with the next deferred writes."""
        values = values_of(entry)
        self.writer.write_later(entry.source, lambda database: self._update(database, values, release=release))

    async def _renew_lease(self) -> bool:
        """Send a heartbeat if other runs may have taken this one for ended, and return whether they may have."""
        if self.lease.is_certain:
            return False
        await self.writer.write(self.lease.send_heartbeat)
        return True

    def _update(self, database: sqlite3.Connection, values: tuple[Any, ...], *, release: bool = False) -> None:
        released, source = ", lease = NULL" if release else "", values[0]
        query = f"{UPDATE}{released} WHERE source = ? AND lease = ?"
        if not database.execute(query, (*values, source, self.lease.run_id)).rowcount:
            raise LeaseLostError(source)

    async def commit_writes(self) -> None:
        """Commit writes until cancelled."""
        await self.writer.run()

    async def send_heartbeats(self) -> None:
        """Send heartbeats until cancelled."""
        while True:
            await anyio.sleep(self.lease.timings.heartbeat)
            await self.writer.write(self.lease.send_heartbeat)


@asynccontextmanager
async def open_journal(path: Path, job: Job, timings: JournalTimings) -> AsyncGenerator[SQLiteJournal, None]:
    """Open the journal of a job, and release what the run has leased at the end.

    Args:
        path: The journal's file.
        job: The job. A journal belongs to one.
        timings: Time limits.

    Raises:
        JournalError: The file cannot be opened, or is not a journal.
        ValueError: The file is the journal of another job.
    """
    async with _connect(path) as (database, thread):
        await _create_tables(database, thread, path, job)
        lease = RunLease(timings)
        writer = GroupCommitWriter(path, database, timings, thread, await thread.run(identify_file, path))
        failure: JournalError | None = None
        try:
            writer.write_later("heartbeat", lease.send_heartbeat)
            if (failure := await writer.flush(with_deferred=True)) is not None:
                raise failure
            yield SQLiteJournal(writer, lease)
            await writer.flush(with_deferred=True)  # without a deadline: a run that was not cancelled loses no record
        finally:
            lease.end()
            # The shield has a deadline, because another process may never release the lock.
            with anyio.move_on_after(CLOSE_SECONDS, shield=True):
                writer.write_later("release", lease.release_all)
                failure = await writer.flush(with_deferred=True)
        if failure is not None:
            raise failure


@asynccontextmanager
async def _connect(path: Path) -> AsyncGenerator[tuple[sqlite3.Connection, ThreadPool], None]:
    """Yield a connection to the journal's file, and the only thread that uses it."""
    with closing(ThreadPool(1)) as thread:
        async with AsyncExitStack() as stack:
            try:
                database = await stack.enter_async_context(thread.open(open_database, path))
            except (sqlite3.Error, OSError) as error:
                raise _open_error(path, error) from None
            yield database, thread


async def _create_tables(database: sqlite3.Connection, thread: ThreadPool, path: Path, job: Job) -> None:
    while True:
        try:
            return await thread.run(create_tables, database, path, job)
        except sqlite3.Error as error:
            if not is_locked(error):
                raise _open_error(path, error) from None
            log_lock(path)
            await anyio.sleep(RETRY_SECONDS)


def _open_error(path: Path, error: Exception) -> JournalError:
    return JournalError(f"The journal {path} cannot be opened: {error}. Check its path and permissions.")
