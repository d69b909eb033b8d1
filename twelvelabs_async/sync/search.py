"""The blocking twin of `twelvelabs_async.resources.search`."""

from __future__ import annotations

from typing import Final

from ..resources._raw import Blocked
from ..resources.search import AsyncSearch, RawSearch
from ._pager import blocking_search_pager
from ._twin import BlockingResource, blocking


class Search(BlockingResource[AsyncSearch]):
    """Search an index. `query` returns all pages, `create` and `retrieve` one each."""

    with_raw_response: RawSearch[Blocked]

    create: Final = blocking(AsyncSearch.create)
    query: Final = blocking_search_pager(AsyncSearch.query)
    retrieve: Final = blocking(AsyncSearch.retrieve)
