"""``/search``: find moments by text and images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Final

from .._files import File, opened
from .._pagination import AsyncPager, Page, http_response
from .._transport import Call, path
from ..models.search import (
    SearchCreateRequestGroupBy,
    SearchCreateRequestOperator,
    SearchCreateRequestQueryMediaType,
    SearchCreateRequestSearchOptionsItem,
    SearchCreateRequestTranscriptionOptionsItem,
    SearchItem,
    SearchResults,
    SearchRetrieveResponse,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, some

SEARCH: Final = "/search"
PAGE: Final = "/search/{page_token}"


class AsyncSearchPager(AsyncPager[SearchItem]):
    """The pager of a search, which makes tables of all pages from this one on; see `SearchResults` for the columns."""

    async def to_dicts(self) -> list[dict[str, Any]]:
        """Make a dict of each stretch of video that matches."""
        return (await self._all()).to_dicts()

    async def to_arrow(self) -> Any:
        """Make a `pyarrow.Table`, a row for each stretch of video that matches.

        Raises:
            ImportError: pyarrow is not installed.
        """
        return (await self._all()).to_arrow()

    async def to_pandas(self) -> Any:
        """Make a `pandas.DataFrame`, a row for each stretch of video that matches.

        Raises:
            ImportError: pandas is not installed.
        """
        return (await self._all()).to_pandas()

    async def _all(self) -> SearchResults:
        return SearchResults([found async for found in self])

    def _repr_html_(self) -> str:
        return SearchResults(self.items)._repr_html_()  # pyright: ignore[reportPrivateUsage]


class AsyncSearch(AsyncResource):
    """Find moments in an index: `query` for all pages, `create` and `retrieve` for one."""

    def query(
        self,
        *,
        index_id: str,
        search_options: Sequence[SearchCreateRequestSearchOptionsItem],
        query_media_type: SearchCreateRequestQueryMediaType | None = OMIT,
        query_media_url: str | None = OMIT,
        query_media_file: File | PathLike[str] | None = OMIT,
        query_media_urls: Sequence[str] | None = None,
        query_media_files: Sequence[File | PathLike[str]] | None = None,
        query_text: str | None = OMIT,
        adjust_confidence_level: float | None = OMIT,
        group_by: SearchCreateRequestGroupBy | None = OMIT,
        threshold: Any = OMIT,
        sort_option: str | None = OMIT,
        operator: SearchCreateRequestOperator | None = OMIT,
        page_limit: int | None = OMIT,
        filter: str | Mapping[str, Any] | None = OMIT,
        include_user_metadata: bool | None = OMIT,
        transcription_options: Sequence[SearchCreateRequestTranscriptionOptionsItem] | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> AsyncSearchPager:
        """Find moments that match a text, images, or both together.

        Only the first page counts as a search; later pages come by its token, which expires.

        Args:
            search_options: Where to look: ``visual``, ``audio`` (sounds other than speech), ``transcription`` (speech).
            query_media_type: ``image`` for a query with images.
            query_media_url: An image at a public URL.
            query_media_file: An image: a path, bytes, or an open binary file.
            query_media_urls: Several of them; with *query_media_files* at most 10.
            query_media_files: Several of them.
            query_text: What to look for, in natural language, at most 500 tokens.
            adjust_confidence_level: Ignored, as by the API.
            group_by: ``clip`` for moments, ``video`` for videos with their moments. Default: ``clip``.
            threshold: Ignored, as by the API.
            sort_option: Ignored, as by the API.
            operator: ``or`` to match in any of *search_options*, ``and`` to match in all. Default: ``or``.
            page_limit: Items on a page, 1 to 50. Default: 10.
            filter: Which videos to search, by ``id``, ``duration``, ``width``, ``height``, ``size``, ``filename`` and
                your own data, as in ``{"duration": {"gte": 60}, "team": "red"}``; a mapping, or its JSON text.
            include_user_metadata: Whether to return your own data about the videos. Default: no.
            transcription_options: How to match speech: ``lexical`` for words, ``semantic`` for meaning. Default: both.

        Raises:
            BadRequestError: An argument is wrong, or a page's token has expired.

        Example:
            ::

                async for found in client.search.query(
                    index_id=index.id, search_options=["visual", "audio"], query_text="a goal from a corner"
                ):
                    print(found.rank, found.video_id, found.start, found.end)
        """
        form = _form(
            index_id=index_id,
            search_options=search_options,
            query_media_type=query_media_type,
            query_media_url=query_media_url if query_media_urls is None else query_media_urls,
            query_text=query_text,
            transcription_options=transcription_options,
            group_by=group_by,
            operator=operator,
            page_limit=page_limit,
            filter=filter,
            include_user_metadata=include_user_metadata,
        )
        files = query_media_file if query_media_files is None else list(query_media_files)

        async def fetch(token: int | str | None) -> Page[SearchItem]:
            if token is None:
                async with opened(query_media_file=files) as sources:
                    call = Call("POST", SEARCH, form=form, files=sources, safe=True, category="search")
                    answer = await self._transport.send(call, request_options)
            else:
                query = {"include_user_metadata": include_user_metadata}
                call = Call("GET", path(PAGE, str(token)), query, safe=True)
                answer = await self._transport.send(call, request_options)
            found = self._transport.decode(call, answer, SearchRetrieveResponse)
            following = found.page_info.next_page_token if found.page_info else None
            return Page(
                found.data or [],
                following or None if following != token else None,
                info=found.page_info,
                response=http_response(answer),
            )

        return AsyncSearchPager(fetch, None)

    async def create(
        self,
        *,
        index_id: str,
        search_options: Sequence[SearchCreateRequestSearchOptionsItem],
        query_media_type: SearchCreateRequestQueryMediaType | None = OMIT,
        query_media_url: str | None = OMIT,
        query_media_file: File | PathLike[str] | None = OMIT,
        query_text: str | None = OMIT,
        transcription_options: Sequence[SearchCreateRequestTranscriptionOptionsItem] | None = OMIT,
        group_by: SearchCreateRequestGroupBy | None = OMIT,
        operator: SearchCreateRequestOperator | None = OMIT,
        page_limit: int | None = OMIT,
        filter: str | Mapping[str, Any] | None = OMIT,
        include_user_metadata: bool | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> SearchResults:
        """Find moments; get the first page, with what was searched. The arguments mean what they mean to `query`.

        Raises:
            BadRequestError: An argument is wrong.
        """
        form = _form(
            index_id=index_id,
            search_options=search_options,
            query_media_type=query_media_type,
            query_media_url=query_media_url,
            query_text=query_text,
            transcription_options=transcription_options,
            group_by=group_by,
            operator=operator,
            page_limit=page_limit,
            filter=filter,
            include_user_metadata=include_user_metadata,
        )
        async with opened(query_media_file=query_media_file) as files:
            return await self._post(
                SEARCH, SearchResults, request_options, form=form, files=files, safe=True, category="search"
            )

    async def retrieve(
        self,
        page_token: str,
        *,
        include_user_metadata: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> SearchRetrieveResponse:
        """Get a later page of a search.

        Args:
            page_token: ``page_info.next_page_token`` of the page before, or ``prev_page_token`` of the one after.
            include_user_metadata: Whether to return your own data about the videos. Default: no.

        Raises:
            BadRequestError: The token has expired; search again.
        """
        return await self._get(
            path(PAGE, page_token),
            SearchRetrieveResponse,
            request_options,
            query={"include_user_metadata": include_user_metadata},
        )


def _form(**fields: Any) -> Mapping[str, Any]:
    some("search_options", fields["search_options"], '["visual", "audio"]')
    return fields
