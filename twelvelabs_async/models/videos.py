"""Videos: the older view of what is indexed in an index."""

from typing import TypeAlias

from ._base import HlsObject, Id, Model, UserMetadata
from .indexed_assets import (
    IndexedAssetDetailedEmbedding,
    IndexedAssetDetailedEmbeddingVideoEmbedding,
    IndexedAssetsListRequestUserMetadataValue,
    IndexedAssetsRetrieveRequestEmbeddingOptionItem,
    IndexedAssetSystemMetadata,
    Range,
    TranscriptionDataItem,
)

__all__ = [
    "VideoVector", "VideoVectorSystemMetadata", "VideosListRequestDuration", "VideosListRequestFps",
    "VideosListRequestHeight", "VideosListRequestSize", "VideosListRequestUserMetadataValue", "VideosListRequestWidth",
    "VideosRetrieveRequestEmbeddingOptionItem", "VideosRetrieveResponse", "VideosRetrieveResponseEmbedding",
    "VideosRetrieveResponseEmbeddingVideoEmbedding", "VideosRetrieveResponseSystemMetadata",
]  # fmt: skip

# What a video shares with an indexed asset, by its official names here.
VideosListRequestDuration = Range
VideosListRequestFps = Range
VideosListRequestWidth = Range
VideosListRequestHeight = Range
VideosListRequestSize = Range
VideosListRequestUserMetadataValue: TypeAlias = IndexedAssetsListRequestUserMetadataValue
VideosRetrieveRequestEmbeddingOptionItem: TypeAlias = IndexedAssetsRetrieveRequestEmbeddingOptionItem
VideosRetrieveResponseEmbedding = IndexedAssetDetailedEmbedding
VideosRetrieveResponseEmbeddingVideoEmbedding = IndexedAssetDetailedEmbeddingVideoEmbedding
VideosRetrieveResponseSystemMetadata = IndexedAssetSystemMetadata
VideoVectorSystemMetadata = IndexedAssetSystemMetadata


class VideoVector(Model):
    """A video in an index, with the id of the indexed asset; times are RFC 3339."""

    id: Id
    asset_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    indexed_at: str | None = None
    system_metadata: VideoVectorSystemMetadata | None = None


class VideosRetrieveResponse(VideoVector):
    """A video in an index, with all there is to know; embeddings and transcription only if asked for."""

    user_metadata: UserMetadata | None = None
    hls: HlsObject | None = None
    embedding: VideosRetrieveResponseEmbedding | None = None
    transcription: list[TranscriptionDataItem] | None = None
