"""``/knowledge-stores/…/item-collections``: named groups of the items of a store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .._pagination import AsyncPager
from .._request import argument_checks, url_path
from ..models.knowledge_stores import (
    ItemCollectionSortBy,
    KnowledgeStoreItem,
    KnowledgeStoreItemCollection,
    KnowledgeStoreMetadata,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, require_nonempty
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of

__all__ = ["AsyncKnowledgeStoreItemCollections"]


class AsyncKnowledgeStoreItemCollections(AsyncResource):
    """Create, list, fill and delete collections of items."""

    with_raw_response: RawKnowledgeStoreItemCollections[Awaited]

    def list(
        self,
        knowledge_store_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: ItemCollectionSortBy | None = None,
        sort_option: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[KnowledgeStoreItemCollection]:
        """List the collections of a store.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Collections on a page. 1 to 50. Default: 10.
            sort_by: ``created_at``, ``updated_at`` or ``name``. Default: ``created_at``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``.
        """
        path = _collections_path(knowledge_store_id)
        query = {"page_limit": page_limit, "sort_by": sort_by, "sort_option": sort_option}
        return self._list(path, KnowledgeStoreItemCollection, page, request_options, **query)

    async def create(
        self,
        knowledge_store_id: str,
        *,
        name: str,
        description: str | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItemCollection:
        """Create a collection.

        Args:
            name: Name of the collection, unique in the store. 1 to 255 characters.
            description: Description of the collection. At most 2,000 characters.
            metadata: Metadata of the collection. At most 10 keys.
        """
        body = {"name": name, "description": description, "metadata": metadata}
        path = _collections_path(knowledge_store_id)
        return await self._post(path, KnowledgeStoreItemCollection, request_options, json=body)

    async def retrieve(
        self, knowledge_store_id: str, collection_id: str, *, request_options: RequestOptions | None = None
    ) -> KnowledgeStoreItemCollection:
        """Retrieve a collection. `list_items` lists its items."""
        path = _collection_path(knowledge_store_id, collection_id)
        return await self._get(path, KnowledgeStoreItemCollection, request_options)

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
        """Update a collection.

        Args:
            metadata: New metadata, which replaces the previous metadata completely.
        """
        path = _collection_path(knowledge_store_id, collection_id)
        body = {"name": name, "description": description, "metadata": metadata}
        return await self._patch(path, KnowledgeStoreItemCollection, request_options, json=body)

    async def delete(
        self, knowledge_store_id: str, collection_id: str, *, request_options: RequestOptions | None = None
    ) -> None:
        """Delete a collection. Its items remain in the store."""
        await self._send("DELETE", _collection_path(knowledge_store_id, collection_id), request_options)

    def list_items(
        self,
        knowledge_store_id: str,
        collection_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[KnowledgeStoreItem]:
        """List the items of a collection.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Items on a page. 1 to 50. Default: 10.
        """
        path = f"{_collection_path(knowledge_store_id, collection_id)}/items"
        return self._list(path, KnowledgeStoreItem, page, request_options, page_limit=page_limit)

    async def add_items(
        self,
        knowledge_store_id: str,
        collection_id: str,
        *,
        item_ids: Sequence[str],
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItemCollection:
        """Add items of the store to a collection.

        Args:
            item_ids: Items to add. 1 to 500. The API ignores items that are in the collection already.

        Example:
            ::

                best = await client.knowledge_store_item_collections.create(store.id, name="best")
                await client.knowledge_store_item_collections.add_items(store.id, best.id, item_ids=[item.id])
        """
        path = f"{_collection_path(knowledge_store_id, collection_id)}/items/add"
        with argument_checks(request_options):
            require_nonempty("item_ids", item_ids)
        body = {"item_ids": item_ids}
        return await self._post(path, KnowledgeStoreItemCollection, request_options, json=body, is_idempotent=True)

    async def remove_items(
        self,
        knowledge_store_id: str,
        collection_id: str,
        *,
        item_ids: Sequence[str],
        request_options: RequestOptions | None = None,
    ) -> None:
        """Remove items from a collection. They remain in the store.

        Args:
            item_ids: Items to remove. 1 to 500. The API ignores items that are not in the collection.
        """
        path = f"{_collection_path(knowledge_store_id, collection_id)}/items/remove"
        with argument_checks(request_options):
            require_nonempty("item_ids", item_ids)
        await self._send("POST", path, request_options, json={"item_ids": item_ids})


@raw_responses_of(AsyncKnowledgeStoreItemCollections)
class RawKnowledgeStoreItemCollections(Raw[Mode]):
    """The methods of `AsyncKnowledgeStoreItemCollections`, which return the whole response."""

    list: Final = raw_pager(AsyncKnowledgeStoreItemCollections.list)
    create: Final = raw(AsyncKnowledgeStoreItemCollections.create)
    retrieve: Final = raw(AsyncKnowledgeStoreItemCollections.retrieve)
    update: Final = raw(AsyncKnowledgeStoreItemCollections.update)
    delete: Final = raw(AsyncKnowledgeStoreItemCollections.delete)
    list_items: Final = raw_pager(AsyncKnowledgeStoreItemCollections.list_items)
    add_items: Final = raw(AsyncKnowledgeStoreItemCollections.add_items)
    remove_items: Final = raw(AsyncKnowledgeStoreItemCollections.remove_items)


def _collections_path(knowledge_store_id: str) -> str:
    return url_path("/knowledge-stores/{knowledge_store_id}/item-collections", knowledge_store_id=knowledge_store_id)


def _collection_path(knowledge_store_id: str, collection_id: str) -> str:
    return url_path(
        "/knowledge-stores/{knowledge_store_id}/item-collections/{collection_id}",
        knowledge_store_id=knowledge_store_id,
        collection_id=collection_id,
    )
