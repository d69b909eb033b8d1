"""Knowledge stores, their items and collections of items."""

from __future__ import annotations

import attrs

from ..clock import plan
from ..problem import Json, invalid
from ..requests import knowledge_stores as requests
from ..requests.common import Page
from ..requests.named import CreateNamed, ListNamed, UpdateNamed
from ..state import ItemCollection, KnowledgeStore, KnowledgeStoreItem, State, duration
from ..views import knowledge_stores as views
from ..views.page import page
from .assets import find_ready_asset
from .named import edit, new_fields
from .operation import Context, operation
from .tables import find, ordered

ITEM_SHARES = {"queued": 0.0, "pending": 0.1, "processing": 0.2}
"""Share of the processing time of an item at which each status starts."""
COLLECTION = "/knowledge-stores/{store_id}/item-collections/{collection_id}"


def find_store(state: State, store_id: str, status: int = 400) -> KnowledgeStore:
    return find(state.knowledge_stores, store_id, "knowledge store", status)


def find_item(store: KnowledgeStore, item_id: str) -> KnowledgeStoreItem:
    return find(store.items, item_id, "knowledge store item")


def find_collection(state: State, store_id: str, collection_id: str) -> ItemCollection:
    return find(find_store(state, store_id).collections, collection_id, "item collection")


@operation("POST", "/knowledge-stores", status=201)
def create(context: Context, request: requests.CreateKnowledgeStore) -> Json:
    store = KnowledgeStore(**new_fields(context, request, "ks_"))
    if request.ingestion_config:
        store.ingestion_config = attrs.asdict(request.ingestion_config, filter=lambda _, value: value is not None)
    context.state.knowledge_stores[store.id] = store
    return views.store(store, context.now())


@operation("GET", "/knowledge-stores")
def list_(context: Context, request: ListNamed) -> Json:
    now = context.now()
    found = [store for store in context.state.knowledge_stores.values() if request.name in (None, store.name)]
    return page(request, ordered(request, found, now), lambda store: views.store(store, now))


@operation("GET", "/knowledge-stores/{store_id}")
def retrieve(context: Context, store_id: str) -> Json:
    return views.store(find_store(context.state, store_id), context.now())


@operation("PATCH", "/knowledge-stores/{store_id}")
def update(context: Context, request: UpdateNamed, store_id: str) -> Json:
    store = find_store(context.state, store_id)
    edit(context, store, request)
    return views.store(store, context.now())


@operation("DELETE", "/knowledge-stores/{store_id}", status=204)
def delete(context: Context, store_id: str) -> None:
    del context.state.knowledge_stores[find_store(context.state, store_id).id]


@operation("POST", "/knowledge-stores/{store_id}/items", status=202)
def create_item(context: Context, request: requests.CreateItem, store_id: str) -> Json:
    state, store = context.state, find_store(context.state, store_id)
    asset = find_ready_asset(context, request.asset_id)
    if asset.kind not in ("video", "image"):
        raise invalid("asset_id", f"must name a video or an image; {asset.id} is of the type {asset.kind}")
    if request.asset_type not in (None, asset.kind):
        raise invalid("asset_type", f"must be {asset.kind}, the type of the asset; got {request.asset_type}")
    outcome = "failed" if asset.content.failure("knowledge") else "ready"
    seconds = duration(state.settings.indexing_time, asset.filename)
    stages = plan(context.now(), seconds, ITEM_SHARES, outcome)
    item = KnowledgeStoreItem(id=f"ksi_{state.new_id()}", stages=stages, asset=asset, metadata=request.metadata)
    store.items[item.id] = item
    return views.item(item, context.now())


@operation("GET", "/knowledge-stores/{store_id}/items")
def list_items(context: Context, request: requests.ListItems, store_id: str) -> Json:
    now, items = context.now(), find_store(context.state, store_id).items.values()
    found = [item for item in items if request.status is None or item.status(now) in request.status]
    return page(request, ordered(request, found, now), lambda item: views.item(item, now))


@operation("GET", "/knowledge-stores/{store_id}/items/{item_id}")
def retrieve_item(context: Context, store_id: str, item_id: str) -> Json:
    return views.item(find_item(find_store(context.state, store_id), item_id), context.now())


@operation("DELETE", "/knowledge-stores/{store_id}/items/{item_id}", status=204)
def delete_item(context: Context, store_id: str, item_id: str) -> None:
    store = find_store(context.state, store_id)
    del store.items[find_item(store, item_id).id]


def _require_unused(store: KnowledgeStore, name: str | None) -> None:
    """Check that no item collection of a store has a name."""
    if any(collection.name == name for collection in store.collections.values()):
        raise invalid("name", f"must be unique in the knowledge store; another item collection is named {name}")


@operation("POST", "/knowledge-stores/{store_id}/item-collections", status=201)
def create_collection(context: Context, request: CreateNamed, store_id: str) -> Json:
    store = find_store(context.state, store_id)
    _require_unused(store, request.name)
    collection = ItemCollection(**new_fields(context, request, "ksic_"), store=store)
    store.collections[collection.id] = collection
    return views.collection(collection, context.now())


@operation("GET", "/knowledge-stores/{store_id}/item-collections")
def list_collections(context: Context, request: ListNamed, store_id: str) -> Json:
    now, collections = context.now(), find_store(context.state, store_id).collections.values()
    found = [collection for collection in collections if request.name in (None, collection.name)]
    return page(request, ordered(request, found, now), lambda collection: views.collection(collection, now))


@operation("GET", COLLECTION)
def retrieve_collection(context: Context, store_id: str, collection_id: str) -> Json:
    return views.collection(find_collection(context.state, store_id, collection_id), context.now())


@operation("PATCH", COLLECTION)
def update_collection(context: Context, request: UpdateNamed, store_id: str, collection_id: str) -> Json:
    collection = find_collection(context.state, store_id, collection_id)
    if request.name != collection.name:
        _require_unused(collection.store, request.name)
    edit(context, collection, request)
    return views.collection(collection, context.now())


@operation("DELETE", COLLECTION, status=204)
def delete_collection(context: Context, store_id: str, collection_id: str) -> None:
    collection = find_collection(context.state, store_id, collection_id)
    del collection.store.collections[collection.id]


@operation("GET", f"{COLLECTION}/items")
def list_collection_items(context: Context, request: Page, store_id: str, collection_id: str) -> Json:
    now = context.now()
    return page(
        request, find_collection(context.state, store_id, collection_id).items, lambda item: views.item(item, now)
    )


@operation("POST", f"{COLLECTION}/items/add")
def add_items(context: Context, request: requests.ChangeItems, store_id: str, collection_id: str) -> Json:
    collection = find_collection(context.state, store_id, collection_id)
    added = [find_item(collection.store, item_id).id for item_id in request.item_ids]
    collection.item_ids = list(dict.fromkeys([*collection.item_ids, *added]))
    return views.collection(collection, context.now())


@operation("POST", f"{COLLECTION}/items/remove", status=204)
def remove_items(context: Context, request: requests.ChangeItems, store_id: str, collection_id: str) -> None:
    collection = find_collection(context.state, store_id, collection_id)
    collection.item_ids = [item_id for item_id in collection.item_ids if item_id not in request.item_ids]
