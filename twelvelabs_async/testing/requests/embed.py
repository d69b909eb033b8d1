"""Requests of both versions of the Embed API."""

from __future__ import annotations

import math
import re
from typing import ClassVar, Literal, get_args

import attrs

from ..content import Kind
from ..converter import Mismatch, Moment, UploadedFile
from ..problem import invalid, missing
from .common import EPOCH, Page, public_url, within
from .media import MediaSource, NamedSource

EmbeddingOption = Literal["visual", "audio", "transcription", "visual-text"]
Scope = Literal["clip", "video"]
EmbeddingType = Literal["separate_embedding", "fused_embedding"]

# Choices of `embedding_option` and of `embedding_scope` for each kind of file.
OPTIONS = {
    "audio": ["audio", "transcription"],
    "document": ["visual", "text"],
    "image": ["visual"],
    "video": ["visual", "audio", "transcription"],
}
TIMED_SCOPES = ["clip", "local", "asset"]
SCOPES = {"audio": TIMED_SCOPES, "document": ["local", "asset"], "image": ["asset"], "video": TIMED_SCOPES}


@attrs.frozen(kw_only=True)
class CreateEmbedding:
    model_name: Literal["marengo3.0"]
    text: str | None = None
    image_url: str | None = attrs.field(default=None, validator=public_url)
    image_file: UploadedFile | None = None
    audio_url: str | None = attrs.field(default=None, validator=public_url)
    audio_file: UploadedFile | None = None
    audio_start_offset_sec: float = attrs.field(default=0.0, validator=within(0, math.inf))

    def __attrs_post_init__(self) -> None:
        if not any((self.text, self.image_url, self.image_file, self.audio_url, self.audio_file)):
            raise missing("text, image_url, image_file, audio_url or audio_file")


@attrs.frozen(kw_only=True)
class CreateVideoEmbeddingTask:
    model_name: Literal["marengo3.0"]
    video_url: str | None = attrs.field(default=None, validator=public_url)
    video_file: UploadedFile | None = None
    video_start_offset_sec: float | None = attrs.field(default=None, validator=within(0, math.inf))
    video_end_offset_sec: float | None = attrs.field(default=None, validator=within(0, math.inf))
    video_clip_length: float = attrs.field(default=6.0, validator=within(2, 10))
    video_embedding_scope: list[Scope] = attrs.field(factory=lambda: ["clip"])

    def __attrs_post_init__(self) -> None:
        if not self.video_url and not self.video_file:
            raise missing("video_url or video_file")
        if (self.video_start_offset_sec is None) != (self.video_end_offset_sec is None):
            raise missing("video_start_offset_sec and video_end_offset_sec")


@attrs.frozen(kw_only=True)
class ListEmbeddingTasks(Page):
    started_at: Moment = EPOCH
    ended_at: Moment | None = None
    status: Literal["processing", "ready", "failed"] | None = None


@attrs.frozen(kw_only=True)
class RetrieveVideoEmbeddingTask:
    embedding_option: list[EmbeddingOption] = attrs.field(factory=lambda: [*get_args(EmbeddingOption)])


@attrs.frozen(kw_only=True)
class Clips:
    duration_sec: float | None = attrs.field(default=None, validator=within(2, 10))
    min_duration_sec: int | None = attrs.field(default=None, validator=within(2, 5))


@attrs.frozen(kw_only=True)
class Segmentation:
    """Division of a file into clips. Marengo 3.5 takes it in `temporal`."""

    strategy: Literal["fixed", "dynamic"] | None = None
    fixed: Clips | None = None
    dynamic: Clips | None = None
    temporal: Segmentation | None = None

    def __attrs_post_init__(self) -> None:
        if self.temporal is None and (self.strategy is None or self.clip_seconds is None):
            raise Mismatch("must have a strategy, and the duration of clips in fixed or dynamic")

    @property
    def clip_seconds(self) -> float | None:
        """Return the length of a clip, or the minimum of a dynamic clip."""
        if self.strategy == "fixed":
            return self.fixed.duration_sec if self.fixed else None
        return self.dynamic.min_duration_sec if self.dynamic else None


@attrs.frozen(kw_only=True)
class TimedText:
    """Text about a part of a file, in seconds."""

    start: float
    end: float
    text: str


@attrs.frozen(kw_only=True)
class Input:
    """Input of any type. Each type has some of the fields."""

    input_text: str = ""
    media_source: MediaSource | None = None
    media_sources: list[NamedSource] = attrs.field(factory=list[NamedSource], validator=within(0, 10))
    start_sec: float = attrs.field(default=0.0, validator=within(0, math.inf))
    end_sec: float | None = attrs.field(default=None, validator=within(0, math.inf))
    segmentation: Segmentation | None = None
    embedding_option: list[str] | None = attrs.field(default=None, validator=within(1, 3))
    embedding_scope: list[str] | None = attrs.field(default=None, validator=within(1, 3))
    embedding_type: list[EmbeddingType] | None = attrs.field(default=None, validator=within(1, 2))
    time_based_metadata: list[TimedText] = attrs.field(factory=list[TimedText], validator=within(0, 10_000))

    def __attrs_post_init__(self) -> None:
        names = {source.name for source in self.media_sources}
        for name in re.findall(r"<@([^>]+)>", self.input_text):
            if name not in names:
                raise invalid("input_text", f"must name sources of media_sources; {name!r} is none")


@attrs.frozen(kw_only=True)
class CreateEmbeddingsV2:
    """Request for embeddings. The input stands in the field that `input_type` names."""

    TYPES: ClassVar[dict[str, tuple[str, ...]]] = {
        "marengo3.0": ("text", "image", "text_image", "audio", "video", "multi_input"),
        "marengo3.5": ("multi_input",),
    }

    model_name: Literal["marengo3.0", "marengo3.5"]
    input_type: Literal["text", "image", "text_image", "audio", "video", "document", "multi_input"]
    text: Input | None = None
    image: Input | None = None
    text_image: Input | None = None
    audio: Input | None = None
    video: Input | None = None
    document: Input | None = None
    multi_input: Input | None = None
    embedding_dimension: int | None = attrs.field(default=None, validator=within(1, 4_096))
    embedding_uncertainty: bool | None = None
    auto_truncate: bool | None = None

    def __attrs_post_init__(self) -> None:
        types = self.TYPES[self.model_name]
        if self.input_type not in types:
            raise invalid(
                "input_type", f"must be one of {', '.join(types)} for {self.model_name}; got {self.input_type}"
            )
        for name in ("embedding_dimension", "embedding_uncertainty", "auto_truncate"):
            if self.model_name == "marengo3.0" and getattr(self, name) is not None:
                raise invalid(name, "requires marengo3.5")
        self._require_fields()
        self._check_choices("embedding_option", OPTIONS)
        self._check_choices("embedding_scope", SCOPES)
        self._check_segmentation()

    @property
    def input(self) -> Input:
        """Return the input."""
        return getattr(self, self.input_type) or Input()

    @property
    def source(self) -> MediaSource:
        """Return the location of the input's file."""
        if self.input.media_source is None:
            raise missing(f"{self.input_type}.media_source")
        return self.input.media_source

    def _require_fields(self) -> None:
        given = self.input
        if self.input_type in ("text", "text_image") and not given.input_text:
            raise missing(f"{self.input_type}.input_text")
        if self.input_type == "multi_input":
            if not given.input_text and not given.media_sources:
                raise missing("input_text or media_sources")
            kinds = ("image",) if self.model_name == "marengo3.0" else OPTIONS
            if any(source.media_type not in kinds for source in given.media_sources):
                raise invalid("media_type", f"must be one of {', '.join(kinds)} for {self.model_name}")

    def _check_choices(self, name: str, choices: dict[str, list[str]]) -> None:
        allowed = choices.get(self.input_type, [])
        if wrong := set(getattr(self.input, name) or ()).difference(allowed):
            raise invalid(name, f"must be some of {', '.join(allowed)} for {self.input_type}; got {', '.join(wrong)}")

    def _check_segmentation(self) -> None:
        segmentation = self.input.segmentation
        if segmentation is None:
            return
        if (segmentation.temporal is None) != (self.model_name == "marengo3.0"):
            raise invalid("segmentation", "must stand in temporal for marengo3.5, and only for marengo3.5")
        if self.input_type == "audio" and (self.model_name, segmentation.strategy) == ("marengo3.0", "dynamic"):
            raise invalid("segmentation", "must have the strategy fixed for audio with marengo3.0")


@attrs.frozen(kw_only=True)
class CreateEmbeddingTaskV2(CreateEmbeddingsV2):
    TYPES: ClassVar[dict[str, tuple[str, ...]]] = {
        "marengo3.0": ("audio", "video"),
        "marengo3.5": ("audio", "video", "image", "document"),
    }

    input_type: Kind
