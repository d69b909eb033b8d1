"""Indexed assets: assets made searchable inside of an index."""

from typing import Annotated, Literal, TypeAlias, TypedDict

from ..options import OMIT
from ._base import HlsObject, Id, Model, UserMetadata, models_of
from ._wire import Alias
from .moment import MomentVideo, seconds_of, text_of
from .tables import EmbeddingTable, segments_of

__all__ = [
    "BaseSegment", "IndexedAsset", "IndexedAssetDetailed", "IndexedAssetDetailedEmbedding",
    "IndexedAssetDetailedEmbeddingVideoEmbedding", "IndexedAssetStatus", "IndexedAssetSummary",
    "IndexedAssetSummaryIndex", "IndexedAssetSystemMetadata", "IndexedAssetsCreateResponse", "MetadataFilterValue",
    "Range", "RangeParams", "TranscriptionDataItem", "VideoEmbeddingOption", "VideoSegment",
]  # fmt: skip

IndexedAssetStatus: TypeAlias = Literal["validating", "pending", "queued", "indexing", "ready", "failed"] | str
"""Status of indexing, in this order. ``ready`` and ``failed`` are final."""

MetadataFilterValue: TypeAlias = str | float | bool
VideoEmbeddingOption: TypeAlias = Literal["visual", "audio", "transcription", "visual-text"] | str


class Range(Model):
    """Bounds of a number in the filter of a list. Both are inclusive and optional."""

    gte: float | None = OMIT
    lte: float | None = OMIT


class RangeParams(TypedDict, total=False):
    """`Range` as a plain dict."""

    gte: float
    lte: float


class IndexedAssetSystemMetadata(Model):
    """Properties of a file: seconds, pixels, bytes."""

    filename: str | None = None
    duration: float | None = None
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    size: float | None = None


class IndexedAsset(Model):
    """An asset in an index. Times in RFC 3339.

    Attributes:
        id: Id of the indexed asset, which differs from the asset's.
        created_at: Time at which indexing was requested.
        indexed_at: Time at which indexing was completed.
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
    """Embedding of a segment of a video.

    Attributes:
        embedding_option: ``visual``, ``audio`` or ``transcription``.
        embedding_scope: ``clip`` for a segment, ``video`` for the whole video.
    """

    start_offset_sec: float | None = None
    end_offset_sec: float | None = None
    embedding_option: str | None = None
    embedding_scope: str | None = None


class IndexedAssetDetailedEmbeddingVideoEmbedding(Model):
    """Embeddings of the segments of a video. ``len()`` returns their number."""

    segments: list[VideoSegment] | None = None

    def __len__(self) -> int:
        return len(models_of(self.segments))


class IndexedAssetDetailedEmbedding(Model, EmbeddingTable):
    """Embeddings of an indexed asset, with the model that computed them."""

    model_name: str | None = None
    video_embedding: IndexedAssetDetailedEmbeddingVideoEmbedding | None = None

    __row__ = VideoSegment

    def __rows__(self) -> list[VideoSegment]:
        return segments_of(self.video_embedding)


class TranscriptionDataItem(Model):
    """Spoken words, from *start* to *end* in seconds."""

    start: float | None = None
    end: float | None = None
    value: str | None = None


class IndexedAssetDetailed(IndexedAsset):
    """An asset in an index, with all its details.

    Attributes:
        hls: HLS stream, if the asset was indexed with ``enable_video_stream=True``.
        embedding: Embeddings, if requested by ``embedding_option=``.
        transcription: Spoken words, if requested by ``transcription=True``.
    """

    user_metadata: UserMetadata | None = None
    hls: HlsObject | None = None
    embedding: IndexedAssetDetailedEmbedding | None = None
    transcription: list[TranscriptionDataItem] | None = None


class IndexedAssetsCreateResponse(Model):
    """Id of a new indexed asset."""

    id: Id
    asset_id: str | None = None


class IndexedAssetSummaryIndex(Model):
    """Id and name of an index."""

    id: Id
    name: str | None = None


class IndexedAssetSummary(Model):
    """Indexed asset of an asset, with its index."""

    id: Id
    index: IndexedAssetSummaryIndex | None = None


def video_of(item: IndexedAsset, index_id: str | None = None) -> MomentVideo:
    """Return an indexed asset as the video of moments, with the details that it has."""
    metadata, hls = item.system_metadata, getattr(item, "hls", None)
    pictures = getattr(hls, "thumbnail_urls", None)
    return MomentVideo(
        id=item.id,
        asset_id=item.asset_id,
        index_id=index_id,
        filename=text_of(getattr(metadata, "filename", None)),
        duration=seconds_of(getattr(metadata, "duration", None)),
        user_metadata=getattr(item, "user_metadata", None),
        hls_url=text_of(getattr(hls, "video_url", None)),
        thumbnail_url=text_of(pictures[0]) if isinstance(pictures, list) and pictures else None,
    )
