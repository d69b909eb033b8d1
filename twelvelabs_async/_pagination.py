"""Lists that come in pages: `AsyncPager`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeAlias, TypeVar

from attrs import define, field

from ._http_responses import BaseHttpResponse
from ._process_bound import ProcessBound
from ._removed import HintedAttributes
from ._request import Request, build_request
from ._response_values import models_in, optional_text
from ._responses import Response, http_facts
from ._transport import Transport
from ._validators import number, require_between
from .errors import APIResponseError
from .models._base import PageInfo
from .models._wire import hook_of
from .models.tables import AsyncTabular, columns_for, rows_of
from .options import RequestOptions, is_given

if TYPE_CHECKING:
    from .models._columns import Columns

__all__ = ["AsyncPager"]

T = TypeVar("T")

MAX_PAGES: Final = 100_000
"""Pages of a list that are read: with 50 items each, 5 million items. A longer list is taken for one without an end."""
MAX_EMPTY_PAGES: Final = 100
"""Empty pages in a row, for the same reason."""

Position: TypeAlias = int | str | None
"""A page's number or token; ``None`` is the first page."""


@define
class FetchedPage(Generic[T]):
    """The content of one page, and the position of the next.

    Attributes:
        items: The items on the page.
        next: Position of the next page; ``None`` at the end.
        last: Number of the last page, where it is known.
        info: The API's description of the page.
        response: Returns the response that it came in, without secrets, which few callers ask for.
    """

    items: list[T]
    next: int | str | None
    last: int | None = None
    info: Any = None
    response: Callable[[], BaseHttpResponse] | None = field(repr=False, default=None)

    def is_past_end(self, previous: FetchedPage[Any]) -> bool:
        """Return whether this page is behind the end of the list: empty, or the previous page repeated.

        Some servers repeat the last page. If the list has grown by one page, the previous page comes again as well, but
        with a larger total. An empty page with a token is not behind the end: a search may have results after it.
        """
        is_repeated = self.items == previous.items and self._total == previous._total
        is_empty = not self.items and self.next is None
        return not isinstance(self.next, str) and (is_empty or is_repeated)

    @property
    def _total(self) -> object:
        return getattr(self.info, "total_results", None)


FetchPage: TypeAlias = Callable[[Position], Awaitable[FetchedPage[T]]]


class AsyncPager(HintedAttributes, AsyncTabular, ProcessBound, Generic[T]):
    """A list that comes in pages. Nothing is requested before it is awaited or iterated.

    ``async for`` yields all items; ``await`` fetches the first page. N pages are N requests. Iterating once more
    requests the pages again.

    ``to_pandas()``, ``to_csv(path)`` and the other methods of `Table` take all pages from this one on. They write a
    file page by page.

    Example:
        ::

            async for asset in client.assets.list(page_limit=50):
                print(asset.filename)

            page = await client.assets.list()
            print(page.items, page.has_next)

            frame = await client.assets.list(page_limit=50).to_pandas()
    """

    def __init__(
        self,
        fetch_page: FetchPage[T],
        item: Any,
        start: Position = None,
        fetched: FetchedPage[T] | None = None,
        *,
        ahead: int = 1,
    ) -> None:
        self._fetch_page = fetch_page
        self._item = item
        self._start = start
        self._fetched = fetched
        self._ahead = ahead

    def __repr__(self) -> str:
        return f"{type(self).__name__}(items={self.items!r}, has_next={self.has_next})"

    @property
    def items(self) -> list[T] | None:
        """The items on this page; ``None`` until it is fetched."""
        return None if self._fetched is None else self._fetched.items

    @property
    def data(self) -> list[T] | None:
        """The same as `items`, by the API's name."""
        return self.items

    @property
    def page_info(self) -> Any:
        """The API's description of this page; ``None`` until it is fetched."""
        return None if self._fetched is None else self._fetched.info

    @property
    def has_next(self) -> bool:
        """True if there is another page to fetch."""
        return self._fetched is None or self._fetched.next is not None

    @property
    def get_next(self) -> Callable[[], Awaitable[Self | None]] | None:
        """The function that fetches the next page; ``None`` at the end."""
        return self.next_page if self.has_next else None

    @property
    def response(self) -> BaseHttpResponse | None:
        """Status, headers and request id of the response with this page; ``None`` until it is fetched."""
        return None if self._fetched is None or self._fetched.response is None else self._fetched.response()

    def __await__(self) -> Generator[Any, None, Self]:
        return self._fetch_first().__await__()

    async def _fetch_first(self) -> Self:
        if self._fetched is None:
            self._fetched = await self._fetch_page(self._start)
        return self

    def _with(self, fetched: FetchedPage[T]) -> Self:
        return type(self)(self._fetch_page, self._item, self._start, fetched, ahead=self._ahead)

    async def next_page(self) -> Self | None:
        """Fetch the next page, or the first one if none is fetched yet; ``None`` at the end."""
        if self._fetched is None:
            return await self
        if self._fetched.next is None:
            return None
        fetched = await self._fetch_page(self._fetched.next)
        return None if fetched.is_past_end(self._fetched) else self._with(fetched)

    def prefetch(self, pages: int) -> Self:
        """Iterate with up to *pages* concurrent requests. Their total number and the order of items stay the same.

        Only numbered pages can be fetched ahead, not those with page tokens.

        Raises:
            TypeError: *pages* is not an int.
            ValueError: *pages* is less than 1.
        """
        require_between("pages", pages, 1, is_whole=True)
        return type(self)(self._fetch_page, self._item, self._start, self._fetched, ahead=pages)

    def __columns__(self) -> Columns:
        return columns_for(self._item)

    async def __batches__(self) -> AsyncGenerator[list[object], None]:
        async with aclosing(self._iter_fetched()) as pages:
            async for fetched in pages:
                yield [*rows_of(fetched.items)]

    def _repr_html_(self) -> str:
        from .models._notebook import pager_form

        return pager_form(
            self.__columns__(), None if self.items is None else rows_of(self.items), has_next=self.has_next
        )

    async def iter_pages(self) -> AsyncGenerator[Self, None]:
        """Yield every page from this one on."""
        async with aclosing(self._iter_fetched()) as pages:
            async for fetched in pages:
                yield self._with(fetched)

    async def _iter_fetched(self) -> AsyncGenerator[FetchedPage[T], None]:
        fetched = self._fetched or await self._fetch_page(self._start)
        yield fetched
        if self._ahead > 1 and isinstance(fetched.next, int) and isinstance(fetched.last, int):
            async with aclosing(self._iter_ahead(fetched, fetched.next, fetched.last)) as pages:
                async for fetched in pages:
                    yield fetched
            return
        seen = set[int | str]()
        empty_pages = 0
        while fetched.next is not None and fetched.next not in seen:  # tokens may come in circles
            seen.add(fetched.next)
            previous, fetched = fetched, await self._fetch_page(fetched.next)
            if fetched.is_past_end(previous):
                return
            empty_pages = 0 if fetched.items else empty_pages + 1
            if len(seen) >= MAX_PAGES or empty_pages >= MAX_EMPTY_PAGES:
                raise _endless_list(len(seen))
            yield fetched

    async def _iter_ahead(
        self, fetched: FetchedPage[T], number: int, last: int
    ) -> AsyncGenerator[FetchedPage[T], None]:
        requests: deque[asyncio.Future[FetchedPage[T]]] = deque()
        try:
            while number <= last or requests:
                while number <= last and len(requests) < self._ahead:
                    requests.append(asyncio.ensure_future(self._fetch_page(number)))
                    number += 1
                previous, fetched = fetched, await requests.popleft()
                if fetched.is_past_end(previous):
                    return
                last = max(last, fetched.last or 0)  # the list may have grown
                if number > MAX_PAGES:
                    raise _endless_list(number)
                yield fetched
        finally:
            for request in requests:
                request.cancel()
            await asyncio.gather(*requests, return_exceptions=True)

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        async with aclosing(self._iter_fetched()) as pages:  # a caller that leaves early leaves no request behind
            async for fetched in pages:
                for item in fetched.items:
                    yield item


def _endless_list(pages: int) -> APIResponseError:
    return APIResponseError(f"The list does not end: {pages:,} pages were read. Filter it, or raise page_limit.")


def numbered_pages(
    transport: Transport,
    url_path: str,
    item: type[T],
    *,
    query: Mapping[str, Any],
    page: int | None,
    options: RequestOptions | None,
    items_field: str = "data",
) -> AsyncPager[T]:
    """Return the pager of a list whose pages are numbered.

    Raises:
        TypeError: *page* or ``page_limit`` is not a whole number.
        ValueError: One of them is not positive.
    """
    page_limit = query.get("page_limit")
    numbers: Mapping[str, Any] = {"page": page, "page_limit": page_limit}
    for name, given in numbers.items():
        if is_given(given):
            require_between(name, given, 1, is_whole=True)
    start: int = number(page) if is_given(page) else 1
    limit: int = number(page_limit) if is_given(page_limit) else 10

    async def fetch_page(position: Position) -> FetchedPage[T]:
        page_number = start if position is None else int(position)
        request = build_request(transport.settings, "GET", url_path, options, query={"page": page_number, **query})
        response = await transport.send(request)
        data = transport.decode(request, response, dict[str, Any])
        listed: Any = hook_of(list[item])(data.get(items_field) or [])  # type: ignore[valid-type]
        items: list[T] = models_in(request, items_field, listed)
        info = hook_of(PageInfo)(data.get("page_info") or {})
        shown, total = getattr(info, "page", None), getattr(info, "total_page", None)
        last = total if type(total) is int and total >= page_number else None  # else the list ends with a page not full
        if page_number != start and type(shown) is int and shown != page_number:
            items = listed = []  # behind the end, some servers send another page
        has_next = len(listed) >= limit if last is None else page_number < last
        next_number = page_number + 1 if has_next and listed else None
        return FetchedPage(items, next_number, last, info, http_response(transport, response))

    return AsyncPager(fetch_page, item)


def page_with_token(
    request: Request,
    position: Position,
    data: list[T] | None,
    token: object,
    info: Any,
    response: Callable[[], BaseHttpResponse],
) -> FetchedPage[T]:
    """Return the page at *position* of a list in which *token* leads to the next page.

    Raises:
        APIResponseError: *data* is not a list, or *token* not a string.
    """
    following = optional_text(request, "next_page_token", token)
    is_last = not following or following == position
    return FetchedPage(models_in(request, "data", data), None if is_last else following, info=info, response=response)


def http_response(transport: Transport, response: Response) -> Callable[[], BaseHttpResponse]:
    """Return a function that returns the part of *response* that a pager shows."""
    key, shown = transport.key, Response(response.status, response.headers, elapsed=response.elapsed)
    return lambda: BaseHttpResponse(**http_facts(key, shown))
