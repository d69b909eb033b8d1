"""``/knowledge-stores/{knowledge_store_id}/item-collections``: some of a store's items, under a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .._pagination import AsyncPager
from .._transport import path
from ..models.knowledge_stores import (
    KnowledgeStoreItem,
    KnowledgeStoreItemCollection,
    KnowledgeStoreItemCollectionsListRequestSortBy,
    KnowledgeStoreMetadata,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, some

COLLECTIONS: Final = "/knowledge-stores/{knowledge_store_id}/item-collections"
COLLECTION: Final = "/knowledge-stores/{knowledge_store_id}/item-collections/{collection_id}"
ITEMS: Final = "/knowledge-stores/{knowledge_store_id}/item-collections/{collection_id}/items"
ADD: Final = "/knowledge-stores/{knowledge_store_id}/item-collections/{collection_id}/items/add"
REMOVE: Final = "/knowledge-stores/{knowledge_store_id}/item-collections/{collection_id}/items/remove"


class AsyncKnowledgeStoreItemCollections(AsyncResource):
    """Make, find, fill and delete collections of items."""

    def list(
        self,
        knowledge_store_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: KnowledgeStoreItemCollectionsListRequestSortBy | None = None,
        sort_option: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[KnowledgeStoreItemCollection]:
        """List the collections in a store; *sort_option* is ``asc`` or, by default, ``desc``.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.
        """
        query = {"page_limit": page_limit, "sort_by": sort_by, "sort_option": sort_option}
        place = path(COLLECTIONS, knowledge_store_id)
        return self._list(place, KnowledgeStoreItemCollection, page, request_options, **query)

    async def create(
        self,
        knowledge_store_id: str,
        *,
        name: str,
        description: str | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItemCollection:
        """Make a collection; no two in a store have the same *name*."""
        body = {"name": name, "description": description, "metadata": metadata}
        place = path(COLLECTIONS, knowledge_store_id)
        return await self._post(place, KnowledgeStoreItemCollection, request_options, json=body)

    async def retrieve(
        self, knowledge_store_id: str, collection_id: str, *, request_options: RequestOptions | None = None
    ) -> KnowledgeStoreItemCollection:
        """Describe a collection; `list_items` lists what is in it."""
        place = path(COLLECTION, knowledge_store_id, collection_id)
        return await self._get(place, KnowledgeStoreItemCollection, request_options)

    async def update(
        self,
        knowledge_store_id: str,
        collection_id: str,
        *,
        name: str | None = OMIT,
        description: str | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItemCollection:
        """Change a collection; *metadata* takes the place of all there was."""
        body = {"name": name, "description": description, "metadata": metadata}
        place = path(COLLECTION, knowledge_store_id, collection_id)
        return await self._patch(place, KnowledgeStoreItemCollection, request_options, json=body)

    async def delete(
        self, knowledge_store_id: str, collection_id: str, *, request_options: RequestOptions | None = None
    ) -> None:
        """Delete a collection; its items stay in the store."""
        await self._do("DELETE", path(COLLECTION, knowledge_store_id, collection_id), request_options)

    def list_items(
        self,
        knowledge_store_id: str,
        collection_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[KnowledgeStoreItem]:
        """List the items in a collection, up to *page_limit* on a page, 1 to 50, 10 by default."""
        place = path(ITEMS, knowledge_store_id, collection_id)
        return self._list(place, KnowledgeStoreItem, page, request_options, page_limit=page_limit)

    async def add_items(
        self,
        knowledge_store_id: str,
        collection_id: str,
        *,
        item_ids: Sequence[str],
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItemCollection:
        """Add up to 500 items of the store to a collection; those in it already do no harm.

        Example:
            ::

                best = await client.knowledge_store_item_collections.create(store.id, name="best")
                await client.knowledge_store_item_collections.add_items(store.id, best.id, item_ids=[item.id])
        """
        place, body = path(ADD, knowledge_store_id, collection_id), {"item_ids": some("item_ids", item_ids)}
        return await self._post(place, KnowledgeStoreItemCollection, request_options, json=body, safe=True)

    async def remove_items(
        self,
        knowledge_store_id: str,
        collection_id: str,
        *,
        item_ids: Sequence[str],
        request_options: RequestOptions | None = None,
    ) -> None:
        """Take up to 500 items from a collection; those not in it do no harm. All stay in the store."""
        place, body = path(REMOVE, knowledge_store_id, collection_id), {"item_ids": some("item_ids", item_ids)}
        await self._do("POST", place, request_options, json=body)
