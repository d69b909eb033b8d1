"""Official path of the classes of ``client.indexes.indexed_assets``."""

from ....models.indexed_assets import IndexedAssetsCreateResponse
from ....models.official_classes import IndexedAssetsListByAssetResponse, IndexedAssetsListResponse
from ....models.official_names import (
    IndexedAssetsListRequestStatusItem,
    IndexedAssetsListRequestUserMetadataValue,
    IndexedAssetsRetrieveRequestEmbeddingOptionItem,
)

__all__ = [
    "IndexedAssetsCreateResponse", "IndexedAssetsListByAssetResponse", "IndexedAssetsListRequestStatusItem",
    "IndexedAssetsListRequestUserMetadataValue", "IndexedAssetsListResponse",
    "IndexedAssetsRetrieveRequestEmbeddingOptionItem",
]  # fmt: skip
