"""Async-first client for the TwelveLabs video understanding API, with a blocking twin.

>>> from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from . import webhooks as webhooks
    from ._body import *
    from ._limits import *
    from ._pagination import *
    from ._structured import *
    from ._wire import *
    from .bulk import *
    from .client import *
    from .errors import *
    from .models.analyze import *
    from .models.analyze_async import *
    from .models.assets import *
    from .models.common import *
    from .models.data_connectors import *
    from .models.embed import *
    from .models.embed_v_2 import *
    from .models.embed_v_2_inputs import *
    from .models.entity_collections import *
    from .models.imports import *
    from .models.indexed_assets import *
    from .models.indexes import *
    from .models.knowledge_stores import *
    from .models.multipart_upload import *
    from .models.responses import *
    from .models.search import *
    from .models.tasks import *
    from .models.videos import *
    from .models.webhooks import *
    from .options import *
    from .sync import *

# Where each name is; nothing is imported before it is used, so that importing this package costs next to nothing.
_NAMES: Final = {
    "_body": "File",
    "_limits": "RateLimit RateLimits",
    "_pagination": "AsyncPager HttpResponse",
    "_structured": "from_json json_schema",
    "_wire": "structure unstructure",
    "bulk": "AsyncBulk AsyncRun Event JournalStatus Outcome Plan read_journal",
    "client": "AsyncTwelveLabs",
    "errors": (
        "APIConnectionError APIError APIResponseError APIStatusError APITimeoutError ApiError BadRequestError "
        "ConflictError ContentTooLargeError ForbiddenError GatewayTimeoutError GoneError InternalServerError "
        "JobFailedError JournalError NotFoundError QuotaExhaustedError RejectedError Repeat ServiceUnavailableError "
        "TooManyRequestsError TwelveLabsError UnauthorizedError UnprocessableEntityError UploadError WaitTimeoutError "
        "WebhookVerificationError"
    ),
    "models.analyze": (
        "AnalyzeImageInput AnalyzeImageInputParams AnalyzePromptV2 AnalyzePromptV2Params AnalyzeRequestModelName "
        "AnalyzeStreamRequestModelName AnalyzeTaskError FinishReason NonStreamAnalyzeResponse SmeMediaSource "
        "SmeMediaSourceParams StreamAnalyzeResponse StreamAnalyzeResponse_StreamEnd StreamAnalyzeResponse_StreamStart "
        "StreamAnalyzeResponse_TextGeneration StreamEndResponseMetadata StreamStartResponseMetadata "
        "SyncResponseFormat SyncResponseFormatParams TokenUsage UnknownStreamEvent VideoContext VideoContextParams "
        "VideoContext_AssetId VideoContext_Base64String VideoContext_Url"
    ),
    "models.analyze_async": (
        "AnalyzeBatchStatusResponse AnalyzeTaskMediaSource AnalyzeTaskResponse AnalyzeTaskResponseRequestParams "
        "AnalyzeTaskResponseRequestParamsPromptV2 AnalyzeTaskResponseRequestParamsResponseFormat "
        "AnalyzeTaskResponseRequestParamsResponseFormatSegmentDefinitionsItem AnalyzeTaskResponseVideoSource "
        "AnalyzeTaskResponseVideoSourceSystemMetadata AnalyzeTaskResult AnalyzeTaskResultUsage "
        "AnalyzeTaskSegmentField AnalyzeTaskSegmentFieldItems AnalyzeTaskStatus AnalyzeTaskTimeArrayItemField "
        "AnalyzeTaskTimeArrayItemFieldItems AnalyzeTaskWebhookInfo AnalyzeTimeRange AsyncResponseFormat "
        "AsyncResponseFormatParams BatchDefaults BatchDefaultsParams BatchItemError BatchItemRequest "
        "BatchItemRequestParams BatchItemStatus BatchPrompt BatchResultItem BatchStatus BatchVideoContext "
        "BatchesListRequestAnalysisModeItem CancelAnalyzeTaskResponse CreateAnalyzeBatchRequestAnalysisMode "
        "CreateAnalyzeBatchRequestModelName CreateAnalyzeBatchResponse CreateAnalyzeTaskResponse "
        "CreateAsyncAnalyzeRequestAnalysisMode CreateAsyncAnalyzeRequestMaxTokens "
        "CreateAsyncAnalyzeRequestMaxTokensOne CreateAsyncAnalyzeRequestModelName CreatedBatchItem SegmentDefinition "
        "SegmentDefinitionParams SegmentField SegmentFieldItems SegmentFieldParams TasksListRequestAnalysisMode "
        "TimeArrayItemField TimeArrayItemFieldItems"
    ),
    "models.assets": (
        "Asset AssetDetail AssetError AssetHls AssetHlsStatus AssetMethod AssetSource AssetSourceDetails AssetStatus "
        "AssetThumbnail AssetTranscriptionEntry AssetTranscriptionError AssetTranscriptionResponse "
        "AssetTranscriptionUtterance AssetsCreateRequestMethod AssetsListRequestAssetTypesItem "
        "AssetsRetrieveTranscriptionRequestIncludeItem AudioStream TechnicalMetadata VideoStream"
    ),
    "models.common": "HlsObject Model PageInfo UserMetadata",
    "models.data_connectors": (
        "AuthorizeConnectionRequestProvider AuthorizeConnectionResponse Connection ConnectionAccount "
        "ConnectionProvider ConnectionStatus CreateConnectionPickerTokenResponse RedirectUri"
    ),
    "models.embed": (
        "AudioEmbeddingMetadata AudioEmbeddingResult AudioSegment BaseEmbeddingMetadata "
        "CreateEmbeddingsTaskVideoParams DocumentEmbeddingMetadata EmbedTasksCreateResponse EmbedTasksRetrieveResponse "
        "EmbeddingResponse EmbeddingTaskResponseStatus ImageEmbeddingMetadata ImageEmbeddingResult MediaEmbeddingTask "
        "MediaEmbeddingTaskAudioEmbedding MediaEmbeddingTaskDocumentEmbedding MediaEmbeddingTaskImageEmbedding "
        "MediaEmbeddingTaskVideoEmbedding TasksCreateRequestVideoEmbeddingScopeItem "
        "TasksRetrieveRequestEmbeddingOptionItem TasksRetrieveResponseVideoEmbedding TasksStatusResponse "
        "TasksStatusResponseVideoEmbedding TextEmbeddingResult VideoEmbeddingMetadata"
    ),
    "models.embed_v_2": (
        "EmbedV2TasksCreateResponse EmbeddingData EmbeddingMediaMetadata EmbeddingMediaMetadata_Audio "
        "EmbeddingMediaMetadata_Image EmbeddingMediaMetadata_MultiInput EmbeddingMediaMetadata_TextImage "
        "EmbeddingMediaMetadata_Video EmbeddingSuccessResponse EmbeddingTaskMediaMetadata_Audio "
        "EmbeddingTaskMediaMetadata_Document EmbeddingTaskMediaMetadata_Image EmbeddingTaskMediaMetadata_Video "
        "EmbeddingTaskResponse EmbeddingTaskResponseError EmbeddingUsage TasksCreateResponseMetadata "
        "TasksCreateResponseStatus UnknownEmbeddingMediaMetadata"
    ),
    "models.embed_v_2_inputs": (
        "AsyncAudioInputRequest AsyncDocumentInputRequest AsyncImageInputRequest AsyncTemporalSegmentation "
        "AsyncVideoInputRequest AudioInputRequest AudioSegmentation AudioSegmentationFixed "
        "CreateAsyncEmbeddingRequestInputType CreateAsyncEmbeddingRequestModelName CreateEmbeddingsRequestInputType "
        "CreateEmbeddingsRequestModelName DocumentSegmentation DocumentSequentialSegmentation "
        "DocumentSpatialSegmentation EmbeddingInputParams ImageInputRequest MediaSource MediaSourceParams "
        "MultiInputMediaSource MultiInputMediaSourceParams MultiInputRequest MultiInputRequestParams "
        "SegmentationParams TemporalSegmentationDynamicDynamic TemporalSegmentationFixedFixed "
        "TemporalSegmentation_Dynamic TemporalSegmentation_Fixed TextImageInputRequest TextInputRequest "
        "TimeBasedMetadataEntry VideoInputRequest VideoSegmentation VideoSegmentationDynamicDynamic "
        "VideoSegmentationFixedFixed VideoSegmentation_Dynamic VideoSegmentation_Fixed"
    ),
    "models.entity_collections": (
        "BulkCreateEntityResponse BulkCreateEntityResponseEntitiesItem BulkCreateEntityResponseErrorsItem "
        "EntitiesCreateBulkRequestEntitiesItem EntitiesCreateBulkRequestEntitiesItemParams EntitiesListRequestSortBy "
        "EntitiesListRequestStatus Entity EntityCollection EntityCollectionsListRequestSortBy"
    ),
    "models.imports": (
        "Import ImportDetail ImportFilesRequestItemsItem ImportFilesRequestItemsItemParams ImportItem "
        "ImportItemAction ImportItemError ImportItemStatus ImportProvider ImportResult"
    ),
    "models.indexed_assets": (
        "BaseSegment IndexedAsset IndexedAssetDetailed IndexedAssetDetailedEmbedding "
        "IndexedAssetDetailedEmbeddingVideoEmbedding IndexedAssetStatus IndexedAssetSummary IndexedAssetSummaryIndex "
        "IndexedAssetSystemMetadata IndexedAssetsCreateResponse IndexedAssetsListRequestDuration "
        "IndexedAssetsListRequestFps IndexedAssetsListRequestHeight IndexedAssetsListRequestSize "
        "IndexedAssetsListRequestStatusItem IndexedAssetsListRequestUserMetadataValue IndexedAssetsListRequestWidth "
        "IndexedAssetsRetrieveRequestEmbeddingOptionItem Range RangeParams TranscriptionDataItem VideoSegment"
    ),
    "models.indexes": (
        "IndexModelsItem IndexSchema IndexesCreateRequestModelsItem IndexesCreateRequestModelsItemModelName "
        "IndexesCreateRequestModelsItemParams IndexesCreateResponse"
    ),
    "models.knowledge_stores": (
        "AssetTypeFilter EnrichmentConfig EnrichmentConfigJsonSchemaJsonSchema EnrichmentConfigParams "
        "EnrichmentConfig_Description EnrichmentConfig_JsonSchema ImageSearchItemMetadata ImageSearchSystemMetadata "
        "IngestionConfig IngestionConfigParams ItemFilter ItemFilterParams ItemIdFilter KnowledgeStore "
        "KnowledgeStoreItem KnowledgeStoreItemAssetType KnowledgeStoreItemCollection "
        "KnowledgeStoreItemCollectionsListRequestSortBy KnowledgeStoreItemSystemMetadata "
        "KnowledgeStoreItemSystemMetadata_Image KnowledgeStoreItemSystemMetadata_Video "
        "KnowledgeStoreItemsListRequestSortBy KnowledgeStoreItemsListRequestStatusItem KnowledgeStoreMetadata "
        "KnowledgeStoreSearchQuery KnowledgeStoreSearchQueryParams KnowledgeStoresListRequestSortBy "
        "SearchKnowledgeStoreFilter SearchKnowledgeStoreFilterParams SearchKnowledgeStoreHit "
        "SearchKnowledgeStoreHit_Image SearchKnowledgeStoreHit_Video SearchKnowledgeStoreOptions "
        "SearchKnowledgeStoreOptionsParams SearchKnowledgeStoreRequestGroupBy SearchKnowledgeStoreResponse "
        "UnknownEnrichmentConfig UnknownKnowledgeStoreHit UnknownSystemMetadata VideoMatch VideoSearchItemMetadata "
        "VideoSearchOptions VideoSearchOptionsParams VideoSearchSystemMetadata"
    ),
    "models.multipart_upload": (
        "ChunkInfo ChunkInfoStatus CompletedChunk CompletedChunkParams CreateAssetUploadRequestType "
        "CreateAssetUploadResponse GetUploadStatusResponse IncompleteUploadSummary PresignedUrlChunk "
        "ReportChunkBatchResponse RequestAdditionalPresignedUrLsResponse UploadProgress UploadResult "
        "UploadSessionStatus UploadStatus"
    ),
    "models.responses": (
        "ResponseAnnotation ResponseIncompleteDetails ResponseInputItem ResponseInputItemParams ResponseObject "
        "ResponseOutputContentPart ResponseOutputItem ResponseSelection ResponseSelectionParams ResponseStatus "
        "ResponseStreamEvent ResponseStreamEvent_Keepalive ResponseStreamEvent_ResponseCompleted "
        "ResponseStreamEvent_ResponseContentPartAdded ResponseStreamEvent_ResponseContentPartDone "
        "ResponseStreamEvent_ResponseCreated ResponseStreamEvent_ResponseFailed "
        "ResponseStreamEvent_ResponseFunctionCallArgumentsDone ResponseStreamEvent_ResponseInProgress "
        "ResponseStreamEvent_ResponseIncomplete ResponseStreamEvent_ResponseOutputItemAdded "
        "ResponseStreamEvent_ResponseOutputItemDone ResponseStreamEvent_ResponseOutputTextDelta "
        "ResponseStreamEvent_ResponseOutputTextDone ResponseUsage ResponsesCreateRequestIncludeItem "
        "ResponsesCreateStreamRequestIncludeItem TextParam TextParamFormat TextParamFormatParams "
        "TextParamFormat_JsonSchema TextParamFormat_Text TextParamParams"
    ),
    "models.search": (
        "SearchCreateRequestGroupBy SearchCreateRequestOperator SearchCreateRequestQueryMediaType "
        "SearchCreateRequestSearchOptionsItem SearchCreateRequestTranscriptionOptionsItem SearchItem "
        "SearchItemClipsItem SearchPool SearchResults SearchResultsPageInfo SearchRetrieveResponse "
        "SearchRetrieveResponsePageInfo"
    ),
    "models.tasks": (
        "TasksCreateResponse TasksListRequestStatusItem TasksRetrieveResponse VideoIndexingTask "
        "VideoIndexingTaskSystemMetadata"
    ),
    "models.videos": (
        "VideoVector VideoVectorSystemMetadata VideosListRequestDuration VideosListRequestFps VideosListRequestHeight "
        "VideosListRequestSize VideosListRequestUserMetadataValue VideosListRequestWidth "
        "VideosRetrieveRequestEmbeddingOptionItem VideosRetrieveResponse VideosRetrieveResponseEmbedding "
        "VideosRetrieveResponseEmbeddingVideoEmbedding VideosRetrieveResponseSystemMetadata"
    ),
    "models.webhooks": (
        "AnalyzeTaskCanceledWebhookData AnalyzeTaskCanceledWebhookEvent AnalyzeTaskFailedWebhookData "
        "AnalyzeTaskFailedWebhookEvent AnalyzeTaskReadyWebhookData AnalyzeTaskReadyWebhookEvent "
        "AnalyzeTaskWebhookDataBase AnalyzeTaskWebhookError AnalyzeTaskWebhookEventBase AnalyzeTaskWebhookVideoSource "
        "AnalyzeTaskWebhookVideoSourceSystemMetadata IndexTaskFailedWebhookEvent IndexTaskReadyWebhookEvent "
        "IndexTaskWebhookData IndexTaskWebhookModel UnknownWebhookEvent WebhookEvent"
    ),
    "options": "OMIT Limiter RequestOptions",
    "sync": "SyncPager TwelveLabs",
}
_MODULES: Final = {name: module for module, names in _NAMES.items() for name in names.split()}


if not TYPE_CHECKING:  # else type checkers would take any name for one of ours

    def __getattr__(name: str) -> Any:
        if name == "webhooks":  # the one module whose functions are used by its name
            return import_module(f"{__name__}.webhooks")
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        return value


def __dir__() -> list[str]:
    return [*sorted(_MODULES), "__version__", "webhooks"]
