"""Analyses in the background: tasks, batches of them, and their results."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypeAlias, TypedDict

from ..options import OMIT
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

__all__ = [
    "AnalyzeBatchStatusResponse", "AnalyzeTaskMediaSource", "AnalyzeTaskResponse", "AnalyzeTaskResponseRequestParams",
    "AnalyzeTaskResponseRequestParamsPromptV2", "AnalyzeTaskResponseRequestParamsResponseFormat",
    "AnalyzeTaskResponseRequestParamsResponseFormatSegmentDefinitionsItem", "AnalyzeTaskResponseVideoSource",
    "AnalyzeTaskResponseVideoSourceSystemMetadata", "AnalyzeTaskResult", "AnalyzeTaskSegmentField",
    "AnalyzeTaskSegmentFieldItems", "AnalyzeTaskStatus", "AnalyzeTaskTimeArrayItemField", "AnalyzeTaskWebhookInfo",
    "AnalyzeTimeRange", "AsyncResponseFormat", "AsyncResponseFormatParams", "BatchDefaults", "BatchDefaultsParams",
    "BatchItemRequest", "BatchItemRequestParams", "BatchItemStatus", "BatchResultItem", "BatchStatus",
    "CancelAnalyzeTaskResponse", "CreateAnalyzeBatchRequestModelName", "CreateAnalyzeBatchResponse",
    "CreateAnalyzeTaskResponse", "CreateAsyncAnalyzeRequestAnalysisMode", "CreateAsyncAnalyzeRequestMaxTokens",
    "CreateAsyncAnalyzeRequestMaxTokensOne", "CreateAsyncAnalyzeRequestModelName", "CreatedBatchItem",
    "SegmentDefinition", "SegmentDefinitionParams", "SegmentField", "SegmentFieldItems", "SegmentFieldParams",
    "TimeArrayItemField", "TimeArrayItemFieldItems",
]  # fmt: skip

AnalyzeTaskStatus: TypeAlias = Literal["queued", "pending", "processing", "ready", "failed", "canceled"] | str
"""How far an analysis has come; the last three are final."""
BatchStatus: TypeAlias = Literal["pending", "processing", "canceling", "canceled", "completed", "expired"] | str
"""How far a batch has come; the last three are final, and ``completed`` does not say how its items ended."""
BatchItemStatus: TypeAlias = Literal["queued", "processing", "ready", "failed", "canceled"] | str

CreateAsyncAnalyzeRequestAnalysisMode: TypeAlias = Literal["general", "time_based_metadata"] | str
CreateAsyncAnalyzeRequestModelName: TypeAlias = Literal["pegasus1.6", "pegasus1.5"] | str
CreateAnalyzeBatchRequestModelName: TypeAlias = Literal["pegasus1.5"] | str
CreateAsyncAnalyzeRequestMaxTokensOne: TypeAlias = Literal["unlimited"] | str
CreateAsyncAnalyzeRequestMaxTokens: TypeAlias = int | CreateAsyncAnalyzeRequestMaxTokensOne

_TimeFormat: TypeAlias = Literal["seconds", "hh:mm:ss", "hh:mm:ss.fff"] | str
_Scalar: TypeAlias = Literal["string", "number", "boolean", "integer"] | str


class AnalyzeTimeRange(Model):
    """A stretch of a video in seconds, at least 2 long."""

    start_time: float
    end_time: float


class TimeArrayItemFieldItems(Model):
    """The type of an array's items."""

    type: _Scalar


class TimeArrayItemField(Model):
    """What to find out about each event inside of a segment; *items* is for a field whose type is ``array``."""

    name: str
    type: Literal["string", "boolean", "number", "integer", "array"] | str
    description: str
    enum: Sequence[str] | None = OMIT
    items: TimeArrayItemFieldItems | Mapping[str, Any] | None = OMIT


class SegmentFieldItems(Model):
    """The type of an array's items: a scalar, or ``object`` with *fields* for events (``time_array``)."""

    type: Literal["object"] | _Scalar
    fields: Sequence[TimeArrayItemField | Mapping[str, Any]] | None = OMIT


class SegmentField(Model):
    """What to find out about each segment; the *type* ``time_array``, events inside of it, needs Pegasus 1.6.

    Attributes:
        name: Its name in the answer; not ``start_time``, ``end_time`` or ``metadata``.
        description: What it is to hold.
        format: ``seconds``, ``hh:mm:ss`` or ``hh:mm:ss.fff``; for a ``timestamp``, and needed there.
        enum: The values it may have, at most 100.
        items: What is in an ``array`` or ``time_array``, and needed there.
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
    """A kind of segment to look for.

    Attributes:
        id: The key its segments stand under in the answer.
        description: What such a segment looks like; names images as ``<@name>``.
        fields: What to find out about each of them.
        media_sources: Images that show what is meant, at most 4.
        time_ranges: Where to look; excludes start and end times and segment durations of the request.
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
    """The form of an answer, by *type*: JSON that fits a schema, or 1 to 20 kinds of segment, and facts about each.

    Attributes:
        json_schema: The schema.
        segment_definitions: The kinds of segment.
        segment_time_format: How segments tell their times. Default: ``seconds``, which are numbers.
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
    """An image of a request; one that was sent as base64 is only named."""

    name: str
    media_type: str
    url: str | None = None
    asset_id: str | None = None


class AnalyzeTaskTimeArrayItemField(Model):
    """What each event was asked for."""

    name: str
    type: str
    description: str | None = None
    enum: list[str] | None = None
    items: TimeArrayItemFieldItems | None = None


class AnalyzeTaskSegmentFieldItems(Model):
    """The type of an array's items, as asked for."""

    type: str
    fields: list[AnalyzeTaskTimeArrayItemField] | None = None


class AnalyzeTaskSegmentField(Model):
    """What each segment was asked for."""

    name: str
    type: str
    description: str | None = None
    format: _TimeFormat | None = None
    enum: list[str] | None = None
    items: AnalyzeTaskSegmentFieldItems | None = None


class AnalyzeTaskResponseRequestParamsResponseFormatSegmentDefinitionsItem(Model):
    """A kind of segment that was asked for."""

    id: str
    description: str
    fields: list[AnalyzeTaskSegmentField] | None = None
    media_sources: list[AnalyzeTaskMediaSource] | None = None
    time_ranges: list[AnalyzeTimeRange] | None = None


class AnalyzeTaskResponseRequestParamsResponseFormat(Model):
    """The form of the answer that was asked for."""

    type: Literal["json_schema", "segment_definitions"] | str | None = None
    json_schema: dict[str, Any] | None = None
    segment_time_format: _TimeFormat | None = None
    segment_definitions: list[AnalyzeTaskResponseRequestParamsResponseFormatSegmentDefinitionsItem] | None = None


class AnalyzeTaskResponseRequestParamsPromptV2(Model):
    """A prompt with images; lists of tasks cut its text to 30 characters."""

    input_text: str | None = None
    media_sources: list[AnalyzeTaskMediaSource] | None = None


class AnalyzeTaskResponseRequestParams(Model):
    """What a task was asked for; lists of tasks cut the *prompt* to 30 characters."""

    analysis_mode: CreateAsyncAnalyzeRequestAnalysisMode | None = None
    prompt: str | None = None
    prompt_v_2: Annotated[AnalyzeTaskResponseRequestParamsPromptV2 | None, Alias("prompt_v2")] = None
    image: list[AnalyzeTaskMediaSource] | None = None
    response_format: AnalyzeTaskResponseRequestParamsResponseFormat | None = None
    temperature: float | None = None
    max_tokens: CreateAsyncAnalyzeRequestMaxTokens | None = None
    min_segment_duration: float | None = None
    max_segment_duration: float | None = None
    start_time: float | None = None
    end_time: float | None = None


class AnalyzeTaskResponseVideoSourceSystemMetadata(Model):
    """The length of a video in seconds."""

    duration: float | None = None


class AnalyzeTaskResponseVideoSource(Model):
    """Where a task's video came from: *type*, and the field of that name unless it was sent as base64."""

    type: Literal["url", "base64_string", "asset_id", "video_id"] | str | None = None
    url: str | None = None
    asset_id: str | None = None
    video_id: str | None = None
    index_id: str | None = None
    system_metadata: AnalyzeTaskResponseVideoSourceSystemMetadata | None = None


class AnalyzeTaskResult(Model):
    """An answer, with its text in *data*.

    Of segments that is JSON: a list for each definition's id, of objects with ``start_time``, ``end_time`` and
    ``metadata``.
    """

    generation_id: str
    data: str
    finish_reason: FinishReason
    usage: TokenUsage


class AnalyzeTaskWebhookInfo(Model):
    """Whether a webhook was delivered to *url*, after how many attempts, and why the last one failed."""

    url: str
    delivered: bool
    attempts: int
    last_error: str | None = None


class AnalyzeTaskResponse(Model):
    """An analysis in the background.

    Attributes:
        result: The answer, when it is ``ready``.
        error: Why it failed or was canceled; of one that is ``ready``, why its answer is not all of it.
        webhooks: Who was told of its end.
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
        """The same as *task_id*, by the name that ids have elsewhere."""
        return self.task_id


class CreateAnalyzeTaskResponse(Model):
    """The id of a new task, and its first state."""

    task_id: str
    status: AnalyzeTaskStatus


class CancelAnalyzeTaskResponse(Model):
    """The id of a canceled task, and its state."""

    task_id: str
    status: Literal["canceled"] | str


class BatchDefaults(Model):
    """What holds for every request of a batch that does not say otherwise; times and durations in seconds."""

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
    """A request of a batch: an asset, a name that no other request of the batch has, and what differs from the rest."""

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
    """The task of a request of a batch."""

    task_id: str
    custom_id: str | None = None


class CreateAnalyzeBatchResponse(Model):
    """A new batch, and the task of each of its requests."""

    batch_id: str
    status: BatchStatus
    total_items: int
    created_at: datetime
    expires_at: datetime
    items: list[CreatedBatchItem]


class AnalyzeBatchStatusResponse(Model):
    """A batch, and how many of its items are in each state.

    Attributes:
        expires_at: When what is not done is canceled, 24 hours after the start. Results are kept for 30 days.
        canceled_items: Those that were still queued when the batch was canceled or expired.
        webhooks: Who was told of its end.
    """

    batch_id: str
    analysis_mode: CreateAsyncAnalyzeRequestAnalysisMode
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
    """What became of a request of a batch: *data* if it is ``ready``, *error* if it ``failed``."""

    task_id: str
    status: BatchItemStatus
    custom_id: str | None = None
    data: AnalyzeTaskResult | None = None
    error: AnalyzeTaskError | None = None
