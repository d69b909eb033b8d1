"""Videos: the legacy view of indexed assets."""

from ._base import HlsObject, Id, Model, UserMetadata
from .indexed_assets import (
    IndexedAssetDetailedEmbedding,
    IndexedAssetSystemMetadata,
    TranscriptionDataItem,
    line_moments,
    video_of_indexed_asset,
)
from .moments import Moments

__all__ = [
    "VideoVector", "VideosRetrieveResponse",
]  # fmt: skip

# What a video shares with an indexed asset, by its official names here.


class VideoVector(Model):
    """A video in an index, with the id of the indexed asset. Times in RFC 3339."""

    id: Id
    asset_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    indexed_at: str | None = None
    system_metadata: IndexedAssetSystemMetadata | None = None


class VideosRetrieveResponse(VideoVector):
    """A video in an index, with all its details.

    Embeddings and transcription are present if they were requested.
    """

    user_metadata: UserMetadata | None = None
    hls: HlsObject | None = None
    embedding: IndexedAssetDetailedEmbedding | None = None
    transcription: list[TranscriptionDataItem] | None = None

    def moments(self) -> Moments:
        """Return the lines of the transcription as moments."""
        return line_moments(self.transcription, video_of_indexed_asset(self))
