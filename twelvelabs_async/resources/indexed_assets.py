"""``/indexes/{index_id}/indexed-assets``: assets made searchable inside an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from .._jobs import INDEXED_ASSET
from .._list_polls import PollUpdates
from .._pagination import AsyncPager
from .._request import require_ids
from .._shared_poller import SharedPoller
from .._transport import path
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions
from ..models._base import UserMetadata
from ..models.indexed_assets import (
    IndexedAsset,
    IndexedAssetDetailed,
    IndexedAssetsCreateResponse,
    IndexedAssetsListRequestUserMetadataValue,
    IndexedAssetsRetrieveRequestEmbeddingOptionItem,
    IndexedAssetStatus,
    IndexedAssetSummary,
    Range,
    RangeParams,
)
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions
from ._base import AsyncResource, with_metadata

INDEXED_ASSETS: Final = "/indexes/{index_id}/indexed-assets"
ONE: Final = "/indexes/{index_id}/indexed-assets/{indexed_asset_id}"
BY_ASSET: Final = "/assets/{asset_id}/indexed-assets"


class AsyncIndexedAssets(AsyncResource):
    """Index assets, wait for them, list, change and remove them."""

    def list(
        self,
        index_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: str | None = None,
        sort_option: str | None = None,
        status: IndexedAssetStatus | Sequence[IndexedAssetStatus] | None = None,
        filename: str | None = None,
        duration: float | Range | RangeParams | None = None,
        fps: float | Range | RangeParams | None = None,
        width: float | Range | RangeParams | None = None,
        height: float | Range | RangeParams | None = None,
        size: float | Range | RangeParams | None = None,
        created_at: str | None = None,
        updated_at: str | None = None,
        user_metadata: Mapping[str, IndexedAssetsListRequestUserMetadataValue | None] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[IndexedAsset]:
        """List the assets in an index.

        A number filters for exactly that number, ``{"gte": 30, "lte": 120}`` for a range with its bounds.

        Args:
            page: The page to begin with. Default: 1.
            page_limit: Items on a page, 1 to 50. Default: 10.
            sort_by: ``created_at`` or ``updated_at``. Default: ``created_at``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``, the newest first.
            status: Only assets in this state, or in any of these: ``validating``, ``pending``, ``queued``,
                ``indexing``, ``ready``, ``failed``.
            duration: Length in seconds, a number or a range.
            fps: Frames per second, a number or a range.
            width: Pixels, a number or a range.
            height: Pixels, a number or a range.
            size: Bytes, a number or a range.
            created_at: Only assets whose indexing was asked for at this time or later, RFC 3339.
            updated_at: Only assets updated at this time or later, RFC 3339.
            user_metadata: Only assets with these values in their own data.

        Raises:
            ValueError: A key of *user_metadata* is the name of another filter.
        """
        query = {
            "page_limit": page_limit,
            "sort_by": sort_by,
            "sort_option": sort_option,
            "status": status,
            "filename": filename,
            "duration": duration,
            "fps": fps,
            "width": width,
            "height": height,
            "size": size,
            "created_at": created_at,
            "updated_at": updated_at,
        }
        return self._list(
            path(INDEXED_ASSETS, index_id), IndexedAsset, page, request_options, **with_metadata(query, user_metadata)
        )

    def list_by_asset(
        self,
        asset_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[IndexedAssetSummary]:
        """List where an asset is indexed.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.
        """
        return self._list(path(BY_ASSET, asset_id), IndexedAssetSummary, page, request_options, page_limit=page_limit)

    async def create(
        self,
        index_id: str,
        *,
        asset_id: str,
        enable_video_stream: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> IndexedAssetsCreateResponse:
        """Start indexing an asset; `wait_until_ready` tells when it is done.

        Args:
            asset_id: The asset; it has to be ``ready``.
            enable_video_stream: Whether to store the video for streaming by HLS. Default: no.
            user_metadata: Your own data about it.

        Raises:
            BadRequestError: The asset does not meet the requirements of the index's models.
            NotFoundError: There is no such index or asset.
        """
        return await self._post(
            path(INDEXED_ASSETS, index_id),
            IndexedAssetsCreateResponse,
            request_options,
            json={"asset_id": asset_id, "enable_video_stream": enable_video_stream, "user_metadata": user_metadata},
            category="indexing",
        )

    async def create_and_wait(
        self,
        index_id: str,
        *,
        asset_id: str,
        enable_video_stream: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[IndexedAsset] | None = None,
        request_options: RequestOptions | None = None,
    ) -> IndexedAsset:
        """Index an asset and wait until that is done; takes what `create` and `wait_until_ready` take.

        Raises:
            JobFailedError: It could not be indexed.
            WaitTimeoutError: It was not done in time.
        """
        WaitOptions(timeout=timeout, interval=interval, callback=callback)  # validated before anything is created
        created = await self.create(
            index_id,
            asset_id=asset_id,
            enable_video_stream=enable_video_stream,
            user_metadata=user_metadata,
            request_options=request_options,
        )
        return await self.wait_until_ready(
            index_id, created.id, timeout=timeout, interval=interval, callback=callback, request_options=request_options
        )

    async def wait_until_ready(
        self,
        index_id: str,
        indexed_asset_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[IndexedAsset] | None = None,
        request_options: RequestOptions | None = None,
    ) -> IndexedAsset:
        """Wait until an asset is indexed.

        Any number of waits on one index share a poller, which costs a few requests an interval however many they are.
        Faults that pass are ridden out, as is a 404 in the first half minute.

        Args:
            indexed_asset_id: The id that `create` returned.
            timeout: Seconds to wait at most. Default: 3600.
            interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 1.
            callback: Called whenever the status has changed; may be a coroutine function. It runs in the event loop.

        Raises:
            JobFailedError: It could not be indexed.
            WaitTimeoutError: It was not done in time.
            APIError: The API cannot be asked, and that will not pass.

        Example:
            ::

                created = await client.indexes.indexed_assets.create(index.id, asset_id=asset.id)
                ready = await client.indexes.indexed_assets.wait_until_ready(index.id, created.id)
                print(ready.system_metadata.duration)
        """
        require_ids(index_id=index_id, indexed_asset_id=indexed_asset_id)
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        poller = self._shared_poller(self._new_poller, index_id, request_options=request_options)
        return await poller.wait(indexed_asset_id, options)

    def _new_poller(self, index_id: str, request_options: RequestOptions | None) -> SharedPoller[IndexedAsset]:
        retrieve = partial(self.retrieve, index_id, request_options=request_options)
        list_newest = partial(
            self.list, index_id, sort_option="desc", page_limit=MAX_PAGE_LIMIT, request_options=request_options
        )
        return SharedPoller(INDEXED_ASSET, retrieve, PollUpdates(INDEXED_ASSET, list_newest))

    async def retrieve(
        self,
        index_id: str,
        indexed_asset_id: str,
        *,
        embedding_option: IndexedAssetsRetrieveRequestEmbeddingOptionItem
        | Sequence[IndexedAssetsRetrieveRequestEmbeddingOptionItem]
        | None = None,
        transcription: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> IndexedAssetDetailed:
        """Describe an indexed asset.

        Args:
            indexed_asset_id: The id that `create` returned.
            embedding_option: Also return embeddings of these: ``visual``, ``audio``, ``transcription`` (Marengo 3.0),
                or ``visual-text``, ``audio`` (Marengo 2.7).
            transcription: Whether to return the spoken words, too. Default: no.

        Raises:
            NotFoundError: There is no such index or indexed asset.
        """
        return await self._get(
            path(ONE, index_id, indexed_asset_id),
            IndexedAssetDetailed,
            request_options,
            query={"embedding_option": embedding_option, "transcription": transcription},
        )

    async def update(
        self,
        index_id: str,
        indexed_asset_id: str,
        *,
        user_metadata: UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> None:
        """Change your own data about an indexed asset; ``None`` deletes a key, keys not named stay."""
        body = {"user_metadata": user_metadata}
        await self._do("PATCH", path(ONE, index_id, indexed_asset_id), request_options, json=body)

    async def delete(
        self, index_id: str, indexed_asset_id: str, *, request_options: RequestOptions | None = None
    ) -> None:
        """Remove an asset from an index, with all that was found out about it; the asset itself stays."""
        await self._do("DELETE", path(ONE, index_id, indexed_asset_id), request_options)
