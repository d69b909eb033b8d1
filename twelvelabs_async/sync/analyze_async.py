"""The blocking twin of `twelvelabs_async.resources.analyze_async`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final, TypeVar, overload

from .._polling import DEFAULT_INTERVAL, DEFAULT_TIMEOUT, Callback
from ..models.analyze import (
    AnalyzeImageInput,
    AnalyzeImageInputParams,
    AnalyzePromptV2,
    AnalyzePromptV2Params,
    VideoContext,
    VideoContextParams,
)
from ..models.analyze_async import (
    AnalyzeTaskResponse,
    AsyncResponseFormat,
    AsyncResponseFormatParams,
    CreateAsyncAnalyzeRequestAnalysisMode,
    CreateAsyncAnalyzeRequestMaxTokens,
    CreateAsyncAnalyzeRequestModelName,
)
from ..options import OMIT, RequestOptions
from ..resources.analyze_async import AsyncAnalyzeAsync, AsyncAnalyzeBatches, AsyncAnalyzeTasks
from ._pager import blocking_pager
from ._twin import Blocking, blocking, blocking_iter, blocking_overloads, part

T = TypeVar("T")


class AnalyzeTasks(Blocking[AsyncAnalyzeTasks]):
    """Analyze videos and images in the background, and wait for the answers."""

    @overload
    def create_and_wait(
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
        timeout: float = DEFAULT_TIMEOUT,
        interval: float = DEFAULT_INTERVAL,
        callback: Callback[AnalyzeTaskResponse] | None = None,
        request_options: RequestOptions | None = None,
        into: None = None,
    ) -> AnalyzeTaskResponse: ...
    @overload
    def create_and_wait(
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
        min_segment_duration: float | None = OMIT,
        max_segment_duration: float | None = OMIT,
        start_time: float | None = OMIT,
        end_time: float | None = OMIT,
        timeout: float = DEFAULT_TIMEOUT,
        interval: float = DEFAULT_INTERVAL,
        callback: Callback[AnalyzeTaskResponse] | None = None,
        request_options: RequestOptions | None = None,
        into: type[T],
    ) -> T: ...
    @blocking_overloads(AsyncAnalyzeTasks.create_and_wait)
    def create_and_wait(self, **_: Any) -> Any: ...  # noqa: D102

    cancel: Final = blocking(AsyncAnalyzeTasks.cancel)
    create: Final = blocking(AsyncAnalyzeTasks.create)
    delete: Final = blocking(AsyncAnalyzeTasks.delete)
    list: Final = blocking_pager(AsyncAnalyzeTasks.list)
    retrieve: Final = blocking(AsyncAnalyzeTasks.retrieve)
    wait_until_ready: Final = blocking(AsyncAnalyzeTasks.wait_until_ready)


class AnalyzeBatches(Blocking[AsyncAnalyzeBatches]):
    """Analyze many assets alike, and read the results as they come."""

    cancel: Final = blocking(AsyncAnalyzeBatches.cancel)
    create: Final = blocking(AsyncAnalyzeBatches.create)
    create_and_wait: Final = blocking(AsyncAnalyzeBatches.create_and_wait)
    delete: Final = blocking(AsyncAnalyzeBatches.delete)
    list: Final = blocking_pager(AsyncAnalyzeBatches.list)
    results: Final = blocking_iter(AsyncAnalyzeBatches.results)
    retrieve: Final = blocking(AsyncAnalyzeBatches.retrieve)
    wait_until_ready: Final = blocking(AsyncAnalyzeBatches.wait_until_ready)


class AnalyzeAsync(Blocking[AsyncAnalyzeAsync]):
    """Analyses in the background."""

    tasks: cached_property[AnalyzeTasks] = part("analyze_async.AnalyzeTasks")
    """Analyses one by one."""
    batches: cached_property[AnalyzeBatches] = part("analyze_async.AnalyzeBatches")
    """Analyses by the thousand."""
