"""Names that the official SDK has in addition to those of this package, for the same classes and types."""

from typing import TypeAlias

from .analyze import AnalyzePromptV2, AnalyzeRequestModelName, AnalyzeTaskError, TokenUsage, VideoContext_AssetId
from .analyze_async import (
    AnalyzeTaskResponseVideoSource,
    AnalyzeTaskResponseVideoSourceSystemMetadata,
    CreateAsyncAnalyzeRequestAnalysisMode,
    TimeArrayItemFieldItems,
)
from .data_connectors import ConnectionProvider
from .embed import EmbeddingTaskResponseStatus, MediaEmbeddingTaskVideoEmbedding
from .embed_v_2 import EmbeddingMediaMetadata_Audio, EmbeddingMediaMetadata_Image, EmbeddingMediaMetadata_Video
from .embed_v_2_inputs import (
    CreateEmbeddingsRequestModelName,
    VideoSegmentation_Dynamic,
    VideoSegmentation_Fixed,
    VideoSegmentationDynamicDynamic,
    VideoSegmentationFixedFixed,
)
from .entity_collections import EntityCollectionsListRequestSortBy
from .indexed_assets import (
    IndexedAssetDetailedEmbedding,
    IndexedAssetDetailedEmbeddingVideoEmbedding,
    IndexedAssetsListRequestUserMetadataValue,
    IndexedAssetsRetrieveRequestEmbeddingOptionItem,
    IndexedAssetStatus,
    IndexedAssetSystemMetadata,
    Range,
)
from .knowledge_stores import ItemFilter, KnowledgeStoresListRequestSortBy
from .responses import ResponsesCreateRequestIncludeItem
from .tasks import VideoIndexingTask

__all__ = [
    "AnalyzeStreamRequestModelName", "AnalyzeTaskResultUsage", "AnalyzeTaskTimeArrayItemFieldItems",
    "AnalyzeTaskWebhookError", "AnalyzeTaskWebhookVideoSource", "AnalyzeTaskWebhookVideoSourceSystemMetadata",
    "AssetTypeFilter", "AudioSegmentation", "AudioSegmentationFixed", "AuthorizeConnectionRequestProvider",
    "BatchItemError", "BatchPrompt", "BatchVideoContext", "BatchesListRequestAnalysisModeItem",
    "CreateAnalyzeBatchRequestAnalysisMode", "CreateAsyncEmbeddingRequestModelName", "EmbeddingTaskMediaMetadata_Audio",
    "EmbeddingTaskMediaMetadata_Image", "EmbeddingTaskMediaMetadata_Video", "EntitiesListRequestSortBy",
    "IndexedAssetsListRequestDuration", "IndexedAssetsListRequestFps", "IndexedAssetsListRequestHeight",
    "IndexedAssetsListRequestSize", "IndexedAssetsListRequestStatusItem", "IndexedAssetsListRequestWidth",
    "ItemIdFilter", "KnowledgeStoreItemsListRequestSortBy", "ResponsesCreateStreamRequestIncludeItem",
    "TasksCreateResponseStatus", "TasksListRequestAnalysisMode", "TasksRetrieveRequestEmbeddingOptionItem",
    "TasksRetrieveResponse", "TasksStatusResponseVideoEmbedding", "TemporalSegmentationDynamicDynamic",
    "TemporalSegmentationFixedFixed", "TemporalSegmentation_Dynamic", "TemporalSegmentation_Fixed",
    "VideoIndexingTaskSystemMetadata", "VideoVectorSystemMetadata", "VideosListRequestDuration", "VideosListRequestFps",
    "VideosListRequestHeight", "VideosListRequestSize", "VideosListRequestUserMetadataValue", "VideosListRequestWidth",
    "VideosRetrieveRequestEmbeddingOptionItem", "VideosRetrieveResponseEmbedding",
    "VideosRetrieveResponseEmbeddingVideoEmbedding", "VideosRetrieveResponseSystemMetadata",
]  # fmt: skip

# analyze
AnalyzeStreamRequestModelName: TypeAlias = AnalyzeRequestModelName

# analyze_async
AnalyzeTaskResultUsage = TokenUsage
AnalyzeTaskTimeArrayItemFieldItems = TimeArrayItemFieldItems
BatchItemError = AnalyzeTaskError
BatchPrompt = AnalyzePromptV2
BatchVideoContext = VideoContext_AssetId
BatchesListRequestAnalysisModeItem: TypeAlias = CreateAsyncAnalyzeRequestAnalysisMode
CreateAnalyzeBatchRequestAnalysisMode: TypeAlias = CreateAsyncAnalyzeRequestAnalysisMode
TasksListRequestAnalysisMode: TypeAlias = CreateAsyncAnalyzeRequestAnalysisMode

# data_connectors
AuthorizeConnectionRequestProvider: TypeAlias = ConnectionProvider

# embed
TasksRetrieveRequestEmbeddingOptionItem: TypeAlias = IndexedAssetsRetrieveRequestEmbeddingOptionItem
TasksStatusResponseVideoEmbedding = MediaEmbeddingTaskVideoEmbedding

# embed_v_2
EmbeddingTaskMediaMetadata_Audio = EmbeddingMediaMetadata_Audio
EmbeddingTaskMediaMetadata_Image = EmbeddingMediaMetadata_Image
EmbeddingTaskMediaMetadata_Video = EmbeddingMediaMetadata_Video
TasksCreateResponseStatus: TypeAlias = EmbeddingTaskResponseStatus

# embed_v_2_inputs
AudioSegmentation = VideoSegmentation_Fixed
AudioSegmentationFixed = VideoSegmentationFixedFixed
CreateAsyncEmbeddingRequestModelName: TypeAlias = CreateEmbeddingsRequestModelName
TemporalSegmentationDynamicDynamic = VideoSegmentationDynamicDynamic
TemporalSegmentationFixedFixed = VideoSegmentationFixedFixed
TemporalSegmentation_Dynamic = VideoSegmentation_Dynamic
TemporalSegmentation_Fixed = VideoSegmentation_Fixed

# entity_collections
EntitiesListRequestSortBy: TypeAlias = EntityCollectionsListRequestSortBy

# indexed_assets
IndexedAssetsListRequestDuration = Range
IndexedAssetsListRequestFps = Range
IndexedAssetsListRequestHeight = Range
IndexedAssetsListRequestSize = Range
IndexedAssetsListRequestStatusItem: TypeAlias = IndexedAssetStatus
IndexedAssetsListRequestWidth = Range

# knowledge_stores
AssetTypeFilter = ItemFilter
ItemIdFilter = ItemFilter
KnowledgeStoreItemsListRequestSortBy: TypeAlias = KnowledgeStoresListRequestSortBy

# responses
ResponsesCreateStreamRequestIncludeItem: TypeAlias = ResponsesCreateRequestIncludeItem

# tasks
TasksRetrieveResponse = VideoIndexingTask
VideoIndexingTaskSystemMetadata = IndexedAssetSystemMetadata

# videos
VideoVectorSystemMetadata = IndexedAssetSystemMetadata
VideosListRequestDuration = Range
VideosListRequestFps = Range
VideosListRequestHeight = Range
VideosListRequestSize = Range
VideosListRequestUserMetadataValue: TypeAlias = IndexedAssetsListRequestUserMetadataValue
VideosListRequestWidth = Range
VideosRetrieveRequestEmbeddingOptionItem: TypeAlias = IndexedAssetsRetrieveRequestEmbeddingOptionItem
VideosRetrieveResponseEmbedding = IndexedAssetDetailedEmbedding
VideosRetrieveResponseEmbeddingVideoEmbedding = IndexedAssetDetailedEmbeddingVideoEmbedding
VideosRetrieveResponseSystemMetadata = IndexedAssetSystemMetadata

# webhooks
AnalyzeTaskWebhookError = AnalyzeTaskError
AnalyzeTaskWebhookVideoSource = AnalyzeTaskResponseVideoSource
AnalyzeTaskWebhookVideoSourceSystemMetadata = AnalyzeTaskResponseVideoSourceSystemMetadata
