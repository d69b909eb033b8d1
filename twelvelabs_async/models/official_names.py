"""Names that the official SDK has in addition to those of this package, for the same classes and types."""

from typing import Literal, TypeAlias

from . import (
    analyze,
    analyze_async,
    assets,
    data_connectors,
    embed,
    embed_v_2,
    embed_v_2_inputs,
    entity_collections,
    indexed_assets,
    indexes,
    knowledge_stores,
    multipart_upload,
    responses,
    search,
    tasks,
)

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
AnalyzeRequestModelName: TypeAlias = analyze.AnalysisModel
AnalyzeStreamRequestModelName: TypeAlias = analyze.AnalysisModel
AssetsCreateRequestMethod: TypeAlias = assets.UploadMethod
AssetsListRequestAssetTypesItem: TypeAlias = assets.AssetType
AssetsRetrieveTranscriptionRequestIncludeItem: TypeAlias = assets.TranscriptionUnit
AuthorizeConnectionRequestProvider: TypeAlias = data_connectors.ConnectionProvider
BatchesListRequestAnalysisModeItem: TypeAlias = analyze_async.AnalysisMode
CreateAnalyzeBatchRequestAnalysisMode: TypeAlias = analyze_async.AnalysisMode
CreateAnalyzeBatchRequestModelName: TypeAlias = analyze_async.BatchAnalysisModel
CreateAssetUploadRequestType: TypeAlias = multipart_upload.UploadType
CreateAsyncAnalyzeRequestAnalysisMode: TypeAlias = analyze_async.AnalysisMode
CreateAsyncAnalyzeRequestMaxTokens: TypeAlias = analyze_async.MaxTokens
CreateAsyncAnalyzeRequestModelName: TypeAlias = analyze.AnalysisModel
CreateAsyncEmbeddingRequestInputType: TypeAlias = embed_v_2_inputs.EmbeddingTaskInputType
CreateAsyncEmbeddingRequestModelName: TypeAlias = embed_v_2_inputs.EmbeddingModel
CreateEmbeddingsRequestInputType: TypeAlias = embed_v_2_inputs.EmbeddingInputType
CreateEmbeddingsRequestModelName: TypeAlias = embed_v_2_inputs.EmbeddingModel
EmbeddingTaskResponseStatus: TypeAlias = embed.EmbeddingTaskStatus
EntitiesListRequestSortBy: TypeAlias = entity_collections.EntitySortBy
EntitiesListRequestStatus: TypeAlias = entity_collections.EntityStatus
EntityCollectionsListRequestSortBy: TypeAlias = entity_collections.EntitySortBy
IndexedAssetsListRequestStatusItem: TypeAlias = indexed_assets.IndexedAssetStatus
IndexedAssetsListRequestUserMetadataValue: TypeAlias = indexed_assets.MetadataFilterValue
IndexedAssetsRetrieveRequestEmbeddingOptionItem: TypeAlias = indexed_assets.VideoEmbeddingOption
IndexesCreateRequestModelsItemModelName: TypeAlias = indexes.IndexModelName
KnowledgeStoreItemCollectionsListRequestSortBy: TypeAlias = knowledge_stores.ItemCollectionSortBy
KnowledgeStoreItemsListRequestSortBy: TypeAlias = knowledge_stores.KnowledgeStoreSortBy
KnowledgeStoreItemsListRequestStatusItem: TypeAlias = knowledge_stores.KnowledgeStoreItemStatus
KnowledgeStoresListRequestSortBy: TypeAlias = knowledge_stores.KnowledgeStoreSortBy
ResponsesCreateRequestIncludeItem: TypeAlias = responses.ResponseInclude
ResponsesCreateStreamRequestIncludeItem: TypeAlias = responses.ResponseInclude
SearchCreateRequestGroupBy: TypeAlias = search.SearchGroupBy
SearchCreateRequestOperator: TypeAlias = search.SearchOperator
SearchCreateRequestQueryMediaType: TypeAlias = search.QueryMediaType
SearchCreateRequestSearchOptionsItem: TypeAlias = search.SearchOption
SearchCreateRequestTranscriptionOptionsItem: TypeAlias = search.TranscriptionOption
SearchKnowledgeStoreRequestGroupBy: TypeAlias = knowledge_stores.KnowledgeStoreGroupBy
TasksCreateRequestVideoEmbeddingScopeItem: TypeAlias = embed.VideoEmbeddingScope
TasksCreateResponseStatus: TypeAlias = embed.EmbeddingTaskStatus
TasksListRequestAnalysisMode: TypeAlias = analyze_async.AnalysisMode
TasksListRequestStatusItem: TypeAlias = tasks.VideoIndexingTaskStatus
TasksRetrieveRequestEmbeddingOptionItem: TypeAlias = indexed_assets.VideoEmbeddingOption
VideosListRequestUserMetadataValue: TypeAlias = indexed_assets.MetadataFilterValue
VideosRetrieveRequestEmbeddingOptionItem: TypeAlias = indexed_assets.VideoEmbeddingOption
CreateAsyncAnalyzeRequestMaxTokensOne: TypeAlias = Literal["unlimited"] | str

# Classes.
AnalyzeTaskResultUsage = analyze.TokenUsage
AnalyzeTaskTimeArrayItemFieldItems = analyze_async.TimeArrayItemFieldItems
AnalyzeTaskWebhookError = analyze.AnalyzeTaskError
AnalyzeTaskWebhookVideoSource = analyze_async.AnalyzeTaskResponseVideoSource
AnalyzeTaskWebhookVideoSourceSystemMetadata = analyze_async.AnalyzeTaskResponseVideoSourceSystemMetadata
AssetTypeFilter = knowledge_stores.ItemFilter
AudioSegmentation = embed_v_2_inputs.VideoSegmentation_Fixed
AudioSegmentationFixed = embed_v_2_inputs.VideoSegmentationFixedFixed
BatchItemError = analyze.AnalyzeTaskError
BatchPrompt = analyze.AnalyzePromptV2
BatchVideoContext = analyze.VideoContext_AssetId
EmbeddingTaskMediaMetadata_Audio = embed_v_2.EmbeddingMediaMetadata_Audio
EmbeddingTaskMediaMetadata_Image = embed_v_2.EmbeddingMediaMetadata_Image
EmbeddingTaskMediaMetadata_Video = embed_v_2.EmbeddingMediaMetadata_Video
IndexedAssetsListRequestDuration = indexed_assets.Range
IndexedAssetsListRequestFps = indexed_assets.Range
IndexedAssetsListRequestHeight = indexed_assets.Range
IndexedAssetsListRequestSize = indexed_assets.Range
IndexedAssetsListRequestWidth = indexed_assets.Range
ItemIdFilter = knowledge_stores.ItemFilter
TasksRetrieveResponse = tasks.VideoIndexingTask
TasksStatusResponseVideoEmbedding = embed.MediaEmbeddingTaskVideoEmbedding
TemporalSegmentationDynamicDynamic = embed_v_2_inputs.VideoSegmentationDynamicDynamic
TemporalSegmentationFixedFixed = embed_v_2_inputs.VideoSegmentationFixedFixed
TemporalSegmentation_Dynamic = embed_v_2_inputs.VideoSegmentation_Dynamic
TemporalSegmentation_Fixed = embed_v_2_inputs.VideoSegmentation_Fixed
VideoIndexingTaskSystemMetadata = indexed_assets.IndexedAssetSystemMetadata
VideoVectorSystemMetadata = indexed_assets.IndexedAssetSystemMetadata
VideosListRequestDuration = indexed_assets.Range
VideosListRequestFps = indexed_assets.Range
VideosListRequestHeight = indexed_assets.Range
VideosListRequestSize = indexed_assets.Range
VideosListRequestWidth = indexed_assets.Range
VideosRetrieveResponseEmbedding = indexed_assets.IndexedAssetDetailedEmbedding
VideosRetrieveResponseEmbeddingVideoEmbedding = indexed_assets.IndexedAssetDetailedEmbeddingVideoEmbedding
VideosRetrieveResponseSystemMetadata = indexed_assets.IndexedAssetSystemMetadata
