"""The names of videos: file, length, and the further details that the API has."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from .._failures import is_missing
from .._pagination import AsyncPager
from .._request import require_ids
from .._transport import Transport
from .._video_cache import Listing
from ..errors import APIStatusError
from ..models.indexed_assets import IndexedAsset, video_of
from ..models.moment import MomentVideo
from ..options import MAX_PAGE_LIMIT, RequestOptions
from .indexed_assets import AsyncIndexedAssets

CONCURRENCY: Final = 8
RETRIEVED_SHARE: Final = 0.25
"""Videos are retrieved one by one up to this share of the pages that the rest of the list has.

So a few hits in a large index do not cost the list, and the hits of many searches cost little more than it.
"""


class VideoNames:
    """Names videos of indexes, by the lists of the indexes and by what is known already."""

    def __init__(self, transport: Transport) -> None:
        self._cache = transport.videos
        self._indexed_assets = AsyncIndexedAssets(transport)

    async def find(
        self, index_id: str, video_ids: Iterable[object], options: RequestOptions | None, *, details: bool = False
    ) -> Mapping[str, MomentVideo]:
        """Return the videos of an index that exist, by their ids.

        Args:
            index_id: The index.
            video_ids: Ids of indexed assets. What is no id is left out.
            options: Options of the requests.
            details: True to retrieve each video, for its user metadata and URLs.
        """
        ids = [*_valid_ids(video_ids)]
        if not all(self._cache.knows(one, in_detail=details) for one in ids):
            async with self._cache.lock(index_id):  # what another call is reading is not read again
                if details:
                    await self._retrieve(index_id, ids, options)
                else:
                    await self._list(index_id, ids, options)
        found = {one: self._cache.get(one) for one in ids}
        return {one: video for one, video in found.items() if video is not None}

    async def _list(self, index_id: str, ids: Sequence[str], options: RequestOptions | None) -> None:
        pager = self._indexed_assets.list(index_id, page_limit=MAX_PAGE_LIMIT, request_options=options)
        listings = self._cache.listings
        if self._missing(ids) and index_id not in listings:
            self._remember(index_id, await pager, ids)
            pages = getattr(pager.page_info, "total_page", None)
            listings[index_id] = Listing(pages - 1 if type(pages) is int else 0)
        if not (missing := self._missing(ids)):
            return
        listing = listings[index_id]
        if listing.retrieved + len(missing) <= listing.pages_left * RETRIEVED_SHARE:
            listing.retrieved += len(missing)
            await self._retrieve(index_id, missing, options)
            return
        async for page in pager.prefetch(CONCURRENCY).iter_pages():
            self._remember(index_id, page, ids)
        for one in self._missing(missing):
            self._cache.add(one, None, ids)
        listings.pop(index_id, None)  # by then, new videos are on the first page

    def _missing(self, ids: Sequence[str]) -> list[str]:
        return [one for one in ids if not self._cache.knows(one)]

    async def _retrieve(self, index_id: str, ids: Sequence[str], options: RequestOptions | None) -> None:
        semaphore = asyncio.Semaphore(CONCURRENCY)

        async def retrieve(video_id: str) -> None:
            async with semaphore:
                try:
                    item = await self._indexed_assets.retrieve(index_id, video_id, request_options=options)
                except APIStatusError as error:
                    if not is_missing(error):
                        raise
                    self._cache.add(video_id, None, ids)
                else:
                    self._cache.add_detailed(video_id, video_of(item, index_id))

        tasks = [asyncio.ensure_future(retrieve(one)) for one in ids if not self._cache.knows(one, in_detail=True)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _remember(self, index_id: str, page: AsyncPager[IndexedAsset], wanted: Container[str]) -> None:
        for item in page.items or ():
            if isinstance(item.id, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                self._cache.add(item.id, video_of(item, index_id), wanted)


def _valid_ids(ids: Iterable[object]) -> Iterator[str]:
    """Yield each id that a URL can contain, once."""
    for one in dict.fromkeys(one for one in ids if isinstance(one, str)):
        with suppress(ValueError):
            require_ids(video_id=one)
            yield one
