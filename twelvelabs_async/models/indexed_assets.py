"""Indexed assets: assets made searchable inside of an index."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias, TypedDict, cast

from ..options import OMIT
from ._base import HlsObject, Id, Model, UserMetadata, models_of
from ._wire import Alias
from .moment import MomentVideo, metadata_of, moment_of, seconds_of, text_of
from .moments import Moments
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

    def moments(self) -> Moments:
        """Return the embedded segments as moments, in the order of the rows of the table."""
        return segment_moments(self.__rows__())


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

    def moments(self) -> Moments:
        """Return the lines of the transcription as moments. Those of the embeddings are ``embedding.moments()``."""
        return line_moments(self.transcription, video_of_indexed_asset(self))


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


def segment_moments(segments: Sequence[BaseSegment], video: MomentVideo | None = None) -> Moments:
    """Return embedded segments as moments. Those without times are left out."""
    return Moments(
        moment_of(
            getattr(segment, "start_offset_sec", None),
            getattr(segment, "end_offset_sec", None),
            video=video,
            origin="embedding",
            metadata=_given(segment, "embedding_option", "embedding_scope") or None,
        )
        for segment in segments
    )


def _given(item: object, *names: str) -> dict[str, object]:
    return {name: value for name in names if (value := getattr(item, name, None)) is not None}


def line_moments(lines: Sequence[TranscriptionDataItem] | None, video: MomentVideo) -> Moments:
    """Return the lines of a transcription as moments."""
    return Moments(
        moment_of(line.start, line.end, video=video, text=text_of(line.value), origin="transcript")
        for line in models_of(lines)
    )


def video_of_indexed_asset(item: Any, index_id: str | None = None) -> MomentVideo:
    """Return an indexed asset, or the legacy view of one, as the video of moments, with the details that it has."""
    metadata, hls = item.system_metadata, getattr(item, "hls", None)
    listed = getattr(hls, "thumbnail_urls", None)
    pictures = cast("list[object]", listed) if isinstance(listed, list) else []
    return MomentVideo(
        id=text_of(item.id),
        asset_id=text_of(item.asset_id),
        index_id=index_id,
        filename=text_of(getattr(metadata, "filename", None)),
        duration=seconds_of(getattr(metadata, "duration", None)),
        fps=seconds_of(getattr(metadata, "fps", None)),
        user_metadata=metadata_of(getattr(item, "user_metadata", None)),
        hls_url=text_of(getattr(hls, "video_url", None)),
        thumbnail_url=text_of(next(iter(pictures), None)),
    )
