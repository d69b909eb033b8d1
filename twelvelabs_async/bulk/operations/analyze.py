"""Analyze: from a source to the result of an analysis, by a task of its own or in a batch with others."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final

from attrs import Factory, field, frozen

from ..._response_values import optional_text
from ...errors import JobFailedError, NotFoundError
from ...media.types import MediaKind
from ...models._wire import dumps
from ...models.analyze_async import AnalyzeTaskResult
from ...options import MAX_PAGE_LIMIT, RequestOptions
from ...resources._api import AsyncAPI
from ..exactly_once import Creation, exactly_once
from ..journal import Stage
from ..states import Activity
from ..task import BulkTask
from .base import Operation
from .batches import Batches, asset_input
from .upload import ensure_ready_asset

MAX_SUBMISSIONS: Final = 6
"""Tasks that are created for one source. A task may be deleted, and a batch may expire before it starts the task."""
BATCH_TIMEOUT: Final = "batch_processing_timeout"
"""Error code of a task that was in progress when its batch expired."""


@frozen(eq=False)
class AnalyzeOperation(Operation[AnalyzeTaskResult]):
    """Upload and analyze each source.

    Attributes:
        question: Parameters of the analysis, without the video.
        in_batches: Whether new tasks are created in batches. Tasks of earlier runs may be in batches in any case.
        batches: Batches of this run.
    """

    question: Mapping[str, Any]
    in_batches: bool
    batches: Batches = field(init=False, default=Factory(lambda self: Batches(self.question), takes_self=True))

    activity: ClassVar[Activity | None] = "analyzing"
    job_field: ClassVar[str | None] = "task_id"
    result_model: ClassVar[type[Any] | None] = AnalyzeTaskResult
    kinds: ClassVar[Collection[MediaKind]] = frozenset({"video"})

    @property
    def job(self) -> str:
        """Name of the job."""
        return f"analyze {dumps(self.question).decode()}"

    async def prepare(self, api: AsyncAPI, request_options: RequestOptions | None) -> Sequence[str]:
        """Return the model. Every account can analyze."""
        return [self.question.get("model_name", "")]

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
        for _ in range(MAX_SUBMISSIONS):
            if entry.job_id is None:
                await ensure_ready_asset(task)
            async with task.context.jobs:
                entry.job_token = entry.job_token or uuid.uuid4().hex
                task_id = await exactly_once(task, creation, find_first=False)
                with suppress(NotFoundError):  # deleted, or older than 30 days
                    if (result := await self._wait_for_result(task, task_id)) is not None:
                        return result
            entry.reset(Stage.JOB)
        raise JobFailedError(
            f"The analysis was submitted {MAX_SUBMISSIONS} times, but the platform did not carry it out. Run again."
        )

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


async def _find(task: BulkTask[Any]) -> object | None:
    """Return the id of the task that has the entry's token, and note its batch."""
    tasks = task.context.api.analyze_async.tasks.list(
        asset_id=task.entry.asset_id,
        page_limit=MAX_PAGE_LIMIT,
        request_options=task.context.options.request_options,
    )
    async for found in tasks:
        if found.custom_id == task.entry.job_token:
            task.entry.batch_id = optional_text("GET /analyze/tasks", "batch_id", found.batch_id)
            return found.task_id
    return None


async def _delete(task: BulkTask[Any], task_id: str) -> None:
    await task.context.api.analyze_async.tasks.delete(task_id, request_options=task.context.options.request_options)
