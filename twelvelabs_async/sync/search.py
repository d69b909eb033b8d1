"""The blocking twin of `twelvelabs_async.resources.search`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..models.search import SearchItem, SearchItemClipsItem, SearchResults, clips_of
from ..models.tables import Table
from ..resources.search import AsyncSearch
from ._pager import SyncPager, blocking_pager
from ._twin import Blocking, blocking

__all__ = ["SyncSearchPager"]


class SyncSearchPager(SyncPager[SearchItem], Table):
    """The pager of a search, which makes tables of all pages from this one on."""

    _row = SearchItemClipsItem

    def _items(self) -> Iterator[SearchItemClipsItem]:
        return clips_of(self)

    def _repr_html_(self) -> str:
        return SearchResults(self.items)._repr_html_()


class Search(Blocking[AsyncSearch]):
    """Search an index. `query` returns all pages, `create` and `retrieve` one each."""

    create: Final = blocking(AsyncSearch.create)
    query: Final = blocking_pager(AsyncSearch.query, SyncSearchPager)
    retrieve: Final = blocking(AsyncSearch.retrieve)
