"""Names that the official SDK has in addition to those of this package, for the same classes and types."""

from datetime import datetime
from typing import Literal, TypeAlias

from . import (
    _base,
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
    official_classes,
    responses,
    search,
    tasks,
)

__all__ = [
    "AnalyzeBatchSummary", "AnalyzeBatchSummaryAnalysisMode", "AnalyzeMaxTokens", "AnalyzeRequestModelName",
    "AnalyzeStreamRequestModelName", "AnalyzeTaskCanceledWebhookDataStatus", "AnalyzeTaskCanceledWebhookEventType",
    "AnalyzeTaskFailedWebhookDataStatus", "AnalyzeTaskFailedWebhookEventType", "AnalyzeTaskReadyWebhookDataStatus",
    "AnalyzeTaskReadyWebhookEventType", "AnalyzeTaskResponseRequestParamsAnalysisMode",
    "AnalyzeTaskResponseRequestParamsMaxTokens", "AnalyzeTaskResponseRequestParamsMaxTokensOne",
    "AnalyzeTaskResponseRequestParamsResponseFormatSegmentTimeFormat",
    "AnalyzeTaskResponseRequestParamsResponseFormatType", "AnalyzeTaskResponseVideoSourceType",
    "AnalyzeTaskResultUsage", "AnalyzeTaskSegmentFieldFormat", "AnalyzeTaskTimeArrayItemFieldItems",
    "AnalyzeTaskWebhookError", "AnalyzeTaskWebhookVideoSource", "AnalyzeTaskWebhookVideoSourceSystemMetadata",
    "AnalyzeTaskWebhookVideoSourceType", "AnalyzeTemperature", "AnalyzeTextPrompt", "AssetSourceDetailsProvider",
    "AssetSourceType", "AssetThumbnailStatus", "AssetTranscriptionStatus", "AssetTypeFilter",
    "AssetsCreateRequestMethod", "AssetsListRequestAssetTypesItem", "AssetsRetrieveTranscriptionRequestIncludeItem",
    "AsyncAudioInputRequestEmbeddingOptionItem", "AsyncAudioInputRequestEmbeddingScopeItem",
    "AsyncAudioInputRequestEmbeddingTypeItem", "AsyncAudioInputRequestSegmentation",
    "AsyncDocumentInputRequestEmbeddingOptionItem", "AsyncDocumentInputRequestEmbeddingScopeItem",
    "AsyncDocumentInputRequestEmbeddingTypeItem", "AsyncDocumentMetadata",
    "AsyncDocumentMetadataEmbeddingScopesItem", "AsyncImageInputRequestEmbeddingOptionItem",
    "AsyncImageInputRequestEmbeddingScopeItem", "AsyncImageInputRequestEmbeddingTypeItem", "AsyncImageMetadata",
    "AsyncImageMetadataEmbeddingScopesItem", "AsyncResponseFormatSegmentTimeFormat", "AsyncResponseFormatType",
    "AsyncVideoInputRequestEmbeddingOptionItem", "AsyncVideoInputRequestEmbeddingScopeItem",
    "AsyncVideoInputRequestEmbeddingTypeItem", "AsyncVideoInputRequestSegmentation",
    "AudioInputRequestEmbeddingOptionItem", "AudioInputRequestEmbeddingScopeItem",
    "AudioInputRequestEmbeddingTypeItem", "AudioSegmentation", "AudioSegmentationFixed",
    "AudioSegmentationStrategy", "AuthorizeConnectionRequestProvider", "BadRequestErrorBody", "BatchItemError",
    "BatchPrompt", "BatchVideoContext", "BatchVideoContextType", "BatchesListRequestAnalysisModeItem",
    "CancelAnalyzeTaskResponseStatus", "CompletedChunkProofType", "ConflictErrorBody",
    "CreateAnalyzeBatchRequestAnalysisMode", "CreateAnalyzeBatchRequestModelName", "CreateAssetUploadRequestType",
    "CreateAsyncAnalyzeRequestAnalysisMode", "CreateAsyncAnalyzeRequestMaxTokens",
    "CreateAsyncAnalyzeRequestMaxTokensOne", "CreateAsyncAnalyzeRequestModelName",
    "CreateAsyncEmbeddingRequestInputType", "CreateAsyncEmbeddingRequestModelName",
    "CreateEmbeddingsRequestInputType", "CreateEmbeddingsRequestModelName", "CreatedAt",
    "DocumentSequentialSegmentationStrategy", "DocumentSpatialSegmentationStrategy", "EmbeddingAudioMetadata",
    "EmbeddingAudioMetadataEmbeddingScopesItem", "EmbeddingDataEmbeddingOption", "EmbeddingDataEmbeddingScope",
    "EmbeddingDataQuadrant", "EmbeddingDimension", "EmbeddingImageMetadata", "EmbeddingMultiInputMetadata",
    "EmbeddingTaskMediaMetadata", "EmbeddingTaskMediaMetadata_Audio", "EmbeddingTaskMediaMetadata_Image",
    "EmbeddingTaskMediaMetadata_Video", "EmbeddingTaskResponseStatus", "EmbeddingTextImageMetadata",
    "EmbeddingUsageTruncationReason", "EmbeddingVideoMetadata", "EmbeddingVideoMetadataEmbeddingScopesItem",
    "EndOffsetSec", "EndTime", "EnrichmentConfigDescription", "EnrichmentConfigJsonSchema",
    "EnrichmentConfigJsonSchemaJsonSchemaType", "EntitiesListRequestSortBy", "EntitiesListRequestStatus",
    "EntityCollectionsListRequestSortBy", "ErrorResponseError", "ExpiresAt", "FlatErrorResponse",
    "ForbiddenErrorBody", "GeneratedTextData", "GoneErrorBody", "HlsObjectStatus", "ImageMetadata",
    "ImageSearchHit", "IndexedAssetsListRequestDuration", "IndexedAssetsListRequestFps",
    "IndexedAssetsListRequestHeight", "IndexedAssetsListRequestSize", "IndexedAssetsListRequestStatusItem",
    "IndexedAssetsListRequestUserMetadataValue", "IndexedAssetsListRequestWidth",
    "IndexedAssetsRetrieveRequestEmbeddingOptionItem", "IndexesCreateRequestModelsItemModelName",
    "InternalServerErrorBody", "ItemIdFilter", "KnowledgeStoreItemCollectionsListRequestSortBy",
    "KnowledgeStoreItemsListRequestSortBy", "KnowledgeStoreItemsListRequestStatusItem",
    "KnowledgeStoreMetadataValue", "KnowledgeStoresListRequestSortBy", "LimitPerPageSimple",
    "MultiInputMediaSourceMediaType", "MultipartUploadStatusType", "NextPageToken", "NotFoundErrorBody", "One",
    "Page", "PrevPageToken", "Rank", "ResponseAnnotationType", "ResponseCreateRequestIncludeItem",
    "ResponseInputItemRole", "ResponseInputItemType", "ResponseObjectObject", "ResponseObjectType",
    "ResponseOutputContentPartType", "ResponseOutputItemRole", "ResponseOutputItemType", "ResponseSelectionKind",
    "ResponseStreamContentPartAddedEvent", "ResponseStreamContentPartDoneEvent", "ResponseStreamEventBase",
    "ResponseStreamFuncCallArgsDoneEvent", "ResponseStreamKeepAliveEvent", "ResponseStreamOutputItemAddedEvent",
    "ResponseStreamOutputItemDoneEvent", "ResponseStreamOutputTextDeltaEvent", "ResponseStreamOutputTextDoneEvent",
    "ResponseStreamResponseEvent", "ResponsesCreateRequestIncludeItem", "ResponsesCreateStreamRequestIncludeItem",
    "SearchCreateRequestGroupBy", "SearchCreateRequestOperator", "SearchCreateRequestQueryMediaType",
    "SearchCreateRequestSearchOptionsItem", "SearchCreateRequestTranscriptionOptionsItem",
    "SearchKnowledgeStoreRequestGroupBy", "SegmentFieldFormat", "SegmentFieldItemsType", "SegmentFieldType",
    "SmeMediaSourceMediaType", "StartOffsetSec", "StartTime", "StreamEndResponse", "StreamStartResponse",
    "StreamTextResponse", "SummarizeChapterResultSummarizeType", "SummarizeHighlightResultSummarizeType",
    "SummarizeSummaryResultSummarizeType", "SyncResponseFormatType", "TasksCreateRequestVideoEmbeddingScopeItem",
    "TasksCreateResponseStatus", "TasksListRequestAnalysisMode", "TasksListRequestStatusItem",
    "TasksListResponsePageInfo", "TasksRetrieveRequestEmbeddingOptionItem", "TasksRetrieveResponse",
    "TasksStatusResponseVideoEmbedding", "TemporalSegmentation", "TemporalSegmentationDynamic",
    "TemporalSegmentationDynamicDynamic", "TemporalSegmentationFixed", "TemporalSegmentationFixedFixed",
    "TemporalSegmentation_Dynamic", "TemporalSegmentation_Fixed", "TextResponseFormatJsonSchema",
    "TextResponseFormatText", "ThumbnailUrl", "TimeArrayItemFieldItemsType", "TimeArrayItemFieldType",
    "TotalInnerMatches", "TotalPage", "TotalResults", "TranscriptionData", "Two", "UnprocessableEntityErrorBody",
    "UpdatedAt", "Url", "UserMetadataValue", "VideoEmbeddingTask", "VideoEmbeddingTaskVideoEmbedding",
    "VideoIndexingTaskSystemMetadata", "VideoInputRequestEmbeddingOptionItem",
    "VideoInputRequestEmbeddingScopeItem", "VideoInputRequestEmbeddingTypeItem", "VideoMetadata", "VideoSearchHit",
    "VideoSegmentationDynamic", "VideoSegmentationFixed", "VideoVectorSystemMetadata", "VideosListRequestDuration",
    "VideosListRequestFps", "VideosListRequestHeight", "VideosListRequestSize",
    "VideosListRequestUserMetadataValue", "VideosListRequestWidth", "VideosRetrieveRequestEmbeddingOptionItem",
    "VideosRetrieveResponseEmbedding", "VideosRetrieveResponseEmbeddingVideoEmbedding",
    "VideosRetrieveResponseSystemMetadata",
]  # fmt: skip

# Types of arguments and of fields.
_TimeFormat: TypeAlias = Literal["seconds", "hh:mm:ss", "hh:mm:ss.fff"] | str
AnalyzeBatchSummaryAnalysisMode: TypeAlias = analyze_async.AnalysisMode
AnalyzeRequestModelName: TypeAlias = analyze.AnalysisModel
AnalyzeStreamRequestModelName: TypeAlias = analyze.AnalysisModel
AnalyzeTaskCanceledWebhookDataStatus: TypeAlias = Literal["canceled"] | str
AnalyzeTaskCanceledWebhookEventType: TypeAlias = Literal["analyze.task.canceled"] | str
AnalyzeTaskFailedWebhookDataStatus: TypeAlias = Literal["failed"] | str
AnalyzeTaskFailedWebhookEventType: TypeAlias = Literal["analyze.task.failed"] | str
AnalyzeTaskReadyWebhookDataStatus: TypeAlias = Literal["ready"] | str
AnalyzeTaskReadyWebhookEventType: TypeAlias = Literal["analyze.task.ready"] | str
AnalyzeTaskResponseRequestParamsAnalysisMode: TypeAlias = analyze_async.AnalysisMode
AnalyzeTaskResponseRequestParamsMaxTokensOne: TypeAlias = Literal["unlimited"] | str
AnalyzeTaskResponseRequestParamsResponseFormatSegmentTimeFormat: TypeAlias = _TimeFormat
AnalyzeTaskResponseRequestParamsResponseFormatType: TypeAlias = Literal["json_schema", "segment_definitions"] | str
AnalyzeTaskResponseVideoSourceType: TypeAlias = Literal["url", "base64_string", "asset_id", "video_id"] | str
AnalyzeTaskSegmentFieldFormat: TypeAlias = _TimeFormat
AnalyzeTaskWebhookVideoSourceType: TypeAlias = Literal["url", "base64_string", "asset_id", "video_id"] | str
AssetSourceDetailsProvider: TypeAlias = data_connectors.ConnectionProvider
AssetSourceType: TypeAlias = Literal["connector"] | str
AssetThumbnailStatus: TypeAlias = assets.AssetHlsStatus
AssetTranscriptionStatus: TypeAlias = Literal["pending", "processing", "ready", "failed"] | str
AssetsCreateRequestMethod: TypeAlias = assets.UploadMethod
AssetsListRequestAssetTypesItem: TypeAlias = assets.AssetType
AssetsRetrieveTranscriptionRequestIncludeItem: TypeAlias = assets.TranscriptionUnit
AsyncAudioInputRequestEmbeddingOptionItem: TypeAlias = Literal["audio", "transcription"] | str
AsyncAudioInputRequestEmbeddingScopeItem: TypeAlias = embed_v_2.EmbeddingScope
AsyncAudioInputRequestEmbeddingTypeItem: TypeAlias = embed_v_2_inputs.EmbeddingType
AsyncDocumentInputRequestEmbeddingOptionItem: TypeAlias = Literal["visual", "text"] | str
AsyncDocumentInputRequestEmbeddingScopeItem: TypeAlias = Literal["local", "asset"] | str
AsyncDocumentInputRequestEmbeddingTypeItem: TypeAlias = embed_v_2_inputs.EmbeddingType
AsyncDocumentMetadataEmbeddingScopesItem: TypeAlias = Literal["local", "asset"] | str
AsyncImageInputRequestEmbeddingOptionItem: TypeAlias = Literal["visual"] | str
AsyncImageInputRequestEmbeddingScopeItem: TypeAlias = Literal["asset"] | str
AsyncImageInputRequestEmbeddingTypeItem: TypeAlias = Literal["separate_embedding"] | str
AsyncImageMetadataEmbeddingScopesItem: TypeAlias = Literal["asset"] | str
AsyncResponseFormatSegmentTimeFormat: TypeAlias = _TimeFormat
AsyncResponseFormatType: TypeAlias = Literal["json_schema", "segment_definitions"] | str
AsyncVideoInputRequestEmbeddingOptionItem: TypeAlias = Literal["visual", "audio", "transcription"] | str
AsyncVideoInputRequestEmbeddingScopeItem: TypeAlias = embed_v_2.EmbeddingScope
AsyncVideoInputRequestEmbeddingTypeItem: TypeAlias = embed_v_2_inputs.EmbeddingType
AudioInputRequestEmbeddingOptionItem: TypeAlias = Literal["audio", "transcription"] | str
AudioInputRequestEmbeddingScopeItem: TypeAlias = Literal["clip", "asset"] | str
AudioInputRequestEmbeddingTypeItem: TypeAlias = embed_v_2_inputs.EmbeddingType
AudioSegmentationStrategy: TypeAlias = Literal["fixed"] | str
AuthorizeConnectionRequestProvider: TypeAlias = data_connectors.ConnectionProvider
BatchVideoContextType: TypeAlias = Literal["asset_id"] | str
BatchesListRequestAnalysisModeItem: TypeAlias = analyze_async.AnalysisMode
CancelAnalyzeTaskResponseStatus: TypeAlias = Literal["canceled"] | str
CompletedChunkProofType: TypeAlias = Literal["etag"] | str
CreateAnalyzeBatchRequestAnalysisMode: TypeAlias = analyze_async.AnalysisMode
CreateAnalyzeBatchRequestModelName: TypeAlias = analyze_async.BatchAnalysisModel
CreateAssetUploadRequestType: TypeAlias = multipart_upload.UploadType
CreateAsyncAnalyzeRequestAnalysisMode: TypeAlias = analyze_async.AnalysisMode
CreateAsyncAnalyzeRequestMaxTokens: TypeAlias = analyze_async.MaxTokens
CreateAsyncAnalyzeRequestMaxTokensOne: TypeAlias = Literal["unlimited"] | str
CreateAsyncAnalyzeRequestModelName: TypeAlias = analyze.AnalysisModel
CreateAsyncEmbeddingRequestInputType: TypeAlias = embed_v_2_inputs.EmbeddingTaskInputType
CreateAsyncEmbeddingRequestModelName: TypeAlias = embed_v_2_inputs.EmbeddingModel
CreateEmbeddingsRequestInputType: TypeAlias = embed_v_2_inputs.EmbeddingInputType
CreateEmbeddingsRequestModelName: TypeAlias = embed_v_2_inputs.EmbeddingModel
DocumentSequentialSegmentationStrategy: TypeAlias = Literal["sentence"] | str
DocumentSpatialSegmentationStrategy: TypeAlias = Literal["standard", "quadrants"] | str
EmbeddingAudioMetadataEmbeddingScopesItem: TypeAlias = embed_v_2.EmbeddingScope
EmbeddingDataEmbeddingOption: TypeAlias = Literal["visual", "audio", "transcription", "text", "fused"] | str
EmbeddingDataEmbeddingScope: TypeAlias = Literal["clip", "page", "chunk", "asset"] | str
EmbeddingDataQuadrant: TypeAlias = Literal["top_left", "top_right", "bottom_left", "bottom_right"] | str
EmbeddingTaskResponseStatus: TypeAlias = embed.EmbeddingTaskStatus
EmbeddingUsageTruncationReason: TypeAlias = Literal["model_context_window"] | str
EmbeddingVideoMetadataEmbeddingScopesItem: TypeAlias = embed_v_2.EmbeddingScope
EnrichmentConfigJsonSchemaJsonSchemaType: TypeAlias = Literal["object"] | str
EntitiesListRequestSortBy: TypeAlias = entity_collections.EntitySortBy
EntitiesListRequestStatus: TypeAlias = entity_collections.EntityStatus
EntityCollectionsListRequestSortBy: TypeAlias = entity_collections.EntitySortBy
HlsObjectStatus: TypeAlias = Literal["PROCESSING", "COMPLETE", "CANCELED", "ERROR"] | str
IndexedAssetsListRequestStatusItem: TypeAlias = indexed_assets.IndexedAssetStatus
IndexedAssetsListRequestUserMetadataValue: TypeAlias = indexed_assets.MetadataFilterValue
IndexedAssetsRetrieveRequestEmbeddingOptionItem: TypeAlias = indexed_assets.VideoEmbeddingOption
IndexesCreateRequestModelsItemModelName: TypeAlias = indexes.IndexModelName
KnowledgeStoreItemCollectionsListRequestSortBy: TypeAlias = knowledge_stores.ItemCollectionSortBy
KnowledgeStoreItemsListRequestSortBy: TypeAlias = knowledge_stores.KnowledgeStoreSortBy
KnowledgeStoreItemsListRequestStatusItem: TypeAlias = knowledge_stores.KnowledgeStoreItemStatus
KnowledgeStoresListRequestSortBy: TypeAlias = knowledge_stores.KnowledgeStoreSortBy
MultiInputMediaSourceMediaType: TypeAlias = assets.AssetType
MultipartUploadStatusType: TypeAlias = multipart_upload.UploadSessionStatus
ResponseAnnotationType: TypeAlias = Literal["video_citation", "image_citation", "collection_citation"] | str
ResponseCreateRequestIncludeItem: TypeAlias = responses.ResponseInclude
ResponseInputItemRole: TypeAlias = Literal["user"] | str
ResponseInputItemType: TypeAlias = Literal["message"] | str
ResponseObjectObject: TypeAlias = Literal["response"] | str
ResponseObjectType: TypeAlias = Literal["response"] | str
ResponseOutputContentPartType: TypeAlias = Literal["output_text"] | str
ResponseOutputItemRole: TypeAlias = Literal["assistant"] | str
ResponseOutputItemType: TypeAlias = Literal["message", "function_call", "function_call_output"] | str
ResponseSelectionKind: TypeAlias = Literal["item", "collection"] | str
ResponsesCreateRequestIncludeItem: TypeAlias = responses.ResponseInclude
ResponsesCreateStreamRequestIncludeItem: TypeAlias = responses.ResponseInclude
SearchCreateRequestGroupBy: TypeAlias = search.SearchGroupBy
SearchCreateRequestOperator: TypeAlias = search.SearchOperator
SearchCreateRequestQueryMediaType: TypeAlias = search.QueryMediaType
SearchCreateRequestSearchOptionsItem: TypeAlias = search.SearchOption
SearchCreateRequestTranscriptionOptionsItem: TypeAlias = search.TranscriptionOption
SearchKnowledgeStoreRequestGroupBy: TypeAlias = knowledge_stores.KnowledgeStoreGroupBy
SegmentFieldFormat: TypeAlias = _TimeFormat
SegmentFieldItemsType: TypeAlias = Literal["string", "number", "boolean", "integer", "object"] | str
SegmentFieldType: TypeAlias = (
    Literal["string", "boolean", "number", "integer", "array", "timestamp", "time_array"] | str
)
SmeMediaSourceMediaType: TypeAlias = Literal["image"] | str
SummarizeChapterResultSummarizeType: TypeAlias = Literal["chapter"] | str
SummarizeHighlightResultSummarizeType: TypeAlias = Literal["highlight"] | str
SummarizeSummaryResultSummarizeType: TypeAlias = Literal["summary"] | str
SyncResponseFormatType: TypeAlias = Literal["json_schema"] | str
TasksCreateRequestVideoEmbeddingScopeItem: TypeAlias = embed.VideoEmbeddingScope
TasksCreateResponseStatus: TypeAlias = embed.EmbeddingTaskStatus
TasksListRequestAnalysisMode: TypeAlias = analyze_async.AnalysisMode
TasksListRequestStatusItem: TypeAlias = tasks.VideoIndexingTaskStatus
TasksRetrieveRequestEmbeddingOptionItem: TypeAlias = indexed_assets.VideoEmbeddingOption
TimeArrayItemFieldItemsType: TypeAlias = Literal["string", "number", "boolean", "integer"] | str
TimeArrayItemFieldType: TypeAlias = Literal["string", "boolean", "number", "integer", "array"] | str
VideoInputRequestEmbeddingOptionItem: TypeAlias = Literal["visual", "audio", "transcription"] | str
VideoInputRequestEmbeddingScopeItem: TypeAlias = Literal["clip", "asset"] | str
VideoInputRequestEmbeddingTypeItem: TypeAlias = embed_v_2_inputs.EmbeddingType
VideosListRequestUserMetadataValue: TypeAlias = indexed_assets.MetadataFilterValue
VideosRetrieveRequestEmbeddingOptionItem: TypeAlias = indexed_assets.VideoEmbeddingOption

# Values of fields.
AnalyzeMaxTokens: TypeAlias = int
AnalyzeTemperature: TypeAlias = float
AnalyzeTextPrompt: TypeAlias = str
CreatedAt: TypeAlias = datetime
EmbeddingDimension: TypeAlias = int
EndOffsetSec: TypeAlias = float
EndTime: TypeAlias = float
ExpiresAt: TypeAlias = datetime
GeneratedTextData: TypeAlias = str
LimitPerPageSimple: TypeAlias = int
NextPageToken: TypeAlias = str
Page: TypeAlias = int
PrevPageToken: TypeAlias = str
Rank: TypeAlias = int
StartOffsetSec: TypeAlias = float
StartTime: TypeAlias = float
ThumbnailUrl: TypeAlias = str
TotalInnerMatches: TypeAlias = int
TotalPage: TypeAlias = int
TotalResults: TypeAlias = int
TranscriptionData: TypeAlias = list[indexed_assets.TranscriptionDataItem]
UpdatedAt: TypeAlias = datetime
UserMetadataValue: TypeAlias = str | int | float | bool | list[str]
KnowledgeStoreMetadataValue: TypeAlias = UserMetadataValue

# Classes.
AnalyzeBatchSummary = analyze_async.AnalyzeBatchStatusResponse
AnalyzeTaskResultUsage = analyze.TokenUsage
AnalyzeTaskTimeArrayItemFieldItems = analyze_async.TimeArrayItemFieldItems
AnalyzeTaskWebhookError = analyze.AnalyzeTaskError
AnalyzeTaskWebhookVideoSource = analyze_async.AnalyzeTaskResponseVideoSource
AnalyzeTaskWebhookVideoSourceSystemMetadata = analyze_async.AnalyzeTaskResponseVideoSourceSystemMetadata
AssetTypeFilter = knowledge_stores.ItemFilter
AsyncDocumentMetadata = embed_v_2.EmbeddingTaskMediaMetadata_Document
AsyncImageMetadata = embed_v_2.EmbeddingMediaMetadata_Image
AudioSegmentation = embed_v_2_inputs.VideoSegmentation_Fixed
AudioSegmentationFixed = embed_v_2_inputs.VideoSegmentationFixedFixed
BadRequestErrorBody = official_classes.ErrorBody
BatchItemError = analyze.AnalyzeTaskError
BatchPrompt = analyze.AnalyzePromptV2
BatchVideoContext = analyze.VideoContext_AssetId
ConflictErrorBody = official_classes.ErrorBody
EmbeddingAudioMetadata = embed_v_2.EmbeddingMediaMetadata_Audio
EmbeddingImageMetadata = embed_v_2.EmbeddingMediaMetadata_Image
EmbeddingMultiInputMetadata = embed_v_2.EmbeddingMediaMetadata_MultiInput
EmbeddingTaskMediaMetadata_Audio = embed_v_2.EmbeddingMediaMetadata_Audio
EmbeddingTaskMediaMetadata_Image = embed_v_2.EmbeddingMediaMetadata_Image
EmbeddingTaskMediaMetadata_Video = embed_v_2.EmbeddingMediaMetadata_Video
EmbeddingTextImageMetadata = embed_v_2.EmbeddingMediaMetadata_TextImage
EmbeddingVideoMetadata = embed_v_2.EmbeddingMediaMetadata_Video
EnrichmentConfigDescription = knowledge_stores.EnrichmentConfig_Description
EnrichmentConfigJsonSchema = knowledge_stores.EnrichmentConfig_JsonSchema
ErrorResponseError = official_classes.ErrorBody
FlatErrorResponse = official_classes.ErrorBody
ForbiddenErrorBody = official_classes.ErrorBody
GoneErrorBody = official_classes.ErrorBody
ImageMetadata = knowledge_stores.KnowledgeStoreItemSystemMetadata_Image
ImageSearchHit = knowledge_stores.SearchKnowledgeStoreHit_Image
IndexedAssetsListRequestDuration = indexed_assets.Range
IndexedAssetsListRequestFps = indexed_assets.Range
IndexedAssetsListRequestHeight = indexed_assets.Range
IndexedAssetsListRequestSize = indexed_assets.Range
IndexedAssetsListRequestWidth = indexed_assets.Range
InternalServerErrorBody = official_classes.ErrorBody
ItemIdFilter = knowledge_stores.ItemFilter
NotFoundErrorBody = official_classes.ErrorBody
One = embed_v_2_inputs.MediaSource
ResponseStreamContentPartAddedEvent = responses.ResponseStreamEvent_ResponseContentPartAdded
ResponseStreamContentPartDoneEvent = responses.ResponseStreamEvent_ResponseContentPartDone
ResponseStreamEventBase = responses.ResponseStreamEvent_Keepalive
ResponseStreamFuncCallArgsDoneEvent = responses.ResponseStreamEvent_ResponseFunctionCallArgumentsDone
ResponseStreamKeepAliveEvent = responses.ResponseStreamEvent_Keepalive
ResponseStreamOutputItemAddedEvent = responses.ResponseStreamEvent_ResponseOutputItemAdded
ResponseStreamOutputItemDoneEvent = responses.ResponseStreamEvent_ResponseOutputItemDone
ResponseStreamOutputTextDeltaEvent = responses.ResponseStreamEvent_ResponseOutputTextDelta
ResponseStreamOutputTextDoneEvent = responses.ResponseStreamEvent_ResponseOutputTextDone
StreamEndResponse = analyze.StreamAnalyzeResponse_StreamEnd
StreamStartResponse = analyze.StreamAnalyzeResponse_StreamStart
StreamTextResponse = analyze.StreamAnalyzeResponse_TextGeneration
TasksListResponsePageInfo = _base.PageInfo
TasksRetrieveResponse = tasks.VideoIndexingTask
TasksStatusResponseVideoEmbedding = embed.MediaEmbeddingTaskVideoEmbedding
TemporalSegmentationDynamicDynamic = embed_v_2_inputs.VideoSegmentationDynamicDynamic
TemporalSegmentationFixedFixed = embed_v_2_inputs.VideoSegmentationFixedFixed
TemporalSegmentation_Dynamic = embed_v_2_inputs.VideoSegmentation_Dynamic
TemporalSegmentationDynamic = TemporalSegmentation_Dynamic
TemporalSegmentation_Fixed = embed_v_2_inputs.VideoSegmentation_Fixed
TemporalSegmentationFixed = TemporalSegmentation_Fixed
TextResponseFormatJsonSchema = responses.TextParamFormat_JsonSchema
TextResponseFormatText = responses.TextParamFormat_Text
Two = embed_v_2_inputs.MediaSource
UnprocessableEntityErrorBody = official_classes.ErrorBody
Url = embed_v_2_inputs.MediaSource
VideoEmbeddingTask = embed.MediaEmbeddingTask
VideoEmbeddingTaskVideoEmbedding = embed.MediaEmbeddingTaskVideoEmbedding
VideoIndexingTaskSystemMetadata = indexed_assets.IndexedAssetSystemMetadata
VideoMetadata = knowledge_stores.KnowledgeStoreItemSystemMetadata_Video
VideoSearchHit = knowledge_stores.SearchKnowledgeStoreHit_Video
VideoSegmentationDynamic = embed_v_2_inputs.VideoSegmentation_Dynamic
VideoSegmentationFixed = embed_v_2_inputs.VideoSegmentation_Fixed
VideoVectorSystemMetadata = indexed_assets.IndexedAssetSystemMetadata
VideosListRequestDuration = indexed_assets.Range
VideosListRequestFps = indexed_assets.Range
VideosListRequestHeight = indexed_assets.Range
VideosListRequestSize = indexed_assets.Range
VideosListRequestWidth = indexed_assets.Range
VideosRetrieveResponseEmbedding = indexed_assets.IndexedAssetDetailedEmbedding
VideosRetrieveResponseEmbeddingVideoEmbedding = indexed_assets.IndexedAssetDetailedEmbeddingVideoEmbedding
VideosRetrieveResponseSystemMetadata = indexed_assets.IndexedAssetSystemMetadata

# Unions.
AnalyzeTaskResponseRequestParamsMaxTokens: TypeAlias = int | AnalyzeTaskResponseRequestParamsMaxTokensOne
AsyncAudioInputRequestSegmentation: TypeAlias = (
    embed_v_2_inputs.VideoSegmentation_Fixed | embed_v_2_inputs.AsyncTemporalSegmentation
)
AsyncVideoInputRequestSegmentation: TypeAlias = (
    embed_v_2_inputs.VideoSegmentation | embed_v_2_inputs.AsyncTemporalSegmentation
)
EmbeddingTaskMediaMetadata: TypeAlias = (
    EmbeddingTaskMediaMetadata_Audio
    | EmbeddingTaskMediaMetadata_Video
    | EmbeddingTaskMediaMetadata_Image
    | embed_v_2.EmbeddingTaskMediaMetadata_Document
)
ResponseStreamResponseEvent: TypeAlias = (
    responses.ResponseStreamEvent_ResponseCreated
    | responses.ResponseStreamEvent_ResponseInProgress
    | responses.ResponseStreamEvent_ResponseCompleted
    | responses.ResponseStreamEvent_ResponseIncomplete
    | responses.ResponseStreamEvent_ResponseFailed
)
TemporalSegmentation: TypeAlias = embed_v_2_inputs.VideoSegmentation
