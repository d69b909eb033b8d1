"""``/search``: search of an index by text and images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Never

from .._file_inputs import File, require_files
from .._files import open_files
from .._pagination import FetchedPage, Position, page_with_token
from .._removed import reject_keywords
from .._request import Request, argument_checks, url_path
from ..models.search import (
    QueryMediaType,
    SearchGroupBy,
    SearchItem,
    SearchOperator,
    SearchOption,
    SearchResults,
    SearchRetrieveResponse,
    TranscriptionOption,
)
from ..options import OMIT, RequestOptions, is_given
from ._base import AsyncResource, require_nonempty
from ._raw import Awaited, Mode, Raw, raw, raw_responses_of
from ._search_pager import AsyncSearchPager, SearchPages, raw_search_pager

__all__ = ["AsyncSearch"]


class AsyncSearch(AsyncResource):
    """Search an index. `query` returns all pages, `create` and `retrieve` one each."""

    with_raw_response: RawSearch[Awaited]

    def query(
        self,
        *,
        index_id: str,
        search_options: Sequence[SearchOption],
        query_media_type: QueryMediaType | None = OMIT,
        query_media_url: str | None = OMIT,
        query_media_file: File | None = OMIT,
        query_media_urls: Sequence[str] | None = None,
        query_media_files: Sequence[File] | None = None,
        query_text: str | None = OMIT,
        adjust_confidence_level: float | None = OMIT,
        group_by: SearchGroupBy | None = OMIT,
        threshold: Any = OMIT,
        sort_option: str | None = OMIT,
        operator: SearchOperator | None = OMIT,
        page_limit: int | None = OMIT,
        filter: str | Mapping[str, Any] | None = OMIT,
        include_user_metadata: bool | None = OMIT,
        transcription_options: Sequence[TranscriptionOption] | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> AsyncSearchPager[SearchItem]:
        """Search an index by a text, images, or both together.

        Only the first page counts as a search. Later pages are requested by a token, which expires.

        Args:
            search_options: Modalities to search: ``visual``, ``audio`` (sounds except speech), ``transcription``
                (speech).
            query_media_type: ``image`` for a query with images.
            query_media_url: Public URL of an image.
            query_media_file: Image, as `File` describes: a path, bytes, or an open binary file.
            query_media_urls: Public URLs of images. Together with *query_media_files* at most 10.
            query_media_files: Images: paths, bytes, or open binary files.
            query_text: Query in natural language. At most 500 tokens.
            adjust_confidence_level: Ignored, as by the API.
            group_by: ``clip`` for clips, ``video`` for videos with their clips. Default: ``clip``.
            threshold: Ignored, as by the API.
            sort_option: Ignored, as by the API.
            operator: ``or`` to match any of *search_options*, ``and`` to match all of them. Default: ``or``.
            page_limit: Items on a page. 1 to 50. Default: 10.
            filter: Filter by ``id``, ``duration``, ``width``, ``height``, ``size``, ``filename`` and user metadata:
                a mapping such as ``{"duration": {"gte": 60}, "team": "red"}``, or its JSON text.
            include_user_metadata: True to return the user metadata of the videos. Default: false.
            transcription_options: ``lexical`` to match words, ``semantic`` to match meaning. Default: both.

        Raises:
            BadRequestError: An argument is invalid, or the token of a page has expired.

        Example:
            ::

                async for found in client.search.query(
                    index_id=index.id, search_options=["visual", "audio"], query_text="a goal from a corner"
                ):
                    print(found.rank, found.video_id, found.start, found.end)
        """
        with argument_checks(request_options):
            _validate_search_options(search_options)
        form = {
            "index_id": index_id,
            "search_options": search_options,
            "query_media_type": query_media_type,
            "query_media_url": query_media_url if query_media_urls is None else query_media_urls,
            "query_text": query_text,
            "transcription_options": transcription_options,
            "group_by": group_by,
            "operator": operator,
            "page_limit": page_limit,
            "filter": filter,
            "include_user_metadata": include_user_metadata,
        }
        images = None if query_media_files is None else require_files("query_media_files", query_media_files)

        async def fetch_page(token: Position) -> FetchedPage[SearchItem]:
            if token is not None:
                path = url_path("/search/{page_token}", page_token=str(token))
                query = {"include_user_metadata": include_user_metadata}
                return await self._fetch_page(self._build("GET", path, request_options, query=query), token)
            async with open_files(query_media_file=query_media_file if images is None else images) as opened:
                request = self._build("POST", "/search", request_options, form=form, files=opened, category="search")
                return await self._fetch_page(request, None)

        text = query_text if is_given(query_text) else None
        pages = SearchPages(fetch_page, self._transport, index_id, request_options, text)
        return AsyncSearchPager(pages, SearchItem)

    async def _fetch_page(self, request: Request, token: Position) -> FetchedPage[SearchItem]:
        found, response = await self._request_page(request, SearchRetrieveResponse)
        next_token = getattr(found.page_info, "next_page_token", None)
        return page_with_token(request, token, found.data, next_token, found.page_info, response)

    async def create(
        self,
        /,
        *,
        index_id: str,
        search_options: Sequence[SearchOption],
        query_media_type: QueryMediaType | None = OMIT,
        query_media_url: str | None = OMIT,
        query_media_file: File | None = OMIT,
        query_text: str | None = OMIT,
        transcription_options: Sequence[TranscriptionOption] | None = OMIT,
        group_by: SearchGroupBy | None = OMIT,
        operator: SearchOperator | None = OMIT,
        page_limit: int | None = OMIT,
        filter: str | Mapping[str, Any] | None = OMIT,
        include_user_metadata: bool | None = OMIT,
        request_options: RequestOptions | None = None,
        **removed: Never,
    ) -> SearchResults:
        """Search an index, and return the first page. The arguments are those of `query`.

        Raises:
            BadRequestError: An argument is invalid.
        """
        reject_keywords(self.create, removed)
        with argument_checks(request_options):
            _validate_search_options(search_options)
        form = {
            "index_id": index_id,
            "search_options": search_options,
            "query_media_type": query_media_type,
            "query_media_url": query_media_url,
            "query_text": query_text,
            "transcription_options": transcription_options,
            "group_by": group_by,
            "operator": operator,
            "page_limit": page_limit,
            "filter": filter,
            "include_user_metadata": include_user_metadata,
        }
        async with open_files(query_media_file=query_media_file) as files:
            return await self._post(
                "/search", SearchResults, request_options, form=form, files=files, is_idempotent=True, category="search"
            )

    async def retrieve(
        self,
        page_token: str,
        *,
        include_user_metadata: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> SearchRetrieveResponse:
        """Retrieve a later page of a search.

        Args:
            page_token: ``page_info.next_page_token`` of the previous page, or ``prev_page_token`` of the next one.
            include_user_metadata: True to return the user metadata of the videos. Default: false.

        Raises:
            BadRequestError: The token has expired: search again.
        """
        path = url_path("/search/{page_token}", page_token=page_token)
        query = {"include_user_metadata": include_user_metadata}
        return await self._get(path, SearchRetrieveResponse, request_options, query=query)


@raw_responses_of(AsyncSearch)
class RawSearch(Raw[Mode]):
    """The methods of `AsyncSearch`, which return the whole response."""

    query: Final = raw_search_pager(AsyncSearch.query)
    create: Final = raw(AsyncSearch.create)
    retrieve: Final = raw(AsyncSearch.retrieve)


def _validate_search_options(search_options: Sequence[SearchOption]) -> None:
    require_nonempty("search_options", search_options, '["visual", "audio"]')
