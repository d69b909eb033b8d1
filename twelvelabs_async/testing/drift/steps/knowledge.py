"""Entities, knowledge stores and responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...problem import Json
from ..step import Step
from .common import READY, billed

STORE: Final = "/knowledge-stores/$store"
RED_BALLOON_QUERY: Final = {"query": {"text": "a red balloon"}}
ENRICHMENT: Final = {"enrichment_config": {"type": "description", "description": "The color of the balloon"}}
QUESTION: Final = [{"type": "message", "role": "user", "content": "What color is the balloon?"}]

BERLIN: Final[Json] = {"latitude": 52.5, "longitude": 13.4, "radius_meters": 1_000}


def _schema(keywords: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the configuration of an enrichment with one property."""
    color = {"type": "string", "description": "Color of the balloon.", **keywords}
    return {"type": "json_schema", "json_schema": {"type": "object", "properties": {"color": color}}}


ENTITIES: Final = (
    Step(
        "entity_collections.create",
        "POST /entity-collections",
        json={"name": "$mark", "description": "Balloons"},
        keep={"people": "_id"},
        undo="/entity-collections/$people",
    ),
    Step("entity_collections.retrieve", "GET /entity-collections/$people"),
    Step("entity_collections.list", "GET /entity-collections", query={"page_limit": 50}, own="people"),
    Step("entity_collections.update", "PATCH /entity-collections/$people", json={"name": "$mark x"}),
    Step(
        "entity_collections.entities.create",
        "POST /entity-collections/$people/entities",
        json={"name": "Red", "asset_ids": ["$ready_picture"], "metadata": {"color": "red"}},
        keep={"entity": "_id"},
        undo="/entity-collections/$people/entities/$entity",
    ),
    Step(
        "entity_collections.entities.create_bulk",
        "POST /entity-collections/$people/entities/bulk",
        json={"entities": [{"name": "Blue", "asset_ids": ["$ready_picture"]}]},
    ),
    Step("entity_collections.entities.retrieve", "GET /entity-collections/$people/entities/$entity", until=("ready",)),
    Step("entity_collections.entities.list", "GET /entity-collections/$people/entities", own="entity"),
    Step("entity_collections.entities.list_by_asset", "GET /assets/$ready_picture/entities", own="entity"),
    Step(
        "entity_collections.entities.update",
        "PATCH /entity-collections/$people/entities/$entity",
        json={"name": "Red balloon"},
    ),
    Step(
        "entity_collections.entities.create_assets",
        "POST /entity-collections/$people/entities/$entity/assets",
        json={"asset_ids": ["$second_picture"]},
    ),
    Step(
        "entity_collections.entities.delete_assets",
        "DELETE /entity-collections/$people/entities/$entity/assets",
        json={"asset_ids": ["$second_picture"]},
    ),
)

KNOWLEDGE: Final = (
    Step(
        "knowledge_stores.create",
        "POST /knowledge-stores",
        json={"name": "$mark", "ingestion_config": ENRICHMENT, "metadata": {"team": "red"}},
        keep={"store": "_id"},
        undo=STORE,
    ),
    Step(
        "knowledge_stores.create",
        "POST /knowledge-stores",
        case="schema",
        json={"name": "$mark schema", "ingestion_config": {"enrichment_config": _schema({"granularity": "video"})}},
        keep={"schema_store": "_id"},
        undo="/knowledge-stores/$schema_store",
    ),
    Step(
        "knowledge_stores.create",
        "POST /knowledge-stores",
        case="unknown granularity",
        json={"name": "$mark schema", "ingestion_config": {"enrichment_config": _schema({"granularity": "year"})}},
        keep={"schema_store": "_id"},
        undo="/knowledge-stores/$schema_store",
        is_refused=True,
    ),
    Step("knowledge_stores.retrieve", f"GET {STORE}"),
    Step("knowledge_stores.list", "GET /knowledge-stores", query={"page_limit": 50}, own="store"),
    Step("knowledge_stores.update", f"PATCH {STORE}", json={"description": "Balloons"}),
    billed(
        "knowledge_store_items.create",
        f"POST {STORE}/items",
        json={"asset_id": "$ready_asset", "item_metadata": {"team": "red"}},
        keep={"item": "_id"},
        undo=f"{STORE}/items/$item",
        bills="knowledge",
    ),
    Step(
        "knowledge_store_items.create",
        f"POST {STORE}/items",
        case="picture",
        json={"asset_id": "$ready_picture"},
        keep={"picture_item": "_id"},
        undo=f"{STORE}/items/$picture_item",
        bills="knowledge",
    ),
    Step("knowledge_store_items.retrieve", f"GET {STORE}/items/$item", until=READY, keep={"ready_item": "_id"}),
    Step("knowledge_store_items.retrieve", f"GET {STORE}/items/$picture_item", case="picture", until=READY),
    Step(
        "knowledge_store_items.update_item_metadata",
        f"PATCH {STORE}/items/$item/item-metadata",
        json={"item_metadata": {"team": None, "scene": "sky", "take": 2}},
    ),
    Step(
        "knowledge_store_items.update_item_metadata",
        f"PATCH {STORE}/items/$item/item-metadata",
        case="nothing",
        json={"item_metadata": {}},
        is_refused=True,
    ),
    Step(
        "knowledge_store_items.replace_item_metadata",
        f"PUT {STORE}/items/$item/item-metadata",
        json={"item_metadata": {"score": 0.5}},
    ),
    Step(
        "knowledge_store_items.replace_item_metadata",
        f"PUT {STORE}/items/$item/item-metadata",
        case="nested value",
        json={"item_metadata": {"team": {"a": 1}}},
        is_refused=True,
    ),
    Step("knowledge_store_items.list", f"GET {STORE}/items", own="item"),
    Step(
        "knowledge_store_item_collections.create",
        f"POST {STORE}/item-collections",
        json={"name": "best", "metadata": {"team": "red"}},
        keep={"best": "_id"},
        undo=f"{STORE}/item-collections/$best",
    ),
    Step("knowledge_store_item_collections.retrieve", f"GET {STORE}/item-collections/$best"),
    Step("knowledge_store_item_collections.list", f"GET {STORE}/item-collections", own="best"),
    Step("knowledge_store_item_collections.update", f"PATCH {STORE}/item-collections/$best", json={"name": "good"}),
    Step(
        "knowledge_store_item_collections.add_items",
        f"POST {STORE}/item-collections/$best/items/add",
        json={"item_ids": ["$ready_item"]},
    ),
    Step("knowledge_store_item_collections.list_items", f"GET {STORE}/item-collections/$best/items", own="ready_item"),
    Step(
        "knowledge_store_item_collections.remove_items",
        f"POST {STORE}/item-collections/$best/items/remove",
        json={"item_ids": ["$ready_item"]},
    ),
    Step(
        "knowledge_stores.search",
        f"POST {STORE}/search",
        json={**RED_BALLOON_QUERY, "page_size": 1, "include_metadata": True},
        bills="knowledge",
        keep={"store_page": "next_page_token"},
    ),
    Step(
        "knowledge_stores.search",
        f"POST {STORE}/search",
        case="next page",
        json={**RED_BALLOON_QUERY, "page_token": "$store_page"},
        bills="knowledge",
    ),
    Step(
        "knowledge_stores.search",
        f"POST {STORE}/search",
        case="near a place",
        json={**RED_BALLOON_QUERY, "filter": {"location": BERLIN}},
        bills="knowledge",
    ),
    Step(
        "knowledge_stores.search",
        f"POST {STORE}/search",
        case="no place on earth",
        json={**RED_BALLOON_QUERY, "filter": {"location": {**BERLIN, "latitude": 91}}},
        is_refused=True,
    ),
    Step(
        "knowledge_stores.search",
        f"POST {STORE}/search",
        case="by item",
        json={**RED_BALLOON_QUERY, "group_by": "item"},
        bills="knowledge",
    ),
    Step(
        "responses.create",
        "POST /responses",
        json={"knowledge_store_id": "$store", "input": QUESTION, "stream": False},
        bills="knowledge",
        keep={"session": "session_id"},
    ),
    Step(
        "responses.create_stream",
        "POST /responses",
        json={"knowledge_store_id": "$store", "input": QUESTION, "session_id": "$session", "stream": True},
        bills="knowledge",
    ),
)
