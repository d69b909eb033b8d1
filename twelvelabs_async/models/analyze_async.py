"""Asynchronous analysis: tasks, batches of tasks, and their results."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypeAlias, TypedDict

from ..options import OMIT
from ._answer_moments import answer_moments
from ._base import Model
from ._wire import Alias
from .analyze import (
    AnalyzePromptV2,
    AnalyzePromptV2Params,
    AnalyzeTaskError,
    FinishReason,
    SmeMediaSource,
    SmeMediaSourceParams,
    TokenUsage,
    VideoContext_AssetId,
    VideoContextParams,
)
from .moment import MomentVideo, seconds_of, text_of
from .moments import Moments

__all__ = [
    "AnalysisMode", "AnalyzeBatchStatusResponse", "AnalyzeTaskMediaSource", "AnalyzeTaskResponse",
    "AnalyzeTaskResponseRequestParams", "AnalyzeTaskResponseRequestParamsPromptV2",
    "AnalyzeTaskResponseRequestParamsResponseFormat",
    "AnalyzeTaskResponseRequestParamsResponseFormatSegmentDefinitionsItem", "AnalyzeTaskResponseVideoSource",
    "AnalyzeTaskResponseVideoSourceSystemMetadata", "AnalyzeTaskResult", "AnalyzeTaskSegmentField",
    "AnalyzeTaskSegmentFieldItems", "AnalyzeTaskStatus", "AnalyzeTaskTimeArrayItemField", "AnalyzeTaskWebhookInfo",
    "AnalyzeTimeRange", "AsyncResponseFormat", "AsyncResponseFormatParams", "BatchAnalysisModel", "BatchDefaults",
    "BatchDefaultsParams", "BatchItemRequest", "BatchItemRequestParams", "BatchItemStatus", "BatchResultItem",
    "BatchStatus", "CancelAnalyzeTaskResponse", "CreateAnalyzeBatchResponse", "CreateAnalyzeTaskResponse",
    "CreatedBatchItem", "MaxTokens", "SegmentDefinition",
    "SegmentDefinitionParams", "SegmentField", "SegmentFieldItems", "SegmentFieldParams", "TimeArrayItemField",
    "TimeArrayItemFieldItems",
]  # fmt: skip

AnalyzeTaskStatus: TypeAlias = Literal["queued", "pending", "processing", "ready", "failed", "canceled"] | str
"""Status of an analysis. ``ready``, ``failed`` and ``canceled`` are final."""
BatchStatus: TypeAlias = Literal["pending", "processing", "canceling", "canceled", "completed", "expired"] | str
"""Status of a batch. ``canceled``, ``completed`` and ``expired`` are final.

Items of a ``completed`` batch may have failed.
"""
BatchItemStatus: TypeAlias = Literal["queued", "processing", "ready", "failed", "canceled"] | str

AnalysisMode: TypeAlias = Literal["general", "time_based_metadata"] | str
BatchAnalysisModel: TypeAlias = Literal["pegasus1.5"] | str
MaxTokens: TypeAlias = int | Literal["unlimited"] | str

_TimeFormat: TypeAlias = Literal["seconds", "hh:mm:ss", "hh:mm:ss.fff"] | str
_Scalar: TypeAlias = Literal["string", "number", "boolean", "integer"] | str


class AnalyzeTimeRange(Model):
    """Time range of a video, in seconds. At least 2 s long."""

    start_time: float
    end_time: float


class TimeArrayItemFieldItems(Model):
    """Type of the items of an array."""

    type: _Scalar


class TimeArrayItemField(Model):
    """Field to extract for each event inside of a segment.

    Attributes:
        name: Name of the field, unique in the event. 1 to 50 characters. ``start_time``, ``end_time`` and ``metadata``
            are reserved.
        enum: Allowed values, for the type ``string``. At most 100, each of at most 100 characters.
        items: Type of the items. Required for the type ``array``.
    """

    name: str
    type: Literal["string", "boolean", "number", "integer", "array"] | str
    description: str
    enum: Sequence[str] | None = OMIT
    items: TimeArrayItemFieldItems | Mapping[str, Any] | None = OMIT


class SegmentFieldItems(Model):
    """Type of the items of an array.

    Attributes:
        type: A scalar type, or ``object`` for the events of a ``time_array``.
        fields: Fields of each event of a ``time_array``, at least one. Each event also has ``start_time`` and
            ``end_time``.
    """

    type: Literal["object"] | _Scalar
    fields: Sequence[TimeArrayItemField | Mapping[str, Any]] | None = OMIT


class SegmentField(Model):
    """Field to extract for each segment.

    Attributes:
        name: Name of the field in the answer. 1 to 50 characters. ``start_time``, ``end_time`` and ``metadata`` are
            reserved.
        type: Type of the field. ``time_array``, for events inside of the segment, requires Pegasus 1.6, so that batches
            do not take it.
        description: Meaning of the field.
        format: ``seconds``, ``hh:mm:ss`` or ``hh:mm:ss.fff``. Required for the type ``timestamp``, invalid for others.
        enum: Allowed values. At most 100, each of at most 100 characters. Not for the type ``timestamp``.
        items: Type of the items. Required for the types ``array`` and ``time_array``.
    """

    name: str
    type: Literal["string", "boolean", "number", "integer", "array", "timestamp", "time_array"] | str
    description: str
    format: _TimeFormat | None = OMIT
    enum: Sequence[str] | None = OMIT
    items: SegmentFieldItems | Mapping[str, Any] | None = OMIT


class SegmentFieldParams(TypedDict):
    """`SegmentField` as a plain dict."""

    name: str
    type: Literal["string", "boolean", "number", "integer", "array", "timestamp", "time_array"] | str
    description: str
    format: NotRequired[_TimeFormat]
    enum: NotRequired[Sequence[str]]
    items: NotRequired[SegmentFieldItems | Mapping[str, Any]]


class SegmentDefinition(Model):
    """Kind of segment to find.

    Attributes:
        id: Key of the segments in the answer, unique in the request. 1 to 100 characters.
        description: Description of such a segment. ``<@name>`` refers to an image.
        fields: Fields to extract for each segment.
        media_sources: Images that show such a segment. At most 4.
        time_ranges: Parts of the video to search, which must not overlap. Not allowed together with the start time, the
            end time or the segment durations of the request.
    """

    id: str
    description: str
    fields: Sequence[SegmentField | SegmentFieldParams] | None = OMIT
    media_sources: Sequence[SmeMediaSource | SmeMediaSourceParams] | None = OMIT
    time_ranges: Sequence[AnalyzeTimeRange | Mapping[str, float]] | None = OMIT


class SegmentDefinitionParams(TypedDict):
    """`SegmentDefinition` as a plain dict."""

    id: str
    description: str
    fields: NotRequired[Sequence[SegmentField | SegmentFieldParams]]
    media_sources: NotRequired[Sequence[SmeMediaSource | SmeMediaSourceParams]]
    time_ranges: NotRequired[Sequence[AnalyzeTimeRange | Mapping[str, float]]]


class AsyncResponseFormat(Model):
    """Response format: JSON that conforms to a schema, or segments with fields.

    Attributes:
        json_schema: Schema, for the type ``json_schema``.
        segment_definitions: Kinds of segments, for the type ``segment_definitions``. 1 to 20.
        segment_time_format: Format of the times of segments. Default: ``seconds``, as numbers.
    """

    type: Literal["json_schema", "segment_definitions"] | str
    json_schema: Mapping[str, Any] | None = OMIT
    segment_definitions: Sequence[SegmentDefinition | SegmentDefinitionParams] | None = OMIT
    segment_time_format: _TimeFormat | None = OMIT


class AsyncResponseFormatParams(TypedDict):
    """`AsyncResponseFormat` as a plain dict."""

    type: Literal["json_schema", "segment_definitions"] | str
    json_schema: NotRequired[Mapping[str, Any]]
    segment_definitions: NotRequired[Sequence[SegmentDefinition | SegmentDefinitionParams]]
    segment_time_format: NotRequired[_TimeFormat]


class AnalyzeTaskMediaSource(Model):
    """Image of a request. An image that was sent in base64 has neither URL nor asset."""

    name: str
    media_type: str
    url: str | None = None
    asset_id: str | None = None


class AnalyzeTaskTimeArrayItemField(Model):
    """Field that was requested for each event."""

    name: str
    type: str
    description: str | None = None
    enum: list[str] | None = None
    items: TimeArrayItemFieldItems | None = None


class AnalyzeTaskSegmentFieldItems(Model):
    """Type of the items of an array, as requested."""

    type: str
    fields: list[AnalyzeTaskTimeArrayItemField] | None = None


class AnalyzeTaskSegmentField(Model):
    """Field that was requested for each segment."""

    name: str
    type: str
    description: str | None = None
    format: _TimeFormat | None = None
    enum: list[str] | None = None
    items: AnalyzeTaskSegmentFieldItems | None = None


class AnalyzeTaskResponseRequestParamsResponseFormatSegmentDefinitionsItem(Model):
    """Kind of segment that was requested."""

    id: str
    description: str
    fields: list[AnalyzeTaskSegmentField] | None = None
    media_sources: list[AnalyzeTaskMediaSource] | None = None
    time_ranges: list[AnalyzeTimeRange] | None = None


class AnalyzeTaskResponseRequestParamsResponseFormat(Model):
    """Response format that was requested."""

    type: Literal["json_schema", "segment_definitions"] | str | None = None
    json_schema: dict[str, Any] | None = None
    segment_time_format: _TimeFormat | None = None
    segment_definitions: list[AnalyzeTaskResponseRequestParamsResponseFormatSegmentDefinitionsItem] | None = None


class AnalyzeTaskResponseRequestParamsPromptV2(Model):
    """Prompt with images. Lists of tasks truncate its text to 30 characters."""

    input_text: str | None = None
    media_sources: list[AnalyzeTaskMediaSource] | None = None


class AnalyzeTaskResponseRequestParams(Model):
    """Parameters of a task. Lists of tasks truncate *prompt* to 30 characters."""

    analysis_mode: AnalysisMode | None = None
    prompt: str | None = None
    prompt_v_2: Annotated[AnalyzeTaskResponseRequestParamsPromptV2 | None, Alias("prompt_v2")] = None
    image: list[AnalyzeTaskMediaSource] | None = None
    response_format: AnalyzeTaskResponseRequestParamsResponseFormat | None = None
    temperature: float | None = None
    max_tokens: MaxTokens | None = None
    min_segment_duration: float | None = None
    max_segment_duration: float | None = None
    start_time: float | None = None
    end_time: float | None = None


class AnalyzeTaskResponseVideoSourceSystemMetadata(Model):
    """Duration of a video in seconds."""

    duration: float | None = None


class AnalyzeTaskResponseVideoSource(Model):
    """Source of a task's video.

    Attributes:
        type: Name of the field with the source. ``base64_string`` has no field.
    """

    type: Literal["url", "base64_string", "asset_id", "video_id"] | str | None = None
    url: str | None = None
    asset_id: str | None = None
    video_id: str | None = None
    index_id: str | None = None
    system_metadata: AnalyzeTaskResponseVideoSourceSystemMetadata | None = None


class AnalyzeTaskResult(Model):
    """Answer of a task.

    Attributes:
        data: Text of the answer. For segments, a JSON object with a list of segments for each definition's id. Each one
            has ``start_time``, ``end_time`` and ``metadata``.
    """

    generation_id: str
    data: str
    finish_reason: FinishReason
    usage: TokenUsage

    def moments(self) -> Moments:
        """Return the parts of the video in an answer in JSON, such as segments: all objects with a start time.

        The title of a segment is the id of its definition, unless its metadata have one.
        """
        return answer_moments(self.data)


class AnalyzeTaskWebhookInfo(Model):
    """Delivery of a webhook.

    Attributes:
        url: Address of the webhook.
        delivered: True if the webhook was delivered.
        attempts: Number of attempts.
        last_error: Error of the last attempt.
    """

    url: str
    delivered: bool
    attempts: int
    last_error: str | None = None


class AnalyzeTaskResponse(Model):
    """An asynchronous analysis.

    Attributes:
        result: Answer, if *status* is ``ready``.
        error: Reason of the status ``failed`` or ``canceled``. With the status ``ready``, the reason why the answer is
            incomplete.
        webhooks: Webhooks for the final status.
    """

    task_id: str
    status: AnalyzeTaskStatus
    created_at: datetime
    custom_id: str | None = None
    batch_id: str | None = None
    video_source: AnalyzeTaskResponseVideoSource | None = None
    request_params: AnalyzeTaskResponseRequestParams | None = None
    completed_at: datetime | None = None
    result: AnalyzeTaskResult | None = None
    error: AnalyzeTaskError | None = None
    webhooks: list[AnalyzeTaskWebhookInfo] | None = None

    @property
    def id(self) -> str:
        """*task_id*, under the name that ids have in other models."""
        return self.task_id

    def moments(self) -> Moments:
        """Return the parts of the video in the result, as `AnalyzeTaskResult.moments` does, with their video."""
        return answer_moments(getattr(self.result, "data", None), _video_of(self.video_source))


class CreateAnalyzeTaskResponse(Model):
    """Id and initial status of a new task."""

    task_id: str
    status: AnalyzeTaskStatus


class CancelAnalyzeTaskResponse(Model):
    """Id and status of a canceled task."""

    task_id: str
    status: Literal["canceled"] | str


class BatchDefaults(Model):
    """Defaults for all requests of a batch. Times and durations in seconds.

    Attributes:
        max_tokens: Maximum number of tokens of an answer. 512 to 98,304; for segments at least 2,048.
        min_segment_duration: Minimum duration of a segment. At least 2.
        max_segment_duration: Maximum duration of a segment. At least *min_segment_duration*.
    """

    prompt: AnalyzePromptV2 | AnalyzePromptV2Params | None = OMIT
    response_format: AsyncResponseFormat | AsyncResponseFormatParams | None = OMIT
    temperature: float | None = OMIT
    max_tokens: int | None = OMIT
    min_segment_duration: float | None = OMIT
    max_segment_duration: float | None = OMIT
    start_time: float | None = OMIT
    end_time: float | None = OMIT


class BatchDefaultsParams(TypedDict, total=False):
    """`BatchDefaults` as a plain dict."""

    prompt: AnalyzePromptV2 | AnalyzePromptV2Params
    response_format: AsyncResponseFormat | AsyncResponseFormatParams
    temperature: float
    max_tokens: int
    min_segment_duration: float
    max_segment_duration: float
    start_time: float
    end_time: float


class BatchItemRequest(Model):
    """Request of a batch.

    At most 2 hours of a video are analyzed: a longer part fails alone, with the code ``video_duration_too_long``.

    Attributes:
        video: The asset to analyze.
        custom_id: Name of the request, unique in the batch. 1 to 64 letters, digits, ``-`` and ``_``.
        prompt: Overrides the default of the batch, like all following fields.
    """

    video: VideoContext_AssetId | VideoContextParams
    custom_id: str | None = OMIT
    prompt: AnalyzePromptV2 | AnalyzePromptV2Params | None = OMIT
    response_format: AsyncResponseFormat | AsyncResponseFormatParams | None = OMIT
    temperature: float | None = OMIT
    max_tokens: int | None = OMIT
    min_segment_duration: float | None = OMIT
    max_segment_duration: float | None = OMIT
    start_time: float | None = OMIT
    end_time: float | None = OMIT


class BatchItemRequestParams(BatchDefaultsParams):
    """`BatchItemRequest` as a plain dict."""

    video: VideoContext_AssetId | VideoContextParams
    custom_id: NotRequired[str]


class CreatedBatchItem(Model):
    """Task of a request of a batch."""

    task_id: str
    custom_id: str | None = None


class CreateAnalyzeBatchResponse(Model):
    """A new batch, with the task of each request."""

    batch_id: str
    status: BatchStatus
    total_items: int
    created_at: datetime
    expires_at: datetime
    items: list[CreatedBatchItem]


class AnalyzeBatchStatusResponse(Model):
    """A batch, with the number of items in each status.

    Attributes:
        expires_at: Time at which unfinished items are canceled, 24 hours after the start. Results are kept for 30 days.
        canceled_items: Items that were queued when the batch was canceled or expired.
        webhooks: Webhooks for the final status.
    """

    batch_id: str
    analysis_mode: AnalysisMode
    model_name: str
    status: BatchStatus
    total_items: int
    queued_items: int
    processing_items: int
    ready_items: int
    failed_items: int
    canceled_items: int
    created_at: datetime
    expires_at: datetime
    completed_at: datetime | None = None
    canceled_at: datetime | None = None
    expired_at: datetime | None = None
    webhooks: list[AnalyzeTaskWebhookInfo] | None = None


class BatchResultItem(Model):
    """Result of a request of a batch.

    Attributes:
        data: Answer, if *status* is ``ready``.
        error: Reason, if *status* is ``failed``.
    """

    task_id: str
    status: BatchItemStatus
    custom_id: str | None = None
    data: AnalyzeTaskResult | None = None
    error: AnalyzeTaskError | None = None

    def moments(self) -> Moments:
        """Return the parts of the video in the result, as `AnalyzeTaskResult.moments` does."""
        return answer_moments(getattr(self.data, "data", None))


def _video_of(source: AnalyzeTaskResponseVideoSource | None) -> MomentVideo:
    return MomentVideo(
        id=text_of(getattr(source, "video_id", None)),
        asset_id=text_of(getattr(source, "asset_id", None)),
        index_id=text_of(getattr(source, "index_id", None)),
        duration=seconds_of(getattr(getattr(source, "system_metadata", None), "duration", None)),
    )
