"""``/indexes/{index_id}/indexed-assets``: assets that are searchable in an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from .._jobs import INDEXED_ASSET
from .._list_polls import PollUpdates
from .._pagination import AsyncPager
from .._request import require_ids, url_path
from .._response_values import created_id
from .._shared_poller import SharedPoller
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions
from ..models._base import UserMetadata
from ..models.indexed_assets import (
    IndexedAsset,
    IndexedAssetDetailed,
    IndexedAssetsCreateResponse,
    IndexedAssetStatus,
    IndexedAssetSummary,
    MetadataFilterValue,
    Range,
    RangeParams,
    VideoEmbeddingOption,
)
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions
from ._base import AsyncResource, with_metadata_filters
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of

__all__ = ["AsyncIndexedAssets"]


class AsyncIndexedAssets(AsyncResource):
    """Index assets, wait for them, list, update and delete them."""

    with_raw_response: RawIndexedAssets[Awaited]

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
        user_metadata: Mapping[str, MetadataFilterValue | None] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[IndexedAsset]:
        """List the indexed assets of an index.

        A numeric filter is an exact number, or a range with inclusive bounds such as ``{"gte": 30, "lte": 120}``.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Items on a page. 1 to 50. Default: 10.
            sort_by: ``created_at`` or ``updated_at``. Default: ``created_at``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``, the newest first.
            status: One status or several: ``validating``, ``pending``, ``queued``, ``indexing``, ``ready``,
                ``failed``.
            filename: Name of the file.
            duration: Duration in seconds.
            fps: Frames per second.
            width: Width in pixels.
            height: Height in pixels.
            size: Size of the file in bytes.
            created_at: Earliest creation time of the indexing task, RFC 3339.
            updated_at: Earliest time of the last update, RFC 3339. The API applies this filter only to indexed assets
                that were changed by `update`.
            user_metadata: Values of user metadata, such as ``{"category": "news", "reviewed": True}``.

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
            url_path("/indexes/{index_id}/indexed-assets", index_id=index_id),
            IndexedAsset,
            page,
            request_options,
            **with_metadata_filters(query, user_metadata),
        )

    def list_by_asset(
        self,
        asset_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[IndexedAssetSummary]:
        """List the indexed assets that were made from an asset, in all indexes.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Items on a page. 1 to 50. Default: 10.
        """
        path = url_path("/assets/{asset_id}/indexed-assets", asset_id=asset_id)
        return self._list(path, IndexedAssetSummary, page, request_options, page_limit=page_limit)

    async def create(
        self,
        index_id: str,
        *,
        asset_id: str,
        enable_video_stream: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> IndexedAssetsCreateResponse:
        """Start indexing an asset. `wait_until_ready` returns when it is indexed.

        Args:
            asset_id: The asset. Its status must be ``ready``.
            enable_video_stream: True to store the video for streaming by HLS. Default: false.
            user_metadata: Metadata of the indexed asset.

        Raises:
            BadRequestError: The asset does not meet the requirements of the index's models.
            NotFoundError: No index or no asset has this id.
        """
        return await self._post(
            url_path("/indexes/{index_id}/indexed-assets", index_id=index_id),
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
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> IndexedAsset:
        """Index an asset and wait for it.

        The arguments are those of `create` and `wait_until_ready`.

        Raises:
            JobFailedError: Indexing failed.
            WaitTimeoutError: Indexing was not finished in time.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        created = await self.create(
            index_id,
            asset_id=asset_id,
            enable_video_stream=enable_video_stream,
            user_metadata=user_metadata,
            request_options=request_options,
        )
        indexed_asset_id = created_id(f"POST /indexes/{index_id}/indexed-assets", created.id)
        return await self._poller(index_id, request_options).wait(indexed_asset_id, options)

    async def wait_until_ready(
        self,
        index_id: str,
        indexed_asset_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[IndexedAsset] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> IndexedAsset:
        """Wait until an asset is indexed.

        All waits on one index share a poller, which sends a few requests per interval. Transient failures are retried,
        as is a 404 in the first 30 s.

        Args:
            indexed_asset_id: The id that `create` returned.
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.
            progress: True to show the status and the elapsed time. Needs tqdm. Default: false.

        Raises:
            JobFailedError: Indexing failed.
            WaitTimeoutError: Indexing was not finished in time.
            APIError: A poll failed, and so would the next one.

        Example:
            ::

                created = await client.indexes.indexed_assets.create(index.id, asset_id=asset.id)
                ready = await client.indexes.indexed_assets.wait_until_ready(index.id, created.id)
                print(ready.system_metadata.duration)
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        require_ids(index_id=index_id, indexed_asset_id=indexed_asset_id)
        return await self._poller(index_id, request_options).wait(indexed_asset_id, options)

    def _poller(self, index_id: str, request_options: RequestOptions | None) -> SharedPoller[IndexedAsset]:
        list_newest = partial(
            self.list, index_id, sort_option="desc", page_limit=MAX_PAGE_LIMIT, request_options=request_options
        )
        return self._shared_poller(INDEXED_ASSET, self.retrieve, PollUpdates(list_newest), request_options, index_id)

    async def retrieve(
        self,
        index_id: str,
        indexed_asset_id: str,
        *,
        embedding_option: VideoEmbeddingOption | Sequence[VideoEmbeddingOption] | None = None,
        transcription: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> IndexedAssetDetailed:
        """Retrieve an indexed asset, with embeddings and transcription if requested.

        Args:
            indexed_asset_id: The id that `create` returned.
            embedding_option: Embeddings to return: ``visual``, ``audio``, ``transcription`` (Marengo 3.0), or
                ``visual-text``, ``audio`` (Marengo 2.7). Default: none.
            transcription: True to return the transcription of the spoken words. Default: false.

        Raises:
            NotFoundError: No index or no indexed asset has this id.
        """
        path = _indexed_asset_path(index_id, indexed_asset_id)
        query = {"embedding_option": embedding_option, "transcription": transcription}
        return await self._get(path, IndexedAssetDetailed, request_options, query=query)

    async def update(
        self,
        index_id: str,
        indexed_asset_id: str,
        *,
        user_metadata: UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> None:
        """Update fields of the user metadata of an indexed asset.

        Args:
            user_metadata: Fields to set. ``None`` as a value deletes a field; other fields keep their values.
        """
        path = _indexed_asset_path(index_id, indexed_asset_id)
        await self._send("PATCH", path, request_options, json={"user_metadata": user_metadata})

    async def delete(
        self, index_id: str, indexed_asset_id: str, *, request_options: RequestOptions | None = None
    ) -> None:
        """Delete an indexed asset and everything that indexing found.

        The asset itself remains.
        """
        await self._send("DELETE", _indexed_asset_path(index_id, indexed_asset_id), request_options)


@raw_responses_of(AsyncIndexedAssets)
class RawIndexedAssets(Raw[Mode]):
    """The methods of `AsyncIndexedAssets`, which return the whole response."""

    list: Final = raw_pager(AsyncIndexedAssets.list)
    list_by_asset: Final = raw_pager(AsyncIndexedAssets.list_by_asset)
    create: Final = raw(AsyncIndexedAssets.create)
    create_and_wait: Final = raw(AsyncIndexedAssets.create_and_wait)
    wait_until_ready: Final = raw(AsyncIndexedAssets.wait_until_ready)
    retrieve: Final = raw(AsyncIndexedAssets.retrieve)
    update: Final = raw(AsyncIndexedAssets.update)
    delete: Final = raw(AsyncIndexedAssets.delete)


def _indexed_asset_path(index_id: str, indexed_asset_id: str) -> str:
    return url_path(
        "/indexes/{index_id}/indexed-assets/{indexed_asset_id}", index_id=index_id, indexed_asset_id=indexed_asset_id
    )
