"""Requests for analyses: at once, as tasks, in batches."""

from __future__ import annotations

import math
import re
from typing import Any, Literal

import attrs

from ..converter import Mismatch, decode
from ..problem import Json, invalid, missing
from .common import Page, public_url, within
from .media import MediaSource, NamedSource

MAX_TOKENS = {"pegasus1.2": (2, 4_096), "pegasus1.5": (512, 98_304), "pegasus1.6": (512, 98_304)}
"""Lowest and highest `max_tokens` of each model (docs: Pegasus)."""
MIN_SEGMENTATION_TOKENS = 2_048
MIN_SEGMENT_SECONDS = 2.0
MAX_BATCH_REQUESTS = 1_000
DAY_SECONDS = 86_400

AnalysisMode = Literal["general", "time_based_metadata"]
TimeFormat = Literal["seconds", "hh:mm:ss", "hh:mm:ss.fff"]
TaskStatus = Literal["queued", "pending", "processing", "ready", "failed", "canceled"]
BatchStatus = Literal["pending", "processing", "canceling", "canceled", "completed", "expired"]


@attrs.frozen(kw_only=True)
class Prompt:
    """Prompt that may refer to images by name."""

    input_text: str
    media_sources: list[NamedSource] | None = None


@attrs.frozen(kw_only=True)
class FieldItems:
    """Items of an array; those of a time array have fields of their own."""

    type: str | None = None
    fields: list[SegmentField] | None = None


@attrs.frozen(kw_only=True)
class SegmentField:
    """Field of a segment's metadata."""

    name: str
    type: Literal["string", "boolean", "number", "integer", "array", "timestamp", "time_array"]
    description: str | None = None
    format: str | None = None
    enum: list[str] | None = None
    items: FieldItems | None = None

    def __attrs_post_init__(self) -> None:
        if self.type == "time_array" and not (self.items and self.items.fields):
            raise Mismatch(f"must have items.fields for the time_array {self.name!r}")


@attrs.frozen(kw_only=True)
class TimeRange:
    """Part of a video, in seconds."""

    start_time: float = attrs.field(validator=within(0, DAY_SECONDS))
    end_time: float = attrs.field(validator=within(0, DAY_SECONDS))


@attrs.frozen(kw_only=True)
class SegmentDefinition:
    """Kind of segments, and the metadata that describes each."""

    id: str
    description: str
    fields: list[SegmentField] | None = None
    media_sources: list[NamedSource] | None = None
    time_ranges: list[TimeRange] | None = None


@attrs.frozen(kw_only=True)
class ResponseFormat:
    """Structure of the answer: a JSON schema, or definitions of segments."""

    type: Literal["json_schema", "segment_definitions"]
    json_schema: Json | None = None
    segment_definitions: list[SegmentDefinition] | None = attrs.field(default=None, validator=within(1, 20))
    segment_time_format: TimeFormat | None = None

    def __attrs_post_init__(self) -> None:
        if getattr(self, self.type) is None:
            raise missing(f"response_format.{self.type}")


@attrs.frozen(kw_only=True)
class Analysis:
    """Base of the requests for an analysis.

    Attributes:
        max_tokens: Integer; for segments also ``unlimited``.
    """

    model_name: Literal["pegasus1.2", "pegasus1.5", "pegasus1.6"] = "pegasus1.5"
    video: MediaSource | None = None
    image: list[NamedSource] | None = attrs.field(default=None, validator=within(1, 20))
    video_id: str | None = None
    prompt: str | None = None
    prompt_v2: Prompt | None = None
    temperature: float | None = attrs.field(default=None, validator=within(0, 1))
    max_tokens: Any = None
    response_format: ResponseFormat | None = None
    start_time: float | None = attrs.field(default=None, validator=within(0, DAY_SECONDS))
    end_time: float | None = attrs.field(default=None, validator=within(0, DAY_SECONDS))

    def __attrs_post_init__(self) -> None:
        if sum(source is not None for source in (self.video, self.image, self.video_id)) != 1:
            raise missing("video or image")

    @property
    def question(self) -> str:
        """Return the text of the prompt."""
        return self.prompt_v2.input_text if self.prompt_v2 else self.prompt or ""

    def check_general(self) -> None:
        """Check the parameters of a general analysis."""
        if not self.question:
            raise missing("prompt")
        if self.prompt and self.prompt_v2:
            raise invalid("prompt", "must be absent if there is a prompt_v2")
        if self.response_format and self.response_format.type != "json_schema":
            raise invalid("response_format", "must have the type json_schema")
        self.check_tokens(*MAX_TOKENS[self.model_name])

    def check_tokens(self, low: int, high: int) -> None:
        """Check the limit of the answer's length."""
        if self.max_tokens is not None and not (type(self.max_tokens) is int and low <= self.max_tokens <= high):
            raise invalid("max_tokens", f"must be an integer from {low} to {high}; got {self.max_tokens!r}")


@attrs.frozen(kw_only=True)
class Analyze(Analysis):
    stream: bool = True

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.check_general()


@attrs.frozen(kw_only=True)
class CreateAnalyzeTask(Analysis):
    custom_id: str | None = None
    analysis_mode: AnalysisMode = "general"
    min_segment_duration: float | None = attrs.field(default=None, validator=within(MIN_SEGMENT_SECONDS, math.inf))
    max_segment_duration: float | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.custom_id is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", self.custom_id):
            raise invalid("custom_id", "must be 1 to 64 letters, digits, hyphens and underscores")
        if self.analysis_mode == "general":
            self.check_general()
        else:
            self.check_segmentation()

    @property
    def segment_seconds(self) -> tuple[float, float]:
        """Return the shortest and the longest duration of a segment."""
        return self.min_segment_duration or MIN_SEGMENT_SECONDS, self.max_segment_duration or math.inf

    def check_segmentation(self) -> None:
        """Check the parameters of time-based metadata."""
        if self.model_name == "pegasus1.2":
            raise invalid("model_name", "must be pegasus1.5 or pegasus1.6 for time_based_metadata")
        if self.prompt or self.prompt_v2:
            raise invalid("prompt", "must be absent for time_based_metadata")
        if self.response_format is None:
            raise missing("response_format")
        if self.response_format.type != "segment_definitions":
            raise invalid("response_format", "must have the type segment_definitions for time_based_metadata")
        shortest, longest = self.segment_seconds
        if longest < shortest:
            raise invalid("max_segment_duration", f"must be at least {shortest:g}; got {longest:g}")
        if (self.model_name, self.max_tokens) != ("pegasus1.6", "unlimited"):
            self.check_tokens(MIN_SEGMENTATION_TOKENS, MAX_TOKENS[self.model_name][1])


@attrs.frozen(kw_only=True)
class ListAnalyzeTasks(Page):
    status: TaskStatus | None = None
    analysis_mode: AnalysisMode | None = None
    video_url: str | None = attrs.field(default=None, validator=public_url)
    asset_id: str | None = None


@attrs.frozen(kw_only=True)
class CreateAnalyzeBatch:
    model_name: Literal["pegasus1.5"]
    analysis_mode: AnalysisMode
    defaults: Json = attrs.field(factory=dict[str, Any])
    requests: list[Json] = attrs.field(validator=within(1, MAX_BATCH_REQUESTS))

    def tasks(self) -> list[CreateAnalyzeTask]:
        """Return the request of each task, with the defaults. The `prompt` of a batch has the form of `prompt_v2`.

        Raises:
            Problem: A request is invalid.
        """
        common: Json = {"model_name": self.model_name, "analysis_mode": self.analysis_mode, "prompt": None}
        merged = [{**self.defaults, **request} for request in self.requests]
        sources = [{**request, **common, "prompt_v2": request.get("prompt")} for request in merged]
        tasks = [decode(CreateAnalyzeTask, source, is_text=False) for source in sources]
        if any(task.video is None or task.video.asset_id is None for task in tasks):
            raise invalid("requests.video", "must have the type asset_id")
        custom_ids = [task.custom_id for task in tasks if task.custom_id is not None]
        if len({*custom_ids}) < len(custom_ids):
            raise invalid("custom_id", "must be different in each request")
        return tasks


@attrs.frozen(kw_only=True)
class ListAnalyzeBatches(Page):
    status: list[BatchStatus] | None = None
    analysis_mode: list[AnalysisMode] | None = None
