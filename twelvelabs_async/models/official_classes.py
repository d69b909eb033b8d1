"""Classes of the official SDK for what no method of this package returns: pages, error bodies, removed results."""

from typing import Literal

from ..options import OMIT
from ._base import Model, PageInfo
from .analyze import TokenUsage
from .analyze_async import AnalyzeBatchStatusResponse, AnalyzeTaskResponse
from .assets import AssetDetail
from .data_connectors import Connection, RedirectUri
from .embed import MediaEmbeddingTask
from .entity_collections import Entity, EntityCollection
from .imports import Import
from .indexed_assets import IndexedAsset, IndexedAssetSummary
from .indexes import IndexSchema
from .knowledge_stores import KnowledgeStore, KnowledgeStoreItem, KnowledgeStoreItemCollection
from .multipart_upload import IncompleteUploadSummary
from .responses import ResponseInclude, ResponseInputItem, ResponseSelection, TextParam
from .tasks import VideoIndexingTask
from .videos import VideoVector

__all__ = [
    "AnalyzeTasksListResponse", "AssetsListResponse", "BatchesListResponse", "EmbedTasksListResponse",
    "EntitiesListByAssetResponse", "EntitiesListResponse", "EntityCollectionsListResponse", "ErrorBody",
    "ErrorResponse", "IndexedAssetsListByAssetResponse", "IndexedAssetsListResponse", "IndexesListResponse",
    "InternalEntity", "KnowledgeStoreItemCollectionsListItemsResponse", "KnowledgeStoreItemCollectionsListResponse",
    "KnowledgeStoreItemsListResponse", "KnowledgeStoresListResponse", "ListConnectionsResponse",
    "ListImportsResponse", "ListIncompleteUploadsResponse", "ListRedirectUrisResponse", "ResponseCreateRequest",
    "SummarizeChapterResult", "SummarizeChapterResultChaptersItem", "SummarizeHighlightResult",
    "SummarizeHighlightResultHighlightsItem", "SummarizeSummaryResult", "TasksListResponse", "VideosListResponse",
]  # fmt: skip


class ErrorBody(Model):
    """Body of an error response."""

    code: str | None = None
    message: str | None = None
    docs_url: str | None = None


class ErrorResponse(Model):
    """Body of an error response that nests the error in ``error``."""

    error: ErrorBody | None = None


class InternalEntity(Entity):
    """Entity with the name of its collection, and the URLs of its assets."""

    entity_collection_name: str | None = None
    asset_urls: list[str] | None = None


class ResponseCreateRequest(Model):
    """Request body of `responses.create`."""

    knowledge_store_id: str
    input: list[ResponseInputItem]
    session_id: str | None = OMIT
    instructions: str | None = OMIT
    include: list[ResponseInclude] | None = OMIT
    stream: bool | None = OMIT
    selections: list[ResponseSelection] | None = OMIT
    text: TextParam | None = OMIT


class ListResponse(Model):
    """One page of a list. Pagers return its items."""

    page_info: PageInfo | None = None


class AnalyzeTasksListResponse(ListResponse):
    """One page of analysis tasks."""

    data: list[AnalyzeTaskResponse] | None = None


class AssetsListResponse(ListResponse):
    """One page of assets."""

    data: list[AssetDetail] | None = None


class BatchesListResponse(ListResponse):
    """One page of batches."""

    data: list[AnalyzeBatchStatusResponse] | None = None


class EmbedTasksListResponse(ListResponse):
    """One page of embedding tasks."""

    data: list[MediaEmbeddingTask] | None = None


class EntitiesListByAssetResponse(ListResponse):
    """One page of the entities that an asset shows."""

    data: list[Entity] | None = None


class EntitiesListResponse(ListResponse):
    """One page of entities."""

    data: list[Entity] | None = None


class EntityCollectionsListResponse(ListResponse):
    """One page of entity collections."""

    data: list[EntityCollection] | None = None


class IndexedAssetsListByAssetResponse(ListResponse):
    """One page of the indexed assets of an asset."""

    data: list[IndexedAssetSummary] | None = None


class IndexedAssetsListResponse(ListResponse):
    """One page of indexed assets."""

    data: list[IndexedAsset] | None = None


class IndexesListResponse(ListResponse):
    """One page of indexes."""

    data: list[IndexSchema] | None = None


class KnowledgeStoreItemCollectionsListItemsResponse(ListResponse):
    """One page of the items of a collection."""

    data: list[KnowledgeStoreItem] | None = None


class KnowledgeStoreItemCollectionsListResponse(ListResponse):
    """One page of collections of items."""

    data: list[KnowledgeStoreItemCollection] | None = None


class KnowledgeStoreItemsListResponse(ListResponse):
    """One page of items."""

    data: list[KnowledgeStoreItem] | None = None


class KnowledgeStoresListResponse(ListResponse):
    """One page of knowledge stores."""

    data: list[KnowledgeStore] | None = None


class ListConnectionsResponse(ListResponse):
    """One page of connections."""

    data: list[Connection] | None = None


class ListImportsResponse(ListResponse):
    """One page of imports."""

    data: list[Import] | None = None


class ListIncompleteUploadsResponse(ListResponse):
    """One page of incomplete uploads."""

    data: list[IncompleteUploadSummary] | None = None


class ListRedirectUrisResponse(ListResponse):
    """One page of redirect URIs."""

    data: list[RedirectUri] | None = None


class TasksListResponse(ListResponse):
    """One page of video indexing tasks."""

    data: list[VideoIndexingTask] | None = None


class VideosListResponse(ListResponse):
    """One page of videos."""

    data: list[VideoVector] | None = None


class SummarizeChapterResultChaptersItem(Model):
    """Chapter from the removed operation summarize; times in seconds."""

    chapter_number: int | None = None
    start: int | None = None
    end: int | None = None
    start_sec: float | None = None
    end_sec: float | None = None
    chapter_title: str | None = None
    chapter_summary: str | None = None


class SummarizeHighlightResultHighlightsItem(Model):
    """Highlight from the removed operation summarize; times in seconds."""

    start: int | None = None
    end: int | None = None
    start_sec: float | None = None
    end_sec: float | None = None
    highlight: str | None = None
    highlight_summary: str | None = None


class SummarizeChapterResult(Model):
    """Chapters of a video, from the removed operation summarize."""

    summarize_type: Literal["chapter"] | str
    id: str | None = None
    chapters: list[SummarizeChapterResultChaptersItem] | None = None
    usage: TokenUsage | None = None


class SummarizeHighlightResult(Model):
    """Highlights of a video, from the removed operation summarize."""

    summarize_type: Literal["highlight"] | str
    id: str | None = None
    highlights: list[SummarizeHighlightResultHighlightsItem] | None = None
    usage: TokenUsage | None = None


class SummarizeSummaryResult(Model):
    """Summary of a video, from the removed operation summarize."""

    summarize_type: Literal["summary"] | str
    id: str | None = None
    summary: str | None = None
    usage: TokenUsage | None = None
