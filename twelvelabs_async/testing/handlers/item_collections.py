"""Collections of the items of a knowledge store."""

from __future__ import annotations

from ..problem import Json, invalid
from ..requests.knowledge_stores import (
    ChangeCollectionItems,
    CreateItemCollection,
    ListCollectionItems,
    ListItemCollections,
    OneItemCollection,
    UpdateItemCollection,
)
from ..state import ItemCollection, KnowledgeStore
from ..views import knowledge_stores as views
from ..views.page import page
from .knowledge_stores import find_item, find_store
from .named import edit, new_fields
from .operation import Context, operation
from .tables import find, ordered

COLLECTIONS = "/knowledge-stores/{store_id}/item-collections"
COLLECTION = f"{COLLECTIONS}/{{collection_id}}"


def find_collection(
    context: Context, request: OneItemCollection | UpdateItemCollection | ListCollectionItems
) -> ItemCollection:
    store = find_store(context.state, request.store_id)
    return find(store.collections, request.collection_id, "item collection")


def require_unused(store: KnowledgeStore, name: str | None) -> None:
    """Check that no item collection of a store has a name."""
    if any(collection.name == name for collection in store.collections.values()):
        raise invalid("name", f"must be unique in the knowledge store; another item collection is named {name}")


@operation("POST", COLLECTIONS, status=201)
def create(context: Context, request: CreateItemCollection) -> Json:
    store = find_store(context.state, request.store_id)
    require_unused(store, request.name)
    collection = ItemCollection(**new_fields(context, request, "ksic_"), store=store)
    store.collections[collection.id] = collection
    return views.collection(collection, context.now())


@operation("GET", COLLECTIONS)
def list_(context: Context, request: ListItemCollections) -> Json:
    now, collections = context.now(), find_store(context.state, request.store_id).collections.values()
    found = [collection for collection in collections if request.name in (None, collection.name)]
    return page(request, ordered(request, found, now), lambda collection: views.collection(collection, now))


@operation("GET", COLLECTION)
def retrieve(context: Context, request: OneItemCollection) -> Json:
    return views.collection(find_collection(context, request), context.now())


@operation("PATCH", COLLECTION)
def update(context: Context, request: UpdateItemCollection) -> Json:
    collection = find_collection(context, request)
    if request.name != collection.name:
        require_unused(collection.store, request.name)
    edit(context, collection, request)
    return views.collection(collection, context.now())


@operation("DELETE", COLLECTION, status=204)
def delete(context: Context, request: OneItemCollection) -> None:
    collection = find_collection(context, request)
    del collection.store.collections[collection.id]


@operation("GET", f"{COLLECTION}/items")
def list_items(context: Context, request: ListCollectionItems) -> Json:
    now = context.now()
    return page(request, find_collection(context, request).items, lambda item: views.item(item, now))


@operation("POST", f"{COLLECTION}/items/add")
def add_items(context: Context, request: ChangeCollectionItems) -> Json:
    collection = find_collection(context, request)
    added = [find_item(collection.store, item_id).id for item_id in request.item_ids]
    collection.item_ids = list(dict.fromkeys([*collection.item_ids, *added]))
    return views.collection(collection, context.now())


@operation("POST", f"{COLLECTION}/items/remove", status=204)
def remove_items(context: Context, request: ChangeCollectionItems) -> None:
    collection = find_collection(context, request)
    collection.item_ids = [item_id for item_id in collection.item_ids if item_id not in request.item_ids]
