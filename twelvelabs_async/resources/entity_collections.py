"""``/entity-collections``: what holds the entities that belong together."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from .._pagination import AsyncPager
from .._transport import path
from ..models.entity_collections import EntityCollection, EntityCollectionsListRequestSortBy
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, part
from .entities import AsyncEntities

COLLECTIONS: Final = "/entity-collections"
COLLECTION: Final = "/entity-collections/{entity_collection_id}"


class AsyncEntityCollections(AsyncResource):
    """Make, find, change and delete collections of entities."""

    entities: cached_property[AsyncEntities] = part("entities.AsyncEntities")
    """The entities in a collection."""

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        name: str | None = None,
        sort_by: EntityCollectionsListRequestSortBy | None = None,
        sort_option: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[EntityCollection]:
        """List the collections; *sort_option* is ``asc`` or, by default, ``desc``.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.
        """
        query = {"page_limit": page_limit, "name": name, "sort_by": sort_by, "sort_option": sort_option}
        return self._list(COLLECTIONS, EntityCollection, page, request_options, **query)

    async def create(
        self, *, name: str, description: str | None = OMIT, request_options: RequestOptions | None = None
    ) -> EntityCollection:
        """Make a collection. A short name that says what is in it serves best."""
        body = {"name": name, "description": description}
        return await self._post(COLLECTIONS, EntityCollection, request_options, json=body)

    async def retrieve(
        self, entity_collection_id: str, *, request_options: RequestOptions | None = None
    ) -> EntityCollection:
        """Describe a collection."""
        return await self._get(path(COLLECTION, entity_collection_id), EntityCollection, request_options)

    async def update(
        self,
        entity_collection_id: str,
        *,
        name: str | None = OMIT,
        description: str | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> EntityCollection:
        """Change the name or the description of a collection."""
        body = {"name": name, "description": description}
        return await self._patch(path(COLLECTION, entity_collection_id), EntityCollection, request_options, json=body)

    async def delete(self, entity_collection_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a collection and its entities, for good; the assets stay."""
        await self._do("DELETE", path(COLLECTION, entity_collection_id), request_options)
