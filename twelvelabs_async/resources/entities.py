"""``/entity-collections/…/entities``: people and objects that searches can find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .._pagination import AsyncPager
from .._request import argument_checks, url_path
from ..models.entity_collections import (
    BulkCreateEntityResponse,
    EntitiesCreateBulkRequestEntitiesItem,
    EntitiesCreateBulkRequestEntitiesItemParams,
    Entity,
    EntitySortBy,
    EntityStatus,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource, require_nonempty
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of

__all__ = ["AsyncEntities"]


class AsyncEntities(AsyncResource):
    """Create, list, update and delete entities, and the assets that show them."""

    with_raw_response: RawEntities[Awaited]

    def list(
        self,
        entity_collection_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        name: str | None = None,
        status: EntityStatus | None = None,
        sort_by: EntitySortBy | None = None,
        sort_option: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[Entity]:
        """List the entities of a collection.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Entities on a page. 1 to 50. Default: 10.
            name: Name of the entity.
            status: ``processing`` or ``ready``.
            sort_by: ``created_at``, ``updated_at`` or ``name``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``.
        """
        return self._list(
            url_path("/entity-collections/{entity_collection_id}/entities", entity_collection_id=entity_collection_id),
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
        """List the entities that an asset shows.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Entities on a page. 1 to 50. Default: 10.
        """
        path = url_path("/assets/{asset_id}/entities", asset_id=asset_id)
        return self._list(path, Entity, page, request_options, page_limit=page_limit)

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
        """Create an entity. Searches can find it when its status is ``ready``.

        Args:
            name: Short descriptive name.
            asset_ids: Assets that show the entity. At least 1.
            description: Description of the entity.
            metadata: Metadata of the entity. Values are strings, numbers or booleans.

        Example:
            ::

                ada = await client.entity_collections.entities.create(
                    people.id, name="Ada", asset_ids=[portrait.id], metadata={"team": "red"}
                )
        """
        path = url_path(
            "/entity-collections/{entity_collection_id}/entities", entity_collection_id=entity_collection_id
        )
        with argument_checks(request_options):
            require_nonempty("asset_ids", asset_ids)
        body = {"name": name, "asset_ids": asset_ids, "description": description, "metadata": metadata}
        return await self._post(path, Entity, request_options, json=body)

    async def create_bulk(
        self,
        entity_collection_id: str,
        *,
        entities: Sequence[EntitiesCreateBulkRequestEntitiesItem | EntitiesCreateBulkRequestEntitiesItemParams],
        request_options: RequestOptions | None = None,
    ) -> BulkCreateEntityResponse:
        """Create many entities in one request.

        ``errors`` has those that could not be created.
        """
        path = url_path(
            "/entity-collections/{entity_collection_id}/entities/bulk", entity_collection_id=entity_collection_id
        )
        with argument_checks(request_options):
            require_nonempty("entities", entities)
        body = {"entities": entities}
        return await self._post(path, BulkCreateEntityResponse, request_options, json=body)

    async def retrieve(
        self, entity_collection_id: str, entity_id: str, *, request_options: RequestOptions | None = None
    ) -> Entity:
        """Retrieve an entity."""
        return await self._get(_entity_path(entity_collection_id, entity_id), Entity, request_options)

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
        """Update an entity.

        Args:
            metadata: New metadata, which replaces the previous metadata completely.
        """
        body = {"name": name, "description": description, "metadata": metadata}
        return await self._patch(_entity_path(entity_collection_id, entity_id), Entity, request_options, json=body)

    async def delete(
        self, entity_collection_id: str, entity_id: str, *, request_options: RequestOptions | None = None
    ) -> None:
        """Delete an entity. The assets remain."""
        await self._send("DELETE", _entity_path(entity_collection_id, entity_id), request_options)

    async def create_assets(
        self,
        entity_collection_id: str,
        entity_id: str,
        *,
        asset_ids: Sequence[str],
        request_options: RequestOptions | None = None,
    ) -> Entity:
        """Add assets that show an entity. The entity may be ``processing`` for a while.

        Args:
            asset_ids: Assets to add. At least 1.
        """
        path = f"{_entity_path(entity_collection_id, entity_id)}/assets"
        with argument_checks(request_options):
            require_nonempty("asset_ids", asset_ids)
        body = {"asset_ids": asset_ids}
        return await self._post(path, Entity, request_options, json=body)

    async def delete_assets(
        self,
        entity_collection_id: str,
        entity_id: str,
        *,
        asset_ids: Sequence[str],
        request_options: RequestOptions | None = None,
    ) -> Entity:
        """Remove assets from an entity. The entity may be ``processing`` for a while.

        Args:
            asset_ids: Assets to remove. At least 1. The entity must keep at least one asset.
        """
        path = f"{_entity_path(entity_collection_id, entity_id)}/assets"
        with argument_checks(request_options):
            require_nonempty("asset_ids", asset_ids)
        body = {"asset_ids": asset_ids}
        request = self._build("DELETE", path, request_options, json=body)
        response = await self._transport.send(request)
        if not response.body:  # an earlier attempt has removed the assets, but its response was lost
            return await self.retrieve(entity_collection_id, entity_id, request_options=request_options)
        return self._transport.decode(request, response, Entity)


@raw_responses_of(AsyncEntities)
class RawEntities(Raw[Mode]):
    """The methods of `AsyncEntities`, which return the whole response."""

    list: Final = raw_pager(AsyncEntities.list)
    list_by_asset: Final = raw_pager(AsyncEntities.list_by_asset)
    create: Final = raw(AsyncEntities.create)
    create_bulk: Final = raw(AsyncEntities.create_bulk)
    retrieve: Final = raw(AsyncEntities.retrieve)
    update: Final = raw(AsyncEntities.update)
    delete: Final = raw(AsyncEntities.delete)
    create_assets: Final = raw(AsyncEntities.create_assets)
    delete_assets: Final = raw(AsyncEntities.delete_assets)


def _entity_path(entity_collection_id: str, entity_id: str) -> str:
    return url_path(
        "/entity-collections/{entity_collection_id}/entities/{entity_id}",
        entity_collection_id=entity_collection_id,
        entity_id=entity_id,
    )
