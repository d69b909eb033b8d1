"""Analyze: from a source to the result of an analysis, by a task of its own or in a batch with others."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from operator import attrgetter
from typing import Any, ClassVar, Final, cast

from attrs import Factory, evolve, field, frozen

from ..._jobs import ANALYZE_TASK
from ..._response_values import optional_text
from ..._structured_output import from_analysis
from ...errors import APIResponseError, JobFailedError, NotFoundError
from ...media.types import MediaKind
from ...models._columns import Column, Columns, columns_of
from ...models._wire import dumps
from ...models.analyze_async import AnalyzeTaskResult
from ...options import MAX_BATCH_REQUESTS, MAX_PAGE_LIMIT, RequestOptions
from ...resources._api import AsyncAPI
from ..estimates import Demand
from ..exactly_once import Creation, exactly_once
from ..journal import Stage
from ..outcome import Outcome
from ..states import Activity
from ..task import BulkTask
from .base import Operation
from .batches import Batches, asset_input
from .upload import ensure_ready_asset

MAX_SUBMISSIONS: Final = 6
"""Tasks that are created for one source. A task may be deleted, and a batch may expire before it starts the task."""
TOKEN_DIGITS: Final = 40
"""Digits of the hash with which a token begins. At most 64 characters are allowed (docs: Create an analysis task)."""
DEFAULT_MAX_TOKENS: Final = 4_096
MAX_TOKENS: Final[Mapping[str, int]] = {"time_based_metadata": 32_768}
"""Tokens of an answer, at most, unless the question has a limit (docs: Create an analysis task)."""
UNLIMITED_TOKENS: Final = 98_304
"""The largest limit that can be stated, which stands for ``unlimited``."""
BATCH_TIMEOUT: Final = "batch_processing_timeout"
"""Error code of a task that was in progress when its batch expired."""


@frozen
class Answer:
    """Row of an answer.

    Attributes:
        result: The answer.
        value: Instance of the caller's class, if the answer fits it.
        error: Reason why the answer does not fit.
    """

    result: AnalyzeTaskResult
    value: object = None
    error: str | None = None


@frozen(eq=False)
class AnalyzeOperation(Operation[AnalyzeTaskResult]):
    """Upload and analyze each source.

    Attributes:
        question: Parameters of the analysis, without the video.
        into: Class of the answers, if they are JSON.
        in_batches: Whether new tasks are created in batches. Tasks of earlier runs may be in batches in any case.
        batches: Batches of this run.
    """

    question: Mapping[str, Any]
    in_batches: bool
    into: type[Any] | None = None
    batches: Batches = field(init=False, default=Factory(lambda self: Batches(self.question), takes_self=True))

    activity: ClassVar[Activity | None] = "analyzing"
    job_field: ClassVar[str | None] = "task_id"
    result_model: ClassVar[type[Any] | None] = AnalyzeTaskResult

    @property
    def kinds(self) -> Collection[MediaKind]:
        """Videos."""
        return {"video"}

    @property
    def job(self) -> str:
        """Name of the job."""
        return f"analyze {dumps(self.question).decode()}"

    @property
    def demand(self) -> Demand:
        """Needs of the operation for each source."""
        limit = self.question.get("max_tokens")
        if limit is None:
            limit = MAX_TOKENS.get(self.question.get("analysis_mode", ""), DEFAULT_MAX_TOKENS)
        tokens = limit if isinstance(limit, int) else UNLIMITED_TOKENS
        if not self.in_batches:
            return Demand(category="analyze", requests={"analyze": 1, "other": 1}, tokens=tokens)  # the other: result
        return Demand(
            category="analyze",
            requests={"analyze": 1 / MAX_BATCH_REQUESTS, "other": 1 / MAX_PAGE_LIMIT},  # the other: a page of results
            tokens=tokens,
        )

    async def prepare(self, api: AsyncAPI, request_options: RequestOptions | None) -> Sequence[str]:
        """Return the model. Every account can analyze."""
        return [self.question.get("model_name", "")]

    @property
    def columns(self) -> Columns:
        """Columns of an answer, and those of the class *into*."""
        model = self.question.get("model_name")
        columns = [
            Column("model", str, lambda _: model),
            Column("text", str, attrgetter("result.data")),
            Column("finish_reason", str, attrgetter("result.finish_reason")),
            Column("input_tokens", int, lambda item: getattr(item.result.usage, "input_tokens", None)),
            Column("output_tokens", int, lambda item: getattr(item.result.usage, "output_tokens", None)),
        ]
        if self.into is None:
            return columns
        typed = [
            evolve(column, read=partial(_read_value, column.read)) for column in columns_of(cast("Hashable", self.into))
        ]
        return [*columns, Column("error", str, attrgetter("error")), *typed]

    async def retrieve_result(
        self, api: AsyncAPI, outcome: Outcome[AnalyzeTaskResult], request_options: RequestOptions | None
    ) -> AnalyzeTaskResult:
        """Return the result of the analysis. The platform keeps it for 30 days.

        Raises:
            NotFoundError: The platform has deleted it.
            JobFailedError: It is not ready.
        """
        found = await api.analyze_async.tasks.retrieve(str(outcome.task_id), request_options=request_options)
        if found.result is None:
            raise JobFailedError(f"The analyze task {outcome.task_id} is {found.status}, without a result.", job=found)
        return found.result

    def take_items(self, result: AnalyzeTaskResult) -> Sequence[object]:
        """Return the answer, which may not fit the class *into*: the text is kept in any case."""
        if self.into is None:
            return [Answer(result)]
        try:
            return [Answer(result, from_analysis(result.data, result.finish_reason, self.into))]
        except APIResponseError as error:
            return [Answer(result, error=str(error))]

    async def run(self, task: BulkTask[AnalyzeTaskResult]) -> AnalyzeTaskResult:
        """Return the result of the analysis of a source."""
        entry = task.entry
        if self.in_batches:
            creation = Creation(
                noun="analysis",
                column="job_id",
                find=_find,
                create=self.batches.create,
                delete=_delete,
                reservation=self.batches.join,
            )
        else:
            creation = Creation(noun="analysis", column="job_id", find=_find, create=self._create, delete=_delete)
        for submission in range(MAX_SUBMISSIONS):
            if entry.job_id is None:
                await ensure_ready_asset(task)
            async with task.context.jobs:
                # An asset that this run has created has no analyses.
                may_exist = task.may_exist and submission == 0 and "asset_id" not in task.created
                entry.job_token = entry.job_token or self._token(task, is_first=submission == 0)
                task_id = await exactly_once(task, creation, find_first=may_exist)
                with suppress(NotFoundError):  # deleted, or older than 30 days
                    if (result := await self._wait_for_result(task, task_id)) is not None:
                        return result
            entry.reset(Stage.JOB)
        raise JobFailedError(
            f"The analysis was submitted {MAX_SUBMISSIONS} times, but the platform did not carry it out. Run again."
        )

    def _token(self, task: BulkTask[Any], *, is_first: bool) -> str:
        """Return a token that begins with a hash of the question and the asset.

        The first analysis of an asset has the same token on every machine, and so the same ``Idempotency-Key``.
        """
        if not task.may_exist:
            return uuid.uuid4().hex
        digest = hashlib.sha256(f"{self.job} {task.entry.asset_id}".encode()).hexdigest()
        return f"{digest[:TOKEN_DIGITS]}-{'first' if is_first else uuid.uuid4().hex[:8]}"

    async def _create(self, task: BulkTask[Any]) -> object:
        token, request_options = task.entry.job_token, task.context.options.request_options or {}
        headers = {**(request_options.get("additional_headers") or {}), "Idempotency-Key": token}
        created = await task.context.api.analyze_async.tasks.create(
            custom_id=str(token),
            video=asset_input(task),
            request_options={**request_options, "additional_headers": headers},
            **self.question,
        )
        return created.task_id

    async def _wait_for_result(self, task: BulkTask[Any], task_id: str) -> AnalyzeTaskResult | None:
        """Return the result of a task, or ``None`` if its batch ended without it."""
        if task.entry.batch_id is None:
            tasks = task.context.api.analyze_async.tasks
            return (await tasks.wait_until_ready(task_id, **task.context.options.waiting)).result
        item = (await self.batches.wait_for_results(task.entry.batch_id, task.context)).get(task_id)
        if item is None or getattr(item.error, "code", None) == BATCH_TIMEOUT:
            return None
        if item.status == "failed":
            reason = getattr(item.error, "message", None) or "the API gives no reason"
            raise JobFailedError(f"The analyze task {task_id} failed: {reason}.", job=item, reason=reason)
        return item.data


def _read_value(read: Callable[[Any], Any], answer: Answer) -> Any:
    return None if answer.value is None else read(answer.value)


async def _find(task: BulkTask[Any]) -> object | None:
    """Return the id of the task with the entry's token, and note its batch.

    If this job has not requested the task, it is any with the same question that has not failed. If there are only
    failed ones, the entry gets a token that none of them has.
    """
    token, is_requested, has_failed = str(task.entry.job_token), task.entry.state.is_requested, False
    tasks = task.context.api.analyze_async.tasks.list(
        asset_id=task.entry.asset_id,
        page_limit=MAX_PAGE_LIMIT,
        request_options=task.context.options.request_options,
    )
    async for found in tasks:
        is_same = str(found.custom_id).startswith(token[: TOKEN_DIGITS + 1])
        if found.custom_id == token if is_requested else is_same:
            if found.status in ANALYZE_TASK.failed and not is_requested:
                has_failed = True
                continue
            task.entry.batch_id = optional_text("GET /analyze/tasks", "batch_id", found.batch_id)
            task.entry.job_token = found.custom_id
            return found.task_id
    if has_failed:
        task.entry.job_token = f"{token[:TOKEN_DIGITS]}-{uuid.uuid4().hex[:8]}"
    return None


async def _delete(task: BulkTask[Any], task_id: str) -> None:
    await task.context.api.analyze_async.tasks.delete(task_id, request_options=task.context.options.request_options)
