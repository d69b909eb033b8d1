"""The pages of a search, with the videos of the matches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any, Concatenate, Generic, Never, TypeVar, overload

from attrs import frozen

from .._pagination import AsyncPager, FetchedPage, FetchPage, Position
from .._replaced_files import Target
from .._sync_pager import SyncPager
from .._transport import Transport
from .._validators import require_between
from ..models.moment import MomentVideo
from ..models.moments import Moments
from ..models.search import NamedSearchItem, SearchItem
from ..options import RequestOptions
from ._raw import A, Endpoint, F, P, make_raw, respond_with_pager

__all__ = ["AsyncSearchPager", "SyncSearchPager"]

S = TypeVar("S", bound=SearchItem)


@frozen
class SearchPages(Generic[S]):
    """Fetches the pages of a search in an index, and names the videos of the matches."""

    fetch: FetchPage[S]
    transport: Transport
    index_id: str
    options: RequestOptions | None
    query_text: str | None

    async def __call__(self, position: Position) -> FetchedPage[S]:
        """Return the page at *position*."""
        return await self.fetch(position)

    async def name(self, items: Sequence[SearchItem], *, details: bool = False) -> list[NamedSearchItem]:
        """Return the matches with their videos."""
        from ._video_names import VideoNames

        ids = [item.video_id or item.id for item in items]
        videos = await VideoNames(self.transport, self.options).of_index(self.index_id, ids, details=details)
        named: list[NamedSearchItem] = []
        for video_id, item in zip(ids, items, strict=True):
            video = videos.get(str(video_id)) or MomentVideo(id=video_id, index_id=self.index_id)
            if item.user_metadata is not None:
                video = video.copy(user_metadata=item.user_metadata)
            fields: dict[str, Any] = {**vars(item), "video": video}
            named.append(NamedSearchItem(**fields))
        return named


class AsyncSearchPager(AsyncPager[S]):
    """The matches of a search, which come in pages. It has all methods of `AsyncPager`."""

    _fetch_page: SearchPages[S]

    def with_videos(self, *, details: bool = False) -> AsyncSearchPager[NamedSearchItem]:
        """Return the same matches with their videos: file name, length, and the user metadata of the search.

        The videos are named by the list of the index. It is read as far as necessary, with at most one request for 50
        videos of the index, and the client remembers it. A few videos of a large index are retrieved one by one
        instead. A video that was deleted has no name.

        Args:
            details: True to retrieve each video, with a request for each. Then it also has its user metadata, and the
                URLs of its stream and its picture, if it was indexed with ``enable_video_stream=True``. The client
                reuses them for 5 minutes, since URLs expire.

        Example:
            ::

                found = client.search.query(index_id=index.id, search_options=["visual"], query_text="a goal")
                async for match in found.with_videos():
                    print(match.video.filename, match.start, match.end)
        """
        pages, start, fetched = self._fetch_page, self._start, self._fetched

        async def fetch_named(position: Position) -> FetchedPage[NamedSearchItem]:
            page = await pages(position) if fetched is None or position != start else fetched
            named = await pages.name(page.items, details=details)
            return FetchedPage(named, page.next, page.last, page.info, page.response)

        named_pages = SearchPages(fetch_named, pages.transport, pages.index_id, pages.options, pages.query_text)
        return AsyncSearchPager(named_pages, NamedSearchItem, start, ahead=self._ahead)

    async def moments(self, limit: int | None = None, *, details: bool = False) -> Moments:
        """Return the matching segments of all pages from this one on as moments, with their videos.

        Args:
            limit: Number of moments. Default: all.
            details: True to retrieve each video, see `with_videos`.

        Raises:
            TypeError: *limit* is not an int.
            ValueError: *limit* is less than 1.
        """
        if limit is not None:
            require_between("limit", limit, 1, is_whole=True)
        items: list[S] = []
        count = 0
        async with aclosing(self._iter_fetched()) as pages:
            async for page in pages:
                items += page.items
                count += sum(len(item.moments()) for item in page.items)
                if limit is not None and count >= limit:
                    break
        named = await self._fetch_page.name(items, details=details)
        return Moments(moment for item in named for moment in item.moments())[:limit]

    async def to_html(self, file: Target, *, title: str | None = None) -> None:
        """Write a page to look at, with the matches of all pages from this one on. See `Table.to_html`.

        Each video is retrieved, with a request for each, so that the page has its name and its player. For a page
        with names alone, write that of `moments`. The title is the text of the query by default.

        Example:
            ::

                found = client.search.query(index_id=index.id, search_options=["visual"], query_text="a goal")
                await found.to_html("goals.html")
                (await found.moments()).to_html("without_players.html")
        """
        title = title or self._fetch_page.query_text
        await AsyncPager[NamedSearchItem].to_html(self.with_videos(details=True), file, title=title)


class SyncSearchPager(SyncPager[S], of=AsyncSearchPager):
    """The matches of a search, which come in pages, with the first page. It has all methods of `SyncPager`."""

    _async: AsyncSearchPager[S]

    def with_videos(self, *, details: bool = False) -> SyncSearchPager[NamedSearchItem]:
        """Return the same matches with their videos. See `AsyncSearchPager.with_videos`."""
        named = self._async.with_videos(details=details)
        self._runner.run(named.next_page())
        return SyncSearchPager(named, self._runner)

    def moments(self, limit: int | None = None, *, details: bool = False) -> Moments:
        """Return the matching segments of all pages as moments. See `AsyncSearchPager.moments`."""
        return self._runner.run(self._async.moments(limit, details=details))

    def to_html(self, file: Target, *, title: str | None = None) -> None:
        """Write a page to look at, with the matches of all pages. See `AsyncSearchPager.to_html`."""
        self._runner.run(self._async.to_html(file, title=title))


@overload
def raw_search_pager(
    method: Callable[Concatenate[A, P], AsyncSearchPager[S]],
) -> Endpoint[P, AsyncSearchPager[S], SyncSearchPager[S]]: ...
@overload
def raw_search_pager(method: F, _: Never, /) -> F: ...
def raw_search_pager(method: Any, *_: Never) -> Any:
    """Make the method behind `with_raw_response` that returns an `AsyncSearchPager`, as `raw_pager` does."""
    return make_raw(method, respond_with_pager)
