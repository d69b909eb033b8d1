"""Names that the official SDK has in addition to those of this package, for the same classes and types."""

from typing import Literal, TypeAlias

from .analyze import AnalysisModel, AnalyzePromptV2, AnalyzeTaskError, TokenUsage, VideoContext_AssetId
from .analyze_async import (
    AnalysisMode,
    AnalyzeTaskResponseVideoSource,
    AnalyzeTaskResponseVideoSourceSystemMetadata,
    BatchAnalysisModel,
    MaxTokens,
    TimeArrayItemFieldItems,
)
from .assets import AssetType, TranscriptionUnit, UploadMethod
from .data_connectors import ConnectionProvider
from .embed import EmbeddingTaskStatus, MediaEmbeddingTaskVideoEmbedding, VideoEmbeddingScope
from .embed_v_2 import EmbeddingMediaMetadata_Audio, EmbeddingMediaMetadata_Image, EmbeddingMediaMetadata_Video
from .embed_v_2_inputs import (
    EmbeddingInputType,
    EmbeddingModel,
    EmbeddingTaskInputType,
    VideoSegmentation_Dynamic,
    VideoSegmentation_Fixed,
    VideoSegmentationDynamicDynamic,
    VideoSegmentationFixedFixed,
)
from .entity_collections import EntitySortBy, EntityStatus
from .indexed_assets import (
    IndexedAssetDetailedEmbedding,
    IndexedAssetDetailedEmbeddingVideoEmbedding,
    IndexedAssetStatus,
    IndexedAssetSystemMetadata,
    MetadataFilterValue,
    Range,
    VideoEmbeddingOption,
)
from .indexes import IndexModelName
from .knowledge_stores import (
    ItemCollectionSortBy,
    ItemFilter,
    KnowledgeStoreGroupBy,
    KnowledgeStoreItemStatus,
    KnowledgeStoreSortBy,
)
from .multipart_upload import UploadType
from .responses import ResponseInclude
from .search import QueryMediaType, SearchGroupBy, SearchOperator, SearchOption, TranscriptionOption
from .tasks import VideoIndexingTask, VideoIndexingTaskStatus

__all__ = [
    "AnalyzeRequestModelName", "AnalyzeStreamRequestModelName", "AnalyzeTaskResultUsage",
    "AnalyzeTaskTimeArrayItemFieldItems", "AnalyzeTaskWebhookError", "AnalyzeTaskWebhookVideoSource",
    "AnalyzeTaskWebhookVideoSourceSystemMetadata", "AssetTypeFilter", "AssetsCreateRequestMethod",
    "AssetsListRequestAssetTypesItem", "AssetsRetrieveTranscriptionRequestIncludeItem", "AudioSegmentation",
    "AudioSegmentationFixed", "AuthorizeConnectionRequestProvider", "BatchItemError", "BatchPrompt",
    "BatchVideoContext", "BatchesListRequestAnalysisModeItem", "CreateAnalyzeBatchRequestAnalysisMode",
    "CreateAnalyzeBatchRequestModelName", "CreateAssetUploadRequestType", "CreateAsyncAnalyzeRequestAnalysisMode",
    "CreateAsyncAnalyzeRequestMaxTokens", "CreateAsyncAnalyzeRequestMaxTokensOne", "CreateAsyncAnalyzeRequestModelName",
    "CreateAsyncEmbeddingRequestInputType", "CreateAsyncEmbeddingRequestModelName", "CreateEmbeddingsRequestInputType",
    "CreateEmbeddingsRequestModelName", "EmbeddingTaskMediaMetadata_Audio", "EmbeddingTaskMediaMetadata_Image",
    "EmbeddingTaskMediaMetadata_Video", "EmbeddingTaskResponseStatus", "EntitiesListRequestSortBy",
    "EntitiesListRequestStatus", "EntityCollectionsListRequestSortBy", "IndexedAssetsListRequestDuration",
    "IndexedAssetsListRequestFps", "IndexedAssetsListRequestHeight", "IndexedAssetsListRequestSize",
    "IndexedAssetsListRequestStatusItem", "IndexedAssetsListRequestUserMetadataValue", "IndexedAssetsListRequestWidth",
    "IndexedAssetsRetrieveRequestEmbeddingOptionItem", "IndexesCreateRequestModelsItemModelName", "ItemIdFilter",
    "KnowledgeStoreItemCollectionsListRequestSortBy", "KnowledgeStoreItemsListRequestSortBy",
    "KnowledgeStoreItemsListRequestStatusItem", "KnowledgeStoresListRequestSortBy", "ResponsesCreateRequestIncludeItem",
    "ResponsesCreateStreamRequestIncludeItem", "SearchCreateRequestGroupBy", "SearchCreateRequestOperator",
    "SearchCreateRequestQueryMediaType", "SearchCreateRequestSearchOptionsItem",
    "SearchCreateRequestTranscriptionOptionsItem", "SearchKnowledgeStoreRequestGroupBy",
    "TasksCreateRequestVideoEmbeddingScopeItem", "TasksCreateResponseStatus", "TasksListRequestAnalysisMode",
    "TasksListRequestStatusItem", "TasksRetrieveRequestEmbeddingOptionItem", "TasksRetrieveResponse",
    "TasksStatusResponseVideoEmbedding", "TemporalSegmentationDynamicDynamic", "TemporalSegmentationFixedFixed",
    "TemporalSegmentation_Dynamic", "TemporalSegmentation_Fixed", "VideoIndexingTaskSystemMetadata",
    "VideoVectorSystemMetadata", "VideosListRequestDuration", "VideosListRequestFps", "VideosListRequestHeight",
    "VideosListRequestSize", "VideosListRequestUserMetadataValue", "VideosListRequestWidth",
    "VideosRetrieveRequestEmbeddingOptionItem", "VideosRetrieveResponseEmbedding",
    "VideosRetrieveResponseEmbeddingVideoEmbedding", "VideosRetrieveResponseSystemMetadata",
]  # fmt: skip

# Types of arguments and of fields.
AnalyzeRequestModelName: TypeAlias = AnalysisModel
AnalyzeStreamRequestModelName: TypeAlias = AnalysisModel
AssetsCreateRequestMethod: TypeAlias = UploadMethod
AssetsListRequestAssetTypesItem: TypeAlias = AssetType
AssetsRetrieveTranscriptionRequestIncludeItem: TypeAlias = TranscriptionUnit
AuthorizeConnectionRequestProvider: TypeAlias = ConnectionProvider
BatchesListRequestAnalysisModeItem: TypeAlias = AnalysisMode
CreateAnalyzeBatchRequestAnalysisMode: TypeAlias = AnalysisMode
CreateAnalyzeBatchRequestModelName: TypeAlias = BatchAnalysisModel
CreateAssetUploadRequestType: TypeAlias = UploadType
CreateAsyncAnalyzeRequestAnalysisMode: TypeAlias = AnalysisMode
CreateAsyncAnalyzeRequestMaxTokens: TypeAlias = MaxTokens
CreateAsyncAnalyzeRequestModelName: TypeAlias = AnalysisModel
CreateAsyncEmbeddingRequestInputType: TypeAlias = EmbeddingTaskInputType
CreateAsyncEmbeddingRequestModelName: TypeAlias = EmbeddingModel
CreateEmbeddingsRequestInputType: TypeAlias = EmbeddingInputType
CreateEmbeddingsRequestModelName: TypeAlias = EmbeddingModel
EmbeddingTaskResponseStatus: TypeAlias = EmbeddingTaskStatus
EntitiesListRequestSortBy: TypeAlias = EntitySortBy
EntitiesListRequestStatus: TypeAlias = EntityStatus
EntityCollectionsListRequestSortBy: TypeAlias = EntitySortBy
IndexedAssetsListRequestStatusItem: TypeAlias = IndexedAssetStatus
IndexedAssetsListRequestUserMetadataValue: TypeAlias = MetadataFilterValue
IndexedAssetsRetrieveRequestEmbeddingOptionItem: TypeAlias = VideoEmbeddingOption
IndexesCreateRequestModelsItemModelName: TypeAlias = IndexModelName
KnowledgeStoreItemCollectionsListRequestSortBy: TypeAlias = ItemCollectionSortBy
KnowledgeStoreItemsListRequestSortBy: TypeAlias = KnowledgeStoreSortBy
KnowledgeStoreItemsListRequestStatusItem: TypeAlias = KnowledgeStoreItemStatus
KnowledgeStoresListRequestSortBy: TypeAlias = KnowledgeStoreSortBy
ResponsesCreateRequestIncludeItem: TypeAlias = ResponseInclude
ResponsesCreateStreamRequestIncludeItem: TypeAlias = ResponseInclude
SearchCreateRequestGroupBy: TypeAlias = SearchGroupBy
SearchCreateRequestOperator: TypeAlias = SearchOperator
SearchCreateRequestQueryMediaType: TypeAlias = QueryMediaType
SearchCreateRequestSearchOptionsItem: TypeAlias = SearchOption
SearchCreateRequestTranscriptionOptionsItem: TypeAlias = TranscriptionOption
SearchKnowledgeStoreRequestGroupBy: TypeAlias = KnowledgeStoreGroupBy
TasksCreateRequestVideoEmbeddingScopeItem: TypeAlias = VideoEmbeddingScope
TasksCreateResponseStatus: TypeAlias = EmbeddingTaskStatus
TasksListRequestAnalysisMode: TypeAlias = AnalysisMode
TasksListRequestStatusItem: TypeAlias = VideoIndexingTaskStatus
TasksRetrieveRequestEmbeddingOptionItem: TypeAlias = VideoEmbeddingOption
VideosListRequestUserMetadataValue: TypeAlias = MetadataFilterValue
VideosRetrieveRequestEmbeddingOptionItem: TypeAlias = VideoEmbeddingOption
CreateAsyncAnalyzeRequestMaxTokensOne: TypeAlias = Literal["unlimited"] | str

# Classes.
AnalyzeTaskResultUsage = TokenUsage
AnalyzeTaskTimeArrayItemFieldItems = TimeArrayItemFieldItems
AnalyzeTaskWebhookError = AnalyzeTaskError
AnalyzeTaskWebhookVideoSource = AnalyzeTaskResponseVideoSource
AnalyzeTaskWebhookVideoSourceSystemMetadata = AnalyzeTaskResponseVideoSourceSystemMetadata
AssetTypeFilter = ItemFilter
AudioSegmentation = VideoSegmentation_Fixed
AudioSegmentationFixed = VideoSegmentationFixedFixed
BatchItemError = AnalyzeTaskError
BatchPrompt = AnalyzePromptV2
BatchVideoContext = VideoContext_AssetId
EmbeddingTaskMediaMetadata_Audio = EmbeddingMediaMetadata_Audio
EmbeddingTaskMediaMetadata_Image = EmbeddingMediaMetadata_Image
EmbeddingTaskMediaMetadata_Video = EmbeddingMediaMetadata_Video
IndexedAssetsListRequestDuration = Range
IndexedAssetsListRequestFps = Range
IndexedAssetsListRequestHeight = Range
IndexedAssetsListRequestSize = Range
IndexedAssetsListRequestWidth = Range
ItemIdFilter = ItemFilter
TasksRetrieveResponse = VideoIndexingTask
TasksStatusResponseVideoEmbedding = MediaEmbeddingTaskVideoEmbedding
TemporalSegmentationDynamicDynamic = VideoSegmentationDynamicDynamic
TemporalSegmentationFixedFixed = VideoSegmentationFixedFixed
TemporalSegmentation_Dynamic = VideoSegmentation_Dynamic
TemporalSegmentation_Fixed = VideoSegmentation_Fixed
VideoIndexingTaskSystemMetadata = IndexedAssetSystemMetadata
VideoVectorSystemMetadata = IndexedAssetSystemMetadata
VideosListRequestDuration = Range
VideosListRequestFps = Range
VideosListRequestHeight = Range
VideosListRequestSize = Range
VideosListRequestWidth = Range
VideosRetrieveResponseEmbedding = IndexedAssetDetailedEmbedding
VideosRetrieveResponseEmbeddingVideoEmbedding = IndexedAssetDetailedEmbeddingVideoEmbedding
VideosRetrieveResponseSystemMetadata = IndexedAssetSystemMetadata
