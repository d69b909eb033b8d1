"""Official path of the classes of ``client.indexes.videos``."""

from ....models.official_classes import VideosListResponse
from ....models.official_names import (
    VideosListRequestUserMetadataValue,
    VideosRetrieveRequestEmbeddingOptionItem,
    VideosRetrieveResponseEmbedding,
    VideosRetrieveResponseEmbeddingVideoEmbedding,
    VideosRetrieveResponseSystemMetadata,
)
from ....models.videos import VideosRetrieveResponse

__all__ = [
    "VideosListRequestUserMetadataValue", "VideosListResponse", "VideosRetrieveRequestEmbeddingOptionItem",
    "VideosRetrieveResponse", "VideosRetrieveResponseEmbedding", "VideosRetrieveResponseEmbeddingVideoEmbedding",
    "VideosRetrieveResponseSystemMetadata",
]  # fmt: skip
