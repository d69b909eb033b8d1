"""Lists that come in pages: `AsyncPager`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import aclosing
from typing import Any, Generic, Self, TypeVar

from attrs import define, frozen

from ._transport import Answer, Call, Transport
from .models._base import PageInfo
from .models._wire import hook_of
from .options import RequestOptions

__all__ = ["AsyncPager", "HttpResponse"]

T = TypeVar("T")


@frozen
class HttpResponse:
    """The status and headers of an answer."""

    status_code: int
    headers: Mapping[str, str]


@define
class Page(Generic[T]):
    """One page, and where the next one is.

    Attributes:
        items: What is on it.
        next: The number or token of the next page; ``None`` at the end.
        last: The number of the last page, where it is known.
        info: What the API says of the page.
        response: The answer it came in.
    """

    items: list[T]
    next: int | str | None
    last: int | None = None
    info: Any = None
    response: HttpResponse | None = None


Fetch = Callable[[int | str | None], Awaitable[Page[T]]]
"""Fetches the page with a number or token."""


class AsyncPager(Generic[T]):
    """A list that comes in pages. Nothing is requested before it is awaited or iterated.

    ``async for`` it for all items, or await it for the first page. N pages are N requests. It can be iterated again,
    which asks again.

    Example:
        ::

            async for asset in client.assets.list(page_limit=50):
                print(asset.filename)

            page = await client.assets.list()
            print(page.items, page.has_next)
    """

    def __init__(
        self, fetch: Fetch[T], start: int | str | None = 1, page: Page[T] | None = None, *, ahead: int = 1
    ) -> None:
        self._fetch = fetch
        self._start = start
        self._page = page
        self._ahead = ahead

    def __repr__(self) -> str:
        return f"{type(self).__name__}(items={self.items!r}, has_next={self.has_next})"

    @property
    def items(self) -> list[T] | None:
        """What is on this page; ``None`` until it is fetched."""
        return None if self._page is None else self._page.items

    @property
    def data(self) -> list[T] | None:
        """The same as `items`, by the API's name."""
        return self.items

    @property
    def page_info(self) -> Any:
        """Where this page stands among all pages; ``None`` until it is fetched."""
        return None if self._page is None else self._page.info

    @property
    def has_next(self) -> bool:
        """Whether there is another page to fetch."""
        return self._page is None or self._page.next is not None

    @property
    def get_next(self) -> Callable[[], Awaitable[Self | None]] | None:
        """What fetches the next page; ``None`` at the end."""
        return self.next_page if self.has_next else None

    @property
    def response(self) -> HttpResponse | None:
        """The status and headers this page came with; ``None`` until it is fetched."""
        return None if self._page is None else self._page.response

    def __await__(self) -> Generator[Any, None, Self]:
        return self._first().__await__()

    async def _first(self) -> Self:
        if self._page is None:
            self._page = await self._fetch(self._start)
        return self

    def _at(self, page: Page[T]) -> Self:
        return type(self)(self._fetch, self._start, page, ahead=self._ahead)

    async def next_page(self) -> Self | None:
        """Fetch the next page, or the first one if none is fetched yet; ``None`` at the end."""
        if self._page is None:
            return await self
        if self._page.next is None:
            return None
        page = await self._fetch(self._page.next)
        return None if _is_past_end(page, self._page) else self._at(page)

    def prefetch(self, pages: int) -> Self:
        """Iterate faster: up to *pages* requests at once, as many in all as before, items in the same order.

        Only pages with numbers can be fetched ahead; with page tokens it changes nothing.
        """
        if pages < 1:
            raise ValueError(f"pages must be at least 1, not {pages}")
        return type(self)(self._fetch, self._start, self._page, ahead=pages)

    async def iter_pages(self) -> AsyncGenerator[Self, None]:
        """Yield every page, from this one on."""
        page = self._page or await self._fetch(self._start)
        yield self._at(page)
        if self._ahead > 1 and isinstance(page.next, int) and isinstance(page.last, int):
            async with aclosing(self._fetch_ahead(page, page.next, page.last)) as later:
                async for page in later:
                    yield self._at(page)
            return
        asked = set[int | str]()
        while page.next is not None and page.next not in asked:  # else the tokens go in circles
            asked.add(page.next)
            before, page = page, await self._fetch(page.next)
            if _is_past_end(page, before):
                return
            yield self._at(page)

    async def _fetch_ahead(self, page: Page[T], number: int, last: int) -> AsyncGenerator[Page[T], None]:
        fetching: deque[asyncio.Future[Page[T]]] = deque()
        try:
            while number <= last or fetching:
                while number <= last and len(fetching) < self._ahead:
                    fetching.append(asyncio.ensure_future(self._fetch(number)))
                    number += 1
                before, page = page, await fetching.popleft()
                if _is_past_end(page, before):
                    return
                last = max(last, page.last or 0)  # the list may have grown
                yield page
        finally:
            for request in fetching:
                request.cancel()
            await asyncio.gather(*fetching, return_exceptions=True)

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        async with aclosing(self.iter_pages()) as pages:  # whoever leaves early leaves nothing behind
            async for page in pages:
                for item in page.items or ():
                    yield item


def _is_past_end(page: Page[Any], before: Page[Any]) -> bool:
    """Whether a page is none: empty, or the one before again, as some servers send past the end.

    The one before comes again, too, when the list has grown by a page meanwhile, but then there are more results. An
    empty one with a token is not past the end: a search may go on behind it.
    """
    repeated = page.items == before.items and _total(page) == _total(before)
    return not isinstance(page.next, str) and (not page.items or repeated)


def _total(page: Page[Any]) -> object:
    return getattr(page.info, "total_results", None)


def numbered_pages(
    transport: Transport,
    path: str,
    item: type[T],
    *,
    query: Mapping[str, Any],
    page: int | None,
    options: RequestOptions | None,
    items_field: str = "data",
) -> AsyncPager[T]:
    """Make the pager of a list whose pages have numbers."""
    start = 1 if page is None else page

    async def fetch(position: int | str | None) -> Page[T]:
        number = int(position or start)
        call = Call("GET", path, {"page": number, **query}, safe=True)
        answer = await transport.send(call, options)
        data = transport.decode(call, answer, dict[str, Any])
        items: list[T] = hook_of(list[item])(data.get(items_field) or [])  # type: ignore[valid-type]
        info = hook_of(PageInfo)(data.get("page_info") or {})
        last: int | None = getattr(info, "total_page", None)
        if number != start and getattr(info, "page", None) not in (None, number):
            items = []  # asked for a page past the end, some servers send another one
        full = len(items) >= (query.get("page_limit") or 10)
        more = number < last if isinstance(last, int) else full
        return Page(items, number + 1 if more and items else None, last, info, http_response(answer))

    return AsyncPager(fetch, start)


def http_response(answer: Answer) -> HttpResponse:
    """What a pager shows of an answer."""
    return HttpResponse(answer.status, {name.lower(): value for name, value in answer.headers.items()})
