"""``/analyze``: questions about a video or images."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Concatenate, Final, Never, cast

from .._http_responses import AsyncHttpResponse, HttpResponse
from .._removed import reject_keywords
from .._request import argument_checks
from .._streams import incomplete_stream, json_lines
from .._structured_output import Analysis, format_for, from_analysis
from ..errors import InvalidArgumentError, InvalidArgumentTypeError
from ..models._wire import hook_of
from ..models.analyze import (
    AnalysisModel,
    AnalyzeImageInput,
    AnalyzeImageInputParams,
    AnalyzePromptV2,
    AnalyzePromptV2Params,
    NonStreamAnalyzeResponse,
    StreamAnalyzeResponse,
    StreamAnalyzeResponse_StreamEnd,
    SyncResponseFormat,
    SyncResponseFormatParams,
    VideoContext,
    VideoContextParams,
)
from ..options import OMIT, RequestOptions
from ._raw import A, Awaited, Endpoint, Mode, P, raw, raw_responses_of, raw_stream
from .requests import AsyncRequests, RawRequests

__all__ = ["AsyncAnalyze"]


class AsyncAnalyze(AsyncRequests):
    """Methods of the client itself that analyze videos and images."""

    with_raw_response: RawAnalyze[Awaited]

    async def analyze(
        self,
        /,
        *,
        model_name: AnalysisModel | None = OMIT,
        video: VideoContext | VideoContextParams | None = OMIT,
        image: Sequence[AnalyzeImageInput | AnalyzeImageInputParams] | None = OMIT,
        prompt: str | None = OMIT,
        prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = OMIT,
        temperature: float | None = OMIT,
        response_format: SyncResponseFormat | SyncResponseFormatParams | None = OMIT,
        max_tokens: int | None = OMIT,
        start_time: float | None = OMIT,
        end_time: float | None = OMIT,
        request_options: RequestOptions | None = None,
        into: type[Analysis] | None = None,
        **removed: Never,
    ) -> Analysis:
        """Analyze a video or images, and return the complete answer.

        Args:
            model_name: ``pegasus1.6`` or ``pegasus1.5``. Default: chosen by the API; it has changed over time.
            video: The video as asset, URL or base64, such as ``{"type": "asset_id", "asset_id": "…"}``. At most 1 hour.
            image: Images instead of a video (Pegasus 1.6). 1 to 20.
            prompt: The question.
            prompt_v_2: The question together with images; instead of *prompt*.
            temperature: Randomness of the answer. 0 to 1. Default: 0.2.
            response_format: JSON schema of the answer.
            max_tokens: Maximum number of tokens of the answer. 512 to 98,304. Default: 4,096. If the answer is cut,
                ``finish_reason`` is ``length``.
            start_time: Start of the analyzed part of the video in seconds. Default: 0.
            end_time: End of the analyzed part of the video in seconds. Default: the end of the video.
            into: Attrs class or dataclass of the answer, from which *response_format* is made. See `json_schema`.

        Raises:
            BadRequestError: An argument is invalid, or the platform cannot analyze the video.
            APIResponseError: The answer does not fit *into*, or was cut.

        Example:
            ::

                answer = await client.analyze(
                    video={"type": "asset_id", "asset_id": asset.id}, prompt="What happens, in one sentence?"
                )
                print(answer.data)
        """
        reject_keywords(self.analyze, removed)
        with argument_checks(request_options):
            validate_video(video)
        body = {
            "model_name": model_name,
            "video": video,
            "image": image,
            "prompt": prompt,
            "prompt_v_2": prompt_v_2,
            "temperature": temperature,
            "response_format": format_for(into, response_format),
            "max_tokens": max_tokens,
            "start_time": start_time,
            "end_time": end_time,
            "stream": False,
        }
        answer = await self._post("/analyze", NonStreamAnalyzeResponse, request_options, json=body, category="analyze")
        return cast("Analysis", answer) if into is None else from_analysis(answer.data, answer.finish_reason, into)

    async def analyze_stream(
        self,
        /,
        *,
        model_name: AnalysisModel | None = OMIT,
        video: VideoContext | VideoContextParams | None = OMIT,
        image: Sequence[AnalyzeImageInput | AnalyzeImageInputParams] | None = OMIT,
        prompt: str | None = OMIT,
        prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = OMIT,
        temperature: float | None = OMIT,
        response_format: SyncResponseFormat | SyncResponseFormatParams | None = OMIT,
        max_tokens: int | None = OMIT,
        start_time: float | None = OMIT,
        end_time: float | None = OMIT,
        request_options: RequestOptions | None = None,
        **removed: Never,
    ) -> AsyncGenerator[StreamAnalyzeResponse, None]:
        """Analyze a video or images, and yield the answer as it is written.

        The arguments are those of `analyze`.

        Raises:
            BadRequestError: An argument is invalid, or the platform cannot analyze the video.
            APIResponseError: The stream reports an error, is malformed, or ends early.

        Example:
            ::

                async for event in client.analyze_stream(
                    video={"type": "asset_id", "asset_id": asset.id}, prompt="What happens?"
                ):
                    if event.event_type == "text_generation":
                        print(event.text, end="")
        """
        reject_keywords(self.analyze_stream, removed)
        with argument_checks(request_options):
            validate_video(video)
        body = {
            "model_name": model_name,
            "video": video,
            "image": image,
            "prompt": prompt,
            "prompt_v_2": prompt_v_2,
            "temperature": temperature,
            "response_format": response_format,
            "max_tokens": max_tokens,
            "start_time": start_time,
            "end_time": end_time,
            "stream": True,
        }
        request = self._build(
            "POST",
            "/analyze",
            request_options,
            json=body,
            is_idempotent=False,
            category="analyze",
            is_streamed=True,
        )
        build = hook_of(StreamAnalyzeResponse)
        async with aclosing(self._transport.stream(request)) as pieces:
            async for data in json_lines(request, pieces, self._transport.key.redact, required_field="event_type"):
                event = build(data)
                yield event
                if isinstance(event, StreamAnalyzeResponse_StreamEnd):
                    return
        raise incomplete_stream(request)


def _raw_analysis(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, Analysis]],
) -> Endpoint[P, Coroutine[Any, Any, AsyncHttpResponse[Analysis]], HttpResponse[Analysis]]:
    return raw(method)  # mypy keeps the default of a type variable only where the variable is named


@raw_responses_of(AsyncAnalyze)
class RawAnalyze(RawRequests[Mode]):
    """The methods of `AsyncAnalyze`, which return the whole response."""

    analyze: Final = _raw_analysis(AsyncAnalyze.analyze)
    analyze_stream: Final = raw_stream(AsyncAnalyze.analyze_stream)


def validate_video(video: object) -> None:
    """Validate the video of an analysis.

    Raises:
        TypeError: *video* is a string.
        ValueError: *video* has no type.
    """
    if isinstance(video, str):
        raise InvalidArgumentTypeError(
            f'video must be a dict such as {{"type": "asset_id", "asset_id": "…"}}; got the str {video[:40]!r}.'
        )
    if isinstance(video, Mapping) and "type" not in video:
        raise InvalidArgumentError(f"video must have a type: asset_id, url or base64_string; got the keys {[*video]}.")
