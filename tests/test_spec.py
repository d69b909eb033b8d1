"""Bodies made from the OpenAPI file decode without an error, and every property it names is an attribute."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from bodies import JSON, TEXT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import twelvelabs_async
from twelvelabs_async import Model, structure, unstructure

FILE = Path(__file__).parents[2] / "shared" / "api" / "openapi.json"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"needs the API's OpenAPI file as {FILE}")

UPLOAD = "/assets/multipart-uploads/{upload_id}"
ENTITIES = "/entity-collections/{entity_collection_id}/entities"
STORE = "/knowledge-stores/{knowledge_store_id}"
# Each answer of these resources: verb, path, status, our model, and where in the body it is.
ANSWERS = [
    ("post", "/indexes", "201", "IndexesCreateResponse", ""),
    ("get", "/indexes", "200", "IndexSchema", "data"),
    ("get", "/indexes/{index-id}", "200", "IndexSchema", ""),
    ("post", "/indexes/{index-id}/indexed-assets", "202", "IndexedAssetsCreateResponse", ""),
    ("get", "/indexes/{index-id}/indexed-assets", "200", "IndexedAsset", "data"),
    ("get", "/indexes/{index-id}/indexed-assets/{indexed-asset-id}", "200", "IndexedAssetDetailed", ""),
    ("get", "/assets/{asset_id}/indexed-assets", "200", "IndexedAssetSummary", "data"),
    ("post", "/assets", "201", "Asset", ""),
    ("get", "/assets", "200", "AssetDetail", "data"),
    ("get", "/assets/{asset_id}", "200", "AssetDetail", ""),
    ("post", "/assets/multipart-uploads", "201", "CreateAssetUploadResponse", ""),
    ("get", "/assets/multipart-uploads", "200", "IncompleteUploadSummary", "data"),
    ("get", UPLOAD, "200", "GetUploadStatusResponse", ""),
    ("post", UPLOAD, "200", "ReportChunkBatchResponse", ""),
    ("post", f"{UPLOAD}/presigned-urls", "200", "RequestAdditionalPresignedUrLsResponse", ""),
    ("post", "/search", "200", "SearchResults", ""),
    ("get", "/search/{page-token}", "200", "SearchRetrieveResponse", ""),
    ("get", "/entity-collections", "200", "EntityCollection", "data"),
    ("post", "/entity-collections", "201", "EntityCollection", ""),
    ("post", ENTITIES, "201", "Entity", ""),
    ("post", f"{ENTITIES}/bulk", "201", "BulkCreateEntityResponse", ""),
    ("delete", f"{ENTITIES}/{{entity_id}}/assets", "200", "Entity", ""),
    ("get", "/assets/{asset_id}/entities", "200", "Entity", "data"),
    ("get", STORE, "200", "KnowledgeStore", ""),
    ("post", f"{STORE}/search", "200", "SearchKnowledgeStoreResponse", ""),
    ("post", f"{STORE}/items", "202", "KnowledgeStoreItem", ""),
    ("get", f"{STORE}/items", "200", "KnowledgeStoreItem", "data"),
    ("get", f"{STORE}/item-collections", "200", "KnowledgeStoreItemCollection", "data"),
    ("post", f"{STORE}/item-collections/{{collection_id}}/items/add", "200", "KnowledgeStoreItemCollection", ""),
    ("post", "/analyze", "200", "StreamAnalyzeResponse", 0),
    ("post", "/analyze", "200", "NonStreamAnalyzeResponse", 1),
    ("post", "/analyze/tasks", "202", "CreateAnalyzeTaskResponse", ""),
    ("get", "/analyze/tasks", "200", "AnalyzeTaskResponse", "data"),
    ("get", "/analyze/tasks/{task_id}", "200", "AnalyzeTaskResponse", ""),
    ("post", "/analyze/batches", "201", "CreateAnalyzeBatchResponse", ""),
    ("get", "/analyze/batches", "200", "AnalyzeBatchStatusResponse", "data"),
    ("get", "/analyze/batches/{batch_id}", "200", "AnalyzeBatchStatusResponse", ""),
    ("post", "/analyze/batches/{batch_id}/cancel", "202", "AnalyzeBatchStatusResponse", ""),
    ("get", "/analyze/batches/{batch_id}/results", "200", "BatchResultItem", ""),
    ("get", "/tasks", "200", "VideoIndexingTask", "data"),
    ("post", "/tasks", "200", "TasksCreateResponse", ""),
    ("get", "/tasks/{task_id}", "200", "TasksRetrieveResponse", ""),
    ("get", "/indexes/{index-id}/videos", "200", "VideoVector", "data"),
    ("get", "/indexes/{index-id}/videos/{video-id}", "200", "VideosRetrieveResponse", ""),
    ("post", "/connections:authorize", "200", "AuthorizeConnectionResponse", ""),
    ("get", "/connections", "200", "Connection", "data"),
    ("get", "/connections/{connection_id}", "200", "Connection", ""),
    ("post", "/connections/{connection_id}/picker-token", "200", "CreateConnectionPickerTokenResponse", ""),
    ("get", "/connections/redirect-uris", "200", "RedirectUri", "data"),
    ("post", "/connections/redirect-uris", "201", "RedirectUri", ""),
    ("get", "/connections/{connection_id}/imports", "200", "Import", "data"),
    ("post", "/connections/{connection_id}/imports", "202", "ImportResult", ""),
    ("get", "/connections/{connection_id}/imports/{import_id}", "200", "ImportDetail", ""),
    ("post", "/embed", "200", "EmbeddingResponse", ""),
    ("post", "/embed/tasks", "200", "EmbedTasksCreateResponse", ""),
    ("get", "/embed/tasks", "200", "MediaEmbeddingTask", "data"),
    ("get", "/embed/tasks/{task_id}", "200", "EmbedTasksRetrieveResponse", ""),
    ("get", "/embed/tasks/{task_id}/status", "200", "TasksStatusResponse", ""),
    ("post", "/embed-v2", "200", "EmbeddingSuccessResponse", ""),
    ("post", "/embed-v2/tasks", "202", "EmbedV2TasksCreateResponse", ""),
    ("get", "/embed-v2/tasks", "200", "MediaEmbeddingTask", "data"),
    ("get", "/embed-v2/tasks/{task_id}", "200", "EmbeddingTaskResponse", ""),
]  # fmt: skip
# The official SDK knows them without the s.
RENAMED = {"audio_embedding_options", "audio_embedding_scopes"}


@cache
def document() -> dict[str, Any]:
    return json.loads(FILE.read_text())  # type: ignore[no-any-return]


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def answer(verb: str, path: str, status: str, where: str | int) -> Mapping[str, Any]:
    schema = resolved(document()["paths"][path][verb]["responses"][status]["content"]["application/json"]["schema"])
    if isinstance(where, int):
        return resolved(schema["oneOf"][where])
    return resolved(schema["properties"][where]["items"]) if where else schema


def bodies(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """JSON that *schema* allows: all properties, or any of those that are not required."""
    schema = resolved(schema)
    if "oneOf" in schema:
        return st.one_of([bodies(one) for one in told_apart(schema)])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if isinstance(schema.get("type"), list):
        return st.one_of([bodies({**schema, "type": one}) for one in schema["type"]])
    match schema.get("type"):
        case "null":
            return st.none()
        case "object":
            properties = {name: bodies(part) for name, part in schema.get("properties", {}).items()}
            required = {name: part for name, part in properties.items() if name in schema.get("required", ())}
            if not properties:
                return st.dictionaries(TEXT, bodies(schema.get("additionalProperties") or {}), max_size=2)
            return st.fixed_dictionaries(properties) | st.fixed_dictionaries(
                required, optional={name: part for name, part in properties.items() if name not in required}
            )
        case "array":
            return st.lists(bodies(schema["items"]), max_size=2)
        case "integer":
            return st.integers(-(2**53), 2**53)
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
        case "boolean":
            return st.booleans()
        case "string" if schema.get("format") == "date-time":
            return st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z")
        case "string":
            return TEXT
    return JSON


def told_apart(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The alternatives of *schema*, each with its own value of the property that tells them apart.

    The file gives every one of them all values, in the order of the alternatives.
    """
    ones = [resolved(one) for one in schema["oneOf"]]
    tag = schema.get("discriminator", {}).get("propertyName")
    if not all(len(resolved(one.get("properties", {}).get(tag, {})).get("enum", ())) == len(ones) for one in ones):
        return ones
    return [
        {**one, "properties": {**one["properties"], tag: {"enum": [resolved(one["properties"][tag])["enum"][place]]}}}
        for place, one in enumerate(ones)
    ]


@pytest.mark.parametrize(("verb", "path", "status", "model", "where"), ANSWERS)
@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers(verb: str, path: str, status: str, model: str, where: str | int, data: st.DataObject) -> None:
    """Every body that the OpenAPI file allows decodes, knows all its properties, and turns back into itself."""
    body = data.draw(bodies(answer(verb, path, status, where)))
    made = structure(body, getattr(twelvelabs_async, model))
    assert set(unknown(made)) <= RENAMED
    assert without_nulls(unstructure(made)) == without_nulls(body)


def without_nulls(body: Any) -> Any:
    """The body without what is null in it, which comes to the same as what is not there."""
    if isinstance(body, list):
        return [without_nulls(item) for item in body]
    if isinstance(body, dict):
        return {name: without_nulls(item) for name, item in body.items() if item is not None}
    return body


def unknown(made: Any) -> list[str]:
    """The properties that no attribute stands for, at any depth."""
    if isinstance(made, list):
        return [name for item in made for name in unknown(item)]
    if not isinstance(made, Model):
        return []
    parts = [getattr(made, field.name) for field in attrs.fields(type(made))]
    return [*made.extra, *unknown(parts)]
