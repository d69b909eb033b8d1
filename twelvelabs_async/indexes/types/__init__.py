"""Official path of the classes of ``client.indexes``."""

from ...models.indexes import IndexesCreateRequestModelsItem, IndexesCreateResponse
from ...models.official_classes import IndexesListResponse
from ...models.official_names import IndexesCreateRequestModelsItemModelName

__all__ = [
    "IndexesCreateRequestModelsItem", "IndexesCreateRequestModelsItemModelName", "IndexesCreateResponse",
    "IndexesListResponse",
]  # fmt: skip
