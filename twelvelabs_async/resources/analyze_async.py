"""``/analyze/tasks`` and ``/analyze/batches``: asynchronous analyses, single or up to 1,000 at once."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, cast
from uuid import uuid4

from .._jobs import ANALYZE_BATCH, ANALYZE_TASK
from .._list_polls import PollSummaries
from .._pagination import AsyncPager
from .._request import require_ids, url_path
from .._shared_poller import SharedPoller
from .._streams import json_lines
from .._structured_output import TaskAnalysis, format_for, from_analysis
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions, poll_until_final
from ..errors import APIResponseError, ConflictError
from ..models._wire import hook_of, unstructure
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
    AnalyzeBatchStatusResponse,
    AnalyzeTaskResponse,
    AnalyzeTaskStatus,
    AsyncResponseFormat,
    AsyncResponseFormatParams,
    BatchAnalysisModel,
    BatchDefaults,
    BatchDefaultsParams,
    BatchItemRequest,
    BatchItemRequestParams,
    BatchResultItem,
    BatchStatus,
    CancelAnalyzeTaskResponse,
    CreateAnalyzeBatchResponse,
    CreateAnalyzeTaskResponse,
    MaxTokens,
)
from ..options import MAX_BATCH_REQUESTS, MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource, require_nonempty, resource
from .analyze import analyze_body

__all__ = ["AsyncAnalyzeAsync", "AsyncAnalyzeBatches", "AsyncAnalyzeTasks"]


class AsyncAnalyzeTasks(AsyncResource):
    """Analyze videos and images in the background, wait for the answers, list and cancel tasks."""

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        status: AnalyzeTaskStatus | None = None,
        video_url: str | None = None,
        asset_id: str | None = None,
        analysis_mode: AnalysisMode | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[AnalyzeTaskResponse]:
        """List the tasks of the account, the newest first. Their prompts are cut to 30 characters.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Tasks on a page. 1 to 50. Default: 10.
            status: Status of the tasks.
            video_url: URL of the analyzed video.
            asset_id: Id of the analyzed asset.
            analysis_mode: ``general`` or ``time_based_metadata``.
        """
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
            model_name: ``pegasus1.6`` or ``pegasus1.5``. Default: chosen by the API.
            custom_id: Your identifier of the task. 1 to 64 letters, digits, ``-`` and ``_``.
            video: The video as asset, URL or base64, such as ``{"type": "asset_id", "asset_id": "…"}``. At most
                4 hours, of which at most 2 hours are analyzed.
            image: Images instead of a video (Pegasus 1.6). 1 to 20.
            prompt: The question.
            prompt_v_2: The question together with images; instead of *prompt*.
            analysis_mode: ``general``, or ``time_based_metadata`` to find segments, without a prompt.
                Default: ``general``.
            temperature: Randomness of the answer. 0 to 1. Default: 0.2.
            max_tokens: Maximum number of tokens of the answer. 512 to 98,304. Default: 4,096; for segments 32,768.
                ``unlimited`` is for segments of Pegasus 1.6.
            response_format: JSON schema of the answer, or the segments to find.
            min_segment_duration: Minimum duration of a segment in seconds. At least 2.
            max_segment_duration: Maximum duration of a segment in seconds. At least *min_segment_duration*.
            start_time: Start of the analyzed part of the video in seconds. Default: 0.
            end_time: End of the analyzed part of the video in seconds. Default: the end of the video.

        Raises:
            BadRequestError: An argument is invalid, or the platform cannot analyze the video.
        """
        _validate_custom_id(custom_id)
        if is_given(video) == is_given(image):
            raise ValueError("Pass either video= or image=, exactly one of them.")
        body = analyze_body(
            model_name=model_name,
            custom_id=custom_id,
            video=video,
            image=image,
            prompt=prompt,
            prompt_v_2=prompt_v_2,
            analysis_mode=analysis_mode,
            temperature=temperature,
            max_tokens=max_tokens,
            response_format=response_format,
            min_segment_duration=min_segment_duration,
            max_segment_duration=max_segment_duration,
            start_time=start_time,
            end_time=end_time,
        )
        return await self._post(
            "/analyze/tasks",
            CreateAnalyzeTaskResponse,
            request_options,
            json=body,
            headers={"Idempotency-Key": str(uuid4())},
            is_idempotent=True,
            category="analyze",
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
        request_options: RequestOptions | None = None,
        into: type[TaskAnalysis] | None = None,
    ) -> TaskAnalysis:
        """Analyze and wait for the answer. The arguments are those of `create` and `wait_until_ready`.

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
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
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
        task = await self._wait(created.task_id, options, request_options)
        if into is None:
            return cast("TaskAnalysis", task)
        if task.result is None:
            raise APIResponseError(
                f"The analyze task {created.task_id} is ready without a result.", body=unstructure(task)
            )
        return from_analysis(task.result.data, task.result.finish_reason, into)

    async def wait_until_ready(
        self,
        task_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AnalyzeTaskResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AnalyzeTaskResponse:
        """Wait until an analysis is finished. The task has an ``error`` if its answer is incomplete.

        All waits share a poller, which reads 50 tasks per request. Transient failures are retried, as is a 404 in the
        first 30 s.

        Args:
            task_id: The id that `create` returned.
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.

        Raises:
            JobFailedError: The analysis failed or was canceled.
            WaitTimeoutError: The analysis was not finished in time.
            APIError: A poll failed, and so would the next one.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        return await self._wait(task_id, options, request_options)

    def _wait(
        self, task_id: str, options: WaitOptions, request_options: RequestOptions | None
    ) -> Coroutine[Any, Any, AnalyzeTaskResponse]:
        require_ids(task_id=task_id)
        return self._shared_poller(self._make_poller, request_options=request_options).wait(task_id, options)

    def _make_poller(self, request_options: RequestOptions | None) -> SharedPoller[AnalyzeTaskResponse]:
        retrieve = partial(self.retrieve, request_options=request_options)
        list_newest = partial(self.list, page_limit=MAX_PAGE_LIMIT, request_options=request_options)
        return SharedPoller(ANALYZE_TASK, retrieve, PollSummaries(ANALYZE_TASK, list_newest))

    async def retrieve(self, task_id: str, *, request_options: RequestOptions | None = None) -> AnalyzeTaskResponse:
        """Retrieve a task, with its answer if it is ready."""
        path = url_path("/analyze/tasks/{task_id}", task_id=task_id)
        return await self._get(path, AnalyzeTaskResponse, request_options)

    async def cancel(self, task_id: str, *, request_options: RequestOptions | None = None) -> CancelAnalyzeTaskResponse:
        """Cancel a task that is not finished. A canceled task remains canceled.

        A task of a batch is canceled with its batch.

        Raises:
            ConflictError: The task is finished, or belongs to a batch.
        """
        path = url_path("/analyze/tasks/{task_id}/cancel", task_id=task_id)
        return await self._post(path, CancelAnalyzeTaskResponse, request_options, is_idempotent=True)

    async def delete(self, task_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a task and its answer.

        Raises:
            ConflictError: The task is being processed.
        """
        await self._send("DELETE", url_path("/analyze/tasks/{task_id}", task_id=task_id), request_options)


class AsyncAnalyzeBatches(AsyncResource):
    """Analyze many assets in the same way, and read the results as they come."""

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        status: BatchStatus | Sequence[BatchStatus] | None = None,
        analysis_mode: AnalysisMode | Sequence[AnalysisMode] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[AnalyzeBatchStatusResponse]:
        """List the batches of the account, the newest first.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Batches on a page. 1 to 50. Default: 10.
            status: One status or several.
            analysis_mode: One mode or several: ``general``, ``time_based_metadata``.
        """
        query = {"page_limit": page_limit, "status": status, "analysis_mode": analysis_mode}
        return self._list("/analyze/batches", AnalyzeBatchStatusResponse, page, request_options, **query)

    async def create(
        self,
        *,
        model_name: BatchAnalysisModel,
        analysis_mode: AnalysisMode,
        requests: Sequence[BatchItemRequest | BatchItemRequestParams],
        defaults: BatchDefaults | BatchDefaultsParams | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> CreateAnalyzeBatchResponse:
        """Start the analysis of many assets: of all of them or, if one is refused, of none.

        Args:
            model_name: ``pegasus1.5``.
            analysis_mode: ``general``, or ``time_based_metadata`` to find segments.
            requests: The requests, each with an asset whose status is ``ready``. 1 to 1,000, with at most 2,000 hours
                of video in total.
            defaults: Fields of the requests that do not have them.

        Raises:
            ConflictError: An asset is not ready yet.
            TooManyRequestsError: 5 batches are active, or the rate limit is reached.
            GatewayTimeoutError: The batch was not created in time: split it into smaller ones.
        """
        _validate_requests(requests)
        body = {"model_name": model_name, "analysis_mode": analysis_mode, "defaults": defaults, "requests": requests}
        return await self._post(
            "/analyze/batches", CreateAnalyzeBatchResponse, request_options, json=body, category="analyze"
        )

    async def create_and_wait(
        self,
        *,
        model_name: BatchAnalysisModel,
        analysis_mode: AnalysisMode,
        requests: Sequence[BatchItemRequest | BatchItemRequestParams],
        defaults: BatchDefaults | BatchDefaultsParams | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AnalyzeBatchStatusResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AnalyzeBatchStatusResponse:
        """Start a batch and wait for it. The arguments are those of `create` and `wait_until_ready`.

        Raises:
            JobFailedError: The batch was canceled or expired.
            WaitTimeoutError: The batch was not finished in time.

        Example:
            ::

                batch = await client.analyze_async.batches.create_and_wait(
                    model_name="pegasus1.5",
                    analysis_mode="general",
                    defaults={"prompt": {"input_text": "What happens?"}},
                    requests=[{"video": {"type": "asset_id", "asset_id": asset.id}} for asset in assets],
                )
                async for item in client.analyze_async.batches.results(batch.batch_id):
                    print(item.status, item.data or item.error)
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        created = await self.create(
            model_name=model_name,
            analysis_mode=analysis_mode,
            requests=requests,
            defaults=defaults,
            request_options=request_options,
        )
        return await self._wait(created.batch_id, options, request_options)

    async def wait_until_ready(
        self,
        batch_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AnalyzeBatchStatusResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AnalyzeBatchStatusResponse:
        """Wait until all requests of a batch are processed. The batch counts how many succeeded.

        Transient failures are retried, as is a 404 in the first 30 s.

        Args:
            batch_id: The id that `create` returned.
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.

        Raises:
            JobFailedError: The batch was canceled or expired. `results` yields what was finished before.
            WaitTimeoutError: The batch was not finished in time.
            APIError: A poll failed, and so would the next one.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        return await self._wait(batch_id, options, request_options)

    def _wait(
        self, batch_id: str, options: WaitOptions, request_options: RequestOptions | None
    ) -> Coroutine[Any, Any, AnalyzeBatchStatusResponse]:
        retrieve = partial(self.retrieve, batch_id, request_options=request_options)
        return poll_until_final(ANALYZE_BATCH, batch_id, retrieve, options)

    async def results(
        self, batch_id: str, *, request_options: RequestOptions | None = None
    ) -> AsyncGenerator[BatchResultItem, None]:
        """Yield the result of each request of a batch, also while others are still processed.

        Results are kept for 30 days.

        Raises:
            APIResponseError: The stream reports an error, or is malformed.
            APIConnectionError: The connection broke during the stream.
        """
        path = url_path("/analyze/batches/{batch_id}/results", batch_id=batch_id)
        request = self._build("GET", path, request_options, is_streamed=True)
        build = hook_of(BatchResultItem)
        async with aclosing(self._transport.stream(request)) as pieces:
            async for data in json_lines(request, pieces, self._transport.key.redact, required_field="task_id"):
                yield build(data)

    async def retrieve(
        self, batch_id: str, *, request_options: RequestOptions | None = None
    ) -> AnalyzeBatchStatusResponse:
        """Retrieve a batch, with the numbers of its items by status."""
        path = url_path("/analyze/batches/{batch_id}", batch_id=batch_id)
        return await self._get(path, AnalyzeBatchStatusResponse, request_options)

    async def cancel(
        self, batch_id: str, *, request_options: RequestOptions | None = None
    ) -> AnalyzeBatchStatusResponse:
        """Cancel the queued items of a batch. Items that are being processed are finished.

        A canceled batch remains canceled.

        Raises:
            ConflictError: The batch is completed or expired.
        """
        path = url_path("/analyze/batches/{batch_id}/cancel", batch_id=batch_id)
        try:
            return await self._post(path, AnalyzeBatchStatusResponse, request_options, is_idempotent=True)
        except ConflictError as error:
            if error.code != "batch_canceled":  # by an earlier attempt, whose response was lost
                raise
        return await self.retrieve(batch_id, request_options=request_options)

    async def delete(self, batch_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a batch, its tasks and their answers.

        Raises:
            ConflictError: The batch is not finished: `cancel` it first.
        """
        await self._send("DELETE", url_path("/analyze/batches/{batch_id}", batch_id=batch_id), request_options)


class AsyncAnalyzeAsync(AsyncResource):
    """Asynchronous analyses."""

    @resource
    def tasks(self) -> AsyncAnalyzeTasks:
        """Single analyses."""
        return AsyncAnalyzeTasks(self._transport)

    @resource
    def batches(self) -> AsyncAnalyzeBatches:
        """Batches of up to 1,000 analyses."""
        return AsyncAnalyzeBatches(self._transport)


def _validate_custom_id(custom_id: object) -> None:
    if not is_given(custom_id):
        return
    if not isinstance(custom_id, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", custom_id):
        raise ValueError(f"custom_id must have 1 to 64 letters, digits, hyphens and underscores; got {custom_id!r}.")


def _validate_requests(requests: Sequence[Any]) -> None:
    example = '{"video": {"type": "asset_id", "asset_id": "…"}}'
    require_nonempty("requests", requests, f"[{example}]")
    if len(requests) > MAX_BATCH_REQUESTS:
        raise ValueError(
            f"requests must have at most {MAX_BATCH_REQUESTS} entries; got {len(requests)}. Create several batches."
        )
    fields: list[Any] = [unstructure(request) for request in requests]
    for request in fields:
        if not isinstance(request, dict) or "video" not in request:
            raise ValueError(f"Each of requests must be a dict such as {example}; got {request!r}.")
    custom_ids = [request["custom_id"] for request in fields if request.get("custom_id") is not None]
    for custom_id in custom_ids:
        _validate_custom_id(custom_id)
    if len(set(custom_ids)) < len(custom_ids):
        raise ValueError("The custom_id of each of requests must be unique. Remove the duplicates.")
