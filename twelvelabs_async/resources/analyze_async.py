"""``/analyze/tasks`` and ``/analyze/batches``: analyses in the background, one by one or by the thousand."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import cached_property, partial
from typing import Any, Final, cast
from uuid import uuid4

from .._jobs import ANALYZE_BATCH, ANALYZE_TASK
from .._list_polls import PollSummaries
from .._pagination import AsyncPager
from .._request import require_ids
from .._shared_poller import SharedPoller
from .._streams import json_lines
from .._structured_output import TaskAnalysis, format_for, from_analysis
from .._transport import Call, path
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions, poll_until_final
from ..errors import APIResponseError, ConflictError
from ..models._wire import hook_of, unstructure
from ..models.analyze import (
    AnalyzeImageInput,
    AnalyzeImageInputParams,
    AnalyzePromptV2,
    AnalyzePromptV2Params,
    VideoContext,
    VideoContextParams,
)
from ..models.analyze_async import (
    AnalyzeBatchStatusResponse,
    AnalyzeTaskResponse,
    AnalyzeTaskStatus,
    AsyncResponseFormat,
    AsyncResponseFormatParams,
    BatchDefaults,
    BatchDefaultsParams,
    BatchItemRequest,
    BatchItemRequestParams,
    BatchResultItem,
    BatchStatus,
    CancelAnalyzeTaskResponse,
    CreateAnalyzeBatchRequestModelName,
    CreateAnalyzeBatchResponse,
    CreateAnalyzeTaskResponse,
    CreateAsyncAnalyzeRequestAnalysisMode,
    CreateAsyncAnalyzeRequestMaxTokens,
    CreateAsyncAnalyzeRequestModelName,
)
from ..options import MAX_BATCH_REQUESTS, MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource, part, some
from .analyze import analysis

TASKS: Final = "/analyze/tasks"
TASK: Final = "/analyze/tasks/{task_id}"
CANCEL_TASK: Final = "/analyze/tasks/{task_id}/cancel"
BATCHES: Final = "/analyze/batches"
BATCH: Final = "/analyze/batches/{batch_id}"
CANCEL_BATCH: Final = "/analyze/batches/{batch_id}/cancel"
RESULTS: Final = "/analyze/batches/{batch_id}/results"


class AsyncAnalyzeTasks(AsyncResource):
    """Analyze videos and images in the background, and wait for the answers."""

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        status: AnalyzeTaskStatus | None = None,
        video_url: str | None = None,
        asset_id: str | None = None,
        analysis_mode: CreateAsyncAnalyzeRequestAnalysisMode | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[AnalyzeTaskResponse]:
        """List the account's tasks, the newest first; their prompts are cut to 30 characters.

        Args:
            page: The page to begin with. Default: 1.
            page_limit: Tasks on a page, 1 to 50. Default: 10.
            status: Only tasks in this state.
            analysis_mode: Only tasks in this mode, ``general`` or ``time_based_metadata``.
        """
        return self._list(
            TASKS,
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
        model_name: CreateAsyncAnalyzeRequestModelName | None = OMIT,
        custom_id: str | None = OMIT,
        video: VideoContext | VideoContextParams | None = OMIT,
        image: Sequence[AnalyzeImageInput | AnalyzeImageInputParams] | None = OMIT,
        prompt: str | None = OMIT,
        prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = OMIT,
        analysis_mode: CreateAsyncAnalyzeRequestAnalysisMode | None = OMIT,
        temperature: float | None = OMIT,
        max_tokens: CreateAsyncAnalyzeRequestMaxTokens | None = OMIT,
        response_format: AsyncResponseFormat | AsyncResponseFormatParams | None = OMIT,
        min_segment_duration: float | None = OMIT,
        max_segment_duration: float | None = OMIT,
        start_time: float | None = OMIT,
        end_time: float | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> CreateAnalyzeTaskResponse:
        """Start an analysis; `wait_until_ready` returns its answer.

        It is sent with an ``Idempotency-Key`` of its own, so that a repetition after a fault starts no second one. A
        key in ``additional_headers`` takes its place, to make several calls one.

        Args:
            model_name: ``pegasus1.6`` or ``pegasus1.5``. Default: the API's.
            custom_id: A name for it, which comes back with it: 1 to 64 letters, digits, ``-`` and ``_``.
            video: The video, by asset, URL or base64, as in ``{"type": "asset_id", "asset_id": "…"}``; up to 2 hours of
                it, which may itself be up to 4 hours long.
            image: 1 to 20 images instead of a video (Pegasus 1.6).
            prompt_v_2: What to ask, with images; instead of *prompt*.
            analysis_mode: ``time_based_metadata`` to find segments, which takes no prompt. Default: ``general``.
            temperature: How free the answer may be, 0 to 1. Default: 0.2.
            max_tokens: Where to cut the answer; segments that need more fail. ``unlimited`` is for segments only.
            response_format: A JSON schema that the answer has to fit, or the segments to find.
            min_segment_duration: Seconds a segment has to last, at least 2.
            max_segment_duration: Seconds a segment may last.
            start_time: Where to begin in the video, in seconds.
            end_time: Where to end in the video, in seconds.

        Raises:
            BadRequestError: An argument is wrong, or the video cannot be analyzed.
        """
        _check_custom_id(custom_id)
        if is_given(video) == is_given(image):
            raise ValueError("Give either video or image, one of them.")
        call = Call(
            "POST",
            TASKS,
            json=analysis(
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
            ),
            headers={"Idempotency-Key": str(uuid4())},
            safe=True,  # because of that key
            category="analyze",
        )
        return await self._transport.request(call, CreateAnalyzeTaskResponse, request_options)

    async def create_and_wait(
        self,
        *,
        model_name: CreateAsyncAnalyzeRequestModelName | None = OMIT,
        custom_id: str | None = OMIT,
        video: VideoContext | VideoContextParams | None = OMIT,
        image: Sequence[AnalyzeImageInput | AnalyzeImageInputParams] | None = OMIT,
        prompt: str | None = OMIT,
        prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = OMIT,
        analysis_mode: CreateAsyncAnalyzeRequestAnalysisMode | None = OMIT,
        temperature: float | None = OMIT,
        max_tokens: CreateAsyncAnalyzeRequestMaxTokens | None = OMIT,
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
        """Analyze and wait for the answer; takes what `create` and `wait_until_ready` take.

        *into* is an attrs class or a dataclass to return the answer as, and makes *response_format*; see `json_schema`.

        Raises:
            JobFailedError: It failed or was canceled.
            WaitTimeoutError: It was not done in time.
            APIResponseError: The answer does not fit *into*, or was cut.

        Example:
            ::

                task = await client.analyze_async.tasks.create_and_wait(
                    video={"type": "asset_id", "asset_id": asset.id}, prompt="What happens?"
                )
                print(task.result.data)
        """
        WaitOptions(timeout=timeout, interval=interval, callback=callback)  # validated before anything is created
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
        task = await self.wait_until_ready(
            created.task_id, timeout=timeout, interval=interval, callback=callback, request_options=request_options
        )
        if into is None:
            return cast("TaskAnalysis", task)
        if task.result is None:
            raise APIResponseError("The task has no answer.", body=unstructure(task))
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
        """Wait until an analysis is done. Its ``error`` tells if the answer is not all of it.

        Any number of waits share a poller, which reads of 50 tasks at once. Faults that pass are ridden out, as is a
        404 in the first half minute.

        Args:
            task_id: The id that `create` returned.
            timeout: Seconds to wait at most. Default: 3600.
            interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 1.
            callback: Called whenever the status has changed; may be a coroutine function. It runs in the event loop.

        Raises:
            JobFailedError: It failed or was canceled.
            WaitTimeoutError: It was not done in time.
            APIError: The API cannot be asked, and that will not pass.
        """
        require_ids(task_id=task_id)
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        poller = self._shared_poller(self._new_poller, request_options=request_options)
        return await poller.wait(task_id, options)

    def _new_poller(self, request_options: RequestOptions | None) -> SharedPoller[AnalyzeTaskResponse]:
        retrieve = partial(self.retrieve, request_options=request_options)
        list_newest = partial(self.list, page_limit=MAX_PAGE_LIMIT, request_options=request_options)
        return SharedPoller(ANALYZE_TASK, retrieve, PollSummaries(ANALYZE_TASK, list_newest))

    async def retrieve(self, task_id: str, *, request_options: RequestOptions | None = None) -> AnalyzeTaskResponse:
        """Describe a task, with its answer if it is ready."""
        return await self._get(path(TASK, task_id), AnalyzeTaskResponse, request_options)

    async def cancel(self, task_id: str, *, request_options: RequestOptions | None = None) -> CancelAnalyzeTaskResponse:
        """Cancel a task that is not done, for good; does nothing if it is canceled already.

        One of a batch is canceled with its batch.

        Raises:
            ConflictError: It is done.
        """
        return await self._post(path(CANCEL_TASK, task_id), CancelAnalyzeTaskResponse, request_options, safe=True)

    async def delete(self, task_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a task and its answer.

        Raises:
            ConflictError: It is being worked on.
        """
        await self._do("DELETE", path(TASK, task_id), request_options)


class AsyncAnalyzeBatches(AsyncResource):
    """Analyze many assets alike, and read the results as they come."""

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        status: BatchStatus | Sequence[BatchStatus] | None = None,
        analysis_mode: CreateAsyncAnalyzeRequestAnalysisMode
        | Sequence[CreateAsyncAnalyzeRequestAnalysisMode]
        | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[AnalyzeBatchStatusResponse]:
        """List the account's batches, the newest first.

        Args:
            page: The page to begin with. Default: 1.
            page_limit: Batches on a page, 1 to 50. Default: 10.
            status: Only batches in this state, or in any of these.
            analysis_mode: Only batches in this mode, or in any of these.
        """
        query = {"page_limit": page_limit, "status": status, "analysis_mode": analysis_mode}
        return self._list(BATCHES, AnalyzeBatchStatusResponse, page, request_options, **query)

    async def create(
        self,
        *,
        model_name: CreateAnalyzeBatchRequestModelName,
        analysis_mode: CreateAsyncAnalyzeRequestAnalysisMode,
        requests: Sequence[BatchItemRequest | BatchItemRequestParams],
        defaults: BatchDefaults | BatchDefaultsParams | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> CreateAnalyzeBatchResponse:
        """Start an analysis of each of many assets; all or none.

        Args:
            model_name: ``pegasus1.5``.
            analysis_mode: ``general``, or ``time_based_metadata`` to find segments.
            requests: 1 to 1,000 of them, each with an asset that is ``ready``; 2,000 hours of video at most.
            defaults: What holds for every request that does not say otherwise.

        Raises:
            ConflictError: An asset is not ready yet.
            TooManyRequestsError: 5 batches are under way, or the rate limit is reached.
            GatewayTimeoutError: It took too long; make smaller batches of it.
        """
        _check_requests(requests)
        fields = {"model_name": model_name, "analysis_mode": analysis_mode, "defaults": defaults, "requests": requests}
        return await self._post(BATCHES, CreateAnalyzeBatchResponse, request_options, json=fields, category="analyze")

    async def create_and_wait(
        self,
        *,
        model_name: CreateAnalyzeBatchRequestModelName,
        analysis_mode: CreateAsyncAnalyzeRequestAnalysisMode,
        requests: Sequence[BatchItemRequest | BatchItemRequestParams],
        defaults: BatchDefaults | BatchDefaultsParams | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AnalyzeBatchStatusResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AnalyzeBatchStatusResponse:
        """Start a batch and wait until all of it is done; takes what `create` and `wait_until_ready` take.

        Raises:
            JobFailedError: It was canceled or expired.
            WaitTimeoutError: It was not done in time.

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
        WaitOptions(timeout=timeout, interval=interval, callback=callback)  # validated before anything is created
        created = await self.create(
            model_name=model_name,
            analysis_mode=analysis_mode,
            requests=requests,
            defaults=defaults,
            request_options=request_options,
        )
        return await self.wait_until_ready(
            created.batch_id, timeout=timeout, interval=interval, callback=callback, request_options=request_options
        )

    async def wait_until_ready(
        self,
        batch_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AnalyzeBatchStatusResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AnalyzeBatchStatusResponse:
        """Wait until no request of a batch is left to do; its counts tell how many succeeded.

        Faults that pass are ridden out, as is a 404 in the first half minute.

        Args:
            batch_id: The id that `create` returned.
            timeout: Seconds to wait at most. Default: 3600.
            interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 1.
            callback: Called whenever the status has changed; may be a coroutine function. It runs in the event loop.

        Raises:
            JobFailedError: It was canceled or expired; results of what was done before can be read all the same.
            WaitTimeoutError: It was not done in time.
            APIError: The API cannot be asked, and that will not pass.
        """
        retrieve = partial(self.retrieve, batch_id, request_options=request_options)
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        return await poll_until_final(ANALYZE_BATCH, batch_id, retrieve, options)

    async def results(
        self, batch_id: str, *, request_options: RequestOptions | None = None
    ) -> AsyncGenerator[BatchResultItem, None]:
        """Read what became of each request of a batch, also while others are still to do.

        They are kept for 30 days.

        Raises:
            APIResponseError: The stream reports an error, or makes no sense.
            APIConnectionError: The stream broke off.
        """
        call = Call("GET", path(RESULTS, batch_id), safe=True)
        build = hook_of(BatchResultItem)
        async with aclosing(self._transport.stream(call, request_options)) as pieces:
            async for data in json_lines(str(call), pieces, self._transport.key.hide, mark="task_id"):
                yield build(data)

    async def retrieve(
        self, batch_id: str, *, request_options: RequestOptions | None = None
    ) -> AnalyzeBatchStatusResponse:
        """Describe a batch, and count its items by state."""
        return await self._get(path(BATCH, batch_id), AnalyzeBatchStatusResponse, request_options)

    async def cancel(
        self, batch_id: str, *, request_options: RequestOptions | None = None
    ) -> AnalyzeBatchStatusResponse:
        """Cancel what is still queued of a batch; what is being worked on goes on to its end.

        Does nothing if it is canceled already, as it is when the answer to a first try was lost.

        Raises:
            ConflictError: It is done or expired.
        """
        place = path(CANCEL_BATCH, batch_id)
        try:
            return await self._post(place, AnalyzeBatchStatusResponse, request_options, safe=True)
        except ConflictError as error:
            if error.code != "batch_canceled":
                raise
        return await self.retrieve(batch_id, request_options=request_options)

    async def delete(self, batch_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a batch with its tasks and their answers.

        Raises:
            ConflictError: It is not done yet: `cancel` it first.
        """
        await self._do("DELETE", path(BATCH, batch_id), request_options)


class AsyncAnalyzeAsync(AsyncResource):
    """Analyses in the background."""

    tasks: cached_property[AsyncAnalyzeTasks] = part("analyze_async.AsyncAnalyzeTasks")
    """Analyses one by one."""
    batches: cached_property[AsyncAnalyzeBatches] = part("analyze_async.AsyncAnalyzeBatches")
    """Analyses by the thousand."""


def _check_custom_id(custom_id: object) -> None:
    if not is_given(custom_id):
        return
    if not isinstance(custom_id, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", custom_id):
        raise ValueError(f"A custom_id is 1 to 64 letters, digits, hyphens and underscores, unlike {custom_id!r}.")


def _check_requests(requests: Sequence[Any]) -> None:
    some("requests", requests, '[{"video": {"type": "asset_id", "asset_id": "…"}}]')
    if len(requests) > MAX_BATCH_REQUESTS:
        raise ValueError(f"A batch has at most {MAX_BATCH_REQUESTS} requests, not {len(requests)}: make several of it.")
    fields: list[Any] = [unstructure(request) for request in requests]
    for request in fields:
        if not isinstance(request, dict) or "video" not in request:
            raise ValueError(f"Each request needs a video, unlike {request!r}.")
    custom_ids = [request["custom_id"] for request in fields if request.get("custom_id") is not None]
    for custom_id in custom_ids:
        _check_custom_id(custom_id)
    if len(set(custom_ids)) < len(custom_ids):
        raise ValueError("Two requests of a batch must not have the same custom_id.")
