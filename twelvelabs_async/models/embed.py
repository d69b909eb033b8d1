"""Embeddings of the first version, and embedding tasks of both versions as lists show them."""

from datetime import datetime
from typing import Literal, TypeAlias

from ._base import Id, Model
from ._table import Embeddings, segments_of
from .indexed_assets import BaseSegment, VideoSegment

__all__ = [
    "AudioEmbeddingMetadata", "AudioEmbeddingResult", "AudioSegment", "BaseEmbeddingMetadata",
    "DocumentEmbeddingMetadata", "EmbedTasksCreateResponse",
    "EmbedTasksRetrieveResponse", "EmbeddingResponse", "EmbeddingTaskResponseStatus", "ImageEmbeddingMetadata",
    "ImageEmbeddingResult", "MediaEmbeddingTask", "MediaEmbeddingTaskAudioEmbedding",
    "MediaEmbeddingTaskDocumentEmbedding", "MediaEmbeddingTaskImageEmbedding", "MediaEmbeddingTaskVideoEmbedding",
    "TasksCreateRequestVideoEmbeddingScopeItem", "TasksRetrieveResponseVideoEmbedding", "TasksStatusResponse",
    "TextEmbeddingResult", "VideoEmbeddingMetadata",
]  # fmt: skip

EmbeddingTaskResponseStatus: TypeAlias = Literal["processing", "ready", "failed"] | str
TasksCreateRequestVideoEmbeddingScopeItem: TypeAlias = Literal["clip", "video"] | str


class BaseEmbeddingMetadata(Model):
    """What was embedded: the file at a URL, or an uploaded one."""

    input_url: str | None = None
    input_filename: str | None = None


class VideoEmbeddingMetadata(BaseEmbeddingMetadata):
    """The video that was embedded, and how; lengths in seconds."""

    video_clip_length: float | None = None
    video_embedding_scope: list[str] | None = None
    video_embedding_option: list[str] | None = None
    duration: float | None = None


class AudioEmbeddingMetadata(BaseEmbeddingMetadata):
    """The audio file that was embedded, and how; lengths in seconds."""

    audio_embedding_option: list[str] | None = None
    audio_embedding_scope: list[str] | None = None
    duration: float | None = None
    start_offset_sec: float | None = None
    end_offset_sec: float | None = None


class DocumentEmbeddingMetadata(BaseEmbeddingMetadata):
    """The document that was embedded, and how."""

    document_embedding_option: list[str] | None = None
    document_embedding_scope: list[str] | None = None


class ImageEmbeddingMetadata(BaseEmbeddingMetadata):
    """The image that was embedded, and how."""

    image_embedding_option: list[str] | None = None
    image_embedding_scope: list[str] | None = None


class TextEmbeddingResult(Model):
    """The embedding of a text, or why there is none."""

    error_message: str | None = None
    segments: list[BaseSegment] | None = None


class ImageEmbeddingResult(TextEmbeddingResult):
    """The embedding of an image, or why there is none."""

    metadata: BaseEmbeddingMetadata | None = None


class AudioSegment(BaseSegment):
    """The embedding of a stretch of audio, from *start_offset_sec* to *end_offset_sec*."""

    start_offset_sec: float | None = None
    end_offset_sec: float | None = None


class AudioEmbeddingResult(Model):
    """The embeddings of an audio file, stretch by stretch, or why there are none."""

    segments: list[AudioSegment] | None = None
    error_message: str | None = None
    metadata: BaseEmbeddingMetadata | None = None


class EmbeddingResponse(Model, Embeddings):
    """An embedding of each thing that was given; as a table, the text comes first, then the image, then the audio."""

    model_name: str
    text_embedding: TextEmbeddingResult | None = None
    image_embedding: ImageEmbeddingResult | None = None
    audio_embedding: AudioEmbeddingResult | None = None

    _row = AudioSegment

    def _items(self) -> list[BaseSegment]:
        return segments_of(self.text_embedding, self.image_embedding, self.audio_embedding)


class MediaEmbeddingTaskVideoEmbedding(Model):
    """What the embeddings of a video are about."""

    metadata: VideoEmbeddingMetadata | None = None


class MediaEmbeddingTaskAudioEmbedding(Model):
    """What the embeddings of an audio file are about."""

    metadata: AudioEmbeddingMetadata | None = None


class MediaEmbeddingTaskDocumentEmbedding(Model):
    """What the embeddings of a document are about."""

    metadata: DocumentEmbeddingMetadata | None = None


class MediaEmbeddingTaskImageEmbedding(Model):
    """What the embedding of an image is about."""

    metadata: ImageEmbeddingMetadata | None = None


class TasksStatusResponse(Model):
    """How far a video embedding task has come."""

    id: Id
    status: EmbeddingTaskResponseStatus | None = None
    model_name: str | None = None
    video_embedding: MediaEmbeddingTaskVideoEmbedding | None = None


class MediaEmbeddingTask(TasksStatusResponse):
    """An embedding task as lists show it: without the vectors. One of the embeddings is there, by the kind of media."""

    created_at: datetime | None = None
    updated_at: datetime | None = None
    audio_embedding: MediaEmbeddingTaskAudioEmbedding | None = None
    document_embedding: MediaEmbeddingTaskDocumentEmbedding | None = None
    image_embedding: MediaEmbeddingTaskImageEmbedding | None = None


class EmbedTasksCreateResponse(Model):
    """The id of a new video embedding task."""

    id: Id


class TasksRetrieveResponseVideoEmbedding(Model):
    """The embeddings of a video, clip by clip."""

    metadata: VideoEmbeddingMetadata | None = None
    segments: list[VideoSegment] | None = None


class EmbedTasksRetrieveResponse(Model, Embeddings):
    """A video embedding task, with the embeddings as soon as it is ``ready``."""

    id: Id
    model_name: str | None = None
    status: EmbeddingTaskResponseStatus | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    video_embedding: TasksRetrieveResponseVideoEmbedding | None = None

    _row = VideoSegment

    def _items(self) -> list[VideoSegment]:
        return segments_of(self.video_embedding)
