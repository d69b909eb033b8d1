"""The engine of all bulk runs: workers take sources from a stream without a buffer and bring each to its outcome."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext, suppress
from typing import Final, Generic, TypeVar

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define, evolve, field

from .._background import background_work
from .._callbacks import call_back
from ..errors import JournalError, SinkError, TwelveLabsError
from ..resources._api import AsyncAPI
from .budget import Ledger
from .catalog import AssetCatalog
from .claims import Claim, Claims
from .context import RunContext
from .estimates import Demand
from .expiring import read_in_order
from .folders import SkipReason
from .forecast import Assumptions
from .journal import Job, Journal, JournalEntry, LeaseLostError, open_journal
from .operations import Operation
from .options import BulkOptions
from .outage import OutageMonitor
from .outcome import Event, Outcome, ResultTable
from .plan import Plan
from .processing import Processing
from .progress import Progress
from .retries import Attempts
from .sinks.committer import MAX_SOURCES, SinkCommitter, open_sink
from .sinks.rows import SHARED_COLUMNS, make_format
from .source_reader import SourceReader
from .sources import BulkSource
from .states import State
from .tally import Tally, show_bars
from .task import BulkTask, row_key
from .throttle import PauseSwitch

R = TypeVar("R")

MAX_WAITING: Final = 1000
"""Sources that wait for another run, or for another task with their content, while their workers take others."""


@define(eq=False)
class BulkEngine(Generic[R]):
    """Brings sources to outcomes.

    Attributes:
        api: The resources of the API.
        operation: Processing of each source.
        sources: The sources.
        options: Settings of the run.
        pause_switch: Switch that pauses the run.
        host: Task that hosts the run.
        skipped_files: Number of files in folders that are skipped, by reason.
        table: Rows of the results.
        ledger: What the run has reserved and used.
        progress: What remains of the plan.
        tally: Sources in each state, if the run has an observer.
    """

    api: AsyncAPI
    operation: Operation[R]
    sources: SourceReader
    options: BulkOptions
    pause_switch: PauseSwitch = field(factory=PauseSwitch, init=False)
    host: asyncio.Task[None] | None = field(default=None, init=False)
    skipped_files: Counter[SkipReason] = field(factory=Counter["SkipReason"], init=False)
    ledger: Ledger = field(init=False)
    table: ResultTable = field(init=False)
    progress: Progress = field(init=False)
    tally: Tally = field(init=False)
    _outcomes: MemoryObjectSendStream[Outcome[R]] = field(init=False)
    _context: RunContext = field(init=False)
    _processing: Processing[R] = field(init=False)
    _tasks: TaskGroup = field(init=False)
    _waiting: anyio.Semaphore = field(init=False)
    _storing: anyio.Semaphore = field(factory=lambda: anyio.Semaphore(MAX_SOURCES), init=False)
    _attempts: Attempts = field(init=False)
    _in_progress: int = field(default=0, init=False)
    _scope: anyio.CancelScope | None = field(default=None, init=False)
    _reading: anyio.CancelScope | None = field(default=None, init=False)
    _is_cancelled: bool = field(default=False, init=False)
    _reading_error: Exception | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        api, options = self.api, self.options
        category = self.operation.demand.category
        self.ledger = Ledger(options.budget, options.prices, category, options.interval, options.concurrency)
        self.progress = Progress(category, self._demand_of, options, api.limits, self.ledger)
        self.tally = Tally(self.sources.found)
        self.table = ResultTable(lambda: self.operation.columns, self.operation.take_items)
        outages = OutageMonitor(api, options, self._publish, self.stop)
        self._attempts = Attempts(api.reachability, outages, options.interval, self.stop)

    async def run(self, outcomes: MemoryObjectSendStream[Outcome[R]]) -> None:
        """Send the outcome of each source as it finishes.

        Raises:
            APIError: The run cannot start.
            UnauthorizedError: The API key is invalid.
            QuotaExhaustedError: The account's quota is exhausted.
            JournalError: The journal cannot be read or written.
            SinkError: The sink cannot be read or written.
            Exception: The error that *sources* or the caller's *on_event* raised.
        """
        background_work.set(self.ledger.work)  # for this task, which is the run's own, and those that it starts
        self._outcomes, self._attempts.started_at = outcomes, asyncio.get_running_loop().time()
        async with outcomes, aclosing(self.sources), self._show_bars():
            with anyio.CancelScope() as self._scope:
                if self._is_cancelled:
                    self._scope.cancel()
                async with self._open_sink() as sink:
                    models = await self._attempts.prepare(self._prepare, self.operation.job)
                    async with self._open_journal() as journal:
                        await self._process_all(journal, sink, models)
        if error := self._attempts.error or self._reading_error:
            raise error

    def _show_bars(self) -> AbstractAsyncContextManager[None]:
        return show_bars(self.tally, lambda: self.progress.remaining) if self.options.progress else nullcontext()

    async def plan(self, assumptions: Assumptions) -> Plan:
        """Return the plan of the run, which may be in progress.

        Raises:
            APIError: The run could not start.
            ValueError: The journal belongs to another job.
            JournalError: The journal cannot be read.
            Exception: The error that *sources* raised.
        """
        return await self.progress.plan(self.sources, await self._prepare(), self.operation.job, assumptions)

    def _demand_of(self, source: BulkSource) -> Demand:
        return evolve(self.operation.demand_of(source), multipart_threshold=self.options.multipart_threshold)

    def stop(self, error: Exception | None = None) -> None:
        """Begin no more sources. Those in progress are brought to their outcomes, and then *error* is raised."""
        self._attempts.end(error)
        self.pause_switch.resume()
        if self._reading is not None:
            self._reading.cancel()

    def cancel(self, error: Exception | None = None) -> None:
        """End the run now, and raise *error*."""
        self._is_cancelled = True
        self.stop(error)
        if self._scope is not None:
            self._scope.cancel()

    async def _abort(self, error: Exception) -> None:
        """End the run now because of an error that is not the failure of a source."""
        self.cancel(error)
        await checkpoint()

    async def _prepare(self) -> Sequence[str]:
        return await self.operation.prepare(self.api, self.options.request_options)

    def _open_journal(self) -> AbstractAsyncContextManager[Journal]:
        options, operation = self.options, self.operation
        if options.journal is None:
            return nullcontext(Journal())
        job = Job(name=operation.job, activity=operation.activity, title=operation.title, command=options.command)
        return open_journal(options.journal, job, options.timings)

    def _open_sink(self) -> AbstractAsyncContextManager[SinkCommitter | None]:
        if self.options.sink is None:
            return nullcontext()
        job_field = () if self.operation.job_field is None else (self.operation.job_field,)
        row_format = make_format((*SHARED_COLUMNS, *job_field), self.operation.columns, self.operation.vector_size)
        return open_sink(self.options.sink, row_format, lambda: not self._in_progress)

    async def _process_all(self, journal: Journal, sink: SinkCommitter | None, models: Sequence[str]) -> None:
        async with anyio.create_task_group() as background:
            background.start_soon(journal.commit_writes)
            background.start_soon(self._send_heartbeats, journal)
            background.start_soon(self._attempts.outages.watch)
            if sink is not None:
                background.start_soon(self._commit_rows, sink)
            expected = await self.sources.count()
            self._context = RunContext(
                api=self.api,
                assets=AssetCatalog(self.api, self.options.request_options, expected),
                options=self.options,
                job_of=self.operation.job_of,
                activity=self.operation.activity,
                job_field=self.operation.job_field,
                table=self.table,
                models=models,
                journal=journal,
                sink=sink,
                demand_of=self._demand_of,
                ledger=self.ledger,
                stop=self.stop,
                publish=self._publish,
                pause_switch=self.pause_switch,
            )
            self._processing = Processing(self.operation, self._context, Claims(self._context), self._attempts)
            self._waiting = anyio.Semaphore(MAX_WAITING)
            async with aclosing(self._read_in_order(sink)) as ordered, anyio.create_task_group() as self._tasks:
                self._tasks.start_soon(self._read, ordered)
            background.cancel_scope.cancel()

    async def _send_heartbeats(self, journal: Journal) -> None:
        try:
            await journal.send_heartbeats()
        except JournalError as error:
            await self._abort(error)

    async def _commit_rows(self, sink: SinkCommitter) -> None:
        try:
            await sink.commit_rows()
        except (SinkError, ImportError) as error:
            await self._abort(error)

    def _read_in_order(self, sink: SinkCommitter | None) -> SourceReader | AsyncGenerator[BulkSource, None]:
        """Return the sources, first those whose results wait on the platform and may expire there."""
        operation, journal = self.operation, self.options.journal
        if not operation.results_expire or journal is None:
            return self.sources

        def is_pending(source: BulkSource, entry: JournalEntry) -> bool:
            if entry.state is State.READY and sink is not None:
                return row_key(operation.job_of(source), source.content_token(entry.digest)) not in sink.keys
            return entry.state is State.JOB_STARTED

        return read_in_order(self.sources, journal, operation.job, is_pending)

    async def _read(self, sources: AsyncIterator[BulkSource]) -> None:
        """Pass the sources to workers. A worker is started if all others are busy."""
        feed, received = anyio.create_memory_object_stream[BulkSource](0)
        workers = 0
        async with feed, received:
            while (source := await self._read_next(sources)) is not None:
                if source.skipped is not None:
                    self.skipped_files[source.skipped] += 1
                    await self._publish(Event("skipped", source.name, reason=source.skipped))
                    continue
                if workers < self.options.workers and not feed.statistics().tasks_waiting_receive:
                    workers += 1
                    self._tasks.start_soon(self._work, received.clone())
                await feed.send(source)

    async def _read_next(self, sources: AsyncIterator[BulkSource]) -> BulkSource | None:
        """Return the next source, or ``None`` at the end of the sources or of the run."""
        with anyio.CancelScope() as self._reading:
            await self.pause_switch.wait()
            try:
                if not self._attempts.is_over:
                    return await anext(sources, None)
            except Exception as error:  # the sources read so far are still processed
                self._reading_error = error
        return None

    async def _work(self, feed: MemoryObjectReceiveStream[BulkSource]) -> None:
        async with feed:
            async for source in feed:
                task = BulkTask[R](source, self._context)
                await task.emit("queued")
                claim = await self._bring_to_outcome(task)
                if claim in (Claim.BUSY, Claim.DUPLICATE, Claim.UNCHECKED):
                    await self._waiting.acquire()
                    self._tasks.start_soon(self._wait_for_outcome, task, claim)

    async def _wait_for_outcome(self, task: BulkTask[R], claim: Claim) -> None:
        """Bring a source to its outcome that another run is processing, or that an earlier run has finished."""
        while claim in (Claim.BUSY, Claim.UNCHECKED):
            if claim is Claim.BUSY:
                # The other run may be a process, which only its entries announce.
                await anyio.sleep(self.options.interval)
                if self._attempts.is_over:
                    task.error = TwelveLabsError(
                        "The run was stopped while another run was processing the source. Run again for its outcome."
                    )
                    await self._finish(task)
                    break
            claim = await self._bring_to_outcome(task, claim)
        if claim is not Claim.DUPLICATE:
            self._waiting.release()

    async def _bring_to_outcome(self, task: BulkTask[R], claim: Claim = Claim.BUSY) -> Claim:
        """Bring a source to its outcome, unless another task or run does so.

        Args:
            task: The source.
            claim: Result of its last claim.
        """
        sink = self._context.sink
        self._in_progress += 1
        try:
            claim = await self._processing.process(task, claim)
            if sink is not None and task.rows is not None:  # while they wait for others, the worker takes other sources
                await self._storing.acquire()
                committed = await sink.add(task.rows, self.operation.size_of(task.rows))
                task.rows = None
                self._tasks.start_soon(self._finish_committed, task, committed)
            elif claim in (Claim.OURS, Claim.FINISHED):
                await self._finish(task)
        except JournalError as error:
            await self._abort(error)
            raise
        finally:
            self._in_progress -= 1
            if sink is not None:
                sink.notify()
        return claim

    async def _finish_committed(self, task: BulkTask[R], committed: Awaitable[None]) -> None:
        """Bring a source to its outcome when its rows are committed."""
        try:
            await committed
            if task.is_leased:
                await self._processing.record_ready(task)
        except LeaseLostError:  # another run has taken over the source, and has written the same rows
            await self._waiting.acquire()
            await self._wait_for_outcome(task, Claim.BUSY)
        except JournalError as error:
            await self._abort(error)
            raise
        except Exception as error:
            with suppress(LeaseLostError):
                await self._processing.record_failure(task, error)
            await self._finish(task)
        else:
            await self._finish(task)
        finally:
            self._storing.release()

    async def _publish(self, event: Event) -> None:
        """Count an event, and pass it to the caller."""
        self.tally.record(event)
        if self.options.on_event is None:
            return
        try:
            await call_back(self.options.on_event, event)
        except Exception as error:  # an error of the caller, not the failure of a source
            await self._abort(error)

    async def _finish(self, task: BulkTask[R]) -> None:
        """Send the outcome of a source, and of those that share it."""
        await task.delete_strays()
        if task.is_leased:  # else an earlier run has finished it
            await self.progress.settle(task)
        self._processing.claims.release(task)
        outcome = task.outcome()
        await task.emit(outcome.status)
        await self._outcomes.send(outcome)
        for duplicate in task.duplicates:
            self._waiting.release()
            duplicate.adopt(task)
            if not duplicate.is_leased:
                await self.progress.settle(duplicate)
            await self._finish(duplicate)
