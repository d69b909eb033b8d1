"""Requests of the Embed API, version 1."""

from __future__ import annotations

import math
from typing import Literal, get_args

import attrs

from ..converter import Moment, UploadedFile
from ..problem import missing
from .common import EPOCH, Page, within
from .media import public_url

Model = Literal["marengo3.0"]
EmbeddingOption = Literal["visual", "audio", "transcription", "visual-text"]
Scope = Literal["clip", "video"]


@attrs.frozen(kw_only=True)
class CreateEmbedding:
    model_name: Model
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
    model_name: Model
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
class OneEmbeddingTask:
    task_id: str


@attrs.frozen(kw_only=True)
class RetrieveVideoEmbeddingTask(OneEmbeddingTask):
    embedding_option: list[EmbeddingOption] = attrs.field(factory=lambda: [*get_args(EmbeddingOption)])
