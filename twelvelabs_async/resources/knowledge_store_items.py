"""``/knowledge-stores/{knowledge_store_id}/items``: assets in a knowledge store."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from .._pagination import AsyncPager
from .._polling import (
    DEFAULT_INTERVAL,
    DEFAULT_TIMEOUT,
    KNOWLEDGE_STORE_ITEM,
    Callback,
    SharedPoller,
    check_wait,
    sweep_newest_first,
    wait_with_others,
)
from .._transport import path
from ..models.knowledge_stores import (
    KnowledgeStoreItem,
    KnowledgeStoreItemAssetType,
    KnowledgeStoreItemsListRequestSortBy,
    KnowledgeStoreItemsListRequestStatusItem,
    KnowledgeStoreMetadata,
)
from ..options import OMIT, RequestOptions
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
        sort_by: KnowledgeStoreItemsListRequestSortBy | None = None,
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
        timeout: float = DEFAULT_TIMEOUT,
        interval: float = DEFAULT_INTERVAL,
        callback: Callback[KnowledgeStoreItem] | None = None,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItem:
        """Add an asset to a store and wait until that is done; takes what `create` and `wait_until_ready` take.

        Raises:
            JobFailedError: It could not be added.
            WaitTimeoutError: It was not done in time.
        """
        check_wait(timeout, interval, callback)
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
        timeout: float = DEFAULT_TIMEOUT,
        interval: float = DEFAULT_INTERVAL,
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
        path(ITEM, knowledge_store_id, item_id)  # complains of ids that cannot be
        retrieve = partial(self.retrieve, knowledge_store_id, request_options=request_options)
        list_jobs = partial(self.list, knowledge_store_id, request_options=request_options)
        poller = SharedPoller(retrieve, sweep_newest_first(KNOWLEDGE_STORE_ITEM, list_jobs))
        return await wait_with_others(
            self._pollers,
            KNOWLEDGE_STORE_ITEM,
            (knowledge_store_id,),
            item_id,
            poller,
            timeout,
            interval,
            callback,
            request_options,
        )

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
