"""The videos of an index as rows, with the URLs of their streams and pictures."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from attrs import frozen

from .._transport import Transport
from ..models.moment import Moment
from ..models.tables import AsyncTabular, columns_for
from ..options import MAX_PAGE_LIMIT, RequestOptions
from .indexed_assets import AsyncIndexedAssets

if TYPE_CHECKING:
    from ..models._columns import Columns


@frozen
class IndexVideos(AsyncTabular):
    """Retrieves all videos of an index, page by page. As a table, it has a row for each: a moment of the whole video.

    Videos that are not ready have their status as metadata.
    """

    transport: Transport
    index_id: str
    options: RequestOptions | None

    def __columns__(self) -> Columns:
        return columns_for(Moment)

    async def __batches__(self) -> AsyncGenerator[Sequence[object], None]:
        from ._video_names import VideoNames

        indexed_assets = AsyncIndexedAssets(self.transport)
        names = VideoNames(self.transport, self.options)
        pager = indexed_assets.list(self.index_id, page_limit=MAX_PAGE_LIMIT, request_options=self.options)
        async with aclosing(pager.iter_pages()) as pages:
            async for page in pages:
                items = {item.id: item for item in page.items or ()}
                videos = await names.of_index(self.index_id, items, details=True)
                yield [
                    Moment(start=0.0, video=video, metadata=None if status == "ready" else {"status": status})
                    for video_id, video in videos.items()
                    for status in [items[video_id].status]
                ]
