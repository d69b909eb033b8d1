"""Entities: people and things that searches can look for, in collections."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from ..options import OMIT
from ._base import Id, Model

__all__ = [
    "BulkCreateEntityResponse", "BulkCreateEntityResponseEntitiesItem", "BulkCreateEntityResponseErrorsItem",
    "EntitiesCreateBulkRequestEntitiesItem", "EntitiesCreateBulkRequestEntitiesItemParams", "EntitiesListRequestStatus",
    "Entity", "EntityCollection", "EntityCollectionsListRequestSortBy",
]  # fmt: skip

EntityCollectionsListRequestSortBy: TypeAlias = Literal["created_at", "updated_at", "name"] | str
EntitiesListRequestStatus: TypeAlias = Literal["processing", "ready"] | str
"""Searches know an entity once it is ``ready``; it is ``processing`` again while its assets change."""


class EntityCollection(Model):
    """A collection of entities that belong together, such as the players of a team."""

    id: Id
    name: str | None = None
    description: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Entity(Model):
    """A person or thing, which the assets in *asset_ids* show."""

    id: Id
    entity_collection_id: str | None = None
    name: str | None = None
    description: str | None = None
    metadata: dict[str, Any] | None = None
    asset_ids: list[str] | None = None
    status: EntitiesListRequestStatus | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class EntitiesCreateBulkRequestEntitiesItem(Model):
    """An entity to create; *asset_ids* names at least one asset that shows it."""

    name: str
    asset_ids: Sequence[str]
    description: str | None = OMIT
    metadata: Mapping[str, Any] | None = OMIT


class EntitiesCreateBulkRequestEntitiesItemParams(TypedDict):
    """`EntitiesCreateBulkRequestEntitiesItem` as a plain dict."""

    name: str
    asset_ids: Sequence[str]
    description: NotRequired[str]
    metadata: NotRequired[Mapping[str, Any]]


class BulkCreateEntityResponseEntitiesItem(Model):
    """An entity that was created."""

    id: Id
    name: str | None = None
    status: EntitiesListRequestStatus | None = None


class BulkCreateEntityResponseErrorsItem(Model):
    """An entity that was not created, and why; *entity_index* is its place among those given, counted from 0."""

    entity_index: int | None = None
    entity_name: str | None = None
    error_reason: str | None = None


class BulkCreateEntityResponse(Model):
    """What became of entities that were created together."""

    success_count: int | None = None
    failed_count: int | None = None
    entities: list[BulkCreateEntityResponseEntitiesItem] | None = None
    errors: list[BulkCreateEntityResponseErrorsItem] | None = None
