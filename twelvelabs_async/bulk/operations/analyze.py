"""Analyze: from a source to the result of an analysis, by a task of its own or in a batch with others."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final

from attrs import Factory, field, frozen

from ..._jobs import ANALYZE_TASK
from ..._response_values import optional_text
from ...errors import InvalidArgumentError, JobFailedError, NotFoundError
from ...media.types import MediaKind
from ...models._columns import Columns
from ...models._wire import dumps
from ...models.analyze_async import AnalyzeTaskResponse, AnalyzeTaskResult
from ...options import MAX_BATCH_REQUESTS, MAX_PAGE_LIMIT, RequestOptions
from ...resources._api import AsyncAPI
from ..estimates import Demand, refused_kinds
from ..exactly_once import Creation, exactly_once
from ..journal import Stage
from ..lookups import ImageAnalysisLookup
from ..outcome import Outcome
from ..sources import BulkSource
from ..states import Activity
from ..task import BulkTask
from .answers import answer_columns, make_answer
from .base import Operation
from .batches import Batches, asset_input
from .question import (
    IMAGE_NAME,
    MAX_WINDOW_SECONDS,
    SEGMENTATION,
    Question,
    question_of,
    validate_question,
    window_of,
)
from .upload import ensure_ready_asset

MAX_SUBMISSIONS: Final = 6
"""Tasks that are created for one source. A task may be deleted, and a batch may expire before it starts the task."""
TOKEN_DIGITS: Final = 40
"""Digits of the hash with which a token begins. At most 64 characters are allowed (docs: Create an analysis task)."""
PREFIX_LENGTH: Final = TOKEN_DIGITS + 1
DEFAULT_MAX_TOKENS: Final = 4_096
MAX_TOKENS: Final[Mapping[str, int]] = {SEGMENTATION: 32_768}
"""Tokens of an answer, at most, unless the question has a limit (docs: Create an analysis task)."""
UNLIMITED_TOKENS: Final = 98_304
"""The largest limit that can be stated, which stands for ``unlimited``."""
BATCH_TIMEOUT: Final = "batch_processing_timeout"
"""Error code of a task that was in progress when its batch expired."""


INTO_AND_FORMAT: Final = "Both into and response_format are given. Leave out response_format: into sets it."
HINTS: Final[Mapping[MediaKind, str]] = {
    "video": "To analyze images, pass image and the model_name 'pegasus1.6'.",
    "image": "Videos are analyzed without image.",
}


@frozen(eq=False)
class AnalyzeOperation(Operation[AnalyzeTaskResult]):
    """Upload and analyze each source.

    Attributes:
        question: Parameters of the analysis, without the video or image.
        into: Class of the answers, if they are JSON.
        in_batches: Whether new tasks are created in batches. Tasks of earlier runs may be in batches in any case.
        batches: Batches of this run.
    """

    question: Question
    in_batches: bool
    into: type[Any] | None = None
    batches: Batches = field(init=False, default=Factory(lambda self: Batches(self.question), takes_self=True))
    lookup: ImageAnalysisLookup = field(init=False, factory=lambda: ImageAnalysisLookup(PREFIX_LENGTH))

    activity: ClassVar[Activity | None] = "analyzing"
    job_field: ClassVar[str | None] = "task_id"
    result_model: ClassVar[type[Any] | None] = AnalyzeTaskResult

    @property
    def kind(self) -> MediaKind:
        """Kind of files that are analyzed: images instead of videos, if the question has images."""
        return "video" if self.question.get("image") is None else "image"

    @property
    def kinds(self) -> Collection[MediaKind]:
        """Videos, or images."""
        return {self.kind}

    @property
    def job(self) -> str:
        """Name of the job."""
        return _job(self.question)

    def job_of(self, source: BulkSource) -> str:
        """Return the name of the job with the question about a source."""
        return _job(question_of(self.question, source))

    def validate(self, source: BulkSource) -> None:
        """Validate the question about a source.

        Raises:
            ValueError: The API would refuse the question.
        """
        if self.into is not None and "response_format" in (source.parameters or {}):
            raise InvalidArgumentError(INTO_AND_FORMAT)
        validate_question(question_of(self.question, source), in_batches=self.in_batches)

    @property
    def demand(self) -> Demand:
        """Needs of the operation for each source."""
        return self._demand(self.question)

    def demand_of(self, source: BulkSource) -> Demand:
        """Return the needs of the operation for the question about a source."""
        return self._demand(question_of(self.question, source))

    def _demand(self, question: Question) -> Demand:
        limit = question.get("max_tokens")
        if limit is None:
            limit = MAX_TOKENS.get(question.get("analysis_mode", ""), DEFAULT_MAX_TOKENS)
        # The other requests are those for the result: one, or a page of them.
        jobs, pages = (1 / MAX_BATCH_REQUESTS, 1 / MAX_PAGE_LIMIT) if self.in_batches else (1, 1)
        window = window_of(question)
        return Demand(
            category="analyze",
            requests={"analyze": jobs, "other": pages},
            tokens=limit if isinstance(limit, int) else UNLIMITED_TOKENS,
            refused=refused_kinds(self.kinds, "Create an analysis task", HINTS[self.kind]),
            windows={} if window is None else {"video": window},
            max_window=MAX_WINDOW_SECONDS,
        )

    async def prepare(self, api: AsyncAPI, request_options: RequestOptions | None) -> Sequence[str]:
        """Return the model. Every account can analyze."""
        return [self.question.get("model_name", "")]

    @property
    def columns(self) -> Columns:
        """Columns of an answer, and those of the class *into*."""
        return answer_columns(self.question.get("model_name"), self.into)

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
        return [make_answer(result, self.into)]

    async def run(self, task: BulkTask[AnalyzeTaskResult]) -> AnalyzeTaskResult:
        """Return the result of the analysis of a source."""
        entry = task.entry
        if self.in_batches:
            creation = Creation(
                noun="analysis",
                column="job_id",
                find=self._find,
                create=self.batches.create,
                delete=_delete,
                reservation=self.batches.join,
            )
        else:
            creation = Creation(noun="analysis", column="job_id", find=self._find, create=self._create, delete=_delete)
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
        digest = hashlib.sha256(f"{task.job} {task.entry.asset_id}".encode()).hexdigest()
        return f"{digest[:TOKEN_DIGITS]}-{'first' if is_first else uuid.uuid4().hex[:8]}"

    async def _create(self, task: BulkTask[Any]) -> object:
        token, request_options = task.entry.job_token, task.context.options.request_options or {}
        headers = {**(request_options.get("additional_headers") or {}), "Idempotency-Key": token}
        question = {**question_of(self.question, task.source)}
        if self.kind == "image":
            asset = {"name": IMAGE_NAME, "asset_id": str(task.entry.asset_id)}
            question["image"] = [asset, *question["image"]]
        else:
            question["video"] = asset_input(task)
        created = await task.context.api.analyze_async.tasks.create(
            custom_id=str(token), request_options={**request_options, "additional_headers": headers}, **question
        )
        return created.task_id

    async def _find(self, task: BulkTask[Any]) -> object | None:
        """Return the id of the task with the entry's token, and note its batch.

        If this job has not requested the task, it is any with the same question that has not failed. If there are only
        failed ones, the entry gets a token that none of them has.
        """
        token, is_requested, has_failed = str(task.entry.job_token), task.entry.state.is_requested, False
        async for found in self._candidates(task, token[:PREFIX_LENGTH]):
            if is_requested and found.custom_id != token:
                continue
            if found.status in ANALYZE_TASK.failed and not is_requested:
                has_failed = True
                continue
            task.entry.batch_id = optional_text("GET /analyze/tasks", "batch_id", found.batch_id)
            task.entry.job_token = found.custom_id
            return found.task_id
        if has_failed:
            task.entry.job_token = f"{token[:TOKEN_DIGITS]}-{uuid.uuid4().hex[:8]}"
        return None

    async def _candidates(self, task: BulkTask[Any], prefix: str) -> AsyncGenerator[AnalyzeTaskResponse, None]:
        """Yield the tasks of a source whose tokens begin with *prefix*."""
        if self.kind == "image":  # no document says that the list can be filtered by the asset of an image
            for found in await self.lookup.find(task.context.assets, prefix):
                yield found
            return
        tasks = task.context.api.analyze_async.tasks.list(
            asset_id=task.entry.asset_id,
            page_limit=MAX_PAGE_LIMIT,
            request_options=task.context.options.request_options,
        )
        async for found in tasks:
            if str(found.custom_id).startswith(prefix):
                yield found

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


def _job(question: Question) -> str:
    return f"analyze {dumps(question).decode()}"


async def _delete(task: BulkTask[Any], task_id: str) -> None:
    await task.context.api.analyze_async.tasks.delete(task_id, request_options=task.context.options.request_options)
