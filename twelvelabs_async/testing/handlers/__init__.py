"""Operations of the API: each is a function of the state and a validated request."""

# pyright: reportUnusedImport=false
from . import (  # noqa: F401 - their operations are registered on import
    analyze,
    analyze_batches,
    analyze_tasks,
    assets,
    connections,
    embed,
    embed_v2,
    entities,
    indexed_assets,
    indexes,
    knowledge_store_search,
    knowledge_stores,
    multipart_uploads,
    responses,
    search,
    tasks,
    videos,
)
from .operation import OPERATIONS as OPERATIONS
