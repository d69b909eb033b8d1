"""Requests of the Embed API, version 2."""

from __future__ import annotations

import math
import re
from typing import Literal

import attrs

from ..converter import Mismatch
from ..problem import invalid, missing
from .common import within
from .media import MediaSource, NamedSource

MAX_EMBEDDING_SIZE = 4_096
MAX_SOURCES = 10
MAX_NOTES = 10_000

EmbeddingType = Literal["separate_embedding", "fused_embedding"]


@attrs.frozen(kw_only=True)
class FixedClips:
    duration_sec: float = attrs.field(validator=within(2, 10))


@attrs.frozen(kw_only=True)
class DynamicClips:
    min_duration_sec: int = attrs.field(validator=within(2, 5))


@attrs.frozen(kw_only=True)
class Segmentation:
    """Division of a file into clips. Marengo 3.5 takes it in `temporal`."""

    strategy: Literal["fixed", "dynamic"] | None = None
    fixed: FixedClips | None = None
    dynamic: DynamicClips | None = None
    temporal: Segmentation | None = None

    def __attrs_post_init__(self) -> None:
        if self.temporal is None and (self.strategy is None or getattr(self, self.strategy) is None):
            raise Mismatch("must have a strategy, and the settings that the strategy names")

    @property
    def clips(self) -> FixedClips | DynamicClips | None:
        """Return the settings of the clips."""
        if self.temporal is not None:
            return self.temporal.clips
        return self.fixed if self.strategy == "fixed" else self.dynamic


@attrs.frozen(kw_only=True)
class TextInput:
    input_text: str


@attrs.frozen(kw_only=True)
class ImageInput:
    media_source: MediaSource
    embedding_option: list[Literal["visual"]] | None = attrs.field(default=None, validator=within(1, 1))
    embedding_scope: list[Literal["asset"]] | None = attrs.field(default=None, validator=within(1, 1))
    embedding_type: list[Literal["separate_embedding"]] | None = attrs.field(default=None, validator=within(1, 1))


@attrs.frozen(kw_only=True)
class TextImageInput(TextInput):
    media_source: MediaSource


@attrs.frozen(kw_only=True)
class DocumentInput:
    media_source: MediaSource
    embedding_option: list[Literal["visual", "text"]] | None = attrs.field(default=None, validator=within(1, 2))
    embedding_scope: list[Literal["local", "asset"]] | None = attrs.field(default=None, validator=within(1, 2))
    embedding_type: list[EmbeddingType] | None = attrs.field(default=None, validator=within(1, 2))


@attrs.frozen(kw_only=True)
class TimedText:
    """Text about a part of a file, in seconds."""

    start: float
    end: float
    text: str


@attrs.frozen(kw_only=True)
class TimedInput:
    """File with a duration."""

    media_source: MediaSource
    start_sec: float = attrs.field(default=0.0, validator=within(0, math.inf))
    end_sec: float | None = attrs.field(default=None, validator=within(0, math.inf))
    segmentation: Segmentation | None = None
    embedding_scope: list[Literal["clip", "local", "asset"]] | None = attrs.field(default=None, validator=within(1, 3))
    embedding_type: list[EmbeddingType] | None = attrs.field(default=None, validator=within(1, 2))
    time_based_metadata: list[TimedText] | None = attrs.field(default=None, validator=within(0, MAX_NOTES))


@attrs.frozen(kw_only=True)
class AudioInput(TimedInput):
    embedding_option: list[Literal["audio", "transcription"]] | None = attrs.field(default=None, validator=within(1, 2))


@attrs.frozen(kw_only=True)
class VideoInput(TimedInput):
    embedding_option: list[Literal["visual", "audio", "transcription"]] | None = attrs.field(
        default=None, validator=within(1, 3)
    )


@attrs.frozen(kw_only=True)
class MultiInput:
    input_text: str = ""
    media_sources: list[NamedSource] = attrs.field(factory=list[NamedSource], validator=within(0, MAX_SOURCES))

    def __attrs_post_init__(self) -> None:
        if not self.input_text and not self.media_sources:
            raise missing("input_text or media_sources")
        if any(source.media_type is None for source in self.media_sources):
            raise missing("media_type")
        names = {source.name for source in self.media_sources}
        for name in re.findall(r"<@([^>]+)>", self.input_text):
            if name not in names:
                raise invalid("input_text", f"must name sources of media_sources; {name!r} is none")


FileInput = ImageInput | DocumentInput | AudioInput | VideoInput
AnyInput = TextInput | TextImageInput | MultiInput | ImageInput | AudioInput | VideoInput


@attrs.frozen(kw_only=True)
class EmbedBase:
    """Base of the requests for embeddings. The input stands in the field that `input_type` names."""

    model_name: Literal["marengo3.0", "marengo3.5"]
    input_type: str
    image: ImageInput | None = None
    audio: AudioInput | None = None
    video: VideoInput | None = None
    embedding_dimension: int | None = attrs.field(default=None, validator=within(1, MAX_EMBEDDING_SIZE))
    embedding_uncertainty: bool | None = None
    auto_truncate: bool | None = None

    def __attrs_post_init__(self) -> None:
        if getattr(self, self.input_type) is None:
            raise missing(self.input_type)
        for name in ("embedding_dimension", "embedding_uncertainty", "auto_truncate"):
            if self.model_name == "marengo3.0" and getattr(self, name) is not None:
                raise invalid(name, "requires marengo3.5")
        for timed in (self.audio, self.video):
            if timed and timed.segmentation and self.model_name == "marengo3.0":
                self._require_old_segmentation(timed, timed.segmentation)
            elif timed and timed.segmentation and timed.segmentation.temporal is None:
                raise invalid("segmentation", "must stand in temporal for marengo3.5")

    def _require_old_segmentation(self, timed: TimedInput, segmentation: Segmentation) -> None:
        if segmentation.temporal is not None:
            raise invalid("segmentation", "must not have temporal for marengo3.0")
        if segmentation.strategy == "dynamic" and isinstance(timed, AudioInput):
            raise invalid("segmentation", "must have the strategy fixed for audio with marengo3.0")


@attrs.frozen(kw_only=True)
class Embed(EmbedBase):
    input_type: Literal["text", "image", "text_image", "audio", "video", "multi_input"]
    text: TextInput | None = None
    text_image: TextImageInput | None = None
    multi_input: MultiInput | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.model_name == "marengo3.5" and self.input_type != "multi_input":
            raise invalid("input_type", f"must be multi_input for marengo3.5; got {self.input_type}")
        sources = self.multi_input.media_sources if self.multi_input else []
        if self.model_name == "marengo3.0" and any(source.media_type != "image" for source in sources):
            raise invalid("media_sources", "must be images for marengo3.0")

    @property
    def input(self) -> AnyInput:
        """Return the input."""
        given: AnyInput = getattr(self, self.input_type)
        return given


@attrs.frozen(kw_only=True)
class CreateEmbeddingTask(EmbedBase):
    input_type: Literal["audio", "video", "image", "document"]
    document: DocumentInput | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.model_name == "marengo3.0" and self.input_type not in ("audio", "video"):
            raise invalid("input_type", f"must be audio or video for marengo3.0; got {self.input_type}")

    @property
    def input(self) -> FileInput:
        """Return the input."""
        given: FileInput = getattr(self, self.input_type)
        return given
