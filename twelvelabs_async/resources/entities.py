"""``/entity-collections/{entity_collection_id}/entities``: people and things that searches can look for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .._pagination import AsyncPager
from .._transport import Call, path
from ..models.entity_collections import (
    BulkCreateEntityResponse,
    EntitiesCreateBulkRequestEntitiesItem,
    EntitiesCreateBulkRequestEntitiesItemParams,
    EntitiesListRequestStatus,
    Entity,
    EntityCollectionsListRequestSortBy,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, some

ENTITIES: Final = "/entity-collections/{entity_collection_id}/entities"
BULK: Final = "/entity-collections/{entity_collection_id}/entities/bulk"
ENTITY: Final = "/entity-collections/{entity_collection_id}/entities/{entity_id}"
ASSETS: Final = "/entity-collections/{entity_collection_id}/entities/{entity_id}/assets"
BY_ASSET: Final = "/assets/{asset_id}/entities"


class AsyncEntities(AsyncResource):
    """Make, find, change and delete entities, and say which assets show them."""

    def list(
        self,
        entity_collection_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        name: str | None = None,
        status: EntitiesListRequestStatus | None = None,
        sort_by: EntityCollectionsListRequestSortBy | None = None,
        sort_option: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[Entity]:
        """List the entities in a collection; *sort_option* is ``asc`` or, by default, ``desc``.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.
        """
        return self._list(
            path(ENTITIES, entity_collection_id),
            Entity,
            page,
            request_options,
            page_limit=page_limit,
            name=name,
            status=status,
            sort_by=sort_by,
            sort_option=sort_option,
        )

    def list_by_asset(
        self,
        asset_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[Entity]:
        """List the entities that an asset shows, up to *page_limit* on a page, 1 to 50, 10 by default."""
        return self._list(path(BY_ASSET, asset_id), Entity, page, request_options, page_limit=page_limit)

    async def create(
        self,
        entity_collection_id: str,
        *,
        name: str,
        asset_ids: Sequence[str],
        description: str | None = OMIT,
        metadata: Mapping[str, Any] | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> Entity:
        """Make an entity; it is ``ready`` for searches a little later.

        A short *name* that says what it is serves best. At least one asset in *asset_ids* has to show it; *metadata* is
        your own data about it: strings, numbers and booleans.

        Example:
            ::

                ada = await client.entity_collections.entities.create(
                    people.id, name="Ada", asset_ids=[portrait.id], metadata={"team": "red"}
                )
        """
        return await self._post(
            path(ENTITIES, entity_collection_id),
            Entity,
            request_options,
            json={
                "name": name,
                "asset_ids": some("asset_ids", asset_ids),
                "description": description,
                "metadata": metadata,
            },
        )

    async def create_bulk(
        self,
        entity_collection_id: str,
        *,
        entities: Sequence[EntitiesCreateBulkRequestEntitiesItem | EntitiesCreateBulkRequestEntitiesItemParams],
        request_options: RequestOptions | None = None,
    ) -> BulkCreateEntityResponse:
        """Make many entities in one request; those that cannot be made are in ``errors``, and stop no others."""
        body = {"entities": some("entities", entities)}
        return await self._post(path(BULK, entity_collection_id), BulkCreateEntityResponse, request_options, json=body)

    async def retrieve(
        self, entity_collection_id: str, entity_id: str, *, request_options: RequestOptions | None = None
    ) -> Entity:
        """Describe an entity."""
        return await self._get(path(ENTITY, entity_collection_id, entity_id), Entity, request_options)

    async def update(
        self,
        entity_collection_id: str,
        entity_id: str,
        *,
        name: str | None = OMIT,
        description: str | None = OMIT,
        metadata: Mapping[str, Any] | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> Entity:
        """Change what is known of an entity; *metadata* takes the place of all there was."""
        body = {"name": name, "description": description, "metadata": metadata}
        return await self._patch(path(ENTITY, entity_collection_id, entity_id), Entity, request_options, json=body)

    async def delete(
        self, entity_collection_id: str, entity_id: str, *, request_options: RequestOptions | None = None
    ) -> None:
        """Delete an entity, for good; the assets stay."""
        await self._do("DELETE", path(ENTITY, entity_collection_id, entity_id), request_options)

    async def create_assets(
        self,
        entity_collection_id: str,
        entity_id: str,
        *,
        asset_ids: Sequence[str],
        request_options: RequestOptions | None = None,
    ) -> Entity:
        """Add assets that show an entity, which may be ``processing`` for a while then."""
        body = {"asset_ids": some("asset_ids", asset_ids)}
        return await self._post(path(ASSETS, entity_collection_id, entity_id), Entity, request_options, json=body)

    async def delete_assets(
        self,
        entity_collection_id: str,
        entity_id: str,
        *,
        asset_ids: Sequence[str],
        request_options: RequestOptions | None = None,
    ) -> Entity:
        """Take assets from an entity, which may be ``processing`` for a while then; one has to remain."""
        body = {"asset_ids": some("asset_ids", asset_ids)}
        call = Call("DELETE", path(ASSETS, entity_collection_id, entity_id), json=body, safe=True)
        answer = await self._transport.send(call, request_options)
        if not answer.body:  # the answer to an earlier try was lost, and with it what the entity is like now
            return await self.retrieve(entity_collection_id, entity_id, request_options=request_options)
        return self._transport.decode(call, answer, Entity)
