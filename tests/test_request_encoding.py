"""Encoding of arguments in paths, queries, JSON bodies and forms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from twelvelabs_async import OMIT

from support.arguments import Built
from support.three_clients import URL, Clients

LISTED = {"index_id": "i"}
QUERIES: list[tuple[str, dict[str, Any], str]] = [
    ("indexes.list", {}, "page=1"),
    ("indexes.list", {"page": None, "index_name": None}, "page=1"),
    ("indexes.list", {"page": 3, "page_limit": 50}, "page=3&page_limit=50"),
    ("indexes.list", {"index_name": "a b&c=d/é"}, "page=1&index_name=a b%26c=d/é"),
    ("indexes.indexed_assets.list", LISTED | {"status": "ready"}, "page=1&status=ready"),
    ("indexes.indexed_assets.list", LISTED | {"status": ["ready", "failed"]}, "page=1&status=ready&status=failed"),
    ("indexes.indexed_assets.list", LISTED | {"status": []}, "page=1"),
    ("indexes.indexed_assets.list", LISTED | {"duration": 30}, "page=1&duration=30"),
    ("indexes.indexed_assets.list", LISTED | {"duration": 0.5}, "page=1&duration=0.5"),
    (
        "indexes.indexed_assets.list",
        LISTED | {"duration": {"gte": 30, "lte": 120}},
        "page=1&duration[gte]=30&duration[lte]=120",
    ),
    ("indexes.indexed_assets.list", LISTED | {"fps": {"gte": 24, "lte": None}}, "page=1&fps[gte]=24"),
    ("indexes.indexed_assets.list", LISTED | {"fps": Built("Range", {"gte": 24})}, "page=1&fps[gte]=24"),
    ("indexes.indexed_assets.list", LISTED | {"fps": Built("Range", {"gte": 24, "lte": None})}, "page=1&fps[gte]=24"),
    (
        "indexes.indexed_assets.list",
        LISTED | {"user_metadata": {"a": 1, "b": True, "c": None, "d": "x y&z"}},
        "page=1&a=1&b=true&d=x y%26z",
    ),
    (
        "indexes.indexed_assets.list",
        LISTED | {"created_at": datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)},
        "page=1&created_at=2024-08-16T16:53:59Z",
    ),
    (
        "indexes.indexed_assets.retrieve",
        {"index_id": "i", "indexed_asset_id": "a", "embedding_option": ["visual", "audio"], "transcription": True},
        "embedding_option=visual&embedding_option=audio&transcription=true",
    ),
    ("assets.retrieve_transcription", {"asset_id": "a", "include": ["words"]}, "include=words"),
    ("assets.delete", {"asset_id": "a", "force": False}, "force=false"),
    ("assets.delete", {"asset_id": "a", "force": None}, ""),
    ("search.retrieve", {"page_token": "t", "include_user_metadata": True}, "include_user_metadata=true"),
]


@pytest.mark.parametrize(("name", "arguments", "query"), QUERIES)
def test_query_parameters_are_encoded(clients: Clients, name: str, arguments: dict[str, Any], query: str) -> None:
    """``None`` and empty lists are left out; booleans are lower case; lists repeat the key; ranges have brackets."""
    [request] = clients.async_requests(name, arguments)
    assert request.query == parse_qsl(query)


@pytest.mark.parametrize("name", ["indexes.indexed_assets.list", "indexes.videos.list"])
@pytest.mark.parametrize("key", ["page", "page_limit", "filename", "duration", "duration[gte]", "sort_by"])
def test_a_metadata_filter_with_the_name_of_another_filter_is_refused(clients: Clients, name: str, key: str) -> None:
    """Metadata filters are at the root of the query, where they would replace it."""
    with pytest.raises(ValueError, match="has a filter of that name"):
        clients.async_requests(name, LISTED | {"user_metadata": {key: 7}})


@pytest.mark.parametrize("name", ["indexes.indexed_assets.list", "indexes.videos.list"])
@pytest.mark.parametrize("key", ["self", "path", "item", "options"])
def test_a_metadata_filter_can_have_any_other_name(clients: Clients, name: str, key: str) -> None:
    """The names of parameters in the code are no exception."""
    [request] = clients.async_requests(name, LISTED | {"user_metadata": {key: 7}})
    assert (key, "7") in request.query


SOURCE = {"type": "url", "url": URL}
UPDATE = {"index_id": "i", "indexed_asset_id": "a"}
JSON: list[tuple[str, dict[str, Any], Any]] = [
    ("indexes.indexed_assets.update", UPDATE, {}),
    ("indexes.indexed_assets.update", UPDATE | {"user_metadata": OMIT}, {}),
    ("indexes.indexed_assets.update", UPDATE | {"user_metadata": None}, {"user_metadata": None}),
    ("indexes.indexed_assets.update", UPDATE | {"user_metadata": {"a": None}}, {"user_metadata": {"a": None}}),
    (
        "indexes.indexed_assets.update",
        UPDATE | {"user_metadata": {"schema_": 1, "é": ["x"], "in_": True}},
        {"user_metadata": {"schema_": 1, "é": ["x"], "in_": True}},
    ),
    (
        "analyze",
        {"video": Built("VideoContext_Base64String", {"base_64_string": "AA=="}), "start_time": None},
        {"video": {"type": "base64_string", "base64_string": "AA=="}, "start_time": None, "stream": False},
    ),
    (
        "analyze_stream",
        {
            "video": SOURCE,
            "prompt_v_2": {"input_text": "<@a>", "media_sources": [{"name": "a", "base_64_string": "AA=="}]},
        },
        {
            "video": SOURCE,
            "prompt_v2": {"input_text": "<@a>", "media_sources": [{"name": "a", "base64_string": "AA=="}]},
            "stream": True,
        },
    ),
    (
        "analyze",
        {"image": [Built("AnalyzeImageInput", {"name": "a", "url": None}), {"name": "b", "asset_id": OMIT}]},
        {"image": [{"name": "a", "url": None}, {"name": "b"}], "stream": False},
    ),
    (
        "analyze",
        {
            "video": SOURCE,
            "response_format": Built("SyncResponseFormat", {"json_schema": {"properties": {"in_": {"type": "a"}}}}),
        },
        {
            "video": SOURCE,
            "response_format": {"type": "json_schema", "json_schema": {"properties": {"in_": {"type": "a"}}}},
            "stream": False,
        },
    ),
    (
        "knowledge_stores.create",
        {
            "name": "k",
            "ingestion_config": {
                "enrichment_config": Built(
                    "EnrichmentConfig_JsonSchema",
                    {
                        "json_schema": Built(
                            "EnrichmentConfigJsonSchemaJsonSchema", {"type": "object", "properties": {"in_": {}}}
                        )
                    },
                )
            },
        },
        {
            "name": "k",
            "ingestion_config": {
                "enrichment_config": {
                    "type": "json_schema",
                    "json_schema": {"type": "object", "properties": {"in_": {}}},
                }
            },
        },
    ),
    (
        "knowledge_stores.search",
        {
            "knowledge_store_id": "k",
            "query": Built("KnowledgeStoreSearchQuery", {"text": "x"}),
            "filter": {"item_id": {"in_": ["i"]}, "asset_type": Built("AssetTypeFilter", {"in_": ["video"]})},
        },
        {"query": {"text": "x"}, "filter": {"item_id": {"in": ["i"]}, "asset_type": {"in": ["video"]}}},
    ),
]


@pytest.mark.parametrize(("name", "arguments", "body"), JSON)
def test_json_bodies_are_encoded(clients: Clients, name: str, arguments: dict[str, Any], body: Any) -> None:
    """`OMIT` leaves a field out and ``None`` is null, at any depth. The caller's own keys do not change."""
    [request] = clients.async_requests(name, arguments)
    assert request.json == body


@pytest.mark.parametrize(
    ("name", "arguments", "fields"),
    [
        (
            "search.create",
            {"index_id": "i", "search_options": ["a", "b"], "filter": {"id": ["é"], "fps": Built("Range", {"gte": 1})}},
            {"index_id": ["i"], "search_options": ["a", "b"], "filter": ['{"id":["\\u00e9"],"fps":{"gte":1}}']},
        ),
        (
            "assets.create",
            URL | {"enable_hls": True, "enable_thumbnail": False, "filename": OMIT, "user_metadata": {"a": None}},
            {
                "method": ["url"],
                "url": ["https://example.com/a.mp4"],
                "enable_hls": ["true"],
                "enable_thumbnail": ["false"],
                "user_metadata": ['{"a":null}'],
            },
        ),
        (
            "search.query",
            LISTED | {"search_options": ["visual"], "query_media_urls": ["http://u", "http://v"], "page_limit": 9},
            {
                "index_id": ["i"],
                "search_options": ["visual"],
                "query_media_url": ["http://u", "http://v"],
                "page_limit": ["9"],
            },
        ),
    ],
)  # fmt: skip
def test_forms_are_encoded(
    clients: Clients, name: str, arguments: dict[str, Any], fields: dict[str, list[str]]
) -> None:
    """Lists repeat the name, booleans are lower case, and mappings are JSON text."""
    [request] = clients.async_requests(name, arguments)
    found: dict[str, list[str]] = {}
    for part in request.parts:
        found.setdefault(part.name, []).append(part.content.decode())
    assert found == fields
