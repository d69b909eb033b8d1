"""The names of videos: file, length, and the further details that the API has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from attrs import frozen

from .._failures import is_missing
from .._pagination import AsyncPager
from .._request import require_ids
from .._transport import Transport
from .._video_cache import Listing
from ..errors import APIStatusError
from ..models.assets import video_of_asset
from ..models.indexed_assets import video_of_indexed_asset
from ..models.knowledge_stores import video_of_item
from ..models.moment import Moment, MomentVideo
from ..models.moments import Moments
from ..options import MAX_PAGE_LIMIT, RequestOptions
from .assets import AsyncAssets
from .indexed_assets import AsyncIndexedAssets
from .knowledge_store_items import AsyncKnowledgeStoreItems

CONCURRENCY: Final = 8
RETRIEVED_SHARE: Final = 0.25
"""Videos are retrieved one by one up to this share of the pages that the rest of the list has.

So a few hits in a large index do not cost the list, and the hits of many searches cost little more than it.
"""


@frozen
class VideoList:
    """The list of an index, or of a knowledge store.

    Attributes:
        id: Id of the index or of the store.
        pages: The list, with as many videos on a page as possible.
        retrieve: Retrieves one of the videos.
        video_of: Converts what the list contains, or what was retrieved.
    """

    id: str
    pages: AsyncPager[Any]
    retrieve: Callable[[str], Awaitable[Any]]
    video_of: Callable[[Any], MomentVideo]


class VideoNames:
    """Names videos by lists, and by what the client knows already."""

    def __init__(self, transport: Transport, options: RequestOptions | None) -> None:
        self._transport = transport
        self._cache = transport.videos
        self._options = options

    async def of_index(
        self, index_id: str, video_ids: Iterable[object], *, details: bool = False
    ) -> Mapping[str, MomentVideo]:
        """Return the videos of an index that exist, by their ids.

        Args:
            index_id: The index.
            video_ids: Ids of indexed assets. What is no id is left out.
            details: True to retrieve each video, for its user metadata and URLs.
        """
        indexed_assets, options = AsyncIndexedAssets(self._transport), self._options
        listed = VideoList(
            index_id,
            indexed_assets.list(index_id, page_limit=MAX_PAGE_LIMIT, request_options=options),
            lambda video_id: indexed_assets.retrieve(index_id, video_id, request_options=options),
            lambda item: video_of_indexed_asset(item, index_id),
        )
        return await self._find(listed, _valid_ids(video_ids), details=details)

    async def of_store(
        self, knowledge_store_id: str, item_ids: Iterable[object], *, details: bool = False
    ) -> Mapping[str, MomentVideo]:
        """Return the videos of a knowledge store that exist, by the ids of their items.

        Their details are those of their assets.
        """
        items, options = AsyncKnowledgeStoreItems(self._transport), self._options
        listed = VideoList(
            knowledge_store_id,
            items.list(knowledge_store_id, page_limit=MAX_PAGE_LIMIT, request_options=options),
            lambda item_id: items.retrieve(knowledge_store_id, item_id, request_options=options),
            video_of_item,
        )
        found = await self._find(listed, _valid_ids(item_ids))
        if not details:
            return found
        assets = await self.of_assets((video.asset_id for video in found.values()), details=True)
        return {item_id: merged(video, assets.get(video.asset_id or "")) for item_id, video in found.items()}

    async def of_assets(self, asset_ids: Iterable[object], *, details: bool = False) -> Mapping[str, MomentVideo]:
        """Return the assets that exist, by their ids. Their list has all details, with a request for 50 assets."""
        ids, assets = _valid_ids(asset_ids), AsyncAssets(self._transport)
        async with self._cache.lock("assets"):
            unknown = [one for one in ids if not self._cache.knows(one, in_detail=details)]
            for first in range(0, len(unknown), MAX_PAGE_LIMIT):
                some = unknown[first : first + MAX_PAGE_LIMIT]
                page = await assets.list(asset_ids=some, page_limit=MAX_PAGE_LIMIT, request_options=self._options)
                found = {item.id: item for item in page.items or ()}
                for asset_id in some:
                    if asset := found.get(asset_id):
                        self._cache.add_detailed(asset_id, video_of_asset(asset))
                    else:
                        self._cache.add(asset_id, None, ids)
        return self._known(ids)

    async def name(
        self, moments: Iterable[Moment], knowledge_store_id: str | None = None, *, details: bool = False
    ) -> Moments:
        """Return moments with what is known about their videos."""
        given = Moments(moments)
        videos = [video for video, _ in given.by_video() if details or not (video.filename and video.duration)]
        found: dict[str, MomentVideo] = {}
        for index_id in dict.fromkeys(video.index_id for video in videos if video.index_id and video.id):
            ids = [video.id for video in videos if video.index_id == index_id]
            found |= await self.of_index(str(index_id), ids, details=details)
        others = [video for video in videos if not (video.index_id and video.id)]
        if knowledge_store_id:
            ids = [video.id for video in others if not video.asset_id]
            found |= await self.of_store(knowledge_store_id, ids, details=details)
        found |= await self.of_assets((video.asset_id for video in others), details=details)
        named = {video.key: merged(video, found.get(video.id or video.asset_id or "")) for video in videos}
        return Moments(
            moment.copy(video=named[moment.video.key]) if moment.video and moment.video.key in named else moment
            for moment in given
        )

    async def _find(self, listed: VideoList, ids: Sequence[str], *, details: bool = False) -> Mapping[str, MomentVideo]:
        if not all(self._cache.knows(one, in_detail=details) for one in ids):
            async with self._cache.lock(listed.id):  # what another call is reading is not read again
                await (self._retrieve(listed, ids) if details else self._list(listed, ids))
        return self._known(ids)

    async def _list(self, listed: VideoList, ids: Sequence[str]) -> None:
        listings = self._cache.listings
        if self._missing(ids) and listed.id not in listings:
            self._remember(listed, await listed.pages, ids)
            pages = getattr(listed.pages.page_info, "total_page", None)
            listings[listed.id] = Listing(pages - 1 if type(pages) is int else 0)
        if not (missing := self._missing(ids)):
            return
        listing = listings[listed.id]
        if listing.retrieved + len(missing) <= listing.pages_left * RETRIEVED_SHARE:
            listing.retrieved += len(missing)
            await self._retrieve(listed, missing)
            return
        async for page in listed.pages.prefetch(CONCURRENCY).iter_pages():
            self._remember(listed, page, ids)
        for one in self._missing(missing):
            self._cache.add(one, None, ids)
        listings.pop(listed.id, None)  # by then, new videos are on the first page

    async def _retrieve(self, listed: VideoList, ids: Sequence[str]) -> None:
        semaphore = asyncio.Semaphore(CONCURRENCY)

        async def retrieve(video_id: str) -> None:
            async with semaphore:
                try:
                    item = await listed.retrieve(video_id)
                except APIStatusError as error:
                    if not is_missing(error):
                        raise
                    self._cache.add(video_id, None, ids)
                else:
                    self._cache.add_detailed(video_id, listed.video_of(item))

        tasks = [asyncio.ensure_future(retrieve(one)) for one in ids if not self._cache.knows(one, in_detail=True)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _remember(self, listed: VideoList, page: AsyncPager[Any], wanted: Sequence[str]) -> None:
        for item in page.items or ():
            if isinstance(item.id, str):
                self._cache.add(item.id, listed.video_of(item), wanted)

    def _missing(self, ids: Sequence[str]) -> list[str]:
        return [one for one in ids if not self._cache.knows(one)]

    def _known(self, ids: Sequence[str]) -> Mapping[str, MomentVideo]:
        found = {one: self._cache.get(one) for one in ids}
        return {one: video for one, video in found.items() if video is not None}


def merged(video: MomentVideo, found: MomentVideo | None) -> MomentVideo:
    """Return what is known about a video: what was found, and else what it has already."""
    known = {name: value for name, value in found or () if value is not None and value != getattr(video, name)}
    return video.copy(**known) if known else video


def _valid_ids(ids: Iterable[object]) -> Sequence[str]:
    """Return each id that a URL can contain, once."""
    valid: list[str] = []
    for one in dict.fromkeys(one for one in ids if isinstance(one, str)):
        with suppress(ValueError):
            require_ids(video_id=one)
            valid.append(one)
    return valid
