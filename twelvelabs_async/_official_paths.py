"""Module paths of the official SDK that are not files of this package.

Paths that many programs import are files, so that type checkers see them: `types`, `core`, `errors`, `indexes`,
`tasks`, `embed`, `wrapper`, and some modules below them. The others are made when they are imported. `PATHS` lists
them, except two kinds that follow a rule: ``assets.types`` has the names of ``assets``, and ``types.video_segment``
those of the class `VideoSegment` and of its variants.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final, cast

from ._removed import hint_for_path

PACKAGE: Final = __name__.rpartition(".")[0]

# The names of each path: ``name`` of `types`, ``name=module:name``, or a package whose names it includes. A client of
# the blocking twin brings the asynchronous client and `OMIT`.
PATHS: Final[Mapping[str, str]] = {
    "analyze_async": "analyze_async.batches analyze_async.tasks",
    "analyze_async.batches": "BatchesListRequestAnalysisModeItem BatchesListResponse"
    " CreateAnalyzeBatchRequestAnalysisMode CreateAnalyzeBatchRequestModelName",
    "analyze_async.batches.client": "BatchesClient=sync.analyze_async:AnalyzeBatches",
    "analyze_async.client": "AnalyzeAsyncClient=sync.analyze_async:AnalyzeAsync",
    "analyze_async.tasks": "CreateAsyncAnalyzeRequestAnalysisMode CreateAsyncAnalyzeRequestMaxTokens"
    " CreateAsyncAnalyzeRequestMaxTokensOne CreateAsyncAnalyzeRequestModelName TasksListRequestAnalysisMode"
    " TasksListResponse=types:AnalyzeTasksListResponse",
    "analyze_async.tasks.client": "TasksClient=sync.analyze_async:AnalyzeTasks",
    "assets": "AssetsCreateRequestMethod AssetsListRequestAssetTypesItem AssetsListResponse"
    " AssetsRetrieveTranscriptionRequestIncludeItem",
    "assets.client": "AssetsClient=sync.assets:Assets",
    "base_client": "BaseClient=sync.client:TwelveLabs",
    "core.file": "File=_file_inputs:File FileContent=_file_inputs:File",
    "core.http_response": "AsyncHttpResponse=_http_responses:AsyncHttpResponse"
    " BaseHttpResponse=_http_responses:BaseHttpResponse HttpResponse=_http_responses:HttpResponse",
    "core.pagination": "AsyncPager=_pagination:AsyncPager SyncPager=_sync_pager:SyncPager",
    "core.pydantic_utilities": "UniversalBaseModel=models._base:Model UniversalRootModel=models._base:Model",
    "data_connectors": "AuthorizeConnectionRequestProvider AuthorizeConnectionResponse"
    " CreateConnectionPickerTokenResponse ListConnectionsResponse ListRedirectUrisResponse",
    "data_connectors.client": "DataConnectorsClient=sync.data_connectors:DataConnectors",
    "embed.client": "EmbedClient=sync.embed:Embed",
    "embed.tasks.client": "TasksClient=sync.embed:EmbedTasks",
    "embed.v_2.client": "V2Client=sync.embed:EmbedV2",
    "embed.v_2.tasks.client": "TasksClient=sync.embed:EmbedV2Tasks",
    "entity_collections": "EntityCollectionsListRequestSortBy EntityCollectionsListResponse"
    " entity_collections.entities",
    "entity_collections.client": "EntityCollectionsClient=sync.entity_collections:EntityCollections",
    "entity_collections.entities": "EntitiesCreateBulkRequestEntitiesItem EntitiesListByAssetResponse"
    " EntitiesListRequestSortBy EntitiesListRequestStatus EntitiesListResponse",
    "entity_collections.entities.client": "EntitiesClient=sync.entity_collections:Entities",
    "environment": "TwelveLabsEnvironment=options:TwelveLabsEnvironment",
    "imports": "ImportFilesRequestItemsItem ListImportsResponse",
    "imports.client": "ImportsClient=sync.imports:Imports",
    "indexes.client": "IndexesClient=sync.indexes:Indexes",
    "indexes.indexed_assets.client": "IndexedAssetsClient=sync.indexes:IndexedAssets",
    "indexes.videos.client": "VideosClient=sync.indexes:Videos",
    "knowledge_store_item_collections": "KnowledgeStoreItemCollectionsListItemsResponse"
    " KnowledgeStoreItemCollectionsListRequestSortBy KnowledgeStoreItemCollectionsListResponse",
    "knowledge_store_item_collections.client": "KnowledgeStoreItemCollectionsClient"
    "=sync.knowledge_stores:KnowledgeStoreItemCollections",
    "knowledge_store_items": "KnowledgeStoreItemsListRequestSortBy KnowledgeStoreItemsListRequestStatusItem"
    " KnowledgeStoreItemsListResponse",
    "knowledge_store_items.client": "KnowledgeStoreItemsClient=sync.knowledge_stores:KnowledgeStoreItems",
    "knowledge_stores": "KnowledgeStoresListRequestSortBy KnowledgeStoresListResponse"
    " SearchKnowledgeStoreRequestGroupBy",
    "knowledge_stores.client": "KnowledgeStoresClient=sync.knowledge_stores:KnowledgeStores",
    "multipart_upload": "CreateAssetUploadRequestType",
    "multipart_upload.client": "MultipartUploadClient=sync.multipart_upload:MultipartUpload",
    "responses": "ResponsesCreateRequestIncludeItem ResponsesCreateStreamRequestIncludeItem",
    "responses.client": "ResponsesClient=sync.responses:Responses",
    "search": "SearchCreateRequestGroupBy SearchCreateRequestOperator SearchCreateRequestQueryMediaType"
    " SearchCreateRequestSearchOptionsItem SearchCreateRequestTranscriptionOptionsItem SearchRetrieveResponse"
    " SearchRetrieveResponsePageInfo",
    "search.client": "SearchClient=sync.search:Search",
    "tasks.client": "TasksClient=sync.tasks:Tasks",
    "version": "__version__=_version:__version__",
    "wrapper.index_client_wrapper": "IndexesClientWrapper=sync.indexes:Indexes VideosClientWrapper=sync.indexes:Videos",
    "wrapper.search_client_wrapper": "SearchClientWrapper=sync.search:Search",
    "wrapper.task_client_wrapper": "TaskClientWrapper=sync.tasks:Tasks",
}


class OfficialPath:
    """Loader of one path.

    Args:
        names: The names that the path has, with their targets as ``module:name``, or ``module:`` for a module.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def create_module(self, spec: ModuleSpec) -> None:
        """Let the import system create the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Add the names to the module."""
        path = module.__name__.removeprefix(f"{PACKAGE}.")
        contents = {name: _resolve(target) for name, target in self._names.items()}
        vars(module).update(contents, __doc__=f"Official path {path}.", __all__=sorted(contents))


def find_official_path(name: str) -> ModuleSpec | None:
    """Return the spec of a module that the official SDK has, and this package has no file for.

    Args:
        name: Full name of the module, such as ``twelvelabs_async.assets.client``.

    Raises:
        ModuleNotFoundError: The module or name was removed. The message says what replaces it.
    """
    path = name.removeprefix(f"{PACKAGE}.")
    if names := _names_of(path):
        # A package, so that `find_official_path` is asked for the names that the module does not have.
        return ModuleSpec(name, cast("Any", OfficialPath(names)), origin="official path", is_package=True)
    if hint := hint_for_path(path):
        # ``from package import name`` ignores the error if its `name` is the full one, and raises another without hint.
        raise ModuleNotFoundError(f"{PACKAGE} has no {path}. {hint}", name=path)
    return None


def import_package(name: str) -> ModuleType:
    """Import a package by its name below this one, such as ``assets``."""
    return import_module(f"{PACKAGE}.{name}")


def _names_of(path: str) -> Mapping[str, str]:
    parent, _, leaf = path.rpartition(".")
    if path in PATHS:
        return _listed_names(path)
    if leaf == "types" and parent in PATHS:
        return {name: target for name, target in _listed_names(parent).items() if not target.endswith(":")}
    if parent == "errors" or parent.rpartition(".")[2] == "types":
        public: list[str] = getattr(sys.modules.get(f"{PACKAGE}.{parent}"), "__all__", [])
        wanted = leaf.replace("_", "")
        return {name: f"{parent}:{name}" for name in public if name.partition("_")[0].lower() == wanted}
    return {}


def _listed_names(path: str) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for entry in PATHS[path].split():
        name, _, target = entry.partition("=")
        if entry in PATHS:
            names |= {entry.rpartition(".")[2]: f"{entry}:", **_listed_names(entry)}
        elif target.startswith("sync."):
            names |= {name: target, f"Async{name}": target.replace(":", ":Async"), "OMIT": "options:OMIT"}
        else:
            names[name] = target or f"types:{name}"
    return names


def _resolve(target: str) -> Any:
    module, _, name = target.partition(":")
    found = import_module(f"{PACKAGE}.{module}")
    return getattr(found, name) if name else found
