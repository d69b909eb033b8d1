"""A list of the platform that all sources of a run share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Final, Generic, Protocol, TypeVar

import anyio
from attrs import define, field

from .._pagination import AsyncPager

MAX_AGE_SECONDS: Final = 5.0
"""Age at which a list is read again, before something is created that it does not have."""


class Listed(Protocol):
    """Item of a list."""

    @property
    def id(self) -> str:
        """The id."""
        ...


T = TypeVar("T", bound=Listed)


@define(eq=False)
class SharedList(Generic[T]):
    """A list of the platform with the newest items first. Later reads end at the items of the read before.

    An item that is deleted moves the others to earlier pages, so that one may be missed. A list that has shrunk is
    therefore read again as a whole, as long as all whole reads cost no more than they save.

    Attributes:
        add: Function that is called with each item, again with some that were read before.
        clear: Function that is called before the whole list is read.
        is_complete: Whether all items have been read.
        pages: Number of pages at the last read.
    """

    add: Callable[[T], None]
    clear: Callable[[], None]
    is_complete: bool = field(default=False, init=False)
    pages: int = field(default=1, init=False)
    _total: int = field(default=0, init=False)
    _pages_read: int = field(default=0, init=False)
    _newest: frozenset[str] = field(default=frozenset(), init=False)
    _read_at: float | None = field(default=None, init=False)
    _lock: anyio.Lock = field(factory=lambda: anyio.Lock(fast_acquire=True), init=False)

    async def refresh(
        self, request: Callable[[], AsyncPager[T]], *, not_before: float, max_pages: int, pause: float = 0.0
    ) -> None:
        """Read the list, unless it is recent enough.

        Args:
            request: Function that returns the list.
            not_before: Time of the event loop. An earlier read is not recent enough.
            max_pages: Number of pages that all reads of the whole list may have. Of a longer list, only new items are
                read.
            pause: Seconds since the last read before the list is read again, so that many tasks share one read.
        """
        if pause and self._is_older(not_before):  # without the lock, which others need who accept an older list
            await anyio.sleep(max(0.0, (self._read_at or 0.0) + pause - now()))
        async with self._lock:  # those who wait here share the result
            if self._is_older(not_before):
                await self._read(request(), max_pages)
            while not self.is_complete and (self._read_at is None or self._pages_read + self.pages <= max_pages):
                await self._read(request(), max_pages)

    def _is_older(self, not_before: float) -> bool:
        return self._read_at is not None and self._read_at < not_before

    async def _read(self, pager: AsyncPager[T], max_pages: int) -> None:
        read_at, first = now(), True
        is_whole = was_reached = has_shrunk = False
        newest, total, known_total = frozenset[str](), 0, self._total
        async with aclosing(pager.iter_pages()) as pages:
            async for page in pages:
                items, before, total = page.items or [], total, _count(page, "total_results")
                has_shrunk |= total < before
                if first:
                    first, newest = False, frozenset(item.id for item in items)
                    self.pages, self._total = max(1, _count(page, "total_page")), total
                    is_whole = not self.is_complete and self._pages_read + self.pages <= max_pages
                    if is_whole:
                        self._pages_read += self.pages
                        self.clear()
                for item in items:
                    was_reached = was_reached or item.id in self._newest
                    known_total += not was_reached
                    if not (was_reached and self.is_complete):
                        self.add(item)
                if not is_whole and (was_reached or self._read_at is None):
                    has_shrunk |= total < known_total and self.is_complete
                    self.is_complete &= not has_shrunk
                    break
            else:
                self.is_complete = not has_shrunk
        self._newest, self._read_at = newest or self._newest, read_at


def _count(page: AsyncPager[Any], name: str) -> int:
    count = getattr(page.page_info, name, None)
    return count if type(count) is int else 0


def now() -> float:
    """Return the time of the event loop."""
    return asyncio.get_running_loop().time()
