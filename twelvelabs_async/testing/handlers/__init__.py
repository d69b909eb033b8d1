"""Operations of the API, a file per resource: classes of its requests, functions that return its JSON, and handlers.

A field of a request without a default is required.
"""

# pyright: reportUnusedImport=false
from . import (  # noqa: F401 - their operations are registered on import
    analyze,
    analyze_batches,
    analyze_tasks,
    assets,
    connections,
    embed,
    embed_v2,
    embed_v2_tasks,
    entities,
    indexed_assets,
    indexes,
    knowledge_store_search,
    knowledge_stores,
    multipart_uploads,
    responses,
    search,
    tasks,
    transcriptions,
    videos,
)
from .operation import OPERATIONS as OPERATIONS
