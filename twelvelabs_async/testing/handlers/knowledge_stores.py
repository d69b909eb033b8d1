"""Knowledge stores and their items."""

from __future__ import annotations

import attrs

from ..clock import plan
from ..problem import Json, invalid
from ..requests.knowledge_stores import (
    CreateItem,
    CreateKnowledgeStore,
    ListItems,
    OneItem,
    OneKnowledgeStore,
    UpdateKnowledgeStore,
)
from ..requests.named import ListNamed
from ..state import KnowledgeStore, KnowledgeStoreItem, State, duration
from ..views import knowledge_stores as views
from ..views.page import page
from .assets import find_ready_asset
from .named import edit, new_fields
from .operation import Context, operation
from .tables import find, ordered

ITEM_SHARES = {"queued": 0.0, "pending": 0.1, "processing": 0.2}
"""Share of the processing time of an item at which each status starts."""


def find_store(state: State, store_id: str, status: int = 400) -> KnowledgeStore:
    return find(state.knowledge_stores, store_id, "knowledge store", status)


def find_item(store: KnowledgeStore, item_id: str) -> KnowledgeStoreItem:
    return find(store.items, item_id, "knowledge store item")


@operation("POST", "/knowledge-stores", status=201)
def create(context: Context, request: CreateKnowledgeStore) -> Json:
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
def retrieve(context: Context, request: OneKnowledgeStore) -> Json:
    return views.store(find_store(context.state, request.store_id), context.now())


@operation("PATCH", "/knowledge-stores/{store_id}")
def update(context: Context, request: UpdateKnowledgeStore) -> Json:
    store = find_store(context.state, request.store_id)
    edit(context, store, request)
    return views.store(store, context.now())


@operation("DELETE", "/knowledge-stores/{store_id}", status=204)
def delete(context: Context, request: OneKnowledgeStore) -> None:
    del context.state.knowledge_stores[find_store(context.state, request.store_id).id]


@operation("POST", "/knowledge-stores/{store_id}/items", status=202)
def create_item(context: Context, request: CreateItem) -> Json:
    state, store = context.state, find_store(context.state, request.store_id)
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
def list_items(context: Context, request: ListItems) -> Json:
    now, items = context.now(), find_store(context.state, request.store_id).items.values()
    found = [item for item in items if request.status is None or item.status(now) in request.status]
    return page(request, ordered(request, found, now), lambda item: views.item(item, now))


@operation("GET", "/knowledge-stores/{store_id}/items/{item_id}")
def retrieve_item(context: Context, request: OneItem) -> Json:
    return views.item(find_item(find_store(context.state, request.store_id), request.item_id), context.now())


@operation("DELETE", "/knowledge-stores/{store_id}/items/{item_id}", status=204)
def delete_item(context: Context, request: OneItem) -> None:
    store = find_store(context.state, request.store_id)
    del store.items[find_item(store, request.item_id).id]
