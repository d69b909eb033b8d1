"""Batches of analyses: collected, created by one request, and polled once for all their tasks."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeAlias

import anyio
from attrs import define, field

from ..._failures import is_about_input
from ..._response_values import models_in, require_id
from ...errors import APIError, GatewayTimeoutError, JobFailedError, WaitTimeoutError
from ...models.analyze_async import AnalyzeTaskResult, BatchResultItem
from ...options import MAX_BATCH_REQUESTS
from ..context import RunContext
from ..task import BulkTask
from .question import BATCH_MODEL, PROMPTS, Question

AnalyzeTask: TypeAlias = BulkTask[AnalyzeTaskResult]

# docs: Create a batch. A batch may also have at most 2,000 hours of video, which 1,000 videos of 2 hours do not exceed.
MAX_ACTIVE_BATCHES: Final = 5
"""Batches of an account that are in progress at the same time."""
ACTIVE: Final = ("pending", "processing", "canceling")
BATCH_SECONDS: Final = 25 * 3600.0
"""Time after which a batch has certainly ended: it expires after 24 hours."""
QUIET_INTERVALS: Final = 5
"""Poll intervals without a new task after which a batch is created that is not full."""


@define(eq=False)
class Batch:
    """Tasks that one request creates.

    Attributes:
        missing: Tasks whose intents are not recorded yet.
        failure: Error that all tasks raise, because the API refused the batch.
        recorded: Tasks whose intents are recorded.
        outcomes: Id or error of each task, after the request.
    """

    missing: set[AnalyzeTask]
    failure: Exception | None = None
    recorded: list[AnalyzeTask] = field(factory=list[AnalyzeTask], init=False)
    outcomes: Mapping[AnalyzeTask, object] = field(factory=dict[AnalyzeTask, object], init=False)
    is_complete: anyio.Event = field(factory=anyio.Event, init=False)
    requesting: anyio.Lock = field(factory=anyio.Lock, init=False)

    def remove(self, task: AnalyzeTask) -> None:
        """Expect nothing more of a task."""
        self.missing.discard(task)
        if not self.missing:
            self.is_complete.set()


@define(eq=False)
class BatchResults:
    """Results of a batch, retrieved by the first of its tasks that needs them.

    Attributes:
        readers: Tasks that have not read the results.
        found: Results by task id, or the error that all tasks of the batch raise.
    """

    readers: int = 0
    found: Mapping[str, BatchResultItem] | Exception | None = None
    retrieving: anyio.Lock = field(factory=anyio.Lock, init=False)


@define(eq=False)
class Batches:
    """Batches of a run.

    No task of the event loop belongs to this class: the first source that waits acts for those behind it.

    Attributes:
        question: Parameters of the analysis, without the video.
    """

    question: Question
    _max_size: int = field(default=MAX_BATCH_REQUESTS, init=False)
    _collected: deque[AnalyzeTask] = field(factory=deque[AnalyzeTask], init=False)
    _collecting: anyio.Lock = field(factory=anyio.Lock, init=False)
    _batches: dict[AnalyzeTask, Batch] = field(factory=dict[AnalyzeTask, Batch], init=False)
    _results: dict[str, BatchResults] = field(factory=dict[str, BatchResults], init=False)

    @asynccontextmanager
    async def join(self, task: AnalyzeTask) -> AsyncGenerator[None, None]:
        """Wait until a batch with *task* may be created. At the end, the batch does not wait for the task any more."""
        self._collected.append(task)
        async with self._collecting:
            if task not in self._batches:
                await self._collect(task.context)
        batch = self._batches[task]
        try:
            if batch.failure is not None:
                raise batch.failure.with_traceback(None)  # several tasks raise it
            yield
        finally:
            batch.remove(task)
            del self._batches[task]

    async def create(self, task: AnalyzeTask) -> object:
        """Create the task in its batch, as soon as the intents of the whole batch are recorded, and return its id."""
        batch = self._batches[task]
        batch.recorded.append(task)
        batch.remove(task)
        await batch.is_complete.wait()
        async with batch.requesting:
            batch.outcomes = batch.outcomes or await self._request(batch.recorded)
        outcome = batch.outcomes[task]
        if isinstance(outcome, Exception):
            raise outcome.with_traceback(None)
        return outcome

    async def wait_for_results(self, batch_id: str, context: RunContext) -> Mapping[str, BatchResultItem]:
        """Wait until a batch has ended, in whatever state, and return its results by task id."""
        results = self._results.setdefault(batch_id, BatchResults())
        async with results.retrieving:
            results.found = results.found or await _retrieve(batch_id, context)
        results.readers -= 1
        if results.readers <= 0 or isinstance(results.found, Exception):
            self._results.pop(batch_id, None)
        if isinstance(results.found, Exception):
            raise results.found.with_traceback(None)
        return results.found

    async def _collect(self, context: RunContext) -> None:
        """Assign a batch to the tasks that have waited longest."""
        try:
            await self._wait_for_tasks(context.options.interval)
            await self._wait_for_other_batches(context)
        except Exception as error:  # every other task would fail in the same way
            self._batches.update(dict.fromkeys(self._collected, Batch(set(), error)))
            self._collected.clear()
            return
        tasks = [self._collected.popleft() for _ in range(min(self._max_size, len(self._collected)))]
        self._batches.update(dict.fromkeys(tasks, Batch(set(tasks))))

    async def _wait_for_tasks(self, interval: float) -> None:
        """Wait until a batch is full, or no new task is added for some intervals."""
        known = 0
        while known < len(self._collected) < self._max_size:
            known = len(self._collected)
            await anyio.sleep(QUIET_INTERVALS * interval)

    async def _wait_for_other_batches(self, context: RunContext) -> None:
        """Wait until the account may have one more batch."""
        batches, options = context.api.analyze_async.batches, context.options
        while True:
            active = await batches.list(
                status=ACTIVE, page_limit=MAX_ACTIVE_BATCHES, request_options=options.request_options
            )
            if len(active.items or ()) < MAX_ACTIVE_BATCHES:
                return
            await anyio.sleep(QUIET_INTERVALS * options.interval)

    async def _request(self, tasks: Sequence[AnalyzeTask]) -> Mapping[AnalyzeTask, object]:
        """Create a batch, and return the id or the error of each task.

        A batch that the API refuses is split in halves, until the refused tasks stand alone.
        """
        context, question = tasks[0].context, self.question
        try:
            created = await context.api.analyze_async.batches.create(
                model_name=question.get("model_name", BATCH_MODEL),
                analysis_mode=question.get("analysis_mode", "general"),
                defaults=_batch_parameters(question),
                requests=[_batch_item(task) for task in tasks],
                request_options=context.options.request_options,
            )
            batch_id = require_id("POST /analyze/batches", "batch_id", created.batch_id, advice="Run again.")
            items = models_in("POST /analyze/batches", "items", created.items)
            task_ids = {str(item.custom_id): item.task_id for item in items}
        except Exception as error:
            if is_about_input(error) and len(tasks) > 1:
                middle = len(tasks) // 2
                return {**await self._request(tasks[:middle]), **await self._request(tasks[middle:])}
            if isinstance(error, GatewayTimeoutError):
                self._max_size = max(1, len(tasks) // 2)  # docs: Create a batch
            return dict.fromkeys(tasks, error)
        for task in tasks:
            task.entry.batch_id = batch_id
        self._results[batch_id] = BatchResults(len(tasks))
        return {task: task_ids.get(str(task.entry.job_token)) for task in tasks}


def _batch_item(task: AnalyzeTask) -> Any:
    parameters = _batch_parameters(task.source.parameters or {})
    return {**parameters, "video": asset_input(task), "custom_id": str(task.entry.job_token)}


def _batch_parameters(question: Question) -> Any:
    """Return the parameters of a question under the names that batches have for them."""
    others = ("model_name", "analysis_mode", *PROMPTS)
    parameters = {name: value for name, value in question.items() if name not in others}
    if question.get("prompt"):
        parameters["prompt"] = {"input_text": question["prompt"]}
    elif question.get("prompt_v_2"):
        parameters["prompt"] = question["prompt_v_2"]
    return parameters


async def _retrieve(batch_id: str, context: RunContext) -> Mapping[str, BatchResultItem] | Exception:
    batches, request_options = context.api.analyze_async.batches, context.options.request_options
    try:
        with suppress(JobFailedError):  # canceled or expired
            await batches.wait_until_ready(
                batch_id, timeout=BATCH_SECONDS, interval=context.options.interval, request_options=request_options
            )
        results = batches.results(batch_id, request_options=request_options)
        return {str(item.task_id): item async for item in results}  # an id of another type belongs to no task
    except (APIError, WaitTimeoutError) as error:
        return error


def asset_input(task: AnalyzeTask) -> Any:
    """Return the asset of a task as the video of an analysis."""
    return {"type": "asset_id", "asset_id": str(task.entry.asset_id)}
