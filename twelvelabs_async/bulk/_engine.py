"""The engine of all bulk runs: every source through a verb, many at once, each to one outcome."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

import anyio
import anyio.abc
from anyio.lowlevel import checkpoint
from anyio.streams.memory import MemoryObjectSendStream
from attrs import define, field
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from .._failures import is_permanent, is_transient
from .._files import PIECE_BYTES
from .._retry import MAX_PAUSE_SECONDS, replay
from ..errors import (
    APIError,
    JournalError,
    QuotaExhaustedError,
    RejectedError,
    TooManyRequestsError,
    TwelveLabsError,
    UnauthorizedError,
    UploadError,
)
from ..models._wire import dumps, loads, structure, unstructure
from ..models.multipart_upload import UploadProgress
from ._journal import Entry, Journal, LeaseLost, State, open_journal
from ._outcome import Event, EventKind, OnEvent, Outcome
from ._sources import Item

R = TypeVar("R")
T = TypeVar("T")

ATTEMPTS: Final = 6
"""How often a source is tried if what goes wrong may pass; the transport tries each request several times, besides."""
MOST_ASIDE: Final = 1000
"""Sources that may wait for others to finish them while new ones are taken."""
STRETCH: Final = 128 * PIECE_BYTES
"""Bytes of a file that are hashed at a time, a fraction of a second's work."""


@define(eq=False)
class Work(Generic[T]):
    """A source under work.

    Attributes:
        item: The source.
        entry: What is known of it.
        outcome: What its user will see.
        is_ours: Whether this run has it in the journal.
    """

    item: Item
    entry: Entry
    outcome: Outcome[T]
    engine: Engine[T]
    is_ours: bool = False

    async def save(self, *, release: bool = False) -> None:
        """Note what is known, in the journal too if there is one.

        Raises:
            LeaseLost: Another run has taken the source over.
        """
        outcome, entry = self.outcome, self.entry
        outcome.asset_id = entry.asset_id or outcome.asset_id  # an asset that failed is forgotten, not hidden
        outcome.indexed_asset_id, outcome.task_id = entry.indexed_asset_id, entry.task_id
        if self.engine.journal is not None and self.is_ours:
            await self.engine.journal.save(entry, release=release)

    async def intend(self, state: State) -> None:
        """Note that the API is about to be asked for something; waits while the run is paused."""
        await self.engine.running.wait()
        self.entry.state = state
        await self.save()

    async def tell(self, kind: EventKind, progress: UploadProgress | None = None) -> None:
        """Tell whoever listens what has happened."""
        await self.engine.tell(kind, self.outcome, progress)


class Verb(Protocol[T]):
    """What is done with each source."""

    async def begin(self) -> None:
        """Find out whether it can be done at all, before anything is."""

    async def __call__(self, work: Work[T]) -> T | None:
        """Bring a source to its end from wherever it stands. Called again after a failure that may pass."""


@define(eq=False)
class Engine(Generic[T]):
    """Takes sources through a verb.

    Attributes:
        job: What is done, and where: a journal belongs to one job.
        verb: What is done with each source.
        at_once: Most sources under work.
        journal_path: Where to remember what was done.
        retry_failed: Whether to try again what an earlier run found to fail.
        on_event: Who listens.
        interval: Seconds before a second try, doubled each time.
        kept: The model of the results, if the journal is to keep them.
        journal: What remembers, while the run lasts.
        running: Is cleared while the run is paused.
    """

    job: str
    verb: Verb[T]
    at_once: int
    journal_path: str | os.PathLike[str] | None
    retry_failed: bool
    on_event: OnEvent | None
    interval: float
    kept: type[T] | None = None
    journal: Journal | None = field(default=None, init=False)
    running: asyncio.Event = field(factory=asyncio.Event, init=False)
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _is_ending: bool = field(default=False, init=False)
    _stopped: Exception | None = field(default=None, init=False)
    _unreadable: Exception | None = field(default=None, init=False)
    _reading: anyio.CancelScope | None = field(default=None, init=False)
    _working: anyio.CancelScope | None = field(default=None, init=False)
    _aside: int = field(default=0, init=False)
    _room: asyncio.Semaphore = field(init=False)
    _hashing: asyncio.Semaphore = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.running.set()
        self._room = asyncio.Semaphore(self.at_once)
        self._hashing = asyncio.Semaphore(2)  # leaves worker threads to the uploads

    async def outcomes(self, items: AsyncGenerator[Item, None]) -> AsyncGenerator[Outcome[T], None]:
        """Yield each item's outcome as it finishes.

        Raises:
            APIError: It cannot begin.
            UnauthorizedError: The API key is unknown.
            QuotaExhaustedError: The account may do no more for now.
            JournalError: The journal cannot be read or written.
            Exception: Whatever reading the sources or the caller's *on_event* raised.
        """
        finished, outcomes = anyio.create_memory_object_stream[Outcome[T]](0)
        # A task of its own, since the scopes in it must not be left from whatever task closes this generator.
        self._task = working = asyncio.create_task(self._work_off(items, finished))
        working.add_done_callback(lambda _: finished.close())  # `end` may cancel it before it begins
        try:
            async for outcome in outcomes:
                yield outcome
            await asyncio.wait([working])
            if not working.cancelled():  # by `end`
                working.result()
        finally:
            working.cancel()
            with anyio.CancelScope(shield=True), finished, outcomes:
                await asyncio.gather(working, return_exceptions=True)

    async def _work_off(self, items: AsyncGenerator[Item, None], finished: MemoryObjectSendStream[Outcome[T]]) -> None:
        async with aclosing(items), AsyncExitStack() as stack:
            try:
                await self._persist(self.verb.begin)
            except APIError as trouble:
                raise self._stopped or trouble from None
            if self.journal_path is not None:
                self.journal = await stack.enter_async_context(open_journal(self.journal_path, self.job))
            with anyio.CancelScope() as self._working:
                async with anyio.create_task_group() as group:
                    if self.journal is not None:
                        group.start_soon(self._beat, self.journal)
                    async with anyio.create_task_group() as workers:
                        workers.start_soon(self._read, items, workers, finished)
                    group.cancel_scope.cancel()
        if error := self._stopped or self._unreadable:
            raise error

    async def _read(
        self,
        items: AsyncIterator[Item],
        workers: anyio.abc.TaskGroup,
        finished: MemoryObjectSendStream[Outcome[T]],
    ) -> None:
        # In a task of its own: `stop` cancels a scope in it, in which a cancellation of the run would get lost.
        while (item := await self._next(items)) is not None:
            workers.start_soon(self._work_on, item, finished)

    async def _beat(self, journal: Journal) -> None:
        try:
            await journal.beat()
        except JournalError as error:
            await self._fail(error)

    async def _next(self, items: AsyncIterator[Item]) -> Item | None:
        """Read an item as soon as there is room for it; ``None`` at the end, or if the run is to stop."""
        item = None
        with anyio.CancelScope() as self._reading:
            await self._room.acquire()
            await self.running.wait()
            try:
                if not self._is_ending:
                    item = await anext(items, None)
            except Exception as error:  # what was read before is still worked off
                self._unreadable = error
        return item

    def stop(self, error: Exception | None = None) -> None:
        """Begin with no more items; those that were begun go on to their end."""
        self._is_ending = True
        self._stopped = self._stopped or error
        self.running.set()
        if self._reading is not None:
            self._reading.cancel()

    async def end(self) -> None:
        """End at once, and wait until nothing is left running."""
        self.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _fail(self, error: Exception) -> None:
        """End at once, because of something that is not about a source."""
        self.stop(error)
        if self._working is not None:
            self._working.cancel()
        await checkpoint()

    async def _work_on(self, item: Item, finished: MemoryObjectSendStream[Outcome[T]]) -> None:
        outcome: Outcome[T] = Outcome(item.source)
        work = Work(item, Entry(item.key), outcome, self)
        try:
            await self.tell("queued", outcome)
            await self._bring_to_end(work)
            await self.tell(outcome.status, outcome)
            await finished.send(outcome)
        except JournalError as error:
            await self._fail(error)
        finally:
            self._room.release()

    async def _bring_to_end(self, work: Work[T]) -> None:
        try:
            if error := work.item.error or self._stopped:
                raise error
            work.item.source.encode()  # a name that is no UTF-8 can be sent nowhere
            while self.journal is None or await self._take(self.journal, work):
                with suppress(LeaseLost):
                    work.outcome.result = await self._persist(lambda: self.verb(work))
                    work.entry.state, work.entry.error = "ready", None
                    if self.kept is not None:
                        work.entry.result = dumps(unstructure(work.outcome.result)).decode()
                    break
            if work.entry.state == "failed":
                raise RejectedError(f"{work.entry.error} An earlier run found this out; retry_failed=True tries again.")
            if self.kept is not None and work.outcome.result is None and work.entry.result is not None:
                work.outcome.result = structure(loads(work.entry.result.encode()), self.kept)
        except JournalError:
            raise
        except Exception as error:
            work.outcome.error = error
            if work.entry.state != "failed":
                text = str(error) or type(error).__name__
                work.entry.error = text.encode(errors="backslashreplace").decode()
                work.entry.state = "failed" if is_permanent(_cause(error)) else work.entry.state
        with suppress(LeaseLost):
            await work.save(release=True)

    async def _take(self, journal: Journal, work: Work[T]) -> bool:
        """Take a source for this run; ``False`` if there is nothing left to do for it.

        Waits if somebody else is busy with it, or with the same content.
        """
        item, asked = work.item, Entry(work.item.key)
        if item.kind == "file":
            asked.size, asked.modified = await asyncio.to_thread(item.stamp)
        while True:
            work.entry, work.is_ours = await journal.claim(asked, retry_failed=self.retry_failed)
            if work.is_ours or work.entry.is_final:
                break
            await self._stand_aside()
        if not work.is_ours:
            return False
        entry = work.entry
        is_unchanged = (entry.size, entry.modified) == (asked.size, asked.modified)
        if item.kind == "file" and not (is_unchanged and entry.digest):
            async with self._hashing:
                digest = await _digest(asked.source)
            if not is_unchanged and entry.digest != digest:
                entry.forget()
            entry.size, entry.modified, entry.digest = asked.size, asked.modified, digest
        if entry.state == "failed":
            entry.reopen()
        while entry.digest is not None and not await journal.share(entry):
            await self._stand_aside()
        return not entry.is_final

    async def _stand_aside(self) -> None:
        """Wait until others may be done, and leave the room to somebody else meanwhile."""
        if self._is_ending:
            raise TwelveLabsError("The run was stopped while another one, or another file, was busy with the same.")
        leave = self._aside < MOST_ASIDE
        self._aside += 1
        if leave:
            self._room.release()
        try:
            await asyncio.sleep(self.interval)
        finally:
            self._aside -= 1
        if leave:
            await self._room.acquire()

    async def _persist(self, attempt: Callable[[], Awaitable[R]]) -> R:
        """Try, again and again if what goes wrong may pass."""
        try:
            return await attempt()
        except Exception as error:
            first = error

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.retry_after if isinstance(error, APIError) else None
            return max(asked or 0.0, self.interval * 2.0 ** (state.attempt_number - 1))

        policy = AsyncRetrying(
            retry=retry_if_exception(self._may_pass),
            stop=stop_after_attempt(ATTEMPTS),
            wait=pause,
            sleep=asyncio.sleep,
            reraise=True,
        )
        return await policy(replay(first, attempt))

    def _may_pass(self, error: BaseException) -> bool:
        """Whether to try again; what is not the source's fault ends the run."""
        cause = _cause(error)
        if isinstance(cause, UploadError):
            return not self._is_ending  # what the API knows of the upload tells how to go on
        if isinstance(cause, UnauthorizedError):
            self.stop(cause)
        elif isinstance(cause, TooManyRequestsError) and (cause.retry_after or 0.0) > MAX_PAUSE_SECONDS:
            self.stop(_exhausted(cause))
        return not self._is_ending and is_transient(cause)

    async def tell(self, kind: EventKind, outcome: Outcome[T], progress: UploadProgress | None = None) -> None:
        """Tell whoever listens what has happened."""
        if self.on_event is None:
            return
        event = Event(kind, outcome.source, progress, outcome.asset_id, outcome.indexed_asset_id, outcome.error)
        try:
            result = self.on_event(event)
            if inspect.isawaitable(result):
                await result
        except Exception as error:  # not the source's failure but the caller's
            await self._fail(error)


def _cause(error: BaseException) -> BaseException:
    return error.original_error or error if isinstance(error, UploadError) else error


async def _digest(path: str) -> str:
    """The SHA-256 of a file, read a stretch at a time, so that a run can be left in the middle of it."""
    digest = hashlib.sha256()
    offset = 0
    while read := await asyncio.to_thread(_add_stretch, digest, path, offset):
        offset += read
    return digest.hexdigest()


def _add_stretch(digest: Any, path: str, offset: int) -> int:
    with open(path, "rb") as file:
        file.seek(offset)
        for _ in range(STRETCH // PIECE_BYTES):
            digest.update(file.read(PIECE_BYTES))
        return file.tell() - offset


def _exhausted(error: TooManyRequestsError) -> QuotaExhaustedError:
    resume_at = datetime.now(UTC) + timedelta(seconds=error.retry_after or 0.0)
    return QuotaExhaustedError(
        f"The account's quota is used up; go on after {resume_at:%Y-%m-%d %H:%M} UTC. {error}", resume_at=resume_at
    )


def places(number: int) -> anyio.Semaphore:
    """Room for so many at once.

    Raises:
        ValueError: It is room for nobody.
    """
    if number < 1:
        raise ValueError("concurrency and upload_concurrency must be at least 1")
    return anyio.Semaphore(number)
