"""Knowledge stores, their items and collections of items."""

from __future__ import annotations

from typing import Literal

import attrs

from ...options import OMIT
from ..clock import plan
from ..enrichment_schema import check_enrichment_schema
from ..parameters import Page, SortedPage, Validator, not_null, within
from ..problem import Json, invalid, missing
from ..refusals import ITEM_METADATA
from ..schema import Maker
from ..state import ItemCollection, KnowledgeStore, KnowledgeStoreItem, State, duration
from .assets import find_ready_asset, merge, without_empty
from .named import CreateNamed, ListNamed, UpdateNamed, edit, list_named, named_json, new_fields, own_metadata
from .operation import Context, operation
from .tables import attributes, find, only, ordered, page

MAX_ITEM_IDS = 500
"""Ids in a request (docs: The item collection object)."""
MAX_ITEM_METADATA_PAIRS, MAX_ITEM_METADATA_CHARACTERS = 50, 8_192
"""Most pairs, and longest text, of the metadata of an item (OpenAPI)."""
MAX_NAME_CHARACTERS, MAX_DESCRIPTION_CHARACTERS = 255, 2_000
MAX_ITEM_BYTES = {"video": 10 * 1000**3, "image": 32 * 1000**2}
"""Longest texts of an item collection (OpenAPI)."""
ItemKind = Literal["video", "image"]
ItemStatus = Literal["queued", "pending", "processing", "ready", "failed"]
ITEM_SHARES = {"queued": 0.0, "pending": 0.1, "processing": 0.2}
"""Share of the processing time of an item at which each status starts."""
COLLECTION = "/knowledge-stores/{store_id}/item-collections/{collection_id}"


@attrs.frozen(kw_only=True)
class EnrichmentConfig:
    type: Literal["json_schema", "description"]
    json_schema: Json | None = None
    description: str | None = None

    def __attrs_post_init__(self) -> None:
        if not getattr(self, self.type):
            raise missing(self.type)
        if self.json_schema:
            check_enrichment_schema(self.json_schema)
            Maker().answer(self.json_schema, (), "json_schema")


@attrs.frozen(kw_only=True)
class IngestionConfig:
    enrichment_config: EnrichmentConfig


@attrs.frozen(kw_only=True)
class CreateKnowledgeStore(CreateNamed):
    ingestion_config: IngestionConfig | None = None


@attrs.frozen(kw_only=True)
class CreateCollection(CreateNamed):
    name: str = attrs.field(validator=within(1, MAX_NAME_CHARACTERS))
    description: str | None = attrs.field(default=None, validator=within(0, MAX_DESCRIPTION_CHARACTERS))


@attrs.frozen(kw_only=True)
class UpdateCollection(UpdateNamed):
    name: str | None = attrs.field(default=OMIT, validator=[not_null, within(1, MAX_NAME_CHARACTERS)])
    description: str | None = attrs.field(default=OMIT, validator=within(0, MAX_DESCRIPTION_CHARACTERS))


new_item_metadata: Validator = own_metadata(MAX_ITEM_METADATA_PAIRS, MAX_ITEM_METADATA_CHARACTERS)
changed_item_metadata: Validator = own_metadata(MAX_ITEM_METADATA_PAIRS, MAX_ITEM_METADATA_CHARACTERS, admits_null=True)


@attrs.frozen(kw_only=True)
class CreateItem:
    asset_id: str
    asset_type: ItemKind | None = None
    item_metadata: Json | None = attrs.field(default=None, validator=new_item_metadata)
    metadata: Json | None = attrs.field(default=None, validator=new_item_metadata)

    def __attrs_post_init__(self) -> None:
        if self.item_metadata is not None and self.metadata is not None:
            raise ITEM_METADATA.problem("The metadata parameter is the former name of item_metadata. Leave it out.")


@attrs.frozen(kw_only=True)
class ListItems(SortedPage):
    status: list[ItemStatus] | None = None


@attrs.frozen(kw_only=True)
class ChangeItemMetadata:
    item_metadata: Json = attrs.field(validator=changed_item_metadata)


@attrs.frozen(kw_only=True)
class ChangeItems:
    item_ids: list[str] = attrs.field(validator=within(1, MAX_ITEM_IDS))


def store_json(found: KnowledgeStore, now: float) -> Json:
    config = {"ingestion_config": found.ingestion_config} if found.ingestion_config else {}
    return {**named_json(found, now), "item_count": len(found.items), **config}


def collection_json(found: ItemCollection, now: float) -> Json:
    return {**named_json(found, now), "knowledge_store_id": found.store.id, "member_count": len(found.items)}


def item_json(found: KnowledgeStoreItem, now: float) -> Json:
    asset = found.asset
    timed = ("duration", "fps") if asset.kind == "video" else ()
    given = {"metadata": asset.user_metadata, "item_metadata": found.item_metadata}
    return {
        "_id": found.id,
        "asset_type": asset.kind,
        "asset_id": asset.id,
        **_enriched_metadata(found, now),
        "system_metadata": {
            "asset_type": asset.kind,
            **only(asset.facts, "filename", "width", "height", "size", *timed),
        },
        **{name: metadata for name, metadata in given.items() if metadata},
        **attributes(found, "status", "created_at", "updated_at", now=now),
    }


def _enriched_metadata(found: KnowledgeStoreItem, now: float) -> Json:
    """Return what was extracted from a ready item as a whole, by the granularity of the properties."""
    config = (found.store.ingestion_config or {}).get("enrichment_config", {})
    properties = config.get("json_schema", {}).get("properties", {})
    content = found.asset.content
    values = {
        name: Maker(text=content.description, seed=f"{content.filename} {name}").value(schema)
        for name, schema in properties.items()
        if schema.get("granularity") == found.asset.kind
    }
    return {"enriched_metadata": values} if values and found.status(now) == "ready" else {}


def find_store(state: State, store_id: str, status: int = 400) -> KnowledgeStore:
    return find(state.knowledge_stores, store_id, "knowledge store", status)


def find_item(store: KnowledgeStore, item_id: str, status: int = 400) -> KnowledgeStoreItem:
    return find(store.items, item_id, "knowledge store item", status)


def find_collection(state: State, store_id: str, collection_id: str) -> ItemCollection:
    return find(find_store(state, store_id).collections, collection_id, "item collection")


@operation("POST", "/knowledge-stores", status=201)
def create(context: Context, request: CreateKnowledgeStore) -> Json:
    store = KnowledgeStore(**new_fields(context, request, "ks_"))
    if request.ingestion_config:
        store.ingestion_config = attrs.asdict(request.ingestion_config, filter=lambda _, value: value is not None)
    context.state.knowledge_stores[store.id] = store
    return store_json(store, context.now())


@operation("GET", "/knowledge-stores")
def list_(context: Context, request: ListNamed) -> Json:
    return list_named(request, context.state.knowledge_stores.values(), store_json, context.now())


@operation("GET", "/knowledge-stores/{store_id}")
def retrieve(context: Context, store_id: str) -> Json:
    return store_json(find_store(context.state, store_id), context.now())


@operation("PATCH", "/knowledge-stores/{store_id}")
def update(context: Context, request: UpdateNamed, store_id: str) -> Json:
    store = find_store(context.state, store_id)
    edit(context, store, request)
    return store_json(store, context.now())


@operation("DELETE", "/knowledge-stores/{store_id}", status=204)
def delete(context: Context, store_id: str) -> None:
    del context.state.knowledge_stores[find_store(context.state, store_id).id]


@operation("POST", "/knowledge-stores/{store_id}/items", status=202)
def create_item(context: Context, request: CreateItem, store_id: str) -> Json:
    state, store = context.state, find_store(context.state, store_id)
    asset = find_ready_asset(context, request.asset_id)
    if asset.kind not in MAX_ITEM_BYTES:
        raise invalid("asset_id", f"must name a video or an image; {asset.id} is of the type {asset.kind}")
    if asset.size > MAX_ITEM_BYTES[asset.kind]:
        reason = f"must name a file of at most {MAX_ITEM_BYTES[asset.kind]} bytes; {asset.id} has {asset.size} bytes"
        raise invalid("asset_id", reason)
    if request.asset_type not in (None, asset.kind):
        raise invalid("asset_type", f"must be {asset.kind}, the type of the asset; got {request.asset_type}")
    outcome = "failed" if asset.content.failure("knowledge") else "ready"
    seconds = duration(state.settings.indexing_time, asset.filename)
    stages = plan(context.now(), seconds, ITEM_SHARES, outcome)
    item = KnowledgeStoreItem(id=f"ksi_{state.new_id()}", store=store, stages=stages, asset=asset)
    item.item_metadata = request.item_metadata or request.metadata or {}
    store.items[item.id] = item
    return item_json(item, context.now())


@operation("GET", "/knowledge-stores/{store_id}/items")
def list_items(context: Context, request: ListItems, store_id: str) -> Json:
    now, items = context.now(), find_store(context.state, store_id).items.values()
    found = [item for item in items if request.status is None or item.status(now) in request.status]
    return page(request, ordered(request, found, now), lambda item: item_json(item, now))


@operation("GET", "/knowledge-stores/{store_id}/items/{item_id}")
def retrieve_item(context: Context, store_id: str, item_id: str) -> Json:
    return item_json(find_item(find_store(context.state, store_id), item_id), context.now())


@operation("PATCH", "/knowledge-stores/{store_id}/items/{item_id}/item-metadata")
def update_item_metadata(context: Context, request: ChangeItemMetadata, store_id: str, item_id: str) -> Json:
    item = find_item(find_store(context.state, store_id, 404), item_id, 404)
    if not request.item_metadata:
        raise invalid("item_metadata", "must have at least one key")
    changed = {**item.item_metadata}
    merge(changed, request.item_metadata)
    if len(changed) > MAX_ITEM_METADATA_PAIRS:
        reason = f"must leave the item with at most {MAX_ITEM_METADATA_PAIRS} pairs; it would have {len(changed)}"
        raise invalid("item_metadata", reason)
    return _edit_item(context, item, changed)


@operation("PUT", "/knowledge-stores/{store_id}/items/{item_id}/item-metadata")
def replace_item_metadata(context: Context, request: ChangeItemMetadata, store_id: str, item_id: str) -> Json:
    item = find_item(find_store(context.state, store_id, 404), item_id, 404)
    return _edit_item(context, item, without_empty(request.item_metadata))


def _edit_item(context: Context, item: KnowledgeStoreItem, metadata: Json) -> Json:
    item.item_metadata, item.edited_at = metadata, context.now()
    return item_json(item, context.now())


@operation("DELETE", "/knowledge-stores/{store_id}/items/{item_id}", status=204)
def delete_item(context: Context, store_id: str, item_id: str) -> None:
    store = find_store(context.state, store_id)
    del store.items[find_item(store, item_id).id]


def _require_unused(store: KnowledgeStore, name: str | None) -> None:
    """Check that no item collection of a store has a name."""
    if any(collection.name == name for collection in store.collections.values()):
        raise invalid("name", f"must be unique in the knowledge store; another item collection is named {name}")


@operation("POST", "/knowledge-stores/{store_id}/item-collections", status=201)
def create_collection(context: Context, request: CreateCollection, store_id: str) -> Json:
    store = find_store(context.state, store_id)
    _require_unused(store, request.name)
    collection = ItemCollection(**new_fields(context, request, "ksic_"), store=store)
    store.collections[collection.id] = collection
    return collection_json(collection, context.now())


@operation("GET", "/knowledge-stores/{store_id}/item-collections")
def list_collections(context: Context, request: ListNamed, store_id: str) -> Json:
    collections = find_store(context.state, store_id).collections.values()
    return list_named(request, collections, collection_json, context.now())


@operation("GET", COLLECTION)
def retrieve_collection(context: Context, store_id: str, collection_id: str) -> Json:
    return collection_json(find_collection(context.state, store_id, collection_id), context.now())


@operation("PATCH", COLLECTION)
def update_collection(context: Context, request: UpdateCollection, store_id: str, collection_id: str) -> Json:
    collection = find_collection(context.state, store_id, collection_id)
    if request.name != collection.name:
        _require_unused(collection.store, request.name)
    edit(context, collection, request)
    return collection_json(collection, context.now())


@operation("DELETE", COLLECTION, status=204)
def delete_collection(context: Context, store_id: str, collection_id: str) -> None:
    collection = find_collection(context.state, store_id, collection_id)
    del collection.store.collections[collection.id]


@operation("GET", f"{COLLECTION}/items")
def list_collection_items(context: Context, request: Page, store_id: str, collection_id: str) -> Json:
    now = context.now()
    return page(
        request, find_collection(context.state, store_id, collection_id).items, lambda item: item_json(item, now)
    )


@operation("POST", f"{COLLECTION}/items/add")
def add_items(context: Context, request: ChangeItems, store_id: str, collection_id: str) -> Json:
    collection = find_collection(context.state, store_id, collection_id)
    added = [find_item(collection.store, item_id).id for item_id in request.item_ids]
    collection.item_ids = list(dict.fromkeys([*collection.item_ids, *added]))
    return collection_json(collection, context.now())


@operation("POST", f"{COLLECTION}/items/remove", status=204)
def remove_items(context: Context, request: ChangeItems, store_id: str, collection_id: str) -> None:
    collection = find_collection(context.state, store_id, collection_id)
    collection.item_ids = [item_id for item_id in collection.item_ids if item_id not in request.item_ids]
