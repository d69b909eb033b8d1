"""Synchronous analysis: videos, prompts, answers and streams of answers."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, TypedDict

from ..options import OMIT
from ._answer_moments import answer_moments
from ._base import Model, UnknownType
from ._wire import Alias
from .moments import Moments

__all__ = [
    "AnalysisModel", "AnalyzeImageInput", "AnalyzeImageInputParams", "AnalyzePromptV2", "AnalyzePromptV2Params",
    "AnalyzeTaskError", "FinishReason", "NonStreamAnalyzeResponse", "SmeMediaSource", "SmeMediaSourceParams",
    "StreamAnalyzeResponse", "StreamAnalyzeResponse_StreamEnd", "StreamAnalyzeResponse_StreamStart",
    "StreamAnalyzeResponse_TextGeneration", "StreamEndResponseMetadata", "StreamStartResponseMetadata",
    "SyncResponseFormat", "SyncResponseFormatParams", "TokenUsage", "UnknownStreamEvent", "VideoContext",
    "VideoContextParams", "VideoContext_AssetId", "VideoContext_Base64String", "VideoContext_Url",
]  # fmt: skip

AnalysisModel: TypeAlias = Literal["pegasus1.6", "pegasus1.5"] | str
FinishReason: TypeAlias = Literal["stop", "length"] | str
"""``length`` if the answer was cut off at ``max_tokens``."""


class VideoContext_Url(Model):
    """A video at a public URL: of a file, or of the manifest of an HLS stream on demand."""

    url: str
    type: Literal["url"] = "url"


class VideoContext_AssetId(Model):
    """A video that was uploaded as an asset."""

    asset_id: str
    type: Literal["asset_id"] = "asset_id"


class VideoContext_Base64String(Model):
    """A video inside of the request, in base64. At most 30 MB before encoding."""

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
    """An image to analyze, given by exactly one of URL, asset and base64.

    Attributes:
        name: Name by which the prompt refers to the image, unique in the list. 1 to 50 letters, digits and underscores.
        url: HTTPS URL. The platform downloads it at once.
        base_64_string: At most 20 MB before encoding.
    """

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
    """An image for a prompt, given by exactly one of URL, asset and base64.

    Attributes:
        name: Name by which the prompt refers to the image. 1 to 50 characters.
        url: HTTPS URL.
    """

    name: str
    media_type: Literal["image"] | str
    url: str | None = OMIT
    asset_id: str | None = OMIT
    base_64_string: Annotated[str | None, Alias("base64_string")] = OMIT


class SmeMediaSourceParams(AnalyzeImageInputParams, total=False):
    """`SmeMediaSource` as a plain dict."""

    media_type: Literal["image"] | str


class AnalyzePromptV2(Model):
    """A prompt with images.

    Attributes:
        input_text: Text of the prompt. ``<@name>`` refers to an image.
        media_sources: Images. At most 4.
    """

    input_text: str
    media_sources: Sequence[SmeMediaSource | SmeMediaSourceParams] | None = OMIT


class AnalyzePromptV2Params(TypedDict, total=False):
    """`AnalyzePromptV2` as a plain dict."""

    input_text: str
    media_sources: Sequence[SmeMediaSource | SmeMediaSourceParams]


class SyncResponseFormat(Model):
    """Response format: JSON that conforms to a schema."""

    json_schema: Mapping[str, Any]
    type: Literal["json_schema"] | str = "json_schema"


class SyncResponseFormatParams(TypedDict):
    """`SyncResponseFormat` as a plain dict."""

    type: Literal["json_schema"] | str
    json_schema: Mapping[str, Any]


class TokenUsage(Model):
    """Numbers of tokens."""

    output_tokens: int
    input_tokens: int | None = None


class AnalyzeTaskError(Model):
    """Reason why an analysis failed, or why its answer is incomplete."""

    message: str
    code: str | None = None


class NonStreamAnalyzeResponse(Model):
    """Answer of an analysis.

    Attributes:
        data: Text of the answer.
        error: Warning, for example that the answer was cut off.
    """

    data: str | None = None
    finish_reason: FinishReason | None = None
    usage: TokenUsage | None = None
    error: AnalyzeTaskError | None = None
    id: str | None = None

    def moments(self) -> Moments:
        """Return the parts of the video in an answer in JSON: all objects with a start time."""
        return answer_moments(self.data)


class StreamStartResponseMetadata(Model):
    """Id of a streamed answer."""

    generation_id: str | None = None


class StreamAnalyzeResponse_StreamStart(Model):
    """Event at the start of a streamed answer."""

    metadata: StreamStartResponseMetadata | None = None
    event_type: Literal["stream_start"] = "stream_start"


class StreamAnalyzeResponse_TextGeneration(Model):
    """Event with the next piece of text. Pieces end anywhere, also inside of words."""

    text: str | None = None
    event_type: Literal["text_generation"] = "text_generation"


class StreamEndResponseMetadata(Model):
    """Id of a streamed answer, and the tokens that it took."""

    generation_id: str | None = None
    usage: TokenUsage | None = None


class StreamAnalyzeResponse_StreamEnd(Model):
    """Event at the end of a streamed answer.

    Attributes:
        finish_reason: ``length`` if the answer was cut off at ``max_tokens``.
    """

    finish_reason: FinishReason | None = None
    metadata: StreamEndResponseMetadata | None = None
    error: AnalyzeTaskError | None = None
    event_type: Literal["stream_end"] = "stream_end"


class UnknownStreamEvent(Model):
    """Event of a type that this version does not know. Its fields are in `extra`."""

    event_type: UnknownType


StreamAnalyzeResponse: TypeAlias = (
    StreamAnalyzeResponse_StreamStart
    | StreamAnalyzeResponse_TextGeneration
    | StreamAnalyzeResponse_StreamEnd
    | UnknownStreamEvent
)
