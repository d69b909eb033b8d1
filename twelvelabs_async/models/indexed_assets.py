"""Indexed assets: assets made searchable inside an index."""

from typing import Annotated, Literal, TypeAlias, TypedDict

from ..options import OMIT
from ._base import HlsObject, Id, Model, UserMetadata
from ._table import Embeddings, segments_of
from ._wire import Alias

__all__ = [
    "BaseSegment", "IndexedAsset", "IndexedAssetDetailed", "IndexedAssetDetailedEmbedding",
    "IndexedAssetDetailedEmbeddingVideoEmbedding", "IndexedAssetStatus", "IndexedAssetSummary",
    "IndexedAssetSummaryIndex", "IndexedAssetSystemMetadata", "IndexedAssetsCreateResponse",
    "IndexedAssetsListRequestUserMetadataValue", "IndexedAssetsRetrieveRequestEmbeddingOptionItem", "Range",
    "RangeParams", "TranscriptionDataItem", "VideoSegment",
]  # fmt: skip

IndexedAssetStatus: TypeAlias = Literal["validating", "pending", "queued", "indexing", "ready", "failed"] | str
"""How far indexing has come, in this order; only ``ready`` and ``failed`` are final."""

IndexedAssetsListRequestUserMetadataValue: TypeAlias = str | float | bool
IndexedAssetsRetrieveRequestEmbeddingOptionItem: TypeAlias = (
    Literal["visual", "audio", "transcription", "visual-text"] | str
)


class Range(Model):
    """Bounds of a number in a list filter, both inclusive; either may be left out."""

    gte: float | None = OMIT
    lte: float | None = OMIT


class RangeParams(TypedDict, total=False):
    """`Range` as a plain dict."""

    gte: float
    lte: float


class IndexedAssetSystemMetadata(Model):
    """What the platform found out about a file: seconds, pixels, bytes."""

    filename: str | None = None
    duration: float | None = None
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    size: float | None = None


class IndexedAsset(Model):
    """An asset in an index; times are RFC 3339.

    Attributes:
        id: The id of the indexed asset; not the asset's.
        created_at: When indexing was asked for.
        indexed_at: When indexing was completed.
    """

    id: Id
    asset_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    indexed_at: str | None = None
    status: IndexedAssetStatus | None = None
    system_metadata: IndexedAssetSystemMetadata | None = None


class BaseSegment(Model):
    """An embedding."""

    float_: Annotated[list[float] | None, Alias("float")] = None


class VideoSegment(BaseSegment):
    """The embedding of a stretch of video.

    Attributes:
        embedding_option: What was looked at: ``visual``, ``audio`` or ``transcription``.
        embedding_scope: ``clip`` for a stretch, ``video`` for the whole.
    """

    start_offset_sec: float | None = None
    end_offset_sec: float | None = None
    embedding_option: str | None = None
    embedding_scope: str | None = None


class IndexedAssetDetailedEmbeddingVideoEmbedding(Model):
    """The embeddings of a video, stretch by stretch; its length is their number."""

    segments: list[VideoSegment] | None = None

    def __len__(self) -> int:
        return len(self.segments or ())


class IndexedAssetDetailedEmbedding(Model, Embeddings):
    """The embeddings of an indexed asset, and the model that made them."""

    model_name: str | None = None
    video_embedding: IndexedAssetDetailedEmbeddingVideoEmbedding | None = None

    _row = VideoSegment

    def _items(self) -> list[VideoSegment]:
        return segments_of(self.video_embedding)


class TranscriptionDataItem(Model):
    """Spoken words, from *start* to *end* in seconds."""

    start: float | None = None
    end: float | None = None
    value: str | None = None


class IndexedAssetDetailed(IndexedAsset):
    """An asset in an index, with all there is to know.

    Attributes:
        hls: Its stream, if it was indexed with ``enable_video_stream=True``.
        embedding: Its embeddings, if asked for with ``embedding_option=``.
        transcription: Its spoken words, if asked for with ``transcription=True``.
    """

    user_metadata: UserMetadata | None = None
    hls: HlsObject | None = None
    embedding: IndexedAssetDetailedEmbedding | None = None
    transcription: list[TranscriptionDataItem] | None = None


class IndexedAssetsCreateResponse(Model):
    """The id under which an asset is being indexed."""

    id: Id
    asset_id: str | None = None


class IndexedAssetSummaryIndex(Model):
    """The id and name of an index."""

    id: Id
    name: str | None = None


class IndexedAssetSummary(Model):
    """Where an asset is indexed: the id it has there, and the index."""

    id: Id
    index: IndexedAssetSummaryIndex | None = None
