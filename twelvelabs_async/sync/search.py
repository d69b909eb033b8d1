"""The blocking twin of `twelvelabs_async.resources.search`."""

from __future__ import annotations

from typing import Final

from ..resources.search import AsyncSearch, SyncSearchPager
from ._pager import blocking_pager
from ._twin import Blocking, blocking


class Search(Blocking[AsyncSearch]):
    """Search an index. `query` returns all pages, `create` and `retrieve` one each."""

    create: Final = blocking(AsyncSearch.create)
    query: Final = blocking_pager(AsyncSearch.query, SyncSearchPager)
    retrieve: Final = blocking(AsyncSearch.retrieve)
