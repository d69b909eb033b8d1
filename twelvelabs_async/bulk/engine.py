"""The engine of all bulk runs: workers take sources from a stream without a buffer and bring each to its outcome."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext, suppress
from functools import partial
from typing import Any, Final, Generic, TypeVar

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import define, evolve, field

from .._background import background_work
from .._callbacks import call_back
from .._failures import cause_of, is_missing, is_permanent, is_transient
from ..errors import (
    APIError,
    APIResponseError,
    BudgetExceededError,
    JournalError,
    RejectedError,
    SinkError,
    TwelveLabsError,
)
from ..models._columns import json_text, text_for_files
from ..models._wire import dumps, loads, structure, unstructure
from ..resources._api import AsyncAPI
from .budget import Ledger
from .catalog import AssetCatalog
from .claims import Claim, Claims
from .estimates import Demand
from .fatal import fatal_error
from .folders import SkipReason
from .forecast import Assumptions, Forecast, make_forecast
from .journal import Job, Journal, LeaseLostError, Stage, open_journal
from .operations import Operation
from .options import BulkOptions
from .outage import OutageMonitor
from .outcome import Event, Outcome, ResultTable
from .plan import Plan, make_plan
from .retries import run_with_retries
from .sinks.committer import MAX_SOURCES, SinkCommitter, open_sink
from .sinks.rows import SHARED_COLUMNS, SourceRows, make_format
from .source_reader import SourceReader
from .sources import BulkSource
from .states import State
from .task import BulkTask, RunContext
from .throttle import PauseSwitch
from .usage import Usage

R = TypeVar("R")
T = TypeVar("T")

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
    _assumptions: Assumptions = field(factory=Assumptions, init=False)
    _planned: Usage | None = field(default=None, init=False)
    _settled: Usage = field(factory=Usage, init=False)
    _settled_keys: set[str] | None = field(default=None, init=False)
    _outcomes: MemoryObjectSendStream[Outcome[R]] = field(init=False)
    _context: RunContext = field(init=False)
    _claims: Claims = field(init=False)
    _tasks: TaskGroup = field(init=False)
    _waiting: anyio.Semaphore = field(init=False)
    _storing: anyio.Semaphore = field(factory=lambda: anyio.Semaphore(MAX_SOURCES), init=False)
    _outages: OutageMonitor = field(init=False)
    _started_at: float = field(init=False)
    _in_progress: int = field(default=0, init=False)
    _scope: anyio.CancelScope | None = field(default=None, init=False)
    _reading: anyio.CancelScope | None = field(default=None, init=False)
    _is_stopping: bool = field(default=False, init=False)
    _is_cancelled: bool = field(default=False, init=False)
    _error: Exception | None = field(default=None, init=False)
    _reading_error: Exception | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        options, category = self.options, self.operation.demand.category
        self.ledger = Ledger(options.budget, options.prices, category, options.interval, options.concurrency)
        self.table = ResultTable(lambda: self.operation.columns, self.operation.take_items)
        self._outages = OutageMonitor(self.api, self.options, self._publish, self.stop)

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
        self._outcomes, self._started_at = outcomes, asyncio.get_running_loop().time()
        async with outcomes, aclosing(self.sources):
            with anyio.CancelScope() as self._scope:
                if self._is_cancelled:
                    self._scope.cancel()
                async with self._open_sink() as sink:
                    models = await self._prepare()
                    async with self._open_journal() as journal:
                        await self._process_all(journal, sink, models)
        if error := self._error or self._reading_error:
            raise error

    async def plan(self, assumptions: Assumptions) -> Plan:
        """Return the plan of the run, which may be in progress.

        Raises:
            APIError: The run could not start.
            ValueError: The journal belongs to another job.
            JournalError: The journal cannot be read.
            Exception: The error that *sources* raised.
        """
        models = await self.operation.prepare(self.api, self.options.request_options)
        journal, job = self.options.journal, self.operation.job
        self._settled_keys = settled = set[str]()
        if journal is not None:  # which knows the sources that are settled already
            self._settled = Usage()
        plan = await make_plan(self.sources.read(), self._demand, models, journal, job, settled)
        self._settled_keys, self._planned, self._assumptions = None, plan.forecast.usage, assumptions
        plan.forecast = self._forecast(self._planned)
        return plan

    @property
    def remaining(self) -> Forecast | None:
        """Forecast of what remains of the plan, or ``None`` without a plan."""
        if self._planned is None:
            return None
        remaining = Usage()
        remaining.add(self._planned)
        remaining.add(self._settled, -1)
        remaining.bytes -= self.ledger.bytes_in_progress
        return self._forecast(remaining.without_negatives())

    @property
    def _demand(self) -> Demand:
        return evolve(self.operation.demand, multipart_threshold=self.options.multipart_threshold)

    def _forecast(self, usage: Usage) -> Forecast:
        return make_forecast(usage, self._demand.category, self.options, self._assumptions, self.api.limits)

    async def _settle(self, task: BulkTask[R]) -> None:
        """Subtract a source from what remains."""
        if self._settled_keys is not None:
            self._settled_keys.add(task.source.key)
        self.ledger.bytes_in_progress -= task.bytes_sent
        estimate = task.estimate
        if estimate is None and (self._planned is not None or self._settled_keys is not None):
            with suppress(OSError, ValueError):  # then the plan has skipped it
                estimate = await task.examine()
        if estimate is not None and not estimate.violations:
            self._settled.add(estimate.usage)

    def stop(self, error: Exception | None = None) -> None:
        """Begin no more sources. Those in progress are brought to their outcomes, and then *error* is raised."""
        self._is_stopping, self._error = True, self._error or error
        self.pause_switch.resume()
        self._outages.give_up()
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
        try:
            return await run_with_retries(
                lambda: self.operation.prepare(self.api, self.options.request_options),
                may_retry=self._may_retry,
                interval=self.options.interval,
                name=self.operation.job,
            )
        except APIError as error:
            raise self._error or error from None

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
            background.start_soon(self._outages.watch)
            if sink is not None:
                background.start_soon(self._commit_rows, sink)
            expected = await self.sources.count()
            self._context = RunContext(
                api=self.api,
                assets=AssetCatalog(self.api, self.options.request_options, expected),
                options=self.options,
                job=self.operation.job,
                activity=self.operation.activity,
                job_field=self.operation.job_field,
                table=self.table,
                models=models,
                journal=journal,
                sink=sink,
                demand=self._demand,
                ledger=self.ledger,
                stop=self.stop,
                publish=self._publish,
                pause_switch=self.pause_switch,
            )
            self._claims, self._waiting = Claims(self._context), anyio.Semaphore(MAX_WAITING)
            async with anyio.create_task_group() as self._tasks:
                self._tasks.start_soon(self._read)
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

    async def _read(self) -> None:
        """Pass the sources to workers. A worker is started if all others are busy."""
        feed, received = anyio.create_memory_object_stream[BulkSource](0)
        workers = 0
        async with feed, received:
            while (source := await self._read_next()) is not None:
                if source.skipped is not None:
                    self.skipped_files[source.skipped] += 1
                    await self._publish(Event("skipped", source.name, reason=source.skipped))
                    continue
                if workers < self.options.workers and not feed.statistics().tasks_waiting_receive:
                    workers += 1
                    self._tasks.start_soon(self._work, received.clone())
                await feed.send(source)

    async def _read_next(self) -> BulkSource | None:
        """Return the next source, or ``None`` at the end of the sources or of the run."""
        with anyio.CancelScope() as self._reading:
            await self.pause_switch.wait()
            try:
                if not self._is_stopping:
                    return await anext(self.sources, None)
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
                await anyio.sleep(
                    self.options.interval
                )  # the other run may be a process, which only its entries announce
                if self._is_stopping:
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
            claim = await self._claim_and_process(task, claim)
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
                await self._record_ready(task)
        except LeaseLostError:  # another run has taken over the source, and has written the same rows
            await self._waiting.acquire()
            await self._wait_for_outcome(task, Claim.BUSY)
        except JournalError as error:
            await self._abort(error)
            raise
        except Exception as error:
            await self._record_failure(task, error)
            await self._finish(task)
        else:
            await self._finish(task)
        finally:
            self._storing.release()

    async def _claim_and_process(self, task: BulkTask[R], claim: Claim) -> Claim:
        """Claim a source, and process it if it is this task's."""
        try:
            if error := task.source.error or self._error:
                raise error
            if claim is Claim.UNCHECKED and not await self._with_retries(task, partial(self._is_gone, task)):
                await self._take_finished(task)
                return Claim.FINISHED
            while (claim := await self._claims.claim(task)) is Claim.OURS:
                with suppress(LeaseLostError):  # another run has taken over the source: claim it again
                    await self._process(task)
                    break
            if claim is Claim.FINISHED and not task.is_stored:
                task.result = None
                if self._needs_check(task):
                    return Claim.UNCHECKED
                await self._take_finished(task)
        except JournalError:
            raise
        except Exception as error:  # the claim failed, and this is the outcome of this task
            with suppress(LeaseLostError):
                await self._record_failure(task, error)
            return Claim.OURS
        return claim

    def _needs_check(self, task: BulkTask[R]) -> bool:
        """Return whether the outcome of a source is that of an earlier run, whose objects may be gone."""
        sink = self._context.sink
        is_stored = sink is not None and task.row_key in sink.keys
        return task.entry.state is State.READY and self._context.journal.is_kept and not is_stored

    async def _is_gone(self, task: BulkTask[R]) -> bool:
        """Return whether the platform no longer has the objects of a finished source, and note which of them."""
        if await self.operation.check(task):
            return False
        has_asset = task.source.kind == "asset"
        if not has_asset and task.final_column == "job_id":
            has_asset = await self._context.asset_lookup.retrieve(task.entry) is not None
        task.gone, task.gone_stage = task.entry, Stage.JOB if has_asset else Stage.ASSET
        return True

    async def _take_finished(self, task: BulkTask[R]) -> None:
        """Take the outcome of a source that an earlier or another run finished."""
        self._read_result(task)
        await self._restore_rows(task)

    async def _publish(self, event: Event) -> None:
        """Pass an event to the caller."""
        if self.options.on_event is None:
            return
        try:
            await call_back(self.options.on_event, event)
        except Exception as error:  # an error of the caller, not the failure of a source
            await self._abort(error)

    async def _with_retries(self, task: BulkTask[R], step: Callable[[], Awaitable[T]]) -> T:
        return await run_with_retries(
            partial(self._attempt, step),
            may_retry=partial(self._may_retry, task=task),
            interval=self.options.interval,
            name=task.source.label,
        )

    async def _attempt(self, step: Callable[[], Awaitable[T]]) -> T:
        """Take a step of a source. An outage that interrupts it is no failed attempt."""
        while True:
            await self._outages.wait()
            try:
                return await step()
            except TwelveLabsError as error:
                cause = cause_of(error)
                self._stop_if_fatal(cause)
                if not await self._outages.outlast(cause):
                    raise

    async def _process(self, task: BulkTask[R]) -> None:
        """Bring a source to its end and record it.

        Raises:
            LeaseLostError: Another run has taken over the source, whose outcome is the one of that run.
        """
        task.result = task.error = None
        if task.entry.state is not State.QUEUED:  # the state that an earlier run has reached
            await task.emit(task.entry.state.event_kind(self.operation.activity))
        try:
            task.reserve_requests()
            task.result = await self._with_retries(task, partial(self.operation.run, task))
            if self.operation.result_model is not None:
                task.entry.result = _encode_result(task)
        except (JournalError, LeaseLostError):
            raise
        except Exception as error:
            await self._record_failure(task, error)
            return
        finally:
            task.end_reservation()
        if self._context.sink is None:
            await self._record_ready(task)
        else:
            self._make_rows(task)

    async def _record_ready(self, task: BulkTask[R]) -> None:
        task.entry.state, task.entry.error = State.READY, None
        await self._context.journal.record(task.entry, release=True)

    def _make_rows(self, task: BulkTask[R]) -> None:
        """Make the rows of a source for the sink."""
        entry, source = task.entry, task.source
        shared: dict[str, str | None] = {
            "key": task.row_key,
            "job": self.operation.job,
            "content": task.token,
            "source": source.key if source.kind == "url" else text_for_files(source.name),
            "user_metadata": None if source.user_metadata is None else json_text(source.user_metadata),
            "asset_id": entry.asset_id,
        }
        if self.operation.job_field is not None:
            shared[self.operation.job_field] = entry.job_id
        task.rows = SourceRows(shared, [] if task.result is None else self.operation.take_items(task.result))

    async def _restore_rows(self, task: BulkTask[R]) -> None:
        """Make the rows of a source that an earlier run finished, if the sink does not have them."""
        sink = self._context.sink
        if sink is None or task.error is not None or task.row_key in sink.keys:
            return
        if task.result is None:
            task.result = await self._with_retries(task, partial(self.operation.retrieve, task))
        self._make_rows(task)

    def _read_result(self, task: BulkTask[R]) -> None:
        entry, result_model = task.entry, self.operation.result_model
        task.error = None
        if entry.state is State.FAILED:
            task.error = RejectedError(
                f"{entry.error} This is the result of an earlier attempt. Change the source, or pass retry_failed=True."
            )
        elif result_model is not None and entry.result is not None:
            task.result = structure(loads(entry.result.encode()), result_model)

    async def _record_failure(self, task: BulkTask[R], error: Exception) -> None:
        task.error, entry = error, task.entry
        if not task.is_leased:
            return
        if not isinstance(error, BudgetExceededError):  # the source has not failed
            entry.error = (str(error) or type(error).__name__).encode(errors="backslashreplace").decode()
        # The outcome of a request has to be settled before the source can fail for good.
        if is_permanent(error) and not entry.state.is_requested:
            entry.state = State.FAILED
        await self._context.journal.record(entry, release=True)

    async def _finish(self, task: BulkTask[R]) -> None:
        """Send the outcome of a source, and of those that share it."""
        await task.delete_strays()
        if task.is_leased:  # else an earlier run has finished it
            await self._settle(task)
        self._claims.release(task)
        outcome = task.outcome()
        await task.emit(outcome.status)
        await self._outcomes.send(outcome)
        for duplicate in task.duplicates:
            self._waiting.release()
            duplicate.adopt(task)
            if not duplicate.is_leased:
                await self._settle(duplicate)
            await self._finish(duplicate)

    def _may_retry(self, error: BaseException, task: BulkTask[R] | None = None) -> bool:
        """Return whether another attempt may succeed. Stop the run if no attempt of any source may."""
        cause = cause_of(error)
        self._stop_if_fatal(cause)
        if self._is_stopping:
            return False
        # While the outcome of a request is unknown, the next attempt looks it up.
        is_unknown = task is not None and task.entry.state.is_requested and isinstance(cause, APIError)
        # Another machine may have withdrawn an object that this run has found.
        is_withdrawn = task is not None and task.has_found and is_missing(cause)
        return is_unknown or is_withdrawn or is_transient(cause)

    def _stop_if_fatal(self, cause: BaseException) -> None:
        was_reached = self.api.reachability.responded_at >= self._started_at
        if error := fatal_error(cause, was_reached=was_reached):
            self.stop(error)


def _encode_result(task: BulkTask[Any]) -> str:
    try:
        return dumps(unstructure(task.result)).decode()
    except (ValueError, RecursionError) as error:
        raise APIResponseError(f"The result of {task.source.label} is not valid JSON: {error}. Run again.") from None
