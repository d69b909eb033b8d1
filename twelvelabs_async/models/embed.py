"""Embeddings of the first version, and embedding tasks of both versions in lists."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from ._base import Id, Model
from ._wire import FormerName
from .indexed_assets import BaseSegment, VideoSegment, segment_moments
from .moment import MomentVideo, seconds_of, text_of
from .moments import Moments
from .tables import EmbeddingTable, segments_of

__all__ = [
    "AudioEmbeddingMetadata", "AudioEmbeddingResult", "AudioSegment", "BaseEmbeddingMetadata",
    "DocumentEmbeddingMetadata", "EmbedTasksCreateResponse", "EmbedTasksRetrieveResponse", "EmbeddingResponse",
    "EmbeddingTaskStatus", "ImageEmbeddingMetadata", "ImageEmbeddingResult", "MediaEmbeddingTask",
    "MediaEmbeddingTaskAudioEmbedding", "MediaEmbeddingTaskDocumentEmbedding", "MediaEmbeddingTaskImageEmbedding",
    "MediaEmbeddingTaskVideoEmbedding", "TasksRetrieveResponseVideoEmbedding", "TasksStatusResponse",
    "TextEmbeddingResult", "VideoEmbeddingMetadata", "VideoEmbeddingScope",
]  # fmt: skip

# As if this were a package: imports of names that version 0 of the official SDK had here then ask the finder, which
# says what replaces them.
__path__: list[str] = []

EmbeddingTaskStatus: TypeAlias = Literal["processing", "ready", "failed"] | str
VideoEmbeddingScope: TypeAlias = Literal["clip", "video"] | str


class BaseEmbeddingMetadata(Model):
    """Source of an embedding: a URL, or the name of an uploaded file."""

    input_url: str | None = None
    input_filename: str | None = None


class VideoEmbeddingMetadata(BaseEmbeddingMetadata):
    """Source and options of a video's embeddings. Durations in seconds."""

    video_clip_length: float | None = None
    video_embedding_scope: list[str] | None = None
    video_embedding_option: list[str] | None = None
    duration: float | None = None


class AudioEmbeddingMetadata(BaseEmbeddingMetadata):
    """Source and options of an audio file's embeddings. Durations in seconds."""

    audio_embedding_option: Annotated[list[str] | None, FormerName("audio_embedding_options")] = None
    audio_embedding_scope: Annotated[list[str] | None, FormerName("audio_embedding_scopes")] = None
    duration: float | None = None
    start_offset_sec: float | None = None
    end_offset_sec: float | None = None


class DocumentEmbeddingMetadata(BaseEmbeddingMetadata):
    """Source and options of a document's embeddings."""

    document_embedding_option: list[str] | None = None
    document_embedding_scope: list[str] | None = None


class ImageEmbeddingMetadata(BaseEmbeddingMetadata):
    """Source and options of an image's embedding."""

    image_embedding_option: list[str] | None = None
    image_embedding_scope: list[str] | None = None


class TextEmbeddingResult(Model):
    """Embedding of a text, or the reason why there is none."""

    error_message: str | None = None
    segments: list[BaseSegment] | None = None


class ImageEmbeddingResult(TextEmbeddingResult):
    """Embedding of an image, or the reason why there is none."""

    metadata: BaseEmbeddingMetadata | None = None


class AudioSegment(BaseSegment):
    """Embedding of an audio segment. Offsets in seconds."""

    start_offset_sec: float | None = None
    end_offset_sec: float | None = None


class AudioEmbeddingResult(Model):
    """Embeddings of the segments of an audio file, or the reason why there are none."""

    segments: list[AudioSegment] | None = None
    error_message: str | None = None
    metadata: BaseEmbeddingMetadata | None = None


class EmbeddingResponse(Model, EmbeddingTable):
    """Embeddings of the text, the image and the audio file of a request.

    In tables, the text comes first, then the image, then the audio file.
    """

    model_name: str
    text_embedding: TextEmbeddingResult | None = None
    image_embedding: ImageEmbeddingResult | None = None
    audio_embedding: AudioEmbeddingResult | None = None

    __row__ = AudioSegment

    def __rows__(self) -> list[BaseSegment]:
        return segments_of(self.text_embedding, self.image_embedding, self.audio_embedding)

    def moments(self) -> Moments:
        """Return the embedded segments of the audio file as moments."""
        metadata = getattr(self.audio_embedding, "metadata", None)
        return segment_moments(segments_of(self.audio_embedding), embedded_video(metadata))


class MediaEmbeddingTaskVideoEmbedding(Model):
    """Metadata of a video's embeddings."""

    metadata: VideoEmbeddingMetadata | None = None


class MediaEmbeddingTaskAudioEmbedding(Model):
    """Metadata of an audio file's embeddings."""

    metadata: AudioEmbeddingMetadata | None = None


class MediaEmbeddingTaskDocumentEmbedding(Model):
    """Metadata of a document's embeddings."""

    metadata: DocumentEmbeddingMetadata | None = None


class MediaEmbeddingTaskImageEmbedding(Model):
    """Metadata of an image's embedding."""

    metadata: ImageEmbeddingMetadata | None = None


class TasksStatusResponse(Model):
    """Status of a video embedding task."""

    id: Id
    status: EmbeddingTaskStatus | None = None
    model_name: str | None = None
    video_embedding: MediaEmbeddingTaskVideoEmbedding | None = None


class MediaEmbeddingTask(TasksStatusResponse):
    """Embedding task in a list, without vectors.

    A task has one of the embeddings, depending on its medium.
    """

    created_at: datetime | None = None
    updated_at: datetime | None = None
    audio_embedding: MediaEmbeddingTaskAudioEmbedding | None = None
    document_embedding: MediaEmbeddingTaskDocumentEmbedding | None = None
    image_embedding: MediaEmbeddingTaskImageEmbedding | None = None


class EmbedTasksCreateResponse(Model):
    """Id of a new video embedding task."""

    id: Id


class TasksRetrieveResponseVideoEmbedding(Model):
    """Embeddings of the clips of a video."""

    metadata: VideoEmbeddingMetadata | None = None
    segments: list[VideoSegment] | None = None


class EmbedTasksRetrieveResponse(Model, EmbeddingTable):
    """Video embedding task. It has embeddings when *status* is ``ready``."""

    id: Id
    model_name: str | None = None
    status: EmbeddingTaskStatus | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    video_embedding: TasksRetrieveResponseVideoEmbedding | None = None

    __row__ = VideoSegment

    def __rows__(self) -> list[VideoSegment]:
        return segments_of(self.video_embedding)

    def moments(self) -> Moments:
        """Return the embedded segments as moments, in the order of the rows of the table."""
        return segment_moments(self.__rows__(), embedded_video(getattr(self.video_embedding, "metadata", None)))


def embedded_video(metadata: object) -> MomentVideo:
    """Return the source of embeddings as the video of moments."""
    return MomentVideo(
        filename=text_of(getattr(metadata, "input_filename", None)) or text_of(getattr(metadata, "input_url", None)),
        duration=seconds_of(getattr(metadata, "duration", None)),
    )
