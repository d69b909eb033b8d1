"""``/entity-collections``: named groups of entities."""

from __future__ import annotations

from typing import Final

from .._pagination import AsyncPager
from .._request import url_path
from ..models.entity_collections import EntityCollection, EntitySortBy
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, resource
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of
from .entities import AsyncEntities

__all__ = ["AsyncEntityCollections"]


class AsyncEntityCollections(AsyncResource):
    """Create, list, update and delete collections of entities."""

    with_raw_response: RawEntityCollections[Awaited]

    @resource
    def entities(self) -> AsyncEntities:
        """Entities in a collection."""
        return AsyncEntities(self._transport)

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        name: str | None = None,
        sort_by: EntitySortBy | None = None,
        sort_option: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[EntityCollection]:
        """List the collections.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Collections on a page. 1 to 50. Default: 10.
            name: Name of the collection.
            sort_by: ``created_at``, ``updated_at`` or ``name``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``.
        """
        query = {"page_limit": page_limit, "name": name, "sort_by": sort_by, "sort_option": sort_option}
        return self._list("/entity-collections", EntityCollection, page, request_options, **query)

    async def create(
        self, *, name: str, description: str | None = OMIT, request_options: RequestOptions | None = None
    ) -> EntityCollection:
        """Create a collection.

        Args:
            name: Short name that describes the entities.
            description: Description of the collection.
        """
        body = {"name": name, "description": description}
        return await self._post("/entity-collections", EntityCollection, request_options, json=body)

    async def retrieve(
        self, entity_collection_id: str, *, request_options: RequestOptions | None = None
    ) -> EntityCollection:
        """Retrieve a collection."""
        path = url_path("/entity-collections/{entity_collection_id}", entity_collection_id=entity_collection_id)
        return await self._get(path, EntityCollection, request_options)

    async def update(
        self,
        entity_collection_id: str,
        *,
        name: str | None = OMIT,
        description: str | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> EntityCollection:
        """Update the name or the description of a collection."""
        path = url_path("/entity-collections/{entity_collection_id}", entity_collection_id=entity_collection_id)
        body = {"name": name, "description": description}
        return await self._patch(path, EntityCollection, request_options, json=body)

    async def delete(self, entity_collection_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a collection and its entities. The assets remain."""
        path = url_path("/entity-collections/{entity_collection_id}", entity_collection_id=entity_collection_id)
        await self._send("DELETE", path, request_options)


@raw_responses_of(AsyncEntityCollections)
class RawEntityCollections(Raw[Mode]):
    """The methods of `AsyncEntityCollections`, which return the whole response."""

    list: Final = raw_pager(AsyncEntityCollections.list)
    create: Final = raw(AsyncEntityCollections.create)
    retrieve: Final = raw(AsyncEntityCollections.retrieve)
    update: Final = raw(AsyncEntityCollections.update)
    delete: Final = raw(AsyncEntityCollections.delete)
