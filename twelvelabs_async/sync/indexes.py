"""The blocking twin of `twelvelabs_async.resources.indexes`."""

from __future__ import annotations

from typing import Final

from ..resources._base import resource
from ..resources.indexed_assets import AsyncIndexedAssets
from ..resources.indexes import AsyncIndexes
from ..resources.videos import AsyncVideos
from ._pager import blocking_pager
from ._twin import Blocking, blocking


class IndexedAssets(Blocking[AsyncIndexedAssets]):
    """Index assets, wait for them, list, update and delete them."""

    create: Final = blocking(AsyncIndexedAssets.create)
    create_and_wait: Final = blocking(AsyncIndexedAssets.create_and_wait)
    delete: Final = blocking(AsyncIndexedAssets.delete)
    list: Final = blocking_pager(AsyncIndexedAssets.list)
    list_by_asset: Final = blocking_pager(AsyncIndexedAssets.list_by_asset)
    retrieve: Final = blocking(AsyncIndexedAssets.retrieve)
    update: Final = blocking(AsyncIndexedAssets.update)
    wait_until_ready: Final = blocking(AsyncIndexedAssets.wait_until_ready)


class Videos(Blocking[AsyncVideos]):
    """List, retrieve, update and delete videos.

    The API will remove these endpoints. Use `indexed_assets` instead: its ids are the same.
    """

    delete: Final = blocking(AsyncVideos.delete)
    list: Final = blocking_pager(AsyncVideos.list)
    retrieve: Final = blocking(AsyncVideos.retrieve)
    update: Final = blocking(AsyncVideos.update)


class Indexes(Blocking[AsyncIndexes]):
    """Create, list, update and delete indexes."""

    create: Final = blocking(AsyncIndexes.create)
    delete: Final = blocking(AsyncIndexes.delete)
    ensure: Final = blocking(AsyncIndexes.ensure)
    list: Final = blocking_pager(AsyncIndexes.list)
    retrieve: Final = blocking(AsyncIndexes.retrieve)
    update: Final = blocking(AsyncIndexes.update)

    @resource
    def indexed_assets(self) -> IndexedAssets:
        """Assets in an index."""
        return IndexedAssets(self._async.indexed_assets, self._thread)

    @resource
    def videos(self) -> Videos:
        """Videos in an index."""
        return Videos(self._async.videos, self._thread)
