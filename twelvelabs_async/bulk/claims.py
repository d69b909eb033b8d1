"""Claims: which task processes a source, and which tasks share the outcome of another one."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from enum import Enum, auto
from typing import Any, Final

import anyio
from attrs import define, evolve, field

from .._failures import is_permanent
from .._threads import run_in_thread
from .context import RunContext
from .journal import FileStamp, JournalEntry, Stage
from .sources import BulkSource
from .states import State
from .task import BulkTask

HASH_BLOCK_BYTES: Final = 1024 * 1024
HASH_STEP_BYTES: Final = 32 * HASH_BLOCK_BYTES
"""Bytes that are hashed in a worker thread, a fraction of a second's work. A run can be cancelled after each step."""
MAX_REMEMBERED: Final = 10_000
"""Contents that a run remembers."""
MAX_HASHING: Final = 2
"""Files that are hashed at the same time, so that worker threads remain for uploads."""


class Claim(Enum):
    """Result of a claim."""

    OURS = auto()
    """This task processes the source."""
    FINISHED = auto()
    """Nothing remains to be done."""
    UNCHECKED = auto()
    """Nothing remains to be done, if the platform still has what an earlier run has created."""
    DUPLICATE = auto()
    """Another task of this run processes the same content, and finishes this task together with itself."""
    BUSY = auto()
    """Another run is processing the source, or a file with the same content."""


@define(eq=False)
class Claims:
    """Claims of the tasks of a run. Each source and each content is processed by one task at a time, and once.

    The contents that were processed last are remembered: failed ones, and without a journal all of them.
    """

    context: RunContext
    _processed: OrderedDict[str, tuple[JournalEntry, Exception | None]] = field(
        factory=OrderedDict[str, "tuple[JournalEntry, Exception | None]"], init=False
    )
    _in_progress: dict[str, BulkTask[Any]] = field(factory=dict[str, BulkTask[Any]], init=False)
    _hashing: anyio.Semaphore = field(factory=lambda: anyio.Semaphore(MAX_HASHING), init=False)

    async def claim(self, task: BulkTask[Any]) -> Claim:
        """Claim a source and read its entry.

        Raises:
            OSError: The file cannot be read.
            JournalError: The journal cannot be written.
        """
        journal, source = self.context.journal, task.source
        if self._attach(task, self._key_of(task, source.key)):
            return Claim.DUPLICATE
        has_identity = source.kind == "file" and (journal.is_kept or task.may_exist or self.context.sink is not None)
        stamp = await run_in_thread(source.take_stamp) if has_identity else None
        retry_failed = self.context.options.retry_failed
        task.entry, task.is_leased = await journal.claim(source.key, stamp, retry_failed=retry_failed, gone=task.gone)
        if not task.is_leased:
            return Claim.FINISHED if task.entry.state.is_final else Claim.BUSY
        task.entry.variant = task.source.variant or None
        if stamp is not None:
            await self._update_digest(task, stamp)
        if task.entry.state is State.FAILED:
            task.entry.reset(Stage.JOB)
        task.recorded_id = getattr(task.entry, task.final_column)
        if task.gone is not None and task.gone.object_ids == task.entry.object_ids:
            task.entry.reset(task.gone_stage)
        if task.entry.digest is not None:
            if self._attach(task, self._key_of(task, task.digest_key)):
                return Claim.DUPLICATE
            claimed = await journal.claim_content(task.entry, gone=task.gone)
            if claimed is None:
                task.is_leased = False
                return Claim.BUSY
            task.entry, task.is_leased = claimed, claimed.state is not State.READY
        if self._is_stored(task):
            await self._release_stored(task)
            return Claim.FINISHED
        self._take_over(task)
        return Claim.FINISHED if task.entry.state.is_final else Claim.OURS

    def _is_stored(self, task: BulkTask[Any]) -> bool:
        """Return whether the sink has the rows of a source."""
        sink = self.context.sink
        return sink is not None and task.may_exist and task.row_key in sink.keys

    async def _release_stored(self, task: BulkTask[Any]) -> None:
        task.is_stored = True
        if task.is_leased:
            await self.context.journal.record(task.entry, release=True)
        task.is_leased = False

    def release(self, task: BulkTask[Any]) -> None:
        """Let other tasks claim the source and its content."""
        has_failed = task.error is not None and is_permanent(task.error)
        is_known = has_failed if self.context.journal.is_kept else has_failed or task.error is None
        for name in (task.source.key, task.digest_key):
            key = self._key_of(task, name)
            if self._in_progress.get(key) is task:
                del self._in_progress[key]
                if is_known and self._key_of(task, task.content_key) == key:
                    self._processed[key] = task.entry, task.error
        if len(self._processed) > MAX_REMEMBERED:
            self._processed.popitem(last=False)

    def _take_over(self, task: BulkTask[Any]) -> None:
        """Continue from what this run has done for the same content already.

        Raises:
            Exception: The failure of this content.
        """
        entry, error = self._processed.get(self._key_of(task, task.content_key), (None, None))
        if error is not None:
            raise error.with_traceback(None)
        if entry is not None:
            task.entry = evolve(task.entry.with_progress_of(entry), state=entry.confirmed_state)

    def _key_of(self, task: BulkTask[Any], name: str) -> str:
        """Return what is the same for sources that share an asset. Without a journal, that includes the token."""
        return name if self.context.journal.is_kept else f"{task.source.token} {name}"

    def _attach(self, task: BulkTask[Any], key: str) -> bool:
        """Attach a task to the one that has claimed *key*, and return True. Without such a task, claim *key*."""
        other = self._in_progress.setdefault(key, task)
        if other is task:
            return False
        other.duplicates.append(task)
        return True

    async def _update_digest(self, task: BulkTask[Any], stamp: FileStamp) -> None:
        """Hash a file that is new or was touched, and reset its entry if it has changed."""
        entry = task.entry
        if stamp == entry.stamp and entry.digest is not None:
            return
        async with self._hashing:
            digest = await hash_file(task.source, stamp.size or 0)
        if stamp != entry.stamp and digest != entry.digest:
            entry.reset(Stage.SOURCE)
        entry.size, entry.modified, entry.digest = stamp.size, stamp.modified, digest


async def hash_file(source: BulkSource, size: int) -> str:
    """Return the SHA-256 of the first *size* bytes of a file, which may grow without end."""
    digest = hashlib.sha256()
    for offset in range(0, size, HASH_STEP_BYTES):
        await run_in_thread(_hash_step, digest, source.name, offset, min(HASH_STEP_BYTES, size - offset))
    return digest.hexdigest()


def _hash_step(digest: Any, path: str, offset: int, size: int) -> None:
    with open(path, "rb") as file:
        file.seek(offset)
        while block := file.read(min(HASH_BLOCK_BYTES, size)):
            digest.update(block)
            size -= len(block)
