"""The blocking twin of `twelvelabs_async.resources.search`."""

from __future__ import annotations

from typing import Final

from ..resources.search import AsyncSearch
from ._pager import blocking_pager
from ._twin import Blocking, blocking


class Search(Blocking[AsyncSearch]):
    """Find moments in an index: `query` for all pages, `create` and `retrieve` for one."""

    create: Final = blocking(AsyncSearch.create)
    query: Final = blocking_pager(AsyncSearch.query)
    retrieve: Final = blocking(AsyncSearch.retrieve)
