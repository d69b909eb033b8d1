"""``/analyze``: ask questions about a video."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, cast

from .._streams import json_lines
from .._structured_output import Analysis, format_for, from_analysis
from .._transport import Call
from ..errors import APIResponseError
from ..models._wire import hook_of
from ..models.analyze import (
    AnalyzeImageInput,
    AnalyzeImageInputParams,
    AnalyzePromptV2,
    AnalyzePromptV2Params,
    AnalyzeRequestModelName,
    NonStreamAnalyzeResponse,
    StreamAnalyzeResponse,
    StreamAnalyzeResponse_StreamEnd,
    SyncResponseFormat,
    SyncResponseFormatParams,
    VideoContext,
    VideoContextParams,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource

ANALYZE: Final = "/analyze"


class AsyncAnalyze(AsyncResource):
    """The methods about analyzing that stand on the client itself."""

    async def analyze(
        self,
        *,
        model_name: AnalyzeRequestModelName | None = OMIT,
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
    ) -> Analysis:
        """Ask about a video or images, and get the whole answer.

        Args:
            model_name: ``pegasus1.6`` or ``pegasus1.5``. Default: the API's, which has changed over time.
            video: The video, by asset, URL or base64, as in ``{"type": "asset_id", "asset_id": "…"}``; up to 1 hour.
            image: 1 to 20 images instead of a video (Pegasus 1.6).
            prompt_v_2: What to ask, with images; instead of *prompt*.
            temperature: How free the answer may be, 0 to 1. Default: 0.2.
            response_format: A JSON schema that the answer has to fit.
            max_tokens: Where to cut the answer; ``finish_reason`` is ``length`` then.
            start_time: Where to begin in the video, in seconds.
            end_time: Where to end in the video, in seconds.
            into: An attrs class or a dataclass to return the answer as; makes *response_format*. See `json_schema`.

        Raises:
            BadRequestError: An argument is wrong, or the video cannot be analyzed.
            APIResponseError: The answer does not fit *into*, or was cut.

        Example:
            ::

                answer = await client.analyze(
                    video={"type": "asset_id", "asset_id": asset.id}, prompt="What happens, in one sentence?"
                )
                print(answer.data)
        """
        body = analysis(
            model_name=model_name,
            video=video,
            image=image,
            prompt=prompt,
            prompt_v_2=prompt_v_2,
            temperature=temperature,
            response_format=format_for(into, response_format),
            max_tokens=max_tokens,
            start_time=start_time,
            end_time=end_time,
        )
        answer = await self._post(
            ANALYZE, NonStreamAnalyzeResponse, request_options, json=body | {"stream": False}, category="analyze"
        )
        return cast("Analysis", answer) if into is None else from_analysis(answer.data, answer.finish_reason, into)

    async def analyze_stream(
        self,
        *,
        model_name: AnalyzeRequestModelName | None = OMIT,
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
    ) -> AsyncGenerator[StreamAnalyzeResponse, None]:
        """Ask about a video or images, and get the answer as it is written; takes what `analyze` takes.

        Raises:
            BadRequestError: An argument is wrong, or the video cannot be analyzed.
            APIResponseError: The stream reports an error, makes no sense, or ends before its end.

        Example:
            ::

                async for event in client.analyze_stream(
                    video={"type": "asset_id", "asset_id": asset.id}, prompt="What happens?"
                ):
                    if event.event_type == "text_generation":
                        print(event.text, end="")
        """
        body = analysis(
            model_name=model_name,
            video=video,
            image=image,
            prompt=prompt,
            prompt_v_2=prompt_v_2,
            temperature=temperature,
            response_format=response_format,
            max_tokens=max_tokens,
            start_time=start_time,
            end_time=end_time,
        )
        call = Call("POST", ANALYZE, json=body | {"stream": True}, safe=False, category="analyze")
        build = hook_of(StreamAnalyzeResponse)
        async with aclosing(self._transport.stream(call, request_options)) as pieces:
            async for data in json_lines(str(call), pieces, self._transport.key.hide, mark="event_type"):
                event = build(data)
                yield event
                if isinstance(event, StreamAnalyzeResponse_StreamEnd):
                    return
        raise APIResponseError(f"{call}: the stream broke off before its end.")


def analysis(**fields: Any) -> dict[str, Any]:
    """The fields of a request for an analysis, if its video is given as it should be."""
    video = fields["video"]
    if isinstance(video, str):
        raise TypeError('video must be a dict such as {"type": "asset_id", "asset_id": "…"}, not a str.')
    if isinstance(video, Mapping) and "type" not in video:
        raise ValueError("video needs a type: asset_id, url or base64_string.")
    return fields
