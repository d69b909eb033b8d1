"""Lists that come in pages, for code that blocks: `SyncPager`."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, Self, TypeVar

from ._http_responses import BaseHttpResponse
from ._pagination import AsyncPager
from ._process_bound import ProcessBound
from ._removed import HintedAttributes
from .models.tables import Tabular, rows_of

if TYPE_CHECKING:
    from .models._columns import Columns

__all__ = ["SyncPager"]

R = TypeVar("R")
T = TypeVar("T")


class Runner(Protocol):
    """An event loop that runs coroutines for code that blocks."""

    def run(self, coroutine: Coroutine[Any, Any, R]) -> R:
        """Run *coroutine* and return its result."""
        ...

    def iterate(self, source: AsyncIterable[T]) -> Iterator[T]:
        """Yield the items of *source*."""
        ...


class SyncPager(HintedAttributes, Tabular, ProcessBound, Generic[T]):
    """A list that comes in pages, with its first page.

    Iterate it for the items of all pages. N pages are N requests. ``to_pandas()``, ``to_csv(path)`` and the other
    methods of `Table` take all pages from this one on. They write a file page by page.

    Example:
        ::

            for asset in client.assets.list(page_limit=50):
                print(asset.filename)

            page = client.assets.list()
            print(page.items, page.has_next)

            frame = client.assets.list(page_limit=50).to_pandas()
    """

    def __init_subclass__(cls, *, of: type[AsyncPager[Any]], **options: Any) -> None:
        super().__init_subclass__(**options)
        _twins[of] = cls

    def __init__(self, async_: AsyncPager[T], runner: Runner) -> None:
        self._async = async_
        self._runner = runner

    def __repr__(self) -> str:
        return f"{type(self).__name__}(items={self.items!r}, has_next={self.has_next})"

    @property
    def items(self) -> list[T] | None:
        """The items on this page."""
        return self._async.items

    @property
    def data(self) -> list[T] | None:
        """The same as `items`, by the API's name."""
        return self._async.items

    @property
    def page_info(self) -> Any:
        """The API's description of this page."""
        return self._async.page_info

    @property
    def has_next(self) -> bool:
        """True if there is another page to fetch."""
        return self._async.has_next

    @property
    def get_next(self) -> Callable[[], Self | None] | None:
        """The function that fetches the next page; ``None`` at the end."""
        return self.next_page if self.has_next else None

    @property
    def response(self) -> BaseHttpResponse | None:
        """Status, headers and request id of the response with this page."""
        return self._async.response

    def next_page(self) -> Self | None:
        """Fetch the next page; ``None`` at the end."""
        page = self._runner.run(self._async.next_page())
        return None if page is None else type(self)(page, self._runner)

    def prefetch(self, pages: int) -> Self:
        """Iterate with up to *pages* concurrent requests. Their total number and the order of items stay the same.

        Only numbered pages can be fetched ahead, not those with page tokens.

        Raises:
            TypeError: *pages* is not an int.
            ValueError: *pages* is less than 1.
        """
        return type(self)(self._async.prefetch(pages), self._runner)

    def __columns__(self) -> Columns:
        return self._async.__columns__()

    def __batches__(self) -> Iterator[list[object]]:
        return self._runner.iterate(self._async.__batches__())

    def _repr_html_(self) -> str:
        from .models._notebook import pager_form

        return pager_form(
            self.__columns__(), None if self.items is None else rows_of(self.items), has_next=self.has_next
        )

    def iter_pages(self) -> Iterator[Self]:
        """Yield every page from this one on."""
        for page in self._runner.iterate(self._async.iter_pages()):
            yield type(self)(page, self._runner)

    def __iter__(self) -> Iterator[T]:
        for page in self.iter_pages():  # one call into the loop for each page, none for an item
            yield from page.items or ()


_twins: Final[dict[type[AsyncPager[Any]], type[SyncPager[Any]]]] = {}


def sync_pager(pager: AsyncPager[Any], runner: Runner) -> SyncPager[Any]:
    """Return the twin of a pager, with its first page."""
    runner.run(pager.next_page())
    return _twins.get(type(pager), SyncPager)(pager, runner)
