"""The blocking twin of `twelvelabs_async.resources.entity_collections`."""

from __future__ import annotations

from typing import Final

from ..resources._base import resource
from ..resources._raw import Blocked
from ..resources.entities import AsyncEntities, RawEntities
from ..resources.entity_collections import AsyncEntityCollections, RawEntityCollections
from ._pager import blocking_pager
from ._twin import BlockingResource, blocking


class Entities(BlockingResource[AsyncEntities]):
    """Create, list, update and delete entities, and the assets that show them."""

    with_raw_response: RawEntities[Blocked]

    create: Final = blocking(AsyncEntities.create)
    create_assets: Final = blocking(AsyncEntities.create_assets)
    create_bulk: Final = blocking(AsyncEntities.create_bulk)
    delete: Final = blocking(AsyncEntities.delete)
    delete_assets: Final = blocking(AsyncEntities.delete_assets)
    list: Final = blocking_pager(AsyncEntities.list)
    list_by_asset: Final = blocking_pager(AsyncEntities.list_by_asset)
    retrieve: Final = blocking(AsyncEntities.retrieve)
    update: Final = blocking(AsyncEntities.update)


class EntityCollections(BlockingResource[AsyncEntityCollections]):
    """Create, list, update and delete collections of entities."""

    with_raw_response: RawEntityCollections[Blocked]

    create: Final = blocking(AsyncEntityCollections.create)
    delete: Final = blocking(AsyncEntityCollections.delete)
    list: Final = blocking_pager(AsyncEntityCollections.list)
    retrieve: Final = blocking(AsyncEntityCollections.retrieve)
    update: Final = blocking(AsyncEntityCollections.update)

    @resource
    def entities(self) -> Entities:
        """Entities in a collection."""
        return Entities(self._async.entities, self._thread)
