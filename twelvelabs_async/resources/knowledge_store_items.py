"""``/knowledge-stores/{knowledge_store_id}/items``: assets in a knowledge store."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from .._jobs import KNOWLEDGE_STORE_ITEM
from .._list_polls import PollUpdates
from .._pagination import AsyncPager
from .._request import require_ids
from .._shared_poller import SharedPoller
from .._transport import path
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions
from ..models.knowledge_stores import (
    KnowledgeStoreItem,
    KnowledgeStoreItemAssetType,
    KnowledgeStoreItemsListRequestStatusItem,
    KnowledgeStoreMetadata,
    KnowledgeStoresListRequestSortBy,
)
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions
from ._base import AsyncResource

ITEMS: Final = "/knowledge-stores/{knowledge_store_id}/items"
ITEM: Final = "/knowledge-stores/{knowledge_store_id}/items/{item_id}"


class AsyncKnowledgeStoreItems(AsyncResource):
    """Add assets to a knowledge store, wait for them, list and remove them."""

    def list(
        self,
        knowledge_store_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: KnowledgeStoresListRequestSortBy | None = None,
        sort_option: str | None = None,
        status: KnowledgeStoreItemsListRequestStatusItem
        | Sequence[KnowledgeStoreItemsListRequestStatusItem]
        | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[KnowledgeStoreItem]:
        """List the items in a store, the newest first unless *sort_option* is ``asc``; in one *status*, or in several.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.
        """
        query = {"page_limit": page_limit, "sort_by": sort_by, "sort_option": sort_option, "status": status}
        return self._list(path(ITEMS, knowledge_store_id), KnowledgeStoreItem, page, request_options, **query)

    async def create(
        self,
        knowledge_store_id: str,
        *,
        asset_id: str,
        asset_type: KnowledgeStoreItemAssetType | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItem:
        """Start adding an asset to a store; `wait_until_ready` tells when it is done.

        Args:
            asset_id: The asset, which has to be ``ready``: a video of up to 10 GB, or an image of up to 32 MB.
            asset_type: What it is, ``video`` or ``image``.
            metadata: Your own data about it.
        """
        body = {"asset_id": asset_id, "asset_type": asset_type, "metadata": metadata}
        return await self._post(path(ITEMS, knowledge_store_id), KnowledgeStoreItem, request_options, json=body)

    async def create_and_wait(
        self,
        knowledge_store_id: str,
        *,
        asset_id: str,
        asset_type: KnowledgeStoreItemAssetType | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[KnowledgeStoreItem] | None = None,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItem:
        """Add an asset to a store and wait until that is done; takes what `create` and `wait_until_ready` take.

        Raises:
            JobFailedError: It could not be added.
            WaitTimeoutError: It was not done in time.
        """
        WaitOptions(timeout=timeout, interval=interval, callback=callback)  # validated before anything is created
        created = await self.create(
            knowledge_store_id,
            asset_id=asset_id,
            asset_type=asset_type,
            metadata=metadata,
            request_options=request_options,
        )
        return await self.wait_until_ready(
            knowledge_store_id,
            created.id,
            timeout=timeout,
            interval=interval,
            callback=callback,
            request_options=request_options,
        )

    async def wait_until_ready(
        self,
        knowledge_store_id: str,
        item_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[KnowledgeStoreItem] | None = None,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItem:
        """Wait until an item is ready.

        Any number of waits on one store share a poller, which costs a few requests an interval however many they are.
        Faults that pass are ridden out, as is a 404 in the first half minute.

        Args:
            item_id: The id that `create` returned.
            timeout: Seconds to wait at most. Default: 3600.
            interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 1.
            callback: Called whenever the status has changed; may be a coroutine function. It runs in the event loop.

        Raises:
            JobFailedError: It could not be added.
            WaitTimeoutError: It was not done in time.
            APIError: The API cannot be asked, and that will not pass.

        Example:
            ::

                created = await client.knowledge_store_items.create(store.id, asset_id=asset.id)
                item = await client.knowledge_store_items.wait_until_ready(store.id, created.id)
                print(item.system_metadata)
        """
        require_ids(knowledge_store_id=knowledge_store_id, item_id=item_id)
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        poller = self._shared_poller(self._new_poller, knowledge_store_id, request_options=request_options)
        return await poller.wait(item_id, options)

    def _new_poller(
        self, knowledge_store_id: str, request_options: RequestOptions | None
    ) -> SharedPoller[KnowledgeStoreItem]:
        retrieve = partial(self.retrieve, knowledge_store_id, request_options=request_options)
        list_newest = partial(
            self.list,
            knowledge_store_id,
            sort_option="desc",
            page_limit=MAX_PAGE_LIMIT,
            request_options=request_options,
        )
        return SharedPoller(KNOWLEDGE_STORE_ITEM, retrieve, PollUpdates(KNOWLEDGE_STORE_ITEM, list_newest))

    async def retrieve(
        self, knowledge_store_id: str, item_id: str, *, request_options: RequestOptions | None = None
    ) -> KnowledgeStoreItem:
        """Describe an item."""
        return await self._get(path(ITEM, knowledge_store_id, item_id), KnowledgeStoreItem, request_options)

    async def delete(
        self, knowledge_store_id: str, item_id: str, *, request_options: RequestOptions | None = None
    ) -> None:
        """Remove an item from a store, with all that was found out about it; the asset itself stays."""
        await self._do("DELETE", path(ITEM, knowledge_store_id, item_id), request_options)
