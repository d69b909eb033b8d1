"""The blocking twin of `twelvelabs_async.resources.indexes`."""

from __future__ import annotations

from typing import Final

from ..resources._base import resource
from ..resources._raw import Blocked
from ..resources.indexed_assets import AsyncIndexedAssets, RawIndexedAssets
from ..resources.indexes import AsyncIndexes, RawIndexes
from ..resources.videos import AsyncVideos, RawVideos
from ._pager import blocking_pager
from ._twin import BlockingResource, blocking


class IndexedAssets(BlockingResource[AsyncIndexedAssets]):
    """Index assets, wait for them, list, update and delete them."""

    with_raw_response: RawIndexedAssets[Blocked]

    create: Final = blocking(AsyncIndexedAssets.create)
    create_and_wait: Final = blocking(AsyncIndexedAssets.create_and_wait)
    delete: Final = blocking(AsyncIndexedAssets.delete)
    list: Final = blocking_pager(AsyncIndexedAssets.list)
    list_by_asset: Final = blocking_pager(AsyncIndexedAssets.list_by_asset)
    retrieve: Final = blocking(AsyncIndexedAssets.retrieve)
    update: Final = blocking(AsyncIndexedAssets.update)
    wait_until_ready: Final = blocking(AsyncIndexedAssets.wait_until_ready)


class Videos(BlockingResource[AsyncVideos]):
    """List, retrieve, update and delete videos.

    The API will remove these endpoints. Use `indexed_assets` instead: its ids are the same.
    """

    with_raw_response: RawVideos[Blocked]

    delete: Final = blocking(AsyncVideos.delete)
    list: Final = blocking_pager(AsyncVideos.list)
    retrieve: Final = blocking(AsyncVideos.retrieve)
    update: Final = blocking(AsyncVideos.update)


class Indexes(BlockingResource[AsyncIndexes]):
    """Create, list, update and delete indexes."""

    with_raw_response: RawIndexes[Blocked]

    create: Final = blocking(AsyncIndexes.create)
    delete: Final = blocking(AsyncIndexes.delete)
    ensure: Final = blocking(AsyncIndexes.ensure)
    list: Final = blocking_pager(AsyncIndexes.list)
    retrieve: Final = blocking(AsyncIndexes.retrieve)
    to_html: Final = blocking(AsyncIndexes.to_html)
    update: Final = blocking(AsyncIndexes.update)

    @resource
    def indexed_assets(self) -> IndexedAssets:
        """Assets in an index."""
        return IndexedAssets(self._async.indexed_assets, self._thread)

    @resource
    def videos(self) -> Videos:
        """Videos in an index."""
        return Videos(self._async.videos, self._thread)
