"""The blocking twin of the pager."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

from .._pagination import AsyncPager, HttpResponse
from ._twin import A, Blocking, Runner, Twin

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class SyncPager(Generic[T]):
    """A list that comes in pages, the first of which is there already.

    Iterate it for all items of all pages, or ask it for pages. N pages are N requests.

    Example:
        ::

            for asset in client.assets.list(page_limit=50):
                print(asset.filename)

            page = client.assets.list()
            print(page.items, page.has_next)
    """

    def __init__(self, aio: AsyncPager[T], runner: Runner) -> None:
        self._aio = aio
        self._runner = runner

    def __repr__(self) -> str:
        return f"{type(self).__name__}(items={self.items!r}, has_next={self.has_next})"

    @property
    def items(self) -> list[T] | None:
        """What is on this page."""
        return self._aio.items

    @property
    def data(self) -> list[T] | None:
        """The same as `items`, by the API's name."""
        return self._aio.items

    @property
    def page_info(self) -> Any:
        """Where this page stands among all pages."""
        return self._aio.page_info

    @property
    def has_next(self) -> bool:
        """Whether there is another page to fetch."""
        return self._aio.has_next

    @property
    def get_next(self) -> Callable[[], Self | None] | None:
        """What fetches the next page; ``None`` at the end."""
        return self.next_page if self.has_next else None

    @property
    def response(self) -> HttpResponse | None:
        """The status and headers this page came with."""
        return self._aio.response

    def next_page(self) -> Self | None:
        """Fetch the next page; ``None`` at the end."""
        page = self._runner.run(self._aio.next_page())
        return None if page is None else type(self)(page, self._runner)

    def prefetch(self, pages: int) -> Self:
        """Iterate faster: up to *pages* requests at once, as many in all as before, items in the same order."""
        return type(self)(self._aio.prefetch(pages), self._runner)

    def iter_pages(self) -> Iterator[Self]:
        """Yield every page, from this one on."""
        for page in self._runner.iterate(self._aio.iter_pages()):
            yield type(self)(page, self._runner)

    def __iter__(self) -> Iterator[T]:
        for page in self.iter_pages():  # one hop into the loop's thread for a page, none for an item
            yield from page.items or ()


def blocking_pager(method: Callable[Concatenate[A, P], AsyncPager[T]]) -> Twin[A, P, SyncPager[T]]:
    """Twin of a method that returns an `AsyncPager`: returns a `SyncPager` with its first page."""
    return blocking_pager_of(method, SyncPager)


def blocking_pager_of(
    method: Callable[Concatenate[A, P], AsyncPager[T]], pager: Callable[[AsyncPager[T], Runner], R]
) -> Twin[A, P, R]:
    """The same with a pager of another kind."""

    def call(self: Blocking[A], /, *args: P.args, **kwargs: P.kwargs) -> R:
        async def first() -> AsyncPager[T]:
            return await method(self.aio, *args, **kwargs)

        return pager(self.runner.run(first()), self.runner)

    return Twin(method, call)
