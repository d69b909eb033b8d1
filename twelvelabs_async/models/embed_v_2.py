"""Embeddings of the second version."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from ._base import Id, Model, UnknownType, models_of
from .embed import BaseEmbeddingMetadata, EmbeddingTaskStatus, embedded_video
from .moment import MomentVideo, moment_of
from .moments import Moments
from .tables import EmbeddingTable

__all__ = [
    "EmbedV2TasksCreateResponse", "EmbeddingData", "EmbeddingMediaMetadata", "EmbeddingMediaMetadata_Audio",
    "EmbeddingMediaMetadata_Image", "EmbeddingMediaMetadata_MultiInput", "EmbeddingMediaMetadata_TextImage",
    "EmbeddingMediaMetadata_Video", "EmbeddingOption", "EmbeddingScope", "EmbeddingSuccessResponse",
    "EmbeddingTaskMediaMetadata_Document", "EmbeddingTaskResponse", "EmbeddingTaskResponseError", "EmbeddingUsage",
    "TasksCreateResponseMetadata", "UnknownEmbeddingMediaMetadata",
]  # fmt: skip

EmbeddingOption: TypeAlias = Literal["visual", "audio", "transcription", "text"] | str
EmbeddingScope: TypeAlias = Literal["clip", "local", "asset"] | str


class EmbeddingData(Model):
    """A vector, and the part of the input that it represents.

    Attributes:
        start_sec: Start of a clip in seconds.
        end_sec: End of a clip in seconds.
        start_page_number: First page, from 1.
        end_page_number: Last page, from 1.
        chunk_index: Number of a chunk of text, from 0.
    """

    embedding: list[float]
    embedding_uncertainty: list[float] | None = None
    embedding_option: EmbeddingOption | None = None
    embedding_scope: Literal["clip", "page", "chunk", "asset"] | str | None = None
    start_sec: float | None = None
    end_sec: float | None = None
    start_page_number: int | None = None
    end_page_number: int | None = None
    quadrant: Literal["top_left", "top_right", "bottom_left", "bottom_right"] | str | None = None
    chunk_index: int | None = None


class EmbeddingUsage(Model):
    """Numbers of tokens by kind of input. Only Marengo 3.5 reports them.

    Attributes:
        truncated: True if the input was truncated.
    """

    input_tokens: dict[str, int]
    truncated: bool
    truncation_reason: Literal["model_context_window"] | str | None = None


class EmbeddingMediaMetadata_Image(BaseEmbeddingMetadata):
    """Source and options of an image's embedding."""

    embedding_options: list[str] | None = None
    embedding_scopes: list[EmbeddingScope] | None = None
    embedding_dimension: int | None = None
    input_type: Literal["image"] = "image"


class EmbeddingMediaMetadata_TextImage(BaseEmbeddingMetadata):
    """Image that was embedded with a text."""

    input_type: Literal["text_image"] = "text_image"


class EmbeddingMediaMetadata_Audio(BaseEmbeddingMetadata):
    """Source and options of an audio file's embeddings. Durations in seconds."""

    embedding_options: list[str] | None = None
    embedding_scopes: list[EmbeddingScope] | None = None
    duration: float | None = None
    start_offset_sec: float | None = None
    end_offset_sec: float | None = None
    embedding_dimension: int | None = None
    input_type: Literal["audio"] = "audio"


class EmbeddingMediaMetadata_Video(BaseEmbeddingMetadata):
    """Source and options of a video's embeddings. Durations in seconds.

    Attributes:
        clip_length: Length of the clips, if all have the same.
    """

    clip_length: int | None = None
    embedding_scopes: list[EmbeddingScope] | None = None
    embedding_options: list[str] | None = None
    duration: float | None = None
    start_offset_sec: float | None = None
    end_offset_sec: float | None = None
    embedding_dimension: int | None = None
    input_type: Literal["video"] = "video"


class EmbeddingTaskMediaMetadata_Document(BaseEmbeddingMetadata):
    """Source and options of a document's embeddings."""

    embedding_options: list[str] | None = None
    embedding_scopes: list[EmbeddingScope] | None = None
    embedding_dimension: int | None = None
    input_type: Literal["document"] = "document"


class EmbeddingMediaMetadata_MultiInput(Model):
    """Options of the embedding of a text and files."""

    embedding_dimension: int | None = None
    input_type: Literal["multi_input"] = "multi_input"


class UnknownEmbeddingMediaMetadata(Model):
    """Metadata of an input type that this version does not know.

    Its fields are in `extra`.
    """

    input_type: UnknownType


EmbeddingMediaMetadata: TypeAlias = (
    EmbeddingMediaMetadata_Image
    | EmbeddingMediaMetadata_TextImage
    | EmbeddingMediaMetadata_Audio
    | EmbeddingMediaMetadata_Video
    | EmbeddingTaskMediaMetadata_Document
    | EmbeddingMediaMetadata_MultiInput
    | UnknownEmbeddingMediaMetadata
)


class EmbeddingSuccessResponse(Model, EmbeddingTable):
    """Embeddings, with the number of tokens and the source."""

    data: list[EmbeddingData]
    usage: EmbeddingUsage | None = None
    metadata: EmbeddingMediaMetadata | None = None

    __row__ = EmbeddingData

    def __rows__(self) -> Sequence[EmbeddingData]:
        return models_of(self.data)

    def moments(self) -> Moments:
        """Return the embedded clips as moments, in the order of the rows of the table.

        Embeddings of whole files, pages and texts are left out, since they have no times.
        """
        return clip_moments(self.__rows__(), embedded_video(self.metadata))


class EmbeddingTaskResponseError(Model):
    """Reason why an embedding task failed."""

    message: str


class EmbeddingTaskResponse(Model, EmbeddingTable):
    """Embedding task. It has embeddings when *status* is ``ready``."""

    id: Id
    status: EmbeddingTaskStatus
    created_at: datetime | None = None
    updated_at: datetime | None = None
    data: list[EmbeddingData] | None = None
    usage: EmbeddingUsage | None = None
    metadata: EmbeddingMediaMetadata | None = None
    error: EmbeddingTaskResponseError | None = None

    __row__ = EmbeddingData

    def __rows__(self) -> Sequence[EmbeddingData]:
        return models_of(self.data)

    def moments(self) -> Moments:
        """Return the embedded clips as moments, in the order of the rows of the table.

        Embeddings of whole files, pages and texts are left out, since they have no times.
        """
        return clip_moments(self.__rows__(), embedded_video(self.metadata))


class TasksCreateResponseMetadata(Model):
    """Length of the vectors of a new task. Only Marengo 3.5 reports it."""

    embedding_dimension: int | None = None


class EmbedV2TasksCreateResponse(Model):
    """A new embedding task."""

    id: Id
    status: EmbeddingTaskStatus
    data: list[EmbeddingData] | None = None
    metadata: TasksCreateResponseMetadata | None = None


def clip_moments(items: Sequence[EmbeddingData], video: MomentVideo) -> Moments:
    """Return embedded clips as moments."""
    return Moments(
        moment_of(
            item.start_sec,
            item.end_sec,
            video=video,
            origin="embedding",
            metadata={"embedding_option": item.embedding_option, "embedding_scope": item.embedding_scope},
        )
        for item in items
    )
