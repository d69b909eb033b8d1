"""``/analyze/tasks``: asynchronous analyses of single videos, or of images."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Concatenate, Final, Never, cast
from uuid import uuid4

from .._http_responses import AsyncHttpResponse, HttpResponse
from .._jobs import ANALYZE_TASK
from .._list_polls import PollSummaries
from .._pagination import AsyncPager
from .._removed import reject_keywords
from .._request import argument_checks, require_ids, url_path
from .._response_values import created_id
from .._shared_poller import SharedPoller
from .._structured_output import TaskAnalysis, format_for, from_analysis
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions
from ..errors import APIResponseError, InvalidArgumentError
from ..models._wire import unstructure
from ..models.analyze import (
    AnalysisModel,
    AnalyzeImageInput,
    AnalyzeImageInputParams,
    AnalyzePromptV2,
    AnalyzePromptV2Params,
    VideoContext,
    VideoContextParams,
)
from ..models.analyze_async import (
    AnalysisMode,
    AnalyzeTaskResponse,
    AnalyzeTaskResult,
    AnalyzeTaskStatus,
    AsyncResponseFormat,
    AsyncResponseFormatParams,
    CancelAnalyzeTaskResponse,
    CreateAnalyzeTaskResponse,
    MaxTokens,
)
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource
from ._raw import A, Awaited, Endpoint, Mode, P, Raw, raw, raw_page, raw_responses_of
from .analyze import validate_subject

__all__ = ["AsyncAnalyzeTasks"]


class AsyncAnalyzeTasks(AsyncResource):
    """Analyze videos and images in the background, and list and cancel tasks."""

    with_raw_response: RawAnalyzeTasks[Awaited]

    def list(
        self,
        /,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        status: AnalyzeTaskStatus | None = None,
        video_url: str | None = None,
        asset_id: str | None = None,
        analysis_mode: AnalysisMode | None = None,
        request_options: RequestOptions | None = None,
        **removed: Never,
    ) -> AsyncPager[AnalyzeTaskResponse]:
        """List the tasks of the account, the newest first.

        Their prompts are cut to 30 characters.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Tasks on a page. 1 to 50. Default: 10.
            status: Status of the tasks.
            video_url: URL of the analyzed video.
            asset_id: Id of the analyzed asset.
            analysis_mode: ``general`` or ``time_based_metadata``.
        """
        reject_keywords(self.list, removed)
        return self._list(
            "/analyze/tasks",
            AnalyzeTaskResponse,
            page,
            request_options,
            page_limit=page_limit,
            status=status,
            video_url=video_url,
            asset_id=asset_id,
            analysis_mode=analysis_mode,
        )

    async def create(
        self,
        *,
        model_name: AnalysisModel | None = OMIT,
        custom_id: str | None = OMIT,
        video: VideoContext | VideoContextParams | None = OMIT,
        image: Sequence[AnalyzeImageInput | AnalyzeImageInputParams] | None = OMIT,
        prompt: str | None = OMIT,
        prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = OMIT,
        analysis_mode: AnalysisMode | None = OMIT,
        temperature: float | None = OMIT,
        max_tokens: MaxTokens | None = OMIT,
        response_format: AsyncResponseFormat | AsyncResponseFormatParams | None = OMIT,
        min_segment_duration: float | None = OMIT,
        max_segment_duration: float | None = OMIT,
        start_time: float | None = OMIT,
        end_time: float | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> CreateAnalyzeTaskResponse:
        """Start an analysis. `wait_until_ready` returns its answer.

        The request has an ``Idempotency-Key`` of its own, so that a retry starts no second analysis. A key in
        ``additional_headers`` replaces it, so that several calls start one analysis.

        Args:
            model_name: ``pegasus1.6`` or ``pegasus1.5``. Default: that of the API, ``pegasus1.5``.
            custom_id: Your identifier of the task. 1 to 64 letters, digits, ``-`` and ``_``.
            video: The video as asset, URL or base64, such as ``{"type": "asset_id", "asset_id": "…"}``. At most
                4 hours, of which 1 second to 2 hours are analyzed. HLS streams and base64: at most 2 hours.
            image: Images instead of a video (Pegasus 1.6), with *prompt*; see `analyze` of the client. 1 to 20.
            prompt: The question. ``<@name>`` refers to one of *image*: to all of them, or to none.
            prompt_v_2: The question together with images; instead of *prompt*, and not with *image*.
            analysis_mode: ``general``, or ``time_based_metadata`` to find segments, without a prompt.
                Default: ``general``.
            temperature: Randomness of the answer. 0 to 1. Default: 0.2.
            max_tokens: Maximum number of tokens of the answer. 512 to 98,304. Default: 4,096. For segments 2,048 to
                98,304, default 32,768; the task fails if they do not suffice. ``unlimited`` is for segments of
                Pegasus 1.6 without time ranges; if it stops early, the task is ready with an ``error``.
            response_format: JSON schema of the answer, or the segments to find.
            min_segment_duration: Minimum duration of a segment in seconds. At least 2.
            max_segment_duration: Maximum duration of a segment in seconds. At least *min_segment_duration*.
            start_time: Start of the analyzed part of the video in seconds. Default: 0.
            end_time: End of the analyzed part of the video in seconds. Default: the end of the video.

        Raises:
            ValueError: There is not exactly one of *video* and *image*, or there are two prompts.
            BadRequestError: An argument is invalid, or the platform cannot analyze the video.
        """
        with argument_checks(request_options):
            validate_custom_id(custom_id)
            validate_subject(video, image, prompt, prompt_v_2)
        body = {
            "model_name": model_name,
            "custom_id": custom_id,
            "video": video,
            "image": image,
            "prompt": prompt,
            "prompt_v_2": prompt_v_2,
            "analysis_mode": analysis_mode,
            "temperature": temperature,
            "max_tokens": max_tokens,
            "response_format": response_format,
            "min_segment_duration": min_segment_duration,
            "max_segment_duration": max_segment_duration,
            "start_time": start_time,
            "end_time": end_time,
        }
        return await self._post(
            "/analyze/tasks",
            CreateAnalyzeTaskResponse,
            request_options,
            json=body,
            headers={"Idempotency-Key": str(uuid4())},
            is_idempotent=True,
            category="analyze_tasks",
        )

    async def create_and_wait(
        self,
        *,
        model_name: AnalysisModel | None = OMIT,
        custom_id: str | None = OMIT,
        video: VideoContext | VideoContextParams | None = OMIT,
        image: Sequence[AnalyzeImageInput | AnalyzeImageInputParams] | None = OMIT,
        prompt: str | None = OMIT,
        prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = OMIT,
        analysis_mode: AnalysisMode | None = OMIT,
        temperature: float | None = OMIT,
        max_tokens: MaxTokens | None = OMIT,
        response_format: AsyncResponseFormat | AsyncResponseFormatParams | None = OMIT,
        min_segment_duration: float | None = OMIT,
        max_segment_duration: float | None = OMIT,
        start_time: float | None = OMIT,
        end_time: float | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AnalyzeTaskResponse] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
        into: type[TaskAnalysis] | None = None,
    ) -> TaskAnalysis:
        """Analyze and wait for the answer.

        The arguments are those of `create` and `wait_until_ready`.

        Args:
            into: Attrs class or dataclass of the answer, from which *response_format* is made. See `json_schema`.

        Raises:
            JobFailedError: The analysis failed or was canceled.
            WaitTimeoutError: The analysis was not finished in time.
            APIResponseError: The answer does not fit *into*, or was cut.

        Example:
            ::

                task = await client.analyze_async.tasks.create_and_wait(
                    video={"type": "asset_id", "asset_id": asset.id}, prompt="What happens?"
                )
                print(task.result.data)
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        created = await self.create(
            model_name=model_name,
            custom_id=custom_id,
            video=video,
            image=image,
            prompt=prompt,
            prompt_v_2=prompt_v_2,
            analysis_mode=analysis_mode,
            temperature=temperature,
            max_tokens=max_tokens,
            response_format=format_for(into, response_format),
            min_segment_duration=min_segment_duration,
            max_segment_duration=max_segment_duration,
            start_time=start_time,
            end_time=end_time,
            request_options=request_options,
        )
        task_id = created_id("POST /analyze/tasks", created.task_id)
        task = await self._poller(request_options).wait(task_id, options)
        if into is None:
            return cast("TaskAnalysis", task)
        if not isinstance(task.result, AnalyzeTaskResult):
            raise APIResponseError(f"The analyze task {task_id} is ready without a result.", body=unstructure(task))
        return from_analysis(task.result.data, task.result.finish_reason, into)

    async def wait_until_ready(
        self,
        task_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AnalyzeTaskResponse] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> AnalyzeTaskResponse:
        """Wait until an analysis is finished.

        The task has an ``error`` if its answer is incomplete.

        All waits share a poller, which reads 50 tasks per request. Transient failures are retried, as is a 404 in the
        first 30 s.

        Args:
            task_id: The id that `create` returned.
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.
            progress: True to show the status and the elapsed time. Needs tqdm. Default: false.

        Raises:
            JobFailedError: The analysis failed or was canceled.
            WaitTimeoutError: The analysis was not finished in time.
            APIError: A poll failed, and so would the next one.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        require_ids(task_id=task_id)
        return await self._poller(request_options).wait(task_id, options)

    def _poller(self, request_options: RequestOptions | None) -> SharedPoller[AnalyzeTaskResponse]:
        list_newest = partial(self.list, page_limit=MAX_PAGE_LIMIT, request_options=request_options)
        return self._shared_poller(ANALYZE_TASK, self.retrieve, PollSummaries(list_newest), request_options)

    async def retrieve(self, task_id: str, *, request_options: RequestOptions | None = None) -> AnalyzeTaskResponse:
        """Retrieve a task, with its answer if it is ready."""
        path = url_path("/analyze/tasks/{task_id}", task_id=task_id)
        return await self._get(path, AnalyzeTaskResponse, request_options)

    async def cancel(self, task_id: str, *, request_options: RequestOptions | None = None) -> CancelAnalyzeTaskResponse:
        """Cancel a task that is not finished. A canceled task remains canceled.

        Work that has begun may go on for a while. A task of a batch is canceled with its batch.

        Raises:
            ConflictError: The task is finished (``task_completed`` or ``task_failed``), or belongs to a batch
                (``task_owned_by_batch``).
            ForbiddenError: The account cannot cancel tasks (``api_not_allowed``).
            NotFoundError: No task has this id.
        """
        path = url_path("/analyze/tasks/{task_id}/cancel", task_id=task_id)
        return await self._post(path, CancelAnalyzeTaskResponse, request_options, is_idempotent=True)

    async def delete(self, task_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a task and its answer.

        Raises:
            ConflictError: The task is being processed.
        """
        await self._send("DELETE", url_path("/analyze/tasks/{task_id}", task_id=task_id), request_options)


def _raw_task_analysis(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, TaskAnalysis]],
) -> Endpoint[P, Coroutine[Any, Any, AsyncHttpResponse[TaskAnalysis]], HttpResponse[TaskAnalysis]]:
    return raw(method)  # mypy keeps the default of a type variable only where the variable is named


@raw_responses_of(AsyncAnalyzeTasks)
class RawAnalyzeTasks(Raw[Mode]):
    """The methods of `AsyncAnalyzeTasks`, which return the whole response."""

    list: Final = raw_page(AsyncAnalyzeTasks.list)
    create: Final = raw(AsyncAnalyzeTasks.create)
    create_and_wait: Final = _raw_task_analysis(AsyncAnalyzeTasks.create_and_wait)
    wait_until_ready: Final = raw(AsyncAnalyzeTasks.wait_until_ready)
    retrieve: Final = raw(AsyncAnalyzeTasks.retrieve)
    cancel: Final = raw(AsyncAnalyzeTasks.cancel)
    delete: Final = raw(AsyncAnalyzeTasks.delete)


def validate_custom_id(custom_id: object) -> None:
    """Validate the caller's identifier of an analysis.

    Raises:
        ValueError: The identifier has other characters or another length than the API accepts.
    """
    if not is_given(custom_id):
        return
    if not isinstance(custom_id, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", custom_id):
        raise InvalidArgumentError(
            f"custom_id must have 1 to 64 letters, digits, hyphens and underscores; got {custom_id!r:.100}."
        )
