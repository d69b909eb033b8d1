"""``/analyze/batches``: asynchronous analyses of up to 1,000 assets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Final

from .._jobs import ANALYZE_BATCH
from .._pagination import AsyncPager
from .._request import argument_checks, url_path
from .._response_values import created_id
from .._streams import json_lines
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions, poll_until_final
from ..errors import ConflictError, InvalidArgumentError
from ..models._wire import hook_of, unstructure
from ..models.analyze_async import (
    AnalysisMode,
    AnalyzeBatchStatusResponse,
    BatchAnalysisModel,
    BatchDefaults,
    BatchDefaultsParams,
    BatchItemRequest,
    BatchItemRequestParams,
    BatchResultItem,
    BatchStatus,
    CreateAnalyzeBatchResponse,
)
from ..options import MAX_BATCH_REQUESTS, OMIT, RequestOptions
from ._base import AsyncResource, require_nonempty
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of, raw_stream
from .analyze_tasks import validate_custom_id

__all__ = ["AsyncAnalyzeBatches"]


class AsyncAnalyzeBatches(AsyncResource):
    """Analyze many assets in the same way, and read the results as they come."""

    with_raw_response: RawAnalyzeBatches[Awaited]

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
        """Start the analysis of many assets. If one is refused, none is analyzed.

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
        with argument_checks(request_options):
            _validate_requests(requests)
        body = {"model_name": model_name, "analysis_mode": analysis_mode, "defaults": defaults, "requests": requests}
        return await self._post(
            "/analyze/batches", CreateAnalyzeBatchResponse, request_options, json=body, category="analyze_tasks"
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
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> AnalyzeBatchStatusResponse:
        """Start a batch and wait for it.

        The arguments are those of `create` and `wait_until_ready`.

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
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        created = await self.create(
            model_name=model_name,
            analysis_mode=analysis_mode,
            requests=requests,
            defaults=defaults,
            request_options=request_options,
        )
        batch_id = created_id("POST /analyze/batches", created.batch_id)
        return await self._wait(batch_id, options, request_options)

    async def wait_until_ready(
        self,
        batch_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AnalyzeBatchStatusResponse] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> AnalyzeBatchStatusResponse:
        """Wait until all requests of a batch are processed.

        The batch counts how many succeeded.

        Transient failures are retried, as is a 404 in the first 30 s.

        Args:
            batch_id: The id that `create` returned.
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.
            progress: True to show the status and the elapsed time. Needs tqdm. Default: false.

        Raises:
            JobFailedError: The batch was canceled or expired. `results` yields what was finished before.
            WaitTimeoutError: The batch was not finished in time.
            APIError: A poll failed, and so would the next one.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        return await self._wait(batch_id, options, request_options)

    async def _wait(
        self, batch_id: str, options: WaitOptions, request_options: RequestOptions | None
    ) -> AnalyzeBatchStatusResponse:
        retrieve = partial(self.retrieve, batch_id, request_options=request_options)
        return await poll_until_final(ANALYZE_BATCH, batch_id, retrieve, options)

    async def results(
        self, batch_id: str, *, request_options: RequestOptions | None = None
    ) -> AsyncGenerator[BatchResultItem, None]:
        """Yield the result of each request of a batch, also of an unfinished one.

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
        """Cancel the queued items of a batch.

        Items that are being processed are finished.

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


@raw_responses_of(AsyncAnalyzeBatches)
class RawAnalyzeBatches(Raw[Mode]):
    """The methods of `AsyncAnalyzeBatches`, which return the whole response."""

    list: Final = raw_pager(AsyncAnalyzeBatches.list)
    create: Final = raw(AsyncAnalyzeBatches.create)
    create_and_wait: Final = raw(AsyncAnalyzeBatches.create_and_wait)
    wait_until_ready: Final = raw(AsyncAnalyzeBatches.wait_until_ready)
    results: Final = raw_stream(AsyncAnalyzeBatches.results)
    retrieve: Final = raw(AsyncAnalyzeBatches.retrieve)
    cancel: Final = raw(AsyncAnalyzeBatches.cancel)
    delete: Final = raw(AsyncAnalyzeBatches.delete)


def _validate_requests(requests: Sequence[Any]) -> None:
    example = '{"video": {"type": "asset_id", "asset_id": "…"}}'
    require_nonempty("requests", requests, f"[{example}]")
    if len(requests) > MAX_BATCH_REQUESTS:
        raise InvalidArgumentError(
            f"requests must have at most {MAX_BATCH_REQUESTS} entries; got {len(requests)}. Create several batches."
        )
    fields: list[Any] = [unstructure(request) for request in requests]
    for request in fields:
        if not isinstance(request, dict) or "video" not in request:
            raise InvalidArgumentError(f"Each of requests must be a dict such as {example}; got {request!r:.100}.")
    custom_ids = [request["custom_id"] for request in fields if request.get("custom_id") is not None]
    for custom_id in custom_ids:
        validate_custom_id(custom_id)
    if len(set(custom_ids)) < len(custom_ids):
        raise InvalidArgumentError("The custom_id of each of requests must be unique. Remove the duplicates.")
