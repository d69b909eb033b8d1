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
from ..options import OMIT, RequestOptions, is_given
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
            model_name: ``pegasus1.6`` or ``pegasus1.5``. Default: that of the API, ``pegasus1.5``; it has changed over
                time.
            video: The video as asset, URL or base64, such as ``{"type": "asset_id", "asset_id": "…"}``. 1 second to
                1 hour. A URL may be that of a file or of the manifest of an HLS stream on demand.
            image: Images instead of a video (Pegasus 1.6), with *prompt*. 1 to 20, each of at most 20 MB and
                16,777,216 pixels: JPEG, PNG, WebP, GIF or BMP.
            prompt: The question. ``<@name>`` refers to one of *image*: to all of them, or to none.
            prompt_v_2: The question together with images; instead of *prompt*, and not with *image*.
            temperature: Randomness of the answer. 0 to 1. Default: 0.2.
            response_format: JSON schema of the answer.
            max_tokens: Maximum number of tokens of the answer. 512 to 98,304. Default: 4,096. If the answer is cut,
                ``finish_reason`` is ``length``.
            start_time: Start of the analyzed part of the video in seconds. Default: 0.
            end_time: End of the analyzed part of the video in seconds. Default: the end of the video.
            into: Attrs class or dataclass of the answer, from which *response_format* is made. See `json_schema`.

        Raises:
            ValueError: There is not exactly one of *video* and *image*, or there are two prompts.
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
            validate_subject(video, image, prompt, prompt_v_2)
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
            ValueError: There is not exactly one of *video* and *image*, or there are two prompts.
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
            validate_subject(video, image, prompt, prompt_v_2)
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


def validate_subject(video: object, image: object, prompt: object, prompt_v_2: object) -> None:
    """Validate what an analysis is about (docs: Synchronous analysis).

    Raises:
        TypeError: *video* is a string.
        ValueError: There is not exactly one subject, or not the right kind of prompt, or *video* has no type.
    """
    if is_given(video) == is_given(image):
        raise InvalidArgumentError("Pass either video= or image=, exactly one of them.")
    if is_given(prompt) and is_given(prompt_v_2):
        raise InvalidArgumentError("Pass either prompt= or prompt_v_2=, which is a prompt with images.")
    if is_given(image) and is_given(prompt_v_2):
        raise InvalidArgumentError("Pass prompt= with image=. It refers to the images by <@name>, or to none of them.")
    if isinstance(video, str):
        raise InvalidArgumentTypeError(
            f'video must be a dict such as {{"type": "asset_id", "asset_id": "…"}}; got the str {video[:40]!r}.'
        )
    if isinstance(video, Mapping) and "type" not in video:
        raise InvalidArgumentError(f"video must have a type: asset_id, url or base64_string; got the keys {[*video]}.")
