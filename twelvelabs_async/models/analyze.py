"""Questions about a video, and the answers."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, TypedDict

from ..options import OMIT
from ._base import Model
from ._wire import Alias

__all__ = [
    "AnalyzeImageInput", "AnalyzeImageInputParams", "AnalyzePromptV2", "AnalyzePromptV2Params",
    "AnalyzeRequestModelName", "AnalyzeTaskError", "FinishReason", "NonStreamAnalyzeResponse", "SmeMediaSource",
    "SmeMediaSourceParams", "StreamAnalyzeResponse", "StreamAnalyzeResponse_StreamEnd",
    "StreamAnalyzeResponse_StreamStart", "StreamAnalyzeResponse_TextGeneration", "StreamEndResponseMetadata",
    "StreamStartResponseMetadata", "SyncResponseFormat", "SyncResponseFormatParams", "TokenUsage", "UnknownStreamEvent",
    "VideoContext", "VideoContextParams", "VideoContext_AssetId", "VideoContext_Base64String", "VideoContext_Url",
]  # fmt: skip

AnalyzeRequestModelName: TypeAlias = Literal["pegasus1.6", "pegasus1.5"] | str
FinishReason: TypeAlias = Literal["stop", "length"] | str
"""``length``: the answer was cut at ``max_tokens``."""


class VideoContext_Url(Model):
    """A video at a public URL."""

    url: str
    type: Literal["url"] = "url"


class VideoContext_AssetId(Model):
    """A video that was uploaded as an asset."""

    asset_id: str
    type: Literal["asset_id"] = "asset_id"


class VideoContext_Base64String(Model):
    """A video in the request itself, base64, at most 30 MB before encoding."""

    base_64_string: Annotated[str, Alias("base64_string")]
    type: Literal["base64_string"] = "base64_string"


VideoContext: TypeAlias = VideoContext_Url | VideoContext_AssetId | VideoContext_Base64String


class VideoContextParams(TypedDict, total=False):
    """`VideoContext` as a plain dict: ``type``, and the field of that name."""

    type: Literal["url", "asset_id", "base64_string"] | str
    url: str
    asset_id: str
    base_64_string: str


class AnalyzeImageInput(Model):
    """An image to analyze, by exactly one of URL, asset and base64; *name* is how the prompt refers to it."""

    name: str
    url: str | None = OMIT
    asset_id: str | None = OMIT
    base_64_string: Annotated[str | None, Alias("base64_string")] = OMIT


class AnalyzeImageInputParams(TypedDict, total=False):
    """`AnalyzeImageInput` as a plain dict."""

    name: str
    url: str
    asset_id: str
    base_64_string: str


class SmeMediaSource(Model):
    """An image that a prompt refers to by *name*, by exactly one of URL, asset and base64."""

    name: str
    media_type: Literal["image"] | str
    url: str | None = OMIT
    asset_id: str | None = OMIT
    base_64_string: Annotated[str | None, Alias("base64_string")] = OMIT


class SmeMediaSourceParams(AnalyzeImageInputParams, total=False):
    """`SmeMediaSource` as a plain dict."""

    media_type: Literal["image"] | str


class AnalyzePromptV2(Model):
    """A prompt with images: *input_text* names them as ``<@name>``; at most 4."""

    input_text: str
    media_sources: Sequence[SmeMediaSource | SmeMediaSourceParams] | None = OMIT


class AnalyzePromptV2Params(TypedDict, total=False):
    """`AnalyzePromptV2` as a plain dict."""

    input_text: str
    media_sources: Sequence[SmeMediaSource | SmeMediaSourceParams]


class SyncResponseFormat(Model):
    """The JSON schema that an answer has to fit."""

    json_schema: Mapping[str, Any]
    type: Literal["json_schema"] | str = "json_schema"


class SyncResponseFormatParams(TypedDict):
    """`SyncResponseFormat` as a plain dict."""

    type: Literal["json_schema"] | str
    json_schema: Mapping[str, Any]


class TokenUsage(Model):
    """Tokens read and written."""

    output_tokens: int
    input_tokens: int | None = None


class AnalyzeTaskError(Model):
    """What went wrong; if there is an answer, what is wrong with it."""

    message: str
    code: str | None = None


class NonStreamAnalyzeResponse(Model):
    """An answer, with its text in *data*; *error* is a warning, for instance that it was cut."""

    data: str | None = None
    finish_reason: FinishReason | None = None
    usage: TokenUsage | None = None
    error: AnalyzeTaskError | None = None
    id: str | None = None


class StreamStartResponseMetadata(Model):
    """The id of the answer that begins."""

    generation_id: str | None = None


class StreamAnalyzeResponse_StreamStart(Model):
    """An answer begins."""

    metadata: StreamStartResponseMetadata | None = None
    event_type: Literal["stream_start"] = "stream_start"


class StreamAnalyzeResponse_TextGeneration(Model):
    """The next piece of an answer, cut anywhere."""

    text: str | None = None
    event_type: Literal["text_generation"] = "text_generation"


class StreamEndResponseMetadata(Model):
    """The id of the answer that ended, and the tokens it took."""

    generation_id: str | None = None
    usage: TokenUsage | None = None


class StreamAnalyzeResponse_StreamEnd(Model):
    """An answer has ended; *finish_reason* is ``length`` if it was cut at ``max_tokens``."""

    finish_reason: FinishReason | None = None
    metadata: StreamEndResponseMetadata | None = None
    error: AnalyzeTaskError | None = None
    event_type: Literal["stream_end"] = "stream_end"


class UnknownStreamEvent(Model):
    """An event that this version does not know; its fields are in `extra`."""

    event_type: str


StreamAnalyzeResponse: TypeAlias = (
    StreamAnalyzeResponse_StreamStart
    | StreamAnalyzeResponse_TextGeneration
    | StreamAnalyzeResponse_StreamEnd
    | UnknownStreamEvent
)
