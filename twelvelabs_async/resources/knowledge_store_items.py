"""``/knowledge-stores/{knowledge_store_id}/items``: assets in a knowledge store."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from .._deprecations import warn_of_argument
from .._jobs import KNOWLEDGE_STORE_ITEM
from .._list_polls import PollUpdates
from .._pagination import AsyncPager
from .._request import argument_checks, require_ids, url_path
from .._response_values import created_id
from .._shared_poller import SharedPoller
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions
from ..errors import InvalidArgumentError
from ..models._base import UserMetadata
from ..models.knowledge_stores import (
    KnowledgeStoreItem,
    KnowledgeStoreItemAssetType,
    KnowledgeStoreItemStatus,
    KnowledgeStoreMetadata,
    KnowledgeStoreSortBy,
)
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of

__all__ = ["AsyncKnowledgeStoreItems"]


class AsyncKnowledgeStoreItems(AsyncResource):
    """Add assets to a knowledge store, wait for them, list, edit and delete items."""

    with_raw_response: RawKnowledgeStoreItems[Awaited]

    def list(
        self,
        knowledge_store_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: KnowledgeStoreSortBy | None = None,
        sort_option: str | None = None,
        status: KnowledgeStoreItemStatus | Sequence[KnowledgeStoreItemStatus] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[KnowledgeStoreItem]:
        """List the items of a store.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Items on a page. 1 to 50. Default: 10.
            sort_by: ``created_at`` or ``updated_at``. Default: ``created_at``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``, the newest first.
            status: One status or several: ``queued``, ``pending``, ``processing``, ``ready``, ``failed``.
        """
        path = url_path("/knowledge-stores/{knowledge_store_id}/items", knowledge_store_id=knowledge_store_id)
        query = {"page_limit": page_limit, "sort_by": sort_by, "sort_option": sort_option, "status": status}
        return self._list(path, KnowledgeStoreItem, page, request_options, **query)

    async def create(
        self,
        knowledge_store_id: str,
        *,
        asset_id: str,
        asset_type: KnowledgeStoreItemAssetType | None = OMIT,
        item_metadata: KnowledgeStoreMetadata | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItem:
        """Start adding an asset to a store. `wait_until_ready` returns when it is added.

        Args:
            asset_id: The asset, a video of at most 10 GB or an image of at most 32 MB. Its status must be ``ready``.
            asset_type: ``video`` or ``image``.
            item_metadata: Metadata of the item alone. At most 50 keys.
            metadata: Deprecated name of *item_metadata*. The metadata that the item shows as ``metadata`` is the
                asset's.

        Raises:
            ValueError: Both *item_metadata* and *metadata* are given.

        Example:
            ::

                item = await client.knowledge_store_items.create(
                    store.id, asset_id=asset.id, item_metadata={"season": 2, "tags": ["final"]}
                )
        """
        with argument_checks(request_options):
            if is_given(item_metadata) and is_given(metadata):
                raise InvalidArgumentError(
                    "Both item_metadata and metadata are given. Leave out metadata: it is the former name of the same."
                )
        if is_given(metadata):
            await warn_of_argument("client.knowledge_store_items.create(metadata=…)")
        path = url_path("/knowledge-stores/{knowledge_store_id}/items", knowledge_store_id=knowledge_store_id)
        body = {"asset_id": asset_id, "asset_type": asset_type, "item_metadata": item_metadata, "metadata": metadata}
        return await self._post(path, KnowledgeStoreItem, request_options, json=body)

    async def create_and_wait(
        self,
        knowledge_store_id: str,
        *,
        asset_id: str,
        asset_type: KnowledgeStoreItemAssetType | None = OMIT,
        item_metadata: KnowledgeStoreMetadata | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[KnowledgeStoreItem] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItem:
        """Add an asset to a store and wait for it.

        The arguments are those of `create` and `wait_until_ready`.

        Raises:
            JobFailedError: The asset could not be added.
            WaitTimeoutError: The item was not ready in time.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        created = await self.create(
            knowledge_store_id,
            asset_id=asset_id,
            asset_type=asset_type,
            item_metadata=item_metadata,
            metadata=metadata,
            request_options=request_options,
        )
        item_id = created_id(f"POST /knowledge-stores/{knowledge_store_id}/items", created.id)
        return await self._poller(knowledge_store_id, request_options).wait(item_id, options)

    async def wait_until_ready(
        self,
        knowledge_store_id: str,
        item_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[KnowledgeStoreItem] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItem:
        """Wait until an item is ready.

        All waits on one store share a poller, which sends a few requests per interval. Transient failures are retried,
        as is a 404 in the first 30 s.

        Args:
            item_id: The id that `create` returned.
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.
            progress: True to show the status and the elapsed time. Needs tqdm. Default: false.

        Raises:
            JobFailedError: The asset could not be added.
            WaitTimeoutError: The item was not ready in time.
            APIError: A poll failed, and so would the next one.

        Example:
            ::

                created = await client.knowledge_store_items.create(store.id, asset_id=asset.id)
                item = await client.knowledge_store_items.wait_until_ready(store.id, created.id)
                print(item.system_metadata)
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        require_ids(knowledge_store_id=knowledge_store_id, item_id=item_id)
        return await self._poller(knowledge_store_id, request_options).wait(item_id, options)

    def _poller(
        self, knowledge_store_id: str, request_options: RequestOptions | None
    ) -> SharedPoller[KnowledgeStoreItem]:
        list_newest = partial(
            self.list,
            knowledge_store_id,
            sort_option="desc",
            page_limit=MAX_PAGE_LIMIT,
            request_options=request_options,
        )
        return self._shared_poller(
            KNOWLEDGE_STORE_ITEM, self.retrieve, PollUpdates(list_newest), request_options, knowledge_store_id
        )

    async def retrieve(
        self, knowledge_store_id: str, item_id: str, *, request_options: RequestOptions | None = None
    ) -> KnowledgeStoreItem:
        """Retrieve an item."""
        return await self._get(_item_path(knowledge_store_id, item_id), KnowledgeStoreItem, request_options)

    async def update_item_metadata(
        self,
        knowledge_store_id: str,
        item_id: str,
        *,
        item_metadata: UserMetadata,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItem:
        """Update fields of an item's own metadata. The metadata of its asset does not change.

        Args:
            item_metadata: Fields to set, at least one. ``None`` as a value deletes a field; an empty string or list
                changes nothing. Other fields keep their values. The item may have at most 50 fields afterwards.

        Returns:
            The item with its new metadata.

        Raises:
            ValueError: *item_metadata* is empty.
            NotFoundError: No item has this id.

        Example:
            ::

                items = client.knowledge_store_items
                await items.update_item_metadata(store.id, item.id, item_metadata={"season": 3, "tags": None})
        """
        with argument_checks(request_options):
            if not item_metadata:
                raise InvalidArgumentError(
                    "item_metadata must have at least one key. To remove all, call replace_item_metadata with {}."
                )
        path = f"{_item_path(knowledge_store_id, item_id)}/item-metadata"
        return await self._patch(path, KnowledgeStoreItem, request_options, json={"item_metadata": item_metadata})

    async def replace_item_metadata(
        self,
        knowledge_store_id: str,
        item_id: str,
        *,
        item_metadata: KnowledgeStoreMetadata,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItem:
        """Replace an item's own metadata. The metadata of its asset does not change.

        Args:
            item_metadata: All fields, at most 50. ``{}`` removes all.

        Returns:
            The item with its new metadata.

        Raises:
            NotFoundError: No item has this id.
        """
        path = f"{_item_path(knowledge_store_id, item_id)}/item-metadata"
        return await self._put(path, KnowledgeStoreItem, request_options, json={"item_metadata": item_metadata})

    async def delete(
        self, knowledge_store_id: str, item_id: str, *, request_options: RequestOptions | None = None
    ) -> None:
        """Delete an item and everything that processing found. The asset itself remains."""
        await self._send("DELETE", _item_path(knowledge_store_id, item_id), request_options)


@raw_responses_of(AsyncKnowledgeStoreItems)
class RawKnowledgeStoreItems(Raw[Mode]):
    """The methods of `AsyncKnowledgeStoreItems`, which return the whole response."""

    list: Final = raw_pager(AsyncKnowledgeStoreItems.list)
    create: Final = raw(AsyncKnowledgeStoreItems.create)
    create_and_wait: Final = raw(AsyncKnowledgeStoreItems.create_and_wait)
    wait_until_ready: Final = raw(AsyncKnowledgeStoreItems.wait_until_ready)
    retrieve: Final = raw(AsyncKnowledgeStoreItems.retrieve)
    update_item_metadata: Final = raw(AsyncKnowledgeStoreItems.update_item_metadata)
    replace_item_metadata: Final = raw(AsyncKnowledgeStoreItems.replace_item_metadata)
    delete: Final = raw(AsyncKnowledgeStoreItems.delete)


def _item_path(knowledge_store_id: str, item_id: str) -> str:
    return url_path(
        "/knowledge-stores/{knowledge_store_id}/items/{item_id}", knowledge_store_id=knowledge_store_id, item_id=item_id
    )
