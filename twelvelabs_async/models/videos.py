"""Videos: the older view of what is indexed in an index."""

from typing import TypeAlias

from .common import HlsObject, Id, Model, UserMetadata, model
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
    "VideoVector",
    "VideoVectorSystemMetadata",
    "VideosListRequestDuration",
    "VideosListRequestFps",
    "VideosListRequestHeight",
    "VideosListRequestSize",
    "VideosListRequestUserMetadataValue",
    "VideosListRequestWidth",
    "VideosRetrieveRequestEmbeddingOptionItem",
    "VideosRetrieveResponse",
    "VideosRetrieveResponseEmbedding",
    "VideosRetrieveResponseEmbeddingVideoEmbedding",
    "VideosRetrieveResponseSystemMetadata",
]

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


@model
class VideoVector(Model):
    """A video in an index.

    Attributes:
        id: The id of the video, which is that of the indexed asset.
        asset_id: The asset that was indexed.
        created_at: When indexing was asked for, RFC 3339.
        updated_at: When the status of indexing last changed, RFC 3339.
        indexed_at: When indexing was completed, RFC 3339.
        system_metadata: What the platform found out about the file.
    """

    id: Id
    asset_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    indexed_at: str | None = None
    system_metadata: VideoVectorSystemMetadata | None = None


@model
class VideosRetrieveResponse(VideoVector):
    """A video in an index, with all there is to know.

    Attributes:
        user_metadata: Your own data about it.
        hls: Its stream, if it is stored for streaming.
        embedding: Its embeddings, if asked for with ``embedding_option=``.
        transcription: Its spoken words, if asked for with ``transcription=True``.
    """

    user_metadata: UserMetadata | None = None
    hls: HlsObject | None = None
    embedding: VideosRetrieveResponseEmbedding | None = None
    transcription: list[TranscriptionDataItem] | None = None
